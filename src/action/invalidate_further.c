/* Looking further than the patterns: one bounded, paced walk over the keys with the same prefix, for those
 * that hold the same argument in another spelling. Names are all it reads. */
#include "invalidate.h"
#include "phrase.h"

#include <inttypes.h>

#include "redai/base/clock.h"

/* Most keys of a page have the prefix and are told: half as many as else at once. */
enum { PAGE_KEYS = 500, PAGES_MAX = 2000 };
#define PAGE_KEYS_TEXT "500"

static void next_argument(struct runner *r);
static void scan_page(struct runner *r);

static void after_page(struct runner *r)
{
    struct invalidate *v = r->work;

    if (span_equal(text_span(&v->cursor), S("0"))) {
        v->at++;
        next_argument(r);
        return;
    }
    if (v->pages >= PAGES_MAX) {
        v->spellings.cut = true;
        invalidate_keep(r);
        return;
    }
    verb_progress(r, v->walked < v->expected ? v->walked : v->expected, v->expected,
                  "looking for other spellings");
    step_after(r, invalidate_rest_us(v), scan_page);
}

static void on_page(struct runner *r, const struct answer *a)
{
    struct invalidate *v = r->work;
    struct span cursor = reply_text(reply_at(a->reply, 0));
    const struct reply *keys = reply_at(a->reply, 1);

    utstring_clear(&v->cursor);
    text_add(&v->cursor, cursor.len ? cursor : S("0"));
    for (size_t i = 0; i < reply_count(keys); i++) {
        struct span key = reply_text(reply_at(keys, i));
        spellings_take(&v->spellings, v->at, key, !keyset_has(&v->victim, key));
    }
}

static void scan_page(struct runner *r)
{
    struct invalidate *v = r->work;
    UT_string scope;

    utstring_init(&scope);
    spellings_scope(&v->spellings, v->at, &scope);
    v->page_us = clock_mono_us();
    v->pages++;
    v->walked += PAGE_KEYS;
    step_act(r, on_page, 0, S("SCAN"), text_span(&v->cursor), S("MATCH"), text_span(&scope), S("COUNT"),
             S(PAGE_KEYS_TEXT));
    step_then(r, after_page);
    utstring_done(&scope);
}

static void next_argument(struct runner *r)
{
    struct invalidate *v = r->work;

    if (v->at >= spellings_count(&v->spellings)) {
        invalidate_keep(r);
        return;
    }
    utstring_clear(&v->cursor);
    text_add(&v->cursor, S("0"));
    v->walked = 0;
    scan_page(r);
}

/* A name that was found is what was meant: a person pointed at it. A pattern may have been meant to take more
 * than it does, and what matches nothing certainly was. */
void invalidate_look_further(struct runner *r)
{
    struct invalidate *v = r->work;
    UT_string key;

    utstring_init(&key);
    for (size_t i = 0; !v->more && i < utarray_len(&r->order.target) && i < SPELLING_ARGUMENTS_MAX; i++) {
        const struct target *t = VERB_AT(&r->order.target, struct target, i);
        utstring_clear(&key);
        if (t->kind == TARGET_PATTERN && (v->victim.count == 0 || !spelling_literal(target_id(t), &key))) {
            spellings_add(&v->spellings, target_id(t));
        }
    }
    utstring_done(&key);
    v->at = 0;
    next_argument(r);
}
