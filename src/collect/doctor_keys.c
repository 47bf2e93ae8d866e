/* doctor_keys: what the doctor looks for among the keys: a prefix of all that is Celery's, cached exams of
 * which one's pattern takes the other, how long results and progress stay. Bounded: some pages, some samples.
 */
#include "collect_priv.h"
#include "doctor.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/num.h"

#define BINDING     "_kombu.binding."
#define META        "celery-task-meta-"
#define EXAM        "exam:"
#define DIGITS_MOST 12
enum { NUMBERS_MAX = 500 };

/* --- bounded walks --- */

/* Takes the cursor of a page; false: it was none. */
static bool take_page(struct collect *c, const struct reply *r)
{
    struct doctor_walk *w = &c->doctor.walk;
    struct span cursor;
    if (reply_count(r) != 2 || !reply_string(reply_at(r, 0), &cursor) || cursor.len >= sizeof w->cursor) {
        w->over = true;
        return false;
    }
    snprintf(w->cursor, sizeof w->cursor, "%.*s", (int)cursor.len, cursor.data);
    w->pages++;
    w->whole = strcmp(w->cursor, "0") == 0;
    w->over = w->whole || w->pages >= DOCTOR_PAGES;
    return true;
}

static bool ask_page(struct collect *c, const char *pattern, doctor_fn fn)
{
    char count[16];
    snprintf(count, sizeof count, "%d", DOCTOR_PAGE_KEYS);
    if (!c->doctor.walk.over && !c->doctor.in_flight) {
        doctor_ask(c, c->poll, fn, 0, 6,
                   (const struct span[]){S("SCAN"), span_of(c->doctor.walk.cursor), S("MATCH"),
                                         span_of(pattern), S("COUNT"), span_of(count)});
    }
    return c->doctor.walk.over;
}

static void tell_cut(struct collect *c, const char *name)
{
    char why[80];
    snprintf(why, sizeof why, "only the first %d keys were looked through", DOCTOR_PAGES * DOCTOR_PAGE_KEYS);
    doctor_tell_unknown(c, name, span_of(why));
}

/* --- a prefix of Celery's keys --- */

static void on_bindings(struct collect *c, size_t index, const struct reply *r)
{
    struct doctor *d = &c->doctor;
    const struct reply *keys = reply_at(r, 1);
    (void)index;
    if (!take_page(c, r)) {
        doctor_tell_unknown(c, "celery.prefix", collect_error(r));
        return;
    }
    for (size_t i = 0; i < reply_count(keys) && !d->prefix[0]; i++) {
        struct span key = reply_text(reply_at(keys, i));
        size_t at = span_search(key, S(BINDING));
        if (at > 0 && at < key.len && at < sizeof d->prefix) {
            snprintf(d->prefix, sizeof d->prefix, "%.*s", (int)at, key.data);
            d->walk.over = true;
        }
    }
    if (!d->walk.over) {
        return;
    }
    if (d->walk.whole || d->prefix[0]) {
        doctor_tell(c, "celery.prefix", span_of(d->prefix));
    } else {
        tell_cut(c, "celery.prefix");
    }
}

bool doctor_prefix(struct collect *c)
{
    return ask_page(c, "?*" BINDING "*", on_bindings);
}

/* --- exam:1 and exam:10 --- */

static void add_number(struct doctor *d, struct span key)
{
    struct span rest = span_skip(key, sizeof EXAM - 1);
    struct span digits = span_head(rest, span_find(rest, ':'));
    int64_t number;
    if (digits.len > DIGITS_MOST || !num_i64_range(digits, 0, INT64_MAX, &number)) {
        return;
    }
    for (unsigned i = 0; i < utarray_len(&d->number); i++) {
        if (*(const int64_t *)utarray_eltptr(&d->number, i) == number) {
            return;
        }
    }
    if (utarray_len(&d->number) < NUMBERS_MAX) {
        utarray_push_back(&d->number, &number);
    }
}

/* Whether the digits of a begin those of b. */
static bool begins(int64_t a, int64_t b)
{
    while (b > a && b > 0) {
        b /= 10;
    }
    return a > 0 && b == a;
}

static bool find_overlap(const struct doctor *d, char *out, size_t size)
{
    const int64_t *n = (const int64_t *)(const void *)d->number.d;
    unsigned count = utarray_len(&d->number);
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 0; k < count; k++) {
            if (n[k] > n[i] && begins(n[i], n[k])) {
                snprintf(out, size, EXAM "%" PRId64 " " EXAM "%" PRId64, n[i], n[k]);
                return true;
            }
        }
    }
    return false;
}

static void on_exams(struct collect *c, size_t index, const struct reply *r)
{
    struct doctor *d = &c->doctor;
    const struct reply *keys = reply_at(r, 1);
    char pair[2 * (sizeof EXAM + 24)] = "";
    (void)index;
    if (!take_page(c, r)) {
        doctor_tell_unknown(c, "cache.overlap", collect_error(r));
        return;
    }
    for (size_t i = 0; i < reply_count(keys); i++) {
        add_number(d, reply_text(reply_at(keys, i)));
    }
    bool found = find_overlap(d, pair, sizeof pair);
    d->walk.over = d->walk.over || found;
    if (d->walk.over && (found || d->walk.whole)) {
        doctor_tell(c, "cache.overlap", span_of(pair));
    } else if (d->walk.over) {
        tell_cut(c, "cache.overlap");
    }
}

bool doctor_overlap(struct collect *c)
{
    return ask_page(c, EXAM "[0-9]*", on_exams);
}

/* --- how long results stay --- */

static void tell_results(struct collect *c)
{
    struct doctor *d = &c->doctor;
    doctor_tell_number(c, "results.sampled", d->results);
    doctor_tell_number(c, "results.lasting", d->lasting);
    doctor_tell_number(c, "results.longest_ms", d->longest_ms);
}

static void on_result_ttl(struct collect *c, size_t index, const struct reply *r)
{
    struct doctor *d = &c->doctor;
    int64_t ttl;
    if (reply_int(r, &ttl)) {
        collect_tally_site(c, SITE_RESULTS, ttl != -2);
        d->results += ttl != -2;
        d->lasting += ttl == -1;
        d->longest_ms = ttl > d->longest_ms ? ttl : d->longest_ms;
    }
    if (index + 1 < d->samples) {
        return;
    }
    if (d->results || !reply_is_error(r)) {
        tell_results(c);
    } else {
        doctor_tell_unknown(c, "results.sampled", collect_error(r));
    }
}

static void on_results(struct collect *c, size_t index, const struct reply *r)
{
    struct doctor *d = &c->doctor;
    const struct reply *keys = reply_at(r, 1);
    (void)index;
    if (reply_count(r) != 2) {
        doctor_tell_unknown(c, "results.sampled", collect_error(r));
        return;
    }
    for (size_t i = 0; i < reply_count(keys) && d->samples < DOCTOR_SAMPLE; i++) {
        struct span key = reply_text(reply_at(keys, i));
        if (key.len && key.len < sizeof d->sample[0].key) {
            memcpy(d->sample[d->samples].key, key.data, key.len);
            d->sample[d->samples++].len = key.len;
        }
    }
    if (!d->samples) {
        tell_results(c);
    }
}

bool doctor_results(struct collect *c)
{
    struct doctor *d = &c->doctor;
    if (!link_is_ready(c->result)) {
        doctor_tell_unknown(c, "results.sampled", S("there is no connection to the database of the results"));
        return true;
    }
    if (d->sent == 0) {
        d->longest_ms = -1;
        d->sent += doctor_ask(
            c, c->result, on_results, 0, 6,
            (const struct span[]){S("SCAN"), S("0"), S("MATCH"), S(META "*"), S("COUNT"), S("1000")});
        return false;
    }
    if (d->sent == 1 && d->in_flight) {
        return false;
    }
    while (d->sent <= d->samples) {
        size_t i = d->sent - 1;
        if (!doctor_ask(c, c->result, on_result_ttl, i, 2,
                        (const struct span[]){S("PTTL"), span_make(d->sample[i].key, d->sample[i].len)})) {
            return false;
        }
        d->sent++;
    }
    return true;
}

/* --- the progress of a batch that has ended, and its result --- */

static void on_batch_ttl(struct collect *c, size_t index, const struct reply *r)
{
    static const char *const names[] = {"batch.progress_ms", "batch.result_ms"};
    int64_t ttl;
    if (!reply_int(r, &ttl)) {
        doctor_tell_unknown(c, names[index], collect_error(r));
        return;
    }
    if (index == 0) {
        collect_tally(c, ttl != -2);
    } else {
        collect_tally_site(c, SITE_RESULTS, ttl != -2);
    }
    doctor_tell_number(c, names[index], ttl);
}

static const struct watched_batch *ended_batch(struct collect *c)
{
    const struct watched_batch *b, *next;
    hash_each (c->batches, b, next) {
        if (b->final && b->key_seen && !b->key_gone) {
            return b;
        }
    }
    return NULL;
}

bool doctor_batch(struct collect *c)
{
    struct doctor *d = &c->doctor;
    const struct watched_batch *b = ended_batch(c);
    UT_string key;
    if (d->sent == 2 || (d->sent == 0 && (!b || !link_is_ready(c->result)))) {
        if (d->sent == 0) {
            doctor_tell_unknown(c, "batch.progress_ms",
                                S("no batch has ended whose progress is still stored"));
        }
        return true;
    }
    if (!b) {
        return true;
    }
    utstring_init(&key);
    text_add(&key, d->sent ? S(META) : S("batch:progress:"));
    text_add(&key, span_make(b->id, b->len));
    d->sent += doctor_ask(c, d->sent ? c->result : c->poll, on_batch_ttl, d->sent, 2,
                          (const struct span[]){S("PTTL"), text_span(&key)});
    utstring_done(&key);
    return d->sent == 2;
}
