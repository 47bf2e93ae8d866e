/* The state of a task from all that is known of it, as long as all goes well: one rule, one test. */
#include "task_story.h"

#include <math.h>
#include <stdio.h>

static void task__is_waiting__when_its_message_is_in_a_list(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(
        &s, "task_message id=a place=list queue=celery step=3 position=0 ref=r1 name=api.t args=\"[1, 2]\" "
            "kwargs={} retries=0 priority=4");
    assert_state(&s, "a", TASK_STATE_WAITING, TASK_FROM_LIST);
    const struct task *t = task(&s, "a");
    assert_string_equal(t->name, "api.t");
    assert_string_equal(t->args, "[1, 2]");
    assert_string_equal(t->kwargs, "{}");
    assert_int_equal(t->priority, 4);
    assert_int_equal(t->message.kind, TARGET_MESSAGE);
    assert_true(span_equal(target_id(&t->message), S("r1")));
    assert_int_equal(t->deliveries, 0);
    story_end(&s);
}

static void task__is_unknown__when_it_left_its_list_and_nothing_else_tells(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "task_message id=a place=list queue=celery position=0 ref=r1 retries=0");
    story_wait(&s, 1);
    story_tell(&s, "task_sweep scope=list name=celery begun_us=%lld", (long long)s.now_us);
    assert_state(&s, "a", TASK_STATE_UNKNOWN, (enum task_source)0);
    assert_int_equal(task(&s, "a")->message.kind, TARGET_NONE);
    story_end(&s);
}

static void task__stays_waiting__when_the_sweep_began_before_it_was_seen(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    long long begun = (long long)s.now_us;
    story_wait(&s, 1);
    story_tell(&s, "task_message id=a place=list queue=celery position=0 ref=r1 retries=0");
    story_tell(&s, "task_sweep scope=list name=celery begun_us=%lld", begun);
    assert_state(&s, "a", TASK_STATE_WAITING, TASK_FROM_LIST);
    story_tell(&s, "task_sweep scope=list name=celery step=3 begun_us=%lld", (long long)s.now_us + 1);
    assert_state(&s, "a", TASK_STATE_WAITING, TASK_FROM_LIST);
    story_end(&s);
}

static void task__waits_by_its_producers_word__until_its_list_was_read_whole(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_event(&s, "a", "sent", "queue=celery name=api.t");
    assert_state(&s, "a", TASK_STATE_WAITING, TASK_FROM_EVENT);
    story_wait(&s, 1);
    story_tell(&s, "task_sweep scope=list name=celery seen=100 begun_us=%lld", (long long)s.now_us);
    assert_state(&s, "a", TASK_STATE_WAITING, TASK_FROM_EVENT);
    story_tell(&s, "task_sweep scope=list name=celery begun_us=%lld", (long long)s.now_us);
    assert_state(&s, "a", TASK_STATE_UNKNOWN, (enum task_source)0);
    story_end(&s);
}

static void task__is_reserved__when_it_is_in_unacked(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_unacked(&s, "a", "");
    assert_state(&s, "a", TASK_STATE_RESERVED, TASK_FROM_UNACKED);
    assert_int_equal(task(&s, "a")->message.kind, TARGET_DELIVERY);
    assert_int_equal(task(&s, "a")->deliveries, 1);
    story_end(&s);
}

static void task__is_scheduled__until_its_eta(void **state)
{
    (void)state;
    struct story s;
    char more[64];
    story_begin(&s);
    snprintf(more, sizeof(more), "eta_wall_us=%lld", wall(&s) + 5 * SECOND);
    tell_unacked(&s, "a", more);
    assert_state(&s, "a", TASK_STATE_SCHEDULED, TASK_FROM_UNACKED);
    story_wait(&s, 6);
    assert_state(&s, "a", TASK_STATE_RESERVED, TASK_FROM_UNACKED);
    story_end(&s);
}

static void task__runs__when_its_result_says_started_and_it_is_in_unacked(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_unacked(&s, "a", "");
    story_tell(&s, "task id=a state=STARTED hostname=w1");
    assert_state(&s, "a", TASK_STATE_RUNNING, TASK_FROM_RESULT);
    assert_string_equal(task(&s, "a")->worker, "w1");
    story_tell(&s, "task id=a state=PROGRESS current=1 total=4 percentage=25");
    assert_state(&s, "a", TASK_STATE_RUNNING, TASK_FROM_RESULT);
    assert_near(task(&s, "a")->part, 0.25);
    assert_string_equal(task(&s, "a")->worker, "w1");
    story_end(&s);
}

static void task__start_is_unknown__when_its_result_said_started_before_it_was_read(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "task id=a state=STARTED hostname=w1");
    assert_int_equal(task(&s, "a")->started_us, -1);
    tell_unacked(&s, "b", "");
    story_tell(&s, "task id=b state=");
    story_tell(&s, "task id=b state=STARTED hostname=w1");
    assert_int_equal(task(&s, "b")->started_us, wall(&s)); /* it was absent a moment ago */
    story_end(&s);
}

static void task__lives_its_life__by_events_alone(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_event(&s, "a", "received", "name=api.t args=\"('hello',)\" kwargs={} retries=0");
    assert_state(&s, "a", TASK_STATE_RESERVED, TASK_FROM_EVENT);
    assert_true(task(&s, "a")->args_are_repr);
    story_wait(&s, 1);
    tell_event(&s, "a", "started", "");
    assert_state(&s, "a", TASK_STATE_RUNNING, TASK_FROM_EVENT);
    story_wait(&s, 1);
    tell_event(&s, "a", "succeeded", "text=\"{'a': 1}\" runtime_s=0.75");
    assert_state(&s, "a", TASK_STATE_SUCCEEDED, TASK_FROM_EVENT);
    assert_near(task(&s, "a")->runtime_s, 0.75);
    assert_string_equal(task(&s, "a")->text, "{'a': 1}");
    assert_int_equal(task(&s, "a")->flags, 0);
    assert_int_equal(task(&s, "a")->deliveries, 1);
    story_end(&s);
}

static void task__ends_as_its_result_says__whatever_events_said(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_event(&s, "a", "received", "name=api.t retries=0");
    tell_event(&s, "a", "started", "");
    story_tell(&s, "task id=a state=FAILURE error=\"KeyError: x\" exception=KeyError date_done_us=%lld",
               wall(&s));
    assert_state(&s, "a", TASK_STATE_FAILED, TASK_FROM_RESULT);
    tell_event(&s, "a", "succeeded", "");
    assert_state(&s, "a", TASK_STATE_FAILED, TASK_FROM_RESULT);
    assert_string_equal(task(&s, "a")->exception, "KeyError");
    story_end(&s);
}

static void task__changed_when_it_ended__also_when_that_is_read_later(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "task id=a state=FAILURE date_done_us=%lld", (long long)(wall(&s) - 600 * SECOND));
    assert_int_equal(task(&s, "a")->changed_us, s.now_us - 600 * SECOND);
    story_tell(&s, "task id=b state=STARTED");
    assert_int_equal(task(&s, "b")->changed_us, s.now_us);
    story_tell(&s, "task id=c state=SUCCESS date_done_us=%lld", (long long)(wall(&s) + 5 * SECOND));
    assert_int_equal(task(&s, "c")->changed_us, s.now_us); /* another clock is ahead */
    story_end(&s);
}

static void task__is_not_restarted__by_events_that_are_later_than_its_result(void **state)
{
    (void)state;
    struct story s;
    char more[64];
    story_begin(&s);
    long long done = wall(&s);
    story_wait(&s, 1);
    story_tell(&s, "task id=a state=SUCCESS date_done_us=%lld", done);
    snprintf(more, sizeof(more), "sent_wall_us=%lld retries=0", done - 1000);
    tell_event(&s, "a", "received", more);
    /* The worker stamps it when it hears of the start from its pool. */
    snprintf(more, sizeof(more), "sent_wall_us=%lld", done + 700);
    tell_event(&s, "a", "started", more);
    assert_state(&s, "a", TASK_STATE_SUCCEEDED, TASK_FROM_RESULT);
    assert_int_equal(task(&s, "a")->flags & TASK_FLAG_SECOND_RUN, 0);
    story_end(&s);
}

static void task__succeeds_by_event__when_no_result_is_ever_stored(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_event(&s, "a", "received", "name=api.t retries=0");
    tell_event(&s, "a", "started", "");
    tell_event(&s, "a", "succeeded", "runtime_s=0.1");
    story_tell(&s, "task id=a");
    assert_state(&s, "a", TASK_STATE_SUCCEEDED, TASK_FROM_EVENT);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(task__is_waiting__when_its_message_is_in_a_list),
        cmocka_unit_test(task__is_unknown__when_it_left_its_list_and_nothing_else_tells),
        cmocka_unit_test(task__stays_waiting__when_the_sweep_began_before_it_was_seen),
        cmocka_unit_test(task__waits_by_its_producers_word__until_its_list_was_read_whole),
        cmocka_unit_test(task__is_reserved__when_it_is_in_unacked),
        cmocka_unit_test(task__is_scheduled__until_its_eta),
        cmocka_unit_test(task__runs__when_its_result_says_started_and_it_is_in_unacked),
        cmocka_unit_test(task__start_is_unknown__when_its_result_said_started_before_it_was_read),
        cmocka_unit_test(task__lives_its_life__by_events_alone),
        cmocka_unit_test(task__ends_as_its_result_says__whatever_events_said),
        cmocka_unit_test(task__changed_when_it_ended__also_when_that_is_read_later),
        cmocka_unit_test(task__is_not_restarted__by_events_that_are_later_than_its_result),
        cmocka_unit_test(task__succeeds_by_event__when_no_result_is_ever_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
