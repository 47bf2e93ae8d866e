#include "chase.h"

#include "phrase.h"

#include <inttypes.h>

#include "redai/base/clock.h"
#include "redai/base/json_out.h"
#include "redai/base/num.h"
#include "redai/base/utf8.h"

#include "redai/schema/control.h"

enum {
    GROUP = 20, /* tasks told together: many at once freeze a worker */
    PAGE = 100,
    ANSWERS_SHOWN = 400, /* bytes of what workers said about one task */
    END_LOOKS = 10
};
#define LISTEN_US   INT64_C(1500000) /* how long answers are waited for; Celery's own clients wait 1 s */
#define LOOK_US     INT64_C(100000)
#define END_LOOK_US INT64_C(200000) /* a process that is killed writes its result when it is gone */
#define BOX_TTL     "60"            /* answers that come later than we listen go by themselves */

/* --- receipts --- */

/* How many should answer about a task: who has a mailbox, but no more than the listeners: a worker that was
 * killed leaves its mailbox behind, and others may listen too. 0: not known. */
static size_t expected_of(const struct chase *c, const struct quarry *q)
{
    size_t expected = chase_expected(c);
    if (q->receivers > 0 && (c->workers < 0 || (size_t)q->receivers < expected)) {
        expected = (size_t)q->receivers;
    }
    return expected;
}

/* A worker that did not hear of it runs the task all the same: only when all have, it is done. */
static void tell_heard(struct runner *r, const struct quarry *q)
{
    struct chase *c = r->work;
    size_t expected = expected_of(c, q);
    bool all = q->heard >= expected;
    bool unseen = q->place == PLACE_RUNNING && r->order.terminate && !q->final;
    char *workers = all ? phrase_count((int64_t)q->heard, "worker heard it", "workers heard it")
                        : phrase_make("%zu of %zu workers heard it", q->heard, expected);
    const char *rest = all                                 ? ""
                       : q->heard + q->refused >= expected ? "; the rest refused it"
                                                           : "; whether the rest heard it is not known";
    const char *now = q->final                    ? q->status
                      : unseen                    ? NULL
                      : q->place == PLACE_RUNNING ? "it goes on to its end"
                                                  : NULL;

    c->told += all;
    verb_receipt(r, all && !unseen ? ACTION_DONE : ACTION_UNKNOWN, q->shown, NULL, "%s: %s%s%s%s%s", workers,
                 utstring_body(&q->answers), rest, now ? "; now " : "", now ? now : "",
                 unseen ? "; its end was not seen: whether it was ended is not known" : "");
    mem_free(workers);
}

static void tell(struct runner *r, struct quarry *q)
{
    struct chase *c = r->work;

    if (q->error) {
        verb_receipt(r, ACTION_FAILED, q->shown, NULL, "the server refused it: %s", q->error);
    } else if (q->heard > 0) {
        tell_heard(r, q);
    } else if (q->refused > 0) {
        verb_receipt(r, ACTION_FAILED, q->shown, NULL, "refused by %s", utstring_body(&q->answers));
    } else if (q->receivers < 0 && !q->unsent) {
        verb_receipt(r, ACTION_UNKNOWN, q->shown, NULL, "the reply never came");
    } else if (q->unsent) {
        verb_receipt(r, ACTION_FAILED, q->shown, NULL, "not sent: the connection was lost");
    } else if (q->receivers == 0 || c->workers == 0) {
        verb_receipt(r, ACTION_FAILED, q->shown, NULL, "no worker heard this: it will run when they return");
    } else {
        char *listeners = phrase_count(q->receivers, "listener", NULL);
        verb_receipt(r, ACTION_UNKNOWN, q->shown, NULL,
                     "sent to %s, no worker answered within 1.5 s: whether one heard it is not known",
                     listeners);
        mem_free(listeners);
    }
}

static void finish(struct runner *r)
{
    const struct chase *c = r->work;
    const char *what = r->order.terminate ? "terminate" : "revoke";

    mem_free(r->plan.result);
    r->plan.result = phrase_make("%" PRId64, c->told);
    if (c->end < c->count) {
        verb_finish(r, "%s: workers heard of %" PRId64 " of %zu tasks; %zu not sent", what, c->told, c->count,
                    c->count - c->end);
    } else if (c->count == 1) {
        verb_finish(r, "%s task %s: %s", what, c->task[0].shown, r->last_text);
    } else {
        verb_finish(r, "%s: workers heard of %" PRId64 " of %zu tasks", what, c->told, c->count);
    }
}

/* --- groups --- */

static void tell_group(struct runner *r);

static void group_end(struct runner *r)
{
    struct chase *c = r->work;

    for (size_t i = c->at; i < c->end; i++) {
        tell(r, &c->task[i]);
    }
    verb_progress(r, (int64_t)c->end, (int64_t)c->count, "revoking tasks");
    if (c->end < c->count && !r->stopped && !r->lost && !c->broken) {
        c->at = c->end;
        tell_group(r);
        return;
    }
    if (c->end < c->count) {
        verb_receipt(r, r->stopped ? ACTION_REFUSED : ACTION_FAILED, "", NULL, "%zu tasks not sent: %s",
                     c->count - c->end, r->stopped ? "stopped" : "the connection was lost");
    }
    /* When somebody may still answer, the box stays for its time: emptied now, it would come back without
     * one. */
    if (c->all_answered && link_is_ready(r->options.act)) {
        step_act(r, NULL, 0, S("DEL"), span_of(c->box));
    }
    step_then(r, finish);
}

/* --- did it end? --- */

static void look_at_end(struct runner *r);

static void on_meta(struct runner *r, const struct answer *a)
{
    struct chase *c = r->work;
    chase_take_meta(&c->task[a->tag], a->reply);
}

static void looked_at_end(struct runner *r)
{
    struct chase *c = r->work;
    bool open = false;
    for (size_t i = c->at; i < c->end; i++) {
        const struct quarry *q = &c->task[i];
        open = open || (r->order.terminate && q->place == PLACE_RUNNING && q->heard > 0 && !q->final);
    }
    if (open && ++c->looks < END_LOOKS && !r->stopped) {
        step_after(r, END_LOOK_US, look_at_end);
    } else {
        group_end(r);
    }
}

static void look_at_end(struct runner *r)
{
    struct chase *c = r->work;
    for (size_t i = c->at; i < c->end && r->options.result && link_is_ready(r->options.result); i++) {
        char *key = phrase_make("celery-task-meta-%s", c->task[i].id);
        step_result(r, on_meta, i, S("GETRANGE"), span_of(key), S("0"), S(VERB_VALUE_LAST));
        mem_free(key);
    }
    step_then(r, looked_at_end);
}

/* --- listening --- */

static void take_answer(struct chase *c, struct span element)
{
    struct control_reply reply;
    int64_t index;

    if (!control_reply_decode(&reply, element)) {
        return;
    }
    if (reply.ticket && num_i64_range(span_of(reply.ticket), 0, (int64_t)c->count - 1, &index)) {
        struct quarry *q = &c->task[index];
        const char *said = reply.ok ? reply.ok : reply.error ? reply.error : reply.answer ? reply.answer : "";
        char *worker = utf8_sanitise_dup(span_of(reply.worker), PHRASE_COLUMNS);
        char *text = utf8_sanitise_dup(span_of(said), PHRASE_COLUMNS);
        q->heard += !reply.error;
        q->refused += reply.error != NULL;
        if (utstring_len(&q->answers) < ANSWERS_SHOWN) {
            utstring_printf(&q->answers, "%s%s (%s)", utstring_len(&q->answers) ? ", " : "", worker, text);
        }
        mem_free(worker);
        mem_free(text);
    }
    control_reply_release(&reply);
}

static void on_answers(struct runner *r, const struct answer *a)
{
    struct chase *c = r->work;
    /* New ones stand at the left; the last of the page is the oldest. */
    for (size_t i = reply_count(a->reply); i > 0; i--) {
        take_answer(c, reply_text(reply_at(a->reply, i - 1)));
        c->read++;
    }
}

/* Nobody is left who could still answer. */
static bool has_all(const struct chase *c)
{
    for (size_t i = c->at; i < c->end; i++) {
        const struct quarry *q = &c->task[i];
        size_t expected = expected_of(c, q);
        if (q->receivers > 0 && (expected == 0 || q->heard + q->refused < expected)) {
            return false;
        }
    }
    return true;
}

static void listen_on(struct runner *r);

static void heard_some(struct runner *r)
{
    struct chase *c = r->work;
    bool all = has_all(c);

    if (!all && !r->lost && !r->stopped && clock_mono_us() < c->until_us) {
        step_after(r, LOOK_US, listen_on);
        return;
    }
    c->all_answered = c->all_answered && all;
    c->looks = 0;
    look_at_end(r);
}

/* The box's oldest element is our own (it gives the list its TTL); unread answers lie left of those read. */
static void listen_on(struct runner *r)
{
    struct chase *c = r->work;
    char first[24], last[24];

    if (!link_is_ready(r->options.act)) {
        heard_some(r);
        return;
    }
    snprintf(first, sizeof first, "-%zu", c->read + 1 + PAGE);
    snprintf(last, sizeof last, "-%zu", c->read + 2);
    step_act(r, on_answers, 0, S("LRANGE"), span_of(c->box), span_of(first), span_of(last));
    step_then(r, heard_some);
}

static void listen_when_back(struct runner *r)
{
    r->lost = !link_is_ready(r->options.act);
    listen_on(r);
}

/* --- sending --- */

static void on_published(struct runner *r, const struct answer *a)
{
    struct chase *c = r->work;
    struct quarry *q = &c->task[a->tag];
    q->unsent = !a->reply && a->unsent;
    q->error = verb_error(a->reply);
    if (!reply_int(a->reply, &q->receivers)) {
        q->receivers = -1;
    }
}

static void published(struct runner *r)
{
    struct chase *c = r->work;

    c->until_us = clock_mono_us() + LISTEN_US;
    if (r->lost) {
        c->broken = true; /* the rest is not sent on another connection: it may be another server */
        step_when_ready(r, listen_when_back);
    } else {
        listen_on(r);
    }
}

static bool encode(struct runner *r, size_t i, UT_string *out, struct err *err)
{
    struct chase *c = r->work;
    char ticket[24];
    UT_string arguments;

    snprintf(ticket, sizeof ticket, "%zu", i);
    utstring_init(&arguments);
    text_add(&arguments, S("{\"task_id\": "));
    json_quote(span_of(c->task[i].id), &arguments);
    utstring_printf(&arguments, ", \"terminate\": %s, \"signal\": \"SIGTERM\"}",
                    r->order.terminate ? "true" : "false");
    bool ok = control_encode("revoke", utstring_body(&arguments), NULL, 0, ticket, c->box, out, err) &&
              control_check(text_span(out), err);
    utstring_done(&arguments);
    return ok;
}

static void publish(struct runner *r)
{
    struct chase *c = r->work;
    char *channel = phrase_make("/%d.celery.pidbox", r->options.db);
    UT_string payload;

    utstring_init(&payload);
    for (size_t i = c->at; i < c->end; i++) {
        struct err err = {0};
        utstring_clear(&payload);
        if (c->box_error) {
            c->task[i].error = mem_strdup(c->box_error);
        } else if (encode(r, i, &payload, &err)) {
            step_act(r, on_published, i, S("PUBLISH"), span_of(channel), text_span(&payload));
        } else {
            c->task[i].error = mem_strdup(err.text);
        }
    }
    utstring_done(&payload);
    mem_free(channel);
    step_then(r, published);
}

static void on_box(struct runner *r, const struct answer *a)
{
    struct chase *c = r->work;
    verb_keep_error(&c->box_error, a->reply);
}

static void box_made(struct runner *r)
{
    struct chase *c = r->work;
    if (r->lost) {
        for (size_t i = c->at; i < c->end; i++) {
            c->task[i].unsent = true;
        }
        group_end(r);
    } else {
        publish(r);
    }
}

/* An element of our own keeps the box there, with a TTL: a list that a late answer makes anew would stay for
 * ever. */
static void tell_group(struct runner *r)
{
    struct chase *c = r->work;

    c->end = c->at + GROUP < c->count ? c->at + GROUP : c->count;
    if (c->at == 0) {
        step_act(r, on_box, 0, S("LPUSH"), span_of(c->box), S("console"));
    }
    step_act(r, on_box, 0, S("EXPIRE"), span_of(c->box), S(BOX_TTL));
    step_then(r, box_made);
}

void chase_run(struct runner *r)
{
    struct chase *c = r->work;
    char id[UUID_TEXT_SIZE];

    uuid_v4(id);
    snprintf(c->box, sizeof c->box, "redai-console.reply.%s", id);
    c->at = c->end = 0;
    c->all_answered = true;
    tell_group(r);
}
