#include "redai/schema/monitor.h"

#include "command_rows.h"

enum { ARGS_MAX = 4096 };

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
    int first = command_rows[row].first, last = command_rows[row].last, step = command_rows[row].step;
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
            w->each(w->ctx, arg, (enum monitor_use)command_rows[row].use);
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
    size_t row = command_rows_find(line->command);
    for (size_t first = row;
         row < command_row_count && strcmp(command_rows[row].name, command_rows[first].name) == 0; row++) {
        walk_row(&w, line->args, row);
    }
    return w.keys;
}
