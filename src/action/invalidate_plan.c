#include "invalidate.h"
#include "keep.h"
#include "phrase.h"

#include <inttypes.h>
#include <stdlib.h>

#include "redai/base/utf8.h"

enum { FAMILIES_SHOWN = 8, FAMILY_SAMPLE = 3, NUMBERS_MAX = 64, NUMBERS_SHOWN = 4 };

static const struct {
    const char *noun, *plural, *use;
} spared_rows[SPARED_COUNT] = {
    [SPARED_SESSION] = {"key of sessions", "keys of sessions", "use revoke session"},
    [SPARED_BATCH] = {"key of a batch's progress", "keys of batches' progress", "they expire by themselves"},
    [SPARED_BROKER] = {"key of the broker", "keys of the broker", "they are no cache"},
};

static void say_spared(struct runner *r)
{
    const struct invalidate *v = r->work;
    for (int i = 0; i < SPARED_COUNT; i++) {
        if (v->spared[i] > 0) {
            char *count = phrase_count(v->spared[i], spared_rows[i].noun, spared_rows[i].plural);
            plan_remark(&r->plan, "skipped %s: %s", count, spared_rows[i].use);
            mem_free(count);
        }
    }
}

static int most_keys_first(const struct family_count *a, const struct family_count *b)
{
    return a->keys < b->keys ? 1 : a->keys > b->keys ? -1 : strcmp(a->name, b->name);
}

/* What really matches, family by family, with some keys of each. */
static void say_families(struct runner *r)
{
    struct invalidate *v = r->work;
    const struct family_count *f;
    unsigned shown = 0, all = HASH_COUNT(v->family);
    int64_t most = all == 1 ? INVALIDATE_FAMILY_SAMPLE : FAMILY_SAMPLE;

    HASH_SORT(v->family, most_keys_first);
    for (f = v->family; f && shown < FAMILIES_SHOWN; f = f->hh.next, shown++) {
        char *name = utf8_sanitise_dup(span_of(f->name), PHRASE_COLUMNS);
        char *count = phrase_count(f->keys, "key", NULL);
        plan_sample(&r->plan, "family %s: %s", name, count);
        for (int64_t i = 0; i < f->keys && i < most; i++) {
            char *key = phrase_key(keyset_at(&v->victim, f->sample[i]));
            plan_sample(&r->plan, "  %s", key);
            mem_free(key);
        }
        if (f->keys > most) {
            plan_sample(&r->plan, "  and %" PRId64 " more", f->keys - most);
        }
        mem_free(count);
        mem_free(name);
    }
    if (all > shown) {
        plan_sample(&r->plan, "and %u more families", all - shown);
    }
}

/* --- what else is hit --- */

/* Other numbers than the one that was meant, and how many keys have each. */
struct longer {
    struct number {
        struct span start; /* of a victim: up to the end of the number */
        int64_t keys;
    } number[NUMBERS_MAX];
    size_t count;
    int64_t keys;
};

static struct span number_end(struct span key, size_t from)
{
    size_t end = from;
    while (end < key.len && key.data[end] >= '0' && key.data[end] <= '9') {
        end++;
    }
    return span_head(key, end);
}

static void count_longer(struct longer *l, struct span start)
{
    size_t i = 0;
    l->keys++;
    while (i < l->count && !span_equal(l->number[i].start, start)) {
        i++;
    }
    if (i < NUMBERS_MAX) {
        l->number[i].start = start;
        l->number[i].keys++;
        l->count += i == l->count;
    }
}

static int most_hit_first(const void *left, const void *right)
{
    const struct number *a = left, *b = right;
    return a->keys != b->keys ? (a->keys > b->keys ? -1 : 1) : span_compare(a->start, b->start);
}

static void tell_longer(struct runner *r, struct span pattern, struct longer *l)
{
    char *shown = phrase_key(pattern), *count = phrase_count(l->keys, "key", NULL);
    UT_string which;

    utstring_init(&which);
    qsort(l->number, l->count, sizeof l->number[0], most_hit_first);
    for (size_t i = 0; i < l->count && i < NUMBERS_SHOWN; i++) {
        char *name = phrase_key(l->number[i].start);
        utstring_printf(&which, "%s%s", i ? ", " : "", name);
        if (l->number[i].keys > 1) {
            utstring_printf(&which, " (%" PRId64 ")", l->number[i].keys);
        }
        mem_free(name);
    }
    plan_remark(&r->plan, "%s also hits longer numbers: %s: %s%s", shown, count, utstring_body(&which),
                l->count > NUMBERS_SHOWN ? ", ..." : "");
    utstring_done(&which);
    mem_free(count);
    mem_free(shown);
}

/* "exam:1*" is often meant as exam 1, and hits exam 10 as well. True when it does. */
static bool warn_of_digits(struct runner *r, const struct target *t)
{
    const struct invalidate *v = r->work;
    struct span pattern = target_id(t), head = span_head(pattern, pattern.len - 1);
    struct longer longer = {.count = 0};
    UT_string literal;

    if (t->kind != TARGET_PATTERN || !span_ends(pattern, S("*")) || pattern.len < 2) {
        return false;
    }
    utstring_init(&literal);
    bool is_number =
        spelling_literal(head, &literal) && head.data[head.len - 1] >= '0' && head.data[head.len - 1] <= '9';
    struct span start = text_span(&literal);
    for (size_t i = 0; is_number && i < v->victim.count; i++) {
        struct span key = keyset_at(&v->victim, i);
        struct span number = span_starts(key, start) ? number_end(key, start.len) : start;
        if (number.len > start.len) {
            count_longer(&longer, number);
        }
    }
    if (longer.keys > 0) {
        tell_longer(r, pattern, &longer);
    }
    utstring_done(&literal);
    return longer.keys > 0;
}

static void add_remark(void *ctx, const char *text)
{
    struct runner *r = ctx;
    plan_remark(&r->plan, "%s", text);
}

/* The order that takes what seems to be meant, all of it and nothing else. */
static void offer_exact(struct runner *r, bool hits_more)
{
    struct invalidate *v = r->work;

    for (size_t i = 0; i < spellings_count(&v->spellings); i++) {
        const struct spelling_argument *a = VERB_AT(&v->spellings.argument, struct spelling_argument, i);
        UT_string words;
        utstring_init(&words);
        int64_t keys = hits_more || a->missed > 0 ? spellings_exact(&v->spellings, i, false, &words) : 0;
        if (keys > 0) {
            char *shown = utf8_sanitise_dup(text_span(&words), SPELLING_COLUMNS);
            char *value = utf8_sanitise_dup(span_of(a->value), PHRASE_COLUMNS / 2);
            char *prefix = utf8_sanitise_dup(span_of(a->prefix), PHRASE_COLUMNS / 2);
            char *count = phrase_count(keys, "key", NULL);
            plan_remark(&r->plan, "all of %s with %s and nothing else is %s: invalidate%s", prefix, value,
                        count, shown);
            mem_free(count);
            mem_free(prefix);
            mem_free(value);
            mem_free(shown);
        }
        utstring_done(&words);
    }
}

static void say_addresses(struct runner *r)
{
    const struct invalidate *v = r->work;
    if (v->addresses > 0) {
        char *count = phrase_count(v->addresses, "of these holds", "of these hold");
        plan_remark(&r->plan, "%s an object's address: each call writes a new key, none is found again",
                    count);
        mem_free(count);
    }
}

static void add_line(void *ctx, const char *text)
{
    utstring_printf((UT_string *)ctx, "\n%s", text);
}

/* What it misses is told all the same, a line each. */
static void refuse_nothing(struct runner *r)
{
    struct invalidate *v = r->work;
    UT_string why;

    utstring_init(&why);
    for (int i = 0; i < SPARED_COUNT; i++) {
        if (v->spared[i] > 0) {
            char *count = phrase_count(v->spared[i], spared_rows[i].noun, spared_rows[i].plural);
            utstring_printf(&why, "%s%s (%s)", utstring_len(&why) ? ", " : "", count, spared_rows[i].use);
            mem_free(count);
        }
    }
    if (utstring_len(&why) > 0) {
        char *tagged =
            phrase_make("%s: never deleted by invalidate: %s", v->subject_tag, utstring_body(&why));
        verb_tag(r, tagged);
        mem_free(tagged);
        verb_refuse(r, ACTION_REFUSED, "%s: never deleted by invalidate: %s", v->subject,
                    utstring_body(&why));
    } else {
        char *first = phrase_make("%s: no key matches, nothing to delete", v->subject);
        utstring_printf(&why, "%s", first);
        spellings_tell(&v->spellings, add_line, &why);
        verb_refuse_lines(r, ACTION_GONE, utstring_body(&why));
        mem_free(first);
    }
    utstring_done(&why);
}

static void say_kept_commands(struct runner *r)
{
    const struct invalidate *v = r->work;
    if (v->victim.count == 1) {
        char *key = phrase_key(keyset_at(&v->victim, 0));
        plan_command(&r->plan, "MULTI; PTTL %s; DUMP %s; UNLINK %s; EXEC", key, key, key);
        mem_free(key);
    } else {
        plan_command(&r->plan, "MULTI; PTTL <key>; DUMP <key>; ... UNLINK <up to %d keys>; EXEC  for all %zu",
                     VERB_GROUP, v->victim.count);
    }
}

static void say_commands(struct runner *r)
{
    const struct invalidate *v = r->work;
    struct plan *p = &r->plan;
    size_t whole = v->victim.count / VERB_GROUP, rest = v->victim.count % VERB_GROUP;

    if (r->keep && keep_any(r)) {
        say_kept_commands(r);
        return;
    }
    if (v->victim.count == 1) {
        char *key = phrase_key(keyset_at(&v->victim, 0));
        plan_command(p, "UNLINK %s", key);
        mem_free(key);
        return;
    }
    if (whole > 0) {
        plan_command(p, "UNLINK <%d keys>  x %zu", VERB_GROUP, whole);
    }
    if (rest > 0) {
        plan_command(p, "UNLINK <%zu keys>", rest);
    }
}

void invalidate_plan_end(struct runner *r)
{
    struct invalidate *v = r->work;
    struct plan *p = &r->plan;

    if (v->victim.count == 0) {
        refuse_nothing(r);
        return;
    }
    char *count = phrase_count((int64_t)v->victim.count, "key", NULL);
    plan_title(p, "invalidate %s: %s", v->subject, count);
    mem_free(count);
    say_commands(r);
    say_families(r);
    if (v->more) {
        plan_remark(p, "more than %zu keys match: this deletes so many, repeat it for the rest",
                    v->victim.count);
    }
    bool hits_more = false;
    for (size_t i = 0; i < utarray_len(&r->order.target); i++) {
        hits_more = warn_of_digits(r, VERB_AT(&r->order.target, struct target, i)) || hits_more;
    }
    spellings_tell(&v->spellings, add_remark, r);
    offer_exact(r, hits_more);
    say_addresses(r);
    say_spared(r);
    keep_say(r, "key", NULL);
    p->destructive = true;
    plan_ask(p, (int64_t)v->victim.count);
    verb_planned(r);
}
