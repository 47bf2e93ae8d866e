/* peek_key_pages: the content of a key, page by page: no more at a time than a page holds, and no more in all
 * than one reading may fetch. */
#include "peek_key.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"

enum {
    WINDOW = 4096, /* of a string, at first; each further page has four times as much */
    WINDOW_MAX = 262144,
    ITEMS = 100,        /* of a page */
    ITEMS_UNKNOWN = 10, /* when nobody tells how large they are */
    PAGE_BYTES = 1048576,
    FETCH_BYTES = 2097152, /* of one reading */
    LOOKS_MAX = 200,       /* a table that was emptied gives pages with nothing in them */
    GROUPS_SHOWN = 50
};

/* --- strings --- */

static int64_t window(const struct collect *c)
{
    int64_t bytes = WINDOW;
    for (size_t pages = c->peek.wanted / PEEK_PAGE; pages > 1 && bytes < WINDOW_MAX; pages--) {
        bytes *= 4;
    }
    return bytes;
}

static void on_string(void *user, const struct reply *r)
{
    struct key_ask *a = user;
    struct collect *c = a->c;
    struct span value;
    char remark[120] = "", read[16], all[16];
    if (reply_string(r, &value)) {
        collect_tally(c, true);
    }
    if (!r || !key_ask_live(a)) {
        key_ask_free(a);
        return;
    }
    if (!reply_string(r, &value)) {
        snprintf(remark, sizeof remark, "%.*s", (int)span_head(reply_error(r), 99).len, reply_error(r).data);
        peek_key_head(a);
        peek_key_end(a, remark);
        return;
    }
    bool whole = a->count >= 0 && (int64_t)value.len >= a->count;
    a->form = value_form(value, whole);
    a->cardinality = value_form_cardinality(value);
    peek_key_head(a);
    peek_value(c, value, whole, 0, value.len);
    c->peek.more = !whole && !peek_is_full(c) && window(c) < WINDOW_MAX;
    if (!whole) {
        snprintf(remark, sizeof remark, "first %s of %s%s",
                 human_bytes((int64_t)value.len, read, sizeof read), human_bytes(a->count, all, sizeof all),
                 c->peek.more ? "; more at the end" : ": that is the most that is read");
    }
    peek_key_end(a, remark);
}

void peek_key_string(struct key_ask *a)
{
    char last[24];
    snprintf(last, sizeof last, "%" PRId64, window(a->c) - 1);
    if (!link_command(a->c->poll, on_string, a, S("GETRANGE"), key_ask_key(a), S("0"), span_of(last))) {
        key_ask_free(a);
    }
}

/* --- items --- */

/* Items come whole: when they are large on average, fewer of them are asked for. 0: not even one. */
static int64_t page_of(const struct key_ask *a)
{
    bool packed = strcmp(a->encoding, "listpack") == 0 || strcmp(a->encoding, "ziplist") == 0 ||
                  strcmp(a->encoding, "intset") == 0;
    bool scanned = strcmp(a->type_name, "hash") == 0 || strcmp(a->type_name, "set") == 0;
    if (a->bytes < 0 || a->count <= 0) {
        return ITEMS_UNKNOWN;
    }
    if (packed && scanned && a->bytes > PAGE_BYTES) {
        return 0; /* it is always given whole */
    }
    int64_t average = a->bytes / a->count;
    int64_t fit = average > 0 ? PAGE_BYTES / average : ITEMS;
    if (fit == 0 && average <= FETCH_BYTES) {
        fit = 1;
    }
    return fit < ITEMS ? fit : ITEMS;
}

static void refuse(struct key_ask *a)
{
    char remark[120], size[16];
    human_bytes(a->count > 0 ? a->bytes / a->count : a->bytes, size, sizeof size);
    snprintf(remark, sizeof remark, "its items take about %s each, too large to be read", size);
    peek_key_head(a);
    peek_key_end(a, remark);
}

/* What stands in the title: how much of it there is to see, and whether more can be had. */
static void finish(struct key_ask *a, bool over, const char *why)
{
    struct collect *c = a->c;
    char remark[160] = "";
    bool fetched = a->fetched >= FETCH_BYTES;
    bool full = peek_is_full(c);
    c->peek.more = !over && !full && !fetched && !why && c->peek.wanted < PEEK_LINES_MOST;
    if (!over) {
        snprintf(remark, sizeof remark, "first %" PRId64 " of %" PRId64 "%s%s", a->shown, a->count,
                 c->peek.more ? "; more at the end" : ": ",
                 c->peek.more ? ""
                 : why        ? why
                 : fetched    ? "they are large"
                              : "that is the most that is shown");
    }
    peek_key_end(a, remark);
}

/* The members of a user's index are session ids. */
static void show_item(struct key_ask *a, struct span label, struct span item)
{
    struct span id;
    a->fetched += (int64_t)item.len;
    a->shown++;
    if (keyname_kind(key_ask_key(a), &id) != KEY_USER_SESSIONS) {
        peek_value_item(a->c, label, strcmp(a->type_name, "hash") == 0, item); /* a field is not ours */
        return;
    }
    UT_string shown;
    utstring_init(&shown);
    peek_short_id(item, &shown);
    peek_line(a->c, label, text_span(&shown), TARGET_SESSION, item)->veil = VEIL_SESSION;
    utstring_done(&shown);
}

static void show_page(struct key_ask *a, const struct reply *items)
{
    bool hash = strcmp(a->type_name, "hash") == 0, zset = strcmp(a->type_name, "zset") == 0;
    char number[24];
    for (size_t i = 0; i < reply_count(items) && !peek_is_full(a->c); i += hash || zset ? 2 : 1) {
        struct span item = reply_text(reply_at(items, i)), next = reply_text(reply_at(items, i + 1));
        if (hash) {
            a->fetched += (int64_t)item.len;
            show_item(a, item, next);
        } else if (zset) {
            show_item(a, next, item); /* its score in front */
        } else {
            snprintf(number, sizeof number, "%" PRId64, a->shown);
            show_item(a, span_of(number), item);
        }
    }
}

static void ask_page(struct key_ask *a);

static void on_page(void *user, const struct reply *r)
{
    struct key_ask *a = user;
    bool scanned = strcmp(a->type_name, "hash") == 0 || strcmp(a->type_name, "set") == 0;
    const struct reply *items = scanned ? reply_at(r, 1) : r;
    if (reply_type(r) == REPLY_ARRAY) {
        collect_tally(a->c, reply_count(items) > 0 || a->looks > 0);
    }
    if (!r || !key_ask_live(a)) {
        key_ask_free(a);
        return;
    }
    if (reply_is_error(r)) {
        char remark[120];
        snprintf(remark, sizeof remark, "%.*s", (int)span_head(reply_error(r), 99).len, reply_error(r).data);
        peek_key_end(a, remark);
        return;
    }
    int64_t before = a->shown;
    show_page(a, items);
    bool over = a->shown == before;
    if (scanned) {
        utstring_clear(&a->cursor);
        text_add(&a->cursor, reply_text(reply_at(r, 0)));
        over = span_equal(text_span(&a->cursor), S("0"));
    } else {
        over = over || (int64_t)reply_count(items) / (strcmp(a->type_name, "zset") == 0 ? 2 : 1) < a->page;
    }
    over = over && !peek_is_full(a->c);
    over = over || (!scanned && a->shown == a->count);
    a->looks++;
    if (over || a->shown >= (int64_t)a->c->peek.wanted || a->fetched >= FETCH_BYTES || peek_is_full(a->c)) {
        finish(a, over, NULL);
    } else if (a->looks >= LOOKS_MAX) {
        finish(a, false, "the rest is spread thinly, it is not looked for");
    } else {
        ask_page(a);
    }
}

static void ask_page(struct key_ask *a)
{
    char from[24], to[24], count[24];
    struct link *poll = a->c->poll;
    struct span key = key_ask_key(a);
    bool sent;
    snprintf(from, sizeof from, "%" PRId64, a->shown);
    snprintf(to, sizeof to, "%" PRId64, a->shown + a->page - 1);
    snprintf(count, sizeof count, "%" PRId64, a->page);
    if (strcmp(a->type_name, "list") == 0) {
        sent = link_command(poll, on_page, a, S("LRANGE"), key, span_of(from), span_of(to));
    } else if (strcmp(a->type_name, "zset") == 0) {
        sent = link_command(poll, on_page, a, S("ZRANGE"), key, span_of(from), span_of(to), S("WITHSCORES"));
    } else {
        sent = link_command(poll, on_page, a, strcmp(a->type_name, "hash") == 0 ? S("HSCAN") : S("SSCAN"),
                            key, text_span(&a->cursor), S("COUNT"), span_of(count));
    }
    if (!sent) {
        key_ask_free(a);
    }
}

void peek_key_items(struct key_ask *a)
{
    a->page = page_of(a);
    if (a->page == 0) {
        refuse(a);
        return;
    }
    peek_key_head(a);
    text_add(&a->cursor, S("0"));
    ask_page(a);
}

/* --- streams --- */

static void show_entry(struct key_ask *a, const struct reply *entry)
{
    const struct reply *fields = reply_at(entry, 1);
    UT_string text;
    utstring_init(&text);
    for (size_t i = 0; i + 1 < reply_count(fields); i += 2) {
        text_add(&text, i ? S("\n") : S(""));
        text_add(&text, reply_text(reply_at(fields, i)));
        text_add(&text, S(": "));
        text_add(&text, reply_text(reply_at(fields, i + 1)));
    }
    show_item(a, reply_text(reply_at(entry, 0)), text_span(&text));
    utstring_done(&text);
}

static void ask_entries(struct key_ask *a);

static void on_entries(void *user, const struct reply *r)
{
    struct key_ask *a = user;
    size_t n = reply_count(r);
    if (reply_type(r) == REPLY_ARRAY) {
        collect_tally(a->c, n > 0 || a->count > 0);
    }
    if (!r || !key_ask_live(a)) {
        key_ask_free(a);
        return;
    }
    if (reply_is_error(r)) {
        if (a->looks == 0) {
            peek_refused(a->c, "entries", r);
        }
        finish(a, a->looks == 0, "its rest could not be read");
        return;
    }
    for (size_t i = 0; i < n && !peek_is_full(a->c); i++) {
        show_entry(a, reply_at(r, i));
    }
    a->looks++;
    bool over = ((int64_t)n < a->page && !peek_is_full(a->c)) || a->shown == a->count;
    if (over || a->shown >= (int64_t)a->c->peek.wanted || a->fetched >= FETCH_BYTES || peek_is_full(a->c)) {
        finish(a, over, NULL);
        return;
    }
    utstring_clear(&a->cursor);
    text_add(&a->cursor, S("(")); /* from 6.2 on; before, the first page is all */
    text_add(&a->cursor, reply_text(reply_at(reply_at(r, n - 1), 0)));
    ask_entries(a);
}

static void ask_entries(struct key_ask *a)
{
    char count[24];
    snprintf(count, sizeof count, "%" PRId64, a->page);
    if (!link_command(a->c->poll, on_entries, a, S("XREVRANGE"), key_ask_key(a), text_span(&a->cursor),
                      S("-"), S("COUNT"), span_of(count))) {
        key_ask_free(a);
    }
}

/* The value behind a name, in a reply of names and values. */
static const struct reply *named(const struct reply *r, const char *name)
{
    for (size_t i = 0; i + 1 < reply_count(r); i += 2) {
        if (span_equal(reply_text(reply_at(r, i)), span_of(name))) {
            return reply_at(r, i + 1);
        }
    }
    return NULL;
}

static void on_groups(void *user, const struct reply *r)
{
    struct key_ask *a = user;
    char text[160], behind[40];
    if (reply_type(r) == REPLY_ARRAY) {
        collect_tally(a->c, true);
    }
    if (!r || !key_ask_live(a)) {
        key_ask_free(a);
        return;
    }
    peek_key_head(a);
    if (reply_is_error(r)) {
        peek_refused(a->c, "groups", r);
    }
    for (size_t i = 0; i < reply_count(r) && i < GROUPS_SHOWN; i++) {
        const struct reply *group = reply_at(r, i);
        struct span name = reply_text(named(group, "name")),
                    last = reply_text(named(group, "last-delivered-id"));
        int64_t consumers = -1, pending = -1, lag = -1;
        reply_int(named(group, "consumers"), &consumers);
        reply_int(named(group, "pending"), &pending);
        behind[0] = '\0';
        if (reply_int(named(group, "lag"), &lag)) {
            snprintf(behind, sizeof behind, ", %" PRId64 " not yet read", lag);
        }
        snprintf(text, sizeof text, "%.*s: %" PRId64 " consumers, %" PRId64 " pending%s, read up to %.*s",
                 (int)span_head(name, 60).len, name.data, consumers, pending, behind,
                 (int)span_head(last, 40).len, last.data);
        peek_line(a->c, S("group"), span_of(text), TARGET_NONE, S(""))->veil = VEIL_PLAIN;
    }
    if (reply_count(r) > GROUPS_SHOWN) {
        peek_printf(a->c, "group", "and %zu more", reply_count(r) - GROUPS_SHOWN);
    }
    text_add(&a->cursor, S("+"));
    ask_entries(a);
}

/* XINFO STREAM would give the first and the last entry whole: what it tells is known by other means. */
void peek_key_stream(struct key_ask *a)
{
    a->page = page_of(a);
    if (a->page == 0) {
        refuse(a);
    } else if (!link_command(a->c->poll, on_groups, a, S("XINFO"), S("GROUPS"), key_ask_key(a))) {
        key_ask_free(a);
    }
}
