#include "redai/schema/notify.h"

/* What the letter A stands for in Redis 7 (m and n are not in it). */
#define LETTERS_OF_ALL "g$lshzxetd"

const char *const notify_event_name[NOTIFY_EVENT_COUNT] = {
#define NOTIFY_NAME(id, name) [NOTIFY_##id] = (name),
    NOTIFY_EVENT_LIST(NOTIFY_NAME)
#undef NOTIFY_NAME
};

static const struct span event_spans[NOTIFY_EVENT_COUNT] = {
#define NOTIFY_SPAN(id, name) [NOTIFY_##id] = SPAN_LITERAL(name),
    NOTIFY_EVENT_LIST(NOTIFY_SPAN)
#undef NOTIFY_SPAN
};

static const struct {
    char letter;
    const char *meaning;
} letters[] = {
    {'K', "keyspace channels (K)"},
    {'E', "keyevent channels (E)"},
    {'g', "generic commands (g)"},
    {'$', "string commands ($)"},
    {'l', "list commands (l)"},
    {'s', "set commands (s)"},
    {'h', "hash commands (h)"},
    {'z', "sorted set commands (z)"},
    {'x', "expired keys (x)"},
    {'e', "evicted keys (e)"},
    {'t', "stream commands (t)"},
    {'d', "module key types (d)"},
    {'m', "key misses (m)"},
    {'n', "new keys (n)"},
    {'A', "all but misses and new keys (A)"},
};

static bool has_letter(struct span present, char letter)
{
    if (span_find(present, letter) < present.len) {
        return true;
    }
    return strchr(LETTERS_OF_ALL, letter) && span_find(present, 'A') < present.len;
}

void notify_missing(struct span present, UT_string *out)
{
    for (const char *needed = NOTIFY_NEEDED; *needed; needed++) {
        if (!has_letter(present, *needed)) {
            text_add(out, span_make(needed, 1));
        }
    }
}

void notify_merged(struct span present, UT_string *out)
{
    text_add(out, present);
    notify_missing(present, out);
}

const char *notify_letter_meaning(char letter)
{
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
        if (letters[i].letter == letter) {
            return letters[i].meaning;
        }
    }
    return "unknown class";
}

static enum notify_event event_of(struct span name)
{
    for (int e = 0; e < NOTIFY_OTHER; e++) {
        if (span_equal(name, event_spans[e])) {
            return (enum notify_event)e;
        }
    }
    return NOTIFY_OTHER;
}

bool notify_channel(struct span channel, int *ret_db, enum notify_event *ret_event)
{
    enum { DB_MAX = 1000000 };
    const struct span front = SPAN_LITERAL("__keyevent@");
    const struct span middle = SPAN_LITERAL("__:");

    if (!span_starts(channel, front)) {
        return false;
    }
    size_t at = front.len;
    int db = 0;
    while (at < channel.len && channel.data[at] >= '0' && channel.data[at] <= '9' && db < DB_MAX) {
        db = db * 10 + (channel.data[at] - '0');
        at++;
    }
    struct span rest = span_skip(channel, at);
    if (at == front.len || rest.len == middle.len || !span_starts(rest, middle)) {
        return false;
    }
    *ret_db = db;
    *ret_event = event_of(span_skip(rest, middle.len));
    return true;
}
