/* A key from its name, or from the call whose result it keeps, to its TTL and its end: at the keyboard and in
 * the shell. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define CACHED "exam:db:<sqlalchemy.orm.session.Session object at 0x7f2a>:exam_id:77"

static int set_up(void **state)
{
    *state = stage_server(NULL);
    stage_fill(*state);
    free(server_cli(*state, "SETEX", CACHED, "3600",
                    "{\"id\": 77, \"tags\": [\"a\", {\"deep\": \"needle\"}]}", NULL));
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

static struct ran run(struct server *s, const char *const argv[])
{
    const char *words[32];
    size_t n = 0;
    for (; argv[n]; n++) {
        words[n] = argv[n];
    }
    words[n++] = "-u";
    words[n++] = server_url(s, 0);
    words[n] = NULL;
    return stage_run(words, NULL, NULL);
}
#define VERB(s, ...) run(s, (const char *const[]){__VA_ARGS__, NULL})

static void a_call__leads_to_the_key_that_is_there_instead(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, ":key exa\t", ":key exam");
    seat_leave(p, ":key exam");
    seat_do(p, ":key exam exam_id=77\r", "key exam:exam_id:77");
    seat_see(p, "this key does not exist");
    seat_see(p, "instead  1 key begins with exam and holds 77");
    seat_row(p, CACHED);
    seat_key(p, "G\r");
    seat_see(p, "\"deep\": \"needle\"");
    seat_see(p, "value     JSON");
    pty_stop(p);
}

static void json_folds__and_a_search_unfolds_it(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, ":key '" CACHED "'\r", "\"needle\"");
    seat_do(p, ":fold all\r", "{ (+");
    seat_not(p, "needle");
    seat_do(p, "/needle\r", "> ");
    seat_see(p, "\"deep\": \"needle\"");
    seat_leave(p, "/needle");
    seat_key(p, "\033[D"); /* Left: up to what it belongs to */
    seat_do(p, "\033[D", "{ (+2 lines)");
    seat_do(p, "\033[C", "\"deep\": \"needle\"");
    pty_stop(p);
}

static void t_and_x__give_the_open_key_a_time_and_end_it__and_undo_brings_it_back(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, ":key '" CACHED "'\r", "\"needle\"");
    seat_do(p, "t", "set how long the key stays");
    seat_do(p, "soon\r", "expected a time like 90, 10m or 2h");
    seat_key(p, "\025"); /* C-u */
    seat_do(p, "20m\r", "now TTL 59m");
    seat_do(p, "y", "done: its TTL is set");
    seat_see(p, "TTL       19m");
    seat_do(p, ":persist\r", "remove the TTL of");
    seat_do(p, "y", "done: it has no TTL any more");
    seat_see(p, "none: it stays until it is deleted");
    seat_do(p, "x", "delete exam:db:");
    seat_see(p, "undo: kept for");
    seat_do(p, "y", "done: deleted");
    seat_see(p, "this key does not exist");
    char *exists = server_cli(s, "EXISTS", CACHED, NULL);
    assert_string_equal(exists, "0");
    free(exists);
    seat_do(p, ":undo last\r", ": do it");
    seat_key(p, "y");
    seat_see(p, "\"needle\"");
    pty_stop(p);
}

static void x_on_a_sessions_key__revokes_the_session(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, ":open key session:" SID_ANNA "\r", "key session:AAAA11~");
    seat_see(p, "\"user_id\": 7");
    seat_do(p, "x", "revoke session AAAA11~");
    seat_not(p, SID_ANNA);
    pty_stop(p);
}

static void key__prints_the_name__and_tells_by_its_exit_code(void **state)
{
    struct server *s = *state;
    struct ran r = VERB(s, "key", "exam", "exam_id=77");
    assert_string_equal(r.out, "exam:exam_id:77\n");
    assert_int_equal(r.code, 1);
    assert_non_null(strstr(r.err, CACHED));
    assert_non_null(strstr(r.err, "this key does not exist"));
    ran_free(&r);
    r = VERB(s, "key", CACHED);
    assert_string_equal(r.out, CACHED "\n");
    assert_int_equal(r.code, 0);
    assert_non_null(strstr(r.err, "type      string\n"));
    ran_free(&r);
    r = VERB(s, "key", "exam", "a=1", "a=2");
    assert_string_equal(r.out, "");
    assert_int_equal(r.code, 2);
    assert_non_null(strstr(r.err, "the argument a is given twice"));
    ran_free(&r);
    r = stage_run((const char *const[]){"key", "exam", "7", "-u", "unix:///nowhere/at/all", NULL}, NULL,
                  NULL);
    assert_string_equal(r.out, "exam:7\n");
    assert_int_equal(r.code, 3);
    ran_free(&r);
}

static void expire_persist_delete__from_the_shell(void **state)
{
    struct server *s = *state;
    struct ran r = VERB(s, "expire", CACHED, "5m", "--yes");
    assert_int_equal(r.code, 0);
    assert_string_equal(r.out, "1\n");
    ran_free(&r);
    char *ttl = server_cli(s, "TTL", CACHED, NULL);
    assert_in_range(strtol(ttl, NULL, 10), 200, 300);
    free(ttl);
    r = VERB(s, "persist", CACHED, "--yes");
    assert_int_equal(r.code, 0);
    ran_free(&r);
    r = VERB(s, "delete", CACHED, "--dry-run");
    assert_int_equal(r.code, 0);
    ran_free(&r);
    r = VERB(s, "delete", CACHED);
    assert_int_equal(r.code, 1); /* nobody to ask */
    ran_free(&r);
    r = VERB(s, "delete", CACHED, "--yes", "--read-only");
    assert_int_equal(r.code, 1);
    ran_free(&r);
    char *exists = server_cli(s, "EXISTS", CACHED, NULL);
    assert_string_equal(exists, "1");
    free(exists);
    r = VERB(s, "delete", CACHED, "--yes");
    assert_int_equal(r.code, 0);
    assert_string_equal(r.out, "1\n");
    ran_free(&r);
    r = VERB(s, "delete", CACHED, "--yes");
    assert_int_equal(r.code, 1);
    assert_string_equal(r.out, "0\n");
    ran_free(&r);
    r = VERB(s, "delete", "session:" SID_ANNA, "--yes");
    assert_int_equal(r.code, 1);
    assert_non_null(strstr(r.err, "use revoke session"));
    assert_null(strstr(r.err, SID_ANNA));
    ran_free(&r);
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call__leads_to_the_key_that_is_there_instead, set_up, tear_down),
        cmocka_unit_test_setup_teardown(json_folds__and_a_search_unfolds_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(t_and_x__give_the_open_key_a_time_and_end_it__and_undo_brings_it_back,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(x_on_a_sessions_key__revokes_the_session, set_up, tear_down),
        cmocka_unit_test_setup_teardown(key__prints_the_name__and_tells_by_its_exit_code, set_up, tear_down),
        cmocka_unit_test_setup_teardown(expire_persist_delete__from_the_shell, set_up, tear_down),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
