/* peek_family: the keys of a family, or of all families under a first part ("shop:*"), as the walk meets
 * them. While its page is open they are measured, within the budget and up to a bound, so that the largest of
 * them are found; a few are shown with what is known of them. */
#include "collect_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/human.h"

enum { SHOWN = 200, MEASURED_MAX = 20000, LARGEST = 10, EXAMPLES = 5, PENDING_MAX = 2000, IN_FLIGHT = 400 };
#define TELL_AGAIN_US (US_PER_S)

/* A key and what is known of it. */
struct member {
    char *key; /* NULL: none */
    size_t len;
    int64_t bytes; /* -1 unknown, or gone */
    int64_t pttl;  /* -1 none, -2 gone, -3 unknown */
};

struct family_document {
    bool walked;  /* all of them were met */
    bool closing; /* the last questions are asked */
    int64_t seen, measured, reprs, told_us;
    size_t in_flight, shown, examples;
    struct member row[SHOWN], largest[LARGEST], example[EXAMPLES];
    size_t pending, pending_first;
    struct member queue[PENDING_MAX];
};

static void member_set(struct member *m, struct span key)
{
    mem_free(m->key);
    *m = (struct member){.key = span_dup(key), .len = key.len, .bytes = -1, .pttl = -3};
}

static struct span key_of(const struct member *m)
{
    return span_make(m->key, m->len);
}

void peek_family_forget(struct collect *c)
{
    struct family_document *d = c->peek.family;
    for (size_t i = 0; d && i < SHOWN; i++) {
        mem_free(d->row[i].key);
    }
    for (size_t i = 0; d && i < LARGEST; i++) {
        mem_free(d->largest[i].key);
    }
    for (size_t i = 0; d && i < EXAMPLES; i++) {
        mem_free(d->example[i].key);
    }
    for (size_t i = 0; d && i < d->pending; i++) {
        mem_free(d->queue[(d->pending_first + i) % PENDING_MAX].key);
    }
    mem_free(d);
    c->peek.family = NULL;
}

void peek_family(struct collect *c)
{
    /* Its keys are met by the walk: one is started at once. */
    c->peek.collect_next = true;
    census_collect(c);
    collect_soon(c, 0);
}

void peek_family_start(struct collect *c)
{
    if (c->peek.collect_next) {
        peek_family_forget(c);
        c->peek.family = mem_zalloc(sizeof *c->peek.family);
        c->peek.family->told_us = clock_mono_us();
        c->peek.generation++; /* answers about keys of an earlier walk are dropped */
        c->peek.collect_next = false;
        c->peek.collect_keys = true;
    }
}

void peek_family_restart(struct collect *c)
{
    if (c->peek.collect_keys || c->peek.family) {
        peek_family_forget(c);
        c->peek.generation++;
        c->peek.collect_keys = false;
        c->peek.collect_next = true;
        c->census.wanted = true;
    }
}

bool peek_family_is_full(const struct collect *c)
{
    /* A page of the walk may bring more than it asks for. */
    return c->peek.collect_keys && c->peek.family && c->peek.family->pending > PENDING_MAX / 4;
}

/* --- the document --- */

static const char *ttl_text(int64_t pttl, char *out, size_t size)
{
    if (pttl == -1) {
        snprintf(out, size, "no TTL");
    } else if (pttl < 0) {
        snprintf(out, size, pttl == -2 ? "gone" : "TTL ?");
    } else if (pttl < 10000) {
        snprintf(out, size, "TTL %lld ms", (long long)pttl);
    } else {
        snprintf(out, size, "TTL %lld s", (long long)(pttl / 1000));
    }
    return out;
}

/* A line that Enter opens; what is told of the key is nobody's secret. */
static void add_line(struct collect *c, struct span key, struct span text)
{
    UT_string shown;
    utstring_init(&shown);
    peek_shown_key(key, &shown);
    peek_line(c, text_span(&shown), text, TARGET_KEY, key)->veil = VEIL_PLAIN;
    utstring_done(&shown);
}

static void add_key(struct collect *c, const struct member *m)
{
    char text[120], ttl[40], size[40];
    ttl_text(m->pttl, ttl, sizeof ttl);
    if (m->bytes < 0) {
        snprintf(text, sizeof text, "%s", ttl);
    } else if (m->bytes < 100000) {
        snprintf(text, sizeof text, "%s, %lld bytes", ttl, (long long)m->bytes);
    } else {
        snprintf(text, sizeof text, "%s, %s", ttl, human_bytes(m->bytes, size, sizeof size));
    }
    add_line(c, key_of(m), span_of(text));
}

static void add_heading(struct collect *c, struct span text)
{
    peek_line(c, text, S(""), TARGET_NONE, S(""))->style = PEEK_STYLE_HEADING;
}

static void build(struct collect *c, const struct family_document *d)
{
    peek_start_rows(c);
    if (d->largest[0].key) {
        add_heading(c, S("largest of those measured"));
    }
    for (size_t i = 0; i < LARGEST && d->largest[i].key; i++) {
        add_key(c, &d->largest[i]);
    }
    if (d->examples) {
        add_heading(c, S("keys that hold an object's address"));
    }
    for (size_t i = 0; i < d->examples; i++) {
        add_line(c, key_of(&d->example[i]), S(""));
    }
    peek_line(c, d->seen > SHOWN ? S("the first keys, in no order") : S("keys, in no order"), S(""),
              TARGET_NONE, S(""));
    for (size_t i = 0; i < d->shown; i++) {
        add_key(c, &d->row[i]);
    }
}

static bool is_meant(struct span name, struct span subject)
{
    if (!span_ends(subject, S(":*"))) {
        return span_equal(name, subject);
    }
    struct span first = span_head(subject, subject.len - 2);
    return span_equal(name, first) || span_starts(name, span_head(subject, subject.len - 1));
}

/* How many there are: met by this walk, or as the last one has counted them while this one goes on. */
static int64_t all_of(struct collect *c, const struct family_document *d)
{
    int64_t counted = 0;
    struct tally_family *t, *next;
    hash_each (c->tallies.family, t, next) {
        if (!d->walked && !t->into && t->all.keys_before > 0 &&
            is_meant(span_make(t->name, t->len), target_id(&c->peek.subject))) {
            counted += t->all.keys_before;
        }
    }
    return counted > d->seen ? counted : d->seen;
}

static const char *remark_of(struct collect *c, const struct family_document *d, char *out, size_t size)
{
    long long all = all_of(c, d), measured = d->measured;
    if (all > measured) {
        snprintf(out, size, "measured %lld of %lld keys", measured, all);
    } else {
        snprintf(out, size, "%lld key%s, all measured", all, all == 1 ? "" : "s");
    }
    return out;
}

/* --- measuring --- */

/* Keeps the largest, the largest first. */
static void rank(struct family_document *d, const struct member *m)
{
    size_t at = LARGEST;
    while (at > 0 && (!d->largest[at - 1].key || d->largest[at - 1].bytes < m->bytes)) {
        at--;
    }
    if (at == LARGEST) {
        return;
    }
    mem_free(d->largest[LARGEST - 1].key);
    memmove(&d->largest[at + 1], &d->largest[at], (LARGEST - 1 - at) * sizeof d->largest[0]);
    d->largest[at] = *m;
    d->largest[at].key = span_dup(key_of(m));
}

static void on_ttl(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    if (reply_int(r, &a->number)) {
        collect_tally_key(a->c, span_make(a->key, a->len), a->number != -2);
    } else {
        a->number = -3;
    }
}

static void on_bytes(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct family_document *d = a->c->peek.family;
    if (r && d && peek_ask_live(a)) {
        struct member m = {.key = a->key, .len = a->len, .bytes = -1, .pttl = a->number};
        d->in_flight--;
        d->measured++; /* one that has gone since is known to be */
        if (reply_int(r, &m.bytes)) {
            rank(d, &m);
        } else {
            m.pttl = reply_is_error(r) ? m.pttl : -2;
        }
        if (a->place >= 0) {
            d->row[a->place].bytes = m.bytes;
            d->row[a->place].pttl = m.pttl;
        }
    }
    peek_ask_free(a);
}

/* place: its row among those that are shown, whose TTL is wanted, too; -1 none. */
static bool measure(struct collect *c, struct span key, int64_t place)
{
    struct peek_ask *a = peek_ask_new(c, key);
    a->number = -3;
    a->place = place;
    bool sent = place < 0 || link_command(c->poll, on_ttl, a, S("PTTL"), key);
    if (!sent || !link_command(c->poll, on_bytes, a, S("MEMORY"), S("USAGE"), key)) {
        peek_ask_free(a); /* the link is down: nothing was queued */
        return false;
    }
    c->peek.family->in_flight++;
    return true;
}

void peek_family_key(struct collect *c, struct span key, const struct tally_family *family)
{
    struct family_document *d = c->peek.family;
    struct span subject = target_id(&c->peek.subject);
    /* One that is folded away may be asked for by its name all the same. */
    bool meant = d && (is_meant(span_make(family->name, family->len), subject) ||
                       (family->folded && span_equal(families_name(c->options.families, key), subject)));
    if (!meant) {
        return;
    }
    d->seen++;
    if (keyname_has_address(key)) {
        d->reprs++;
        if (d->examples < EXAMPLES) {
            member_set(&d->example[d->examples++], key);
        }
    }
    if (d->shown < SHOWN) {
        member_set(&d->row[d->shown], key);
        measure(c, key, (int64_t)d->shown++);
    } else if (d->seen <= MEASURED_MAX && d->pending < PENDING_MAX) {
        member_set(&d->queue[(d->pending_first + d->pending++) % PENDING_MAX], key);
    }
}

static void on_largest_ttl(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct family_document *d = a->c->peek.family;
    int64_t pttl;
    if (reply_int(r, &pttl)) {
        collect_tally_key(a->c, span_make(a->key, a->len), pttl != -2);
        if (d && peek_ask_live(a)) {
            d->largest[a->place].pttl = pttl;
        }
    }
    peek_ask_free(a);
}

static void on_closed(void *user, const struct reply *r)
{
    struct peek_ask *a = user;
    struct collect *c = a->c;
    if (r && peek_ask_live(a) && c->peek.family) {
        char remark[120];
        build(c, c->peek.family);
        peek_end(c, remark_of(c, c->peek.family, remark, sizeof remark));
        peek_family_forget(c);
    }
    peek_ask_free(a);
}

/* All are measured: the largest are asked for their TTL; the answers come before that to the PING. */
static void close_document(struct collect *c, struct family_document *d)
{
    d->closing = true;
    for (size_t i = 0; i < LARGEST && d->largest[i].key; i++) {
        struct span key = key_of(&d->largest[i]);
        struct peek_ask *a = peek_ask_new(c, key);
        a->place = (int64_t)i;
        if (!link_command(c->poll, on_largest_ttl, a, S("PTTL"), key)) {
            peek_ask_free(a);
        }
    }
    struct peek_ask *a = peek_ask_new(c, S(""));
    if (!link_command(c->poll, on_closed, a, S("PING"))) {
        peek_ask_free(a);
    }
}

void peek_family_end(struct collect *c)
{
    if (c->peek.collect_keys) {
        c->peek.collect_keys = false;
        c->peek.family->walked = true;
        collect_soon(c, 0);
    }
}

void peek_family_step(struct collect *c, int64_t now_us)
{
    struct family_document *d = c->peek.family;
    if (!d || d->closing) {
        return;
    }
    size_t room = IN_FLIGHT > d->in_flight ? IN_FLIGHT - d->in_flight : 0;
    size_t tokens = pace_take(&c->pace, d->pending < room ? d->pending : room, now_us);
    for (; tokens; tokens--) {
        struct member *m = &d->queue[d->pending_first];
        if (!measure(c, key_of(m), -1)) {
            break;
        }
        mem_free(m->key);
        m->key = NULL;
        d->pending_first = (d->pending_first + 1) % PENDING_MAX;
        d->pending--;
    }
    pace_give_back(&c->pace, tokens);
    if (d->walked && !d->pending && !d->in_flight) {
        close_document(c, d);
    } else if (now_us - d->told_us >= TELL_AGAIN_US) {
        char remark[120];
        d->told_us = now_us;
        build(c, d);
        peek_tell(c, remark_of(c, d, remark, sizeof remark));
    }
}
