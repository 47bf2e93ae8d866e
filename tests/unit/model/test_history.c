#include "model/history.h"
#include "model/metric_list.h"
#include "model/model_priv.h"
#include "story.h"

#include <math.h>

static void tell_clients(struct story *s, int clients)
{
    story_tell(s, "server run_id=a connected_clients=%d", clients);
    model_judge(s->m);
}

static double value(const struct story *s, int64_t seconds_ago)
{
    return history_value(s->m->history, METRIC_CLIENTS, s->now_us / SECOND - seconds_ago);
}

static void history__takes_one_sample_a_second__the_first(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_true(isnan(value(&s, 0))); /* nothing was read in it yet */
    story_wait(&s, 1);
    assert_true(isnan(value(&s, 0)));
    s.now_us += SECOND;
    tell_clients(&s, 7);
    assert_near(value(&s, 0), 7);
    tell_clients(&s, 9);
    assert_near(value(&s, 0), 7);
    assert_true(isnan(value(&s, -1))); /* what is to come */
    assert_true(isnan(history_value(s.m->history, METRIC_COUNT, 1)));
    assert_true(isnan(history_value(s.m->history, METRIC_CLIENTS, -1)));
    story_end(&s);
}

static void history__is_unknown__while_nobody_judged(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    s.now_us += SECOND;
    tell_clients(&s, 7);
    s.now_us += 4 * SECOND;
    tell_clients(&s, 8);
    assert_near(value(&s, 4), 7);
    for (int i = 1; i < 4; i++) {
        assert_true(isnan(value(&s, i)));
    }
    assert_near(value(&s, 0), 8);
    /* A turn that comes late jumps over a second, though none was missed. */
    s.now_us += SECOND + SECOND * 9 / 10;
    tell_clients(&s, 9);
    s.now_us += SECOND + SECOND * 2 / 10;
    tell_clients(&s, 10);
    assert_near(value(&s, 0), 10);
    assert_near(value(&s, 1), 10);
    assert_near(value(&s, 2), 9);
    story_end(&s);
}

static void history__is_coarse__after_five_minutes_and_ends_after_an_hour(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    s.now_us += 5 * SECOND; /* STORY_START is no multiple of a quarter of a minute */
    int64_t begin = s.now_us / SECOND;
    for (int i = 0; i < 3700; i++) {
        tell_clients(&s, i);
        s.now_us += SECOND;
    }
    s.now_us -= SECOND;
    assert_near(value(&s, 0), 3699);
    assert_near(value(&s, 299), 3400);
    int64_t quarter = (begin + 3300) / 15 * 15 - begin;
    for (int i = 0; i < 15; i++) { /* the mean of its fifteen seconds for each of them */
        assert_near(history_value(s.m->history, METRIC_CLIENTS, begin + quarter + i), (double)quarter + 7);
    }
    assert_true(!isnan(value(&s, 3580)));
    assert_true(isnan(value(&s, 3616)));
    assert_near(history_mean(s.m->history, METRIC_CLIENTS, begin + 3690, begin + 3699), 3694.5);
    story_end(&s);
}

static void history__forgets__what_is_older_than_a_long_gap(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    s.now_us += SECOND;
    tell_clients(&s, 7);
    s.now_us += 100000 * SECOND;
    tell_clients(&s, 8);
    for (int64_t ago = 1; ago < 100002; ago += 50) {
        assert_true(isnan(value(&s, ago)));
    }
    assert_near(value(&s, 0), 8);
    story_end(&s);
}

static void history__holds_no_endless_values(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 60; i++) {
        s.now_us += SECOND;
        story_tell(&s, "queue name=celery depth=%d,0,0,0 sources=1 unacked=0", 10 * i + 10);
        story_tell(&s, "poll topic=queues ok=1");
        model_judge(s.m);
    }
    assert_near(history_value(s.m->history, METRIC_QUEUE_DEPTH, s.now_us / SECOND), 600);
    assert_true(!isinf(history_value(s.m->history, METRIC_QUEUE_DRAIN, s.now_us / SECOND)));
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(history__takes_one_sample_a_second__the_first),
        cmocka_unit_test(history__is_unknown__while_nobody_judged),
        cmocka_unit_test(history__is_coarse__after_five_minutes_and_ends_after_an_hour),
        cmocka_unit_test(history__forgets__what_is_older_than_a_long_gap),
        cmocka_unit_test(history__holds_no_endless_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
