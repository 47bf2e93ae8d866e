#include "phrase.h"
#include "requeue.h"

#include <inttypes.h>
#include <math.h>

#include "redai/base/utf8.h"

#include "redai/schema/message_redirect.h"
#include "redai/schema/unacked.h"

enum { TRIES = 50 }; /* `unacked` changes with every task that any worker takes or ends */

static void begin_one(struct runner *r);
static void try_one(struct runner *r);

static void finish(struct runner *r)
{
    const struct requeue *v = r->work;
    bool alone = v->search.count == 1 && r->last_text;

    if (!alone) {
        requeue_tell_unproven(r);
    }
    mem_free(r->plan.result);
    r->plan.result = phrase_make("%" PRId64, v->done);
    if (alone) {
        verb_finish(r, "requeue %s: %s", v->search.one[0]->shown, r->last_text);
    } else {
        verb_finish(r, "%" PRId64 " of %" PRId64 " messages put back", v->done, v->victims);
    }
}

static void next_one(struct runner *r)
{
    struct requeue *v = r->work;

    v->at++;
    verb_progress(r, (int64_t)v->at, (int64_t)v->search.count, "putting messages back");
    if (v->at < v->search.count && !r->stopped && !r->lost) {
        begin_one(r);
        return;
    }
    if (v->at < v->search.count) {
        verb_receipt(r, r->stopped ? ACTION_REFUSED : ACTION_FAILED, "", NULL, "%zu entries left: %s",
                     v->search.count - v->at, r->stopped ? "stopped" : "the connection was lost");
    }
    finish(r);
}

static const struct sought *this_one(const struct requeue *v)
{
    return v->search.one[v->at];
}

static void tell(struct runner *r, enum action_outcome outcome, const char *text)
{
    const struct requeue *v = r->work;
    verb_receipt(r, outcome, this_one(v)->shown, NULL, "%s", text);
    step_then(r, next_one);
}

static void put_back(struct runner *r)
{
    struct requeue *v = r->work;
    char *queue = utf8_sanitise_dup(span_of(v->queue), PHRASE_COLUMNS);
    v->done++;
    verb_receipt(r, ACTION_DONE, this_one(v)->shown, NULL, "put back into %s, next in line%s", queue,
                 v->put ? "" : " (the reply was lost; it was found)");
    mem_free(queue);
    step_then(r, next_one);
}

static void tell_traced(struct runner *r)
{
    const struct requeue *v = r->work;
    if (v->trace.position >= 0) {
        put_back(r);
    } else if (v->trace.taken) {
        tell(r, ACTION_UNKNOWN, "the reply never came: it lies in unacked, as before or taken anew");
    } else {
        tell(r, ACTION_UNKNOWN, "the reply never came, and it was not found");
    }
}

static void trace_one(struct runner *r)
{
    struct requeue *v = r->work;

    trace_release(&v->trace);
    v->trace.key = span_of(v->queue);
    v->trace.element = text_span(&v->element);
    v->trace.tag = this_one(v)->tag;
    v->trace.from_right = true;
    v->traces = (struct traces){.one = &v->trace, .count = 1};
    if (link_is_ready(r->home)) {
        traces_look(r, &v->traces, tell_traced);
    } else {
        tell_traced(r);
    }
}

/* ZREM, HDEL, RPUSH. */
static void on_exec(struct runner *r, const struct answer *a)
{
    struct requeue *v = r->work;
    int64_t gone = 0, length = 0;

    v->unsent = !a->reply && a->unsent;
    v->aborted = reply_type(a->reply) == REPLY_NIL;
    v->put = reply_int(reply_at(a->reply, 1), &gone) && gone == 1 &&
             reply_int(reply_at(a->reply, 2), &length) && length > 0;
    verb_keep_error(&v->error, a->reply);
    for (size_t i = 0; i < reply_count(a->reply); i++) {
        verb_keep_error(&v->error, reply_at(a->reply, i));
    }
}

static void executed(struct runner *r)
{
    struct requeue *v = r->work;

    if (v->put) {
        put_back(r);
    } else if (v->error) {
        verb_receipt(r, ACTION_FAILED, this_one(v)->shown, NULL, "the server refused it: %s", v->error);
        next_one(r);
    } else if (v->unsent) {
        tell(r, ACTION_FAILED, "not sent: the connection was lost");
    } else if (v->aborted && ++v->tries < TRIES && !r->stopped) {
        try_one(r);
    } else if (v->aborted) {
        tell(r, ACTION_CHANGED, "unacked changes too fast: nothing was done");
    } else {
        step_when_ready(r, trace_one);
    }
}

static void leave(struct runner *r, enum action_outcome outcome, const char *text)
{
    step_act(r, NULL, 0, S("UNWATCH"));
    tell(r, outcome, text);
}

static void transact(struct runner *r)
{
    struct requeue *v = r->work;
    struct span tag = span_of(this_one(v)->tag);

    if (r->lost || link_status(r->home)->connects != v->connects) {
        r->lost = true;
        tell(r, ACTION_FAILED, "not sent: the connection was lost");
    } else if (v->error) {
        leave(r, ACTION_FAILED, v->error);
    } else {
        step_act(r, NULL, 0, S("MULTI"));
        step_act(r, NULL, 0, S("ZREM"), S("unacked_index"), tag);
        step_act(r, NULL, 0, S("HDEL"), S("unacked"), tag);
        step_act(r, NULL, 0, S("RPUSH"), span_of(v->queue), text_span(&v->element));
        step_act(r, on_exec, 0, S("EXEC"));
        step_then(r, executed);
    }
}

/* Within a transaction a push that fails leaves its other half done. */
static void on_type(struct runner *r, const struct answer *a)
{
    struct requeue *v = r->work;
    struct span type = reply_text(a->reply);
    verb_keep_error(&v->error, a->reply);
    if (a->reply && !v->error && !span_equal(type, S("list")) && !span_equal(type, S("none"))) {
        v->error = mem_strdup("its queue is no list");
    }
}

static void seen(struct runner *r)
{
    struct requeue *v = r->work;
    const struct entry *e = &v->entry[v->at];
    bool same = v->score == e->score || (isnan(v->score) && isnan(e->score));

    if (r->lost) {
        tell(r, ACTION_FAILED, "not sent: the connection was lost");
    } else if (v->error) {
        leave(r, ACTION_FAILED, v->error);
    } else if (!v->there) {
        leave(r, ACTION_CHANGED, "it is no longer in unacked: done, or put back by a worker");
    } else if (!same) {
        leave(r, ACTION_CHANGED, "a worker has taken it anew since it was looked at");
    } else {
        step_act(r, on_type, 0, S("TYPE"), span_of(v->queue));
        step_then(r, transact);
    }
}

static void on_entry(struct runner *r, const struct answer *a)
{
    struct requeue *v = r->work;
    struct span value;
    UT_string queue, element;
    struct err err = {0};

    verb_keep_error(&v->error, a->reply);
    if (!reply_string(a->reply, &value)) {
        return;
    }
    utstring_init(&queue);
    utstring_init(&element);
    utstring_clear(&v->element);
    if (!unacked_decode(value, &queue, &element)) {
        mem_replace(&v->error, "the entry cannot be read");
    } else if (!message_put_back(text_span(&element), &v->element, &err)) {
        mem_replace(&v->error, err.text);
    } else if (utstring_len(&queue) == 0) {
        mem_replace(&v->error, "the entry names no queue");
    } else {
        v->there = true;
        mem_free(v->queue);
        v->queue = span_dup(text_span(&queue));
    }
    utstring_done(&queue);
    utstring_done(&element);
}

static void on_score(struct runner *r, const struct answer *a)
{
    struct requeue *v = r->work;
    requeue_on_score(a->reply, &v->score);
}

static void on_watched(struct runner *r, const struct answer *a)
{
    struct requeue *v = r->work;
    verb_keep_error(&v->error, a->reply);
}

static void try_one(struct runner *r)
{
    struct requeue *v = r->work;
    struct span tag = span_of(this_one(v)->tag);

    v->there = v->put = v->aborted = v->unsent = false;
    v->connects = link_status(r->home)->connects;
    step_act(r, on_watched, 0, S("WATCH"), S("unacked"), S("unacked_index"));
    step_act(r, on_entry, 0, S("HGET"), S("unacked"), tag);
    step_act(r, on_score, 0, S("ZSCORE"), S("unacked_index"), tag);
    step_then(r, seen);
}

static void begin_one(struct runner *r)
{
    struct requeue *v = r->work;

    v->tries = 0;
    mem_replace(&v->error, NULL);
    if (!this_one(v)->held) {
        tell(r, ACTION_GONE, "it is not in unacked");
    } else if (v->entry[v->at].refusal && v->search.collect) {
        step_then(r, next_one); /* nobody asked for it by name */
    } else if (v->entry[v->at].refusal) {
        verb_receipt(r, ACTION_REFUSED, this_one(v)->shown, NULL, "it stays: %s", v->entry[v->at].refusal);
        step_then(r, next_one);
    } else {
        try_one(r);
    }
}

void requeue_run(struct runner *r)
{
    begin_one(r);
}
