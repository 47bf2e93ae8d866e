#include "story.h"

#include <math.h>
#include <stdio.h>

static void tell_depth(struct story *s, long depth)
{
    story_tell(s, "queue name=celery depth=%ld,0,0,0 sources=1", depth);
    story_tell(s, "poll topic=queues");
}

static void queue__sums__its_priorities(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "queue name=celery depth=1,2,3,4 sources=5 unacked=7");
    const struct queue *q = story_queue(&s, "celery");
    assert_int_equal(q->depth, 10);
    assert_int_equal(q->by_priority[3], 4);
    assert_int_equal(q->sources, QUEUE_BOUND | QUEUE_FOUND);
    assert_int_equal(q->unacked, 7);
    assert_true(isnan(q->in_per_s) && isnan(q->out_per_s) && isnan(q->drain_s));
    story_tell(&s, "queue name=celery depth=-1,-1,-1,-1");
    assert_int_equal(q->depth, -1);
    story_end(&s);
}

static void queues__are_sorted__by_name(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "queue name=questions depth=0,0,0,0");
    story_tell(&s, "queue name=analytics depth=0,0,0,0");
    story_tell(&s, "queue name=celery depth=0,0,0,0");
    story_tell(&s, "queue name=\"a\\x1b[0m\" depth=0,0,0,0");
    assert_int_equal(model_queue_count(s.m), 4);
    assert_string_equal(model_queue_at(s.m, 0)->display, "a^[[0m");
    assert_string_equal(model_queue_at(s.m, 0)->name, "a\x1b[0m");
    assert_string_equal(model_queue_at(s.m, 1)->name, "analytics");
    assert_string_equal(model_queue_at(s.m, 3)->name, "questions");
    assert_null(model_queue_at(s.m, 4));
    story_end(&s);
}

static void queue__rates__are_what_the_depth_rose_and_fell_by(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    long depth = 1000;
    for (int i = 0; i < 40; i++) {
        tell_depth(&s, depth);
        depth += i % 2 ? 30 : -50; /* +15 and -25 a second */
        story_wait(&s, 1);
    }
    const struct queue *q = story_queue(&s, "celery");
    assert_true(fabs(q->in_per_s - 15) < 1.5);
    assert_true(fabs(q->out_per_s - 25) < 2.5);
    assert_true(q->drain_s > 50 && q->drain_s < 70); /* some 600 left at 10 a second */
    story_end(&s);
}

static void queue__rates__are_the_same_at_any_pace_of_polls(void **state)
{
    (void)state;
    static const int64_t pace_us[] = {SECOND / 4, SECOND, 7 * SECOND, 15 * SECOND, 60 * SECOND};
    for (size_t i = 0; i < COUNT_OF(pace_us); i++) {
        struct story s;
        story_begin(&s);
        for (int k = 0; k < 200; k++) {
            tell_depth(&s, (long)(k * pace_us[i] / SECOND * 4)); /* four a second come in */
            story_wait_us(&s, pace_us[i]);
        }
        const struct queue *q = story_queue(&s, "celery");
        assert_true(fabs(q->in_per_s - 4) < 0.5);
        assert_near(q->out_per_s, 0);
        assert_true(isinf(q->drain_s));
        story_end(&s);
    }
}

static void queue__drains_at_once__when_it_is_empty(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_depth(&s, 10);
    story_wait(&s, 1);
    tell_depth(&s, 0);
    assert_true(story_queue(&s, "celery")->drain_s == 0);
    assert_int_equal(story_queue(&s, "celery")->grown_since_us, -1);
    story_end(&s);
}

static void queue__rates__are_unknown_after_a_gap(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 5; i++) {
        tell_depth(&s, 10);
        story_wait(&s, 1);
    }
    assert_near(story_queue(&s, "celery")->in_per_s, 0);
    story_wait(&s, 12);
    assert_true(isnan(story_queue(&s, "celery")->in_per_s));
    story_wait(&s, 40);
    tell_depth(&s, 100000);
    assert_true(isnan(story_queue(&s, "celery")->in_per_s));
    story_wait(&s, 1);
    tell_depth(&s, 100000);
    assert_near(story_queue(&s, "celery")->in_per_s, 0);
    story_end(&s);
}

static void queue__grows_since__it_last_fell(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_depth(&s, 100);
    const struct queue *q = story_queue(&s, "celery");
    assert_int_equal(q->grown_since_us, STORY_START);
    for (int i = 0; i < 10; i++) {
        story_wait(&s, 1);
        tell_depth(&s, 100 + 10 * i - (i % 3 == 0 ? 8 : 0)); /* dips */
    }
    assert_int_equal(q->grown_since_us, STORY_START);
    story_wait(&s, 1);
    tell_depth(&s, 140); /* more than a fifth below 190 */
    assert_int_equal(q->grown_since_us, s.now_us);
    story_end(&s);
}

static void queue__is_forgotten__when_it_is_no_longer_told(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "queue name=old depth=1,0,0,0");
    for (int i = 0; i < 61; i++) {
        tell_depth(&s, 1);
        story_wait(&s, 1);
    }
    assert_non_null(story_queue(&s, "old"));
    tell_depth(&s, 1);
    story_wait(&s, 1);
    assert_null(story_queue(&s, "old"));
    assert_non_null(story_queue(&s, "celery"));
    /* while nothing can be read nothing is forgotten */
    story_wait(&s, 3600);
    assert_non_null(story_queue(&s, "celery"));
    story_end(&s);
}

static void queues__are_capped__and_the_rest_is_counted(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4005; i++) {
            story_tell(&s, "queue name=q%d depth=1,0,0,0", i);
        }
        story_tell(&s, "poll topic=queues");
        story_wait(&s, 1);
    }
    assert_int_equal(model_queue_count(s.m), 4000);
    assert_int_equal(model_rows_cut(s.m, TOPIC_QUEUES), 5);
    story_end(&s);
}

static void unacked__is_unknown__until_it_is_told(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_int_equal(model_unacked_total(s.m), -1);
    story_tell(&s, "unacked total=12 oldest_wall_us=1763890000000000");
    assert_int_equal(model_unacked_total(s.m), 12);
    assert_int_equal(model_unacked_oldest_us(s.m), 1763890000000000);
    story_tell(&s, "unacked");
    assert_int_equal(model_unacked_total(s.m), -1);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queue__sums__its_priorities),
        cmocka_unit_test(queues__are_sorted__by_name),
        cmocka_unit_test(queue__rates__are_what_the_depth_rose_and_fell_by),
        cmocka_unit_test(queue__rates__are_the_same_at_any_pace_of_polls),
        cmocka_unit_test(queue__drains_at_once__when_it_is_empty),
        cmocka_unit_test(queue__rates__are_unknown_after_a_gap),
        cmocka_unit_test(queue__grows_since__it_last_fell),
        cmocka_unit_test(queue__is_forgotten__when_it_is_no_longer_told),
        cmocka_unit_test(queues__are_capped__and_the_rest_is_counted),
        cmocka_unit_test(unacked__is_unknown__until_it_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
