/* The state of a task that was lost, orphaned, retried, revoked or delivered again: one rule, one test. */
#include "task_story.h"

#include <math.h>
#include <stdio.h>

static void task__is_lost__when_started_and_neither_in_unacked_nor_with_a_worker(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    worker_answers(&s, "w1");
    story_tell(&s, "task id=a state=STARTED hostname=w1");
    story_wait(&s, 3);
    assert_state(&s, "a", TASK_STATE_RUNNING, TASK_FROM_RESULT);
    sweep(&s, NULL); /* the worker may have it: it acknowledges early, perhaps */
    assert_state(&s, "a", TASK_STATE_RUNNING, TASK_FROM_RESULT);
    sweep(&s, "w1");
    assert_state(&s, "a", TASK_STATE_LOST, TASK_FROM_RESULT);
    story_tell(&s, "task id=a state=SUCCESS date_done_us=%lld", wall(&s));
    assert_state(&s, "a", TASK_STATE_SUCCEEDED, TASK_FROM_RESULT);
    story_end(&s);
}

static void task__is_lost_where_nobody_can_be_asked__once_late_acks_were_seen(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "worker_bound names=w1");
    story_tell(&s, "task id=a state=STARTED hostname=w1");
    story_wait(&s, 3);
    sweep(&s, NULL);
    assert_state(&s, "a", TASK_STATE_RUNNING, TASK_FROM_RESULT);
    story_tell(&s, "task id=b state=STARTED hostname=w1");
    story_wait(&s, 1);
    tell_unacked(&s, "b", "");
    sweep(&s, NULL);
    assert_state(&s, "b", TASK_STATE_RUNNING, TASK_FROM_RESULT);
    assert_state(&s, "a", TASK_STATE_LOST, TASK_FROM_RESULT);
    story_end(&s);
}

static void task__runs__while_a_worker_says_so(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    worker_answers(&s, "w1");
    story_tell(&s, "task id=a state=STARTED hostname=w1");
    story_wait(&s, 3);
    story_tell(&s, "task_held id=a worker=w1 hold=active started_wall_us=%lld", wall(&s));
    sweep(&s, "w1");
    assert_state(&s, "a", TASK_STATE_RUNNING, TASK_FROM_WORKER);
    story_end(&s);
}

static void task__is_rejected__when_a_worker_said_so(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_event(&s, "a", "received", "retries=0");
    tell_event(&s, "a", "started", "");
    story_tell(&s, "task id=a state=STARTED hostname=w1");
    tell_event(&s, "a", "rejected", "requeue=0");
    assert_state(&s, "a", TASK_STATE_REJECTED, TASK_FROM_EVENT);
    story_tell(&s, "task id=a state=STARTED hostname=w1");
    assert_state(&s, "a", TASK_STATE_REJECTED, TASK_FROM_EVENT);
    story_end(&s);
}

static void task__comes_again__when_it_was_rejected_and_put_back(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_event(&s, "a", "received", "retries=0");
    tell_event(&s, "a", "started", "");
    story_wait(&s, 4);
    tell_event(&s, "a", "rejected", "requeue=1");
    assert_state(&s, "a", TASK_STATE_RETRY, TASK_FROM_EVENT);
    story_tell(&s, "task_message id=a place=list queue=celery position=0 ref=r1 retries=0 redelivered=1");
    assert_state(&s, "a", TASK_STATE_WAITING, TASK_FROM_LIST);
    assert_true(task(&s, "a")->flags & TASK_FLAG_REDELIVERED);
    story_end(&s);
}

static void task__is_orphaned__when_its_worker_is_lost(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "worker name=w1 event=heartbeat");
    tell_unacked(&s, "a", "");
    story_tell(&s, "task id=a state=STARTED hostname=w1");
    assert_state(&s, "a", TASK_STATE_RUNNING, TASK_FROM_RESULT);
    story_wait(&s, 16);
    assert_state(&s, "a", TASK_STATE_ORPHANED, TASK_FROM_UNACKED);
    story_tell(&s, "worker name=w1 event=heartbeat");
    story_wait(&s, 1);
    assert_state(&s, "a", TASK_STATE_RUNNING, TASK_FROM_RESULT);
    story_end(&s);
}

static void task__is_orphaned__when_no_worker_that_answers_holds_it(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    worker_answers(&s, "w1");
    worker_answers(&s, "w2");
    tell_unacked(&s, "a", "");
    tell_unacked(&s, "b", "");
    story_wait(&s, 1);
    story_tell(&s, "task_held id=b worker=w2 hold=reserved");
    story_tell(&s, "task_sweep scope=worker name=w1 begun_us=%lld", (long long)s.now_us);
    assert_state(&s, "a", TASK_STATE_RESERVED, TASK_FROM_UNACKED);
    story_tell(&s, "task_sweep scope=worker name=w2 begun_us=%lld", (long long)s.now_us);
    assert_state(&s, "a", TASK_STATE_ORPHANED, TASK_FROM_UNACKED);
    assert_state(&s, "b", TASK_STATE_RESERVED, TASK_FROM_WORKER);
    story_end(&s);
}

static void task__is_no_orphan__while_a_stopping_worker_may_finish_it(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "worker name=w1 event=heartbeat");
    tell_unacked(&s, "a", "");
    story_tell(&s, "task id=a state=STARTED hostname=w1");
    story_tell(&s, "worker name=w1 event=offline");
    story_wait(&s, 30);
    assert_state(&s, "a", TASK_STATE_RUNNING, TASK_FROM_RESULT);
    story_wait(&s, 31);
    assert_state(&s, "a", TASK_STATE_ORPHANED, TASK_FROM_UNACKED);
    story_end(&s);
}

static void task__retries__between_two_attempts(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "task id=a state=RETRY error=\"OSError: x\" exception=OSError");
    assert_state(&s, "a", TASK_STATE_RETRY, TASK_FROM_RESULT);
    story_tell(&s, "task_message id=a place=unacked tag=t2 retries=1 eta_wall_us=%lld",
               wall(&s) + 9 * SECOND);
    assert_state(&s, "a", TASK_STATE_SCHEDULED, TASK_FROM_UNACKED);
    story_tell(&s, "task id=a state=SUCCESS date_done_us=%lld", wall(&s));
    assert_string_equal(task(&s, "a")->exception, "");
    assert_string_equal(task(&s, "a")->text, "");
    story_end(&s);
}

static void task__waits__though_an_earlier_attempt_left_a_result(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_unacked(&s, "a", "");
    story_tell(&s, "task id=a state=STARTED hostname=w1");
    story_wait(&s, 1);
    story_tell(&s, "task_message id=a place=list queue=celery position=0 ref=r2 retries=1");
    assert_state(&s, "a", TASK_STATE_WAITING, TASK_FROM_LIST);
    assert_int_equal(task(&s, "a")->retries, 1);
    story_end(&s);
}

static void task__keeps_its_second_attempt__when_the_end_of_the_first_is_told_after_it(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_event(&s, "a", "received", "retries=0");
    tell_event(&s, "a", "started", "");
    tell_event(&s, "a", "received", "retries=1");
    tell_event(&s, "a", "retried", "exception=OSError text=\"OSError('x')\"");
    assert_state(&s, "a", TASK_STATE_RESERVED, TASK_FROM_EVENT);
    assert_string_equal(task(&s, "a")->exception, "OSError");
    tell_event(&s, "a", "started", "");
    tell_event(&s, "a", "retried", "exception=OSError");
    assert_state(&s, "a", TASK_STATE_RETRY, TASK_FROM_EVENT);
    assert_int_equal(task(&s, "a")->flags & TASK_FLAG_POISON, 0);
    story_end(&s);
}

static void task__stays_succeeded__when_it_is_run_a_second_time(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_event(&s, "a", "received", "retries=0");
    tell_event(&s, "a", "started", "");
    tell_event(&s, "a", "succeeded", "runtime_s=1");
    story_wait(&s, 5);
    tell_event(&s, "a", "received", "retries=0");
    tell_event(&s, "a", "started", "");
    assert_state(&s, "a", TASK_STATE_SUCCEEDED, TASK_FROM_EVENT);
    assert_true(task(&s, "a")->flags & TASK_FLAG_SECOND_RUN);
    assert_int_equal(task(&s, "a")->deliveries, 2);
    story_end(&s);
}

static void task__is_seen_running_twice__on_two_workers(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    worker_answers(&s, "w1");
    worker_answers(&s, "w2");
    story_tell(&s, "task_held id=a worker=w1 hold=active");
    assert_int_equal(task(&s, "a")->flags & TASK_FLAG_SECOND_RUN, 0);
    story_tell(&s, "task_held id=a worker=w2 hold=active");
    assert_state(&s, "a", TASK_STATE_RUNNING, TASK_FROM_WORKER);
    assert_true(task(&s, "a")->flags & TASK_FLAG_SECOND_RUN);
    story_end(&s);
}

static void task__runs_again_behind_a_failure__when_it_was_delivered_after_it(void **state)
{
    (void)state;
    struct story s;
    char more[80];
    story_begin(&s);
    story_tell(&s, "task id=a state=FAILURE exception=WorkerLostError date_done_us=%lld", wall(&s));
    snprintf(more, sizeof(more), "redelivered=1 delivered_wall_us=%lld", wall(&s) + 10 * SECOND);
    story_wait(&s, 11);
    tell_unacked(&s, "a", more);
    assert_state(&s, "a", TASK_STATE_RESERVED, TASK_FROM_UNACKED);
    story_end(&s);
}

static void task__is_revoked__with_the_reason(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_event(&s, "a", "revoked", "expired=1");
    assert_state(&s, "a", TASK_STATE_REVOKED, TASK_FROM_EVENT);
    assert_string_equal(task(&s, "a")->text, "expired");
    story_tell(&s, "task id=b state=REVOKED error=\"TaskRevokedError: terminated\"");
    assert_state(&s, "b", TASK_STATE_REVOKED, TASK_FROM_RESULT);
    story_end(&s);
}

static void task__is_poison__when_it_was_delivered_three_times(void **state)
{
    (void)state;
    struct story s;
    char more[80];
    story_begin(&s);
    for (int i = 0; i < 3; i++) {
        assert_true(i == 0 || (task(&s, "a")->flags & TASK_FLAG_POISON) == 0);
        snprintf(more, sizeof(more), "delivered_wall_us=%lld redelivered=%d", wall(&s), i > 0);
        tell_unacked(&s, "a", more);
        tell_unacked(&s, "a", more); /* read twice, delivered once */
        story_wait(&s, 60);
    }
    assert_int_equal(task(&s, "a")->deliveries, 3);
    assert_true(task(&s, "a")->flags & TASK_FLAG_POISON);
    story_end(&s);
}

static void task__is_near_and_then_beyond__the_visibility_timeout_of_its_worker(void **state)
{
    (void)state;
    struct story s;
    char more[80];
    story_begin(&s);
    snprintf(more, sizeof(more), "delivered_wall_us=%lld", wall(&s));
    tell_unacked(&s, "a", more);
    tell_unacked(&s, "b", more);
    story_tell(&s, "worker_stats name=w1 visibility_s=100");
    story_tell(&s, "task_held id=a worker=w1 hold=active");
    story_wait(&s, 74);
    assert_int_equal(task(&s, "a")->flags, 0);
    story_wait(&s, 2);
    assert_int_equal(task(&s, "a")->flags, TASK_FLAG_NEAR_TIMEOUT);
    story_wait(&s, 26);
    assert_int_equal(task(&s, "a")->flags, TASK_FLAG_OVERDUE);
    assert_int_equal(task(&s, "b")->flags, 0);
    story_wait(&s, 2600);
    assert_int_equal(task(&s, "b")->flags & TASK_FLAG_NEAR_TIMEOUT, TASK_FLAG_NEAR_TIMEOUT);
    story_end(&s);
}

static void task__is_unconsumed__when_no_worker_consumes_its_queue(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "task_message id=a place=list queue=questions position=0 ref=r retries=0");
    assert_int_equal(task(&s, "a")->flags, 0);
    worker_answers(&s, "w1");
    story_wait(&s, 1);
    assert_int_equal(task(&s, "a")->flags, 0);
    story_tell(&s, "worker_queues name=w1 queues=celery");
    story_wait(&s, 1);
    assert_int_equal(task(&s, "a")->flags, TASK_FLAG_UNCONSUMED);
    story_tell(&s, "worker_queues name=w1 queues=\"celery\\x06\\x16questions\"");
    story_wait(&s, 1);
    assert_int_equal(task(&s, "a")->flags, 0);
    story_end(&s);
}

static void task__says__what_a_worker_would_do_with_its_message(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "task_message id=a place=list queue=celery ref=r fate=dropped reason=\"eta is no date\"");
    assert_int_equal(task(&s, "a")->flags, TASK_FLAG_DROPPED);
    assert_string_equal(task(&s, "a")->text, "eta is no date");
    story_tell(&s, "task_message id=b place=list queue=celery ref=r fate=kills_again reason=\"no body\"");
    assert_int_equal(task(&s, "b")->flags, TASK_FLAG_POISON);
    story_end(&s);
}

static void task__heals__when_events_were_missed(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    worker_answers(&s, "w1");
    tell_event(&s, "a", "received", "retries=0");
    tell_event(&s, "b", "received", "retries=0");
    tell_event(&s, "a", "started", "");
    /* the feed is away meanwhile */
    story_wait(&s, 3);
    story_tell(&s, "task id=a state=SUCCESS date_done_us=%lld", wall(&s));
    story_tell(&s, "task id=b");
    sweep(&s, "w1");
    assert_state(&s, "a", TASK_STATE_SUCCEEDED, TASK_FROM_RESULT);
    assert_state(&s, "b", TASK_STATE_UNKNOWN, (enum task_source)0);
    story_end(&s);
}

static void task__end_stays__when_its_result_has_run_out(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "task id=a state=SUCCESS date_done_us=%lld", wall(&s));
    story_tell(&s, "task_gone id=a");
    assert_state(&s, "a", TASK_STATE_SUCCEEDED, TASK_FROM_RESULT);
    assert_int_equal(task(&s, "a")->sources, 0);
    story_tell(&s, "task_gone id=never-heard-of");
    story_tell(&s, "task id=never-heard-of");
    assert_int_equal(model_task_count(s.m), 1);
    story_end(&s);
}

static void task__stays_as_it_is__when_unacked_was_too_large_to_be_read(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_unacked(&s, "a", "");
    story_wait(&s, 5);
    story_tell(&s, "task_sweep scope=unacked seen=1000 begun_us=%lld", (long long)s.now_us);
    assert_state(&s, "a", TASK_STATE_RESERVED, TASK_FROM_UNACKED);
    sweep(&s, NULL);
    assert_state(&s, "a", TASK_STATE_UNKNOWN, (enum task_source)0);
    story_end(&s);
}

static void task__runs__when_its_worker_has_it_twice(void **state)
{
    (void)state;
    static const char *const order[][2] = {{"active", "reserved"}, {"reserved", "active"}};
    for (size_t i = 0; i < 2; i++) {
        struct story s;
        story_begin(&s);
        worker_answers(&s, "w1");
        for (int round = 0; round < 2; round++) {
            story_tell(&s, "task_held id=a worker=w1 hold=%s", order[i][0]);
            story_tell(&s, "task_held id=a worker=w1 hold=%s", order[i][1]);
            story_tell(&s, "task_sweep scope=worker name=w1 begun_us=%lld", (long long)s.now_us);
            assert_state(&s, "a", TASK_STATE_RUNNING, TASK_FROM_WORKER);
            story_wait(&s, 5);
        }
        story_tell(&s, "task_held id=a worker=w1 hold=reserved"); /* one copy is done, the other one waits */
        story_tell(&s, "task_sweep scope=worker name=w1 begun_us=%lld", (long long)s.now_us);
        assert_state(&s, "a", TASK_STATE_RESERVED, TASK_FROM_WORKER);
        story_end(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(task__is_lost__when_started_and_neither_in_unacked_nor_with_a_worker),
        cmocka_unit_test(task__is_lost_where_nobody_can_be_asked__once_late_acks_were_seen),
        cmocka_unit_test(task__runs__while_a_worker_says_so),
        cmocka_unit_test(task__is_rejected__when_a_worker_said_so),
        cmocka_unit_test(task__comes_again__when_it_was_rejected_and_put_back),
        cmocka_unit_test(task__is_orphaned__when_its_worker_is_lost),
        cmocka_unit_test(task__is_orphaned__when_no_worker_that_answers_holds_it),
        cmocka_unit_test(task__is_no_orphan__while_a_stopping_worker_may_finish_it),
        cmocka_unit_test(task__retries__between_two_attempts),
        cmocka_unit_test(task__waits__though_an_earlier_attempt_left_a_result),
        cmocka_unit_test(task__keeps_its_second_attempt__when_the_end_of_the_first_is_told_after_it),
        cmocka_unit_test(task__stays_succeeded__when_it_is_run_a_second_time),
        cmocka_unit_test(task__is_seen_running_twice__on_two_workers),
        cmocka_unit_test(task__runs_again_behind_a_failure__when_it_was_delivered_after_it),
        cmocka_unit_test(task__is_revoked__with_the_reason),
        cmocka_unit_test(task__is_poison__when_it_was_delivered_three_times),
        cmocka_unit_test(task__is_near_and_then_beyond__the_visibility_timeout_of_its_worker),
        cmocka_unit_test(task__is_unconsumed__when_no_worker_consumes_its_queue),
        cmocka_unit_test(task__says__what_a_worker_would_do_with_its_message),
        cmocka_unit_test(task__heals__when_events_were_missed),
        cmocka_unit_test(task__end_stays__when_its_result_has_run_out),
        cmocka_unit_test(task__stays_as_it_is__when_unacked_was_too_large_to_be_read),
        cmocka_unit_test(task__runs__when_its_worker_has_it_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
