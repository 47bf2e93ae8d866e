#include "gate.h"
#include "hold.h"
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
    struct link *link;
    bool act;   /* on the home link: without its answer no plan can be made */
    bool apart; /* on another server than the application's: none of its reads */
    enum own_read read;
    int64_t keys; /* of EXISTS */
    bool lenient; /* the plan can do without its answer */
    bool celery;  /* it looks at a key of Celery's own */
    bool multi, exec;
    bool holds;        /* a MULTI that others wait for */
    struct call *held; /* they, in their order */
    struct held words; /* of one that waits */
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
    if (c->apart) {
        return;
    }
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

static bool is_apart(const struct runner *r, const struct link *l)
{
    const struct runner_options *o = &r->options;
    return l != o->act && ((l == o->broker && o->broker_apart) || (l == o->result && o->results_apart));
}

static void answer(struct runner *r, struct call *c, const struct reply *reply, bool unsent)
{
    r->outstanding--;
    deliver(r, c, reply, unsent);
    held_release(&c->words);
    mem_free(c);
}

static void send_call(struct runner *r, struct call *c, size_t argc, const struct span *args);

/* What has waited behind a MULTI: sent when the server took it; else everything up to EXEC gets the refusal
 * for an answer. Without any answer at all nothing of it has left. */
static void let_go_of_held(struct runner *r, struct call *multi, const struct reply *reply)
{
    bool within = !reply || reply_is_error(reply);
    struct call *c = multi->held, *next;
    multi->held = NULL; /* the list is left behind as a whole */
    for (; c; c = next) {
        bool last = c->exec;
        next = c->next;
        c->prev = c->next = NULL;
        within = within || (c->multi && reply_is_error(reply));
        if (within) {
            answer(r, c, reply, !reply);
        } else {
            send_call(r, c, c->words.argc, c->words.args);
            held_release(&c->words);
        }
        within = within && (!last || !reply);
    }
}

static void on_reply(void *user, const struct reply *reply)
{
    struct call *c = user;
    struct runner *r = c->r;

    if (r && c->over) {
        DL_DELETE(r->owed, c);
        count(r, c, reply);
        if (c->holds && reply && !reply_is_error(reply)) {
            hold_leave(c->link); /* the order ended before its transaction began */
        }
    } else if (r) {
        struct link *l = c->link;
        bool unsent = !reply && link_unsent(l);
        DL_DELETE(r->calls, c);
        if (r->multi[!c->act] == c) {
            r->multi[!c->act] = NULL;
        }
        if (c->exec && hold_is_open(reply)) {
            hold_leave(l);
        } else if (c->holds && reply_is_error(reply)) {
            hold_unwatch(l);
        }
        r->outstanding--;
        deliver(r, c, reply, unsent);
        let_go_of_held(r, c, reply);
        wake(r);
    }
    mem_free(c);
}

static void send_call(struct runner *r, struct call *c, size_t argc, const struct span *args)
{
    struct link *l = c->link;
    if (l && link_send(l, on_reply, c, argc, args)) {
        DL_APPEND(r->calls, c);
    } else {
        DL_APPEND(r->unsent, c);
        timer_set(r->timer, 0);
    }
}

void step_send(struct runner *r, struct link *l, answer_fn fn, size_t tag, size_t argc,
               const struct span *args)
{
    struct call *c = mem_zalloc(sizeof *c);

    *c = (struct call){.r = r,
                       .fn = fn,
                       .tag = tag,
                       .link = l,
                       .act = l == r->home,
                       .apart = is_apart(r, l),
                       .keys = (int64_t)argc - 1};
    c->read = own_reads_kind(args[0]);
    c->lenient = r->lenient;
    c->celery = argc > 1 && own_reads_of_celery(args[0], args[1]);
    c->multi = span_equal(args[0], S("MULTI"));
    c->exec = span_equal(args[0], S("EXEC"));
    r->outstanding++;
    struct call *open = r->multi[!c->act];
    if (open) {
        held_take(&c->words, argc, args);
        DL_APPEND(open->held, c);
        return;
    }
    if (c->multi && !r->unbound && l && link_is_ready(l)) {
        c->holds = true;
        r->multi[!c->act] = c;
    }
    send_call(r, c, argc, args);
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

static void drop_held(struct call *multi)
{
    struct call *c, *next;
    DL_FOREACH_SAFE(multi->held, c, next)
    {
        held_release(&c->words);
        mem_free(c);
    }
    multi->held = NULL;
}

void step_clear(struct runner *r)
{
    struct call *c, *after;

    /* The link still owes these answers; they find nobody, but the server counts them. */
    DL_FOREACH(r->calls, c)
    {
        c->over = true;
        drop_held(c);
    }
    r->multi[0] = r->multi[1] = NULL;
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
        const char *why = link_status(r->home)->error;
        verb_refuse(r, ACTION_FAILED, "the connection%s%s was lost while looking up (%s): nothing was done",
                    runner_where(r) ? " to " : "", runner_where(r) ? runner_where(r) : "",
                    *why ? why : "no reply");
        return;
    }
    if (r->state == RUNNER_PLANNING && r->refusal) {
        verb_refuse(r, ACTION_FAILED, "the server refused a look-up: %s: nothing was done", r->refusal);
        return;
    }
    if (r->awaiting_link) {
        if (!link_is_ready(r->home) && !r->stopped && clock_mono_us() < r->deadline_us) {
            timer_set(r->timer, READY_LOOK_US);
            return;
        }
        r->awaiting_link = false;
        gate_again_then(r, r->next);
        return;
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
