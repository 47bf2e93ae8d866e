#include "invalidate.h"
#include "keep.h"
#include "phrase.h"

#include <inttypes.h>

/* --- the receipt --- */

static enum action_outcome outcome_of(const struct runner *r)
{
    const struct invalidate *v = r->work;
    if (v->unknown > 0 || v->absent > 0) {
        return ACTION_UNKNOWN;
    }
    if (v->error || v->unsent > 0) {
        return ACTION_FAILED;
    }
    if (r->stopped && v->end < v->victim.count) {
        return ACTION_REFUSED;
    }
    return v->deleted > 0 ? ACTION_DONE : ACTION_GONE;
}

static void add_part(UT_string *text, int64_t n, const char *what)
{
    if (n > 0) {
        utstring_printf(text, "%s%" PRId64 " %s", utstring_len(text) ? ", " : "", n, what);
    }
}

static void receipt(struct runner *r)
{
    struct invalidate *v = r->work;
    UT_string rest;
    char *back = NULL;

    utstring_init(&rest);
    add_part(&rest, v->gone, "already gone");
    add_part(&rest, v->unknown, "unknown (the reply never came)");
    add_part(&rest, v->absent, "unknown (the reply never came; gone there)");
    add_part(&rest, v->unsent, "not sent (the connection was lost)");
    if (v->error) {
        utstring_printf(&rest, "%sthe server refused the rest: %s", utstring_len(&rest) ? ", " : "",
                        v->error);
    } else if (r->stopped) {
        add_part(&rest, (int64_t)(v->victim.count - v->end), "left, you stopped it");
    }
    if (v->back > 0) {
        back = phrase_make("; of %" PRId64 " looked at, %" PRId64 " are there again (filled anew)", v->looked,
                           v->back);
    }
    char *text =
        phrase_make("deleted %" PRId64 " of %zu%s%s%s%s", v->deleted, v->victim.count,
                    utstring_len(&rest) ? ": " : "", utstring_body(&rest), back ? back : "", keep_lost(r));
    mem_free(r->plan.result);
    r->plan.result = phrase_make("%" PRId64, v->deleted);
    verb_receipt(r, outcome_of(r), v->subject, v->subject_tag, "%s", text);
    verb_finish(r, "%s%s", text, r->elsewhere ? VERB_ELSEWHERE : "");
    mem_free(text);
    mem_free(back);
    utstring_done(&rest);
}

/* --- reading back --- */

static void send_keys(struct runner *r, const char *command, answer_fn fn, const size_t *index, size_t count)
{
    const struct invalidate *v = r->work;
    struct span args[VERB_GROUP + 1] = {span_of(command)};
    for (size_t i = 0; i < count; i++) {
        args[i + 1] = keyset_at(&v->victim, index[i]);
    }
    step_send(r, r->home, fn, 0, count + 1, args);
}

static void on_sample(struct runner *r, const struct answer *a)
{
    struct invalidate *v = r->work;
    if (!reply_int(a->reply, &v->back)) {
        v->back = -1;
    }
}

/* A look at some of those deleted, spread over all. A cache that fills them anew is no failure, but it is
 * worth saying. */
static void look_at_sample(struct runner *r)
{
    struct invalidate *v = r->work;
    size_t index[VERB_GROUP] = {0}, count = 0, step = v->end / VERB_GROUP + 1;

    for (size_t i = 0; i < v->end && count < VERB_GROUP; i += step) {
        index[count++] = i;
    }
    v->looked = (int64_t)count;
    if (count > 0 && link_is_ready(r->home)) {
        send_keys(r, "EXISTS", on_sample, index, count);
    }
    step_then(r, receipt);
}

/* --- batches --- */

static void on_left(struct runner *r, const struct answer *a)
{
    struct invalidate *v = r->work;
    int64_t n, batch = (int64_t)(v->end - v->at);
    if (reply_int(a->reply, &n) && n == 0 && r->elsewhere) {
        v->absent += batch;
    } else if (reply_int(a->reply, &n) && n == 0) {
        v->deleted += batch;
    } else {
        v->unknown += batch;
    }
}

/* The reply of a batch never came: it counts as deleted only when all of it is seen to be gone. */
static void look_at_batch(struct runner *r)
{
    struct invalidate *v = r->work;
    size_t index[VERB_GROUP] = {0};

    v->unsent += (int64_t)(v->victim.count - v->end);
    for (size_t i = v->at; i < v->end; i++) {
        index[i - v->at] = i;
    }
    if (link_is_ready(r->home)) {
        send_keys(r, "EXISTS", on_left, index, v->end - v->at);
    } else {
        v->unknown += (int64_t)(v->end - v->at);
    }
    step_then(r, receipt);
}

static void send_batch(struct runner *r);

static void was_sent(struct runner *r)
{
    struct invalidate *v = r->work;
    char *text;

    if (v->batch_lost) {
        step_when_ready(r, look_at_batch);
        return;
    }
    if (v->error || r->lost) {
        v->unsent += r->lost ? (int64_t)(v->victim.count - v->at) : 0;
        v->end = v->at;
        look_at_sample(r);
        return;
    }
    text = phrase_make("deleted %" PRId64, v->deleted);
    verb_progress(r, (int64_t)v->end, (int64_t)v->victim.count, text);
    mem_free(text);
    if (v->end < v->victim.count && !r->stopped) {
        v->at = v->end;
        send_batch(r);
    } else {
        look_at_sample(r);
    }
}

static void on_unlinked(struct runner *r, const struct answer *a)
{
    struct invalidate *v = r->work;
    int64_t n;
    if (reply_int(a->reply, &n)) {
        v->deleted += n;
        v->gone += (int64_t)(v->end - v->at) - n;
    } else if (!a->reply) {
        v->batch_lost = !a->unsent;
    } else {
        verb_keep_error(&v->error, a->reply);
    }
}

/* What is kept was read in the same transaction: the replies to that come first. */
static void on_exec(struct runner *r, const struct answer *a)
{
    struct invalidate *v = r->work;
    size_t at = 0;
    int64_t n;

    if (reply_type(a->reply) != REPLY_ARRAY) {
        v->batch_lost = !a->reply && !a->unsent;
        verb_keep_error(&v->error, a->reply);
        return;
    }
    for (size_t i = v->at; i < v->end; i++) {
        if (keep_wants(r, i)) {
            keep_take(r, keyset_at(&v->victim, i), reply_at(a->reply, at), reply_at(a->reply, at + 1));
            at += KEEP_ASKS;
        }
    }
    if (reply_int(reply_at(a->reply, at), &n)) {
        v->deleted += n;
        v->gone += (int64_t)(v->end - v->at) - n;
    } else {
        verb_keep_error(&v->error, reply_at(a->reply, at));
    }
}

/* A command that is refused while it is queued makes EXEC refuse all: the first reason is the true one. */
static void on_queued(struct runner *r, const struct answer *a)
{
    struct invalidate *v = r->work;
    verb_keep_error(&v->error, a->reply);
}

static void send_batch(struct runner *r)
{
    struct invalidate *v = r->work;
    size_t index[VERB_GROUP] = {0}, bytes = 0, kept = 0;

    for (v->end = v->at; v->end < v->victim.count && v->end - v->at < VERB_GROUP; v->end++) {
        bytes += keep_size(r, v->end);
        kept += keep_wants(r, v->end);
        if ((bytes > KEEP_GROUP_BYTES || kept > KEEP_GROUP) && v->end > v->at) {
            break;
        }
        index[v->end - v->at] = v->end;
    }
    if (kept == 0) {
        send_keys(r, "UNLINK", on_unlinked, index, v->end - v->at);
        step_then(r, was_sent);
        return;
    }
    step_act(r, on_queued, 0, S("MULTI"));
    for (size_t i = v->at; i < v->end; i++) {
        if (keep_wants(r, i)) {
            keep_ask(r, on_queued, 0, keyset_at(&v->victim, i));
        }
    }
    send_keys(r, "UNLINK", on_queued, index, v->end - v->at);
    step_act(r, on_exec, 0, S("EXEC"));
    step_then(r, was_sent);
}

/* --- what can be kept --- */

static struct span key_at(struct runner *r, size_t i)
{
    const struct invalidate *v = r->work;
    return keyset_at(&v->victim, i);
}

void invalidate_keep(struct runner *r)
{
    const struct invalidate *v = r->work;
    keep_look(r, v->victim.count, key_at, NULL, invalidate_plan_end);
}

void invalidate_run(struct runner *r)
{
    struct invalidate *v = r->work;
    v->at = v->end = 0;
    keep_begin(r);
    send_batch(r);
}
