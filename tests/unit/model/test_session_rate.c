/* Log-ins and ends by the minute, and the rules about users and their sessions. */
#include "story.h"

#include <math.h>

static const struct session_index_view *rates(const struct story *s)
{
    return model_session_index(s->m);
}

static void walk(struct story *s)
{
    story_tell(s, "census phase=begin");
    story_tell(s, "census phase=end");
}

static void log_in(struct story *s, int64_t ago_s)
{
    static int next;
    story_tell(s, "session id=s%d user_id=u%d created_us=%lld pttl_ms=86400000", next, next,
               (long long)(STORY_WALL_US + s->now_us - ago_s * SECOND));
    next++;
}

static enum alert_state alert(const struct story *s, const char *rule)
{
    return story_alert(s, rule)->state;
}

static void log_ins__are_counted__by_when_the_session_was_made(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_true(isnan(rates(&s)->logins_per_min));
    story_tell(&s, "census phase=begin");
    log_in(&s, 0);
    log_in(&s, 59);
    log_in(&s, 61);
    log_in(&s, -5); /* its clock is ahead of ours */
    story_tell(&s, "census phase=end");
    assert_near(rates(&s)->logins_per_min, 3);
    story_wait(&s, 30);
    log_in(&s, 0);
    assert_near(rates(&s)->logins_per_min, 3);
    story_wait(&s, 40);
    assert_near(rates(&s)->logins_per_min, 1);
    story_wait(&s, 3600);
    assert_near(rates(&s)->logins_per_min, 0);
    story_end(&s);
}

static void ends__are_known__after_a_minute_of_watching(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    walk(&s);
    log_in(&s, 500);
    story_tell(&s, "session id=a user_id=7 pttl_ms=86400000");
    story_tell(&s, "session id=b user_id=7 pttl_ms=86400000");
    story_tell(&s, "session id=c user_id=7 pttl_ms=65000");
    assert_true(isnan(rates(&s)->expired_per_min));
    assert_true(isnan(rates(&s)->ended_per_min));
    story_wait(&s, 60);
    assert_near(rates(&s)->expired_per_min, 0);
    story_tell(&s, "session_gone id=a reason=expired");
    story_tell(&s, "session_gone id=a reason=expired"); /* told twice, gone once */
    story_tell(&s, "session_gone id=b reason=deleted");
    assert_near(rates(&s)->expired_per_min, 1);
    assert_near(rates(&s)->ended_per_min, 1);
    story_wait(&s, 10); /* by its TTL, unheard */
    assert_near(rates(&s)->expired_per_min, 2);
    story_wait(&s, 61);
    assert_near(rates(&s)->expired_per_min, 0);
    assert_near(rates(&s)->ended_per_min, 0);
    story_end(&s);
}

/* What ran out in an hour without a connection did not run out in the minute after it. */
static void a_gap__makes_no_mass_expiry(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "link role=poll state=up");
    walk(&s);
    for (int i = 0; i < 300; i++) {
        story_tell(&s, "session id=%d pttl_ms=%d", i, i * 10000);
    }
    story_tell(&s, "link role=poll state=down");
    story_wait(&s, 3500);
    assert_true(isnan(rates(&s)->expired_per_min));
    story_tell(&s, "link role=poll state=up");
    story_wait(&s, 1);
    assert_int_equal(model_session_count(s.m), 0);
    assert_int_equal(alert(&s, "session-mass-expiry"), ALERT_UNKNOWN);
    story_wait(&s, 60);
    assert_int_equal(alert(&s, "session-mass-expiry"), ALERT_OK);
    story_end(&s);
}

static void a_mass_expiry__fires__when_a_good_part_goes_within_a_minute(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "census phase=begin");
    for (int i = 0; i < 400; i++) {
        story_tell(&s, "session id=%d pttl_ms=%d", i, i < 90 ? 100000 + i * 100 : 9000000);
    }
    story_tell(&s, "census phase=end");
    story_wait(&s, 80);
    assert_int_equal(alert(&s, "session-mass-expiry"), ALERT_OK);
    story_wait(&s, 30); /* 80 of 400 */
    assert_int_equal(alert(&s, "session-mass-expiry"), ALERT_FIRING);
    story_wait(&s, 70);
    assert_int_equal(alert(&s, "session-mass-expiry"), ALERT_RESOLVED);
    story_end(&s);
}

static void a_few_that_run_out__are_no_mass(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "census phase=begin");
    for (int i = 0; i < 49; i++) {
        story_tell(&s, "session id=%d pttl_ms=100000", i);
    }
    story_tell(&s, "census phase=end");
    story_wait(&s, 103);
    assert_int_equal(model_session_count(s.m), 0);
    assert_int_equal(alert(&s, "session-mass-expiry"), ALERT_OK);
    story_end(&s);
}

static void a_storm__fires__far_above_the_usual(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_int_equal(alert(&s, "session-storm"), ALERT_UNKNOWN);
    story_tell(&s, "census phase=begin");
    for (int minute = 2; minute < 60; minute++) { /* twenty a minute */
        for (int i = 0; i < 20; i++) {
            log_in(&s, minute * 60 + i);
        }
    }
    story_tell(&s, "census phase=end");
    for (int i = 0; i < 190; i++) {
        log_in(&s, 0);
    }
    story_wait(&s, 0);
    assert_int_equal(alert(&s, "session-storm"), ALERT_OK);
    for (int i = 0; i < 120; i++) {
        log_in(&s, 0);
    }
    story_wait(&s, 0);
    assert_int_equal(alert(&s, "session-storm"), ALERT_FIRING);
    assert_near(story_alert(&s, "session-storm")->value, 310. / 30);
    story_wait(&s, 61);
    assert_int_equal(alert(&s, "session-storm"), ALERT_RESOLVED);
    story_end(&s);
}

static void an_exam_that_begins__is_no_storm(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    walk(&s);
    for (int i = 0; i < 299; i++) {
        log_in(&s, 0);
    }
    story_wait(&s, 0);
    assert_int_equal(alert(&s, "session-storm"), ALERT_OK);
    story_end(&s);
}

static void a_crowd__is_one_user_with_many_sessions(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_int_equal(alert(&s, "session-crowd"), ALERT_UNKNOWN);
    walk(&s);
    for (int i = 0; i < 19; i++) {
        story_tell(&s, "session id=a%d user_id=7", i);
        story_tell(&s, "session id=b%d user_id=8", i);
    }
    story_wait(&s, 20);
    assert_int_equal(alert(&s, "session-crowd"), ALERT_OK);
    story_tell(&s, "session id=b19 user_id=8");
    story_wait(&s, 0);
    story_wait(&s, 10);
    assert_int_equal(alert(&s, "session-crowd"), ALERT_FIRING);
    assert_string_equal(story_alert(&s, "session-crowd")->object, "8");
    assert_string_equal(story_alert(&s, "session-crowd")->text, "user 8 has 20 sessions");
    for (int i = 0; i < 20; i++) {
        story_tell(&s, "session_gone id=b%d reason=deleted", i);
    }
    story_wait(&s, 0);
    assert_int_equal(alert(&s, "session-crowd"), ALERT_RESOLVED); /* the other one never fired */
    assert_string_equal(story_alert(&s, "session-crowd")->text, "user 8 is not there any more");
    story_wait(&s, 600);
    assert_int_equal(alert(&s, "session-crowd"), ALERT_OK);
    assert_near(story_alert(&s, "session-crowd")->value, 19); /* at rest the one with most is shown */
    assert_string_equal(story_alert(&s, "session-crowd")->object, "7");
    story_end(&s);
}

static void orphans__fire__once_they_are_known(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "session id=a user_id=7");
    story_tell(&s, "session id=b user_id=8");
    story_tell(&s, "census phase=end");
    story_wait(&s, 2);
    assert_int_equal(alert(&s, "session-orphans"), ALERT_UNKNOWN);
    story_tell(&s, "user_index phase=begin user_id=7");
    story_tell(&s, "user_index phase=gone user_id=7");
    story_wait(&s, 0);
    assert_int_equal(alert(&s, "session-orphans"), ALERT_UNKNOWN); /* 8 is not read */
    story_tell(&s, "user_index phase=begin user_id=8");
    story_tell(&s, "user_index phase=member user_id=8 id=b");
    story_tell(&s, "user_index phase=end user_id=8 size=1");
    story_wait(&s, 0);
    story_wait(&s, 5);
    assert_int_equal(alert(&s, "session-orphans"), ALERT_FIRING);
    assert_near(story_alert(&s, "session-orphans")->value, 1);
    story_tell(&s, "session_gone id=a reason=deleted");
    story_wait(&s, 0);
    assert_int_equal(alert(&s, "session-orphans"), ALERT_RESOLVED);
    story_end(&s);
}

static void stale_entries__are_worth_a_word__when_they_are_most(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    walk(&s);
    story_tell(&s, "session id=live user_id=7");
    story_tell(&s, "user_index phase=begin user_id=7");
    story_tell(&s, "user_index phase=member user_id=7 id=live");
    for (int i = 0; i < 99; i++) {
        story_tell(&s, "user_index phase=member user_id=7 id=%d", i);
        story_tell(&s, "session_gone id=%d", i);
    }
    story_tell(&s, "user_index phase=end user_id=7 size=100");
    story_wait(&s, 40);
    assert_int_equal(alert(&s, "session-stale"), ALERT_OK); /* too few to speak of */
    story_tell(&s, "user_index phase=begin user_id=8");
    story_tell(&s, "user_index phase=member user_id=8 id=more");
    story_tell(&s, "user_index phase=end user_id=8 size=1");
    story_tell(&s, "session_gone id=more");
    story_wait(&s, 0);
    story_wait(&s, 31);
    assert_int_equal(alert(&s, "session-stale"), ALERT_FIRING);
    assert_int_equal(story_alert(&s, "session-stale")->rule->severity, SEVERITY_INFO);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_ins__are_counted__by_when_the_session_was_made),
        cmocka_unit_test(ends__are_known__after_a_minute_of_watching),
        cmocka_unit_test(a_gap__makes_no_mass_expiry),
        cmocka_unit_test(a_mass_expiry__fires__when_a_good_part_goes_within_a_minute),
        cmocka_unit_test(a_few_that_run_out__are_no_mass),
        cmocka_unit_test(a_storm__fires__far_above_the_usual),
        cmocka_unit_test(an_exam_that_begins__is_no_storm),
        cmocka_unit_test(a_crowd__is_one_user_with_many_sessions),
        cmocka_unit_test(orphans__fire__once_they_are_known),
        cmocka_unit_test(stale_entries__are_worth_a_word__when_they_are_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
