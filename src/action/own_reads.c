#include "own_reads.h"

#include "redai/schema/keyname.h"

/* The reading commands that actions send. PUBSUB and CONFIG count nowhere, nor does SCAN but by type: that
 * one stands in a transaction, whose answers only the verb can tell apart (own_reads_scan_by_type). */
static const struct {
    struct span name;
    enum own_read kind;
} rows[] = {
    {SPAN_LITERAL("GETRANGE"), OWN_READ_ONE}, {SPAN_LITERAL("SISMEMBER"), OWN_READ_ONE},
    {SPAN_LITERAL("SSCAN"), OWN_READ_ONE},    {SPAN_LITERAL("SCARD"), OWN_READ_ONE},
    {SPAN_LITERAL("HSCAN"), OWN_READ_ONE},    {SPAN_LITERAL("HEXISTS"), OWN_READ_ONE},
    {SPAN_LITERAL("LRANGE"), OWN_READ_ONE},   {SPAN_LITERAL("LPOS"), OWN_READ_PLACE},
    {SPAN_LITERAL("LLEN"), OWN_READ_ONE},     {SPAN_LITERAL("TYPE"), OWN_READ_ONE},
    {SPAN_LITERAL("LINDEX"), OWN_READ_ONE},   {SPAN_LITERAL("HLEN"), OWN_READ_ONE},
    {SPAN_LITERAL("HGET"), OWN_READ_ONE},     {SPAN_LITERAL("ZSCORE"), OWN_READ_ONE},
    {SPAN_LITERAL("EXISTS"), OWN_READ_KEYS},  {SPAN_LITERAL("DUMP"), OWN_READ_ONE},
    {SPAN_LITERAL("PTTL"), OWN_READ_TTL},
};

enum own_read own_reads_kind(struct span command)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (span_equal(rows[i].name, command)) {
            return rows[i].kind;
        }
    }
    return OWN_READ_NONE;
}

bool own_reads_of_celery(struct span command, struct span key)
{
    struct span id;
    return key_kind_is_celerys(keyname_kind(key, &id)) ||
           (own_reads_kind(command) != OWN_READ_NONE && (command.data[0] == 'L' || command.data[0] == 'H'));
}

static bool found_something(const struct reply *reply)
{
    int64_t number;
    switch (reply_type(reply)) {
    case REPLY_ARRAY: {
        /* A cursor's reply holds its elements one level deeper. */
        bool cursor = reply_count(reply) == 2 && reply_type(reply_at(reply, 1)) == REPLY_ARRAY;
        return reply_count(cursor ? reply_at(reply, 1) : reply) > 0;
    }
    case REPLY_STRING:
    case REPLY_STATUS:
        return reply_text(reply).len > 0 && !span_equal(reply_text(reply), S("none"));
    case REPLY_INTEGER:
        return reply_int(reply, &number) && number > 0;
    default:
        return false;
    }
}

void own_reads_count(enum own_read kind, int64_t keys, const struct reply *reply, int64_t *hits,
                     int64_t *misses)
{
    int64_t found = 0;

    /* In a transaction the answer comes with EXEC, and is counted there by the verb. */
    bool queued = reply_type(reply) == REPLY_STATUS && span_equal(reply_text(reply), S("QUEUED"));
    if (kind == OWN_READ_NONE || !reply || queued || reply_is_error(reply)) {
        return;
    }
    if (kind == OWN_READ_KEYS) {
        reply_int(reply, &found);
        *hits += found;
        *misses += keys - found;
    } else if (kind == OWN_READ_TTL) { /* -2: no such key */
        bool there = reply_int(reply, &found) && found >= -1;
        *hits += there;
        *misses += !there;
    } else if (kind == OWN_READ_PLACE ? reply_type(reply) == REPLY_INTEGER : found_something(reply)) {
        ++*hits; /* the first place is 0 */
    } else {
        ++*misses;
    }
}

void own_reads_scan_by_type(const struct reply *by_type, const struct reply *all, int64_t *hits)
{
    if (reply_type(by_type) == REPLY_ARRAY) {
        *hits += (int64_t)reply_count(reply_at(all, 1));
    }
}
