/* doctor_list: the table of checks: judge function, id, group, severity when it is bad, the platform's own
 * faults that it sees, what is looked at, why it is wrong, the way out. */
#ifndef REDAI_MODEL_DOCTOR_LIST_H
#define REDAI_MODEL_DOCTOR_LIST_H

#define DOCTOR_LIST(X)                                                                                       \
    /* the server */                                                                                         \
    X(password, "password", "server", CRITICAL, "",                                                          \
      "whether anybody may come in without a password, and from where (requirepass, ACL, bind, "             \
      "protected-mode)",                                                                                     \
      "whoever reaches the port reads every session token and may delete all of it",                         \
      "set requirepass (a long random text), or bind it to 127.0.0.1")                                       \
    X(password_literal, "password-literal", "server", CRITICAL, "2",                                         \
      "whether the password is the text ${REDIS_PASSWORD} or ${REDIS_PASSWORD:-}",                           \
      "Redis replaces no variables in its file: the password is that very text, the same for everybody",     \
      "start it with --requirepass \"$REDIS_PASSWORD\", and change the password")                            \
    X(protected_mode, "protected-mode", "server", WARNING, "",                                               \
      "protected-mode of a server without password",                                                         \
      "with it Redis refuses other machines as long as there is no password: the last line of defence",      \
      "protected-mode yes")                                                                                  \
    X(health_check, "health-check", "server", INFO, "3", "whether a password is set",                        \
      "`redis-cli ping` ends with 0 on NOAUTH, so the compose health check is green without the password",   \
      "test: REDISCLI_AUTH=... redis-cli -e ping | grep -q PONG")                                            \
    X(bind, "bind", "server", INFO, "20", "bind, and how we connect",                                        \
      "in a container 127.0.0.1 is the container's own: an app that connects to the host `redis` is "        \
      "refused",                                                                                             \
      "in a container bind '* -::*' with a password, and publish the port on the host's 127.0.0.1")          \
    X(commands, "commands", "server", CRITICAL, "",                                                          \
      "commands that Celery and this console need (COMMAND LIST)",                                           \
      "a command that was renamed away fails for everybody who needs it",                                    \
      "take its rename-command out of redis.conf; keep others from it by ACL instead")                       \
    X(version, "version", "server", WARNING, "", "redis_version, against known trouble",                     \
      "this version has a hole that a later one has closed", "update Redis")                                 \
    X(role, "role", "server", WARNING, "", "role and link to the master",                                    \
      "a replica refuses writes: actions fail, and Celery cannot work on it", "connect to the master")       \
    X(clock, "clock", "server", WARNING, "", "the clocks of the server and of the workers against ours",     \
      "ages, etas and expiries are computed from clocks that must agree",                                    \
      "run NTP (chrony, timesyncd) there")                                                                   \
    X(notifications, "notifications", "server", WARNING, "", "notify-keyspace-events",                       \
      "without them sessions and cache are seen by slow walks only, and who logged out is noticed late",     \
      ":notifications turns on what is missing; to keep it, in redis.conf: notify-keyspace-events Eg$xem")   \
    X(timeout, "idle-timeout", "server", WARNING, "21", "timeout",                                           \
      "it closes living connections that wait in the pools of the platform and of Celery",                   \
      "timeout 0 and tcp-keepalive 300: only dead peers are closed")                                         \
    X(keepalive, "tcp-keepalive", "server", WARNING, "", "tcp-keepalive",                                    \
      "peers that vanished keep their connections, and maxclients fills up", "tcp-keepalive 300")            \
    X(maxclients, "maxclients", "server", WARNING, "",                                                       \
      "maxclients against pools, workers and what is connected",                                             \
      "when it is reached, logins and workers are refused",                                                  \
      "raise maxclients (and the limit of open files)")                                                      \
    X(output_buffer, "pubsub-buffer", "server", WARNING, "", "client-output-buffer-limit pubsub",            \
      "in a storm of key events a subscriber is cut off: this console and Celery's control",                 \
      "client-output-buffer-limit pubsub 32mb 8mb 60")                                                       \
    X(slowlog, "slowlog", "server", WARNING, "", "slowlog-log-slower-than, slowlog-max-len",                 \
      "nobody can tell afterwards which command held everybody up",                                          \
      "slowlog-log-slower-than 10000 and slowlog-max-len 128")                                               \
    X(latency_monitor, "latency-monitor", "server", INFO, "", "latency-monitor-threshold",                   \
      "spikes (fork, disk, expiry) leave no trace", "latency-monitor-threshold 100")                         \
    /* memory and disk */                                                                                    \
    X(eviction, "eviction-policy", "data", CRITICAL, "13", "maxmemory-policy against what is stored",        \
      "a full cache throws out waiting tasks and sessions, and nobody is told",                              \
      "maxmemory-policy volatile-ttl (or noeviction), or a Redis of its own for the cache")                  \
    X(evicted, "evictions", "data", WARNING, "13", "evicted_keys",                                           \
      "what was evicted is gone: cached values at best, tasks and sessions at worst",                        \
      "more maxmemory, shorter TTLs, or a policy that spares what must stay")                                \
    X(unlimited, "maxmemory", "data", WARNING, "", "maxmemory",                                              \
      "without a limit the system's OOM killer decides, and kills Redis with everything in it",              \
      "set maxmemory below what the machine can spare")                                                      \
    X(headroom, "memory-full", "data", CRITICAL, "", "used_memory of maxmemory",                             \
      "it is full: writes are refused or keys are evicted", "invalidate what can go, or raise maxmemory")    \
    X(dead_alert, "memory-alert", "data", INFO, "17",                                                        \
      "maxmemory against the platform's memory alert (1.5G)",                                                \
      "the platform warns above 1.5G, which a smaller maxmemory never lets it reach",                        \
      "alert on used_memory / maxmemory, as the rule of this console does")                                  \
    X(persistence, "persistence", "data", WARNING, "", "save and appendonly",                                \
      "a restart loses every waiting task and logs everybody out", "appendonly yes")                         \
    X(save_failed, "save-failed", "data", CRITICAL, "", "rdb_last_bgsave_status, aof_last_write_status",     \
      "nothing newer is on disk, and writes may be refused until a save succeeds",                           \
      "look at Redis' log: disk full, no right to the folder, no memory to fork")                            \
    X(save_age, "save-age", "data", WARNING, "", "age of the last save where there is no AOF",               \
      "a crash loses all that came since", "appendonly yes, or save points (save 900 1)")                    \
    X(stop_writes, "stop-writes", "data", INFO, "", "stop-writes-on-bgsave-error",                           \
      "off, a failing save is noticed by nobody",                                                            \
      "stop-writes-on-bgsave-error yes, or an alert on save-failed")                                         \
    X(appendfsync, "appendfsync", "data", WARNING, "", "appendfsync where there is an AOF",                  \
      "`no` loses up to half a minute with a crash of the machine", "appendfsync everysec")                  \
    X(orphans, "orphan-sessions", "data", WARNING, "8", "sessions that stand in no set of their user",       \
      "'log out everywhere' misses them: they live on", ":repair sessions all --add puts them back")         \
    X(stale, "stale-entries", "data", INFO, "9", "entries of users' sets without a session",                 \
      "each log-in renews the set and nobody tidies it up: it grows", ":repair sessions all --drop")         \
    X(foreign, "foreign-entries", "data", WARNING, "11",                                                     \
      "entries of users' sets that name another's session",                                                  \
      "user_data overwrote user_id: logging out takes the id from the wrong set",                            \
      "do not let user_data hold user_id; revoke those sessions")                                            \
    X(reprs, "object-reprs", "data", WARNING, "6", "cached keys with an object's address in them",           \
      "each request makes another key, and the cache never hits",                                            \
      "leave the database session out of the key (cache_result: skip db); then :invalidate the old keys")    \
    X(lasting, "cache-without-ttl", "data", WARNING, "", "cached keys without a TTL",                        \
      "they stay for ever, and no volatile policy may take them", ":invalidate them, and write with a TTL")  \
    X(overlap, "invalidation-overlap", "data", INFO, "7",                                                    \
      "cached exams of which one's id begins with another's",                                                \
      "invalidating exam:ID* after a change of the shorter one takes the longer ones, too",                  \
      "delete exam:ID itself and exam:ID:*")                                                                 \
    X(hit_rate, "hit-rate", "data", INFO, "16", "the hit rate of all reads, beside the cache's own",         \
      "the platform's figure counts Celery's reads: its alert below 70 % says nothing of the cache",         \
      "go by this console's hit rate; tell the cache's reads apart in the application")                      \
    /* Celery */                                                                                             \
    X(workers, "workers", "celery", CRITICAL, "", "whether a worker is alive",                               \
      "nobody takes the tasks that wait", "start a worker: celery -A api.config.celery_config worker")       \
    X(worker_state, "worker-state", "celery", CRITICAL, "", "workers that are lost or do nothing any more",  \
      "what it had taken is redelivered after the visibility timeout at the earliest",                       \
      "restart it; :requeue puts back what surely no worker has")                                            \
    X(unconsumed, "queue-unconsumed", "celery", CRITICAL, "4", "queues that no worker consumes",             \
      "what is sent there waits for ever", "start the worker with -Q celery,questions,validation,analytics") \
    X(route, "task-route", "celery", INFO, "5",                                                              \
      "where api.tasks.batch_generate_questions and test_redis_task go",                                     \
      "the routes match api.tasks.generate_questions.* alone: these tasks go to `celery`, not to "           \
      "`questions`",                                                                                         \
      "name the task in task_routes as it is registered")                                                    \
    X(priorities, "priorities", "celery", INFO, "", "lists of the priority steps 3, 6 and 9",                \
      "of Celery on Redis the lower number is served first", "give urgent tasks priority 0")                 \
    X(prefix, "key-prefix", "celery", WARNING, "", "bindings under another name (global_keyprefix)",         \
      "this console reads queues and tasks by their plain names, and sees none of these",                    \
      "leave global_keyprefix out, or give the application a Redis or database of its own")                  \
    X(visibility, "visibility-timeout", "celery", WARNING, "18",                                             \
      "the longest running, held or eta task against the workers' visibility timeout",                       \
      "a task that a worker holds for longer is delivered again and runs twice",                             \
      "broker_transport_options = {'visibility_timeout': ...} above the longest task or eta")                \
    X(redelivery, "redelivery", "celery", CRITICAL, "19", "tasks that were delivered again and again",       \
      "it kills its process, is put back and kills the next one: an endless loop",                           \
      "revoke and remove it; task_reject_on_worker_lost off, or a retry limit")                              \
    X(poison, "poison-message", "celery", CRITICAL, "", "waiting messages on which a worker exits",          \
      "each worker that takes it exits, and puts it back for the next one", "select it and :remove it")      \
    X(events, "events", "celery", INFO, "", "whether workers tell of their tasks (-E)",                      \
      "tasks are seen by polling alone: short ones are missed", ":worker enable_events, or start with -E")   \
    X(result_expiry, "result-expiry", "celery", WARNING, "", "how long results stay",                        \
      "results that never expire fill the memory", "result_expires = 3600")                                  \
    X(batch_ttl, "batch-progress-ttl", "celery", INFO, "14",                                                 \
      "TTL of a batch's progress against its result's",                                                      \
      "GET /tasks/batch/progress answers null while the result is still there",                              \
      "write the last progress with the TTL of the result (3600)")                                           \
    X(mailboxes, "stale-mailboxes", "celery", WARNING, "", "reply lists of remote control without a TTL",    \
      "Celery never takes them away (celery/celery#6089): they pile up",                                     \
      "redis-cli --scan --pattern '*.reply.celery.pidbox', then :delete those of clients that have gone")    \
    X(broker_server, "broker-server", "celery", CRITICAL, "",                                                \
      "role and maxmemory-policy of the broker's own server, when it has one (INFO)",                        \
      "a replica takes no task, and a policy of allkeys throws waiting tasks out",                           \
      "maxmemory-policy noeviction there; --broker-url is to name the master")                               \
    X(results_server, "results-server", "celery", CRITICAL, "",                                              \
      "role of the results' own server, when it has one (INFO)", "a replica takes no result",                \
      "--result-url is to name the master")                                                                  \
    /* this console and its user */                                                                          \
    X(links, "connections", "console", WARNING, "", "this console's own connections",                        \
      "what comes by it is not known", "look at the error; R asks again")                                    \
    X(panes, "pane-access", "permissions", WARNING, "", "which panes this user can fill (ACL, dry)",         \
      "the pane stays empty or is incomplete", "give the user those commands, keys and channels")            \
    X(actions, "action-access", "permissions", INFO, "", "which actions this user can do (ACL, dry)",        \
      "the action is refused", "give the user those commands, keys and channels, if it shall act")

#endif
