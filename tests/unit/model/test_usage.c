#include "story.h"

#include <math.h>

static const struct usage_view *usage(const struct story *s, enum usage wanted)
{
    const struct usage_view *row;
    size_t count = model_usage(s->m, &row);
    assert_int_equal(count, USAGE_COUNT);
    for (size_t i = 0; i < count; i++) {
        if (row[i].usage == wanted) {
            return &row[i];
        }
    }
    fail_msg("no row");
    return NULL;
}

static void an_owner__is__the_sum_of_its_parts(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "connection address=x db=0 result_db=1");
    assert_int_equal(usage(&s, USAGE_CACHE)->keys, -1);
    assert_int_equal(usage(&s, USAGE_CACHE)->bytes, -1);
    story_tell(&s, "census phase=begin");
    /* Ten large ones, all measured, and many small ones of which few are: no mean of the two would do. */
    story_tell(&s, "usage usage=cache db=0 part=exam keys=10 sampled=10 sampled_no_ttl=1 "
                   "sampled_bytes=10000000 sampled_squares=10000000000000");
    story_tell(&s, "usage usage=cache db=0 part=task:test keys=100000 sampled=50 sampled_no_ttl=25 "
                   "sampled_bytes=5000 sampled_squares=500000");
    story_tell(&s, "usage usage=results db=1 part=results keys=1000 sampled=10 sampled_bytes=4000 "
                   "sampled_squares=1700000");
    story_tell(&s, "census phase=end walked=100010");
    const struct usage_view *cache = usage(&s, USAGE_CACHE);
    assert_int_equal(cache->keys, 100010);
    assert_int_equal(cache->bytes, 20000000);
    assert_int_equal(cache->without_ttl, 50001);
    assert_near(cache->margin, 0);
    assert_false(cache->vital);
    assert_int_equal(usage(&s, USAGE_RESULTS)->bytes, 400000);
    assert_true(usage(&s, USAGE_RESULTS)->margin > 0);
    assert_int_equal(usage(&s, USAGE_QUEUES)->bytes, 0);
    assert_true(usage(&s, USAGE_QUEUES)->vital);
    const struct usage_view *row;
    model_usage(s.m, &row);
    assert_int_equal(row[0].usage, USAGE_CACHE);
    assert_int_equal(row[1].usage, USAGE_RESULTS);
    story_end(&s);
}

static void a_later_walk__counts__when_it_is_whole(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "connection address=x db=0 result_db=1");
    story_tell(&s, "census phase=begin");
    story_tell(&s, "usage usage=cache db=0 part=exam keys=10 sampled=10 sampled_bytes=100");
    story_tell(&s, "usage usage=sessions db=0 part=session keys=10");
    assert_int_equal(usage(&s, USAGE_CACHE)->keys, 10);
    assert_int_equal(usage(&s, USAGE_SESSIONS)->bytes, -1); /* none was measured */
    story_tell(&s, "census phase=end walked=20");
    story_tell(&s, "usage usage=results db=1 part=results keys=3 sampled=3 sampled_bytes=30");
    story_tell(&s, "census phase=begin");
    story_tell(&s, "usage usage=cache db=0 part=exam keys=4 sampled=4 sampled_bytes=40");
    assert_int_equal(usage(&s, USAGE_CACHE)->keys, 10);
    story_tell(&s, "usage usage=results db=1 part=results keys=5 sampled=5 sampled_bytes=50");
    assert_int_equal(usage(&s, USAGE_RESULTS)->keys, 5); /* another database has its own time */
    story_tell(&s, "census phase=end walked=4");
    assert_int_equal(usage(&s, USAGE_CACHE)->keys, 4);
    assert_int_equal(usage(&s, USAGE_SESSIONS)->keys, 0);
    assert_int_equal(usage(&s, USAGE_RESULTS)->keys, 5);
    story_end(&s);
}

static void what_may_be_evicted__depends_on__policy_and_ttls(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "connection address=x db=0 result_db=1");
    story_tell(&s, "census phase=begin");
    story_tell(&s, "usage usage=cache db=0 part=exam keys=10 sampled=10 sampled_bytes=100");
    story_tell(&s, "usage usage=queues db=0 part=lists keys=2 sampled=2 sampled_no_ttl=2 sampled_bytes=99");
    story_tell(&s, "census phase=end walked=12");
    assert_false(usage(&s, USAGE_CACHE)->evictable); /* nobody knows the policy yet */
    story_tell(&s, "server maxmemory=1000 maxmemory_policy=allkeys-lru");
    assert_true(usage(&s, USAGE_CACHE)->evictable);
    assert_true(usage(&s, USAGE_QUEUES)->evictable);
    assert_false(usage(&s, USAGE_SESSIONS)->evictable); /* there are none */
    story_tell(&s, "server maxmemory=1000 maxmemory_policy=volatile-ttl");
    assert_true(usage(&s, USAGE_CACHE)->evictable);
    assert_false(usage(&s, USAGE_QUEUES)->evictable);
    story_tell(&s, "server maxmemory=1000 maxmemory_policy=noeviction");
    assert_false(usage(&s, USAGE_CACHE)->evictable);
    story_tell(&s, "server maxmemory=0 maxmemory_policy=allkeys-lru");
    assert_false(usage(&s, USAGE_CACHE)->evictable);
    story_end(&s);
}

static void parts__are_bounded(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "connection address=x db=0 result_db=1");
    for (int i = 0; i < 5000; i++) {
        story_tell(&s, "usage usage=other db=0 part=p%d keys=1 sampled=1 sampled_bytes=1", i);
    }
    assert_int_equal(usage(&s, USAGE_OTHER)->keys, 2000);
    story_tell(
        &s,
        "usage usage=other db=0 part=p1 keys=9223372036854775807 sampled=1 sampled_bytes=9223372036854775807 "
        "sampled_squares=1e300");
    assert_true(usage(&s, USAGE_OTHER)->bytes > 0);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_owner__is__the_sum_of_its_parts),
        cmocka_unit_test(a_later_walk__counts__when_it_is_whole),
        cmocka_unit_test(what_may_be_evicted__depends_on__policy_and_ttls),
        cmocka_unit_test(parts__are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
