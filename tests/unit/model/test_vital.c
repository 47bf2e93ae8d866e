#include "story.h"

#include <math.h>

#define MB (INT64_C(1) << 20)

static const struct vital *find(const struct story *s, const char *id)
{
    const struct vital *v = model_vital_find(s->m, span_of(id));
    assert_non_null(v);
    return v;
}

static void has_not(const struct story *s, const char *id)
{
    assert_null(model_vital_find(s->m, span_of(id)));
}

static void vitals__are_none__before_the_first_info(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_int_equal(model_vital_count(s.m), 0);
    assert_null(model_vital_at(s.m, 0));
    story_end(&s);
}

static void vitals__show_what_this_server_tells__group_by_group(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s,
               "server role=master used_memory=%ld used_memory_dataset=%ld maxmemory=0 aof_enabled=0 "
               "connected_slaves=0 connected_clients=12 maxclients=100 round_trip_us=2500",
               (long)(100 * MB), (long)(60 * MB));
    assert_near(find(&s, "memory.used")->now, 100.0 * (double)MB);
    assert_string_equal(find(&s, "memory.used")->note, "no limit: maxmemory is 0");
    assert_string_equal(find(&s, "memory.dataset")->note, "60.0% of used");
    assert_near(find(&s, "clients.of maxclients")->now, 12);
    assert_string_equal(find(&s, "clients.of maxclients")->note, "of 100");
    assert_near(find(&s, "latency.round trip")->now, 0.0025);
    has_not(&s, "memory.of limit"); /* there is none */
    has_not(&s, "memory.overhead"); /* it does not tell */
    has_not(&s, "memory.replication");
    has_not(&s, "persistence.AOF size"); /* it has none */
    has_not(&s, "replication.replicas");
    has_not(&s, "replication.link up");
    has_not(&s, "keys.db0");
    enum vital_group group = VITAL_GROUP_MEMORY; /* the first */
    for (size_t i = 0; i < model_vital_count(s.m); i++) {
        const struct vital *v = model_vital_at(s.m, i);
        assert_true(v->group >= group);
        assert_true(span_starts(span_of(v->id), span_of(vital_group_name[v->group])));
        assert_true(v->help[0] && v->unit[0]);
        group = v->group;
    }
    story_end(&s);
}

static void rates__are_unknown__until_the_second_info(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "server run_id=a uptime_in_seconds=10 total_net_input_bytes=1000 used_cpu_user=1.0 "
                   "used_cpu_sys_main_thread=0 used_cpu_user_main_thread=0.1");
    assert_true(isnan(find(&s, "traffic.in")->now));
    assert_true(isnan(find(&s, "cpu.user")->now));
    story_wait(&s, 2);
    story_tell(&s, "server run_id=a uptime_in_seconds=12 total_net_input_bytes=5000 used_cpu_user=2.5 "
                   "used_cpu_sys_main_thread=0.2 used_cpu_user_main_thread=1.7");
    assert_near(find(&s, "traffic.in")->now, 2000);
    assert_near(find(&s, "cpu.user")->now, 75);
    assert_near(find(&s, "cpu.main thread")->now, 90);
    assert_int_equal(find(&s, "cpu.main thread")->tone, VITAL_WARNING);
    assert_non_null(strstr(find(&s, "cpu.main thread")->note, ":group commands"));
    story_end(&s);
}

static void rates__are_unknown__across_a_restart_or_a_gap(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "server run_id=a uptime_in_seconds=10 total_net_input_bytes=1000");
    story_wait(&s, 1);
    story_tell(&s, "server run_id=b uptime_in_seconds=1 total_net_input_bytes=9000");
    assert_true(isnan(find(&s, "traffic.in")->now));
    story_wait(&s, 1);
    story_tell(&s, "server run_id=b uptime_in_seconds=2 total_net_input_bytes=9100");
    assert_near(find(&s, "traffic.in")->now, 100);
    story_wait(&s, 100);
    story_tell(&s, "server run_id=b uptime_in_seconds=102 total_net_input_bytes=99100");
    assert_true(isnan(find(&s, "traffic.in")->now));
    story_end(&s);
}

static void low_and_high__are_of_the_last_minutes(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    static const int clients[] = {5, 2, 9, 4};
    for (size_t i = 0; i < 4; i++) {
        story_tell(&s, "server connected_clients=%d", clients[i]);
        story_wait(&s, 1);
    }
    story_tell(&s, "server"); /* not told this time: the row stays, unknown */
    const struct vital *v = find(&s, "clients.connected");
    assert_true(isnan(v->now));
    assert_near(v->low, 2);
    assert_near(v->high, 9);
    assert_non_null(v->series);
    story_end(&s);
}

/* Tells used memory each second for so long, growing by per_s. Returns what is used in the end. */
static int64_t grow(struct story *s, int seconds, int64_t used, int64_t per_s)
{
    for (int i = 0; i < seconds; i++) {
        used += per_s;
        story_tell(s, "server used_memory=%ld maxmemory=%ld maxmemory_policy=noeviction", (long)used,
                   (long)(1000 * MB));
        story_wait(s, 1);
    }
    return used;
}

static void time_to_full__is_told__when_memory_grows_steadily(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    int64_t used = grow(&s, 119, 100 * MB, MB);
    assert_true(isnan(model_memory_full_s(s.m))); /* not watched for two minutes */
    used = grow(&s, 2, used, MB);
    assert_near(model_memory_full_s(s.m), (double)(1000 - 221));
    assert_int_equal(used, 221 * MB);
    assert_string_equal(find(&s, "memory.of limit")->note, "full in 12m59s at this growth");
    assert_near(find(&s, "memory.of limit")->now, 22.1);
    story_end(&s);
}

static void time_to_full__is_unknown__when_memory_goes_up_and_down(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    int64_t used = 100 * MB;
    for (int i = 0; i < 6; i++) {
        used = grow(&s, 25, used, MB);
        used = grow(&s, 25, used, -MB + 1000);
    }
    assert_true(isnan(model_memory_full_s(s.m)));
    assert_string_equal(find(&s, "memory.of limit")->note, "not growing steadily");
    story_end(&s);
}

static void time_to_full__is_unknown__after_one_large_key(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    int64_t used = grow(&s, 140, 100 * MB, 0);
    grow(&s, 1, used, 500 * MB);
    grow(&s, 100, used + 500 * MB, 0);
    assert_true(isnan(model_memory_full_s(s.m)));
    story_end(&s);
}

static void memory__that_is_full__says_so(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    grow(&s, 130, 1000 * MB, MB);
    assert_near(model_memory_full_s(s.m), 0);
    assert_string_equal(find(&s, "memory.of limit")->note, "full");
    assert_int_equal(find(&s, "memory.of limit")->tone, VITAL_CRITICAL);
    story_end(&s);
}

static void databases__tell_their_share_with_ttl(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "server db0=1000,250,7200000 db1=0,0,0");
    assert_near(find(&s, "keys.db0")->now, 1000);
    assert_string_equal(find(&s, "keys.db0")->note, "25.0% with TTL, 2h00m on average");
    has_not(&s, "keys.db1");
    story_end(&s);
}

static void last_save__tells_its_age_and_its_failure(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    long wall_s = (long)((STORY_WALL_US + s.now_us) / SECOND);
    story_tell(&s,
               "server rdb_last_save_time=%ld rdb_last_bgsave_status=ok rdb_changes_since_last_save=7 "
               "aof_enabled=0",
               wall_s - 3600);
    assert_near(find(&s, "persistence.last save")->now, 3600);
    assert_int_equal(find(&s, "persistence.last save")->tone, VITAL_PLAIN);
    assert_string_equal(find(&s, "persistence.changes since")->note, "lost if it dies now");
    story_tell(&s, "server rdb_last_save_time=%ld rdb_last_bgsave_status=err", wall_s - 3600);
    assert_int_equal(find(&s, "persistence.last save")->tone, VITAL_CRITICAL);
    assert_string_equal(find(&s, "persistence.last save")->note, "the last one failed");
    story_end(&s);
}

static void replicas__tell_their_lag(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "replica phase=row address=10.0.0.8:6379 state=online offset=900 lag_s=1");
    story_tell(&s, "replica phase=row address=10.0.0.9:6379 state=wait_bgsave offset=500 lag_s=20");
    assert_int_equal(model_replica_count(s.m), 0);
    story_tell(&s, "replica phase=end");
    assert_int_equal(model_replica_count(s.m), 2);
    assert_string_equal(model_replica_at(s.m, 1)->state, "wait_bgsave");
    story_tell(&s, "server role=master connected_slaves=2 master_repl_offset=1000");
    assert_near(find(&s, "replication.largest lag")->now, 20);
    assert_int_equal(find(&s, "replication.largest lag")->tone, VITAL_WARNING);
    assert_near(find(&s, "replication.behind")->now, 500);
    assert_string_equal(find(&s, "replication.replicas")->note, "1 online");
    story_tell(&s, "replica phase=end");
    assert_int_equal(model_replica_count(s.m), 0);
    story_end(&s);
}

static void replica__tells_of_the_link_to_its_master(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "server role=slave master_link_status=down master_link_down_since_seconds=90 "
                   "master_last_io_seconds_ago=95");
    assert_near(find(&s, "replication.link up")->now, 0);
    assert_int_equal(find(&s, "replication.link up")->tone, VITAL_CRITICAL);
    assert_string_equal(find(&s, "replication.link up")->note, "down for 1m30s: it answers with old data");
    assert_near(find(&s, "replication.master")->now, 0);
    assert_string_equal(find(&s, "replication.master")->note, "a replica");
    story_end(&s);
}

static void latency_events__are_rows_of_their_own(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "server round_trip_us=1000");
    size_t before = model_vital_count(s.m);
    story_tell(&s, "latency phase=row name=fork event_wall_us=3723000000 latest_ms=30 max_ms=300");
    story_tell(&s, "latency phase=end");
    assert_int_equal(model_vital_count(s.m), before + 1);
    const struct vital *v = find(&s, "latency.event.fork");
    assert_near(v->now, 0.03);
    assert_near(v->high, 0.3);
    assert_string_equal(v->note, "latency monitor: last at 01:02:03 UTC");
    assert_null(v->series);
    story_tell(&s, "server round_trip_us=1000");
    assert_int_equal(model_vital_count(s.m), before + 1);
    story_tell(&s, "latency phase=end");
    assert_int_equal(model_vital_count(s.m), before);
    story_end(&s);
}

static void numbers__of_a_hostile_server__stay_numbers(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 3; i++) {
        long n = i % 2 ? 9223372036854775807 : -9223372036854775807;
        story_tell(&s,
                   "server used_memory=%ld maxmemory=%ld used_memory_rss=%ld total_net_input_bytes=%ld "
                   "rdb_last_save_time=%ld latest_fork_usec=%ld aof_enabled=1 "
                   "aof_current_size=%ld aof_base_size=%ld db0=%ld,%ld,%ld mem_fragmentation_ratio=-1e300 "
                   "connected_slaves=3 master_repl_offset=%ld repl_backlog_size=%ld",
                   n, n, n, n, n, n, n, n, n, n, n, n, n);
        story_wait(&s, 1);
        for (size_t k = 0; k < model_vital_count(s.m); k++) {
            const struct vital *v = model_vital_at(s.m, k);
            assert_true(isnan(v->now) || (v->now >= 0 && v->now <= 1e18));
        }
    }
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vitals__are_none__before_the_first_info),
        cmocka_unit_test(vitals__show_what_this_server_tells__group_by_group),
        cmocka_unit_test(rates__are_unknown__until_the_second_info),
        cmocka_unit_test(rates__are_unknown__across_a_restart_or_a_gap),
        cmocka_unit_test(low_and_high__are_of_the_last_minutes),
        cmocka_unit_test(time_to_full__is_told__when_memory_grows_steadily),
        cmocka_unit_test(time_to_full__is_unknown__when_memory_goes_up_and_down),
        cmocka_unit_test(time_to_full__is_unknown__after_one_large_key),
        cmocka_unit_test(memory__that_is_full__says_so),
        cmocka_unit_test(databases__tell_their_share_with_ttl),
        cmocka_unit_test(last_save__tells_its_age_and_its_failure),
        cmocka_unit_test(replicas__tell_their_lag),
        cmocka_unit_test(replica__tells_of_the_link_to_its_master),
        cmocka_unit_test(latency_events__are_rows_of_their_own),
        cmocka_unit_test(numbers__of_a_hostile_server__stay_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
