/* move: single waiting messages to another queue, at the same step of priority. What the message itself says
 * of its queue is rewritten, so that a redelivery puts it back there (facts, section 3.5). Taking it out and
 * putting it in are one transaction on the exact bytes that the plan saw; the list is watched, so that a
 * message which a worker takes at that moment is not run twice. */
#include "phrase.h"
#include "search.h"
#include "trace.h"
#include "verb.h"

#include <inttypes.h>

#include "redai/base/utf8.h"

#include "redai/schema/binding.h"
#include "redai/schema/message_redirect.h"

enum { TRIES = 20 }; /* a busy list changes between the look and the transaction */

struct move {
    struct search search;
    char *queue_shown;
    size_t at;
    int64_t moved;
    /* of the message at */
    UT_string key, element; /* where it goes, and as what */
    int tries;
    int64_t position; /* LPOS; -1 */
    bool swapped, unsent, aborted;
    char *error;
    int64_t connects; /* WATCH holds for one connection */
    struct trace trace[2];
    struct traces traces;
};

static void release(void *work)
{
    struct move *v = work;
    if (!v) {
        return;
    }
    trace_release(&v->trace[0]);
    trace_release(&v->trace[1]);
    utstring_done(&v->key);
    utstring_done(&v->element);
    mem_free(v->queue_shown);
    mem_free(v->error);
    search_release(&v->search);
    mem_free(v);
}

/* --- plan --- */

static int step_of(const struct sought *one)
{
    int step = 0;
    binding_split_list_key(span_of(one->list), &step);
    return step;
}

/* Why a message that waits is not moved; NULL: it is. */
static const char *obstacle(const struct runner *r, const struct sought *one, struct err *err)
{
    int step;
    UT_string moved;

    if (one->message.fate > MESSAGE_DROPPED) {
        return search_harm(&one->message);
    }
    if (span_equal(binding_split_list_key(span_of(one->list), &step), span_of(r->order.queue))) {
        return "it is there already";
    }
    utstring_init(&moved);
    bool good = message_redirect(text_span(&one->element), r->order.queue, &moved, err);
    utstring_done(&moved);
    return good ? NULL : err->text;
}

static void plan_end(struct runner *r)
{
    struct move *v = r->work;
    const struct search *s = &v->search;
    struct plan *p = &r->plan;
    struct err err = {0};
    int64_t count = 0, hindered = 0;

    if (!search_waiting(r)) {
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct sought *one = s->one[i];
        const char *why = one->waiting ? obstacle(r, one, &err) : NULL;
        if (!one->waiting) {
            continue;
        }
        count += !why;
        hindered += why != NULL;
        if (count + hindered <= VERB_SAMPLE) {
            char *line = search_describe(one);
            plan_sample(p, "%s%s%s", line, why ? "; not moved: " : "", why ? why : "");
            mem_free(line);
        }
    }
    if (!count) {
        verb_refuse(r, ACTION_REFUSED, "move: %s",
                    s->count == 1 ? obstacle(r, s->one[0], &err) : "none of them can be moved");
        return;
    }
    char *what = phrase_count(count, "message", NULL);
    plan_title(p, "move %s to %s", what, v->queue_shown);
    mem_free(what);
    plan_command(p, "WATCH <list>; MULTI; LREM <list> -1 <exact bytes>; LPUSH %s <message>; EXEC  x %" PRId64,
                 v->queue_shown, count);
    plan_remark(p, "it keeps its id and is put behind those that wait there");
    if (hindered) {
        char *those = phrase_count(hindered, "is not moved", "are not moved");
        plan_remark(p, "%s", those);
        mem_free(those);
    }
    search_say_absent(r);
    search_say(r);
    plan_ask(p, count);
    verb_planned(r);
}

static void plan(struct runner *r)
{
    struct move *v = mem_zalloc(sizeof *v);

    r->work = v;
    utstring_init(&v->key);
    utstring_init(&v->element);
    v->queue_shown = utf8_sanitise_dup(span_of(r->order.queue), PHRASE_COLUMNS);
    if (!search_init(r, &v->search)) {
        return;
    }
    if (!r->order.queue) {
        verb_refuse(r, ACTION_REFUSED, "move: to which queue? give --queue");
        return;
    }
    search_begin(r, SEARCH_LISTS | SEARCH_UNACKED | SEARCH_RESULTS, plan_end);
}

/* --- run: one after the other, since a connection watches for one transaction at a time --- */

static void begin_one(struct runner *r);
static void try_one(struct runner *r);

static void finish(struct runner *r)
{
    const struct move *v = r->work;

    mem_free(r->plan.result);
    r->plan.result = phrase_make("%" PRId64, v->moved);
    if (v->search.count == 1) {
        verb_finish(r, "move %s: %s", v->search.one[0]->shown, r->last_text);
    } else {
        verb_finish(r, "%" PRId64 " of %zu messages moved to %s", v->moved, v->search.count, v->queue_shown);
    }
}

static void next_one(struct runner *r)
{
    struct move *v = r->work;

    v->at++;
    verb_progress(r, (int64_t)v->at, (int64_t)v->search.count, "moving messages");
    if (v->at < v->search.count && !r->stopped && !r->lost) {
        begin_one(r);
        return;
    }
    if (v->at < v->search.count) {
        verb_receipt(r, r->stopped ? ACTION_REFUSED : ACTION_FAILED, "", NULL, "%zu messages left: %s",
                     v->search.count - v->at, r->stopped ? "stopped" : "the connection was lost");
    }
    finish(r);
}

static const struct sought *this_one(const struct move *v)
{
    return v->search.one[v->at];
}

/* Where it is, when the transaction did not say. */
static void tell_traced(struct runner *r)
{
    struct move *v = r->work;
    const struct sought *one = this_one(v);
    const struct trace *from = &v->trace[0], *to = &v->trace[1];

    if (to->position >= 0) {
        v->moved++;
        verb_receipt(r, ACTION_DONE, one->shown, NULL, "moved to %s (the reply was lost; it was found)",
                     v->queue_shown);
    } else if (from->position >= 0) {
        verb_receipt(r, ACTION_FAILED, one->shown, NULL, "it still waits in %s", one->list_shown);
    } else if (from->taken) {
        verb_receipt(r, ACTION_CHANGED, one->shown, NULL, "a worker has taken it meanwhile%s%s",
                     from->status ? ": " : "", from->status ? from->status : "");
    } else if (r->lost) {
        verb_receipt(r, ACTION_UNKNOWN, one->shown, NULL, "the reply never came, and it was not found");
    } else {
        verb_receipt(r, ACTION_CHANGED, one->shown, NULL, "it was no longer in %s", one->list_shown);
    }
    next_one(r);
}

static void trace_one(struct runner *r)
{
    struct move *v = r->work;
    const struct sought *one = this_one(v);

    trace_release(&v->trace[0]);
    trace_release(&v->trace[1]);
    v->trace[0].key = span_of(one->list);
    v->trace[0].element = text_span(&one->element);
    v->trace[0].id = one->message.id;
    v->trace[0].tag = one->message.delivery_tag;
    v->trace[0].from_right = true;
    v->trace[1].key = text_span(&v->key);
    v->trace[1].element = text_span(&v->element);
    v->traces = (struct traces){.one = v->trace, .count = r->lost ? 2 : 1};
    if (link_is_ready(r->home)) {
        traces_look(r, &v->traces, tell_traced);
    } else {
        tell_traced(r);
    }
}

static void on_exec(struct runner *r, const struct answer *a)
{
    struct move *v = r->work;
    int64_t removed = 0, length = 0;

    v->unsent = !a->reply && a->unsent;
    v->aborted = reply_type(a->reply) == REPLY_NIL;
    v->swapped = reply_int(reply_at(a->reply, 0), &removed) && removed == 1 &&
                 reply_int(reply_at(a->reply, 1), &length) && length > 0;
    for (size_t i = 0; i < 2 && !v->error; i++) {
        verb_keep_error(&v->error, reply_at(a->reply, i));
    }
    verb_keep_error(&v->error, a->reply);
}

static void swapped(struct runner *r)
{
    struct move *v = r->work;
    const struct sought *one = this_one(v);

    if (v->swapped) {
        v->moved++;
        verb_receipt(r, ACTION_DONE, one->shown, NULL, "moved from %s to %s", one->list_shown,
                     v->queue_shown);
        next_one(r);
    } else if (v->error) {
        verb_receipt(r, ACTION_FAILED, one->shown, NULL, "the server refused it: %s", v->error);
        next_one(r);
    } else if (v->unsent) {
        verb_receipt(r, ACTION_FAILED, one->shown, NULL, "not sent: the connection was lost");
        next_one(r);
    } else if (v->aborted && ++v->tries < TRIES && !r->stopped) {
        try_one(r);
    } else if (v->aborted) {
        verb_receipt(r, ACTION_CHANGED, one->shown, NULL, "%s changes too fast: nothing was done in %d tries",
                     one->list_shown, v->tries);
        next_one(r);
    } else {
        step_when_ready(r, trace_one);
    }
}

static void seen(struct runner *r)
{
    struct move *v = r->work;
    const struct sought *one = this_one(v);
    struct span key = span_of(one->list), element = text_span(&one->element);

    if (r->lost || link_status(r->home)->connects != v->connects) {
        r->lost = true;
        verb_receipt(r, ACTION_FAILED, one->shown, NULL, "not sent: the connection was lost");
        next_one(r);
    } else if (v->error) {
        step_act(r, NULL, 0, S("UNWATCH"));
        verb_receipt(r, ACTION_FAILED, one->shown, NULL, "not moved: %s", v->error);
        step_then(r, next_one);
    } else if (v->position < 0) {
        step_act(r, NULL, 0, S("UNWATCH"));
        trace_one(r);
    } else {
        step_act(r, NULL, 0, S("MULTI"));
        step_act(r, NULL, 0, S("LREM"), key, S("-1"), element);
        step_act(r, NULL, 0, S("LPUSH"), text_span(&v->key), text_span(&v->element));
        step_act(r, on_exec, 0, S("EXEC"));
        step_then(r, swapped);
    }
}

static void on_position(struct runner *r, const struct answer *a)
{
    struct move *v = r->work;
    if (!reply_int(a->reply, &v->position)) {
        v->position = -1;
    }
    verb_keep_error(&v->error, a->reply);
}

/* Within a transaction a push that fails leaves its other half done. */
static void on_type(struct runner *r, const struct answer *a)
{
    struct move *v = r->work;
    struct span type = reply_text(a->reply);
    verb_keep_error(&v->error, a->reply);
    if (a->reply && !v->error && !span_equal(type, S("list")) && !span_equal(type, S("none"))) {
        v->error = mem_strdup("the destination is no list");
    }
}

static void on_watched(struct runner *r, const struct answer *a)
{
    struct move *v = r->work;
    verb_keep_error(&v->error, a->reply);
}

static void try_one(struct runner *r)
{
    struct move *v = r->work;
    const struct sought *one = this_one(v);

    v->position = -1;
    v->connects = link_status(r->home)->connects;
    step_act(r, on_watched, 0, S("WATCH"), span_of(one->list));
    step_act(r, on_type, 0, S("TYPE"), text_span(&v->key));
    step_act(r, on_position, 0, S("LPOS"), span_of(one->list), text_span(&one->element), S("RANK"), S("-1"));
    step_then(r, seen);
}

static void begin_one(struct runner *r)
{
    struct move *v = r->work;
    const struct sought *one = this_one(v);
    struct err err = {0};
    const char *why = one->waiting ? obstacle(r, one, &err) : NULL;

    if (!one->waiting) {
        search_tell_absent(r, one);
        step_then(r, next_one);
        return;
    }
    utstring_clear(&v->key);
    utstring_clear(&v->element);
    if (why || !message_redirect(text_span(&one->element), r->order.queue, &v->element, &err)) {
        verb_receipt(r, ACTION_REFUSED, one->shown, NULL, "not moved: %s", why ? why : err.text);
        step_then(r, next_one);
        return;
    }
    message_list_key(span_of(r->order.queue), step_of(one), &v->key);
    v->tries = 0;
    mem_replace(&v->error, NULL);
    try_one(r);
}

static void run(struct runner *r)
{
    begin_one(r);
}

const struct verb_ops verb_move_ops = {.plan = plan, .run = run, .release = release};
