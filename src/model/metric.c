/* metric: the numbers rules judge, read from the state; the readers are in a file for each group. Of things
 * there are many of, the worst is read, with its name. */
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
static const struct {
    struct metric_value (*read)(const struct model *); /* NULL: a field of INFO as it stands */
    size_t info;
} reader[METRIC_COUNT] = {
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
    [METRIC_NOTIFY] = {.read = metric_notify},
    [METRIC_EVENTS] = {.read = metric_events},
    [METRIC_HIT_RATE] = {.read = metric_hit_rate},
    [METRIC_HIT_RATE_LIFETIME] = {.read = metric_hit_rate_lifetime},
    [METRIC_LOOKUPS] = {.read = metric_lookups},
    [METRIC_KEYS] = {.read = metric_keys},
    [METRIC_WITHOUT_TTL] = {.read = metric_without_ttl},
    [METRIC_OBJECT_REPRS] = {.read = metric_object_reprs},
    [METRIC_WITHOUT_TTL_MISPLACED] = {.read = metric_without_ttl_misplaced},
    [METRIC_LARGEST_SHARE] = {.read = metric_largest_share},
    [METRIC_CROWDING] = {.read = metric_crowding},
    [METRIC_SESSIONS] = {.read = metric_sessions},
    [METRIC_USERS] = {.read = metric_users},
    [METRIC_USER_SESSIONS] = {.read = metric_user_sessions},
    [METRIC_SESSIONS_CAME_BACK] = {.read = metric_sessions_came_back},
    [METRIC_SESSIONS_ORPHANS] = {.read = metric_sessions_orphans},
    [METRIC_SESSIONS_STALE] = {.read = metric_sessions_stale},
    [METRIC_SESSIONS_STALE_SHARE] = {.read = metric_sessions_stale_share},
    [METRIC_SESSIONS_CROWD] = {.read = metric_sessions_crowd},
    [METRIC_SESSIONS_LOGINS] = {.read = metric_sessions_logins},
    [METRIC_SESSIONS_SURGE] = {.read = metric_sessions_surge},
    [METRIC_SESSIONS_EXPIRED_SHARE] = {.read = metric_sessions_expired_share},
    [METRIC_QUEUE_DEPTH] = {.read = metric_queue_depth},
    [METRIC_QUEUE_TOTAL] = {.read = metric_queue_total},
    [METRIC_QUEUE_GROWING] = {.read = metric_queue_growing},
    [METRIC_QUEUE_DRAIN] = {.read = metric_queue_drain},
    [METRIC_UNACKED] = {.read = metric_unacked},
    [METRIC_UNACKED_AGE] = {.read = metric_unacked_age},
    [METRIC_BATCH_RUNNING] = {.read = metric_batch_running},
    [METRIC_BATCH_QUEUED] = {.read = metric_batch_queued},
    [METRIC_BATCH_STALLED] = {.read = metric_batch_stalled},
    [METRIC_BATCH_FAILED] = {.read = metric_batch_failed},
    [METRIC_BATCH_LOST] = {.read = metric_batch_lost},
    [METRIC_WORKERS] = {.read = metric_workers},
    [METRIC_WORKER_SILENT] = {.read = metric_worker_silent},
    [METRIC_WORKER_ZOMBIES] = {.read = metric_worker_zombies},
    [METRIC_WORKER_LOST] = {.read = metric_worker_lost},
    [METRIC_QUEUE_UNCONSUMED] = {.read = metric_queue_unconsumed},
    [METRIC_QUEUE_POISON] = {.read = metric_queue_poison},
    [METRIC_TASKS_FAILURE_RATE] = {.read = metric_tasks_failure_rate},
    [METRIC_TASKS_OVERDUE] = {.read = metric_tasks_overdue},
    [METRIC_TASKS_ORPHANED] = {.read = metric_tasks_orphaned},
    [METRIC_TASKS_LOST] = {.read = metric_tasks_lost},
    [METRIC_COST_COMMANDS] = {.read = metric_cost_commands},
    [METRIC_COST_BYTES] = {.read = metric_cost_bytes},
};

struct metric_value metric_read(const struct model *m, size_t metric)
{
    if (metric < METRIC_COUNT && reader[metric].read) {
        return reader[metric].read(m);
    }
    /* Place 0 is a text of INFO: no number has it. */
    bool is_field = metric < METRIC_COUNT && reader[metric].info;
    return is_field ? metric_number(metric_info_field(m, reader[metric].info)) : metric_plain(UNKNOWN_REAL);
}
