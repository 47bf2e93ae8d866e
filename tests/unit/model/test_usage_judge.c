/* What the model knows, as it reaches the verdict and the two rules on eviction. */
#include "story.h"

#include <math.h>

#include "redai/model/usage.h"

#define SERVER                                                                                               \
    "server redis_version=7.0.15 total_system_memory=8589934592 used_memory=381681664 evicted_keys=%d "      \
    "maxmemory=%lld maxmemory_policy=%s"
#define LIMIT 536870912LL

static void assert_verdict(const struct story *s, const char *text, bool expected_bad)
{
    bool bad;
    assert_string_equal(model_usage_verdict(s->m, &bad), text);
    assert_int_equal(bad, expected_bad);
}

static void verdict__is_empty__before_the_server_was_read(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_verdict(&s, "", false);
    story_end(&s);
}

static void verdict__counts_queues_and_sessions__as_they_come_and_go(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, SERVER, 0, LIMIT, "allkeys-lru");
    story_tell(&s, "queue name=questions depth=0,0,0,0 sources=2");
    assert_verdict(&s, "allkeys-lru at 71% of 512M: anything can be evicted; what is stored is not known yet",
                   false);
    story_tell(&s, "queue name=celery depth=40,10,0,0 sources=1");
    story_tell(&s, "session id=one user_id=7 pttl_ms=1000000");
    assert_verdict(
        &s,
        "allkeys-lru at 71% of 512M: anything can be evicted, also the queue celery (50 tasks) and 1 "
        "session: use noeviction, or a Redis of its own for the cache",
        true);
    story_tell(&s, "queue name=questions depth=0,0,0,2 sources=2");
    story_tell(&s, "unacked total=3");
    story_tell(&s, "session_gone id=one");
    story_tell(&s, "census phase=begin");
    story_tell(&s, "census phase=end walked=0");
    story_tell(&s, SERVER, 12, LIMIT, "allkeys-lru");
    assert_verdict(
        &s,
        "allkeys-lru at 71% of 512M: anything can be evicted, also the queues (52 tasks, 3 in hand): "
        "use noeviction, or a Redis of its own for the cache; 12 keys have been evicted since the "
        "server started",
        true);
    story_end(&s);
}

static void verdict__spares_sessions__when_none_of_them_expires(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, SERVER, 0, LIMIT, "volatile-lru");
    story_tell(&s, "session id=one user_id=7 pttl_ms=-1");
    story_tell(&s, "census phase=begin");
    story_tell(&s, "session_ttl id=one pttl_ms=-1");
    story_tell(&s,
               "usage usage=sessions db=0 part=session keys=1 sampled=1 sampled_no_ttl=0 sampled_bytes=9");
    story_tell(&s, "census phase=end walked=1");
    assert_verdict(
        &s,
        "volatile-lru at 71% of 512M: 1 session can be evicted: people are logged out when it is full; "
        "of the keys with a TTL those not used for long go first",
        true);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "session_ttl id=one pttl_ms=-1");
    story_tell(&s,
               "usage usage=sessions db=0 part=session keys=1 sampled=1 sampled_no_ttl=1 sampled_bytes=9");
    story_tell(&s, "census phase=end walked=1");
    assert_verdict(
        &s,
        "volatile-lru at 71% of 512M: only keys with a TTL can be evicted: cache, results, progress; "
        "those not used for long go first",
        false);
    story_end(&s);
}

static void rules__name_the_policy__when_queues_may_go_now_or_could(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_wait(&s, 1);
    assert_int_equal(story_alert(&s, "eviction-policy")->state, ALERT_UNKNOWN);
    story_tell(&s, SERVER, 0, LIMIT, "allkeys-lru");
    story_wait(&s, 1);
    assert_int_equal(story_alert(&s, "eviction-policy")->state, ALERT_OK);
    story_tell(&s, "queue name=celery depth=0,0,0,0 sources=1");
    story_wait(&s, 1);
    assert_int_equal(story_alert(&s, "eviction-policy")->state, ALERT_FIRING);
    assert_string_equal(story_alert(&s, "eviction-policy")->text,
                        "allkeys-lru may evict queues and sessions");
    assert_int_equal(story_alert(&s, "eviction-latent")->state, ALERT_OK);
    story_tell(&s, SERVER, 0, 0LL, "allkeys-lru");
    story_wait(&s, 1);
    assert_int_equal(story_alert(&s, "eviction-policy")->state, ALERT_RESOLVED);
    assert_int_equal(story_alert(&s, "eviction-latent")->state, ALERT_FIRING);
    assert_string_equal(story_alert(&s, "eviction-latent")->text,
                        "with a limit allkeys-lru would evict queues and sessions");
    story_tell(&s, SERVER, 0, LIMIT, "noeviction");
    story_wait(&s, 1);
    assert_int_equal(story_alert(&s, "eviction-latent")->state, ALERT_RESOLVED);
    story_tell(&s, "server redis_version=7.0.15");
    story_wait(&s, 1);
    assert_true(isnan(story_alert(&s, "eviction-policy")->value)); /* it is not told any more */
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdict__is_empty__before_the_server_was_read),
        cmocka_unit_test(verdict__counts_queues_and_sessions__as_they_come_and_go),
        cmocka_unit_test(verdict__spares_sessions__when_none_of_them_expires),
        cmocka_unit_test(rules__name_the_policy__when_queues_may_go_now_or_could),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
