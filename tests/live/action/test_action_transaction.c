/* Users whom the server lets do everything but transactions: what belongs together is done together or not at
 * all, the receipt says so, and the connection serves the next order. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const denied[] = {"-multi", "-exec", "-exec -discard", "-multi -discard -unwatch"};

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

static const char *denies; /* when the plan has been made, just before it is carried out */

static void deny(struct stage *s)
{
    stage_do(s, "ACL SETUSER default %s", denies);
}

static void allow(struct stage *s)
{
    stage_do(s, "ACL SETUSER default +@all");
    s->at_plan = NULL;
}

/* The first receipt of the order that was not allowed. */
static void assert_refused(struct stage *s, const char *line)
{
    bool named = s->count > 0 && strstr(s->told[0].text, "NOPERM");
    if (!s->finished || s->outcome != ACTION_FAILED || s->count == 0 || s->told[0].outcome != ACTION_FAILED ||
        !named) {
        fail_msg("%s with %s: %s; %s", line, denies, s->count ? s->told[0].text : "no receipt", s->text);
    }
}

static void transaction__is_whole_or_nothing__and_its_receipt_is_true(void **state)
{
    (void)state;
    static const struct {
        const char *prepare, *line, *ask;
        long long before, after;
    } cases[] = {
        {"SET exam:7 v", "expire exam:7 10m", "PERSIST exam:7", 0, 1},
        {"SET exam:7 v EX 3600", "persist exam:7", "EXPIRE exam:7 3600 NX", 0, 1},
        {"SET exam:7 v", "delete exam:7", "EXISTS exam:7", 1, 0},
        {"MSET exam:7 v exam:8 v", "invalidate exam:*", "EXISTS exam:7 exam:8", 2, 0},
        {"LPUSH celery a b c", "purge celery", "LLEN celery", 3, 0},
    };
    for (size_t d = 0; d < COUNT_OF(denied); d++) {
        for (size_t i = 0; i < COUNT_OF(cases); i++) {
            struct stage *s = stage_new(NULL);
            stage_keep(s, NULL);
            stage_do(s, "%s", cases[i].prepare);
            denies = denied[d];
            s->at_plan = deny;
            stage_order(s, cases[i].line);
            allow(s);
            assert_refused(s, cases[i].line);
            if (stage_int(s, "%s", cases[i].ask) != cases[i].before) {
                fail_msg("%s with %s was carried out", cases[i].line, denied[d]);
            }
            stage_order(s, cases[i].line); /* nothing is left of the first attempt */
            if (s->outcome != ACTION_DONE || stage_int(s, "%s", cases[i].ask) != cases[i].after) {
                fail_msg("%s after %s: %s", cases[i].line, denied[d], s->text);
            }
            stage_free(s);
        }
    }
}

static void repair__changes_no_index__where_transactions_are_refused(void **state)
{
    struct stage *s = *state;
    for (size_t d = 0; d < COUNT_OF(denied); d++) {
        struct order o;
        stage_do(s, "SET session:orphan-1 {\"user_id\":7,\"role\":\"student\"} EX 3600");
        stage_do(s, "DEL user:7:sessions");
        stage_do(s, "SADD user:7:sessions stale-1");
        denies = denied[d];
        for (int time = 0; time < 2; time++) {
            order_init(&o, VERB_REPAIR);
            order_add_stray(&o, S("7"), S("stale-1"), false);
            order_add_stray(&o, S("7"), S("orphan-1"), true);
            s->at_plan = time == 0 ? deny : NULL;
            stage_give(s, &o);
            order_release(&o);
            allow(s);
            if (time == 0) {
                assert_refused(s, "repair");
            } else {
                stage_assert_end(s, ACTION_DONE, "1 orphan put in, 1 stale entry taken out");
            }
            assert_int_equal(stage_int(s, "SISMEMBER user:7:sessions stale-1"), time == 0);
            assert_int_equal(stage_int(s, "SISMEMBER user:7:sessions orphan-1"), time == 1);
        }
    }
}

static void move__leaves_the_message_where_it_is__where_transactions_are_refused(void **state)
{
    struct stage *s = *state;
    for (size_t d = 0; d < COUNT_OF(denied); d++) {
        char line[128];
        stage_do(s, "DEL celery other");
        stage_order(s, "enqueue api.tasks.echo");
        snprintf(line, sizeof line, "move %s --queue other", s->out);
        denies = denied[d];
        s->at_plan = deny;
        stage_order(s, line);
        allow(s);
        assert_refused(s, "move");
        assert_int_equal(stage_int(s, "LLEN celery"), 1);
        assert_int_equal(stage_int(s, "LLEN other"), 0);
        stage_order(s, line);
        assert_int_equal(s->outcome, ACTION_DONE);
        assert_int_equal(stage_int(s, "LLEN other"), 1);
    }
}

/* From the start on: nothing can be kept then; what needs no transaction goes on. */
static void invalidate__deletes_without_keeping__where_transactions_are_never_allowed(void **state)
{
    struct stage *s = *state;
    stage_keep(s, NULL);
    stage_do(s, "MSET leaderboard:7 v leaderboard:8 v");
    stage_do(s, "ACL SETUSER default -multi");
    stage_order(s, "invalidate leaderboard:7");
    allow(s);
    stage_assert_plan(s, "NOPERM");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_int_equal(stage_int(s, "EXISTS leaderboard:7"), 0);
}

static bool has_come_back(struct stage *s)
{
    return link_status(s->act)->connects > 1 && stage_is_ready(s);
}

/* An EXEC that the server does not even know leaves the transaction open (so does a denied one before 6.2).
 */
static void transaction__is_left__when_exec_does_not_end_it(void **state)
{
    (void)state;
    static const char *const renamed[][7] = {
        {"--rename-command", "EXEC", "", NULL},
        {"--rename-command", "EXEC", "", "--rename-command", "DISCARD", "", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(renamed); i++) {
        struct stage *s = stage_new(&(struct server_options){.args = renamed[i]});
        stage_do(s, "MSET exam:7 v leaderboard:7 v");
        stage_order(s, "expire exam:7 10m");
        assert_int_equal(s->outcome, ACTION_FAILED);
        assert_non_null(strstr(s->text, "unknown command"));
        assert_int_equal(stage_int(s, "TTL exam:7"), -1);
        if (i == 1) {
            stage_wait(s, has_come_back); /* the only way out */
        }
        stage_order(s, "invalidate leaderboard:7");
        stage_assert_end(s, ACTION_DONE, "deleted 1 of 1");
        assert_int_equal(stage_int(s, "EXISTS leaderboard:7"), 0);
        stage_free(s);
    }
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transaction__is_whole_or_nothing__and_its_receipt_is_true),
        cmocka_unit_test(transaction__is_left__when_exec_does_not_end_it),
        cmocka_unit_test_setup_teardown(repair__changes_no_index__where_transactions_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(move__leaves_the_message_where_it_is__where_transactions_are_refused,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            invalidate__deletes_without_keeping__where_transactions_are_never_allowed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
