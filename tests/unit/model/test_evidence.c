#include "model/metric_list.h"
#include "story.h"

#include <math.h>
#include <stdio.h>

/* A server whose numbers a test turns, with small noise of its own on all of them. */
struct server_story {
    struct story s;
    uint32_t dice;
    double clients, memory_mib, ops, evicted, expired, round_trip_ms;
    double evicted_per_s, expired_per_s, connections, connections_per_s;
    bool noise;
};

static void begin(struct server_story *t)
{
    *t = (struct server_story){.clients = 40, .memory_mib = 900, .ops = 800, .round_trip_ms = 1, .dice = 7};
    story_begin(&t->s);
}

static double shake(struct server_story *t, double part)
{
    t->dice = t->dice * 1664525u + 1013904223u;
    double unit = ((double)(t->dice >> 8) / (double)(1u << 24) - 0.5) * 2;
    return t->noise ? unit * part : 0;
}

static void second(struct server_story *t)
{
    t->evicted += t->evicted_per_s;
    t->expired += t->expired_per_s;
    t->connections += t->connections_per_s + floor(shake(t, 2) + 2);
    story_tell(
        &t->s,
        "server run_id=a connected_clients=%d used_memory=%.0f instantaneous_ops_per_sec=%.0f "
        "evicted_keys=%.0f expired_keys=%.0f rejected_connections=0 blocked_clients=3 maxclients=10000 "
        "total_connections_received=%.0f round_trip_us=%.0f",
        (int)(t->clients + shake(t, 1.9)), (t->memory_mib + shake(t, 4)) * 1048576, t->ops + shake(t, 90),
        t->evicted, t->expired, t->connections, 1000 * (t->round_trip_ms + shake(t, 0.3)));
    story_wait(&t->s, 1);
}

static void seconds(struct server_story *t, int n)
{
    for (int i = 0; i < n; i++) {
        second(t);
    }
}

static struct alert_evidence evidence_of(const struct server_story *t, const char *rule)
{
    struct alert_evidence e;
    assert_true(model_alert_evidence(t->s.m, story_alert(&t->s, rule), &e));
    return e;
}

static void evidence__of_a_burst_of_evictions__ranks_it_first_and_says_when(void **state)
{
    (void)state;
    struct server_story t;
    begin(&t);
    t.noise = true;
    seconds(&t, 400);
    t.evicted_per_s = 340;
    seconds(&t, 12);
    t.clients = 95;
    seconds(&t, 30);
    assert_int_equal(story_alert(&t.s, "clients")->state, ALERT_FIRING);
    struct alert_evidence e = evidence_of(&t, "clients");
    assert_true(e.movers >= 1);
    assert_int_equal(e.mover[0].metric, METRIC_EVICTED);
    assert_near(e.mover[0].before, 0);
    assert_true(e.mover[0].after > 100);
    int64_t before = story_alert(&t.s, "clients")->crossed_us - e.mover[0].at_us;
    assert_true(before >= 8 * SECOND && before <= 13 * SECOND);
    assert_string_equal(e.mover[0].object, "");
    for (size_t i = 0; i < e.movers; i++) {
        assert_true(e.mover[i].metric != METRIC_CLIENTS && e.mover[i].metric != METRIC_CLIENTS_PERCENT);
    }
    story_end(&t.s);
}

static void evidence__of_noise_alone__names_nothing(void **state)
{
    (void)state;
    struct server_story t;
    begin(&t);
    t.noise = true;
    for (uint32_t dice = 1; dice <= 5; dice++) {
        t.dice = dice * 77;
        t.clients = 40;
        seconds(&t, 400);
        t.clients = 95;
        seconds(&t, 90);
        struct alert_evidence e = evidence_of(&t, "clients");
        assert_int_equal(e.movers, 0);
        assert_true(e.from_us > 0 && e.to_us > e.from_us);
    }
    story_end(&t.s);
}

static void evidence__after_a_gap__does_not_name_what_changed_in_it(void **state)
{
    (void)state;
    struct server_story t;
    begin(&t);
    seconds(&t, 400);
    t.s.now_us += 45 * SECOND;
    t.memory_mib = 1400;
    t.ops = 9000;
    t.clients = 95;
    seconds(&t, 60);
    assert_int_equal(evidence_of(&t, "clients").movers, 0);
    story_end(&t.s);
}

static void evidence__without_minutes_before__names_nothing(void **state)
{
    (void)state;
    struct server_story t;
    begin(&t);
    seconds(&t, 15);
    t.ops = 9000;
    t.clients = 95;
    seconds(&t, 40);
    struct alert_evidence e = evidence_of(&t, "clients");
    assert_int_equal(e.movers, 0);
    story_end(&t.s);
}

static void evidence__prefers_what_came_before__and_tells_twins_once(void **state)
{
    (void)state;
    struct server_story t;
    begin(&t);
    t.noise = true;
    seconds(&t, 400);
    t.ops = 6000; /* the cause */
    seconds(&t, 20);
    t.clients = 95;
    seconds(&t, 3);
    t.memory_mib = 1300; /* the consequence; about as unusual */
    seconds(&t, 57);
    struct alert_evidence e = evidence_of(&t, "clients");
    assert_int_equal(e.movers, 2);
    assert_int_equal(e.mover[0].metric, METRIC_OPS);
    assert_int_equal(e.mover[1].metric, METRIC_USED_MEMORY);
    assert_true(e.mover[0].at_us < story_alert(&t.s, "clients")->crossed_us);
    assert_true(e.mover[1].at_us > story_alert(&t.s, "clients")->crossed_us);
    assert_true(e.mover[0].weight > e.mover[1].weight);
    story_end(&t.s);
}

static void evidence__of_a_deploy__names_the_burst_of_new_connections(void **state)
{
    (void)state;
    struct server_story t;
    begin(&t);
    t.noise = true;
    seconds(&t, 400);
    t.connections_per_s = 40;
    seconds(&t, 15);
    t.connections_per_s = 0;
    t.clients = 95;
    seconds(&t, 40);
    struct alert_evidence e = evidence_of(&t, "clients");
    assert_int_equal(e.movers, 1);
    assert_int_equal(e.mover[0].metric, METRIC_CONNECTIONS);
    assert_true(e.mover[0].at_us < story_alert(&t.s, "clients")->crossed_us);
    story_end(&t.s);
}

static void evidence__began__when_it_stayed_and_not_with_a_leap_before(void **state)
{
    (void)state;
    struct server_story t;
    begin(&t);
    t.noise = true;
    seconds(&t, 400);
    t.ops = 2000;
    second(&t);
    t.ops = 800;
    seconds(&t, 59);
    t.ops = 9000;
    seconds(&t, 10);
    t.clients = 95;
    seconds(&t, 30);
    struct alert_evidence e = evidence_of(&t, "clients");
    assert_int_equal(e.mover[0].metric, METRIC_OPS);
    assert_int_equal(story_alert(&t.s, "clients")->crossed_us - e.mover[0].at_us, 10 * SECOND);
    story_end(&t.s);
}

static void evidence__graph__reaches_back_before_the_crossing(void **state)
{
    (void)state;
    struct server_story t;
    static const int waits[] = {5, 25, 70, 200, 700, 1500};
    begin(&t);
    seconds(&t, 1300);
    t.clients = 95;
    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        seconds(&t, waits[i]);
        const struct alert *a = story_alert(&t.s, "clients");
        struct alert_evidence e = evidence_of(&t, "clients");
        int64_t begins = t.s.now_us - (int64_t)e.samples * e.step_us;
        assert_int_equal(e.samples, EVIDENCE_SAMPLES);
        assert_true(begins <= a->crossed_us - 14 * SECOND);
        assert_near(e.sample[0], 40);
        assert_near(e.sample[EVIDENCE_SAMPLES - 1], 95);
        assert_near(e.limit, 80);
        assert_near(e.clear, 75);
    }
    story_end(&t.s);
}

static void evidence__is_fixed__a_minute_after_it_fired(void **state)
{
    (void)state;
    struct server_story t;
    begin(&t);
    seconds(&t, 400);
    t.evicted_per_s = 500;
    seconds(&t, 5);
    t.clients = 95;
    seconds(&t, 75);
    struct alert_evidence fixed = evidence_of(&t, "clients");
    assert_int_equal(fixed.mover[0].metric, METRIC_EVICTED);
    seconds(&t, 3000); /* what was usual then is forgotten */
    struct alert_evidence later = evidence_of(&t, "clients");
    assert_int_equal(later.movers, fixed.movers);
    assert_memory_equal(later.mover, fixed.mover, sizeof(fixed.mover));
    t.clients = 10;
    seconds(&t, 5);
    assert_int_equal(story_alert(&t.s, "clients")->state, ALERT_RESOLVED);
    assert_memory_equal(evidence_of(&t, "clients").mover, fixed.mover, sizeof(fixed.mover));
    /* A short rise that does not fire takes nothing away. */
    t.clients = 90;
    seconds(&t, 2);
    t.clients = 10;
    seconds(&t, 5);
    assert_int_equal(story_alert(&t.s, "clients")->state, ALERT_RESOLVED);
    assert_memory_equal(evidence_of(&t, "clients").mover, fixed.mover, sizeof(fixed.mover));
    seconds(&t, 700);
    assert_int_equal(story_alert(&t.s, "clients")->state, ALERT_OK);
    assert_int_equal(evidence_of(&t, "clients").movers, 0);
    story_end(&t.s);
}

static void evidence__of_what_never_crossed__is_a_graph_alone(void **state)
{
    (void)state;
    struct server_story t;
    begin(&t);
    seconds(&t, 100);
    struct alert_evidence e = evidence_of(&t, "clients");
    assert_int_equal(e.movers, 0);
    assert_int_equal(e.from_us, -1);
    assert_near(e.sample[EVIDENCE_SAMPLES - 1], 40);
    assert_true(isnan(e.sample[0]));
    assert_false(model_alert_evidence(t.s.m, NULL, &e));
    story_end(&t.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evidence__of_a_burst_of_evictions__ranks_it_first_and_says_when),
        cmocka_unit_test(evidence__of_noise_alone__names_nothing),
        cmocka_unit_test(evidence__after_a_gap__does_not_name_what_changed_in_it),
        cmocka_unit_test(evidence__without_minutes_before__names_nothing),
        cmocka_unit_test(evidence__prefers_what_came_before__and_tells_twins_once),
        cmocka_unit_test(evidence__of_a_deploy__names_the_burst_of_new_connections),
        cmocka_unit_test(evidence__began__when_it_stayed_and_not_with_a_leap_before),
        cmocka_unit_test(evidence__graph__reaches_back_before_the_crossing),
        cmocka_unit_test(evidence__is_fixed__a_minute_after_it_fired),
        cmocka_unit_test(evidence__of_what_never_crossed__is_a_graph_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
