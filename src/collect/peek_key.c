/* peek_key: one key, whatever its type: what it is, how large, when it ends, when it was last used, and the
 * first part of its content. Nothing whole is fetched: a key of any size opens at once. */
#include "peek_key.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"
#include "redai/base/utf8.h"

/* Up to so many items each of them is looked at for the memory; of more a sample is. */
enum { COUNT_EACH = 5000 };
#define SAMPLES "200"
/* While a large hash moves into a larger table MEMORY USAGE walks the emptied part of the old one first,
 * which takes milliseconds: what it said is good for a while. */
enum { COUNT_LARGE = 100000 };
#define BYTES_GOOD_US (60 * US_PER_S)

static const struct key_type key_types[] = {
    {"string", "STRLEN", false, peek_key_string}, {"list", "LLEN", true, peek_key_items},
    {"hash", "HLEN", true, peek_key_items},       {"set", "SCARD", true, peek_key_items},
    {"zset", "ZCARD", true, peek_key_items},      {"stream", "XLEN", true, peek_key_stream},
};

static const struct key_type *type_of(const char *name)
{
    for (size_t i = 0; i < sizeof key_types / sizeof *key_types; i++) {
        if (strcmp(key_types[i].name, name) == 0) {
            return &key_types[i];
        }
    }
    return NULL;
}

void key_ask_free(struct key_ask *a)
{
    utstring_done(&a->cursor);
    mem_free(a->key);
    mem_free(a);
}

void peek_key_end(struct key_ask *a, const char *remark)
{
    struct key_document *d = &a->c->peek.key;
    if (key_ask_live(a)) {
        d->lost = 0;
        d->used_us = clock_mono_us();
        peek_end(a->c, remark);
    }
    key_ask_free(a);
}

/* --- the head --- */

static void plain(struct collect *c, const char *label, const char *text)
{
    peek_line(c, span_of(label), span_of(text), TARGET_NONE, S(""))->veil = VEIL_PLAIN;
}

static void head_ttl(const struct key_ask *a)
{
    char shown[32];
    plain(a->c, "TTL",
          a->pttl_ms == -1   ? "none: it stays until it is deleted"
          : a->pttl_ms == -2 ? "gone"
          : a->pttl_ms < 0   ? "?"
                             : human_duration(a->pttl_ms * US_PER_MS, shown, sizeof shown));
}

/* Our own reading counts as use where the server does not know CLIENT NO-TOUCH: as long as nobody else came
 * in between, the idle time goes on from what was found at first. */
static int64_t idle_of(struct key_ask *a)
{
    struct key_document *d = &a->c->peek.key;
    int64_t now_us = clock_mono_us(), idle_us = a->idle_s * US_PER_S;
    if (d->used_us && idle_us + 2 * US_PER_S >= now_us - d->used_us &&
        d->idle_us + now_us - d->idle_at_us > idle_us) {
        idle_us = d->idle_us + now_us - d->idle_at_us;
    }
    d->idle_us = idle_us;
    d->idle_at_us = now_us;
    return idle_us;
}

static void head_use(const struct key_ask *a)
{
    char shown[32], text[160];
    if (a->idle_s >= 0) {
        snprintf(text, sizeof text, "%s since it was read or written",
                 human_duration(a->c->peek.key.idle_us, shown, sizeof shown));
        plain(a->c, "idle", text);
    } else if (a->uses >= 0) {
        snprintf(text, sizeof text, "%" PRId64 " of 255 (the policy counts use, not idle time)", a->uses);
        plain(a->c, "use", text);
    } else {
        snprintf(text, sizeof text, "? %s", a->untold);
        plain(a->c, "idle", text);
    }
}

static void head_size(const struct key_ask *a)
{
    char text[80] = "?", size[16];
    bool string = a->type && strcmp(a->type->name, "string") == 0;
    plain(a->c, "memory", human_bytes(a->bytes, size, sizeof size));
    if (a->count >= 0) {
        snprintf(text, sizeof text, string ? "%" PRId64 " bytes" : "%" PRId64, a->count);
    }
    if (a->type) {
        plain(a->c, string ? "length" : "items", text);
    }
}

/* What the name says the key is: the view of that thing tells more. */
static void head_owner(const struct key_ask *a)
{
    static const struct {
        enum target_kind target;
        const char *label;
    } owners[KEY_KIND_COUNT] = {
        [KEY_SESSION] = {TARGET_SESSION, "session"},   [KEY_USER_SESSIONS] = {TARGET_USER, "user"},
        [KEY_BATCH_PROGRESS] = {TARGET_TASK, "batch"}, [KEY_TASK_META] = {TARGET_TASK, "task"},
        [KEY_PRIORITY_LIST] = {TARGET_QUEUE, "queue"},
    };
    struct collect *c = a->c;
    struct span id, key = key_ask_key(a), family = families_name(c->options.families, key);
    enum key_kind kind = keyname_kind(key, &id);
    UT_string shown;
    utstring_init(&shown);
    if (kind == KEY_BARE && strcmp(a->type_name, "list") == 0) {
        kind = KEY_PRIORITY_LIST;
    }
    if (kind == KEY_SESSION) {
        peek_short_id(id, &shown);
    } else {
        text_add(&shown, id);
    }
    peek_line(c, S("family"), family, TARGET_FAMILY, family)->veil = VEIL_FAMILY;
    if (owners[kind].label) {
        enum target_kind target = owners[kind].target;
        peek_line(c, span_of(owners[kind].label), text_span(&shown), target, id)->veil =
            kind == KEY_SESSION         ? VEIL_SESSION
            : kind == KEY_USER_SESSIONS ? VEIL_USER
                                        : VEIL_PLAIN;
    }
    utstring_done(&shown);
}

void peek_key_head(const struct key_ask *a)
{
    struct collect *c = a->c;
    char text[80];
    bool hyll = a->form == VALUE_HYPERLOGLOG;
    peek_key_line(c, S("key"), key_ask_key(a), S(""));
    snprintf(text, sizeof text, "%s%s", a->type_name, hyll ? " (HyperLogLog)" : "");
    plain(c, "type", text);
    plain(c, "encoding", a->encoding[0] ? a->encoding : "?");
    head_size(a);
    if (hyll && a->cardinality >= 0) {
        snprintf(text, sizeof text, "%" PRId64 ", as it was last counted", a->cardinality);
        plain(c, "counts", text);
    } else if (hyll) {
        plain(c, "counts", "? it has changed since it was last counted; counting (PFCOUNT) writes");
    }
    head_ttl(a);
    head_use(a);
    head_owner(a);
    if (a->type && strcmp(a->type->name, "string") == 0) {
        plain(c, "value", value_form_name[a->form]);
    }
    peek_line(c, S(""), S(""), TARGET_NONE, S(""))->veil = VEIL_PLAIN;
}

/* --- reading --- */

static void without_content(struct key_ask *a, const char *why)
{
    peek_key_head(a);
    peek_key_end(a, why);
}

static void read_content(struct key_ask *a)
{
    enum { LOST_MOST = 2 };
    struct key_document *d = &a->c->peek.key;
    if (!a->type) {
        without_content(a, "a type of a module: its content is not shown");
    } else if (d->lost >= LOST_MOST) {
        without_content(a, "reading its content ended the connection twice: it is not tried again");
    } else {
        d->lost++; /* until its end is reached */
        a->type->read(a);
    }
}

/* MEMORY USAGE, and, where the idle time was refused, OBJECT FREQ before it. */
static void on_memory(void *user, const struct reply *r)
{
    struct key_ask *a = user;
    if (a->step++ == 0) {
        if (r && !reply_is_error(r)) {
            collect_tally(a->c, reply_type(r) == REPLY_INTEGER);
        }
        if (!reply_int(r, &a->uses)) {
            a->uses = -1;
        }
        return;
    }
    if (!reply_int(r, &a->bytes)) {
        a->bytes = -1;
    }
    if (!r || !key_ask_live(a)) {
        key_ask_free(a);
    } else {
        a->c->peek.key.bytes = a->bytes;
        a->c->peek.key.bytes_at_us = clock_mono_us();
        read_content(a);
    }
}

static bool memory_is_known(struct key_ask *a)
{
    const struct key_document *d = &a->c->peek.key;
    if (a->idle_s < 0 || a->count < COUNT_LARGE || !d->bytes_at_us ||
        clock_mono_us() - d->bytes_at_us > BYTES_GOOD_US) {
        return false;
    }
    a->bytes = d->bytes;
    return true;
}

static void ask_memory(struct key_ask *a)
{
    struct link *poll = a->c->poll;
    bool sent = true;
    if (memory_is_known(a)) {
        read_content(a);
        return;
    }
    a->step = a->idle_s >= 0;
    if (a->idle_s < 0) {
        sent = link_command(poll, on_memory, a, S("OBJECT"), S("FREQ"), key_ask_key(a));
    }
    if (a->type && a->type->nested) {
        sent = sent && link_command(poll, on_memory, a, S("MEMORY"), S("USAGE"), key_ask_key(a), S("SAMPLES"),
                                    a->count >= 0 && a->count <= COUNT_EACH ? S("0") : S(SAMPLES));
    } else {
        sent = sent && link_command(poll, on_memory, a, S("MEMORY"), S("USAGE"), key_ask_key(a));
    }
    if (!sent) {
        key_ask_free(a);
    }
}

static void on_count(void *user, const struct reply *r)
{
    struct key_ask *a = user;
    if (reply_int(r, &a->count)) {
        collect_tally_key(a->c, key_ask_key(a), a->count > 0);
    } else {
        a->count = -1;
    }
    if (!r || !key_ask_live(a)) {
        key_ask_free(a);
    } else {
        ask_memory(a);
    }
}

static void after_facts(struct key_ask *a)
{
    if (strcmp(a->type_name, "none") == 0) {
        peek_key_absent(a);
        return;
    }
    a->c->peek.key.walk = KEY_WALK_NONE; /* it is there (again) */
    if (!a->type) {
        ask_memory(a);
    } else if (!link_command(a->c->poll, on_count, a, span_of(a->type->count), key_ask_key(a))) {
        key_ask_free(a);
    }
}

static void copy_shown(char *out, size_t size, struct span text)
{
    char *shown = utf8_sanitise_dup(text, (int)size / 2);
    snprintf(out, size, "%s", shown);
    mem_free(shown);
}

static void take_type(struct key_ask *a, const struct reply *r)
{
    if (r && !reply_is_error(r)) {
        collect_tally_key(a->c, key_ask_key(a), !span_equal(reply_text(r), S("none")));
    }
    copy_shown(a->type_name, sizeof a->type_name, reply_is_error(r) ? S("?") : reply_text(r));
    a->type = type_of(a->type_name);
}

static void take_idle(struct key_ask *a, const struct reply *r)
{
    if (reply_int(r, &a->idle_s) && a->idle_s >= 0 && a->idle_s <= UINT32_MAX) { /* LRU clock: 24 bits */
        collect_tally(a->c, true);
        a->c->peek.key.idle_us = idle_of(a);
    } else if (r) {
        a->idle_s = -1;
        if (!span_starts(reply_error(r), S("NOPERM"))) {
            collect_tally(a->c, reply_is_error(r)); /* the refusal comes behind the look-up */
        }
        copy_shown(a->untold, sizeof a->untold, reply_error(r));
    }
}

/* TYPE, PTTL, OBJECT ENCODING and OBJECT IDLETIME were sent in one go; their replies come in this order. */
static void on_facts(void *user, const struct reply *r)
{
    enum { TYPE, TTL, ENCODING, IDLE };
    struct key_ask *a = user;
    int step = a->step++;
    if (step == TYPE) {
        take_type(a, r);
    } else if (step == TTL && reply_int(r, &a->pttl_ms)) {
        collect_tally_key(a->c, key_ask_key(a), a->pttl_ms != -2);
    } else if (step == ENCODING && r) { /* OBJECT misses without an event */
        collect_tally(a->c, reply_text(r).len > 0);
        copy_shown(a->encoding, sizeof a->encoding, reply_text(r));
    } else if (step == IDLE) {
        take_idle(a, r);
        if (!r || !key_ask_live(a)) {
            key_ask_free(a);
        } else {
            after_facts(a);
        }
    }
}

void peek_key(struct collect *c, struct span key)
{
    struct key_ask *a = mem_zalloc(sizeof *a);
    *a = (struct key_ask){.c = c,
                          .generation = c->peek.generation,
                          .key = span_dup(key),
                          .len = key.len,
                          .pttl_ms = -3,
                          .idle_s = -1,
                          .uses = -1,
                          .count = -1,
                          .bytes = -1,
                          .cardinality = -1};
    utstring_init(&a->cursor);
    c->peek.more = false;
    if (!link_command(c->poll, on_facts, a, S("TYPE"), key)) {
        key_ask_free(a);
        return;
    }
    link_command(c->poll, on_facts, a, S("PTTL"), key);
    link_command(c->poll, on_facts, a, S("OBJECT"), S("ENCODING"), key);
    link_command(c->poll, on_facts, a, S("OBJECT"), S("IDLETIME"), key);
}
