/* metric_priv: readers of the numbers rules judge, a file for each group, and what they share. */
#ifndef REDAI_MODEL_METRIC_PRIV_H
#define REDAI_MODEL_METRIC_PRIV_H

#include "metric.h"
#include "model_priv.h"

static inline struct metric_value metric_plain(double value)
{
    return (struct metric_value){.value = value, .object = NULL};
}

static inline struct metric_value metric_number(int64_t value)
{
    return metric_plain(value < 0 ? UNKNOWN_REAL : (double)value);
}

static inline struct metric_value metric_seconds(int64_t us)
{
    return metric_plain(us < 0 ? UNKNOWN_REAL : (double)us / (double)US_PER_S);
}

static inline struct metric_value metric_yes_no(bool yes)
{
    return metric_plain(yes ? 1 : 0);
}

static inline struct metric_value metric_part(int64_t value, int64_t of)
{
    return metric_plain(value < 0 || of <= 0 ? UNKNOWN_REAL : 100.0 * (double)value / (double)of);
}

/* A field of INFO; -1 when it is unknown or too old to be judged. */
int64_t metric_info_field(const struct model *m, size_t offset);
#define METRIC_INFO(m, member) metric_info_field((m), offsetof(struct info, member))

/* Of the server; metric_server.c. */
struct metric_value metric_memory_percent(const struct model *m);
struct metric_value metric_fragmentation(const struct model *m);
struct metric_value metric_clients_percent(const struct model *m);
struct metric_value metric_rejected(const struct model *m);
struct metric_value metric_round_trip(const struct model *m);
struct metric_value metric_evicted(const struct model *m);
struct metric_value metric_expired(const struct model *m);
struct metric_value metric_master_down(const struct model *m);
struct metric_value metric_save_failed(const struct model *m);
struct metric_value metric_aof_failed(const struct model *m);
/* Of our own connection; metric_console.c. */
struct metric_value metric_unreachable(const struct model *m);
struct metric_value metric_broker_away(const struct model *m);
struct metric_value metric_results_away(const struct model *m);
struct metric_value metric_notify(const struct model *m);
struct metric_value metric_events(const struct model *m);
struct metric_value metric_cost_commands(const struct model *m);
struct metric_value metric_cost_bytes(const struct model *m);
struct metric_value metric_notify_lost(const struct model *m);
struct metric_value metric_console_budget(const struct model *m);
/* Of the cache and its families; metric_cache.c. */
bool metric_miss_surge(const struct model *m, metric_tell *tell, void *ctx);
bool metric_object_reprs(const struct model *m, metric_tell *tell, void *ctx);
bool metric_without_ttl_misplaced(const struct model *m, metric_tell *tell, void *ctx);
bool metric_largest_share(const struct model *m, metric_tell *tell, void *ctx);
bool metric_crowding(const struct model *m, metric_tell *tell, void *ctx);
struct metric_value metric_hit_rate(const struct model *m);
struct metric_value metric_hit_rate_lifetime(const struct model *m);
struct metric_value metric_lookups(const struct model *m);
struct metric_value metric_keys(const struct model *m);
bool metric_without_ttl(const struct model *m, metric_tell *tell, void *ctx);
/* Of sessions and their users; metric_sessions.c. */
struct metric_value metric_sessions_orphans(const struct model *m);
struct metric_value metric_sessions_stale(const struct model *m);
struct metric_value metric_sessions_stale_share(const struct model *m);
bool metric_sessions_crowd(const struct model *m, metric_tell *tell, void *ctx);
struct metric_value metric_sessions_logins(const struct model *m);
struct metric_value metric_sessions_surge(const struct model *m);
struct metric_value metric_sessions_expired_share(const struct model *m);
struct metric_value metric_sessions(const struct model *m);
struct metric_value metric_users(const struct model *m);
struct metric_value metric_user_sessions(const struct model *m);
struct metric_value metric_sessions_came_back(const struct model *m);
/* Of queues; metric_queue.c. */
bool metric_queue_undrained(const struct model *m, metric_tell *tell, void *ctx);
bool metric_queue_depth(const struct model *m, metric_tell *tell, void *ctx);
struct metric_value metric_queue_total(const struct model *m);
bool metric_queue_growing(const struct model *m, metric_tell *tell, void *ctx);
bool metric_queue_drain(const struct model *m, metric_tell *tell, void *ctx);
struct metric_value metric_unacked(const struct model *m);
struct metric_value metric_unacked_age(const struct model *m);
/* Of batches; metric_batch.c. */
struct metric_value metric_batch_running(const struct model *m);
struct metric_value metric_batch_queued(const struct model *m);
bool metric_batch_stalled(const struct model *m, metric_tell *tell, void *ctx);
bool metric_batch_failed(const struct model *m, metric_tell *tell, void *ctx);
bool metric_batch_lost(const struct model *m, metric_tell *tell, void *ctx);
/* Of workers and tasks; metric_celery.c. */
struct metric_value metric_workers(const struct model *m);
bool metric_worker_silent(const struct model *m, metric_tell *tell, void *ctx);
bool metric_worker_zombies(const struct model *m, metric_tell *tell, void *ctx);
bool metric_worker_lost(const struct model *m, metric_tell *tell, void *ctx);
bool metric_queue_unconsumed(const struct model *m, metric_tell *tell, void *ctx);
bool metric_queue_poison(const struct model *m, metric_tell *tell, void *ctx);
struct metric_value metric_tasks_failure_rate(const struct model *m);
struct metric_value metric_tasks_overdue(const struct model *m);
struct metric_value metric_tasks_orphaned(const struct model *m);
struct metric_value metric_tasks_lost(const struct model *m);
/* Of the server, of more than one reading; metric_sign.c. */
struct metric_value metric_full(const struct model *m);
struct metric_value metric_fragmented(const struct model *m);
struct metric_value metric_connections(const struct model *m);
struct metric_value metric_error_share(const struct model *m);
struct metric_value metric_cpu(const struct model *m);
struct metric_value metric_latency(const struct model *m);
struct metric_value metric_save_age(const struct model *m);
struct metric_value metric_without_ttl_growth(const struct model *m);
struct metric_value metric_evicted_lately(const struct model *m);
struct metric_value metric_rejected_lately(const struct model *m);
struct metric_value metric_clients_cut(const struct model *m);
struct metric_value metric_evicted_broker(const struct model *m);
struct metric_value metric_restarted(const struct model *m);
struct metric_value metric_failed_over(const struct model *m);
struct metric_value metric_flushed(const struct model *m);
struct metric_value metric_replica_lag(const struct model *m);
struct metric_value metric_slow(const struct model *m);
struct metric_value metric_blocked_others(const struct model *m);
/* Of what the server may throw away; usage_judge.c. */
struct metric_value metric_vital_evictable(const struct model *m);
struct metric_value metric_vital_unlimited(const struct model *m);

#endif
