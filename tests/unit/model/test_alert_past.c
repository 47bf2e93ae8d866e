/* Rates and changes: what they stand on, and when nothing is known of them. */
#include "alert_story.h"
#include "model/alert_past.h"

#include <math.h>
#include <stdio.h>

/* --- the ring alone --- */

static void past__is_unknown__until_half_of_its_window_is_known(void **state)
{
    (void)state;
    struct alert_past p = {0};
    int64_t window_us = 60 * SECOND;
    for (int i = 0; i <= 200; i++) {
        int64_t now = 5 * SECOND + i * SECOND;
        alert_past_add(&p, now, window_us, 100 + 10 * i, false);
        double rate = alert_past_rate(&p, now, window_us);
        double change = alert_past_change(&p, now, window_us);
        assert_true(i < 30 ? isnan(rate) && isnan(change) : !isnan(rate) && !isnan(change));
        if (i >= 30) {
            assert_near(rate, 10);
            double from = i > 60 ? 100 + 10 * (i - 60) : 100;
            assert_near(change, 100 * (100 + 10 * i - from) / from);
        }
    }
}

static void past__is_bounded__however_often_it_is_told(void **state)
{
    (void)state;
    struct alert_past p = {0};
    for (int i = 0; i < 100000; i++) {
        alert_past_add(&p, 1 + i * INT64_C(10000), 60 * SECOND, i, false);
        assert_true(p.count <= ALERT_PAST_SAMPLES + 4);
    }
    assert_near(alert_past_rate(&p, 1 + 99999 * INT64_C(10000), 60 * SECOND), 100);
}

static void past__forgets__over_gaps_and_counters_set_back(void **state)
{
    (void)state;
    struct alert_past p = {0};
    int64_t window_us = 10 * SECOND;
    for (int i = 0; i < 20; i++) {
        alert_past_add(&p, i * SECOND, window_us, 50, true);
    }
    assert_near(alert_past_rate(&p, 19 * SECOND, window_us), 0);
    alert_past_add(&p, 20 * SECOND, window_us, 49, true); /* it was set back */
    assert_true(isnan(alert_past_rate(&p, 20 * SECOND, window_us)));
    alert_past_add(&p, 25 * SECOND, window_us, 54, true);
    assert_near(alert_past_rate(&p, 25 * SECOND, window_us), 1);
    alert_past_add(&p, 26 * SECOND, window_us, (double)NAN, true);
    assert_true(isnan(alert_past_rate(&p, 26 * SECOND, window_us)));
    alert_past_add(&p, 27 * SECOND, window_us, 500, true);
    assert_true(isnan(alert_past_change(&p, 27 * SECOND, window_us)));
    alert_past_add(&p, 100 * SECOND, window_us, 900, true); /* nobody looked for long */
    assert_true(isnan(alert_past_rate(&p, 100 * SECOND, window_us)));
    alert_past_add(&p, 105 * SECOND, window_us, (double)INFINITY, false);
    assert_true(isnan(alert_past_rate(&p, 105 * SECOND, window_us)));
}

static void change__from_nothing__is_unknown(void **state)
{
    (void)state;
    struct alert_past p = {0};
    for (int i = 0; i < 20; i++) {
        alert_past_add(&p, i * SECOND, 10 * SECOND, i < 10 ? 0 : 5, false);
    }
    assert_true(isnan(alert_past_change(&p, 19 * SECOND, 10 * SECOND)));
    assert_near(alert_past_rate(&p, 19 * SECOND, 10 * SECOND), 0.5);
}

/* --- rules --- */

static void tell_memory(struct story *s, const char *run, int mb)
{
    story_tell(s, "server run_id=%s uptime_in_seconds=%lld used_memory=%lld", run,
               (long long)(s->now_us / SECOND), mb * 1048576LL);
    model_judge(s->m);
}

static void rate__fires_and_clears__by_the_growth_over_its_window(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "leak when rate server.used_memory over 1m > 1mb/s clear 0.5mb/s");
    int fired = -1, cleared = -1;
    for (int i = 0; i < 300; i++) {
        int mb = i < 60 ? 100 : i < 180 ? 100 + 2 * (i - 60) : 340;
        tell_memory(&s, "a", mb);
        enum alert_state now = alert(&s, "leak", "")->state;
        assert_int_equal(now == ALERT_UNKNOWN, i < 30);
        fired = now == ALERT_FIRING && fired < 0 ? i : fired;
        cleared = now == ALERT_RESOLVED && cleared < 0 ? i : cleared;
        story_wait(&s, 1);
    }
    /* 2 MiB more a second: over a minute that is more than 1 MiB/s from the 31st second of it on. */
    assert_int_equal(fired, 91);
    /* Half a MiB a second over a minute are 30 MiB: 15 s of the window are from when it grew. */
    assert_int_equal(cleared, 180 + 45);
    story_end(&s);
}

static void rate__texts__have_a_sign_and_a_unit(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "fall when change server.clients over 10s < -40");
    SET(&s, "leak when rate server.used_memory over 10s > 1mb");
    for (int i = 0; i <= 10; i++) {
        story_tell(&s, "server run_id=a connected_clients=%d used_memory=%d", 100 - 5 * i, i * 2097152);
        story_wait(&s, 1);
    }
    assert_string_equal(alert(&s, "fall", "")->text, "change of server.clients is -50.0% (limit -40.0%)");
    assert_string_equal(alert(&s, "leak", "")->text, "rate of server.used_memory is +2.0M/s (limit +1.0M/s)");
    story_end(&s);
}

static void rate__of_a_server_that_started_anew__is_unknown_not_a_fall(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "fall when change server.used_memory over 20s < -10");
    for (int i = 0; i < 40; i++) {
        tell_memory(&s, "a", 1000);
        story_wait(&s, 1);
    }
    assert_int_equal(alert(&s, "fall", "")->state, ALERT_OK);
    story_tell(&s, "server run_id=b uptime_in_seconds=0 used_memory=1048576");
    model_judge(s.m);
    assert_int_equal(alert(&s, "fall", "")->state, ALERT_UNKNOWN);
    for (int i = 1; i < 40; i++) {
        story_wait(&s, 1);
        story_tell(&s, "server run_id=b uptime_in_seconds=%d used_memory=1048576", i);
        model_judge(s.m);
        assert_int_equal(alert(&s, "fall", "")->state, i < 10 ? ALERT_UNKNOWN : ALERT_OK);
    }
    story_end(&s);
}

static void rate__over_a_time_nobody_could_read__is_unknown(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "jump when change server.used_memory over 1m > 10");
    for (int i = 0; i < 60; i++) {
        tell_memory(&s, "a", 100);
        story_wait(&s, 1);
    }
    story_wait(&s, 15); /* the server is away: its numbers are too old to be judged */
    assert_int_equal(alert(&s, "jump", "")->state, ALERT_UNKNOWN);
    for (int i = 0; i < 30; i++) {
        tell_memory(&s, "a", 500);
        assert_int_equal(alert(&s, "jump", "")->state, ALERT_UNKNOWN);
        story_wait(&s, 1);
    }
    tell_memory(&s, "a", 500);
    assert_int_equal(alert(&s, "jump", "")->state, ALERT_OK);
    story_end(&s);
}

static void rates__of_things__are_each_its_own(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "grows when rate queue.depth over 10s >= 5");
    for (int i = 0; i <= 30; i++) {
        queues(&s, 3, "calm", 500, "fast", 10 * i, "slow", 2 * i);
        story_wait(&s, 1);
    }
    queues(&s, 3, "calm", 500, "fast", 310, "slow", 62);
    assert_int_equal(rows(&s, "grows"), 1);
    assert_int_equal(alert(&s, "grows", "fast")->state, ALERT_FIRING);
    assert_near(alert(&s, "grows", "fast")->value, 10);
    for (int i = 0; i <= 12; i++) {
        queues(&s, 3, "calm", 500, "fast", 310, "slow", 62 + 2 * i);
        story_wait(&s, 1);
    }
    assert_int_equal(alert(&s, "grows", "fast")->state, ALERT_RESOLVED);
    story_end(&s);
}

/* More things than have a past: those beyond are unknown, and nothing is made up for them. */
static void rates__are_known__of_five_hundred_things(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "grows when rate queue.depth over 5s >= 5");
    for (int i = 0; i <= 10; i++) {
        for (int q = 0; q < 700; q++) {
            story_tell(&s, "queue name=q%03d depth=%d,0,0,0", q, 10 * i);
        }
        judge_queues(&s);
        story_wait(&s, 1);
    }
    assert_int_equal(rows(&s, "grows"), ALERT_OBJECTS_MAX);
    assert_int_equal(model_alert_of(s.m, alert(&s, "grows", "q000")->rule, 0)->more,
                     ALERT_PASTS_MAX - ALERT_OBJECTS_MAX);
    story_end(&s);
}

/* Facts that come seldom: the value stands still in between, and that is what is known. */
static void change__of_slow_facts__is_known_over_a_window_that_holds_some(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "more when change cache.without_ttl of exam over 5m >= 100");
    for (int i = 0; i <= 600; i++) {
        if (i % 60 == 0) {
            int keys = i < 300 ? 100 : 250;
            story_tell(&s, "census phase=begin");
            story_tell(&s, "family name=exam keys=%d sampled=%d sampled_no_ttl=%d", keys, keys, keys);
            story_tell(&s, "census phase=end walked=%d", keys);
        }
        story_wait(&s, 1);
        bool up = i >= 300 && i < 598;
        const struct alert *a = find(&s, "more", "exam");
        if (up != (a && a->state == ALERT_FIRING) && i != 598 && i != 599) {
            fail_msg("second %d: %s", i, a ? alert_state_name[a->state] : "no row");
        }
    }
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(past__is_unknown__until_half_of_its_window_is_known),
        cmocka_unit_test(past__is_bounded__however_often_it_is_told),
        cmocka_unit_test(past__forgets__over_gaps_and_counters_set_back),
        cmocka_unit_test(change__from_nothing__is_unknown),
        cmocka_unit_test(rate__fires_and_clears__by_the_growth_over_its_window),
        cmocka_unit_test(rate__texts__have_a_sign_and_a_unit),
        cmocka_unit_test(rate__of_a_server_that_started_anew__is_unknown_not_a_fall),
        cmocka_unit_test(rate__over_a_time_nobody_could_read__is_unknown),
        cmocka_unit_test(rates__of_things__are_each_its_own),
        cmocka_unit_test(rates__are_known__of_five_hundred_things),
        cmocka_unit_test(change__of_slow_facts__is_known_over_a_window_that_holds_some),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
