/* Rules on things there are many of: a row for each that is amiss. */
#include "alert_story.h"

#include <math.h>
#include <stdio.h>

static void each_thing__has_a_row__only_while_something_is_amiss(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "deep when queue.depth > 10 for 2s clear 5");
    queues(&s, 3, "a", 4, "b", 7, "c", 1);
    assert_int_equal(rows(&s, "deep"), 1);
    assert_int_equal(alert(&s, "deep", "")->state, ALERT_OK);
    assert_int_equal(alert(&s, "deep", "")->about.kind, TARGET_NONE);
    assert_string_equal(alert(&s, "deep", "")->object, "b"); /* the worst, for the eye */
    int64_t from_us = s.now_us;
    queues(&s, 3, "a", 40, "b", 7, "c", 50);
    assert_int_equal(rows(&s, "deep"), 2);
    const struct alert *c = alert(&s, "deep", "c");
    assert_int_equal(c->state, ALERT_PENDING);
    assert_int_equal(c->about.kind, TARGET_QUEUE);
    assert_string_equal(c->about.id, "c");
    assert_int_equal(c->crossed_us, from_us);
    assert_null(find(&s, "deep", ""));
    story_wait_us(&s, 2 * SECOND - 1);
    assert_int_equal(alert(&s, "deep", "c")->state, ALERT_PENDING);
    queues(&s, 3, "a", 6, "b", 7, "c", 50);
    story_wait_us(&s, 1);
    assert_int_equal(alert(&s, "deep", "c")->state, ALERT_FIRING);
    assert_int_equal(alert(&s, "deep", "c")->since_us, from_us + 2 * SECOND);
    assert_int_equal(rows(&s, "deep"), 1); /* a was pending and is fine */
    queues(&s, 3, "a", 6, "b", 7, "c", 6);
    assert_int_equal(alert(&s, "deep", "c")->state, ALERT_FIRING); /* between value and clear */
    assert_true(alert(&s, "deep", "c")->worst == 50);
    queues(&s, 3, "a", 6, "b", 7, "c", 5);
    assert_int_equal(alert(&s, "deep", "c")->state, ALERT_RESOLVED);
    for (int i = 0; i < 600; i++) {
        story_wait(&s, 1);
        queues(&s, 3, "a", 6, "b", 7, "c", 5);
    }
    assert_null(find(&s, "deep", "c"));
    assert_int_equal(alert(&s, "deep", "")->state, ALERT_OK);
    story_end(&s);
}

static void of__restricts_a_rule__to_the_names_that_fit(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "deep when queue.depth of exam* > 10");
    queues(&s, 3, "exam-1", 20, "exam-2", 3, "celery", 99);
    assert_int_equal(rows(&s, "deep"), 1);
    assert_int_equal(alert(&s, "deep", "exam-1")->state, ALERT_FIRING);
    SET(&s, "none when queue.depth of nosuch* > 10");
    SET(&s, "all when queue.depth of * > 1000");
    assert_int_equal(rows(&s, "none"), 0); /* not judged yet */
    story_wait(&s, 0);
    assert_int_equal(alert(&s, "none", "")->state, ALERT_OK); /* that none fits is known */
    story_wait(&s, 300);
    assert_int_equal(alert(&s, "none", "")->state, ALERT_UNKNOWN);
    story_end(&s);
}

/* Told in any order, at once or one after the other. */
static void rows__are_fifty__and_those_that_are_up_keep_theirs(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "deep when queue.depth > 10 clear 5");
    for (int i = 0; i < 60; i++) {
        story_tell(&s, "queue name=q%02d depth=%d,0,0,0", i, 100 + i);
    }
    judge_queues(&s);
    assert_int_equal(rows(&s, "deep"), ALERT_OBJECTS_MAX);
    assert_int_equal(model_alert_of(s.m, alert(&s, "deep", "q59")->rule, 0)->more, 10);
    assert_int_equal(model_alert_of(s.m, alert(&s, "deep", "q59")->rule, 1)->more, 0);
    assert_null(find(&s, "deep", "q09")); /* the ten least are left out */
    assert_non_null(find(&s, "deep", "q10"));
    for (int i = 0; i < 60; i++) { /* who was worst is best now: no row moves */
        story_tell(&s, "queue name=q%02d depth=%d,0,0,0", i, 200 - i);
    }
    story_wait(&s, 1);
    judge_queues(&s);
    assert_null(find(&s, "deep", "q09"));
    assert_int_equal(alert(&s, "deep", "q10")->since_us, STORY_START);
    story_tell(&s, "queue name=q10 depth=0,0,0,0");
    judge_queues(&s);
    assert_int_equal(rows(&s, "deep"), ALERT_OBJECTS_MAX);
    assert_null(find(&s, "deep", "q10")); /* one that is over gives way to the worst that waits */
    assert_int_equal(alert(&s, "deep", "q00")->since_us, STORY_START);
    assert_int_equal(model_alert_of(s.m, alert(&s, "deep", "q00")->rule, 0)->more, 9);
    story_end(&s);
}

static void a_thing__that_went__is_over_and_says_so(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "deep when queue.depth > 10");
    queues(&s, 2, "a", 20, "b", 1);
    for (int i = 0; i < 62; i++) { /* the model forgets it when it is not told for a minute */
        story_wait(&s, 1);
        queues(&s, 1, "b", 1);
    }
    assert_int_equal(alert(&s, "deep", "a")->state, ALERT_RESOLVED);
    assert_string_equal(alert(&s, "deep", "a")->text, "queue a is not there any more");
    queues(&s, 2, "a", 30, "b", 1);
    assert_int_equal(alert(&s, "deep", "a")->state, ALERT_FIRING);
    assert_string_equal(alert(&s, "deep", "a")->text, "queue.depth is 30 (limit 10) a");
    story_end(&s);
}

static void a_topic__nobody_can_read__changes_nothing(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "deep when queue.depth > 10");
    SET(&s, "slow when queue.depth > 10 for 20s");
    queues(&s, 1, "a", 20);
    story_wait(&s, 300); /* not a word of queues */
    assert_int_equal(alert(&s, "deep", "a")->state, ALERT_FIRING);
    assert_true(isnan(alert(&s, "deep", "a")->value));
    assert_string_equal(alert(&s, "deep", "a")->text, "queue.depth is ? (limit 10) a");
    assert_int_equal(alert(&s, "slow", "")->state, ALERT_UNKNOWN); /* silence serves no hold */
    story_end(&s);
}

static void lost_workers__are_told_one_by_one(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 3; i++) {
        story_tell(&s, "worker name=celery@w%d event=heartbeat", i);
    }
    for (int i = 0; i < 100; i++) {
        story_wait(&s, 1);
        story_tell(&s, "worker name=celery@w1 event=heartbeat");
    }
    assert_int_equal(rows(&s, "worker-lost"), 2);
    assert_int_equal(alert(&s, "worker-lost", "celery@w0")->state, ALERT_FIRING);
    assert_int_equal(alert(&s, "worker-lost", "celery@w2")->state, ALERT_FIRING);
    assert_string_equal(alert(&s, "worker-lost", "celery@w2")->text,
                        "worker celery@w2 gone without a goodbye");
    SET(&s, "worker-lost when worker.lost > 0"); /* the words of old */
    story_tell(&s, "worker name=celery@w0 event=heartbeat");
    story_wait(&s, 1);
    assert_int_equal(alert(&s, "worker-lost", "celery@w0")->state, ALERT_RESOLVED);
    assert_int_equal(alert(&s, "worker-lost", "celery@w2")->state, ALERT_FIRING);
    story_end(&s);
}

static void failed_batches__are_over__when_they_are_dismissed_or_old(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "batch id=b1 status=failed error=x");
    story_tell(&s, "batch id=b2 status=failed error=x");
    story_wait(&s, 10);
    assert_int_equal(rows(&s, "batch-failed"), 2);
    assert_string_equal(alert(&s, "batch-failed", "b1")->text, "batch b1 failed");
    assert_int_equal(alert(&s, "batch-failed", "b1")->about.kind, TARGET_TASK);
    story_tell(&s, "dismiss id=b1");
    story_wait(&s, 0);
    assert_int_equal(alert(&s, "batch-failed", "b1")->state, ALERT_RESOLVED);
    assert_int_equal(alert(&s, "batch-failed", "b2")->state, ALERT_FIRING);
    story_wait_us(&s, 590 * SECOND - 1);
    assert_int_equal(alert(&s, "batch-failed", "b2")->state, ALERT_FIRING);
    story_wait_us(&s, 1);
    assert_int_equal(alert(&s, "batch-failed", "b2")->state, ALERT_RESOLVED);
    story_end(&s);
}

static void identities__bear_any_bytes(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "queue name=\"q\\x1f\\x00z\" depth=500,0,0,0");
    SET(&s, "deep when queue.depth > 10");
    judge_queues(&s);
    struct span id = {"deep\x1fq\x1f\0z", 9};
    const struct alert *a = model_alert_find(s.m, id);
    assert_non_null(a);
    assert_int_equal(a->about.id_len, 4);
    struct fact f = {.kind = FACT_ACKNOWLEDGE, .at_us = s.now_us, .acknowledge = {.rule = id}};
    model_apply(s.m, &f);
    assert_int_equal(model_alert_find(s.m, id)->state, ALERT_ACKNOWLEDGED);
    story_end(&s);
}

static void a_rule__that_becomes_about_something_else__begins_anew(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "x when queue.depth > 10");
    queues(&s, 2, "a", 20, "b", 30);
    assert_int_equal(rows(&s, "x"), 2);
    SET(&s, "x when queue.depth > 25"); /* the same, with another limit */
    story_wait(&s, 0);
    assert_int_equal(alert(&s, "x", "b")->since_us, STORY_START);
    assert_int_equal(alert(&s, "x", "a")->state, ALERT_RESOLVED);
    SET(&s, "x when server.clients > 10");
    story_wait(&s, 0);
    assert_int_equal(rows(&s, "x"), 1);
    assert_int_equal(alert(&s, "x", "")->state, ALERT_UNKNOWN);
    SET(&s, "x off");
    story_wait(&s, 0);
    assert_int_equal(rows(&s, "x"), 0);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_thing__has_a_row__only_while_something_is_amiss),
        cmocka_unit_test(of__restricts_a_rule__to_the_names_that_fit),
        cmocka_unit_test(rows__are_fifty__and_those_that_are_up_keep_theirs),
        cmocka_unit_test(a_thing__that_went__is_over_and_says_so),
        cmocka_unit_test(a_topic__nobody_can_read__changes_nothing),
        cmocka_unit_test(lost_workers__are_told_one_by_one),
        cmocka_unit_test(failed_batches__are_over__when_they_are_dismissed_or_old),
        cmocka_unit_test(identities__bear_any_bytes),
        cmocka_unit_test(a_rule__that_becomes_about_something_else__begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
