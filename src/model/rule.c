#include "redai/model/rule.h"

#include "metric_list.h"

#include <assert.h>

#include "redai/base/clock.h"

const char *const severity_name[SEVERITY_COUNT] = {
    [SEVERITY_INFO] = "info",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_CRITICAL] = "critical",
};

const struct rule_metric rule_metrics[] = {
#define METRIC_ROW(id, of, name, unit, help) [METRIC_##id] = {name, unit, help, TARGET_##of},
    METRIC_LIST(METRIC_ROW)
#undef METRIC_ROW
};
const size_t rule_metric_count = sizeof(rule_metrics) / sizeof(rule_metrics[0]);
static_assert(sizeof(rule_metrics) / sizeof(rule_metrics[0]) == METRIC_COUNT, "every metric has a row");

#define MIB (1024.0 * 1024.0)

/* Held and cleared so that a value that trembles about its threshold is one alert. */
static const struct {
    const char *name;
    enum metric metric;
    enum rule_op op;
    double value, clear;
    int64_t hold_us, min_lookups;
    enum severity severity;
    const char *message, *reason;
} built_in[] = {
    {
        .name = "redis-unreachable",
        .metric = METRIC_UNREACHABLE,
        .op = RULE_EQUAL,
        .value = 1,
        .clear = 0,
        .hold_us = 3 * US_PER_S,
        .severity = SEVERITY_CRITICAL,
        .message = "Redis does not answer",
        .reason = "nothing works without it, and nothing on this screen is true any more",
    },
    {
        .name = "memory",
        .metric = METRIC_USED_MEMORY,
        .op = RULE_ABOVE,
        .value = 1536 * MIB,
        .clear = 1450 * MIB,
        .hold_us = 30 * US_PER_S,
        .severity = SEVERITY_WARNING,
        .message = "memory %v, above %t",
        .reason = "the platform's own limit: its health check warns above 1.5 GB",
    },
    {
        .name = "memory-full",
        .metric = METRIC_MEMORY_PERCENT,
        .op = RULE_ABOVE,
        .value = 90,
        .clear = 85,
        .hold_us = 30 * US_PER_S,
        .severity = SEVERITY_WARNING,
        .message = "memory %v of maxmemory",
        .reason = "at the limit Redis evicts keys or refuses writes, queues included",
    },
    {
        .name = "hit-rate",
        .metric = METRIC_HIT_RATE,
        .op = RULE_BELOW,
        .value = 70,
        .clear = 75,
        .hold_us = 30 * US_PER_S,
        .min_lookups = 100,
        .severity = SEVERITY_WARNING,
        .message = "hit rate %v, below %t",
        .reason = "the platform's own limit: below 70 % the database does the cache's work",
    },
    {
        .name = "cache-object-repr",
        .metric = METRIC_OBJECT_REPRS,
        .op = RULE_ABOVE,
        .value = 0,
        .clear = 0,
        .severity = SEVERITY_WARNING,
        .message = "%v key(s) of %o hold an object's address",
        .reason = "each call makes a new one: this cache never hits, and its memory only grows",
    },
    {
        .name = "cache-without-ttl",
        .metric = METRIC_WITHOUT_TTL_MISPLACED,
        .op = RULE_ABOVE,
        .value = 0,
        .clear = 0,
        .severity = SEVERITY_WARNING,
        .message = "%v key(s) of %o never expire",
        .reason =
            "the platform gives keys of this family a TTL: without one they stay until they are removed",
    },
    {
        .name = "cache-crowding",
        .metric = METRIC_CROWDING,
        .op = RULE_ABOVE,
        .value = 80,
        .clear = 75,
        .hold_us = 10 * US_PER_S,
        .severity = SEVERITY_WARNING,
        .message = "%o has %v of the keys' memory",
        .reason = "memory is short, and this family crowds out the rest",
    },
    {
        .name = "clients",
        .metric = METRIC_CLIENTS,
        .op = RULE_ABOVE,
        .value = 80,
        .clear = 75,
        .hold_us = 10 * US_PER_S,
        .severity = SEVERITY_WARNING,
        .message = "%v clients, more than %t",
        .reason = "the platform's own limit: its pools have 50 connections each, more than 80 is a leak",
    },
    {
        .name = "queue-backlog",
        .metric = METRIC_QUEUE_GROWING,
        .op = RULE_AT_LEAST,
        .value = 100,
        .clear = 50,
        .severity = SEVERITY_WARNING,
        .message = "queue %o does not shrink: %v waiting",
        .reason = "messages come faster than workers take them, or no worker listens to this queue",
    },
    {
        .name = "batch-failed",
        .metric = METRIC_BATCH_FAILED,
        .op = RULE_ABOVE,
        .value = 0,
        .clear = 0,
        .severity = SEVERITY_WARNING,
        .message = "%v batch(es) failed, last %o",
        .reason = "somebody waits for questions that will not come; dismissing the batch clears it",
    },
    {
        .name = "batch-stalled",
        .metric = METRIC_BATCH_STALLED,
        .op = RULE_AT_LEAST,
        .value = 60,
        .clear = 30,
        .severity = SEVERITY_WARNING,
        .message = "batch %o has not moved for %v",
        .reason = "its worker is stuck or was killed: Celery redelivers only after an hour",
    },
    {
        .name = "worker-zombie",
        .metric = METRIC_WORKER_ZOMBIES,
        .op = RULE_ABOVE,
        .value = 0,
        .clear = 0,
        .severity = SEVERITY_CRITICAL,
        .message = "worker %o beats but does not answer",
        .reason = "a broken control message stopped it: it takes no task any more until it is restarted",
    },
    {
        .name = "worker-lost",
        .metric = METRIC_WORKER_LOST,
        .op = RULE_ABOVE,
        .value = 0,
        .clear = 0,
        .hold_us = 5 * US_PER_S,
        .severity = SEVERITY_WARNING,
        .message = "%v worker(s) gone without a goodbye, %o",
        .reason = "it was killed or cannot reach Redis; what it had in hand stays in unacked for an hour",
    },
    {
        .name = "queue-unconsumed",
        .metric = METRIC_QUEUE_UNCONSUMED,
        .op = RULE_ABOVE,
        .value = 0,
        .clear = 0,
        .hold_us = 10 * US_PER_S,
        .severity = SEVERITY_WARNING,
        .message = "queue %o: %v waiting, nobody consumes it",
        .reason = "the platform's own worker command serves only the queue celery",
    },
    {
        .name = "queue-poison",
        .metric = METRIC_QUEUE_POISON,
        .op = RULE_ABOVE,
        .value = 0,
        .clear = 0,
        .severity = SEVERITY_CRITICAL,
        .message = "%v element(s) in %o make a worker exit",
        .reason = "a worker that takes it exits with status 0, so many supervisors do not restart it",
    },
    {
        .name = "tasks-failing",
        .metric = METRIC_TASKS_FAILURE_RATE,
        .op = RULE_ABOVE,
        .value = 25,
        .clear = 15,
        .hold_us = 30 * US_PER_S,
        .severity = SEVERITY_WARNING,
        .message = "%v of the tasks fail, above %t",
        .reason = "single failures are life, a quarter of all is a cause: group the tasks by exception",
    },
    {
        .name = "tasks-overdue",
        .metric = METRIC_TASKS_OVERDUE,
        .op = RULE_ABOVE,
        .value = 0,
        .clear = 0,
        .severity = SEVERITY_WARNING,
        .message = "%v task(s) past the visibility timeout",
        .reason = "they are delivered again while they run, and run twice",
    },
    {
        .name = "tasks-orphaned",
        .metric = METRIC_TASKS_ORPHANED,
        .op = RULE_ABOVE,
        .value = 0,
        .clear = 0,
        .hold_us = 5 * US_PER_S,
        .severity = SEVERITY_WARNING,
        .message = "%v task(s) of workers that are gone",
        .reason = "Celery redelivers them an hour after they were taken; they can be put back at once",
    },
    {
        .name = "tasks-lost",
        .metric = METRIC_TASKS_LOST,
        .op = RULE_ABOVE,
        .value = 0,
        .clear = 0,
        .severity = SEVERITY_WARNING,
        .message = "%v task(s) started and vanished",
        .reason = "rejected, or lost with their worker: their result says STARTED and nothing will change it",
    },
    {
        .name = "session-orphans",
        .metric = METRIC_SESSIONS_ORPHANS,
        .op = RULE_ABOVE,
        .value = 0,
        .clear = 0,
        .hold_us = 5 * US_PER_S,
        .severity = SEVERITY_WARNING,
        .message = "%v session(s) in no user's set",
        .reason =
            "log out everywhere misses them: the set is renewed at a log-in only, a session at every use",
    },
    {
        .name = "session-stale",
        .metric = METRIC_SESSIONS_STALE_SHARE,
        .op = RULE_ABOVE,
        .value = 75,
        .clear = 60,
        .hold_us = 30 * US_PER_S,
        .severity = SEVERITY_INFO,
        .message = "%v of the entries in users' sets are stale",
        .reason = "nobody takes a session's entry off when it runs out: the sets only grow",
    },
    {
        .name = "session-crowd",
        .metric = METRIC_SESSIONS_CROWD,
        .op = RULE_AT_LEAST,
        .value = 20,
        .clear = 15,
        .hold_us = 10 * US_PER_S,
        .severity = SEVERITY_WARNING,
        .message = "user %o has %v sessions",
        .reason = "a client that logs in for each request, or a password that went round",
    },
    {
        .name = "session-storm",
        .metric = METRIC_SESSIONS_SURGE,
        .op = RULE_AT_LEAST,
        .value = 10,
        .clear = 5,
        .severity = SEVERITY_WARNING,
        .message = "%v times as many log-ins as usual",
        .reason = "sessions were lost and all log in anew, or a script tries passwords it has",
    },
    {
        .name = "session-mass-expiry",
        .metric = METRIC_SESSIONS_EXPIRED_SHARE,
        .op = RULE_AT_LEAST,
        .value = 20,
        .clear = 10,
        .severity = SEVERITY_WARNING,
        .message = "%v of the sessions ran out within a minute",
        .reason = "users are thrown out in the middle of their work: their TTL was cut, or a clock jumped",
    },
    {
        .name = "evictions",
        .metric = METRIC_EVICTED,
        .op = RULE_ABOVE,
        .value = 0,
        .clear = 0,
        .severity = SEVERITY_WARNING,
        .message = "Redis evicts keys, %v",
        .reason = "with an allkeys policy a session or a queue may be the next to go",
    },
    {
        .name = "session-came-back",
        .metric = METRIC_SESSIONS_CAME_BACK,
        .op = RULE_ABOVE,
        .value = 0,
        .clear = 0,
        .severity = SEVERITY_CRITICAL,
        .message = "%v session(s) came back: %o; x revokes",
        .reason =
            "the platform's update reads a session and then writes it: one that was revoked in between is "
            "there again, in no index, and works until it expires",
    },
    {
        .name = "eviction-policy",
        .metric = METRIC_VITAL_EVICTABLE,
        .op = RULE_EQUAL,
        .value = 1,
        .clear = 0,
        .severity = SEVERITY_WARNING,
        .message = "%o may evict queues and sessions",
        .reason = "when the memory is full, waiting tasks vanish and people are logged out without a word "
                  "(:memory): "
                  "noeviction, or a Redis of its own for the cache",
    },
    {
        .name = "eviction-latent",
        .metric = METRIC_VITAL_UNLIMITED,
        .op = RULE_EQUAL,
        .value = 1,
        .clear = 0,
        .severity = SEVERITY_INFO,
        .message = "with a limit %o would evict queues and sessions",
        .reason =
            "nothing is evicted as long as maxmemory is 0; whoever sets it should change the policy, too",
    },
    {
        .name = "notifications",
        .metric = METRIC_NOTIFY,
        .op = RULE_EQUAL,
        .value = 1,
        .clear = 0,
        .hold_us = 5 * US_PER_S,
        .severity = SEVERITY_INFO,
        .message = "keyspace notifications are off or incomplete",
        .reason = "without them this screen lives on polls alone: correct, but later",
    },
};

void rules_init(struct rules *r)
{
    static const UT_icd row_icd = {sizeof(struct rule *), NULL, NULL, NULL};
    utarray_init(&r->row, &row_icd);
    for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++) {
        struct rule *row = mem_zalloc(sizeof(*row));
        *row = (struct rule){
            .name = mem_strdup(built_in[i].name),
            .metric = (int)built_in[i].metric,
            .op = built_in[i].op,
            .value = built_in[i].value,
            .clear = built_in[i].clear,
            .hold_us = built_in[i].hold_us,
            .min_lookups = built_in[i].min_lookups,
            .severity = built_in[i].severity,
            .message = mem_strdup(built_in[i].message),
            .reason = mem_strdup(built_in[i].reason),
            .enabled = true,
        };
        utarray_push_back(&r->row, &row);
    }
}

void rules_release(struct rules *r)
{
    for (size_t i = 0; i < rules_count(r); i++) {
        struct rule *row = ((struct rule **)(void *)r->row.d)[i];
        mem_free(row->name);
        mem_free(row->message);
        mem_free(row->reason);
        mem_free(row);
    }
    utarray_done(&r->row);
}

size_t rules_count(const struct rules *r)
{
    return utarray_len(&r->row);
}

const struct rule *rules_at(const struct rules *r, size_t i)
{
    return i < rules_count(r) ? ((struct rule *const *)(const void *)r->row.d)[i] : NULL;
}
