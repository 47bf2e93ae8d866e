#include "keep.h"

#include "own_reads.h"
#include "phrase.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

/* What a key of a session or of a cache costs here besides its bytes. */
enum { OVERHEAD = sizeof(struct kept) + 64 };

struct keep {
    size_t count;
    int64_t *size; /* of each; KEEP_NOTHING: it is not kept */
    keep_key_fn key_at;
    step_fn then;
    size_t at, end, probe;
    char *refusal; /* why nothing is kept, in the server's words */
    int64_t kept, bytes, large, largest, over;
    size_t dropped; /* older actions whose undo goes for it */
    /* running */
    struct lot *lot;
    int64_t lost;
    char *lost_text, *tag;
};

static struct keep *keep_of(struct runner *r)
{
    if (!r->keep) {
        r->keep = mem_zalloc(sizeof *r->keep);
    }
    return r->keep;
}

void keep_release(struct runner *r)
{
    struct keep *k = r->keep;
    if (!k) {
        return;
    }
    if (k->lot) {
        lot_close(r->options.bin, k->lot);
    }
    mem_free(k->size);
    mem_free(k->refusal);
    mem_free(k->lost_text);
    mem_free(k->tag);
    mem_free(k);
    r->keep = NULL;
}

/* --- with the plan --- */

static void on_probe(struct runner *r, const struct answer *a)
{
    verb_keep_error(&r->keep->refusal, a->reply);
}

/* Which of them fit: in order, so that it can be said in words. */
static void choose(struct runner *r)
{
    struct keep *k = r->keep;
    const struct bin_limits *limits = bin_limits(r->options.bin);
    size_t room = bin_room(r->options.bin, true);

    k->probe = SIZE_MAX;
    for (size_t i = 0; i < k->count; i++) {
        int64_t size = k->size[i];
        if (size == KEEP_NOTHING) {
            continue;
        }
        k->size[i] = KEEP_NOTHING;
        if (size != KEEP_UNKNOWN && (size_t)size > limits->key_bytes) {
            k->large++;
            k->largest = size > k->largest ? size : k->largest;
        } else if (size == KEEP_UNKNOWN || (size_t)k->kept >= limits->keys ||
                   (size_t)(k->bytes + size + OVERHEAD) > room) {
            k->over++;
        } else {
            k->size[i] = size;
            k->kept++;
            k->bytes += size + OVERHEAD;
            k->probe = k->probe == SIZE_MAX || size < k->size[k->probe] ? i : k->probe;
        }
    }
}

/* How many older actions can then no longer be undone. */
static size_t count_dropped(const struct bin *b, size_t bytes)
{
    struct bin_row row;
    size_t room = bin_room(b, false), n = 0;
    for (size_t i = bin_count(b); i > 0 && room < bytes && bin_at(b, i - 1, &row); i--, n++) {
        room += row.bytes;
    }
    return n;
}

static void probed(struct runner *r)
{
    struct keep *k = r->keep;
    if (k->refusal) {
        k->kept = k->bytes = k->large = k->over = 0;
        for (size_t i = 0; i < k->count; i++) {
            k->size[i] = KEEP_NOTHING;
        }
    }
    k->dropped = count_dropped(r->options.bin, (size_t)k->bytes);
    k->then(r);
}

/* A server out of memory refuses it now and may take it later. */
static void on_restorable(struct runner *r, const struct answer *a)
{
    struct span error = reply_error(a->reply);
    if (span_starts(error, S("NOPERM")) || span_starts(error, S("ERR unknown command"))) {
        verb_keep_error(&r->keep->refusal, a->reply);
    }
}

/* An ACL may allow to delete and not to read, or to read and not to put back (RESTORE is of @dangerous):
 * known before anything hangs on it. What is queued is judged at once; the half command behind it makes
 * EXEC drop all of it (an ACL may lack DISCARD, and a transaction that stays open would swallow what
 * follows). Nor could it be carried out: these bytes are no value. */
static void probe(struct runner *r)
{
    struct keep *k = r->keep;
    choose(r);
    if (k->key_at && k->probe != SIZE_MAX && !k->refusal) {
        struct span key = k->key_at(r, k->probe);
        r->lenient = true;
        step_act(r, on_probe, 0, S("DUMP"), key);
        step_act(r, NULL, 0, S("MULTI"));
        step_act(r, on_restorable, 0, S("RESTORE"), key, S("0"), S("-"));
        step_act(r, NULL, 0, S("RESTORE"));
        step_act(r, NULL, 0, S("EXEC"));
        r->lenient = false;
    }
    step_then(r, probed);
}

static void on_size(struct runner *r, const struct answer *a)
{
    struct keep *k = r->keep;
    if (reply_type(a->reply) == REPLY_NIL) {
        k->size[a->tag] = KEEP_NOTHING;
    } else if (!reply_int(a->reply, &k->size[a->tag])) {
        k->size[a->tag] = KEEP_UNKNOWN;
        verb_keep_error(&k->refusal, a->reply);
    }
}

static void measure(struct runner *r)
{
    struct keep *k = r->keep;
    size_t sent = 0;

    if (k->at >= k->end || k->refusal) {
        probe(r);
        return;
    }
    verb_progress(r, (int64_t)k->at, (int64_t)k->count, "looking at what can be kept");
    r->lenient = true;
    for (; k->at < k->end && sent < VERB_GROUP; k->at++) {
        if (k->size[k->at] == KEEP_UNKNOWN) {
            step_act(r, on_size, k->at, S("MEMORY"), S("USAGE"), k->key_at(r, k->at));
            sent++;
        }
    }
    r->lenient = false;
    step_then(r, measure);
}

void keep_look(struct runner *r, size_t count, keep_key_fn key_at, keep_size_fn size_at, step_fn then)
{
    if (!r->options.bin || count == 0) {
        then(r);
        return;
    }
    struct keep *k = keep_of(r);
    const size_t most = bin_limits(r->options.bin)->keys;
    size_t meant = 0;

    bin_sweep(r->options.bin, clock_mono_us());
    k->count = count;
    k->key_at = key_at;
    k->then = then;
    k->size = mem_zalloc(count * sizeof *k->size);
    for (size_t i = 0; i < count; i++) {
        k->size[i] = size_at ? size_at(r, i) : KEEP_UNKNOWN;
        meant += k->size[i] != KEEP_NOTHING;
        k->end = meant <= most ? i + 1 : k->end; /* what is not kept anyhow need not be measured */
    }
    measure(r);
}

void keep_plan_messages(struct runner *r, int64_t count, int64_t bytes)
{
    if (!r->options.bin || count <= 0) {
        return;
    }
    struct keep *k = keep_of(r);
    const struct bin_limits *limits = bin_limits(r->options.bin);
    double each = (double)bytes / (double)count + OVERHEAD;

    bin_sweep(r->options.bin, clock_mono_us());
    double most = (double)bin_room(r->options.bin, true) / each;
    k->kept = count < (int64_t)limits->keys ? count : (int64_t)limits->keys;
    k->kept = most < (double)k->kept ? (int64_t)most : k->kept;
    k->over = count - k->kept;
    k->bytes = (int64_t)((double)k->kept * each);
    k->dropped = count_dropped(r->options.bin, (size_t)k->bytes);
}

void keep_say(struct runner *r, const char *noun, const char *many)
{
    const struct keep *k = r->keep;
    struct plan *p = &r->plan;
    char bytes[32];

    if (!k) {
        return;
    }
    const struct bin_limits *limits = bin_limits(r->options.bin);
    p->kept = k->kept;
    if (k->refusal) {
        plan_remark(p, "no undo: the server refuses to give what is kept, or to take it back: %s",
                    k->refusal);
    }
    if (k->kept > 0) {
        char *count = phrase_count(k->kept, noun, many);
        plan_remark(p, "undo: kept for %" PRId64 " min, %s, %s", limits->keep_us / (60 * US_PER_S), count,
                    human_bytes(k->bytes, bytes, sizeof bytes));
        mem_free(count);
    }
    if (k->large > 0) {
        char *count = phrase_count(k->large, noun, many);
        plan_remark(p, "no undo for %s: too large to be kept (the largest has %s)", count,
                    human_bytes(k->largest, bytes, sizeof bytes));
        mem_free(count);
    }
    if (k->over > 0) {
        char *count = phrase_count(k->over, noun, many);
        plan_remark(p, "no undo for %s: only the first %zu are kept, and no more than %s", count,
                    limits->keys, human_bytes((int64_t)limits->bytes, bytes, sizeof bytes));
        mem_free(count);
    }
    if (k->dropped > 0) {
        plan_remark(p, "for it %zu older %s can no longer be undone", k->dropped,
                    k->dropped == 1 ? "action" : "actions");
    }
}

bool keep_any(const struct runner *r)
{
    return r->keep && r->keep->kept > 0;
}

void keep_tag(struct runner *r, const char *tag)
{
    if (r->keep && tag) {
        mem_replace(&r->keep->tag, tag);
    }
}

/* --- in the run --- */

void keep_begin(struct runner *r)
{
    struct keep *k = r->keep;
    if (k && k->kept > 0 && !k->lot) {
        k->lot = lot_open(r->options.bin, r->order.verb, r->plan.title, k->tag);
        k->lot->of = r->plan.count;
    }
}

bool keep_wants(const struct runner *r, size_t i)
{
    return r->keep && i < r->keep->count && r->keep->size[i] >= 0;
}

size_t keep_size(const struct runner *r, size_t i)
{
    return keep_wants(r, i) ? (size_t)r->keep->size[i] : 0;
}

void keep_ask(struct runner *r, answer_fn fn, size_t tag, struct span key)
{
    step_act(r, fn, tag, S("PTTL"), key);
    step_act(r, fn, tag, S("DUMP"), key);
}

struct kept *keep_take(struct runner *r, struct span key, const struct reply *pttl, const struct reply *dump)
{
    struct kept head = {.kind = KEPT_KEY, .at_us = clock_mono_us()};
    struct span bytes;

    own_reads_count(OWN_READ_TTL, 0, pttl, &r->own_hits, &r->own_misses);
    own_reads_count(OWN_READ_ONE, 0, dump, &r->own_hits, &r->own_misses);
    if (!r->keep || !r->keep->lot || reply_type(dump) == REPLY_NIL) {
        return NULL;
    }
    if (!reply_int(pttl, &head.pttl_ms) || !reply_string(dump, &bytes)) {
        keep_lose(r, 1);
        return NULL;
    }
    struct kept *k = lot_add(r->options.bin, r->keep->lot, &head, key, bytes);
    if (!k) {
        keep_lose(r, 1);
    }
    return k;
}

void keep_take_entry(struct runner *r, struct kept *k, const char *user, const struct reply *pttl)
{
    int64_t left;
    if (k) {
        lot_add_entry(r->options.bin, r->keep->lot, k, span_of(user), reply_int(pttl, &left) ? left : -2);
    }
}

void keep_message(struct runner *r, struct span list, struct span element, bool right)
{
    const struct kept head = {.kind = KEPT_MESSAGE, .at_us = clock_mono_us(), .pttl_ms = -1, .right = right};
    if (keep_more(r) && !lot_add(r->options.bin, r->keep->lot, &head, list, element)) {
        keep_lose(r, 1);
    }
}

bool keep_more(const struct runner *r)
{
    return r->keep && r->keep->lot && (int64_t)r->keep->lot->count < r->keep->kept;
}

void keep_lose(struct runner *r, int64_t n)
{
    if (keep_any(r)) {
        r->keep->lost += n;
    }
}

const char *keep_lost(struct runner *r)
{
    struct keep *k = r->keep;
    if (!k || k->lost == 0) {
        return "";
    }
    mem_free(k->lost_text);
    k->lost_text = phrase_make("; %" PRId64 " could not be kept for undo", k->lost);
    return k->lost_text;
}
