/* metric_list: what a rule can be about: id, name, unit, help. rule.c makes the public table of it, metric.c
 * holds the readers; a metric without one stays unknown. */
#ifndef REDAI_MODEL_METRIC_LIST_H
#define REDAI_MODEL_METRIC_LIST_H

#define METRIC_LIST(X)                                                                                       \
    X(USED_MEMORY, "server.used_memory", "bytes", "memory Redis uses")                                       \
    X(MEMORY_PERCENT, "server.memory_percent", "percent", "used memory of maxmemory; unknown without one")   \
    X(MEMORY_RSS, "server.memory_rss", "bytes", "memory of the process as the system sees it")               \
    X(FRAGMENTATION, "server.fragmentation", "count", "mem_fragmentation_ratio")                             \
    X(VITAL_EVICTABLE, "memory.vital_evictable", "bool",                                                     \
      "waiting tasks or sessions can be evicted whatever their TTL")                                         \
    X(VITAL_UNLIMITED, "memory.vital_unlimited", "bool", "they could be evicted, if there were a limit")     \
    X(CLIENTS, "server.clients", "count", "connected clients")                                               \
    X(CLIENTS_PERCENT, "server.clients_percent", "percent", "connected clients of maxclients")               \
    X(BLOCKED, "server.blocked_clients", "count", "clients waiting in a blocking command")                   \
    X(REJECTED, "server.rejected", "count", "connections refused at maxclients in the last minute")          \
    X(OPS, "server.ops", "per_s", "commands a second, as Redis reports them")                                \
    X(ROUND_TRIP, "server.round_trip", "s", "time of our own poll")                                          \
    X(EVICTED, "server.evicted", "per_s", "keys evicted a second over the last minute")                      \
    X(EXPIRED, "server.expired", "per_s", "keys expired a second over the last ten seconds")                 \
    X(UPTIME, "server.uptime", "s", "since the server started")                                              \
    X(LOADING, "server.loading", "bool", "the server is loading its data")                                   \
    X(REPLICAS, "server.replicas", "count", "connected replicas")                                            \
    X(MASTER_DOWN, "server.master_down", "bool", "a replica has lost its master; unknown on a master")       \
    X(SAVE_FAILED, "server.save_failed", "bool", "the last background save failed")                          \
    X(AOF_FAILED, "server.aof_failed", "bool", "the last write to the append-only file failed")              \
    X(UNSAVED, "server.unsaved_changes", "count", "changes since the last save")                             \
    X(UNREACHABLE, "redis.unreachable", "bool", "Redis does not answer our polls")                           \
    X(NOTIFY, "notifications.incomplete", "bool", "keyspace notifications are off or partial")               \
    X(EVENTS, "notifications.events", "per_s", "key events heard a second")                                  \
    X(HIT_RATE, "cache.hit_rate", "percent", "hits of all look-ups in the last minute, ours taken off")      \
    X(HIT_RATE_LIFETIME, "cache.hit_rate_lifetime", "percent", "hits since the server started")              \
    X(LOOKUPS, "cache.lookups", "count", "look-ups in the last minute, ours taken off")                      \
    X(KEYS, "cache.keys", "count", "keys in the database")                                                   \
    X(WITHOUT_TTL, "cache.without_ttl", "count", "keys that never expire, of the worst family")              \
    X(OBJECT_REPRS, "cache.object_reprs", "count",                                                           \
      "keys that hold an object's address, of the worst family")                                             \
    X(WITHOUT_TTL_MISPLACED, "cache.without_ttl_misplaced", "count",                                         \
      "keys that never expire, of the worst family that should: cache, sessions, batches")                   \
    X(LARGEST_SHARE, "cache.largest_share", "percent", "the largest family's part of all families' bytes")   \
    X(CROWDING, "cache.crowding", "percent",                                                                 \
      "the largest family's part while memory is short (70 % of maxmemory, evictions); else 0")              \
    X(SESSIONS, "sessions.total", "count", "sessions")                                                       \
    X(USERS, "sessions.users", "count", "users with a session")                                              \
    X(USER_SESSIONS, "sessions.per_user", "count", "sessions for each user, on average")                     \
    X(SESSIONS_CAME_BACK, "sessions.came_back", "count",                                                     \
      "sessions that were revoked here and are there again")                                                 \
    X(SESSIONS_ORPHANS, "sessions.orphans", "count", "sessions that their user's set does not name")         \
    X(SESSIONS_STALE, "sessions.stale_members", "count", "entries of users' sets whose session is gone")     \
    X(SESSIONS_STALE_SHARE, "sessions.stale_share", "percent",                                               \
      "of all entries, how many are stale; 0 below 100 of them")                                             \
    X(SESSIONS_CROWD, "sessions.most_of_one_user", "count", "sessions of the user who has most")             \
    X(SESSIONS_LOGINS, "sessions.logins", "count", "log-ins in the last minute")                             \
    X(SESSIONS_SURGE, "sessions.login_surge", "count",                                                       \
      "these against the usual of the last hour: so many times as many; 0 below 300")                        \
    X(SESSIONS_EXPIRED_SHARE, "sessions.expired_share", "percent",                                           \
      "of all sessions, how many ran out in the last minute; 0 below 50 of them")                            \
    X(QUEUE_DEPTH, "queue.depth", "count", "waiting messages of the deepest queue")                          \
    X(QUEUE_TOTAL, "queue.total", "count", "waiting messages of all queues")                                 \
    X(QUEUE_GROWING, "queue.growing", "count", "waiting messages of a queue that has not shrunk for 60 s")   \
    X(QUEUE_DRAIN, "queue.drain", "s", "time to drain of the slowest queue; endless when it grows")          \
    X(UNACKED, "queue.unacked", "count", "messages taken by workers and not acknowledged")                   \
    X(UNACKED_AGE, "queue.unacked_age", "s", "age of the oldest of these")                                   \
    X(BATCH_RUNNING, "batch.running", "count", "batches at work")                                            \
    X(BATCH_QUEUED, "batch.queued", "count", "batches not begun")                                            \
    X(BATCH_STALLED, "batch.stalled_s", "s", "since the last movement of a running batch")                   \
    X(BATCH_FAILED, "batch.failed", "count", "batches failed in the last 10 minutes and not dismissed")      \
    X(BATCH_LOST, "batch.lost", "count", "batches that vanished without a result in the last 10 minutes")    \
    X(WORKERS, "worker.alive", "count", "workers that are online; unknown while none ever was heard")        \
    X(WORKER_SILENT, "worker.silent", "s", "since the last heartbeat of a worker that said no goodbye")      \
    X(WORKER_ZOMBIES, "worker.zombies", "count", "workers that send heartbeats and answer nothing")          \
    X(WORKER_LOST, "worker.lost", "count", "workers that went without a goodbye")                            \
    X(QUEUE_UNCONSUMED, "queue.unconsumed", "count", "waiting messages of a queue that nobody consumes")     \
    X(QUEUE_POISON, "queue.poison", "count", "waiting elements that a worker would exit on")                 \
    X(TASKS_FAILURE_RATE, "tasks.failure_rate", "percent",                                                   \
      "failed of those that ended in the last 5 minutes; unknown below 20")                                  \
    X(TASKS_OVERDUE, "tasks.overdue", "count", "tasks in flight for longer than the visibility timeout")     \
    X(TASKS_ORPHANED, "tasks.orphaned", "count", "tasks taken by workers that are gone")                     \
    X(TASKS_LOST, "tasks.lost", "count", "tasks found started and nowhere, in the last 10 minutes")          \
    X(COST_COMMANDS, "console.commands", "per_s", "commands this console sends")                             \
    X(COST_BYTES, "console.bytes_in", "per_s", "bytes this console reads from Redis")

enum metric {
#define METRIC_ENUM(id, name, unit, help) METRIC_##id,
    METRIC_LIST(METRIC_ENUM)
#undef METRIC_ENUM
        METRIC_COUNT
};

#endif
