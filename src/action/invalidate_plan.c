#include "invalidate.h"
#include "keep.h"
#include "phrase.h"

#include <inttypes.h>

#include "redai/base/utf8.h"

enum { FAMILIES_SHOWN = 8 };

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

static void say_families(struct runner *r)
{
    struct invalidate *v = r->work;
    const struct family_count *f;
    unsigned shown = 0, all = HASH_COUNT(v->family);

    HASH_SORT(v->family, most_keys_first);
    for (f = v->family; f && shown < FAMILIES_SHOWN; f = f->hh.next, shown++) {
        char *name = utf8_sanitise_dup(span_of(f->name), PHRASE_COLUMNS);
        char *count = phrase_count(f->keys, "key", NULL);
        plan_remark(&r->plan, "family %s: %s", name, count);
        mem_free(count);
        mem_free(name);
    }
    if (all > shown) {
        plan_remark(&r->plan, "and %u more families", all - shown);
    }
}

/* "exam:1*" is often meant as exam 1, and hits exam 10 as well. */
static void warn_of_digits(struct runner *r, const struct target *t)
{
    const struct invalidate *v = r->work;
    struct span literal = target_id(t);
    int64_t longer = 0;

    if (t->kind != TARGET_PATTERN || !span_ends(literal, S("*")) || literal.len < 2) {
        return;
    }
    literal.len--;
    char last = literal.data[literal.len - 1];
    for (size_t i = 0; i < literal.len; i++) {
        if (strchr("*?[\\", literal.data[i])) {
            return;
        }
    }
    for (size_t i = 0; last >= '0' && last <= '9' && i < v->victim.count; i++) {
        struct span rest = span_skip(keyset_at(&v->victim, i), literal.len);
        longer += span_starts(keyset_at(&v->victim, i), literal) && rest.len > 0 && rest.data[0] >= '0' &&
                  rest.data[0] <= '9';
    }
    if (longer > 0) {
        char *shown = phrase_key(target_id(t)), *count = phrase_count(longer, "key", NULL);
        plan_remark(&r->plan, "%s also hits longer numbers: %s", shown, count);
        mem_free(count);
        mem_free(shown);
    }
}

static void refuse_nothing(struct runner *r)
{
    const struct invalidate *v = r->work;
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
        verb_refuse(r, ACTION_GONE, "%s: no key matches, nothing to delete", v->subject);
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
    const struct invalidate *v = r->work;
    struct plan *p = &r->plan;

    if (v->victim.count == 0) {
        refuse_nothing(r);
        return;
    }
    char *count = phrase_count((int64_t)v->victim.count, "key", NULL);
    plan_title(p, "invalidate %s: %s", v->subject, count);
    mem_free(count);
    say_commands(r);
    for (size_t i = 0; i < v->victim.count && i < VERB_SAMPLE; i++) {
        char *key = phrase_key(keyset_at(&v->victim, i));
        plan_sample(p, "%s", key);
        mem_free(key);
    }
    if (v->more) {
        plan_remark(p, "more than %zu keys match: this deletes so many, repeat it for the rest",
                    v->victim.count);
    }
    say_families(r);
    for (size_t i = 0; i < utarray_len(&r->order.target); i++) {
        warn_of_digits(r, VERB_AT(&r->order.target, struct target, i));
    }
    say_spared(r);
    keep_say(r, "key", NULL);
    p->destructive = true;
    plan_ask(p, (int64_t)v->victim.count);
    verb_planned(r);
}
