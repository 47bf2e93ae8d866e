/* metric: the readers of the numbers rules judge; metric.c has the table of them. */
#ifndef REDAI_MODEL_METRIC_H
#define REDAI_MODEL_METRIC_H

#include <stddef.h>

struct model;

/* Metrics: what a rule can be about. */
struct metric_value {
    double value;       /* NAN unknown */
    const char *object; /* display name of the worst object, borrowed; NULL: the server */
};
/* Of cache families; metric_cache.c. */
struct metric_value metric_object_reprs(const struct model *m);
struct metric_value metric_without_ttl_misplaced(const struct model *m);
struct metric_value metric_largest_share(const struct model *m);
struct metric_value metric_crowding(const struct model *m);
/* Of workers and tasks; metric_celery.c. */
struct metric_value metric_workers(const struct model *m);
struct metric_value metric_worker_silent(const struct model *m);
struct metric_value metric_worker_zombies(const struct model *m);
struct metric_value metric_worker_lost(const struct model *m);
struct metric_value metric_queue_unconsumed(const struct model *m);
struct metric_value metric_queue_poison(const struct model *m);
struct metric_value metric_tasks_failure_rate(const struct model *m);
struct metric_value metric_tasks_overdue(const struct model *m);
struct metric_value metric_tasks_orphaned(const struct model *m);
struct metric_value metric_tasks_lost(const struct model *m);
/* Of sessions and their users; metric_sessions.c. */
struct metric_value metric_sessions_orphans(const struct model *m);
struct metric_value metric_sessions_stale(const struct model *m);
struct metric_value metric_sessions_stale_share(const struct model *m);
struct metric_value metric_sessions_crowd(const struct model *m);
struct metric_value metric_sessions_logins(const struct model *m);
struct metric_value metric_sessions_surge(const struct model *m);
struct metric_value metric_sessions_expired_share(const struct model *m);
/* Of what the server may throw away; usage_judge.c. */
struct metric_value metric_vital_evictable(const struct model *m);
struct metric_value metric_vital_unlimited(const struct model *m);
struct metric_value metric_read(const struct model *m, size_t metric);
/* Writes the value as a person reads it, by the metric's unit. */
void metric_format(size_t metric, double value, char *out, size_t size);

#endif
