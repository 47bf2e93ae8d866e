/* peek_key: one key, whatever its type: what it is, how large, when it ends, and the first part of its
 * content. */
#include "collect_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"

enum { CONTENT_MAX = 65536, ITEMS = 100, REPLY_MAX = 4 * 1024 * 1024 };

static void on_content(void *user, const struct reply *r);

/* How each type is read: the command that counts, and the bounded one that shows. NULL stands for the key,
 * ITEMS and LAST for how many items fit. */
static const struct key_type {
    const char *type;
    const char *count;
    const char *show[6];
    bool pairs; /* replies alternate field and value */
    bool scan;  /* content is the second element of a cursor reply */
} key_types[] = {
    {"string", "STRLEN", {"GETRANGE", NULL, "0", "65535"}, false, false},
    {"list", "LLEN", {"LRANGE", NULL, "0", "LAST"}, false, false},
    {"hash", "HLEN", {"HSCAN", NULL, "0", "COUNT", "ITEMS"}, true, true},
    {"set", "SCARD", {"SSCAN", NULL, "0", "COUNT", "ITEMS"}, false, true},
    {"zset", "ZCARD", {"ZRANGE", NULL, "0", "LAST", "WITHSCORES"}, true, false},
    {"stream", "XLEN", {"XREVRANGE", NULL, "+", "-", "COUNT", "ITEMS"}, false, false},
};

static const struct key_type *type_of(const char *name)
{
    for (size_t i = 0; i < sizeof key_types / sizeof *key_types; i++) {
        if (strcmp(key_types[i].type, name) == 0) {
            return &key_types[i];
        }
    }
    return NULL;
}

static void finish(struct peek_ask *a, const char *remark)
{
    if (peek_ask_live(a)) {
        peek_end(a->c, remark);
    }
    peek_ask_free(a);
}

/* Items come whole: when they are large on average, fewer of them are asked for. */
static int64_t items_wanted(const struct peek_ask *a)
{
    int64_t average = a->number > 0 && a->bytes > 0 ? a->bytes / a->number : 1;
    int64_t fit = average > 0 ? REPLY_MAX / average : ITEMS;
    return fit < 1 ? 1 : fit > ITEMS ? ITEMS : fit;
}

static void ask_content(struct peek_ask *a)
{
    const struct key_type *t = type_of(a->text);
    struct span args[6];
    char items[24], last[24];
    snprintf(items, sizeof items, "%" PRId64, items_wanted(a));
    snprintf(last, sizeof last, "%" PRId64, items_wanted(a) - 1);
    size_t n = 0;
    for (; n < 6 && (t->show[n] || n == 1); n++) {
        args[n] = n == 1                             ? (struct span){a->key, a->len}
                  : strcmp(t->show[n], "ITEMS") == 0 ? span_of(items)
                  : strcmp(t->show[n], "LAST") == 0  ? span_of(last)
                                                     : span_of(t->show[n]);
    }
    if (!link_send(a->c->poll, on_content, a, n, args)) {
        peek_ask_free(a);
    }
}

/* The members of a user's index are session ids. */
static void show_item(struct peek_ask *a, struct span label, struct span item)
{
    struct span id;
    if (keyname_kind((struct span){a->key, a->len}, &id) != KEY_USER_SESSIONS) {
        peek_line(a->c, label, item, TARGET_NONE, S(""));
        return;
    }
    UT_string shown;
    utstring_init(&shown);
    peek_short_id(item, &shown);
    peek_line(a->c, label, text_span(&shown), TARGET_SESSION, item);
    utstring_done(&shown);
}

static void show_items(struct peek_ask *a, const struct key_type *t, const struct reply *items)
{
    char label[24];
    for (size_t i = 0; i < reply_count(items); i += t->pairs ? 2 : 1) {
        const struct reply *item = reply_at(items, i);
        if (t->pairs) {
            peek_line(a->c, span_head(reply_text(item), 200), reply_text(reply_at(items, i + 1)), TARGET_NONE,
                      S(""));
        } else if (reply_type(item) == REPLY_ARRAY) { /* a stream's entry: id, then fields */
            const struct reply *fields = reply_at(item, 1);
            peek_line(a->c, reply_text(reply_at(item, 0)), S(""), TARGET_NONE, S(""));
            for (size_t k = 0; k + 1 < reply_count(fields); k += 2) {
                UT_string both;
                utstring_init(&both);
                text_add(&both, reply_text(reply_at(fields, k)));
                text_add(&both, S(": "));
                text_add(&both, span_head(reply_text(reply_at(fields, k + 1)), 2000));
                peek_line(a->c, S(""), text_span(&both), TARGET_NONE, S(""));
                utstring_done(&both);
            }
        } else {
            snprintf(label, sizeof label, "%zu", i);
            show_item(a, span_of(label), reply_text(item));
        }
    }
}

static void on_content(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    const struct key_type *t = type_of(a->text);
    char remark[100] = "";
    if (r) {
        collect_tally(a->c, true);
    }
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    if (reply_is_error(r)) {
        snprintf(remark, sizeof remark, "%.*s", (int)span_head(reply_error(r), 99).len, reply_error(r).data);
        finish(a, remark);
        return;
    }
    peek_line(a->c, S(""), S(""), TARGET_NONE, S(""));
    struct span text;
    if (reply_string(r, &text)) {
        peek_json(a->c, text);
        if (a->number > CONTENT_MAX) {
            snprintf(remark, sizeof remark, "first %d of %" PRId64 " bytes", CONTENT_MAX, a->number);
        }
    } else {
        show_items(a, t, t->scan ? reply_at(r, 1) : r);
        if (a->number > items_wanted(a)) {
            snprintf(remark, sizeof remark, "first %" PRId64 " of %" PRId64, items_wanted(a), a->number);
        }
    }
    finish(a, remark);
}

static void on_count(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    int64_t n = 0;
    if (r) {
        collect_tally(a->c, true);
    }
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    bool known = reply_int(r, &n);
    a->number = n;
    bool text = strcmp(a->text, "string") == 0;
    peek_printf(a->c, text ? "length" : "items", known ? "%" PRId64 "%s" : "?", n, text ? " bytes" : "");
    ask_content(a);
}

static void on_memory(struct peek_ask *a, const struct reply *r)
{
    struct collect *c = a->c;
    char shown[32];
    const struct key_type *t = type_of(a->text);
    if (!r || !peek_ask_live(a)) {
        peek_ask_free(a);
        return;
    }
    bool known = reply_int(r, &a->bytes);
    peek_printf(c, "memory", "%s", known ? human_bytes(a->bytes, shown, sizeof shown) : "?");
    if (!t) {
        finish(a, strcmp(a->text, "none") == 0 ? "this key does not exist (any more)"
                                               : "a type of a module: its content is not shown");
    } else if (!link_command(c->poll, on_count, a, span_of(t->count), span_make(a->key, a->len))) {
        peek_ask_free(a);
    }
}

/* TYPE, PTTL, OBJECT ENCODING and MEMORY USAGE were sent in one go; their replies come here in this order. */
static void on_facts(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct collect *c = a->c;
    int step = a->step++;
    bool live = r && peek_ask_live(a);
    struct span text = reply_text(r);
    char shown[32];
    int64_t n;
    if (step == 3) {
        on_memory(a, r);
    } else if (step == 0) {
        snprintf(a->text, sizeof a->text, "%.*s", (int)span_head(text, 31).len, text.data ? text.data : "");
        if (r) {
            collect_tally(c, !span_equal(text, S("none")));
        }
        if (live) {
            peek_printf(c, "type", "%s", reply_is_error(r) ? "?" : a->text);
        }
    } else if (step == 1 && reply_int(r, &n)) {
        collect_tally(c, n != -2);
        if (live) {
            peek_printf(c, "TTL", "%s",
                        n == -1 ? "none: it stays until it is deleted"
                        : n < 0 ? "gone"
                                : human_duration(n * US_PER_MS, shown, sizeof shown));
        }
    } else if (step == 2 && r) {
        collect_tally(c, text.len > 0);
        if (live) {
            peek_line(c, S("encoding"), text.len ? text : S("?"), TARGET_NONE, S(""));
        }
    }
}

void peek_key(struct collect *c, struct span key)
{
    peek_key_line(c, S("key"), key, S(""));
    struct peek_ask *a = peek_ask_new(c, key);
    if (!link_command(c->poll, on_facts, a, S("TYPE"), key)) {
        peek_ask_free(a);
        return;
    }
    link_command(c->poll, on_facts, a, S("PTTL"), key);
    link_command(c->poll, on_facts, a, S("OBJECT"), S("ENCODING"), key);
    link_command(c->poll, on_facts, a, S("MEMORY"), S("USAGE"), key);
}
