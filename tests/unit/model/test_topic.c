#include "story.h"

static void topic__is_stale__until_it_was_read(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_true(model_topic_stale(s.m, TOPIC_QUEUES));
    assert_int_equal(model_topic_age_us(s.m, TOPIC_QUEUES), -1);
    story_tell(&s, "poll topic=queues ok=1");
    assert_false(model_topic_stale(s.m, TOPIC_QUEUES));
    assert_int_equal(model_topic_age_us(s.m, TOPIC_QUEUES), 0);
    story_end(&s);
}

static void topic__greys__after_three_seconds_without_a_read(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "poll topic=queues ok=1");
    story_wait(&s, 3);
    assert_false(model_topic_stale(s.m, TOPIC_QUEUES));
    story_wait_us(&s, 1);
    assert_true(model_topic_stale(s.m, TOPIC_QUEUES));
    assert_int_equal(model_topic_age_us(s.m, TOPIC_QUEUES), 3 * SECOND + 1);
    story_end(&s);
}

static void topic__learns__a_slow_refresh_but_not_a_gap(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 4; i++) {
        story_tell(&s, "poll topic=server");
        story_wait(&s, 20);
    }
    assert_false(model_topic_stale(s.m, TOPIC_SERVER));
    story_wait(&s, 41);
    assert_true(model_topic_stale(s.m, TOPIC_SERVER));
    /* queues are read each second, with one gap of 30 s */
    story_tell(&s, "poll topic=queues");
    story_wait(&s, 1);
    story_tell(&s, "poll topic=queues");
    story_wait(&s, 30);
    story_tell(&s, "poll topic=queues");
    story_wait(&s, 4);
    assert_true(model_topic_stale(s.m, TOPIC_QUEUES));
    story_end(&s);
}

static void topic__tells__why_a_read_failed(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "poll topic=cache ok=1");
    story_tell(&s, "poll topic=cache ok=0 error=\"NOPERM \\x1b[31m\"");
    assert_true(model_topic(s.m, TOPIC_CACHE)->failed);
    assert_true(model_topic_stale(s.m, TOPIC_CACHE));
    assert_string_equal(model_topic(s.m, TOPIC_CACHE)->error, "NOPERM ^[[31m");
    assert_int_equal(model_topic(s.m, TOPIC_CACHE)->ok_at_us, STORY_START);
    story_tell(&s, "poll topic=cache ok=1");
    assert_false(model_topic_stale(s.m, TOPIC_CACHE));
    assert_string_equal(model_topic(s.m, TOPIC_CACHE)->error, "");
    story_end(&s);
}

static void topic__is_stale__from_a_lost_feed_to_the_next_read(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "link role=feed state=up");
    story_tell(&s, "poll topic=sessions");
    story_wait(&s, 1);
    assert_false(model_topic_stale(s.m, TOPIC_SESSIONS));
    story_tell(&s, "link role=feed state=down");
    assert_true(model_topic_stale(s.m, TOPIC_SESSIONS));
    story_tell(&s, "link role=feed state=up");
    assert_true(model_topic_stale(s.m, TOPIC_SESSIONS));
    story_tell(&s, "poll topic=sessions");
    assert_false(model_topic_stale(s.m, TOPIC_SESSIONS));
    story_end(&s);
}

static void topic__never_learns__an_outage_as_its_pace(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 3; i++) {
        story_tell(&s, "poll topic=server");
        story_wait(&s, 1000);
    }
    story_tell(&s, "poll topic=server");
    story_wait(&s, 181);
    assert_true(model_topic_stale(s.m, TOPIC_SERVER));
    story_end(&s);
}

static void topic__greys__soon_without_a_link(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "link role=poll state=up");
    story_tell(&s, "poll topic=sessions");
    story_wait(&s, 100);
    assert_false(model_topic_stale(s.m, TOPIC_SESSIONS));
    story_tell(&s, "link role=poll state=down");
    assert_true(model_topic_stale(s.m, TOPIC_SESSIONS));
    story_end(&s);
}

static void model__collects__the_changes_since_they_were_last_taken(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    model_take_changes(s.m);
    story_tell(&s, "queue name=celery depth=1,0,0,0");
    story_tell(&s, "unacked total=3");
    assert_int_equal(model_take_changes(s.m), 1u << TOPIC_QUEUES);
    assert_int_equal(model_take_changes(s.m), 0);
    story_tell(&s, "session id=a");
    assert_int_equal(model_take_changes(s.m), 1u << TOPIC_SESSIONS);
    story_end(&s);
}

/* A hundred thousand sessions are not put in order again because a walk has met them all where they were. */
static void model__tells_apart__rows_that_changed_and_what_was_only_looked_at(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a pttl_ms=5000");
    model_take_changes(s.m);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "session_ttl id=a pttl_ms=-2");
    story_tell(&s, "poll topic=sessions ok=true");
    assert_int_equal(model_take_changes(s.m) & ~(1u << TOPIC_CACHE), MODEL_RETITLED);
    story_tell(&s, "session_ttl id=a pttl_ms=9000");
    assert_int_equal(model_take_changes(s.m), 1u << TOPIC_SESSIONS);
    story_tell(&s, "session_ttl id=unknown pttl_ms=9000");
    assert_int_equal(model_take_changes(s.m), 0);
    story_end(&s);
}

static void model__never_turns__its_clock_back(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    s.now_us -= 5 * SECOND;
    story_tell(&s, "clock");
    assert_int_equal(model_now_us(s.m), STORY_START);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(topic__is_stale__until_it_was_read),
        cmocka_unit_test(topic__greys__after_three_seconds_without_a_read),
        cmocka_unit_test(topic__learns__a_slow_refresh_but_not_a_gap),
        cmocka_unit_test(topic__tells__why_a_read_failed),
        cmocka_unit_test(topic__is_stale__from_a_lost_feed_to_the_next_read),
        cmocka_unit_test(topic__never_learns__an_outage_as_its_pace),
        cmocka_unit_test(topic__greys__soon_without_a_link),
        cmocka_unit_test(model__collects__the_changes_since_they_were_last_taken),
        cmocka_unit_test(model__tells_apart__rows_that_changed_and_what_was_only_looked_at),
        cmocka_unit_test(model__never_turns__its_clock_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
