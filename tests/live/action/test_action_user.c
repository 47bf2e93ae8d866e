/* Revoking all sessions of a user: those of the index, those that the index misses, and the index's stale
 * entries. */
#include "stage.h"

#include <stdlib.h>

static void add_session(struct stage *s, const char *id, const char *user, bool indexed)
{
    stage_do(s, "SET session:%s {\"user_id\":%s,\"role\":\"student\"} EX 86400", id, user);
    if (indexed) {
        stage_do(s, "SADD user:%s:sessions %s", user, id);
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

static void revoke_user__finds_what_the_index_misses__when_it_walks_the_keys(void **state)
{
    struct stage *s = *state;
    add_session(s, "indexed-1", "7", true);
    add_session(s, "indexed-2", "7", true);
    add_session(s, "orphan-1", "7", false);
    add_session(s, "other-1", "70", true);
    add_session(s, "other-2", "8", false);
    stage_do(s, "SADD user:7:sessions stale-1");
    stage_order(s, "revoke user 7");
    stage_assert_plan(s, "plan     revoke 3 sessions of user 7\n");
    stage_assert_plan(s, "2 sessions in the index\n");
    stage_assert_plan(s, "1 session missing from the index, found by walking the keys\n");
    stage_assert_plan(s, "1 stale index entry removed too\n");
    assert_int_equal(s->count, 4);
    assert_string_equal(stage_told(s, "orphan~")->text, "revoked; no index named it");
    assert_string_equal(stage_told(s, "stale-~")->text, "stale entry removed from the index of user 7");
    stage_assert_end(s, ACTION_DONE, "revoked 3 sessions");
    assert_string_equal(s->out, "3");
    assert_int_equal(
        stage_int(s, "EXISTS user:7:sessions session:indexed-1 session:indexed-2 session:orphan-1"), 0);
    assert_int_equal(stage_int(s, "EXISTS session:other-1 session:other-2 user:70:sessions"), 3);
}

static void revoke_user__tells_of_no_new_login__when_nothing_was_removed(void **state)
{
    struct stage *s = *state;
    add_session(s, "indexed-1", "5", true);
    add_session(s, "indexed-2", "5", true);
    stage_do(s, "ACL SETUSER default -multi -unlink -srem");
    stage_order(s, "revoke user 5");
    stage_do(s, "ACL SETUSER default +@all");
    stage_assert_end(s, ACTION_FAILED, "revoked 0 sessions: 2 failed");
    assert_int_equal(stage_int(s, "SCARD user:5:sessions"), 2);
}

static void revoke_user__does_not_walk__when_all_sessions_are_known(void **state)
{
    struct stage *s = *state;
    struct order o;
    struct target known = {.kind = TARGET_NONE};
    add_session(s, "indexed-1", "7", true);
    add_session(s, "orphan-1", "7", false);
    add_session(s, "moved-1", "8", false);
    order_init(&o, VERB_REVOKE_USER);
    order_add(&o, TARGET_USER, S("7"));
    target_set(&known, TARGET_SESSION, S("orphan-1"));
    utarray_push_back(&o.known, &known);
    known.id = NULL;
    target_set(&known, TARGET_SESSION, S("moved-1"));
    utarray_push_back(&o.known, &known);
    known.id = NULL;
    target_set(&known, TARGET_SESSION, S("expired-1"));
    utarray_push_back(&o.known, &known);
    o.known_all = true;
    stage_watch(s);
    stage_give(s, &o);
    char *heard = stage_heard(s);
    assert_null(strstr(heard, "\"SCAN\""));
    free(heard);
    stage_assert_plan(s, "1 session missing from the index\n");
    stage_assert_end(s, ACTION_DONE, "revoked 2 sessions");
    assert_int_equal(stage_int(s, "EXISTS session:moved-1"), 1);
}

static void revoke_user__leaves_sessions_of_others_alone__when_the_index_names_them(void **state)
{
    struct stage *s = *state;
    add_session(s, "mine-1", "7", true);
    add_session(s, "other-1", "8", true);
    stage_do(s, "SADD user:7:sessions other-1");
    stage_order(s, "revoke user 7");
    stage_assert_plan(s, "1 session of somebody else in the index: left alone\n");
    assert_int_equal(stage_int(s, "EXISTS session:other-1"), 1);
    stage_assert_end(s, ACTION_DONE, "revoked 1 session");
}

static void revoke_user__takes_unreadable_ones_that_the_index_vouches_for__when_there_are_such(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET session:broken-1 not-json");
    stage_do(s, "SADD user:7:sessions broken-1");
    stage_do(s, "SET session:broken-2 not-json");
    stage_order(s, "revoke user 7");
    stage_assert_end(s, ACTION_DONE, "revoked 1 session");
    assert_int_equal(stage_int(s, "EXISTS session:broken-1"), 0);
    assert_int_equal(stage_int(s, "EXISTS session:broken-2"), 1);
}

static void revoke_user__only_cleans_the_index__when_no_session_is_left(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SADD user:7:sessions a b");
    stage_order(s, "revoke user 7");
    stage_assert_plan(s, "plan     remove 2 stale index entries of user 7\n");
    stage_assert_end(s, ACTION_DONE, "revoked 0 sessions");
    assert_int_equal(stage_int(s, "EXISTS user:7:sessions"), 0);
    stage_order(s, "revoke user 7");
    assert_false(s->planned);
    stage_assert_end(s, ACTION_GONE, "user 7: no session found, nothing to revoke");
}

static void revoke_user__says_that_the_index_could_not_be_read__when_it_is_no_set(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET user:7:sessions oops");
    add_session(s, "orphan-1", "7", false);
    s->ask_only = true;
    stage_order(s, "revoke user 7");
    stage_assert_plan(s, "the index of user 7 could not be read: WRONGTYPE");
    stage_assert_plan(s, "plan     revoke 1 session of user 7\n");
}

static void revoke_user__refuses_to_guess__when_the_keys_may_not_be_walked(void **state)
{
    struct stage *s = *state;
    add_session(s, "indexed-1", "7", true);
    stage_do(s, "ACL SETUSER default -scan");
    stage_order(s, "revoke user 7");
    stage_do(s, "ACL SETUSER default +@all");
    assert_false(s->planned);
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(s->text, "the server refused a look-up: NOPERM"));
    assert_int_equal(stage_int(s, "EXISTS session:indexed-1"), 1);
}

static void revoke_user__handles_many_users_and_pages__when_there_are_thousands(void **state)
{
    struct stage *s = *state;
    for (int i = 0; i < 3000; i++) {
        char id[32], user[8];
        snprintf(id, sizeof id, "s%04d-x", i);
        snprintf(user, sizeof user, "%d", i % 30);
        add_session(s, id, user, i % 3 != 0);
    }
    s->ask_only = true;
    stage_order(s, "revoke user 1 2 3 1");
    stage_assert_plan(s, "plan     revoke 300 sessions of 3 users\n");
    assert_string_equal(s->typed, "300");
    struct err err = {0};
    assert_false(runner_confirm(s->runner, NULL, &err));
    assert_string_equal(err.text, "to confirm, type 300");
    assert_false(runner_confirm(s->runner, "30", &err));
    s->ask_only = false;
    assert_true(runner_confirm(s->runner, "300", &err));
    stage_wait(s, stage_has_finished);
    stage_assert_end(s, ACTION_DONE, "revoked 300 sessions");
    assert_int_equal(stage_int(s, "EXISTS session:s0001-x session:s0002-x session:s0003-x user:1:sessions"),
                     0);
    assert_int_equal(stage_int(s, "EXISTS session:s0000-x session:s0004-x"), 2);
}

static void revoke_user__cleans_every_index__when_two_users_name_the_same_session(void **state)
{
    struct stage *s = *state;
    add_session(s, "shared-1", "7", true);
    stage_do(s, "SADD user:8:sessions shared-1 stale-1");
    stage_do(s, "SADD user:7:sessions stale-1");
    stage_watch(s);
    stage_order(s, "revoke user 7 8");
    char *heard = stage_heard(s);
    assert_non_null(strstr(heard, "\"MULTI\"\n\"UNLINK\" \"session:shared-1\"\n"
                                  "\"SREM\" \"user:7:sessions\" \"shared-1\"\n"
                                  "\"SREM\" \"user:8:sessions\" \"shared-1\"\n\"EXEC\"\n"));
    free(heard);
    stage_assert_plan(
        s, "MULTI; UNLINK session:shared~; SREM user:7:sessions shared~; SREM user:8:sessions shared~; EXEC");
    stage_assert_plan(s, "shared~  user 7, 8\n");
    assert_string_equal(stage_told(s, "shared~")->text, "revoked, and its entry in the index of user 7, 8");
    assert_string_equal(stage_told(s, "stale-~")->text, "stale entry removed from the index of user 7, 8");
    stage_assert_end(s, ACTION_DONE, "revoked 1 session");
    assert_int_equal(stage_int(s, "EXISTS user:7:sessions user:8:sessions session:shared-1"), 0);
}

static void name_again(struct stage *s, int64_t done)
{
    if (runner_state(s->runner) == RUNNER_RUNNING && done > 0) {
        s->at_progress = NULL;
        stage_do(s, "SADD user:7:sessions new-1");
    }
}

static void revoke_user__does_not_count_spared_entries_as_logins__when_two_indexes_have_them(void **state)
{
    struct stage *s = *state;
    add_session(s, "others-1", "9", false);
    add_session(s, "own-1", "7", true);
    stage_do(s, "SADD user:7:sessions others-1");
    stage_do(s, "SADD user:8:sessions others-1");
    s->at_progress = name_again;
    stage_order(s, "revoke user 7 8");
    stage_assert_end(s, ACTION_DONE, "revoked 1 session; the index of user 7 names 1 again: a new login");
    assert_int_equal(stage_int(s, "EXISTS session:others-1 user:8:sessions"), 2);
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(revoke_user__finds_what_the_index_misses__when_it_walks_the_keys),
        TEST(revoke_user__tells_of_no_new_login__when_nothing_was_removed),
        TEST(revoke_user__does_not_walk__when_all_sessions_are_known),
        TEST(revoke_user__leaves_sessions_of_others_alone__when_the_index_names_them),
        TEST(revoke_user__takes_unreadable_ones_that_the_index_vouches_for__when_there_are_such),
        TEST(revoke_user__only_cleans_the_index__when_no_session_is_left),
        TEST(revoke_user__says_that_the_index_could_not_be_read__when_it_is_no_set),
        TEST(revoke_user__refuses_to_guess__when_the_keys_may_not_be_walked),
        TEST(revoke_user__handles_many_users_and_pages__when_there_are_thousands),
        TEST(revoke_user__cleans_every_index__when_two_users_name_the_same_session),
        TEST(revoke_user__does_not_count_spared_entries_as_logins__when_two_indexes_have_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
