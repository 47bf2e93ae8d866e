#include "redai/schema/client_list.h"

#include "pairs.h"

#include "redai/base/num.h"

const char *const client_kind_name[CLIENT_KIND_COUNT] = {
    [CLIENT_NORMAL] = "normal",   [CLIENT_OWN] = "own",         [CLIENT_CONSOLE] = "console",
    [CLIENT_WORKER] = "worker",   [CLIENT_PUBSUB] = "pubsub",   [CLIENT_MONITOR] = "monitor",
    [CLIENT_BLOCKED] = "blocked", [CLIENT_REPLICA] = "replica", [CLIENT_MASTER] = "master",
};

#define NUMBER(name, member)                                                                                 \
    {                                                                                                        \
        (name), offsetof(struct client_line, member)                                                         \
    }
static const struct pairs_number numbers[] = {
    NUMBER("id", id),         NUMBER("fd", fd),
    NUMBER("db", db),         NUMBER("age", age_s),
    NUMBER("idle", idle_s),   NUMBER("sub", channels),
    NUMBER("psub", patterns), NUMBER("ssub", shard_channels),
    NUMBER("multi", queued),  NUMBER("tot-mem", memory),
};
#define TEXT(name, member)                                                                                   \
    {                                                                                                        \
        (name), offsetof(struct client_line, member)                                                         \
    }
static const struct {
    const char *name;
    size_t offset; /* of a span */
} texts[] = {
    TEXT("addr", address), TEXT("name", name),   TEXT("user", user),
    TEXT("cmd", command),  TEXT("flags", flags), TEXT("lib-name", lib),
};
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void text_set(struct client_line *c, struct span name, struct span value)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (span_equal(name, span_of(texts[i].name))) {
            *(struct span *)(void *)((char *)c + texts[i].offset) = value;
        }
    }
}

bool client_line_read(struct client_line *ret, struct span line)
{
    struct {
        int64_t fixed, list;
    } output = {-1, -1};
    static const struct pairs_number parts[] = {{"obl", 0}, {"omem", sizeof(int64_t)}};
    struct span name, value;

    *ret = (struct client_line){.id = -1,
                                .fd = -1,
                                .db = -1,
                                .age_s = -1,
                                .idle_s = -1,
                                .channels = -1,
                                .patterns = -1,
                                .shard_channels = -1,
                                .queued = -1,
                                .output = -1,
                                .memory = -1};
    while (pairs_next(&line, ' ', &name, &value)) {
        if (!pairs_number(numbers, COUNT(numbers), name, value, ret) &&
            !pairs_number(parts, COUNT(parts), name, value, &output)) {
            text_set(ret, name, value);
        }
    }
    if (span_equal(ret->command, S("NULL"))) { /* it has sent none yet */
        ret->command = S("");
    }
    if (output.fixed >= 0 && output.list >= 0 && output.fixed <= INT64_MAX - output.list) {
        ret->output = output.fixed + output.list;
    }
    return ret->id >= 0;
}

bool client_list_next(struct span *text, struct client_line *ret)
{
    while (text->data && text->len) {
        if (client_line_read(ret, pairs_line(text))) {
            return true;
        }
    }
    return false;
}

static bool has_flag(const struct client_line *c, char flag)
{
    return span_find(c->flags, flag) < c->flags.len;
}

enum client_kind client_line_kind(const struct client_line *c)
{
    if (has_flag(c, 'M')) {
        return CLIENT_MASTER;
    }
    if (has_flag(c, 'O')) {
        return CLIENT_MONITOR;
    }
    if (has_flag(c, 'S')) {
        return CLIENT_REPLICA;
    }
    /* The connection that waits for tasks does nothing else, also while it is not waiting. No console does.
     */
    if (span_equal(c->command, S("brpop"))) {
        return CLIENT_WORKER;
    }
    if (span_starts(c->name, S(CLIENT_CONSOLE_NAME))) {
        return CLIENT_CONSOLE;
    }
    if (has_flag(c, 'P')) {
        /* Celery's broadcasts and events are heard by pattern alone. */
        return c->patterns > 0 && c->channels <= 0 && !c->name.len ? CLIENT_WORKER : CLIENT_PUBSUB;
    }
    return has_flag(c, 'b') ? CLIENT_BLOCKED : CLIENT_NORMAL;
}

bool client_output_limit(struct span text, struct span kind, int64_t *ret_hard, int64_t *ret_soft)
{
    struct span word, rest;
    while (pairs_next(&text, ' ', &word, &rest)) {
        struct span hard, soft;
        if (span_equal(word, kind)) {
            int64_t limit[2];
            bool ok = pairs_next(&text, ' ', &hard, &rest) && pairs_next(&text, ' ', &soft, &rest) &&
                      num_i64_range(hard, 0, INT64_MAX, &limit[0]) &&
                      num_i64_range(soft, 0, INT64_MAX, &limit[1]);
            if (ok) {
                *ret_hard = limit[0];
                *ret_soft = limit[1];
            }
            return ok;
        }
    }
    return false;
}
