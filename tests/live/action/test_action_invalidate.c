/* Invalidating cache keys: what is counted is what goes, and nothing but cache goes. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

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

static void invalidate__deletes_what_it_counted__when_a_pattern_matches(void **state)
{
    struct stage *s = *state;
    stage_do(s, "MSET exam:7 a exam:70 b exam:questions:7 c other:7 d");
    stage_watch(s);
    stage_order(s, "invalidate exam:7*");
    char *heard = stage_heard(s);
    assert_non_null(strstr(heard,
                           "\"DBSIZE\"\n\"MULTI\"\n"
                           "\"SCAN\" \"0\" \"MATCH\" \"exam:7*\" \"COUNT\" \"1000\" \"TYPE\" \"list\"\n"
                           "\"SCAN\" \"0\" \"MATCH\" \"exam:7*\" \"COUNT\" \"1000\"\n"
                           "\"EXEC\"\n"
                           "\"SCAN\" \"0\" \"MATCH\" \"exam:*\" \"COUNT\" \"500\"\n"
                           "\"UNLINK\" \"exam:7"));
    assert_null(strstr(heard, "\"KEYS\""));
    free(heard);
    stage_assert_plan(s, "plan     invalidate exam:7*: 2 keys\n");
    stage_assert_plan(s, "command  UNLINK <2 keys>\n");
    stage_assert_plan(s, "family exam: 2 keys\n");
    stage_assert_plan(s, "exam:7* also hits longer numbers: 1 key: exam:70\n");
    stage_assert_end(s, ACTION_DONE, "deleted 2 of 2");
    assert_string_equal(s->out, "2");
    assert_int_equal(stage_int(s, "DBSIZE"), 2);
}

/* Everything that is no cache stays, whatever the pattern. */
static void invalidate__spares_sessions_batches_and_the_broker__when_the_pattern_is_a_star(void **state)
{
    struct stage *s = *state;
    stage_do(s, "MSET exam:7 a bare-cache b session:x c batch:progress:1 d celery-task-meta-1 e");
    stage_do(s, "MSET session: a batch:progress: b"); /* without an id */
    stage_do(s, "SADD user:7:sessions x");
    stage_do(s, "SADD user::sessions x");
    stage_do(s, "SADD _kombu.binding.celery x");
    stage_do(s, "LPUSH celery x");
    stage_do(s, "LPUSH celery\x06\x16"
                "3 x");
    stage_do(s, "LPUSH odd:1 x");
    stage_do(s, "HSET unacked a b");
    stage_do(s, "HSET bare-hash a b");
    stage_do(s, "HSET cache:hash a b");
    stage_order(s, "invalidate *");
    stage_assert_plan(s, "plan     invalidate *: 3 keys\n");
    stage_assert_plan(s, "skipped 4 keys of sessions: use revoke session\n");
    stage_assert_plan(s, "skipped 2 keys of batches' progress");
    stage_assert_plan(s, "skipped 7 keys of the broker: they are no cache\n");
    stage_assert_end(s, ACTION_DONE, "deleted 3 of 3");
    assert_int_equal(stage_int(s, "EXISTS exam:7 bare-cache cache:hash"), 0);
    assert_int_equal(stage_int(s, "DBSIZE"), 13);
}

static void invalidate__refuses__when_only_keys_match_that_are_no_cache(void **state)
{
    struct stage *s = *state;
    stage_do(s, "MSET session:secret-token c session:b d");
    stage_order(s, "invalidate session:*");
    assert_false(s->planned);
    stage_assert_end(s, ACTION_REFUSED,
                     "session:*: never deleted by invalidate: 2 keys of sessions (use revoke session)");
    stage_order(s, "invalidate session:secret-token");
    stage_assert_end(s, ACTION_REFUSED,
                     "session:secret~: never deleted by invalidate: 1 key of sessions (use revoke session)");
    stage_do(s, "LPUSH celery x");
    stage_order(s, "invalidate celery");
    stage_assert_end(s, ACTION_REFUSED,
                     "celery: never deleted by invalidate: 1 key of the broker (they are no cache)");
    assert_int_equal(stage_int(s, "DBSIZE"), 3);
}

static void invalidate__looks_at_one_key_without_a_walk__when_there_is_no_wildcard(void **state)
{
    struct stage *s = *state;
    stage_do(s, "MSET exam:7 a exam:[x] b");
    stage_watch(s);
    stage_order(s, "invalidate exam:7");
    char *heard = stage_heard(s);
    assert_string_equal(heard,
                        "\"DBSIZE\"\n\"TYPE\" \"exam:7\"\n\"UNLINK\" \"exam:7\"\n\"EXISTS\" \"exam:7\"\n");
    free(heard);
    stage_assert_end(s, ACTION_DONE, "deleted 1 of 1");
    stage_order(s, "invalidate exam:7");
    stage_assert_end(s, ACTION_GONE, "exam:7: no key matches, nothing to delete");
    /* Escaped wildcards are none. */
    stage_watch(s);
    stage_order(s, "invalidate 'exam:\\[x\\]'");
    heard = stage_heard(s);
    assert_non_null(strstr(heard, "\"UNLINK\" \"exam:[x]\"\n"));
    assert_null(strstr(heard, "SCAN"));
    free(heard);
}

static void invalidate__takes_a_key_as_it_is__when_the_target_is_a_key(void **state)
{
    struct stage *s = *state;
    struct order o;
    stage_do(s, "MSET exam:* a exam:7 b");
    order_init(&o, VERB_INVALIDATE);
    order_add(&o, TARGET_KEY, S("exam:*"));
    stage_give(s, &o);
    stage_assert_end(s, ACTION_DONE, "deleted 1 of 1");
    assert_int_equal(stage_int(s, "EXISTS exam:7"), 1);
}

static void fill(struct stage *s, int count)
{
    for (int i = 0; i < count; i++) {
        stage_do(s, "SET exam:%d x", i);
    }
}

static void stop_now(struct stage *s, int64_t done)
{
    if (runner_state(s->runner) == RUNNER_RUNNING && done > 0) {
        runner_stop(s->runner);
    }
}

static void invalidate__leaves_the_rest__when_it_is_stopped(void **state)
{
    struct stage *s = *state;
    fill(s, 350);
    s->at_progress = stop_now;
    stage_order(s, "invalidate exam:*");
    assert_string_equal(s->typed, "350");
    stage_assert_plan(s, "UNLINK <100 keys>  x 3\n");
    stage_assert_plan(s, "UNLINK <50 keys>\n");
    stage_assert_end(s, ACTION_REFUSED, "deleted 100 of 350: 250 left, you stopped it");
    assert_string_equal(s->out, "100");
    assert_int_equal(stage_int(s, "DBSIZE"), 250);
}

static void cancel_now(struct stage *s, int64_t done)
{
    (void)done;
    runner_cancel(s->runner);
}

static void invalidate__does_nothing__when_the_walk_is_cancelled(void **state)
{
    struct stage *s = *state;
    fill(s, 5000);
    s->at_progress = cancel_now;
    stage_watch(s);
    stage_order(s, "invalidate exam:*");
    char *heard = stage_heard(s);
    assert_null(strstr(heard, "UNLINK"));
    free(heard);
    assert_false(s->planned);
    stage_assert_end(s, ACTION_REFUSED, "cancelled: nothing was done");
    assert_int_equal(stage_int(s, "DBSIZE"), 5000);
    /* The link still owes answers to the order that is over; the next one is not disturbed. */
    s->at_progress = NULL;
    stage_order(s, "invalidate exam:77");
    stage_assert_end(s, ACTION_DONE, "deleted 1 of 1");
}

static void delete_some(struct stage *s)
{
    stage_do(s, "DEL exam:1 exam:2");
}

static void invalidate__counts_what_had_gone__when_keys_go_while_it_asks(void **state)
{
    struct stage *s = *state;
    fill(s, 30);
    s->at_plan = delete_some;
    stage_order(s, "invalidate exam:* exam:1*");
    stage_assert_plan(s, "plan     invalidate exam:* exam:1*: 30 keys\n");
    stage_assert_end(s, ACTION_DONE, "deleted 28 of 30: 2 already gone");
}

static void invalidate__stops_with_the_servers_words__when_it_may_not_delete(void **state)
{
    struct stage *s = *state;
    fill(s, 3);
    stage_do(s, "ACL SETUSER default -unlink");
    stage_order(s, "invalidate exam:*");
    stage_do(s, "ACL SETUSER default +@all");
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(s->text, "deleted 0 of 3: the server refused the rest: NOPERM"));
}

static void invalidate__shows_no_control_characters__when_keys_have_them(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET exam:\x1b[2J x");
    stage_order(s, "invalidate exam:*");
    assert_null(strchr(utstring_body(&s->plan), '\x1b'));
    stage_assert_plan(s, "exam:^[[2J");
    stage_assert_end(s, ACTION_DONE, "deleted 1 of 1");
}

/* Names without a wildcard are looked at one after the other, however many somebody's shell makes of them. */
static void invalidate__takes_any_number_of_names__when_none_has_a_wildcard(void **state)
{
    enum { NAMES = 60000 };
    struct stage *s = *state;
    struct order o;
    stage_options(s, false, true);
    order_init(&o, VERB_INVALIDATE);
    for (int i = 0; i < NAMES; i++) {
        char name[32];
        snprintf(name, sizeof name, "session:%d", i);
        order_add(&o, TARGET_PATTERN, span_of(name));
    }
    stage_give(s, &o);
    assert_false(s->planned);
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_non_null(strstr(s->text, "never deleted by invalidate: 60000 keys of sessions"));
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(invalidate__deletes_what_it_counted__when_a_pattern_matches),
        TEST(invalidate__spares_sessions_batches_and_the_broker__when_the_pattern_is_a_star),
        TEST(invalidate__refuses__when_only_keys_match_that_are_no_cache),
        TEST(invalidate__looks_at_one_key_without_a_walk__when_there_is_no_wildcard),
        TEST(invalidate__takes_a_key_as_it_is__when_the_target_is_a_key),
        TEST(invalidate__leaves_the_rest__when_it_is_stopped),
        TEST(invalidate__does_nothing__when_the_walk_is_cancelled),
        TEST(invalidate__counts_what_had_gone__when_keys_go_while_it_asks),
        TEST(invalidate__stops_with_the_servers_words__when_it_may_not_delete),
        TEST(invalidate__shows_no_control_characters__when_keys_have_them),
        TEST(invalidate__takes_any_number_of_names__when_none_has_a_wildcard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
