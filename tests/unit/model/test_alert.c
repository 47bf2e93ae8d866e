#include "story.h"

#include <math.h>
#include <stdio.h>

static void set_rule(struct story *s, size_t count, const char *const *word)
{
    struct err err = {.code = ERR_NONE};
    if (!rules_set(model_rules(s->m), count, word, &err)) {
        fail_msg("%s", err.text);
    }
}
#define SET(s, ...)                                                                                          \
    set_rule(s, COUNT_OF(((const char *const[]){__VA_ARGS__})), (const char *const[]){__VA_ARGS__})

static void tell_clients(struct story *s, int clients)
{
    story_tell(s, "server run_id=a connected_clients=%d", clients);
    model_judge(s->m);
}

static enum alert_state state_of(const struct story *s, const char *rule)
{
    return story_alert(s, rule)->state;
}

static void alert__fires__at_the_microsecond_its_hold_ends(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_clients(&s, 81);
    assert_int_equal(state_of(&s, "clients"), ALERT_PENDING);
    assert_int_equal(story_alert(&s, "clients")->since_us, STORY_START);
    story_wait_us(&s, 10 * SECOND - 1);
    tell_clients(&s, 81);
    assert_int_equal(state_of(&s, "clients"), ALERT_PENDING);
    story_wait_us(&s, 1);
    assert_int_equal(state_of(&s, "clients"), ALERT_FIRING);
    assert_int_equal(story_alert(&s, "clients")->since_us, STORY_START + 10 * SECOND);
    assert_int_equal(story_alert(&s, "clients")->since_wall_us, STORY_WALL_US + STORY_START + 10 * SECOND);
    assert_string_equal(story_alert(&s, "clients")->text, "81 clients, more than 80");
    story_end(&s);
}

static void alert__does_not_fire__at_the_threshold_nor_after_a_dip(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_clients(&s, 80);
    assert_int_equal(state_of(&s, "clients"), ALERT_OK);
    tell_clients(&s, 90);
    story_wait(&s, 9);
    tell_clients(&s, 80); /* the hold begins anew */
    assert_int_equal(state_of(&s, "clients"), ALERT_OK);
    tell_clients(&s, 90);
    story_wait(&s, 9);
    assert_int_equal(state_of(&s, "clients"), ALERT_PENDING);
    story_end(&s);
}

static void alert__does_not_flap__between_its_value_and_its_clear_level(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_clients(&s, 90);
    story_wait(&s, 10);
    int64_t fired_us = s.now_us;
    for (int i = 0; i < 100; i++) {
        tell_clients(&s, i % 2 ? 85 : 76); /* clear is 75 */
        story_wait(&s, 1);
        assert_int_equal(state_of(&s, "clients"), ALERT_FIRING);
        assert_int_equal(story_alert(&s, "clients")->since_us, fired_us);
    }
    tell_clients(&s, 75);
    assert_int_equal(state_of(&s, "clients"), ALERT_RESOLVED);
    assert_int_equal(story_alert(&s, "clients")->since_us, s.now_us);
    story_end(&s);
}

static void alert__is_shown_as_resolved__for_ten_minutes(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_clients(&s, 90);
    story_wait(&s, 10);
    tell_clients(&s, 10);
    int64_t resolved_us = s.now_us;
    for (int i = 0; i < 599; i++) {
        story_wait(&s, 1);
        tell_clients(&s, i % 20 == 5 ? 90 : 10); /* pending now and then changes nothing */
    }
    assert_int_equal(state_of(&s, "clients"), ALERT_RESOLVED);
    assert_int_equal(story_alert(&s, "clients")->since_us, resolved_us);
    story_wait_us(&s, SECOND - 1);
    assert_int_equal(state_of(&s, "clients"), ALERT_RESOLVED);
    story_wait_us(&s, 1);
    assert_int_equal(state_of(&s, "clients"), ALERT_OK);
    story_end(&s);
}

static void alert__acknowledged__is_quiet_until_it_has_cleared(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_clients(&s, 90);
    story_tell(&s, "acknowledge rule=clients"); /* pending: nothing to acknowledge */
    story_wait(&s, 10);
    assert_int_equal(state_of(&s, "clients"), ALERT_FIRING);
    assert_int_equal(model_alerts_firing(s.m, SEVERITY_WARNING), 1);
    story_tell(&s, "acknowledge rule=nosuch");
    story_tell(&s, "acknowledge rule=clients");
    assert_int_equal(state_of(&s, "clients"), ALERT_ACKNOWLEDGED);
    assert_int_equal(model_alerts_firing(s.m, SEVERITY_WARNING), 0);
    tell_clients(&s, 100);
    story_wait(&s, 5);
    tell_clients(&s, 200);
    assert_int_equal(state_of(&s, "clients"), ALERT_ACKNOWLEDGED);
    tell_clients(&s, 1);
    assert_int_equal(state_of(&s, "clients"), ALERT_RESOLVED);
    tell_clients(&s, 90);
    assert_int_equal(state_of(&s, "clients"), ALERT_PENDING);
    story_wait(&s, 10);
    assert_int_equal(state_of(&s, "clients"), ALERT_FIRING);
    story_end(&s);
}

static void alert__neither_fires_nor_clears__while_its_metric_is_unknown(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_int_equal(state_of(&s, "clients"), ALERT_UNKNOWN);
    tell_clients(&s, 90);
    story_wait(&s, 10);
    assert_int_equal(state_of(&s, "clients"), ALERT_FIRING);
    story_wait(&s, 1000); /* no INFO for long */
    assert_int_equal(state_of(&s, "clients"), ALERT_FIRING);
    assert_true(isnan(story_alert(&s, "clients")->value));
    tell_clients(&s, 10);
    assert_int_equal(state_of(&s, "clients"), ALERT_RESOLVED);
    story_wait(&s, 1000);
    assert_int_equal(state_of(&s, "clients"), ALERT_UNKNOWN);
    tell_clients(&s, 90);
    story_wait(&s, 181); /* pending, then unknown: the hold is not served by silence */
    assert_int_equal(state_of(&s, "clients"), ALERT_UNKNOWN);
    tell_clients(&s, 90);
    assert_int_equal(state_of(&s, "clients"), ALERT_PENDING);
    story_end(&s);
}

static void hit_rate__is_judged__above_enough_look_ups_only(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 120; i++) {
        story_tell(&s, "server run_id=a keyspace_hits=0 keyspace_misses=%d", i); /* 60 a minute, all misses */
        story_wait(&s, 1);
    }
    assert_int_equal(state_of(&s, "hit-rate"), ALERT_UNKNOWN);
    for (int i = 0; i < 120; i++) {
        story_tell(&s, "server run_id=a keyspace_hits=0 keyspace_misses=%d", 120 + 2 * i);
        story_wait(&s, 1);
    }
    assert_int_equal(state_of(&s, "hit-rate"), ALERT_FIRING);
    story_end(&s);
}

static void alerts__stand__firing_first_and_by_severity(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "big", "when", "server.clients", ">", "10", "severity", "critical");
    SET(&s, "small", "when", "server.clients", ">", "10", "severity", "info");
    SET(&s, "middle", "when", "server.clients", ">", "10");
    tell_clients(&s, 70);
    assert_string_equal(model_alert_at(s.m, 0)->rule->name, "big");
    assert_string_equal(model_alert_at(s.m, 1)->rule->name, "middle");
    assert_string_equal(model_alert_at(s.m, 2)->rule->name, "small");
    assert_int_equal(model_alerts_firing(s.m, SEVERITY_CRITICAL), 1);
    const size_t all = model_alert_count(s.m);
    assert_int_equal(all, rules_count(model_rules(s.m)));
    story_tell(&s, "acknowledge rule=big");
    assert_string_equal(model_alert_at(s.m, 0)->rule->name, "middle");
    assert_string_equal(model_alert_at(s.m, 2)->rule->name, "big");
    assert_null(model_alert_at(s.m, all));
    SET(&s, "middle", "off");
    model_judge(s.m);
    assert_int_equal(model_alert_count(s.m), all - 1);
    assert_string_equal(model_alert_at(s.m, 0)->rule->name, "small");
    SET(&s, "middle", "on", "for", "10s");
    model_judge(s.m);
    assert_int_equal(state_of(&s, "middle"), ALERT_PENDING); /* begins anew */
    story_end(&s);
}

static void alert__changes__are_told_once(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_clients(&s, 10);
    model_take_changes(s.m);
    model_judge(s.m);
    assert_int_equal(model_take_changes(s.m) & (1u << TOPIC_ALERTS), 0);
    tell_clients(&s, 90);
    assert_true(model_take_changes(s.m) & (1u << TOPIC_ALERTS));
    story_end(&s);
}

static void queue_backlog__fires__when_a_queue_has_grown_for_a_minute(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    int fired_at = -1, cleared_at = -1;
    for (int i = 0; i < 300; i++) {
        int depth = i < 120 ? 50 + i : i < 140 ? 170 : 170 - (i - 140) * 2; /* grows, stays, drains */
        story_tell(&s, "queue name=celery depth=%d,0,0,0", depth > 0 ? depth : 0);
        story_tell(&s, "poll topic=queues");
        model_judge(s.m);
        enum alert_state now = state_of(&s, "queue-backlog");
        if (now == ALERT_FIRING && fired_at < 0) {
            fired_at = i;
            assert_string_equal(story_alert(&s, "queue-backlog")->object, "celery");
            assert_string_equal(story_alert(&s, "queue-backlog")->text,
                                "queue celery does not shrink: 110 waiting");
        }
        if (now == ALERT_RESOLVED && cleared_at < 0) {
            cleared_at = i;
        }
        story_wait(&s, 1);
    }
    assert_int_equal(fired_at, 60);
    assert_true(cleared_at > 140 && cleared_at < 170);
    story_end(&s);
}

static void batch_alerts__follow__the_batches(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "batch id=b1 current=1 total=4 status=in_progress pttl_ms=600000");
    story_wait_us(&s, 60 * SECOND - 1);
    assert_int_equal(state_of(&s, "batch-stalled"), ALERT_OK);
    story_wait_us(&s, 1);
    assert_int_equal(state_of(&s, "batch-stalled"), ALERT_FIRING);
    assert_string_equal(story_alert(&s, "batch-stalled")->text, "batch b1 has not moved for 1m00s");
    story_tell(&s, "batch id=b1 current=1 total=4 status=failed error=x");
    model_judge(s.m);
    assert_int_equal(state_of(&s, "batch-stalled"), ALERT_RESOLVED);
    assert_int_equal(state_of(&s, "batch-failed"), ALERT_FIRING);
    story_tell(&s, "dismiss id=b1");
    model_judge(s.m);
    assert_int_equal(state_of(&s, "batch-failed"), ALERT_RESOLVED);
    story_end(&s);
}

static void unreachable__fires__as_critical_and_clears_with_the_first_info(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "link role=poll state=up");
    tell_clients(&s, 1);
    assert_int_equal(state_of(&s, "redis-unreachable"), ALERT_OK);
    story_tell(&s, "link role=poll state=down error=\"connection refused\"");
    story_wait(&s, 0);
    story_wait(&s, 3);
    assert_int_equal(state_of(&s, "redis-unreachable"), ALERT_FIRING);
    assert_int_equal(model_alerts_firing(s.m, SEVERITY_CRITICAL), 1);
    for (int i = 0; i < 20; i++) {
        story_tell(&s, "link role=poll state=%s", i % 2 ? "down" : "connecting");
        story_wait(&s, 1);
        assert_int_equal(state_of(&s, "redis-unreachable"), ALERT_FIRING);
    }
    story_tell(&s, "link role=poll state=up");
    story_wait(&s, 1);
    assert_int_equal(state_of(&s, "redis-unreachable"), ALERT_FIRING); /* not yet known */
    tell_clients(&s, 1);
    assert_int_equal(state_of(&s, "redis-unreachable"), ALERT_RESOLVED);
    story_end(&s);
}

static void notifications__alert__says_off_and_partial(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "notify state=partial missing=xe");
    story_wait(&s, 0);
    story_wait(&s, 5);
    assert_int_equal(state_of(&s, "notifications"), ALERT_FIRING);
    assert_string_equal(story_alert(&s, "notifications")->object, "xe");
    story_tell(&s, "notify state=on");
    story_wait(&s, 0);
    assert_int_equal(state_of(&s, "notifications"), ALERT_RESOLVED);
    story_end(&s);
}

static void evictions__fire__with_the_first_evicted_key(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 5; i++) {
        story_tell(&s, "server run_id=a evicted_keys=500 expired_keys=0");
        story_wait(&s, 1);
    }
    assert_int_equal(state_of(&s, "evictions"), ALERT_OK); /* what was evicted long ago is no news */
    story_tell(&s, "server run_id=a evicted_keys=501 expired_keys=0");
    model_judge(s.m);
    assert_int_equal(state_of(&s, "evictions"), ALERT_FIRING);
    for (int i = 0; i < 606; i++) {
        assert_int_equal(state_of(&s, "evictions"), ALERT_FIRING);
        story_tell(&s, "server run_id=a evicted_keys=501 expired_keys=0");
        story_wait(&s, 1);
    }
    assert_int_equal(state_of(&s, "evictions"), ALERT_RESOLVED);
    story_end(&s);
}

static void alert__text__has_no_control_bytes(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "x", "when", "queue.depth", ">", "1", "message", "%o\x1b[31m %v %t %x 100%");
    story_tell(&s, "queue name=\"q\\x1b[0m\" depth=5,0,0,0");
    story_tell(&s, "poll topic=queues");
    model_judge(s.m);
    assert_string_equal(story_alert(&s, "x")->text, "q^[[0m^[[31m 5 1 %x 100%");
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alert__fires__at_the_microsecond_its_hold_ends),
        cmocka_unit_test(alert__does_not_fire__at_the_threshold_nor_after_a_dip),
        cmocka_unit_test(alert__does_not_flap__between_its_value_and_its_clear_level),
        cmocka_unit_test(alert__is_shown_as_resolved__for_ten_minutes),
        cmocka_unit_test(alert__acknowledged__is_quiet_until_it_has_cleared),
        cmocka_unit_test(alert__neither_fires_nor_clears__while_its_metric_is_unknown),
        cmocka_unit_test(hit_rate__is_judged__above_enough_look_ups_only),
        cmocka_unit_test(alerts__stand__firing_first_and_by_severity),
        cmocka_unit_test(alert__changes__are_told_once),
        cmocka_unit_test(queue_backlog__fires__when_a_queue_has_grown_for_a_minute),
        cmocka_unit_test(batch_alerts__follow__the_batches),
        cmocka_unit_test(unreachable__fires__as_critical_and_clears_with_the_first_info),
        cmocka_unit_test(notifications__alert__says_off_and_partial),
        cmocka_unit_test(evictions__fire__with_the_first_evicted_key),
        cmocka_unit_test(alert__text__has_no_control_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
