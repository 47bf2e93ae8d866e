/* Sessions by user, orphans and stale entries, and what is done to those that fit a filter: from the keyboard
 * and from the shell. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define JOURNAL stage_path("state/redai-console/journal")
#define STALE   "SSSS5555-an-entry-of-a-session-that-ended"

/* Anna has a listed session and an orphan, and an entry whose session has ended. */
static int set_up(void **state)
{
    static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", NULL};
    *state = stage_server(quiet);
    stage_fill(*state);
    stage_do(*state, 0, "SADD user:7:sessions " STALE);
    stage_do(*state, 0, "EXPIRE user:7:sessions 3600");
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    remove(JOURNAL);
    return 0;
}

static bool is_listed(struct server *s, const char *id)
{
    char command[160];
    snprintf(command, sizeof command, "SISMEMBER user:7:sessions %s", id);
    return stage_number(s, 0, command) == 1;
}

/* --- the screen --- */

static void u__groups_by_user_and_enter_explains(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_see(p, "! 1 orphan");
    seat_see(p, "!orphan");
    seat_do(p, "u", "sessions by user 3");
    seat_do(p, "+", "logins");
    seat_see(p, "1 stale");
    seat_do(p, "\r", "user 7");
    seat_see(p, "1 session in no index: 'log out everywhere' misses it");
    seat_see(p, "1 entry whose session has ended: nobody removes it");
    seat_see(p, ":repair sessions user=7");
    seat_see(p, "! orphan, created");
    seat_see(p, "stale entry: its session has ended");
    seat_not(p, SID_ANNA_2);
    seat_leave(p, "log out everywhere");
    seat_do(p, "u", "1 sessions 4");
    seat_do(p, ":filter index:orphan\r", "/index:orphan");
    seat_do(p, "\r", ":repair puts it into its user's index");
    seat_see(p, "TTL left");
    seat_leave(p, "TTL left");
    seat_leave(p, "/index:orphan");
    seat_quit(p);
}

static void filter__shows_the_orphans_alone(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_see(p, "! 1 orph");
    seat_do(p, "+", "!orphan");
    seat_do(p, "/index:orphan\r", "1 shown");
    seat_see(p, ">7 ");
    seat_not(p, "Marek");
    seat_quit(p);
}

/* --- repair --- */

static void repair__brings_sessions_and_index_together(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_see(p, "orph");
    seat_do(p, ":repair sessions\r", "repair the index of user 7: put 1 orphan in, take 1 stale");
    seat_see(p, "SADD user:7:sessions AAAA22~");
    seat_see(p, "EXPIRE user:7:sessions 86400");
    seat_see(p, "SREM user:7:sessions SSSS55~");
    assert_false(is_listed(s, SID_ANNA_2));
    seat_do(p, "y", "done: 1 orphan put in, 1 stale entry taken out");
    assert_true(is_listed(s, SID_ANNA_2));
    assert_false(is_listed(s, STALE));
    assert_true(stage_number(s, 0, "TTL user:7:sessions") > 86000);
    seat_see_gone(p, "!orph"); /* strip, title and column */
    seat_do(p, ":repair sessions\r", "nothing to repair: no orphan and no stale entry is known");
    seat_quit(p);
}

static void r__repairs_the_row(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_see(p, "orph");
    seat_do(p, "/marek\r", "Marek");
    seat_do(p, "r", "nothing to repair here");
    seat_do(p, ":filter index:orphan\r", "/index:orphan");
    seat_do(p, "r", "repair the index of user 7: put 1 orphan in");
    seat_not(p, "SREM");
    seat_leave(p, "put 1 orphan in");
    seat_do(p, "u", "by user 3");
    seat_do(p, "r", "put 1 orphan in, take 1 stale");
    seat_do(p, "y", "done: 1 orphan put in, 1 stale entry taken out");
    assert_true(is_listed(s, SID_ANNA_2));
    seat_quit(p);
}

static void capital_x__takes_the_user_of_the_row(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, "u", "by user 3");
    seat_see(p, ">7 ");
    seat_do(p, "x", "revoke 2 sessions of user 7");
    seat_leave(p, "revoke 2 sessions of user 7");
    seat_do(p, "X", "revoke 2 sessions of user 7");
    seat_do(p, "y", "done: revoked 2 sessions");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_ANNA_2), 0);
    seat_quit(p);
}

/* --- revoke by filter --- */

static void revoke_sessions__takes_those_that_fit(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, ":revoke sessions\r", "revoke sessions: which?");
    seat_do(p, ":revoke sessions rol:student\r", "no column \"rol\"");
    seat_do(p, ":revoke sessions name:nobody\r", "no session fits");
    seat_do(p, ":revoke sessions user=7\r", "revoke 2 sessions");
    seat_see(p, "chosen by user=7");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_ANNA_2), 2);
    seat_do(p, "y", "done: revoked 2 sessions");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_ANNA_2), 0);
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_MAREK " session:" SID_ZOFIA), 2);
    seat_do(p, ":revoke sessions name:\"Zofia Zak\"\r", "revoke session ZZZZ44~ of user 9");
    seat_leave(p, "revoke session ZZZZ44~");
    seat_quit(p);
}

/* --- from the shell --- */

static struct ran verb(struct server *s, const char *more, const char *const words[])
{
    const char *argv[16];
    size_t n = 0;
    for (; words[n]; n++) {
        argv[n] = words[n];
    }
    argv[n++] = "-u";
    argv[n++] = server_url(s, 0);
    argv[n++] = more;
    argv[n] = NULL;
    return stage_run(argv, NULL, NULL);
}
#define VERB(s, more, ...) verb(s, more, (const char *const[]){__VA_ARGS__, NULL})

static void expect(struct ran r, int code, const char *err_has, const char *out)
{
    assert_ran(&r, code, err_has);
    assert_string_equal(r.out, out);
    ran_free(&r);
}

static void shell__repairs_after_a_whole_walk(void **state)
{
    struct server *s = *state;
    expect(VERB(s, "--dry-run", "repair", "sessions"), 0,
           "plan     repair the index of user 7: put 1 orphan in, take 1 stale entry out\n", "");
    assert_false(is_listed(s, SID_ANNA_2));
    expect(VERB(s, "--yes", "repair", "sessions", "--drop"), 0, "user 7 done: 1 stale entry taken out",
           "1\n");
    assert_false(is_listed(s, STALE));
    assert_false(is_listed(s, SID_ANNA_2));
    expect(VERB(s, "--yes", "repair", "sessions", "user=8"), 0, "nothing to repair", "0\n");
    expect(VERB(s, "--yes", "repair", "sessions", "all", "--add"), 0, "user 7 done: 1 orphan put in", "1\n");
    assert_true(is_listed(s, SID_ANNA_2));
    expect(VERB(s, "--yes", "repair", "sessions"), 0, "nothing to repair", "0\n");
    expect(VERB(s, NULL, "repair", "users"), 2, "repair what?", "");
    expect(VERB(s, "--read-only", "repair", "sessions"), 1, "read-only", "");
    expect(VERB(s, NULL, "repair", "sessions"), 0, "nothing to repair", "0\n");
}

static void shell__revokes_what_fits_a_filter(void **state)
{
    struct server *s = *state;
    expect(VERB(s, NULL, "revoke", "sessions"), 2, "", "");
    expect(VERB(s, NULL, "revoke", "sessions", "rol:x"), 2, "no column \"rol\"", "");
    expect(VERB(s, NULL, "revoke", "sessions", "idle>soon"), 2, "that compares with no number or time", "");
    expect(VERB(s, NULL, "revoke", "sessions", "user:"), 2, "each with a value", "");
    expect(VERB(s, "--yes", "revoke", "sessions", "idle>5h"), 0, "no session fits \"idle>5h\"", "0\n");
    expect(VERB(s, "--dry-run", "revoke", "sessions", "name:anna* idle<1h"), 0, "revoke 2 sessions", "");
    expect(VERB(s, NULL, "revoke", "sessions", "user=7"), 1, "no terminal to confirm this on", "");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_ANNA_2), 2);
    expect(VERB(s, "--yes", "revoke", "sessions", "user=7", "index:orphan"), 0, "done: ", "1\n");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA_2), 0);
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA), 1);
    expect(VERB(s, "--yes", "revoke", "sessions", "all"), 0, "every session there is", "3\n");
    assert_int_equal(
        stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_MAREK " session:" SID_ZOFIA), 0);
}

static void shell__does_nothing__when_redis_cannot_be_read(void **state)
{
    struct server *s = *state;
    struct ran r = RUN("revoke", "sessions", "all", "--yes", "-u", "redis://127.0.0.1:1/0");
    (void)s;
    assert_ran(&r, 1, "nothing was done");
    assert_string_equal(r.out, "");
    ran_free(&r);
}

/* What is not allowed is said at once, in the server's words; it does not come by waiting. */
static void refused(struct server *s, const char *command, const char *said)
{
    char line[80];
    snprintf(line, sizeof line, "ACL SETUSER default -%s", command);
    stage_do(s, 0, line);
    expect(VERB(s, "--dry-run", "revoke", "sessions", "all"), 1, said, "");
    expect(VERB(s, "--yes", "repair", "sessions"), 1, said, "");
    stage_do(s, 0, "ACL SETUSER default +@all");
}

static void shell__does_nothing__when_an_acl_forbids_the_look(void **state)
{
    struct server *s = *state;
    refused(s, "scan", "NOPERM");
    refused(s, "getrange", "nothing was done");
    stage_do(s, 0, "ACL SETUSER default -sscan"); /* the indexes: to repair alone */
    expect(VERB(s, "--yes", "repair", "sessions"), 1, "NOPERM", "");
    expect(VERB(s, "--dry-run", "revoke", "sessions", "index:orphan"), 1, "nothing was done", "");
    expect(VERB(s, "--dry-run", "revoke", "sessions", "all"), 0, "revoke 4 sessions", "");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_ANNA_2), 2);
}

int main(void)
{
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(u__groups_by_user_and_enter_explains, set_up, tear_down),
        cmocka_unit_test_setup_teardown(filter__shows_the_orphans_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repair__brings_sessions_and_index_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(r__repairs_the_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(capital_x__takes_the_user_of_the_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(revoke_sessions__takes_those_that_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shell__repairs_after_a_whole_walk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shell__revokes_what_fits_a_filter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shell__does_nothing__when_redis_cannot_be_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(shell__does_nothing__when_an_acl_forbids_the_look, set_up, tear_down),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
