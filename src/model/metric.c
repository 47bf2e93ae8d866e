/* metric: the table of what rules can judge, and how each of it is read. */
#include "metric_list.h"
#include "metric_priv.h"

/* A field of INFO; -1 when it is unknown or too old to be judged. */
int64_t metric_info_field(const struct model *m, size_t offset)
{
    int64_t value;
    memcpy(&value, (const char *)&m->server.view.info + offset, sizeof(value));
    return server_is_fresh(m) && value >= 0 ? value : -1;
}

#define INFO_FIELD(member)                                                                                   \
    {                                                                                                        \
        .info = offsetof(struct info, member)                                                                \
    }
static const struct metric_source source[METRIC_COUNT] = {
    [METRIC_USED_MEMORY] = INFO_FIELD(used_memory),
    [METRIC_MEMORY_PERCENT] = {.read = metric_memory_percent},
    [METRIC_MEMORY_RSS] = INFO_FIELD(used_memory_rss),
    [METRIC_FRAGMENTATION] = {.read = metric_fragmentation},
    [METRIC_VITAL_EVICTABLE] = {.read = metric_vital_evictable},
    [METRIC_VITAL_UNLIMITED] = {.read = metric_vital_unlimited},
    [METRIC_CLIENTS] = INFO_FIELD(connected_clients),
    [METRIC_CLIENTS_PERCENT] = {.read = metric_clients_percent},
    [METRIC_BLOCKED] = INFO_FIELD(blocked_clients),
    [METRIC_REJECTED] = {.read = metric_rejected},
    [METRIC_OPS] = INFO_FIELD(instantaneous_ops_per_sec),
    [METRIC_ROUND_TRIP] = {.read = metric_round_trip},
    [METRIC_EVICTED] = {.read = metric_evicted},
    [METRIC_EXPIRED] = {.read = metric_expired},
    [METRIC_UPTIME] = INFO_FIELD(uptime_in_seconds),
    [METRIC_LOADING] = INFO_FIELD(loading),
    [METRIC_REPLICAS] = INFO_FIELD(connected_slaves),
    [METRIC_MASTER_DOWN] = {.read = metric_master_down},
    [METRIC_SAVE_FAILED] = {.read = metric_save_failed},
    [METRIC_AOF_FAILED] = {.read = metric_aof_failed},
    [METRIC_UNSAVED] = INFO_FIELD(rdb_changes_since_last_save),
    [METRIC_UNREACHABLE] = {.read = metric_unreachable},
    [METRIC_BROKER_AWAY] = {.read = metric_broker_away},
    [METRIC_RESULTS_AWAY] = {.read = metric_results_away},
    [METRIC_NOTIFY] = {.read = metric_notify},
    [METRIC_EVENTS] = {.read = metric_events},
    [METRIC_HIT_RATE] = {.read = metric_hit_rate},
    [METRIC_HIT_RATE_LIFETIME] = {.read = metric_hit_rate_lifetime},
    [METRIC_LOOKUPS] = {.read = metric_lookups},
    [METRIC_KEYS] = {.read = metric_keys},
    [METRIC_WITHOUT_TTL] = {.each = metric_without_ttl, .rest = UNKNOWN_REAL},
    [METRIC_OBJECT_REPRS] = {.each = metric_object_reprs},
    [METRIC_WITHOUT_TTL_MISPLACED] = {.each = metric_without_ttl_misplaced},
    [METRIC_LARGEST_SHARE] = {.each = metric_largest_share, .rest = UNKNOWN_REAL},
    [METRIC_CROWDING] = {.each = metric_crowding},
    [METRIC_SESSIONS] = {.read = metric_sessions},
    [METRIC_USERS] = {.read = metric_users},
    [METRIC_USER_SESSIONS] = {.read = metric_user_sessions},
    [METRIC_SESSIONS_CAME_BACK] = {.read = metric_sessions_came_back},
    [METRIC_SESSIONS_ORPHANS] = {.read = metric_sessions_orphans},
    [METRIC_SESSIONS_STALE] = {.read = metric_sessions_stale},
    [METRIC_SESSIONS_STALE_SHARE] = {.read = metric_sessions_stale_share},
    [METRIC_SESSIONS_CROWD] = {.each = metric_sessions_crowd},
    [METRIC_SESSIONS_LOGINS] = {.read = metric_sessions_logins},
    [METRIC_SESSIONS_SURGE] = {.read = metric_sessions_surge},
    [METRIC_SESSIONS_EXPIRED_SHARE] = {.read = metric_sessions_expired_share},
    [METRIC_QUEUE_DEPTH] = {.each = metric_queue_depth, .rest = UNKNOWN_REAL},
    [METRIC_QUEUE_TOTAL] = {.read = metric_queue_total},
    [METRIC_QUEUE_GROWING] = {.each = metric_queue_growing},
    [METRIC_QUEUE_DRAIN] = {.each = metric_queue_drain, .rest = UNKNOWN_REAL},
    [METRIC_UNACKED] = {.read = metric_unacked},
    [METRIC_UNACKED_AGE] = {.read = metric_unacked_age},
    [METRIC_BATCH_RUNNING] = {.read = metric_batch_running},
    [METRIC_BATCH_QUEUED] = {.read = metric_batch_queued},
    [METRIC_BATCH_STALLED] = {.each = metric_batch_stalled},
    [METRIC_BATCH_FAILED] = {.each = metric_batch_failed},
    [METRIC_BATCH_LOST] = {.each = metric_batch_lost},
    [METRIC_WORKERS] = {.read = metric_workers},
    [METRIC_WORKER_SILENT] = {.each = metric_worker_silent, .rest = UNKNOWN_REAL},
    [METRIC_WORKER_ZOMBIES] = {.each = metric_worker_zombies},
    [METRIC_WORKER_LOST] = {.each = metric_worker_lost},
    [METRIC_QUEUE_UNCONSUMED] = {.each = metric_queue_unconsumed},
    [METRIC_QUEUE_POISON] = {.each = metric_queue_poison},
    [METRIC_TASKS_FAILURE_RATE] = {.read = metric_tasks_failure_rate},
    [METRIC_TASKS_OVERDUE] = {.read = metric_tasks_overdue},
    [METRIC_TASKS_ORPHANED] = {.read = metric_tasks_orphaned},
    [METRIC_TASKS_LOST] = {.read = metric_tasks_lost},
    [METRIC_COST_COMMANDS] = {.read = metric_cost_commands},
    [METRIC_COST_BYTES] = {.read = metric_cost_bytes},
    [METRIC_FULL] = {.read = metric_full},
    [METRIC_FRAGMENTED] = {.read = metric_fragmented},
    [METRIC_CPU] = {.read = metric_cpu},
    [METRIC_LATENCY] = {.read = metric_latency},
    [METRIC_CONNECTIONS] = {.read = metric_connections},
    [METRIC_BLOCKED_OTHERS] = {.read = metric_blocked_others},
    [METRIC_CLIENT_MEMORY] = INFO_FIELD(mem_clients_normal),
    [METRIC_CLIENTS_CUT] = {.read = metric_clients_cut},
    [METRIC_REJECTED_LATELY] = {.read = metric_rejected_lately},
    [METRIC_EVICTED_LATELY] = {.read = metric_evicted_lately},
    [METRIC_EVICTED_BROKER] = {.read = metric_evicted_broker},
    [METRIC_ERROR_SHARE] = {.read = metric_error_share},
    [METRIC_SAVE_AGE] = {.read = metric_save_age},
    [METRIC_RESTARTED] = {.read = metric_restarted},
    [METRIC_FAILED_OVER] = {.read = metric_failed_over},
    [METRIC_FLUSHED] = {.read = metric_flushed},
    [METRIC_NOTIFY_LOST] = {.read = metric_notify_lost},
    [METRIC_WITHOUT_TTL_GROWTH] = {.read = metric_without_ttl_growth},
    [METRIC_MISS_SURGE] = {.each = metric_miss_surge, .rest = UNKNOWN_REAL},
    [METRIC_QUEUE_UNDRAINED] = {.each = metric_queue_undrained},
    [METRIC_CONSOLE_BUDGET] = {.read = metric_console_budget},
    [METRIC_REPLICA_LAG] = {.read = metric_replica_lag},
    [METRIC_SLOW] = {.read = metric_slow},
};

const struct metric_source *metric_source(size_t metric)
{
    static const struct metric_source none = {0};
    return metric < METRIC_COUNT ? &source[metric] : &none;
}

static void keep_highest(void *ctx, struct span id, const char *display, double value)
{
    struct metric_value *highest = ctx;
    (void)id;
    if (!isnan(value) && !(value <= highest->value)) {
        *highest = (struct metric_value){.value = value, .object = display};
    }
}

struct metric_value metric_read(const struct model *m, size_t metric)
{
    const struct metric_source *s = metric_source(metric);
    if (s->read) {
        return s->read(m);
    }
    if (s->each) {
        struct metric_value highest = metric_plain(s->rest);
        return s->each(m, keep_highest, &highest) ? highest : metric_plain(UNKNOWN_REAL);
    }
    /* Place 0 is a text of INFO: no number has it. */
    return s->info ? metric_number(metric_info_field(m, s->info)) : metric_plain(UNKNOWN_REAL);
}
