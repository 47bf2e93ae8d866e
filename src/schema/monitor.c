#include "redai/schema/monitor.h"

#include <stdlib.h>

enum { NAME_MAX_BYTES = 24, ARGS_MAX = 4096 };

/* Where the keys stand among the arguments: from first to last (below 0: from the end) by step; or behind
 * the number of keys, which stands at first (step 0). A command with keys of both kinds has two rows. In the
 * order of the names. Source: Redis 7.0, COMMAND; which look-ups are counted: db.c, lookupKeyRead. */
static const struct {
    const char *name;
    unsigned use;
    int first, last, step;
} rows[] = {
    {"APPEND", MONITOR_WRITE, 1, 1, 1},
    {"BITCOUNT", MONITOR_READ, 1, 1, 1},
    {"BITFIELD", MONITOR_WRITE, 1, 1, 1},
    {"BITFIELD_RO", MONITOR_READ, 1, 1, 1},
    {"BITOP", MONITOR_WRITE, 2, 2, 1},
    {"BITOP", MONITOR_READ, 3, -1, 1},
    {"BITPOS", MONITOR_READ, 1, 1, 1},
    {"BLMOVE", MONITOR_WRITE, 1, 2, 1},
    {"BLPOP", MONITOR_WRITE, 1, -2, 1},
    {"BRPOP", MONITOR_WRITE, 1, -2, 1},
    {"BRPOPLPUSH", MONITOR_WRITE, 1, 2, 1},
    {"BZPOPMAX", MONITOR_WRITE, 1, -2, 1},
    {"BZPOPMIN", MONITOR_WRITE, 1, -2, 1},
    {"COPY", MONITOR_READ, 1, 1, 1},
    {"COPY", MONITOR_WRITE, 2, 2, 1},
    {"DECR", MONITOR_WRITE, 1, 1, 1},
    {"DECRBY", MONITOR_WRITE, 1, 1, 1},
    {"DEL", MONITOR_WRITE, 1, -1, 1},
    {"DUMP", MONITOR_READ, 1, 1, 1},
    {"EXISTS", MONITOR_READ, 1, -1, 1},
    {"EXPIRE", MONITOR_WRITE, 1, 1, 1},
    {"EXPIREAT", MONITOR_WRITE, 1, 1, 1},
    {"EXPIRETIME", MONITOR_READ, 1, 1, 1},
    {"GEOADD", MONITOR_WRITE, 1, 1, 1},
    {"GEODIST", MONITOR_READ, 1, 1, 1},
    {"GEOHASH", MONITOR_READ, 1, 1, 1},
    {"GEOPOS", MONITOR_READ, 1, 1, 1},
    {"GEORADIUS", MONITOR_READ, 1, 1, 1},
    {"GEOSEARCH", MONITOR_READ, 1, 1, 1},
    {"GET", MONITOR_READ, 1, 1, 1},
    {"GETBIT", MONITOR_READ, 1, 1, 1},
    {"GETDEL", MONITOR_READ | MONITOR_WRITE, 1, 1, 1},
    {"GETEX", MONITOR_READ | MONITOR_WRITE, 1, 1, 1},
    {"GETRANGE", MONITOR_READ, 1, 1, 1},
    {"GETSET", MONITOR_READ | MONITOR_WRITE, 1, 1, 1},
    {"HDEL", MONITOR_WRITE, 1, 1, 1},
    {"HEXISTS", MONITOR_READ, 1, 1, 1},
    {"HGET", MONITOR_READ, 1, 1, 1},
    {"HGETALL", MONITOR_READ, 1, 1, 1},
    {"HINCRBY", MONITOR_WRITE, 1, 1, 1},
    {"HINCRBYFLOAT", MONITOR_WRITE, 1, 1, 1},
    {"HKEYS", MONITOR_READ, 1, 1, 1},
    {"HLEN", MONITOR_READ, 1, 1, 1},
    {"HMGET", MONITOR_READ, 1, 1, 1},
    {"HMSET", MONITOR_WRITE, 1, 1, 1},
    {"HRANDFIELD", MONITOR_READ, 1, 1, 1},
    {"HSCAN", MONITOR_READ, 1, 1, 1},
    {"HSET", MONITOR_WRITE, 1, 1, 1},
    {"HSETNX", MONITOR_WRITE, 1, 1, 1},
    {"HSTRLEN", MONITOR_READ, 1, 1, 1},
    {"HVALS", MONITOR_READ, 1, 1, 1},
    {"INCR", MONITOR_WRITE, 1, 1, 1},
    {"INCRBY", MONITOR_WRITE, 1, 1, 1},
    {"INCRBYFLOAT", MONITOR_WRITE, 1, 1, 1},
    {"LINDEX", MONITOR_READ, 1, 1, 1},
    {"LINSERT", MONITOR_WRITE, 1, 1, 1},
    {"LLEN", MONITOR_READ, 1, 1, 1},
    {"LMOVE", MONITOR_WRITE, 1, 2, 1},
    {"LMPOP", MONITOR_WRITE, 1, 0, 0},
    {"LPOP", MONITOR_WRITE, 1, 1, 1},
    {"LPOS", MONITOR_READ, 1, 1, 1},
    {"LPUSH", MONITOR_WRITE, 1, 1, 1},
    {"LPUSHX", MONITOR_WRITE, 1, 1, 1},
    {"LRANGE", MONITOR_READ, 1, 1, 1},
    {"LREM", MONITOR_WRITE, 1, 1, 1},
    {"LSET", MONITOR_WRITE, 1, 1, 1},
    {"LTRIM", MONITOR_WRITE, 1, 1, 1},
    {"MGET", MONITOR_READ, 1, -1, 1},
    {"MSET", MONITOR_WRITE, 1, -1, 2},
    {"MSETNX", MONITOR_WRITE, 1, -1, 2},
    {"OBJECT", MONITOR_READ, 2, 2, 1},
    {"PERSIST", MONITOR_WRITE, 1, 1, 1},
    {"PEXPIRE", MONITOR_WRITE, 1, 1, 1},
    {"PEXPIREAT", MONITOR_WRITE, 1, 1, 1},
    {"PEXPIRETIME", MONITOR_READ, 1, 1, 1},
    {"PFADD", MONITOR_WRITE, 1, 1, 1},
    {"PFCOUNT", MONITOR_READ, 1, -1, 1},
    {"PFMERGE", MONITOR_WRITE, 1, 1, 1},
    {"PSETEX", MONITOR_WRITE, 1, 1, 1},
    {"PTTL", MONITOR_READ, 1, 1, 1},
    {"RENAME", MONITOR_WRITE, 1, 2, 1},
    {"RENAMENX", MONITOR_WRITE, 1, 2, 1},
    {"RESTORE", MONITOR_WRITE, 1, 1, 1},
    {"RPOP", MONITOR_WRITE, 1, 1, 1},
    {"RPOPLPUSH", MONITOR_WRITE, 1, 2, 1},
    {"RPUSH", MONITOR_WRITE, 1, 1, 1},
    {"RPUSHX", MONITOR_WRITE, 1, 1, 1},
    {"SADD", MONITOR_WRITE, 1, 1, 1},
    {"SCARD", MONITOR_READ, 1, 1, 1},
    {"SDIFF", MONITOR_READ, 1, -1, 1},
    {"SDIFFSTORE", MONITOR_WRITE, 1, 1, 1},
    {"SDIFFSTORE", MONITOR_READ, 2, -1, 1},
    {"SET", MONITOR_WRITE, 1, 1, 1},
    {"SETBIT", MONITOR_WRITE, 1, 1, 1},
    {"SETEX", MONITOR_WRITE, 1, 1, 1},
    {"SETNX", MONITOR_WRITE, 1, 1, 1},
    {"SETRANGE", MONITOR_WRITE, 1, 1, 1},
    {"SINTER", MONITOR_READ, 1, -1, 1},
    {"SINTERCARD", MONITOR_READ, 1, 0, 0},
    {"SINTERSTORE", MONITOR_WRITE, 1, 1, 1},
    {"SINTERSTORE", MONITOR_READ, 2, -1, 1},
    {"SISMEMBER", MONITOR_READ, 1, 1, 1},
    {"SMEMBERS", MONITOR_READ, 1, 1, 1},
    {"SMISMEMBER", MONITOR_READ, 1, 1, 1},
    {"SMOVE", MONITOR_WRITE, 1, 2, 1},
    {"SORT", MONITOR_READ, 1, 1, 1},
    {"SORT_RO", MONITOR_READ, 1, 1, 1},
    {"SPOP", MONITOR_WRITE, 1, 1, 1},
    {"SRANDMEMBER", MONITOR_READ, 1, 1, 1},
    {"SREM", MONITOR_WRITE, 1, 1, 1},
    {"SSCAN", MONITOR_READ, 1, 1, 1},
    {"STRLEN", MONITOR_READ, 1, 1, 1},
    {"SUBSTR", MONITOR_READ, 1, 1, 1},
    {"SUNION", MONITOR_READ, 1, -1, 1},
    {"SUNIONSTORE", MONITOR_WRITE, 1, 1, 1},
    {"SUNIONSTORE", MONITOR_READ, 2, -1, 1},
    {"TOUCH", MONITOR_READ, 1, -1, 1},
    {"TTL", MONITOR_READ, 1, 1, 1},
    {"TYPE", MONITOR_READ, 1, 1, 1},
    {"UNLINK", MONITOR_WRITE, 1, -1, 1},
    {"XADD", MONITOR_WRITE, 1, 1, 1},
    {"XDEL", MONITOR_WRITE, 1, 1, 1},
    {"XLEN", MONITOR_READ, 1, 1, 1},
    {"XRANGE", MONITOR_READ, 1, 1, 1},
    {"XREVRANGE", MONITOR_READ, 1, 1, 1},
    {"XTRIM", MONITOR_WRITE, 1, 1, 1},
    {"ZADD", MONITOR_WRITE, 1, 1, 1},
    {"ZCARD", MONITOR_READ, 1, 1, 1},
    {"ZCOUNT", MONITOR_READ, 1, 1, 1},
    {"ZDIFF", MONITOR_READ, 1, 0, 0},
    {"ZINCRBY", MONITOR_WRITE, 1, 1, 1},
    {"ZINTER", MONITOR_READ, 1, 0, 0},
    {"ZINTERSTORE", MONITOR_WRITE, 1, 1, 1},
    {"ZINTERSTORE", MONITOR_READ, 2, 0, 0},
    {"ZLEXCOUNT", MONITOR_READ, 1, 1, 1},
    {"ZMSCORE", MONITOR_READ, 1, 1, 1},
    {"ZPOPMAX", MONITOR_WRITE, 1, 1, 1},
    {"ZPOPMIN", MONITOR_WRITE, 1, 1, 1},
    {"ZRANDMEMBER", MONITOR_READ, 1, 1, 1},
    {"ZRANGE", MONITOR_READ, 1, 1, 1},
    {"ZRANGEBYLEX", MONITOR_READ, 1, 1, 1},
    {"ZRANGEBYSCORE", MONITOR_READ, 1, 1, 1},
    {"ZRANK", MONITOR_READ, 1, 1, 1},
    {"ZREM", MONITOR_WRITE, 1, 1, 1},
    {"ZREMRANGEBYLEX", MONITOR_WRITE, 1, 1, 1},
    {"ZREMRANGEBYRANK", MONITOR_WRITE, 1, 1, 1},
    {"ZREMRANGEBYSCORE", MONITOR_WRITE, 1, 1, 1},
    {"ZREVRANGE", MONITOR_READ, 1, 1, 1},
    {"ZREVRANGEBYLEX", MONITOR_READ, 1, 1, 1},
    {"ZREVRANGEBYSCORE", MONITOR_READ, 1, 1, 1},
    {"ZREVRANK", MONITOR_READ, 1, 1, 1},
    {"ZSCAN", MONITOR_READ, 1, 1, 1},
    {"ZSCORE", MONITOR_READ, 1, 1, 1},
    {"ZUNION", MONITOR_READ, 1, 0, 0},
    {"ZUNIONSTORE", MONITOR_WRITE, 1, 1, 1},
    {"ZUNIONSTORE", MONITOR_READ, 2, 0, 0},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

/* --- the line --- */

/* Digits off the front; at least one and at most `most`. */
static bool take_digits(struct span *s, size_t most, int64_t *ret)
{
    size_t n = 0;
    int64_t value = 0;
    while (n < s->len && n <= most && s->data[n] >= '0' && s->data[n] <= '9') {
        value = value * 10 + (s->data[n] - '0');
        n++;
    }
    if (n == 0 || n > most) {
        return false;
    }
    *s = span_skip(*s, n);
    *ret = value;
    return true;
}

static bool take_byte(struct span *s, char byte)
{
    if (!s->len || s->data[0] != byte) {
        return false;
    }
    *s = span_skip(*s, 1);
    return true;
}

/* The quoted text at the front, its quotes left out; false when its end is not there. */
static bool take_quoted(struct span *s, struct span *ret, bool *ret_escaped)
{
    *ret_escaped = false;
    if (!s->len || s->data[0] != '"') {
        return false;
    }
    for (size_t i = 1; i < s->len; i++) {
        if (s->data[i] == '\\') {
            *ret_escaped = true;
            i++;
        } else if (s->data[i] == '"') {
            *ret = span_make(s->data + 1, i - 1);
            *s = span_skip(*s, i + 1);
            return true;
        }
    }
    return false;
}

bool monitor_decode(struct monitor_line *ret, struct span line)
{
    /* An address of IPv6 and a socket's path may hold a "]": only what follows ends it. */
    const struct span end = SPAN_LITERAL("] \"");
    int64_t seconds, micros, db;
    bool escaped;

    if (!take_digits(&line, 11, &seconds) || !take_byte(&line, '.') || !take_digits(&line, 6, &micros) ||
        !take_byte(&line, ' ') || !take_byte(&line, '[') || !take_digits(&line, 9, &db) ||
        !take_byte(&line, ' ')) {
        return false;
    }
    size_t at = span_search(line, end);
    if (at == line.len) {
        return false;
    }
    ret->at_us = seconds * 1000000 + micros;
    ret->db = (int)db;
    ret->client = span_head(line, at);
    ret->lua = span_equal(ret->client, S("lua"));
    ret->args = span_skip(line, at + 2);
    return take_quoted(&ret->args, &ret->command, &escaped);
}

static int hex_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static struct span without_escapes(struct span quoted, char *room, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < quoted.len && n < size; i++) {
        char c = quoted.data[i];
        if (c == '\\' && i + 1 < quoted.len) {
            c = quoted.data[++i];
            if (c == 'x' && i + 2 < quoted.len && hex_of(quoted.data[i + 1]) >= 0 &&
                hex_of(quoted.data[i + 2]) >= 0) {
                c = (char)(hex_of(quoted.data[i + 1]) * 16 + hex_of(quoted.data[i + 2]));
                i += 2;
            } else {
                c = c == 'n'   ? '\n'
                    : c == 'r' ? '\r'
                    : c == 't' ? '\t'
                    : c == 'a' ? '\a'
                    : c == 'b' ? '\b'
                               : c;
            }
        }
        room[n++] = c;
    }
    return span_make(room, n);
}

bool monitor_next(struct span *args, char *room, size_t size, struct span *ret)
{
    bool escaped;
    struct span quoted;
    struct span rest = *args;

    if (!take_byte(&rest, ' ') || !take_quoted(&rest, &quoted, &escaped)) {
        return false;
    }
    *args = rest;
    *ret = escaped ? without_escapes(quoted, room, size) : quoted;
    return true;
}

/* --- the keys --- */

/* The first row of that name; ROWS when there is none. */
static size_t row_of(struct span name)
{
    char upper[NAME_MAX_BYTES];
    if (!name.len || name.len >= sizeof upper) {
        return ROWS;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    upper[name.len] = '\0';
    size_t low = 0, high = ROWS;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(rows[middle].name, upper) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < ROWS && strcmp(rows[low].name, upper) == 0 ? low : ROWS;
}

static int count_args(struct span args)
{
    struct span quoted;
    bool escaped;
    int n = 0;
    while (n < ARGS_MAX && take_byte(&args, ' ') && take_quoted(&args, &quoted, &escaped)) {
        n++;
    }
    return n;
}

struct walk {
    char room[MONITOR_KEY_MAX];
    void (*each)(void *ctx, struct span key, enum monitor_use use);
    void *ctx;
    size_t keys;
};

/* The keys of one row. */
static void walk_row(struct walk *w, struct span args, size_t row)
{
    int first = rows[row].first, last = rows[row].last, step = rows[row].step;
    struct span arg;

    if (last < 0) {
        last += count_args(args) + 1;
    }
    for (int at = 1; (step == 0 || at <= last) && monitor_next(&args, w->room, sizeof w->room, &arg); at++) {
        if (step == 0 && at == first) { /* so many keys follow */
            int64_t keys = 0;
            if (!take_digits(&arg, 4, &keys)) {
                return;
            }
            first = at + 1;
            last = at + (int)keys;
            step = 1;
        } else if (step > 0 && at >= first && (at - first) % step == 0) {
            w->keys++;
            w->each(w->ctx, arg, (enum monitor_use)rows[row].use);
        }
    }
}

size_t monitor_keys(const struct monitor_line *line,
                    void (*each)(void *ctx, struct span key, enum monitor_use use), void *ctx)
{
    struct walk w;
    w.each = each; /* not zeroed whole: this path runs a hundred thousand times a second */
    w.ctx = ctx;
    w.keys = 0;
    size_t row = row_of(line->command);
    for (size_t first = row; row < ROWS && strcmp(rows[row].name, rows[first].name) == 0; row++) {
        walk_row(&w, line->args, row);
    }
    return w.keys;
}
