#include "invalidate.h"
#include "own_reads.h"
#include "phrase.h"

#include <inttypes.h>

#include "redai/base/clock.h"

enum { PAGE_KEYS = 1000 };
#define PAGE_KEYS_TEXT "1000"
#define PAGE_REST_US                                                                                         \
    INT64_C(1000) /* the least rest between two pages; as long as the page took, when that is longer */
#define PAGE_REST_MAX_US INT64_C(50000)

void invalidate_release(void *work)
{
    struct invalidate *v = work;
    struct family_count *f, *after;

    if (!v) {
        return;
    }
    HASH_ITER(hh, v->family, f, after)
    {
        HASH_DEL(v->family, f);
        mem_free(f->name);
        mem_free(f);
    }
    keyset_release(&v->victim);
    keyset_release(&v->seen);
    keyset_release(&v->list);
    keyset_release(&v->unsure);
    spellings_release(&v->spellings);
    families_release(&v->families);
    utstring_done(&v->cursor);
    mem_free(v->subject);
    mem_free(v->subject_tag);
    mem_free(v->error);
    mem_free(v);
}

/* --- sorting what is found --- */

/* The newest victim. */
static void count_family(struct runner *r, struct span key)
{
    struct invalidate *v = r->work;
    struct span name = families_name(r->options.families ? r->options.families : &v->families, key);
    struct family_count *f = NULL;

    HASH_FIND(hh, v->family, name.data, name.len, f);
    if (!f) {
        f = mem_zalloc(sizeof *f);
        f->name = span_dup(name);
        HASH_ADD_KEYPTR(hh, v->family, f->name, name.len, f);
    }
    if (f->keys < INVALIDATE_FAMILY_SAMPLE) {
        f->sample[f->keys] = v->victim.count - 1;
    }
    f->keys++;
    v->addresses += keyname_has_address(key);
}

static void take_victim(struct runner *r, struct span key)
{
    struct invalidate *v = r->work;
    if (v->victim.count >= INVALIDATE_KEYS_MAX || keyset_is_full(&v->victim, key)) {
        v->more = true;
    } else if (keyset_add(&v->victim, key)) {
        count_family(r, key);
    }
}

static void spare(struct invalidate *v, struct span key, enum spared kind)
{
    if (v->seen.count >= INVALIDATE_KEYS_MAX || keyset_is_full(&v->seen, key) || keyset_add(&v->seen, key)) {
        v->spared[kind]++;
    }
}

/* Sessions have a verb of their own; batches and the broker's keys are no cache. Only a bare name is open: it
 * may be a cache entry or a queue. False: open. */
static bool sort_by_name(struct runner *r, struct span key)
{
    struct invalidate *v = r->work;
    struct span id;

    switch (keyname_kind(key, &id)) {
    case KEY_SESSION:
    case KEY_USER_SESSIONS:
        spare(v, key, SPARED_SESSION);
        return true;
    case KEY_BATCH_PROGRESS:
        spare(v, key, SPARED_BATCH);
        return true;
    case KEY_TASK_META:
    case KEY_BINDING:
    case KEY_REPLY_BOX:
    case KEY_UNACKED:
    case KEY_PRIORITY_LIST:
        spare(v, key, SPARED_BROKER);
        return true;
    case KEY_BARE:
        return false;
    case KEY_OTHER:
    case KEY_KIND_COUNT:
        break;
    }
    if (span_starts(key, S("celery-taskset-meta-"))) {
        spare(v, key, SPARED_BROKER);
        return true;
    }
    /* A session, a user or a batch without an id is still none of the cache's. */
    if (span_equal(key, S("session:")) || span_equal(key, S("user::sessions"))) {
        spare(v, key, SPARED_SESSION);
        return true;
    }
    if (span_equal(key, S("batch:progress:"))) {
        spare(v, key, SPARED_BATCH);
        return true;
    }
    if (v->no_type_scan) {
        return false;
    }
    take_victim(r, key);
    return true;
}

/* The cache writes strings; a list is a queue, whatever its name, and a bare name that is no string is the
 * broker's. */
static void sort_by_type(struct runner *r, struct span key, struct span type)
{
    struct invalidate *v = r->work;
    struct span id;

    if (span_equal(type, S("none"))) {
        return;
    }
    if (span_equal(type, S("list")) ||
        (keyname_kind(key, &id) == KEY_BARE && !span_equal(type, S("string")))) {
        spare(v, key, SPARED_BROKER);
    } else {
        take_victim(r, key);
    }
}

/* --- the walk --- */

static void begin_pattern(struct runner *r);
static void scan_page(struct runner *r);

int64_t invalidate_rest_us(const struct invalidate *v)
{
    int64_t took = clock_mono_us() - v->page_us;
    return took < PAGE_REST_US ? PAGE_REST_US : took > PAGE_REST_MAX_US ? PAGE_REST_MAX_US : took;
}

static void after_page(struct runner *r)
{
    struct invalidate *v = r->work;
    char *text;

    if (v->more || span_equal(text_span(&v->cursor), S("0"))) {
        v->pattern++;
        step_then(r, begin_pattern); /* from the loop: a name without a wildcard needs no reply to get here */
        return;
    }
    text = phrase_make("walking the keys: %zu match", v->victim.count);
    verb_progress(r, v->walked < v->expected ? v->walked : v->expected, v->expected, text);
    mem_free(text);
    step_after(r, invalidate_rest_us(v), scan_page);
}

static void on_type(struct runner *r, const struct answer *a)
{
    struct invalidate *v = r->work;
    sort_by_type(r, keyset_at(&v->unsure, a->tag), reply_text(a->reply));
}

/* Asks for the types of this page's open names, in groups. */
static void ask_types(struct runner *r)
{
    struct invalidate *v = r->work;

    if (v->at >= v->unsure.count) {
        after_page(r);
        return;
    }
    v->end = v->at + VERB_GROUP < v->unsure.count ? v->at + VERB_GROUP : v->unsure.count;
    for (size_t i = v->at; i < v->end; i++) {
        step_act(r, on_type, i, S("TYPE"), keyset_at(&v->unsure, i));
    }
    v->at = v->end;
    step_then(r, ask_types);
}

static void on_page(struct runner *r, const struct answer *a)
{
    struct invalidate *v = r->work;
    const struct reply *lists = reply_at(a->reply, 0), *all = reply_at(a->reply, 1);
    struct span cursor = reply_text(reply_at(all, 0));

    keyset_clear(&v->list);
    keyset_clear(&v->unsure);
    v->no_type_scan = v->no_type_scan || reply_is_error(lists);
    own_reads_scan_by_type(lists, all, &r->own_hits);
    verb_keep_error(&r->refusal, all);
    utstring_clear(&v->cursor);
    text_add(&v->cursor, cursor.len ? cursor : S("0"));
    lists = reply_at(lists, 1);
    for (size_t i = 0; i < reply_count(lists); i++) {
        keyset_add(&v->list, reply_text(reply_at(lists, i)));
    }
    all = reply_at(all, 1);
    for (size_t i = 0; i < reply_count(all); i++) {
        struct span key = reply_text(reply_at(all, i));
        if (keyset_has(&v->list, key)) {
            spare(v, key, SPARED_BROKER);
        } else if (!sort_by_name(r, key)) {
            keyset_add(&v->unsure, key);
        }
    }
}

/* One page is read twice within one transaction: its lists, and all of it. So a queue is told from a cache
 * entry without asking for the type of each key. */
static void scan_page(struct runner *r)
{
    struct invalidate *v = r->work;
    struct span pattern = target_id(VERB_AT(&r->order.target, struct target, v->pattern));
    struct span cursor = text_span(&v->cursor);

    v->page_us = clock_mono_us();
    v->at = 0;
    v->walked += PAGE_KEYS;
    step_act(r, NULL, 0, S("MULTI"));
    step_act(r, NULL, 0, S("SCAN"), cursor, S("MATCH"), pattern, S("COUNT"), S(PAGE_KEYS_TEXT), S("TYPE"),
             S("list"));
    step_act(r, NULL, 0, S("SCAN"), cursor, S("MATCH"), pattern, S("COUNT"), S(PAGE_KEYS_TEXT));
    step_act(r, on_page, 0, S("EXEC"));
    step_then(r, ask_types);
}

/* True when the target names one key and no more: it has no wildcard but escaped ones. Appends that key. */
static bool is_one_key(const struct target *t, UT_string *key)
{
    if (t->kind == TARGET_KEY) {
        text_add(key, target_id(t));
        return true;
    }
    return spelling_literal(target_id(t), key);
}

/* One look for a name without any wildcard: whether it exists is asked together with its type. */
static void look_at_key(struct runner *r, struct span key)
{
    struct invalidate *v = r->work;
    bool known = v->no_type_scan;

    keyset_clear(&v->unsure);
    v->at = 0;
    v->no_type_scan = true;
    if (!sort_by_name(r, key)) {
        keyset_add(&v->unsure, key);
    }
    v->no_type_scan = known;
    ask_types(r);
}

/* The next pattern: a walk, or one look. */
static void begin_pattern(struct runner *r)
{
    struct invalidate *v = r->work;
    UT_string key;

    if (v->more || v->pattern >= utarray_len(&r->order.target)) {
        invalidate_look_further(r);
        return;
    }
    const struct target *t = VERB_AT(&r->order.target, struct target, v->pattern);
    utstring_init(&key);
    utstring_clear(&v->cursor);
    text_add(&v->cursor, S("0"));
    v->walked = 0;
    if (is_one_key(t, &key)) {
        look_at_key(r, text_span(&key));
    } else {
        scan_page(r);
    }
    utstring_done(&key);
}

static void on_size(struct runner *r, const struct answer *a)
{
    struct invalidate *v = r->work;
    if (!reply_int(a->reply, &v->expected)) {
        v->expected = -1;
    }
}

static void name_subject(struct runner *r)
{
    struct invalidate *v = r->work;
    UT_string shown, tag;

    utstring_init(&shown);
    utstring_init(&tag);
    for (size_t i = 0; i < utarray_len(&r->order.target) && i < VERB_SAMPLE; i++) {
        const struct target *t = VERB_AT(&r->order.target, struct target, i);
        char *name = phrase_key(target_id(t)), *name_tag = phrase_key_tag(target_id(t));
        utstring_printf(&shown, "%s%s", i ? " " : "", name);
        utstring_printf(&tag, "%s%s", i ? " " : "", name_tag);
        mem_free(name);
        mem_free(name_tag);
    }
    v->subject = mem_strdup(utstring_body(&shown));
    v->subject_tag = mem_strdup(utstring_body(&tag));
    utstring_done(&shown);
    utstring_done(&tag);
}

static void plan(struct runner *r)
{
    struct invalidate *v = mem_zalloc(sizeof *v);

    r->work = v;
    v->expected = v->back = -1;
    families_init(&v->families);
    spellings_init(&v->spellings, r->options.families ? r->options.families : &v->families);
    utstring_init(&v->cursor);
    name_subject(r);
    for (size_t i = 0; i < utarray_len(&r->order.target); i++) {
        const struct target *t = VERB_AT(&r->order.target, struct target, i);
        if (t->id_len == 0) {
            verb_refuse(r, ACTION_REFUSED, "invalidate: an empty pattern");
            return;
        }
    }
    step_act(r, on_size, 0, S("DBSIZE"));
    step_then(r, begin_pattern);
}

const struct verb_ops verb_invalidate_ops = {
    .plan = plan, .run = invalidate_run, .release = invalidate_release, .must_see = true};
