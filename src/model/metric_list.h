/* metric_list: what a rule can be about: id, kind of the thing it is a number of, name, unit, help. rule.c
 * makes the public table of it, metric.c says how each is read; a metric without a reader stays unknown. */
#ifndef REDAI_MODEL_METRIC_LIST_H
#define REDAI_MODEL_METRIC_LIST_H

#define METRIC_LIST(X)                                                                                       \
    X(USED_MEMORY, NONE, "server.used_memory", "bytes", "memory Redis uses")                                 \
    X(MEMORY_PERCENT, NONE, "server.memory_percent", "percent",                                              \
      "used memory of maxmemory; unknown without one")                                                       \
    X(MEMORY_RSS, NONE, "server.memory_rss", "bytes", "memory of the process as the system sees it")         \
    X(FRAGMENTATION, NONE, "server.fragmentation", "count", "mem_fragmentation_ratio")                       \
    X(VITAL_EVICTABLE, NONE, "memory.vital_evictable", "bool",                                               \
      "waiting tasks or sessions can be evicted whatever their TTL")                                         \
    X(VITAL_UNLIMITED, NONE, "memory.vital_unlimited", "bool",                                               \
      "they could be evicted, if there were a limit")                                                        \
    X(CLIENTS, NONE, "server.clients", "count", "connected clients")                                         \
    X(CLIENTS_PERCENT, NONE, "server.clients_percent", "percent", "connected clients of maxclients")         \
    X(BLOCKED, NONE, "server.blocked_clients", "count", "clients waiting in a blocking command")             \
    X(REJECTED, NONE, "server.rejected", "count", "connections refused at maxclients in the last minute")    \
    X(OPS, NONE, "server.ops", "per_s", "commands a second, as Redis reports them")                          \
    X(ROUND_TRIP, NONE, "server.round_trip", "s", "time of our own poll")                                    \
    X(EVICTED, NONE, "server.evicted", "per_s", "keys evicted a second over the last minute")                \
    X(EXPIRED, NONE, "server.expired", "per_s", "keys expired a second over the last ten seconds")           \
    X(UPTIME, NONE, "server.uptime", "s", "since the server started")                                        \
    X(LOADING, NONE, "server.loading", "bool", "the server is loading its data")                             \
    X(REPLICAS, NONE, "server.replicas", "count", "connected replicas")                                      \
    X(MASTER_DOWN, NONE, "server.master_down", "bool", "a replica has lost its master; unknown on a master") \
    X(SAVE_FAILED, NONE, "server.save_failed", "bool", "the last background save failed")                    \
    X(AOF_FAILED, NONE, "server.aof_failed", "bool", "the last write to the append-only file failed")        \
    X(UNSAVED, NONE, "server.unsaved_changes", "count", "changes since the last save")                       \
    X(UNREACHABLE, NONE, "redis.unreachable", "bool", "Redis does not answer our polls")                     \
    X(BROKER_AWAY, NONE, "broker.unreachable", "bool",                                                       \
      "the broker's server, where it is not the application's, does not answer")                             \
    X(RESULTS_AWAY, NONE, "results.unreachable", "bool", "the same of the results' server")                  \
    X(NOTIFY, NONE, "notifications.incomplete", "bool", "keyspace notifications are off or partial")         \
    X(EVENTS, NONE, "notifications.events", "per_s", "key events heard a second")                            \
    X(HIT_RATE, NONE, "cache.hit_rate", "percent",                                                           \
      "hits of all look-ups in the last minute, ours taken off")                                             \
    X(HIT_RATE_LIFETIME, NONE, "cache.hit_rate_lifetime", "percent", "hits since the server started")        \
    X(LOOKUPS, NONE, "cache.lookups", "count", "look-ups in the last minute, ours taken off")                \
    X(KEYS, NONE, "cache.keys", "count", "keys in the database")                                             \
    X(WITHOUT_TTL, FAMILY, "cache.without_ttl", "count", "keys of a family that never expire")               \
    X(OBJECT_REPRS, FAMILY, "cache.object_reprs", "count", "keys of a family that hold an object's address") \
    X(WITHOUT_TTL_MISPLACED, FAMILY, "cache.without_ttl_misplaced", "count",                                 \
      "keys that never expire, of a family whose keys should: cache, sessions, batches")                     \
    X(LARGEST_SHARE, FAMILY, "cache.largest_share", "percent", "a family's part of all families' bytes")     \
    X(CROWDING, FAMILY, "cache.crowding", "percent",                                                         \
      "a family's part of all bytes, 0 unless memory is short (70 % of it, evictions)")                      \
    X(SESSIONS, NONE, "sessions.total", "count", "sessions")                                                 \
    X(USERS, NONE, "sessions.users", "count", "users with a session")                                        \
    X(USER_SESSIONS, NONE, "sessions.per_user", "count", "sessions for each user, on average")               \
    X(SESSIONS_CAME_BACK, NONE, "sessions.came_back", "count",                                               \
      "sessions that were revoked here and are there again")                                                 \
    X(SESSIONS_ORPHANS, NONE, "sessions.orphans", "count", "sessions that their user's set does not name")   \
    X(SESSIONS_STALE, NONE, "sessions.stale_members", "count",                                               \
      "entries of users' sets whose session is gone")                                                        \
    X(SESSIONS_STALE_SHARE, NONE, "sessions.stale_share", "percent",                                         \
      "of all entries, how many are stale; fewer than 130 count as 130")                                     \
    X(SESSIONS_CROWD, USER, "sessions.most_of_one_user", "count", "sessions of a user")                      \
    X(SESSIONS_LOGINS, NONE, "sessions.logins", "count", "log-ins in the last minute")                       \
    X(SESSIONS_SURGE, NONE, "sessions.login_surge", "count",                                                 \
      "these against the usual of the last hour: so many times as many; a usual below 30 counts as 30")      \
    X(SESSIONS_EXPIRED_SHARE, NONE, "sessions.expired_share", "percent",                                     \
      "of all sessions, how many ran out in the last minute; fewer than 250 count as 250")                   \
    X(QUEUE_DEPTH, QUEUE, "queue.depth", "count", "waiting messages of a queue")                             \
    X(QUEUE_TOTAL, NONE, "queue.total", "count", "waiting messages of all queues")                           \
    X(QUEUE_GROWING, QUEUE, "queue.growing", "count",                                                        \
      "waiting messages of a queue that has not shrunk for 60 s")                                            \
    X(QUEUE_DRAIN, QUEUE, "queue.drain", "s", "time until a queue is drained; endless when it grows")        \
    X(UNACKED, NONE, "queue.unacked", "count", "messages taken by workers and not acknowledged")             \
    X(UNACKED_AGE, NONE, "queue.unacked_age", "s", "age of the oldest of these")                             \
    X(BATCH_RUNNING, NONE, "batch.running", "count", "batches at work")                                      \
    X(BATCH_QUEUED, NONE, "batch.queued", "count", "batches not begun")                                      \
    X(BATCH_STALLED, TASK, "batch.stalled_s", "s", "since a running batch has moved")                        \
    X(BATCH_FAILED, TASK, "batch.failed", "bool",                                                            \
      "a batch failed in the last 10 minutes and was not dismissed")                                         \
    X(BATCH_LOST, TASK, "batch.lost", "bool", "a batch vanished without a result in the last 10 minutes")    \
    X(WORKERS, NONE, "worker.alive", "count", "workers that are online; unknown while none ever was heard")  \
    X(WORKER_SILENT, WORKER, "worker.silent", "s",                                                           \
      "since the last heartbeat of a worker that said no goodbye")                                           \
    X(WORKER_ZOMBIES, WORKER, "worker.zombies", "bool", "a worker sends heartbeats and answers nothing")     \
    X(WORKER_LOST, WORKER, "worker.lost", "bool", "a worker went without a goodbye")                         \
    X(QUEUE_UNCONSUMED, QUEUE, "queue.unconsumed", "count",                                                  \
      "waiting messages of a queue that nobody consumes")                                                    \
    X(QUEUE_POISON, QUEUE, "queue.poison", "count",                                                          \
      "waiting elements of a queue that a worker would exit on")                                             \
    X(TASKS_FAILURE_RATE, NONE, "tasks.failure_rate", "percent",                                             \
      "failed of those that ended in the last 5 minutes; fewer than 20 count as 20")                         \
    X(TASKS_OVERDUE, NONE, "tasks.overdue", "count",                                                         \
      "tasks in flight for longer than the visibility timeout")                                              \
    X(TASKS_ORPHANED, NONE, "tasks.orphaned", "count", "tasks taken by workers that are gone")               \
    X(TASKS_LOST, NONE, "tasks.lost", "count", "tasks found started and nowhere, in the last 10 minutes")    \
    X(COST_COMMANDS, NONE, "console.commands", "per_s", "commands this console sends")                       \
    X(COST_BYTES, NONE, "console.bytes_in", "per_s", "bytes this console reads from Redis")                  \
    X(FULL, NONE, "server.full_s", "s",                                                                      \
      "until maxmemory is reached, as it grew in the last ten minutes; endless when not steadily")           \
    X(FRAGMENTED, NONE, "server.fragmented", "count",                                                        \
      "mem_fragmentation_ratio; 1 below 100 MiB in use, where it says nothing")                              \
    X(CPU, NONE, "server.cpu", "percent",                                                                    \
      "of one core, what Redis' main thread used in the last ten seconds")                                   \
    X(LATENCY, NONE, "server.latency", "s", "the middle one of our polls' round trips of the last 30 s")     \
    X(CONNECTIONS, NONE, "server.connections", "per_s",                                                      \
      "new connections a second over the last ten seconds")                                                  \
    X(BLOCKED_OTHERS, NONE, "server.blocked_others", "count",                                                \
      "clients waiting in a blocking command, one a worker taken off: those wait for work")                  \
    X(CLIENT_MEMORY, NONE, "server.client_memory", "bytes", "buffers of ordinary clients")                   \
    X(CLIENTS_CUT, NONE, "server.clients_cut", "count",                                                      \
      "clients cut off for their buffers in the last ten minutes")                                           \
    X(REJECTED_LATELY, NONE, "server.rejected_lately", "count",                                              \
      "connections refused at maxclients in the last ten minutes")                                           \
    X(EVICTED_LATELY, NONE, "server.evicted_lately", "count",                                                \
      "keys evicted in the last ten minutes, where no queue was at stake")                                   \
    X(EVICTED_BROKER, NONE, "server.evicted_broker", "count",                                                \
      "the same where queues are and any key may be evicted")                                                \
    X(ERROR_SHARE, NONE, "server.error_share", "percent",                                                    \
      "commands of the last minute that were answered by an error, of at least 1000")                        \
    X(SAVE_AGE, NONE, "server.save_age", "s",                                                                \
      "since the last snapshot while there are changes since; unknown when none was taken since the start")  \
    X(RESTARTED, NONE, "server.restarted", "bool",                                                           \
      "another process answers, and had just begun; since less than ten minutes")                            \
    X(FAILED_OVER, NONE, "server.failed_over", "bool",                                                       \
      "another server answers, which was there before; since less than ten minutes")                         \
    X(FLUSHED, NONE, "server.flushed", "bool",                                                               \
      "more than half of the keys went at once, not by expiry or eviction; since less than ten minutes")     \
    X(NOTIFY_LOST, NONE, "notifications.lost", "bool",                                                       \
      "the connection that hears events is down, or events were shed in the last minute")                    \
    X(WITHOUT_TTL_GROWTH, NONE, "cache.without_ttl_growth", "count",                                         \
      "keys without a TTL that come in an hour, as far as they grow steadily; else 0")                       \
    X(MISS_SURGE, FAMILY, "cache.miss_surge", "count",                                                       \
      "misses of a family that were filled, in the last minute: so many times the usual of the last hour")   \
    X(QUEUE_UNDRAINED, QUEUE, "queue.undrained_s", "s", "since a queue last held fewer than 20 messages")    \
    X(CONSOLE_BUDGET, NONE, "console.budget_percent", "percent",                                             \
      "commands this console sends, of its budget")                                                          \
    X(REPLICA_LAG, NONE, "server.replica_lag", "s",                                                          \
      "since the worst replica of this server was heard, or a replica's own master")                         \
    X(SLOW, NONE, "server.slow", "count", "commands that came into the slow log in the last five minutes")

enum metric {
#define METRIC_ENUM(id, of, name, unit, help) METRIC_##id,
    METRIC_LIST(METRIC_ENUM)
#undef METRIC_ENUM
        METRIC_COUNT
};

#endif
