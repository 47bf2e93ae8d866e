#include "redai/schema/need.h"

#include <stdio.h>
#include <string.h>

const struct need needs[] = {
    {"connection", NEED_PANE, {"PING", "SELECT 1", "CLIENT SETNAME x", "CLIENT ID"}},
    {"server",
     NEED_PANE,
     {"INFO", "CONFIG GET maxmemory", "SLOWLOG GET 1", "SLOWLOG LEN", "LATENCY LATEST", "CLIENT LIST"}},
    {"sessions",
     NEED_PANE,
     {"SCAN 0", "GETRANGE session:* 0 9", "PTTL session:*", "SSCAN user:*:sessions 0",
      "MEMORY USAGE session:*"}},
    {"cache", NEED_PANE, {"SCAN 0", "TYPE exam:*", "PTTL exam:*", "MEMORY USAGE exam:*", "DBSIZE"}},
    {"queues",
     NEED_PANE,
     {"SCAN 0", "LLEN celery", "HLEN unacked", "SSCAN _kombu.binding.celery 0", "LINDEX celery -1"}},
    {"batches", NEED_PANE, {"GETRANGE batch:progress:* 0 9", "PTTL batch:progress:*"}},
    {"tasks",
     NEED_PANE,
     {"LRANGE celery 0 9", "HSCAN unacked 0", "ZRANGE unacked_index 0 9", "GETRANGE celery-task-meta-* 0 9",
      "PSUBSCRIBE celery-task-meta-*", "PSUBSCRIBE /{db}.celeryev/task.*"}},
    {"workers",
     NEED_PANE,
     {"PSUBSCRIBE /{db}.celeryev/worker.*", "SSCAN _kombu.binding.celery.pidbox 0",
      "PUBLISH /{db}.celery.pidbox x", "RPUSH redai-console.reply.* x", "EXPIRE redai-console.reply.* 300",
      "LRANGE redai-console.reply.* 0 9", "DEL redai-console.reply.*", "MULTI", "EXEC"}},
    {"live changes",
     NEED_PANE,
     {"SUBSCRIBE __keyevent@{db}__:set", "SUBSCRIBE __keyevent@{db}__:del",
      "SUBSCRIBE __keyevent@{db}__:expired", "UNSUBSCRIBE __keyevent@{db}__:set",
      "PUNSUBSCRIBE celery-task-meta-*"}},
    {"trace", NEED_PANE, {"MONITOR"}},
    {"revoke session",
     NEED_ACTION,
     {"MULTI", "EXEC", "GETRANGE session:* 0 9", "SISMEMBER user:*:sessions x", "UNLINK session:*",
      "SREM user:*:sessions x"}},
    {"revoke user",
     NEED_ACTION,
     {"MULTI", "EXEC", "SSCAN user:*:sessions 0", "UNLINK session:*", "UNLINK user:*:sessions"}},
    {"repair sessions",
     NEED_ACTION,
     {"WATCH session:*", "MULTI", "EXEC", "SADD user:*:sessions x", "SREM user:*:sessions x",
      "EXPIRE user:*:sessions 9"}},
    {"revoke task", NEED_ACTION, {"PUBLISH /{db}.celery.pidbox x", "LREM celery 1 x", "MULTI", "EXEC"}},
    {"enqueue", NEED_ACTION, {"LPUSH celery x", "LLEN celery"}},
    {"retry", NEED_ACTION, {"LPUSH celery x", "GETRANGE celery-task-meta-* 0 9"}},
    {"remove", NEED_ACTION, {"LREM celery 1 x", "LRANGE celery 0 9"}},
    {"move",
     NEED_ACTION,
     {"WATCH celery", "LPOS celery x", "MULTI", "EXEC", "LREM celery 1 x", "LPUSH questions x"}},
    {"purge", NEED_ACTION, {"WATCH celery", "LLEN celery", "MULTI", "EXEC", "LTRIM celery 0 9"}},
    {"requeue",
     NEED_ACTION,
     {"WATCH unacked", "HGET unacked x", "MULTI", "EXEC", "ZREM unacked_index x", "HDEL unacked x",
      "RPUSH celery x"}},
    {"worker methods", NEED_ACTION, {"PUBLISH /{db}.celery.pidbox x", "RPUSH redai-console.reply.* x"}},
    {"invalidate", NEED_ACTION, {"SCAN 0", "MULTI", "EXEC", "TYPE exam:*", "UNLINK exam:*"}},
    {"expire, persist, delete",
     NEED_ACTION,
     {"WATCH exam:*", "MULTI", "EXEC", "PEXPIRE exam:* 9", "PERSIST exam:*", "UNLINK exam:*"}},
    {"undo", NEED_ACTION, {"DUMP session:*", "RESTORE session:* 0 x", "PEXPIRE session:* 9"}},
    {"kill client", NEED_ACTION, {"CLIENT LIST", "CLIENT KILL ID 1"}},
    {"notifications", NEED_ACTION, {"CONFIG SET notify-keyspace-events x"}},
};
const size_t needs_count = sizeof needs / sizeof needs[0];

static bool is_listed(const char *const *list, size_t count, const char *command)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], command) == 0) {
            return true;
        }
    }
    return false;
}

size_t need_commands(const char *const **ret_command)
{
    static const char *list[sizeof needs / sizeof needs[0] * NEED_COMMANDS_MAX];
    static size_t count;
    static bool made;
    for (size_t i = 0; !made && i < needs_count; i++) {
        for (size_t k = 0; needs[i].command[k]; k++) {
            if (!is_listed(list, count, needs[i].command[k])) {
                list[count++] = needs[i].command[k];
            }
        }
    }
    made = true;
    *ret_command = list;
    return count;
}

bool need_only_looks(const char *command)
{
    /* A transaction is made of commands that are not here. */
    static const char *const looking[] = {
        "INFO",   "CONFIG GET",     "SLOWLOG",   "LATENCY",    "CLIENT LIST", "SCAN",         "GETRANGE",
        "PTTL",   "SSCAN",          "TYPE",      "MEMORY",     "LLEN",        "HLEN",         "LRANGE",
        "HSCAN",  "ZRANGE",         "SUBSCRIBE", "PSUBSCRIBE", "MONITOR",     "DBSIZE",       "PING",
        "SELECT", "CLIENT SETNAME", "CLIENT ID", "LINDEX",     "UNSUBSCRIBE", "PUNSUBSCRIBE",
    };
    for (size_t i = 0; i < sizeof looking / sizeof looking[0]; i++) {
        size_t len = strlen(looking[i]);
        if (strncmp(command, looking[i], len) == 0 && (command[len] == ' ' || command[len] == '\0')) {
            return true;
        }
    }
    return false;
}

/* Copies what stands for something else as what it stands for. */
static void write_sample(const char *command, int db, char text[NEED_TEXT_MAX])
{
    bool pattern = strncmp(command, "PSUBSCRIBE", 10) == 0 || strncmp(command, "PUNSUBSCRIBE", 12) == 0;
    size_t used = 0;
    for (const char *p = command; *p && used + 12 < NEED_TEXT_MAX; p++) {
        if (strncmp(p, "{db}", 4) == 0) {
            used += (size_t)snprintf(text + used, NEED_TEXT_MAX - used, "%d", db);
            p += 3;
        } else {
            text[used++] = *p == '*' && !pattern ? '-' : *p;
        }
    }
    text[used] = '\0';
}

size_t need_args(const char *command, int db, char text[NEED_TEXT_MAX], struct span args[NEED_ARGS_MAX])
{
    size_t count = 0;
    write_sample(command, db, text);
    for (char *p = text; *p && count < NEED_ARGS_MAX;) {
        size_t len = strcspn(p, " ");
        args[count++] = span_make(p, len);
        p += len + (p[len] == ' ');
    }
    return count;
}
