/* Revoking sessions: key and index entry go in one transaction, and each is told what became of it. */
#include "stage.h"

#include <stdlib.h>

#include "redai/base/hash.h"

#define ONE   "AbCdEf-0123456789012345678901234567890123_1"
#define TWO   "GhIjKl-0123456789012345678901234567890123_2"
#define THREE "MnOpQr-0123456789012345678901234567890123_3"

static void add_session(struct stage *s, const char *id, int user, bool indexed)
{
    stage_do(s, "SET session:%s {\"user_id\":%d,\"email\":\"u@example.com\",\"role\":\"student\"} EX 86400",
             id, user);
    if (indexed) {
        stage_do(s, "SADD user:%d:sessions %s", user, id);
    }
}

static int set_up(void **state)
{
    *state = stage_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    stage_free(*state);
    return 0;
}

static void revoke_session__takes_key_and_index_entry_in_one_transaction__when_it_is_confirmed(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, true);
    add_session(s, TWO, 7, true);
    stage_watch(s);
    stage_order(s, "revoke session " ONE);
    char *heard = stage_heard(s);
    assert_string_equal(heard, "\"GETRANGE\" \"session:" ONE "\" \"0\" \"65535\"\n"
                               "\"SISMEMBER\" \"user:7:sessions\" \"" ONE "\"\n"
                               "\"MULTI\"\n"
                               "\"UNLINK\" \"session:" ONE "\"\n"
                               "\"SREM\" \"user:7:sessions\" \"" ONE "\"\n"
                               "\"EXEC\"\n"
                               "\"EXISTS\" \"session:" ONE "\"\n"
                               "\"SISMEMBER\" \"user:7:sessions\" \"" ONE "\"\n");
    free(heard);
    assert_int_equal(stage_int(s, "EXISTS session:" ONE), 0);
    assert_int_equal(stage_int(s, "EXISTS session:" TWO), 1);
    assert_int_equal(stage_int(s, "SCARD user:7:sessions"), 1);
    assert_string_equal(utstring_body(&s->plan),
                        "plan     revoke session AbCdEf~ of user 7\n"
                        "count    1 (cannot be undone)\n"
                        "command  MULTI; UNLINK session:AbCdEf~; SREM user:7:sessions AbCdEf~; EXEC\n"
                        "what     AbCdEf~  user 7\n"
                        "confirm  y\n");
    const struct told *told = stage_told(s, "AbCdEf~");
    assert_int_equal(told->outcome, ACTION_DONE);
    assert_string_equal(told->text, "revoked, and its entry in the index of user 7");
    stage_assert_end(s, ACTION_DONE, "revoked, and its entry in the index of user 7");
    assert_string_equal(s->out, "1");
}

static void revoke_session__tells_each_its_own_end__when_they_differ(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, true);
    add_session(s, TWO, 8, false);
    stage_do(s, "SET session:%s not-json", THREE);
    stage_order(s, "revoke session " ONE " " TWO " " THREE " nobody " ONE);
    assert_int_equal(s->count, 4);
    assert_string_equal(stage_told(s, "AbCdEf~")->text, "revoked, and its entry in the index of user 7");
    assert_string_equal(stage_told(s, "GhIjKl~")->text, "revoked; no index named it");
    assert_string_equal(stage_told(s, "MnOpQr~")->text, "revoked; no index named it");
    assert_string_equal(stage_told(s, "nobody~")->text, "already gone");
    assert_int_equal(stage_told(s, "nobody~")->outcome, ACTION_GONE);
    stage_assert_plan(s, "1 is already gone");
    stage_assert_plan(s, "1 is missing from the index of its user");
    stage_assert_plan(s, "1 names no user");
    stage_assert_plan(s, "UNLINK session:<id>  x 2");
    stage_assert_end(s, ACTION_DONE, "revoked 3 sessions: 1 already gone");
    assert_int_equal(stage_int(s, "DBSIZE"), 0);
}

static void revoke_session__asks_nothing__when_all_are_gone(void **state)
{
    struct stage *s = *state;
    stage_order(s, "revoke session " ONE);
    assert_false(s->planned);
    assert_int_equal(stage_told(s, "AbCdEf~")->outcome, ACTION_GONE);
    stage_assert_end(s, ACTION_GONE, "1 session already gone: nothing to revoke");
}

/* What the platform's update path does: it writes back a session that was deleted meanwhile. Each turn of the
 * loop begins here, so it happens between the transaction and the read back. */
static void write_again(struct ev_loop *loop, ev_prepare *watcher, int events)
{
    (void)loop;
    (void)events;
    struct stage *s = watcher->data;
    if (stage_int(s, "EXISTS session:" ONE) == 0) {
        add_session(s, ONE, 7, false);
    }
}

static void revoke_session__says_that_it_came_back__when_something_writes_it_again(void **state)
{
    struct stage *s = *state;
    ev_prepare watcher;
    add_session(s, ONE, 7, true);
    ev_prepare_init(&watcher, write_again);
    watcher.data = s;
    ev_prepare_start(s->loop, &watcher);
    stage_order(s, "revoke session " ONE);
    ev_prepare_stop(s->loop, &watcher);
    assert_int_equal(stage_told(s, "AbCdEf~")->outcome, ACTION_BACK);
    assert_string_equal(stage_told(s, "AbCdEf~")->text, "it came back: something wrote it again");
    stage_assert_end(s, ACTION_BACK, "it came back: something wrote it again");
}

static void revoke_session__must_be_typed_and_goes_in_groups__when_there_are_many(void **state)
{
    struct stage *s = *state;
    struct order o;
    order_init(&o, VERB_REVOKE_SESSION);
    for (int i = 0; i < 250; i++) {
        char id[64];
        snprintf(id, sizeof id, "%03d-many-sessions", i);
        add_session(s, id, i % 5, true);
        order_add(&o, TARGET_SESSION, span_of(id));
    }
    stage_give(s, &o);
    assert_string_equal(s->typed, "250");
    stage_assert_plan(s, "plan     revoke 250 sessions\n");
    stage_assert_plan(s, "MULTI; UNLINK session:<id>; SREM user:<user>:sessions <id>; EXEC  x 250");
    assert_int_equal(s->count, 250);
    stage_assert_end(s, ACTION_DONE, "revoked 250 sessions");
    assert_int_equal(stage_int(s, "DBSIZE"), 0);
}

static void stop_now(struct stage *s, int64_t done)
{
    if (runner_state(s->runner) == RUNNER_RUNNING && done > 0) {
        runner_stop(s->runner);
    }
}

static void revoke_session__leaves_the_rest__when_it_is_stopped(void **state)
{
    struct stage *s = *state;
    struct order o;
    order_init(&o, VERB_REVOKE_SESSION);
    for (int i = 0; i < 250; i++) {
        char id[64];
        snprintf(id, sizeof id, "%03d-many-sessions", i);
        add_session(s, id, 1, true);
        order_add(&o, TARGET_SESSION, span_of(id));
    }
    s->at_progress = stop_now;
    stage_give(s, &o);
    assert_int_equal(s->count, 101);
    assert_string_equal(stage_told(s, "")->text, "stopped: 150 not touched");
    stage_assert_end(s, ACTION_REFUSED, "revoked 100 sessions: 150 not touched, you stopped it");
    assert_int_equal(stage_int(s, "SCARD user:1:sessions"), 150);
}

static void revoke_session__tells_what_the_server_said__when_the_index_is_of_another_type(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, false);
    stage_do(s, "SET user:7:sessions oops");
    stage_order(s, "revoke session " ONE);
    const struct told *told = stage_told(s, "AbCdEf~");
    assert_int_equal(told->outcome, ACTION_FAILED);
    assert_string_equal(told->text,
                        "the session is gone, but the index of user 7 is not: WRONGTYPE Operation against a "
                        "key holding the wrong kind of value");
    assert_int_equal(stage_int(s, "EXISTS session:" ONE), 0);
}

static void revoke_session__fails_with_the_servers_words__when_it_may_not(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, true);
    stage_do(s, "ACL SETUSER default -unlink");
    stage_order(s, "revoke session " ONE);
    stage_do(s, "ACL SETUSER default +@all");
    assert_int_equal(stage_told(s, "AbCdEf~")->outcome, ACTION_FAILED);
    assert_non_null(strstr(stage_told(s, "AbCdEf~")->text, "the server refused it: NOPERM"));
    assert_int_equal(stage_int(s, "EXISTS session:" ONE), 1);
    assert_int_equal(stage_int(s, "SCARD user:7:sessions"), 1);
}

static void revoke_session__tells_what_was_done__when_transactions_are_refused(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7, true);
    stage_do(s, "ACL SETUSER default -multi");
    stage_order(s, "revoke session " ONE);
    stage_do(s, "ACL SETUSER default +@all");
    assert_int_equal(stage_int(s, "EXISTS session:" ONE), 0);
    assert_string_equal(stage_told(s, "AbCdEf~")->text, "revoked, and its entry in the index of user 7");
    stage_assert_end(s, ACTION_DONE, "revoked, and its entry in the index of user 7");
}

static void journal__never_has_a_session_id__when_sessions_are_revoked(void **state)
{
    struct stage *s = *state;
    char line[4096], tag[9];
    bool found = false;
    hash_tag(span_of(ONE), tag);
    add_session(s, ONE, 7, true);
    stage_order(s, "revoke session " ONE);
    stage_order(s, "revoke session " ONE);
    stage_do(s, "SET session:" ONE " x");
    stage_order(s, "invalidate session:" ONE);
    FILE *f = fopen(s->journal_path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        assert_null(strstr(line, ONE));
        assert_null(strstr(line, "AbCdEf"));
        found = found || (strstr(line, tag) && strstr(line, "\"outcome\": \"done\""));
    }
    fclose(f);
    assert_true(found);
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(revoke_session__takes_key_and_index_entry_in_one_transaction__when_it_is_confirmed),
        TEST(revoke_session__tells_each_its_own_end__when_they_differ),
        TEST(revoke_session__asks_nothing__when_all_are_gone),
        TEST(revoke_session__says_that_it_came_back__when_something_writes_it_again),
        TEST(revoke_session__must_be_typed_and_goes_in_groups__when_there_are_many),
        TEST(revoke_session__leaves_the_rest__when_it_is_stopped),
        TEST(revoke_session__tells_what_the_server_said__when_the_index_is_of_another_type),
        TEST(revoke_session__fails_with_the_servers_words__when_it_may_not),
        TEST(revoke_session__tells_what_was_done__when_transactions_are_refused),
        TEST(journal__never_has_a_session_id__when_sessions_are_revoked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
