/* drive_server: what happens to the server. */
#include "drive.h"

#include <stdarg.h>
#include <stdio.h>

void drive_info(struct drive_run *r, const char *format, ...)
{
    char fields[400];
    va_list args;
    va_start(args, format);
    vsnprintf(fields, sizeof(fields), format, args);
    va_end(args);
    story_tell(&r->s, "server run_id=a uptime_in_seconds=%d %s", 100000 + r->told, fields);
}

void drive_level(struct drive_run *r)
{
    drive_info(r, "%s", r->phase == DRIVE_BAD ? r->drive->bad : r->drive->good);
}

int64_t drive_count(struct drive_run *r, int counter, int64_t bad, int64_t good)
{
    return r->counter[counter] += r->phase == DRIVE_BAD ? bad : good;
}

static void tell_unreachable(struct drive_run *r)
{
    if (r->second == 0) {
        story_tell(&r->s, "link role=poll state=%s", r->phase == DRIVE_BAD ? "down" : "up");
    }
    if (r->phase != DRIVE_BAD) {
        drive_info(r, "loading=0");
    }
}

/* Servers of their own: what becomes of their links says it all. */
static void tell_site_away(struct drive_run *r, const char *role)
{
    story_tell(&r->s, "connection address=\"redis://a:6379/0\" broker=\"redis://b:6379/0\" "
                      "results=\"redis://c:6379/1\" result_db=1");
    if (r->second == 0) {
        story_tell(&r->s, "link role=%s state=%s", role, r->phase == DRIVE_BAD ? "down" : "up");
    }
}

static void tell_broker_away(struct drive_run *r)
{
    tell_site_away(r, "broker");
}

static void tell_results_away(struct drive_run *r)
{
    tell_site_away(r, "result");
}

static void tell_restart(struct drive_run *r)
{
    story_tell(&r->s, "server run_id=%c uptime_in_seconds=%d", r->phase == DRIVE_LEAD ? 'a' : 'b',
               r->phase == DRIVE_LEAD ? 5000 + r->told : r->told);
}

static void tell_failover(struct drive_run *r)
{
    story_tell(&r->s, "server run_id=%c uptime_in_seconds=%d", r->phase == DRIVE_LEAD ? 'a' : 'b',
               (r->phase == DRIVE_LEAD ? 5000 : 9000) + r->told);
}

static void tell_flush(struct drive_run *r)
{
    story_tell(&r->s, "server run_id=a db0=%d,0,0", r->phase == DRIVE_LEAD ? 5000 : 3);
}

static void tell_filling(struct drive_run *r)
{
    drive_info(r, "maxmemory=1500000000 used_memory=%lld",
               (long long)(200000000 + drive_count(r, 0, 1000000, 0)));
}

static void tell_evictions(struct drive_run *r)
{
    bool first = r->phase == DRIVE_BAD && r->second == 0;
    r->counter[0] += first ? 3 : 0;
    drive_info(r, "maxmemory_policy=volatile-lru evicted_keys=%lld", (long long)r->counter[0]);
    story_tell(&r->s, "queue name=celery depth=4,0,0,0 sources=1");
}

static void tell_evictions_broker(struct drive_run *r)
{
    bool first = r->phase == DRIVE_BAD && r->second == 0;
    r->counter[0] += first ? 3 : 0;
    drive_info(r, "maxmemory_policy=allkeys-lru evicted_keys=%lld", (long long)r->counter[0]);
    story_tell(&r->s, "queue name=celery depth=4,0,0,0 sources=1");
}

static void tell_rejected(struct drive_run *r)
{
    r->counter[0] += r->phase == DRIVE_BAD && r->second == 0;
    drive_info(r, "rejected_connections=%lld", (long long)r->counter[0]);
}

static void tell_cut(struct drive_run *r)
{
    r->counter[0] += r->phase == DRIVE_BAD && r->second == 0;
    drive_info(r, "client_output_buffer_limit_disconnections=%lld client_query_buffer_limit_disconnections=0",
               (long long)r->counter[0]);
}

static void tell_policy(struct drive_run *r)
{
    story_tell(&r->s, "queue name=celery depth=4,0,0,0 sources=1");
    drive_level(r);
}

static void tell_connections(struct drive_run *r)
{
    drive_info(r, "total_connections_received=%lld", (long long)drive_count(r, 0, 80, 0));
}

static void tell_blocked(struct drive_run *r)
{
    story_tell(&r->s, "worker name=w1 event=heartbeat");
    drive_level(r);
}

static void tell_cpu(struct drive_run *r)
{
    int64_t us = drive_count(r, 0, 950000, 100000);
    drive_info(r, "used_cpu_user_main_thread=1.000000 used_cpu_sys_main_thread=%lld.%06lld",
               (long long)(us / 1000000), (long long)(us % 1000000));
}

static void tell_latency(struct drive_run *r)
{
    drive_info(r, "round_trip_us=%d", r->phase == DRIVE_BAD ? 200000 : 1000);
}

static void tell_errors(struct drive_run *r)
{
    drive_info(r, "total_commands_processed=%lld total_error_replies=%lld",
               (long long)drive_count(r, 0, 100, 100), (long long)drive_count(r, 1, 20, 0));
}

/* The last snapshot is just over a day old, or was taken now. */
static void tell_save(struct drive_run *r)
{
    int64_t now = (STORY_WALL_US + r->s.now_us) / SECOND;
    drive_info(r, "server_time_usec=%lld rdb_last_save_time=%lld rdb_saves=3 rdb_changes_since_last_save=7",
               (long long)(now * SECOND), (long long)(r->phase == DRIVE_BAD ? now - 86401 : now - 60));
}

/* Two a second: twenty after the tenth; two of them are younger than five minutes for longest. */
static void tell_slow(struct drive_run *r)
{
    drive_info(r, "server_time_usec=%lld", (long long)(STORY_WALL_US + r->s.now_us));
    for (int i = 0; r->phase == DRIVE_BAD && i < 2; i++) {
        story_tell(&r->s, "slow phase=row id=%d wall_us=%lld duration_us=20000 shape=KEYS text=KEYS argc=2",
                   r->second * 2 + i, (long long)(STORY_WALL_US + r->s.now_us));
    }
    story_tell(&r->s, "slow phase=end total=%d threshold_us=10000", 2 * r->second);
}

static void tell_notify(struct drive_run *r)
{
    story_tell(&r->s, "notify state=%s", r->phase == DRIVE_BAD ? "off" : "on");
}

static void tell_feed(struct drive_run *r)
{
    story_tell(&r->s, "link role=feed state=%s", r->phase == DRIVE_BAD ? "down" : "up");
}

static void tell_cost(struct drive_run *r)
{
    story_tell(&r->s, "cost budget=100 commands=%lld", (long long)drive_count(r, 0, 200, 8));
}

#define LEVEL(name, bad_fields, good_fields, hold)                                                           \
    {                                                                                                        \
        .rule = name, .tell = drive_level, .bad = bad_fields, .good = good_fields, .lead_s = 3, .pends = 0,  \
        .fires = hold, .clears = 0                                                                           \
    }

const struct drive drive_server[] = {
    {.rule = "redis-unreachable", .tell = tell_unreachable, .lead_s = 3, .fires = 3},
    {.rule = "broker-unreachable", .tell = tell_broker_away, .lead_s = 3, .fires = 3},
    {.rule = "results-unreachable", .tell = tell_results_away, .lead_s = 3, .fires = 3},
    LEVEL("redis-loading", "loading=1", "loading=0", 3),
    {.rule = "redis-restarted", .tell = tell_restart, .lead_s = 3, .clears = 599},
    {.rule = "redis-failover", .tell = tell_failover, .lead_s = 3, .clears = 599},
    {.rule = "redis-flushed", .tell = tell_flush, .lead_s = 3, .clears = 599},
    LEVEL("memory", "used_memory=1610612737", "used_memory=1500000000", 30),
    LEVEL("memory-high", "used_memory=81 maxmemory=100", "used_memory=75 maxmemory=100", 30),
    LEVEL("memory-full", "used_memory=91 maxmemory=100", "used_memory=85 maxmemory=100", 30),
    /* Thirty samples, ten seconds apart. */
    {.rule = "memory-filling", .tell = tell_filling, .pends = 290, .fires = 350, .clears = 279},
    LEVEL("fragmentation", "used_memory=209715200 mem_fragmentation_ratio=1.51",
          "used_memory=209715200 mem_fragmentation_ratio=1.3", 300),
    /* Ten minutes are kept in steps of ten seconds. */
    {.rule = "evictions", .tell = tell_evictions, .lead_s = 10, .clears = 599},
    {.rule = "evictions-broker", .tell = tell_evictions_broker, .lead_s = 10, .clears = 599},
    {.rule = "eviction-policy",
     .tell = tell_policy,
     .lead_s = 3,
     .bad = "maxmemory=1000 used_memory=10 maxmemory_policy=allkeys-lru",
     .good = "maxmemory=1000 used_memory=10 maxmemory_policy=noeviction"},
    {.rule = "eviction-latent",
     .tell = tell_policy,
     .lead_s = 3,
     .bad = "maxmemory=0 used_memory=10 maxmemory_policy=allkeys-lru",
     .good = "maxmemory=0 used_memory=10 maxmemory_policy=noeviction"},
    LEVEL("clients", "connected_clients=81", "connected_clients=75", 10),
    LEVEL("clients-max", "connected_clients=86 maxclients=100", "connected_clients=75 maxclients=100", 10),
    {.rule = "connections-rejected", .tell = tell_rejected, .lead_s = 10, .clears = 599},
    /* 80 a second over ten seconds: 50 of them after 6.3 s; 20 are left when 7.5 s are over. */
    {.rule = "connection-storm",
     .tell = tell_connections,
     .lead_s = 20,
     .pends = 6,
     .fires = 36,
     .clears = 7},
    {.rule = "blocked-clients",
     .tell = tell_blocked,
     .lead_s = 3,
     .bad = "blocked_clients=12",
     .good = "blocked_clients=6",
     .fires = 60},
    {.rule = "clients-cut", .tell = tell_cut, .lead_s = 10, .clears = 599},
    LEVEL("client-buffers", "mem_clients_normal=104857601", "mem_clients_normal=52428800", 30),
    /* 95 % after 10 %: over 90 when 9.4 s are bad; 75 and below when 2.4 s are good. */
    {.rule = "cpu", .tell = tell_cpu, .lead_s = 20, .pends = 9, .fires = 39, .clears = 2},
    /* The middle of thirty: the sixteenth bad one, the sixteenth good one. */
    {.rule = "latency", .tell = tell_latency, .lead_s = 40, .pends = 14, .fires = 24, .clears = 15},
    /* 20 a second of 6000 commands a minute: more than 300 with the sixteenth; 120 are left of a minute. */
    {.rule = "errors", .tell = tell_errors, .lead_s = 70, .pends = 15, .fires = 45, .clears = 53},
    LEVEL("save-failed", "rdb_last_bgsave_status=err", "rdb_last_bgsave_status=ok", 0),
    {.rule = "save-old", .tell = tell_save, .lead_s = 3, .fires = 60},
    LEVEL("aof-failed", "aof_last_write_status=err", "aof_last_write_status=ok", 0),
    LEVEL("replica-link", "master_link_status=down", "master_link_status=up", 10),
    LEVEL("replica-lag", "role=slave master_last_io_seconds_ago=11",
          "role=slave master_last_io_seconds_ago=3", 10),
    {.rule = "slow-log", .tell = tell_slow, .lead_s = 3, .pends = 9, .fires = 9, .clears = 297},
    {.rule = "notifications", .tell = tell_notify, .lead_s = 3, .fires = 5},
    {.rule = "notifications-lost", .tell = tell_feed, .lead_s = 3, .fires = 5},
    /* 200 a second after 8, of 108: over 118.8 in the mean of ten when 5.8 s are bad. */
    {.rule = "console-budget", .tell = tell_cost, .lead_s = 20, .pends = 5, .fires = 25, .clears = 4},
};
const size_t drive_server_count = sizeof(drive_server) / sizeof(drive_server[0]);
