/* Sessions and the indexes of their users brought together again; what changes between plan and run is left
 * alone. */
#include "stage.h"

#include <stdlib.h>

static void add_session(struct stage *s, const char *id, const char *user, int ttl_s)
{
    stage_do(s, "SET session:%s {\"user_id\":%s,\"role\":\"student\"} EX %d", id, user, ttl_s);
}

static void repair(struct stage *s, struct order *o)
{
    stage_give(s, o);
    order_release(o);
}

static void begin(struct order *o)
{
    order_init(o, VERB_REPAIR);
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

static void repair__puts_orphans_in_and_takes_stale_entries_out__when_they_are_as_seen(void **state)
{
    struct stage *s = *state;
    struct order o;
    add_session(s, "orphan-1", "7", 80000);
    add_session(s, "listed-1", "7", 80000);
    stage_do(s, "SADD user:7:sessions listed-1 stale-1 stale-2");
    stage_do(s, "EXPIRE user:7:sessions 100");
    begin(&o);
    order_add_stray(&o, S("7"), S("stale-1"), false);
    order_add_stray(&o, S("7"), S("orphan-1"), true);
    order_add_stray(&o, S("7"), S("stale-2"), false);
    repair(s, &o);
    stage_assert_plan(s, "plan     repair the index of user 7: put 1 orphan in, take 2 stale entries out\n");
    stage_assert_plan(s, "EXPIRE user:7:sessions 86400\n");
    stage_assert_end(s, ACTION_DONE, "1 orphan put in, 2 stale entries taken out");
    assert_string_equal(s->out, "3");
    const char *text = stage_told(s, "user 7")->text; /* on a slow machine it has aged meanwhile */
    if (strcmp(text, "1 orphan put in, 2 stale entries taken out; it lives 23h59m") != 0) {
        assert_string_equal(text, "1 orphan put in, 2 stale entries taken out; it lives 1d00h");
    }
    assert_int_equal(stage_int(s, "SISMEMBER user:7:sessions orphan-1"), 1);
    assert_int_equal(stage_int(s, "SCARD user:7:sessions"), 2);
    assert_true(stage_int(s, "TTL user:7:sessions") > 86000);
    assert_true(stage_int(s, "TTL session:orphan-1") <= 80000); /* looking renews nothing */
}

static void repair__makes_the_index_anew_with_a_ttl__when_it_is_gone(void **state)
{
    struct stage *s = *state;
    struct order o;
    add_session(s, "orphan-1", "7", 500);
    add_session(s, "orphan-2", "8", 100000);
    begin(&o);
    order_add_stray(&o, S("7"), S("orphan-1"), true);
    order_add_stray(&o, S("8"), S("orphan-2"), true);
    repair(s, &o);
    stage_assert_end(s, ACTION_DONE, "2 orphans put in, 0 stale entries taken out");
    assert_true(stage_int(s, "TTL user:7:sessions") > 86000);
    assert_true(stage_int(s, "TTL user:8:sessions") >= 99990);
}

static void repair__leaves_the_set_gone__when_its_last_entry_was_stale(void **state)
{
    struct stage *s = *state;
    struct order o;
    stage_do(s, "SADD user:7:sessions stale-1");
    begin(&o);
    order_add_stray(&o, S("7"), S("stale-1"), false);
    repair(s, &o);
    assert_string_equal(stage_told(s, "user 7")->text, "1 stale entry taken out; nothing is left in it");
    assert_int_equal(stage_int(s, "EXISTS user:7:sessions"), 0);
}

static void repair__plans_nothing__when_all_is_in_order_by_now(void **state)
{
    struct stage *s = *state;
    struct order o;
    add_session(s, "listed-1", "7", 500);
    stage_do(s, "SADD user:7:sessions listed-1");
    begin(&o);
    order_add_stray(&o, S("7"), S("listed-1"), true);
    order_add_stray(&o, S("7"), S("out-1"), false);
    repair(s, &o);
    assert_false(s->planned);
    stage_assert_end(s, ACTION_GONE, "nothing to repair: 2 in order by now");
}

static void repair__says_why__when_an_index_is_no_set(void **state)
{
    struct stage *s = *state;
    struct order o;
    add_session(s, "orphan-1", "7", 500);
    add_session(s, "orphan-2", "8", 500);
    stage_do(s, "SET user:7:sessions oops");
    begin(&o);
    order_add_stray(&o, S("7"), S("orphan-1"), true);
    order_add_stray(&o, S("8"), S("orphan-2"), true);
    repair(s, &o);
    stage_assert_plan(s, "the index of user 7 is left alone: WRONGTYPE");
    stage_assert_end(s, ACTION_DONE, "1 orphan put in, 0 stale entries taken out");
    assert_int_equal(stage_int(s, "SISMEMBER user:8:sessions orphan-2"), 1);
}

static void repair__fails__when_no_index_can_be_read(void **state)
{
    struct stage *s = *state;
    struct order o;
    add_session(s, "orphan-1", "7", 500);
    stage_do(s, "SET user:7:sessions oops");
    begin(&o);
    order_add_stray(&o, S("7"), S("orphan-1"), true);
    repair(s, &o);
    assert_false(s->planned);
    stage_assert_end(
        s, ACTION_FAILED,
        "nothing was repaired: the index of user 7 is left alone: WRONGTYPE Operation against a key holding "
        "the wrong kind of value");
}

/* --- between plan and run --- */

static void change_all(struct stage *s)
{
    add_session(s, "back-1", "7", 500);                        /* it came to life */
    stage_do(s, "DEL session:ended-1");                        /* it ended */
    stage_do(s, "SET session:moved-1 {\"user_id\":8} EX 500"); /* another user's */
    stage_do(s, "SADD user:7:sessions logged-in-1");           /* the index names it by now */
}

static void repair__leaves_alone_what_changed__when_it_does_between_plan_and_run(void **state)
{
    struct stage *s = *state;
    struct order o;
    stage_do(s, "SADD user:7:sessions back-1 stale-1");
    add_session(s, "ended-1", "7", 500);
    add_session(s, "moved-1", "7", 500);
    add_session(s, "logged-in-1", "7", 500);
    add_session(s, "orphan-1", "7", 500);
    begin(&o);
    order_add_stray(&o, S("7"), S("back-1"), false);
    order_add_stray(&o, S("7"), S("stale-1"), false);
    order_add_stray(&o, S("7"), S("ended-1"), true);
    order_add_stray(&o, S("7"), S("moved-1"), true);
    order_add_stray(&o, S("7"), S("logged-in-1"), true);
    order_add_stray(&o, S("7"), S("orphan-1"), true);
    s->at_plan = change_all;
    repair(s, &o);
    stage_assert_end(s, ACTION_CHANGED,
                     "1 orphan put in, 1 stale entry taken out: 3 changed meanwhile, 1 in order already");
    assert_int_equal(stage_told(s, "back-1~")->outcome, ACTION_CHANGED);
    assert_string_equal(stage_told(s, "back-1~")->text, "its session lives: the entry stays");
    assert_string_equal(stage_told(s, "ended-~")->text, "the session has ended");
    assert_string_equal(stage_told(s, "moved-~")->text, "it names another user");
    assert_int_equal(stage_told(s, "logged~")->outcome, ACTION_GONE);
    assert_int_equal(stage_int(s, "SISMEMBER user:7:sessions back-1"), 1);
    assert_int_equal(stage_int(s, "SISMEMBER user:7:sessions ended-1"), 0);
    assert_int_equal(stage_int(s, "SISMEMBER user:7:sessions moved-1"), 0);
    assert_int_equal(stage_int(s, "SISMEMBER user:7:sessions orphan-1"), 1);
    assert_int_equal(stage_int(s, "SISMEMBER user:7:sessions stale-1"), 0);
}

static void repair__watches_what_it_changes__when_it_is_done(void **state)
{
    struct stage *s = *state;
    struct order o;
    add_session(s, "orphan-1", "7", 80000);
    stage_do(s, "SADD user:7:sessions stale-1");
    begin(&o);
    order_add_stray(&o, S("7"), S("orphan-1"), true);
    order_add_stray(&o, S("7"), S("stale-1"), false);
    stage_watch(s);
    repair(s, &o);
    char *heard = stage_heard(s);
    const char *watch =
        strstr(heard, "\"WATCH\" \"user:7:sessions\" \"session:orphan-1\" \"session:stale-1\"\n");
    assert_non_null(watch);
    assert_non_null(strstr(watch, "\"MULTI\"\n"
                                  "\"SADD\" \"user:7:sessions\" \"orphan-1\"\n"
                                  "\"SREM\" \"user:7:sessions\" \"stale-1\"\n"
                                  "\"EXEC\"\n"));
    free(heard);
}

/* --- many --- */

static void repair__goes_on_in_groups__when_there_are_many(void **state)
{
    enum { USERS = 300 };
    struct stage *s = *state;
    struct order o;
    char user[16], orphan[24], stale[24];
    begin(&o);
    for (int i = 0; i < USERS; i++) {
        snprintf(user, sizeof user, "%d", i);
        snprintf(orphan, sizeof orphan, "orphan-%d", i);
        snprintf(stale, sizeof stale, "stale-%d", i);
        add_session(s, orphan, user, 500);
        stage_do(s, "SADD user:%s:sessions %s", user, stale);
        order_add_stray(&o, span_of(user), span_of(orphan), true);
        order_add_stray(&o, span_of(user), span_of(stale), false);
    }
    repair(s, &o);
    assert_string_equal(s->typed, "600");
    stage_assert_end(s, ACTION_DONE, "300 orphans put in, 300 stale entries taken out");
    assert_int_equal(s->count, USERS); /* one receipt a user */
    assert_int_equal(stage_int(s, "SISMEMBER user:299:sessions orphan-299"), 1);
    assert_int_equal(stage_int(s, "SCARD user:0:sessions"), 1);
}

static void stop_soon(struct stage *s, int64_t done)
{
    (void)done;
    if (runner_state(s->runner) == RUNNER_RUNNING) {
        runner_stop(s->runner);
    }
}

static void repair__says_what_is_left__when_it_is_stopped(void **state)
{
    struct stage *s = *state;
    struct order o;
    char id[24];
    begin(&o);
    for (int i = 0; i < 150; i++) {
        snprintf(id, sizeof id, "stale-%d", i);
        stage_do(s, "SADD user:7:sessions %s", id);
        order_add_stray(&o, S("7"), span_of(id), false);
    }
    s->at_progress = stop_soon;
    repair(s, &o);
    assert_int_equal(s->outcome, ACTION_REFUSED);
    stage_assert_end(s, ACTION_REFUSED,
                     "0 orphans put in, 100 stale entries taken out: 50 not touched, you stopped it");
    assert_int_equal(stage_int(s, "SCARD user:7:sessions"), 50);
}

/* --- refused --- */

static void repair__fails_with_the_servers_words__when_it_may_not_write(void **state)
{
    struct stage *s = *state;
    struct order o;
    add_session(s, "orphan-1", "7", 500);
    stage_do(s, "ACL SETUSER default -sadd");
    begin(&o);
    order_add_stray(&o, S("7"), S("orphan-1"), true);
    repair(s, &o);
    stage_do(s, "ACL SETUSER default +@all");
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(stage_told(s, "orphan~")->text, "NOPERM"));
    assert_int_equal(stage_int(s, "EXISTS user:7:sessions"), 0);
}

static void repair__counts_its_own_reads__when_it_looks(void **state)
{
    struct stage *s = *state;
    struct order o;
    int64_t hits, misses, hits0, misses0;
    add_session(s, "orphan-1", "7", 500);
    stage_do(s, "SADD user:7:sessions stale-1");
    runner_own_reads(s->runner, &hits0, &misses0);
    stage_do(s, "CONFIG RESETSTAT");
    begin(&o);
    order_add_stray(&o, S("7"), S("stale-1"), false);
    s->ask_only = true;
    repair(s, &o);
    runner_own_reads(s->runner, &hits, &misses);
    /* PTTL of the index and of the session, SISMEMBER. */
    assert_int_equal(hits - hits0, 2);
    assert_int_equal(misses - misses0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            repair__puts_orphans_in_and_takes_stale_entries_out__when_they_are_as_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repair__makes_the_index_anew_with_a_ttl__when_it_is_gone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(repair__leaves_the_set_gone__when_its_last_entry_was_stale, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(repair__plans_nothing__when_all_is_in_order_by_now, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(repair__says_why__when_an_index_is_no_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repair__fails__when_no_index_can_be_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repair__leaves_alone_what_changed__when_it_does_between_plan_and_run,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(repair__watches_what_it_changes__when_it_is_done, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repair__goes_on_in_groups__when_there_are_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repair__says_what_is_left__when_it_is_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repair__fails_with_the_servers_words__when_it_may_not_write, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(repair__counts_its_own_reads__when_it_looks, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
