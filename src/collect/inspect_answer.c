/* inspect_answer: what workers answered becomes facts. An answer's ticket says which question of which round
 * it belongs to; one that comes late still shows that the worker lives. */
#include "collect_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/num.h"

#include "redai/schema/binding.h"

struct take {
    struct collect *c;
    struct span worker;
    UT_string *names;
};

static void add_name(struct take *t, struct span name)
{
    text_add(t->names, utstring_len(t->names) ? S(KOMBU_SEP) : S(""));
    text_add(t->names, name);
}

static void on_stats(void *ctx, const struct inspect_stats *s)
{
    struct take *t = ctx;
    struct fact f = {.kind = FACT_WORKER_STATS,
                     .worker_stats = {.name = t->worker,
                                      .pool = s->pool,
                                      .concurrency = s->concurrency,
                                      .processes = s->processes,
                                      .prefetch = s->prefetch,
                                      .uptime_s = s->uptime_s,
                                      .pid = s->pid,
                                      .processed = s->processed,
                                      .visibility_s = s->visibility_s}};
    collect_emit(t->c, &f);
}

static void on_queue(void *ctx, struct span name)
{
    struct take *t = ctx;
    add_name(t, name);
    queues_found(t->c, name, QUEUE_FOUND);
}

static void on_registered(void *ctx, struct span name, struct span rate_limit)
{
    struct take *t = ctx;
    add_name(t, name);
    if (rate_limit.len) {
        text_add(t->names, S(" "));
        text_add(t->names, rate_limit);
    }
}

static void on_task(void *ctx, const struct inspect_task *task)
{
    struct take *t = ctx;
    struct fact f = {
        .kind = FACT_TASK_HELD,
        .task_held = {.id = task->id,
                      .worker = t->worker,
                      .hold = task->hold,
                      .name = task->name,
                      .args = task->args,
                      .kwargs = task->kwargs,
                      .queue = task->queue,
                      .args_cut = span_ends(task->args, S("...")) || span_ends(task->kwargs, S("...")),
                      .started_wall_us = task->started_wall_us,
                      .eta_wall_us = task->eta_wall_us,
                      .pid = task->pid,
                      .redelivered = task->redelivered}};
    collect_emit(t->c, &f);
}

/* "12.3": question 3 of round 12; "d7.1": question 1 of the seventh document. */
static bool read_ticket(struct span ticket, bool *ret_document, unsigned *ret_round,
                        enum inspect_question *ret_question)
{
    int64_t round, question;
    *ret_document = span_starts(ticket, S("d"));
    ticket = span_skip(ticket, *ret_document);
    size_t dot = span_find(ticket, '.');
    if (dot == ticket.len || !num_i64_range(span_head(ticket, dot), 0, UINT32_MAX, &round) ||
        !num_i64_range(span_skip(ticket, dot + 1), 0, INSPECT_COUNT - 1, &question)) {
        return false;
    }
    *ret_round = (unsigned)round;
    *ret_question = (enum inspect_question)question;
    return true;
}

static void tell_alive(struct collect *c, struct span worker, int64_t round_trip_us)
{
    struct fact f = {.kind = FACT_WORKER_ANSWER, .worker_answer = {worker, true, round_trip_us}};
    collect_emit(c, &f);
}

static void tell_holds_known(struct collect *c, struct known_worker *w)
{
    static const unsigned holds =
        (1u << INSPECT_ACTIVE) | (1u << INSPECT_RESERVED) | (1u << INSPECT_SCHEDULED);
    if ((w->answered & holds) != holds || w->cut) {
        return;
    }
    struct fact f = {
        .kind = FACT_TASK_SWEEP,
        .task_sweep = {
            .scope = SWEEP_WORKER, .name = {w->name, w->len}, .begun_us = c->inspect.asked_us, .seen = -1}};
    collect_emit(c, &f);
}

static void take_answer(struct collect *c, struct known_worker *w, enum inspect_question question,
                        struct span element)
{
    UT_string names;
    utstring_init(&names);
    struct span worker = {w->name, w->len};
    struct take t = {c, worker, &names};
    struct inspect_visitor visitor = {on_stats, on_queue, on_task, on_registered, &t};
    struct inspect_answer a;
    bool good = inspect_decode(element, question, &visitor, &a) && !a.error;
    bool first = !(w->answered & (1u << question));
    w->answered |= 1u << question;
    w->cut |= !good || a.cut;
    struct fact f = {.kind = FACT_WORKER_QUEUES, .worker_queues = {worker, text_span(&names)}};
    switch (question) {
    case INSPECT_PING:
        tell_alive(c, worker, clock_mono_us() - c->inspect.asked_us);
        break;
    case INSPECT_QUEUES:
        w->introduced = true;
        if (good) {
            collect_emit(c, &f);
        }
        break;
    case INSPECT_REGISTERED:
        if (good) {
            f = (struct fact){.kind = FACT_WORKER_NAMES, .worker_names = {worker, text_span(&names)}};
            collect_emit(c, &f);
        }
        break;
    case INSPECT_ACTIVE:
    case INSPECT_RESERVED:
    case INSPECT_SCHEDULED:
        if (first) {
            tell_holds_known(c, w);
        }
        break;
    default:
        break;
    }
    inspect_answer_release(&a);
    utstring_done(&names);
}

void inspect_answer_take(struct collect *c, struct span element)
{
    struct inspect_answer a;
    unsigned round;
    bool document;
    enum inspect_question question;
    struct known_worker *w = NULL;
    if (inspect_peek(element, &a) && read_ticket(span_of(a.ticket), &document, &round, &question)) {
        w = inspect_worker(c, span_of(a.worker));
    }
    if (w && document) {
        peek_worker_answer(c, round, question, element);
    } else if (w && c->inspect.open && round == c->inspect.round) {
        take_answer(c, w, question, element);
    } else if (w && question == INSPECT_PING) {
        tell_alive(c, (struct span){w->name, w->len}, -1); /* late, but alive */
    }
    inspect_answer_release(&a);
}
