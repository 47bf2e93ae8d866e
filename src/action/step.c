#include "own_reads.h"
#include "verb.h"

#include "redai/base/clock.h"

/* While a connection is waited for: how often it is looked at. */
#define READY_LOOK_US INT64_C(50000)

struct call {
    struct runner *r; /* NULL once the runner is gone */
    bool over;        /* the order is: its answer is only counted */
    answer_fn fn;
    size_t tag;
    bool act; /* on the act link: without its answer no plan can be made */
    enum own_read read;
    int64_t keys; /* of EXISTS */
    bool lenient; /* the plan can do without its answer */
    bool celery;  /* it looks at a key of Celery's own */
    struct call *prev, *next;
};

static void wake(struct runner *r)
{
    if (r->outstanding == 0 && r->next && !r->awaiting_link) {
        timer_set(r->timer, 0);
    }
}

static void count(struct runner *r, const struct call *c, const struct reply *reply)
{
    int64_t misses = r->own_misses;
    own_reads_count(c->read, c->keys, reply, &r->own_hits, &r->own_misses);
    r->own_celery_misses += c->celery ? r->own_misses - misses : 0;
}

static void deliver(struct runner *r, const struct call *c, const struct reply *reply, bool unsent)
{
    struct answer a = {.reply = reply, .unsent = unsent, .tag = c->tag};

    count(r, c, reply);
    if (!reply && c->act) {
        r->lost = true;
        if (r->state == RUNNER_PLANNING) {
            return; /* the plan is given up when the rest of the group is in */
        }
    }
    if (r->state == RUNNER_PLANNING && r->ops->must_see && c->act && !c->lenient && reply_is_error(reply) &&
        !span_starts(reply_error(reply), S("WRONGTYPE"))) {
        verb_keep_error(&r->refusal, reply);
    }
    if (c->fn) {
        c->fn(r, &a);
    }
}

static void on_reply(void *user, const struct reply *reply)
{
    struct call *c = user;
    struct runner *r = c->r;

    if (r && c->over) {
        DL_DELETE(r->owed, c);
        count(r, c, reply);
    } else if (r) {
        struct link *l = c->act ? r->options.act : r->options.result;
        DL_DELETE(r->calls, c);
        r->outstanding--;
        deliver(r, c, reply, !reply && link_unsent(l));
        wake(r);
    }
    mem_free(c);
}

void step_send(struct runner *r, struct link *l, answer_fn fn, size_t tag, size_t argc,
               const struct span *args)
{
    struct call *c = mem_zalloc(sizeof *c);

    *c = (struct call){.r = r, .fn = fn, .tag = tag, .act = l == r->options.act, .keys = (int64_t)argc - 1};
    c->read = own_reads_kind(args[0]);
    c->lenient = r->lenient;
    c->celery = argc > 1 && own_reads_of_celery(args[0], args[1]);
    r->outstanding++;
    if (l && link_send(l, on_reply, c, argc, args)) {
        DL_APPEND(r->calls, c);
    } else {
        DL_APPEND(r->unsent, c);
        timer_set(r->timer, 0);
    }
}

void step_then(struct runner *r, step_fn next)
{
    r->next = next;
    wake(r);
}

void step_after(struct runner *r, int64_t us, step_fn next)
{
    r->next = next;
    timer_set(r->timer, us);
}

void step_when_ready(struct runner *r, step_fn next)
{
    r->next = next;
    r->awaiting_link = true;
    r->deadline_us = clock_mono_us() + VERB_RECOVER_US;
    timer_set(r->timer, 0);
}

void step_clear(struct runner *r)
{
    struct call *c, *after;

    /* The link still owes these answers; they find nobody, but the server counts them. */
    DL_FOREACH(r->calls, c)
    {
        c->over = true;
    }
    DL_CONCAT(r->owed, r->calls);
    r->calls = NULL;
    DL_FOREACH_SAFE(r->unsent, c, after)
    {
        mem_free(c);
    }
    r->unsent = NULL;
    r->outstanding = 0;
    r->next = NULL;
    r->awaiting_link = false;
    timer_set(r->timer, -1);
}

void step_forget(struct runner *r)
{
    struct call *c, *after;

    DL_FOREACH_SAFE(r->owed, c, after)
    {
        DL_DELETE(r->owed, c);
        c->r = NULL;
    }
}

static void answer_unsent(struct runner *r)
{
    while (r->unsent) {
        struct call *c = r->unsent;
        DL_DELETE(r->unsent, c);
        r->outstanding--;
        deliver(r, c, NULL, true);
        mem_free(c);
    }
}

void step_on_timer(void *runner)
{
    struct runner *r = runner;

    answer_unsent(r);
    if (r->state == RUNNER_PLANNING && r->cancelled) {
        verb_refuse(r, ACTION_REFUSED, STEP_CANCELLED);
        return;
    }
    if (r->outstanding > 0 || !r->next) {
        return;
    }
    if (r->state == RUNNER_PLANNING && r->lost) {
        const char *why = link_status(r->options.act)->error;
        verb_refuse(r, ACTION_FAILED, "the connection was lost while looking up (%s): nothing was done",
                    *why ? why : "no reply");
        return;
    }
    if (r->state == RUNNER_PLANNING && r->refusal) {
        verb_refuse(r, ACTION_FAILED, "the server refused a look-up: %s: nothing was done", r->refusal);
        return;
    }
    if (r->awaiting_link) {
        if (!link_is_ready(r->options.act) && !r->stopped && clock_mono_us() < r->deadline_us) {
            timer_set(r->timer, READY_LOOK_US);
            return;
        }
        r->awaiting_link = false;
    }
    step_fn next = r->next;
    r->next = NULL;
    r->stepping = true;
    next(r);
    r->stepping = false;
    if (r->cancelled) {
        timer_set(r->timer, 0);
    }
}
