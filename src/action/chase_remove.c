/* Taking messages out of their lists, and what a worker would have done then: write REVOKED, so that who
 * waits for the result does not wait for ever. Source: facts, sections 4 and 6.4. */
#include "chase.h"
#include "keep.h"

#include "redai/base/clock.h"

#include "redai/schema/result.h"

#define RESULT_TTL "3600" /* Celery's result_expires; the application's own setting is not to be seen */
#define REVOKED                                                                                              \
    "{\"exc_type\": \"TaskRevokedError\", \"exc_message\": [\"revoked\"], \"exc_module\": "                  \
    "\"celery.exceptions\"}"

static struct parcel *parcel_at(struct runner *r, size_t i)
{
    struct chase *c = r->work;
    return VERB_AT(&c->parcel, struct parcel, i);
}

static bool is_of_group(const struct chase *c, const struct parcel *p)
{
    return p->task >= c->at && p->task < c->end;
}

/* --- REVOKED --- */

static bool is_owed(const struct quarry *q)
{
    return q->removed > 0 && !q->final && !q->held;
}

static void read_back(struct runner *r)
{
    struct chase *c = r->work;
    for (size_t i = c->at; i < c->end; i++) {
        struct quarry *q = &c->task[i];
        q->meta_written = q->meta_tried && q->status && strcmp(q->status, "REVOKED") == 0;
    }
    step_then(r, c->then);
}

static void written(struct runner *r)
{
    struct chase *c = r->work;
    for (size_t i = c->at; i < c->end; i++) {
        if (c->task[i].meta_tried) {
            chase_ask_meta(r, i);
        }
    }
    step_then(r, read_back);
}

static void on_written(struct runner *r, const struct answer *a)
{
    struct chase *c = r->work;
    verb_keep_error(&c->task[a->tag].meta_error, a->reply);
    for (size_t i = 0; i < reply_count(a->reply); i++) {
        verb_keep_error(&c->task[a->tag].meta_error, reply_at(a->reply, i));
    }
}

static void write_one(struct runner *r, size_t i)
{
    struct chase *c = r->work;
    struct quarry *q = &c->task[i];
    char *key = keyname_of_result(q->id);
    UT_string meta;

    utstring_init(&meta);
    result_encode(q->id, "REVOKED", REVOKED, NULL, clock_wall_us(), &meta);
    step_result(r, on_written, i, S("MULTI"));
    step_result(r, on_written, i, S("SETEX"), span_of(key), S(RESULT_TTL), text_span(&meta));
    step_result(r, on_written, i, S("PUBLISH"), span_of(key), text_span(&meta));
    step_result(r, on_written, i, S("EXEC"));
    q->meta_tried = true;
    utstring_done(&meta);
    mem_free(key);
}

static void write_revoked(struct runner *r)
{
    struct chase *c = r->work;
    for (size_t i = c->at; i < c->end; i++) {
        /* A result that came meanwhile is never written over. */
        if (is_owed(&c->task[i]) && r->options.result && link_is_ready(r->options.result)) {
            write_one(r, i);
        }
    }
    step_then(r, written);
}

static void look_at_results(struct runner *r)
{
    struct chase *c = r->work;
    for (size_t i = c->at; i < c->end; i++) {
        if (c->task[i].parcels) {
            chase_ask_meta(r, i);
        }
    }
    step_then(r, write_revoked);
}

/* --- where is what had gone --- */

static void traced(struct runner *r)
{
    struct chase *c = r->work;
    size_t k = 0;

    for (size_t i = 0; i < utarray_len(&c->parcel); i++) {
        struct parcel *p = parcel_at(r, i);
        if (is_of_group(c, p) && p->removed == 0) {
            const struct trace *t = VERB_AT(&c->trace, struct trace, k++);
            p->taken = t->taken;
        }
    }
    look_at_results(r);
}

/* Between LREM's 0 and the entry in unacked a message is nowhere for a moment. */
static void trace_gone(struct runner *r)
{
    struct chase *c = r->work;

    utarray_clear(&c->trace);
    for (size_t i = 0; i < utarray_len(&c->parcel); i++) {
        struct parcel *p = parcel_at(r, i);
        struct quarry *q = &c->task[p->task];
        if (!is_of_group(c, p)) {
            continue;
        }
        q->removed += p->removed > 0 ? p->removed : 0;
        if (p->removed == 0) {
            /* Its result is read apart: one of an earlier attempt would pass for this one. */
            const struct trace t = {.key = span_of(p->key),
                                    .element = span_make(p->bytes, p->len),

                                    .tag = p->tag,
                                    .from_right = true,
                                    .position = -1,
                                    .length = -1};
            utarray_push_back(&c->trace, &t);
        }
    }
    if (utarray_len(&c->trace) == 0 || r->lost) {
        look_at_results(r);
        return;
    }
    c->traces = (struct traces){.one = VERB_AT(&c->trace, struct trace, 0), .count = utarray_len(&c->trace)};
    traces_look(r, &c->traces, traced);
}

static void on_removed(struct runner *r, const struct answer *a)
{
    struct parcel *p = parcel_at(r, a->tag);
    p->error = verb_error(a->reply);
    p->unsent = !a->reply && a->unsent;
    if (!reply_int(a->reply, &p->removed)) {
        p->removed = -1;
    }
    if (p->removed > 0 && keep_wants(r, a->tag)) {
        keep_message(r, span_of(p->key), span_make(p->bytes, p->len), true);
    }
}

void chase_remove(struct runner *r, step_fn then)
{
    struct chase *c = r->work;

    c->then = then;
    keep_begin(r);
    for (size_t i = 0; i < utarray_len(&c->parcel); i++) {
        const struct parcel *p = parcel_at(r, i);
        if (is_of_group(c, p)) {
            step_act(r, on_removed, i, S("LREM"), span_of(p->key), S("0"), span_make(p->bytes, p->len));
        }
    }
    step_then(r, trace_gone);
}
