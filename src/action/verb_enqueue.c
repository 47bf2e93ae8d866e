#include "known_task.h"
#include "literal.h"
#include "phrase.h"
#include "trace.h"
#include "verb.h"

#include <inttypes.h>

#include "redai/base/clock.h"
#include "redai/base/isotime.h"
#include "redai/base/num.h"
#include "redai/base/secret.h"
#include "redai/base/utf8.h"
#include "redai/base/uuid.h"

#include "redai/schema/message.h"

enum {
    BATCH_COUNT_AT = 1, /* batch_generate_questions(exam_id, count=10) */
    BATCH_COUNT = 10
};
#define VISIBILITY_US INT64_C(3600000000) /* Celery's default visibility timeout */
#define BATCH_TASK    "api.tasks.batch_generate_questions"
#define MAILBOXES     "_kombu.binding.celery.pidbox"

struct enqueue {
    char id[UUID_TEXT_SIZE], tag[UUID_TEXT_SIZE];
    char *queue;
    UT_string key, element;
    char *queue_shown, *task_shown;
    /* looked up */
    int64_t depth, workers; /* -1 unknown */
    bool bound, bound_known;
    /* what became of it */
    int64_t length; /* LPUSH's reply; -1 none */
    bool reply_lost, unsent;
    char *error;
    struct trace trace;
    struct traces traces;
};

static void release(void *work)
{
    struct enqueue *e = work;
    if (e) {
        utstring_done(&e->key);
        utstring_done(&e->element);
        mem_free(e->queue);
        mem_free(e->queue_shown);
        mem_free(e->task_shown);
        mem_free(e->error);
        trace_release(&e->trace);
        mem_free(e);
    }
}

static bool build(struct runner *r, struct err *err)
{
    struct enqueue *e = r->work;
    const struct order *o = &r->order;
    int64_t now = clock_wall_us();
    struct task_spec spec = {
        .task = o->task,
        .id = e->id,
        .args = o->args,
        .kwargs = o->kwargs,
        .queue = e->queue,
        .priority = o->priority,
        .eta_wall_us = o->countdown_us > 0 ? now + o->countdown_us : o->eta_wall_us,
        .expires_wall_us = o->expires_us > 0 ? now + o->expires_us : -1,
        .origin = r->options.origin,
        .delivery_tag = e->tag,
    };
    utstring_clear(&e->element);
    /* A malformed element makes a real worker exit: it is looked at once more as the bytes that leave. */
    return message_encode(&spec, &e->element, err) && message_check(text_span(&e->element), err);
}

/* --- plan --- */

static void on_depth(struct runner *r, const struct answer *a)
{
    struct enqueue *e = r->work;
    int64_t n;
    if (!reply_int(a->reply, &n)) {
        e->depth = -1;
    } else if (e->depth >= 0) {
        e->depth += n;
    }
}

static void on_bound(struct runner *r, const struct answer *a)
{
    struct enqueue *e = r->work;
    int64_t n;
    e->bound_known = reply_int(a->reply, &n);
    e->bound = e->bound_known && n > 0;
}

static void on_workers(struct runner *r, const struct answer *a)
{
    struct enqueue *e = r->work;
    if (!reply_int(a->reply, &e->workers)) {
        e->workers = -1;
    }
}

/* A session id among them is no more to be seen than anywhere else. */
static void say_repr(struct plan *p, const char *what, struct span repr)
{
    char *shown = secret_show_dup(repr, 2 * PHRASE_COLUMNS);
    plan_sample(p, "%s %s", what, shown);
    mem_free(shown);
}

static void say_arguments(struct runner *r, struct plan *p)
{
    UT_string repr;
    utstring_init(&repr);
    if (message_args_repr(r->order.args ? r->order.args : "[]", &repr)) {
        say_repr(p, "arguments", text_span(&repr));
    }
    utstring_clear(&repr);
    if (r->order.kwargs && message_kwargs_repr(r->order.kwargs, &repr)) {
        say_repr(p, "named arguments", text_span(&repr));
    }
    utstring_done(&repr);
}

static int64_t held_us(const struct order *o)
{
    return o->countdown_us > 0 ? o->countdown_us : o->eta_wall_us >= 0 ? o->eta_wall_us - clock_wall_us() : 0;
}

static void say_when(struct runner *r, struct plan *p)
{
    const struct order *o = &r->order;
    const struct enqueue *e = r->work;
    char eta[ISOTIME_SIZE];

    if (o->countdown_us > 0) {
        plan_sample(p, "not before %.3g s from confirming", (double)o->countdown_us / 1e6);
    } else if (o->eta_wall_us >= 0) {
        isotime_format(o->eta_wall_us, eta, sizeof eta);
        plan_sample(p, "not before %s%s", eta, held_us(o) <= 0 ? ", which is past: it runs at once" : "");
    }
    if (o->expires_us > 0) {
        plan_sample(p, "ends as REVOKED when no worker takes it within %.6g s", (double)o->expires_us / 1e6);
    }
    if (o->expires_us > 0 && held_us(o) >= o->expires_us) {
        plan_remark(p, "it expires before its time comes: it will not run");
    }
    if (o->priority > 0) {
        char *key = phrase_key(text_span(&e->key));
        plan_sample(p, "priority %d: in the list %s (0 is served first)", o->priority, key);
        mem_free(key);
    }
}

static void say_what_is_known(struct runner *r, struct plan *p)
{
    struct enqueue *e = r->work;
    if (e->depth >= 0) {
        plan_remark(p, "%" PRId64 " waiting in %s now", e->depth, e->queue_shown);
    } else {
        plan_remark(p, "how many wait in %s could not be read", e->queue_shown);
    }
    known_task_say(r, r->order.task);
    if (e->workers == 0) {
        plan_remark(p, "no worker has a mailbox: it seems that none runs, and this waits until one does");
    }
    if (e->bound_known && !e->bound) {
        plan_remark(p, "the queue %s has no binding: it seems that nobody consumes it", e->queue_shown);
    }
    if (held_us(&r->order) > VISIBILITY_US) {
        plan_remark(p,
                    "held longer than 1 h: Celery delivers it anew each hour, so it may run more than once");
    }
}

static void plan_end(struct runner *r)
{
    struct enqueue *e = r->work;
    struct plan *p = &r->plan;
    char *key = phrase_key(text_span(&e->key));

    plan_title(p, "enqueue %s in %s", e->task_shown, e->queue_shown);
    plan_command(p, "LPUSH %s <message of %zu bytes>", key, (size_t)utstring_len(&e->element));
    plan_sample(p, "task id %s", e->id);
    say_arguments(r, p);
    say_when(r, p);
    say_what_is_known(r, p);
    plan_ask(p, 1);
    p->result = mem_strdup(e->id);
    mem_free(key);
    verb_planned(r);
}

static void plan(struct runner *r)
{
    struct enqueue *e = mem_zalloc(sizeof *e);
    struct err err = {0};
    UT_string name;

    r->work = e;
    utstring_init(&e->key);
    utstring_init(&e->element);
    uuid_v4(e->id);
    uuid_v4(e->tag);
    e->workers = e->length = e->trace.position = e->trace.length = -1;
    e->trace.id = e->id;
    /* A copy: the routes may change while the question stands. */
    e->queue = mem_strdup(r->order.queue      ? r->order.queue
                          : r->options.routes ? routes_queue(r->options.routes, r->order.task)
                                              : "celery");
    e->queue_shown = utf8_sanitise_dup(span_of(e->queue), PHRASE_COLUMNS);
    e->task_shown = utf8_sanitise_dup(span_of(r->order.task), PHRASE_COLUMNS);
    message_list_key(span_of(e->queue), r->order.priority, &e->key);
    if (!build(r, &err)) {
        verb_refuse(r, ACTION_REFUSED, "%s", err.text);
        return;
    }
    utstring_init(&name);
    for (int i = 0; i < MESSAGE_PRIORITY_STEPS; i++) {
        utstring_clear(&name);
        message_list_key(span_of(e->queue), message_priority_step[i], &name);
        step_act(r, on_depth, 0, S("LLEN"), text_span(&name));
    }
    utstring_clear(&name);
    utstring_printf(&name, "_kombu.binding.%s", e->queue);
    step_act(r, on_bound, 0, S("EXISTS"), text_span(&name));
    step_act(r, on_workers, 0, S("SCARD"), S(MAILBOXES));
    utstring_done(&name);
    step_then(r, plan_end);
}

/* --- the receipt --- */

/* The count argument of a batch, for the batch pane: positional, named, or the platform's default. */
static int64_t batch_total(const struct order *o)
{
    struct span key, value;
    int64_t total = BATCH_COUNT;
    size_t at = 0;

    if (strcmp(o->task, BATCH_TASK) != 0) {
        return -1;
    }
    for (size_t i = 0; o->args && literal_next_member(span_of(o->args), &at, &key, &value); i++) {
        if (i == BATCH_COUNT_AT) {
            num_i64(value, &total);
        }
    }
    at = 0;
    while (o->kwargs && literal_next_member(span_of(o->kwargs), &at, &key, &value)) {
        if (span_equal(key, S("\"count\""))) {
            num_i64(value, &total);
        }
    }
    return total >= 0 ? total : -1;
}

static void tell(struct runner *r, enum action_outcome outcome, char *text)
{
    struct enqueue *e = r->work;
    char *tag = phrase_make("%s %s", e->task_shown, e->id);
    char *all = mem_strdup(text);
    struct action_receipt told = {
        .verb = VERB_ENQUEUE,
        .subject = e->task_shown,
        .outcome = outcome,
        .text = text,
        .task_id = e->id,
        .task_name = r->order.task,
        .batch_total = batch_total(&r->order),
    };
    verb_receipt_full(r, &told, tag);
    if (outcome == ACTION_FAILED || outcome == ACTION_REFUSED) {
        mem_replace(&r->plan.result, NULL);
    }
    verb_finish(r, "%s", all);
    mem_free(all);
    mem_free(tag);
    mem_free(text);
}

static void receipt(struct runner *r)
{
    const struct enqueue *e = r->work;
    char *text;
    enum action_outcome outcome = trace_pushed(&e->trace, e->queue_shown, e->length, e->reply_lost, &text);
    tell(r, outcome, text);
}

static void look(struct runner *r)
{
    struct enqueue *e = r->work;
    e->trace = (struct trace){.key = text_span(&e->key),
                              .element = text_span(&e->element),
                              .id = e->id,
                              .tag = e->tag,
                              .position = -1,
                              .length = -1};
    e->traces = (struct traces){.one = &e->trace, .count = 1};
    traces_look(r, &e->traces, receipt);
}

/* --- run --- */

static void on_pushed(struct runner *r, const struct answer *a)
{
    struct enqueue *e = r->work;
    e->unsent = !a->reply && a->unsent;
    e->reply_lost = !a->reply && !a->unsent;
    e->error = verb_error(a->reply);
    if (!reply_int(a->reply, &e->length)) {
        e->length = -1;
    }
}

static void look_when_back(struct runner *r)
{
    r->lost = false;
    if (link_is_ready(r->home)) {
        look(r);
    } else {
        receipt(r);
    }
}

static void pushed(struct runner *r)
{
    struct enqueue *e = r->work;
    if (e->unsent) {
        tell(r, ACTION_FAILED, mem_strdup("not sent: the connection was lost"));
    } else if (e->error) {
        tell(r, ACTION_FAILED, phrase_make("the server refused it: %s", e->error));
    } else if (e->reply_lost) {
        step_when_ready(r, look_when_back);
    } else if (e->length < 1) {
        tell(r, ACTION_UNKNOWN, mem_strdup("the server gave an answer that is no length"));
    } else {
        look(r);
    }
}

static void run(struct runner *r)
{
    struct enqueue *e = r->work;
    struct err err = {0};

    if (!build(r, &err)) {
        tell(r, ACTION_FAILED, mem_strdup(err.text));
        return;
    }
    step_act(r, on_pushed, 0, S("LPUSH"), text_span(&e->key), text_span(&e->element));
    step_then(r, pushed);
}

const struct verb_ops verb_enqueue_ops = {.plan = plan, .run = run, .release = release};
