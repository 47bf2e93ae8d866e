#include "model/metric_list.h"
#include "model/model_priv.h"
#include "story.h"

#include <math.h>
#include <stdio.h>

static double value_of(const struct story *s, enum metric metric)
{
    return metric_read(s->m, metric).value;
}

static const char *object_of(const struct story *s, enum metric metric)
{
    const char *object = metric_read(s->m, metric).object;
    return object ? object : "";
}

static void metrics__are_unknown__before_anything_is_known(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (size_t i = 0; i < rule_metric_count; i++) {
        bool counts_batches = i >= METRIC_BATCH_RUNNING && i <= METRIC_BATCH_LOST;
        double value = metric_read(s.m, i).value;
        if (counts_batches ? value != 0 : !isnan(value)) {
            fail_msg("%s is %g", rule_metrics[i].name, value);
        }
    }
    story_end(&s);
}

static void metrics__of_the_server__come_from_info(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 2; i++) {
        story_tell(
            &s,
            "server run_id=a used_memory=800 used_memory_rss=900 maxmemory=1000 connected_clients=50 "
            "maxclients=100 blocked_clients=3 instantaneous_ops_per_sec=77 uptime_in_seconds=12 loading=0 "
            "connected_slaves=1 rdb_last_bgsave_status=err aof_last_write_status=ok "
            "rdb_changes_since_last_save=5 rejected_connections=%d evicted_keys=%d expired_keys=%d "
            "mem_fragmentation_ratio=1.25 round_trip_us=2000 db0=123,0,0 keyspace_hits=%d keyspace_misses=0",
            4 * i, 6 * i, 8 * i, 10 * i);
        story_wait(&s, 2 - 2 * i);
    }
    static const struct {
        enum metric metric;
        double value;
    } expected[] = {
        {METRIC_USED_MEMORY, 800},    {METRIC_MEMORY_RSS, 900}, {METRIC_MEMORY_PERCENT, 80},
        {METRIC_FRAGMENTATION, 1.25}, {METRIC_CLIENTS, 50},     {METRIC_CLIENTS_PERCENT, 50},
        {METRIC_BLOCKED, 3},          {METRIC_OPS, 77},         {METRIC_UPTIME, 12},
        {METRIC_LOADING, 0},          {METRIC_REPLICAS, 1},     {METRIC_SAVE_FAILED, 1},
        {METRIC_AOF_FAILED, 0},       {METRIC_UNSAVED, 5},      {METRIC_REJECTED, 4},
        {METRIC_EVICTED, 3},          {METRIC_EXPIRED, 4},      {METRIC_ROUND_TRIP, 0.002},
        {METRIC_KEYS, 123},           {METRIC_HIT_RATE, 100},   {METRIC_HIT_RATE_LIFETIME, 100},
        {METRIC_LOOKUPS, 10},
    };
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_near(value_of(&s, expected[i].metric), expected[i].value);
    }
    assert_true(isnan(value_of(&s, METRIC_MASTER_DOWN))); /* no replica */
    story_wait(&s, 11);                                   /* too old to be judged */
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_true(isnan(value_of(&s, expected[i].metric)));
    }
    story_tell(&s, "server used_memory=800 maxmemory=0 master_link_status=down");
    assert_true(isnan(value_of(&s, METRIC_MEMORY_PERCENT))); /* no limit */
    assert_near(value_of(&s, METRIC_MASTER_DOWN), 1);
    story_end(&s);
}

static void metrics__of_queues__name_the_worst(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i <= 70; i++) {
        story_tell(&s, "queue name=a depth=5,0,0,0");
        story_tell(&s, "queue name=\"b\\x1b\" depth=%d,0,0,0", 200 + i);
        story_tell(&s, "queue name=c depth=%d,0,0,0", 1000 - 10 * i);
        story_tell(&s, "queue name=d depth=-1,-1,-1,-1");
        story_tell(&s, "unacked total=9 oldest_wall_us=%lld", (long long)(STORY_WALL_US + STORY_START));
        story_tell(&s, "poll topic=queues");
        story_wait(&s, 1);
    }
    assert_near(value_of(&s, METRIC_QUEUE_DEPTH), 300);
    assert_string_equal(object_of(&s, METRIC_QUEUE_DEPTH), "c");
    assert_near(value_of(&s, METRIC_QUEUE_TOTAL), 5 + 270 + 300);
    assert_near(value_of(&s, METRIC_QUEUE_GROWING), 270);
    assert_string_equal(object_of(&s, METRIC_QUEUE_GROWING), "b^[");
    assert_true(isinf(value_of(&s, METRIC_QUEUE_DRAIN)));
    assert_near(value_of(&s, METRIC_UNACKED), 9);
    assert_near(value_of(&s, METRIC_UNACKED_AGE), 71);
    story_wait(&s, 5); /* stale */
    assert_true(isnan(value_of(&s, METRIC_QUEUE_GROWING)) && isnan(value_of(&s, METRIC_QUEUE_DEPTH)));
    story_end(&s);
}

static void metrics__of_batches__count_and_name(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "batch id=run current=1 total=4 status=in_progress");
    story_tell(&s, "batch id=wait origin=enqueued");
    story_tell(&s, "batch id=bad1 status=failed error=x");
    story_wait(&s, 5);
    story_tell(&s, "batch id=bad2 status=failed error=x");
    story_tell(&s, "batch id=lost current=1 total=4 status=in_progress");
    story_tell(&s, "batch_gone id=lost");
    story_tell(&s, "task id=lost");
    assert_near(value_of(&s, METRIC_BATCH_RUNNING), 1);
    assert_near(value_of(&s, METRIC_BATCH_QUEUED), 1);
    assert_near(value_of(&s, METRIC_BATCH_FAILED), 1); /* yes */
    assert_string_equal(object_of(&s, METRIC_BATCH_FAILED), "bad2");
    assert_near(value_of(&s, METRIC_BATCH_LOST), 1);
    assert_near(value_of(&s, METRIC_BATCH_STALLED), 5);
    assert_string_equal(object_of(&s, METRIC_BATCH_STALLED), "run");
    story_wait(&s, 595);
    assert_near(value_of(&s, METRIC_BATCH_FAILED), 1);
    story_tell(&s, "dismiss id=bad2");
    assert_near(value_of(&s, METRIC_BATCH_FAILED), 0);
    story_end(&s);
}

static void metrics__of_sessions_and_workers__wait_for_their_first_news(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=1");
    story_tell(&s, "session id=b user_id=1");
    assert_true(isnan(value_of(&s, METRIC_SESSIONS))); /* half a walk is no number */
    story_tell(&s, "census phase=begin");
    story_tell(&s, "session_ttl id=a");
    story_tell(&s, "session_ttl id=b");
    story_tell(&s, "family name=exam keys=4 sampled=4 sampled_no_ttl=3");
    story_tell(&s, "family name=session keys=2 sampled=2 sampled_no_ttl=0");
    story_tell(&s, "census phase=end walked=6");
    assert_near(value_of(&s, METRIC_SESSIONS), 2);
    assert_near(value_of(&s, METRIC_USERS), 1);
    assert_near(value_of(&s, METRIC_USER_SESSIONS), 2);
    assert_near(value_of(&s, METRIC_KEYS), 6);
    assert_near(value_of(&s, METRIC_WITHOUT_TTL), 3);
    assert_string_equal(object_of(&s, METRIC_WITHOUT_TTL), "exam");
    story_tell(&s, "worker name=w1 event=heartbeat");
    story_wait(&s, 10);
    story_tell(&s, "worker name=w2 event=heartbeat");
    story_wait(&s, 10);
    assert_near(value_of(&s, METRIC_WORKERS), 1);
    assert_near(value_of(&s, METRIC_WORKER_SILENT), 20);
    assert_string_equal(object_of(&s, METRIC_WORKER_SILENT), "w1");
    story_tell(&s, "worker name=w1 event=offline");
    assert_near(value_of(&s, METRIC_WORKER_SILENT), 10);
    story_end(&s);
}

static void metrics__of_cache_families__name_the_worst(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=exam keys=60 sampled=60 sampled_no_ttl=2 sampled_bytes=600 reprs=58");
    assert_true(isnan(value_of(&s, METRIC_OBJECT_REPRS))); /* half a walk is no number */
    assert_true(isnan(value_of(&s, METRIC_WITHOUT_TTL_MISPLACED)));
    assert_true(isnan(value_of(&s, METRIC_LARGEST_SHARE)));
    story_tell(&s, "family name=cache:m.f keys=9 sampled=9 sampled_bytes=90 reprs=9");
    story_tell(&s, "family name=celery keys=50 sampled=50 sampled_no_ttl=50 sampled_bytes=10");
    story_tell(&s, "family name=shop keys=50 sampled=50 sampled_no_ttl=50 sampled_bytes=300");
    story_tell(&s, "family name=session keys=5 sampled=5 sampled_no_ttl=3");
    story_tell(&s, "census phase=end walked=174");
    assert_near(value_of(&s, METRIC_OBJECT_REPRS), 58);
    assert_string_equal(object_of(&s, METRIC_OBJECT_REPRS), "exam");
    assert_near(value_of(&s, METRIC_WITHOUT_TTL_MISPLACED), 3);
    assert_string_equal(object_of(&s, METRIC_WITHOUT_TTL_MISPLACED), "session");
    assert_near(value_of(&s, METRIC_LARGEST_SHARE), 60);
    assert_string_equal(object_of(&s, METRIC_LARGEST_SHARE), "exam");
    assert_true(isnan(value_of(&s, METRIC_CROWDING)));
    story_tell(&s, "server used_memory=100 maxmemory=0 evicted_keys=0 expired_keys=0 "
                   "rejected_connections=0");
    assert_near(value_of(&s, METRIC_CROWDING), 0); /* no limit, nobody is crowded out */
    story_tell(&s, "server used_memory=70 maxmemory=100 evicted_keys=0 expired_keys=0 "
                   "rejected_connections=0");
    assert_near(value_of(&s, METRIC_CROWDING), 0);
    story_tell(&s, "server used_memory=71 maxmemory=100 evicted_keys=0 expired_keys=0 "
                   "rejected_connections=0");
    assert_near(value_of(&s, METRIC_CROWDING), 60);
    assert_string_equal(object_of(&s, METRIC_CROWDING), "exam");
    story_wait(&s, 2);
    story_tell(&s,
               "server used_memory=50 maxmemory=100 evicted_keys=5 expired_keys=0 rejected_connections=0");
    assert_near(value_of(&s, METRIC_CROWDING), 60);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=exam keys=60"); /* nothing was measured */
    story_tell(&s, "census phase=end walked=60");
    assert_near(value_of(&s, METRIC_OBJECT_REPRS), 0);
    assert_true(isnan(value_of(&s, METRIC_LARGEST_SHARE)));
    story_end(&s);
}

static void metric__unreachable__is_unknown_while_it_is_being_found_out(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "link role=poll state=connecting");
    assert_true(isnan(value_of(&s, METRIC_UNREACHABLE)));
    story_wait(&s, 11);
    assert_near(value_of(&s, METRIC_UNREACHABLE), 1);
    story_tell(&s, "link role=poll state=up");
    assert_true(isnan(value_of(&s, METRIC_UNREACHABLE)));
    story_tell(&s, "server used_memory=1");
    assert_near(value_of(&s, METRIC_UNREACHABLE), 0);
    story_wait(&s, 11); /* it is up and says nothing */
    assert_near(value_of(&s, METRIC_UNREACHABLE), 1);
    story_tell(&s, "link role=poll state=down");
    assert_near(value_of(&s, METRIC_UNREACHABLE), 1);
    story_tell(&s, "link role=poll state=connecting"); /* trying again is not being there */
    assert_near(value_of(&s, METRIC_UNREACHABLE), 1);
    story_end(&s);
}

static void metric_format__writes__each_unit(void **state)
{
    (void)state;
    static const struct {
        enum metric metric;
        double value;
        const char *text;
    } lines[] = {
        {METRIC_USED_MEMORY, 1610612736, "1.5G"},
        {METRIC_HIT_RATE, 66.5, "66.5%"},
        {METRIC_CLIENTS, 81, "81"},
        {METRIC_FRAGMENTATION, 1.256, "1.26"},
        {METRIC_OPS, 12, "12/s"},
        {METRIC_BATCH_STALLED, 75, "1m15s"},
        {METRIC_LOADING, 1, "yes"},
        {METRIC_LOADING, 0, "no"},
        {METRIC_CLIENTS, -5, "0"},
    };
    char text[32];
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        metric_format(lines[i].metric, lines[i].value, text, sizeof(text));
        assert_string_equal(text, lines[i].text);
    }
    metric_format(METRIC_QUEUE_DRAIN, (double)INFINITY, text, sizeof(text));
    assert_string_equal(text, "endless");
    metric_format(METRIC_CLIENTS, (double)NAN, text, sizeof(text));
    assert_string_equal(text, "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics__are_unknown__before_anything_is_known),
        cmocka_unit_test(metrics__of_the_server__come_from_info),
        cmocka_unit_test(metrics__of_queues__name_the_worst),
        cmocka_unit_test(metrics__of_batches__count_and_name),
        cmocka_unit_test(metrics__of_sessions_and_workers__wait_for_their_first_news),
        cmocka_unit_test(metrics__of_cache_families__name_the_worst),
        cmocka_unit_test(metric__unreachable__is_unknown_while_it_is_being_found_out),
        cmocka_unit_test(metric_format__writes__each_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
