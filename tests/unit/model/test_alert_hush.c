/* Somebody works on it, or wants quiet; and the log of what happened. */
#include "alert_story.h"

#include <stdio.h>

static void tell_clients(struct story *s, int clients)
{
    story_tell(s, "server run_id=a connected_clients=%d", clients);
    model_judge(s->m);
}

static void acknowledge__of_one_thing__leaves_the_others(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "deep when queue.depth > 10");
    queues(&s, 2, "a", 20, "b", 30);
    story_tell(&s, "acknowledge rule=\"deep\\x1fa\"");
    assert_int_equal(alert(&s, "deep", "a")->state, ALERT_ACKNOWLEDGED);
    assert_int_equal(alert(&s, "deep", "b")->state, ALERT_FIRING);
    story_tell(&s, "acknowledge rule=deep");
    assert_int_equal(alert(&s, "deep", "b")->state, ALERT_ACKNOWLEDGED);
    queues(&s, 2, "a", 5, "b", 30);
    queues(&s, 2, "a", 50, "b", 30);
    assert_int_equal(alert(&s, "deep", "a")->state, ALERT_FIRING); /* it had cleared */
    assert_int_equal(alert(&s, "deep", "b")->state, ALERT_ACKNOWLEDGED);
    assert_string_equal(log_from(&s, 0),
                        "firing b, firing a, acknowledged a, acknowledged b, resolved a, firing a");
    story_end(&s);
}

static void mute__of_an_alert__is_quiet_until_its_time_and_fires_anew(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_clients(&s, 90);
    story_wait(&s, 10);
    assert_int_equal(alert(&s, "clients", "")->state, ALERT_FIRING);
    int64_t until_us = s.now_us + 60 * SECOND;
    story_tell(&s, "mute id=clients until_us=%lld reason=\"load test\\x1b\"", (long long)until_us);
    const struct alert *a = alert(&s, "clients", "");
    assert_int_equal(a->state, ALERT_MUTED);
    assert_true(a->up);
    assert_int_equal(a->muted_until_us, until_us);
    assert_string_equal(a->reason, "load test^[");
    assert_int_equal(model_alerts_firing(s.m, SEVERITY_WARNING), 0);
    for (int i = 0; i < 59; i++) {
        story_wait(&s, 1);
        tell_clients(&s, 90 + i);
    }
    story_wait_us(&s, SECOND - 1);
    assert_int_equal(alert(&s, "clients", "")->state, ALERT_MUTED);
    story_wait_us(&s, 1);
    assert_int_equal(alert(&s, "clients", "")->state, ALERT_FIRING);
    assert_int_equal(alert(&s, "clients", "")->since_us, until_us);
    assert_int_equal(alert(&s, "clients", "")->muted_until_us, -1);
    assert_string_equal(alert(&s, "clients", "")->reason, "");
    assert_string_equal(log_from(&s, 0), "firing, muted, firing");
    assert_string_equal(model_alert_log_at(s.m, 1)->text, "load test^[");
    assert_int_equal(model_alert_log_at(s.m, 2)->from, ALERT_MUTED);
    story_end(&s);
}

static void mute__over_what_has_cleared__ends_without_a_word(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_clients(&s, 90);
    story_wait(&s, 10);
    story_tell(&s, "mute id=clients until_us=%lld", (long long)(s.now_us + 20 * SECOND));
    tell_clients(&s, 10);
    assert_int_equal(alert(&s, "clients", "")->state, ALERT_MUTED);
    assert_false(alert(&s, "clients", "")->up);
    story_wait(&s, 10);
    tell_clients(&s, 10);
    story_wait(&s, 10);
    assert_int_equal(alert(&s, "clients", "")->state, ALERT_OK);
    assert_string_equal(log_from(&s, 0), "firing, muted, ok");
    story_end(&s);
}

static void mute__of_a_rule__is_of_all_its_things_and_those_to_come(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "deep when queue.depth > 10");
    queues(&s, 2, "a", 20, "b", 1);
    story_tell(&s, "mute id=deep until_us=9223372036854775807 reason=night");
    assert_int_equal(alert(&s, "deep", "a")->state, ALERT_MUTED);
    queues(&s, 2, "a", 20, "b", 40);
    assert_int_equal(alert(&s, "deep", "b")->state, ALERT_MUTED);
    assert_true(alert(&s, "deep", "b")->up);
    assert_int_equal(alert(&s, "deep", "b")->muted_until_us, INT64_MAX);
    assert_string_equal(alert(&s, "deep", "b")->reason, "night");
    queues(&s, 2, "a", 1, "b", 1);
    assert_int_equal(rows(&s, "deep"), 1);
    assert_int_equal(alert(&s, "deep", "")->state, ALERT_MUTED); /* the rule as a whole says so */
    queues(&s, 2, "a", 1, "b", 60);
    story_wait(&s, 5);
    queues(&s, 2, "a", 1, "b", 60);
    story_tell(&s, "mute id=deep until_us=0");
    assert_int_equal(alert(&s, "deep", "b")->state, ALERT_FIRING);
    assert_string_equal(log_from(&s, 0), "firing a, muted, ok, firing b");
    story_end(&s);
}

static void mute__of_one_thing__leaves_the_others(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "deep when queue.depth > 10");
    queues(&s, 2, "a", 20, "b", 1);
    story_tell(&s, "mute id=\"deep\\x1fa\" until_us=%lld", (long long)(s.now_us + 300 * SECOND));
    story_tell(&s, "mute id=\"deep\\x1fnosuch\" until_us=%lld", (long long)(s.now_us + 300 * SECOND));
    story_tell(&s, "mute id=nosuch until_us=%lld", (long long)(s.now_us + 300 * SECOND));
    story_tell(&s, "mute id=\"clients\\x1fx\" until_us=%lld", (long long)(s.now_us + 300 * SECOND));
    queues(&s, 2, "a", 20, "b", 30);
    assert_int_equal(alert(&s, "deep", "a")->state, ALERT_MUTED);
    assert_int_equal(alert(&s, "deep", "b")->state, ALERT_FIRING);
    assert_int_equal(rows(&s, "deep"), 2);
    queues(&s, 2, "a", 0, "b", 30);
    assert_int_equal(alert(&s, "deep", "a")->state, ALERT_MUTED); /* a mute has a row as long as it lasts */
    assert_false(alert(&s, "deep", "a")->up);
    story_tell(&s, "mute id=\"deep\\x1fa\" until_us=0");
    queues(&s, 2, "a", 0, "b", 30);
    assert_null(find(&s, "deep", "a"));
    story_end(&s);
}

static void acknowledged__then_muted__fires_anew_when_that_ends(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_clients(&s, 90);
    story_wait(&s, 10);
    story_tell(&s, "acknowledge rule=clients");
    story_tell(&s, "mute id=clients until_us=%lld", (long long)(s.now_us + SECOND));
    story_wait(&s, 1);
    assert_int_equal(alert(&s, "clients", "")->state, ALERT_FIRING);
    story_end(&s);
}

static void log__tells_of_pending_ones_only_that_they_fired(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_clients(&s, 90);
    story_wait(&s, 5);
    tell_clients(&s, 10); /* came to nothing */
    tell_clients(&s, 90);
    story_wait(&s, 10);
    assert_int_equal(model_alert_log_count(s.m), 1);
    const struct alert_change *c = model_alert_log_at(s.m, 0);
    assert_int_equal(c->number, 1);
    assert_int_equal(c->from, ALERT_PENDING);
    assert_int_equal(c->to, ALERT_FIRING);
    assert_int_equal(c->at_us, s.now_us);
    assert_int_equal(c->wall_us, STORY_WALL_US + s.now_us);
    assert_true(c->value == 90);
    assert_string_equal(c->rule, "clients");
    assert_string_equal(c->object, "");
    assert_string_equal(c->text, "90 clients, more than 80");
    assert_null(model_alert_log_at(s.m, 1));
    SET(&s, "clients off");
    story_wait(&s, 0);
    assert_string_equal(log_from(&s, 0), "firing, ok");
    assert_string_equal(model_alert_log_at(s.m, 1)->text, "the rule is switched off");
    story_end(&s);
}

static void log__keeps__the_last_two_thousand(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    SET(&s, "x when server.clients > 10");
    for (int i = 0; i < 1500; i++) {
        tell_clients(&s, 11);
        tell_clients(&s, 9);
    }
    assert_int_equal(model_alert_log_count(s.m), ALERT_LOG_MAX);
    assert_int_equal(model_alert_log_at(s.m, 0)->number, 1001);
    assert_int_equal(model_alert_log_at(s.m, ALERT_LOG_MAX - 1)->number, 3000);
    assert_int_equal(model_alert_log_at(s.m, ALERT_LOG_MAX - 1)->to, ALERT_RESOLVED);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acknowledge__of_one_thing__leaves_the_others),
        cmocka_unit_test(mute__of_an_alert__is_quiet_until_its_time_and_fires_anew),
        cmocka_unit_test(mute__over_what_has_cleared__ends_without_a_word),
        cmocka_unit_test(mute__of_a_rule__is_of_all_its_things_and_those_to_come),
        cmocka_unit_test(mute__of_one_thing__leaves_the_others),
        cmocka_unit_test(acknowledged__then_muted__fires_anew_when_that_ends),
        cmocka_unit_test(log__tells_of_pending_ones_only_that_they_fired),
        cmocka_unit_test(log__keeps__the_last_two_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
