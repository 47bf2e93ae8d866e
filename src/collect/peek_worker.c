/* peek_worker: asks one worker for all it has and how it is made, and shows the answers. */
#include "collect_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/human.h"
#include "redai/base/secret.h"

#define PATIENCE_US (1500 * US_PER_MS)

/* In the order of the document. */
static const enum inspect_question wanted[] = {INSPECT_STATS,    INSPECT_QUEUES,    INSPECT_ACTIVE,
                                               INSPECT_RESERVED, INSPECT_SCHEDULED, INSPECT_REGISTERED};
enum { WANTED = sizeof wanted / sizeof wanted[0] };

void peek_worker_forget(struct collect *c)
{
    for (int q = 0; q < INSPECT_COUNT; q++) {
        mem_free(c->peek.worker.element[q]);
    }
    memset(&c->peek.worker, 0, sizeof c->peek.worker);
}

bool peek_worker_done(const struct collect *c)
{
    bool all = true;
    for (size_t i = 0; i < WANTED; i++) {
        all &= c->peek.worker.element[wanted[i]] != NULL;
    }
    return !c->peek.worker.open || all;
}

/* --- lines --- */

static void number_row(struct collect *c, const char *label, int64_t n)
{
    if (n >= 0) {
        peek_say(c, label, "%" PRId64, n);
    }
}

static void on_stats(void *ctx, const struct inspect_stats *s)
{
    struct collect *c = ctx;
    char up[24];
    peek_name(c, "pool", s->pool, VEIL_PLAIN);
    number_row(c, "concurrency", s->concurrency);
    number_row(c, "processes", s->processes);
    number_row(c, "prefetch", s->prefetch);
    number_row(c, "processed", s->processed);
    number_row(c, "pid", s->pid);
    peek_say(c, "up for", "%s", human_seconds(s->uptime_s, up, sizeof up));
    peek_say(c, "redelivery", "after %" PRId64 " s%s", s->visibility_s < 0 ? 3600 : s->visibility_s,
             s->visibility_s < 0 ? " (Celery's own)" : "");
}

static void on_queue(void *ctx, struct span name)
{
    peek_line(ctx, S("consumes"), name, TARGET_QUEUE, name)->veil = VEIL_PLAIN;
}

static void on_registered(void *ctx, struct span name, struct span rate_limit)
{
    UT_string text;
    utstring_init(&text);
    text_add(&text, name);
    if (rate_limit.len) {
        text_add(&text, S("  at most "));
        text_add(&text, rate_limit);
    }
    peek_name(ctx, "knows", text_span(&text), VEIL_PLAIN);
    utstring_done(&text);
}

static void on_task(void *ctx, const struct inspect_task *t)
{
    static const char *const label[] = {"runs", "reserved", "scheduled", "has"};
    UT_string text;
    char age[24];
    utstring_init(&text);
    text_add(&text, t->name);
    text_add(&text, S("  "));
    text_add(&text, t->id);
    if (t->started_wall_us > 0) {
        utstring_printf(&text, "  for %s",
                        human_duration(clock_wall_us() - t->started_wall_us, age, sizeof age));
    }
    if (t->eta_wall_us > 0) {
        utstring_printf(&text, "  in %s", human_duration(t->eta_wall_us - clock_wall_us(), age, sizeof age));
    }
    text_add(&text, S("  "));
    size_t plain = utstring_len(&text);
    secret_mask(t->args, &text);
    text_add(&text, S("  "));
    secret_mask(t->kwargs, &text);
    peek_line(ctx, span_of(label[t->hold]), text_span(&text), TARGET_TASK, t->id)->plain = plain;
    utstring_done(&text);
}

static void show(struct collect *c)
{
    struct inspect_visitor visitor = {on_stats, on_queue, on_task, on_registered, c};
    size_t missing = 0;
    for (size_t i = 0; i < WANTED; i++) {
        const struct worker_document *d = &c->peek.worker;
        struct inspect_answer a;
        if (!d->element[wanted[i]]) {
            missing++;
            continue;
        }
        struct span element = {d->element[wanted[i]], d->len[wanted[i]]};
        if (inspect_decode(element, wanted[i], &visitor, &a) && a.error) {
            peek_line(c, span_of(inspect_method[wanted[i]]), span_of(a.error), TARGET_NONE, S(""));
        } else if (a.cut) {
            peek_say(c, "", "the first %d of %" PRId64, INSPECT_ROWS_MAX, a.rows);
        }
        inspect_answer_release(&a);
    }
    c->peek.worker.open = false;
    peek_end(c, missing == WANTED ? "it did not answer within 1.5 s"
                : missing         ? "it did not answer all questions within 1.5 s"
                                  : "as it answered");
}

/* --- question and answer --- */

static bool is_wanted(int question)
{
    for (size_t i = 0; i < WANTED; i++) {
        if ((int)wanted[i] == question) {
            return true;
        }
    }
    return false;
}

void peek_worker_ask(struct collect *c)
{
    struct span name = target_id(&c->peek.subject);
    if (c->peek.subject.kind != TARGET_WORKER || !c->peek.busy) {
        return;
    }
    int64_t now = clock_mono_us();
    c->peek.worker.open = true;
    c->peek.worker.asked_us = now;
    for (int q = 0; q < INSPECT_COUNT; q++) {
        char ticket[32];
        snprintf(ticket, sizeof ticket, "d%u.%d", c->peek.generation, q);
        if (is_wanted(q) && !inspect_box_ask(c, (enum inspect_question)q, name, ticket)) {
            break;
        }
    }
    inspect_box_listen(c, now);
}

void peek_worker_answer(struct collect *c, unsigned generation, enum inspect_question question,
                        struct span element)
{
    struct worker_document *d = &c->peek.worker;
    if (d->open && generation == c->peek.generation && !d->element[question]) {
        d->element[question] = span_dup(element);
        d->len[question] = element.len;
    }
}

void peek_worker_step(struct collect *c, int64_t now_us)
{
    struct worker_document *d = &c->peek.worker;
    if (d->open && (peek_worker_done(c) || now_us - d->asked_us >= PATIENCE_US)) {
        show(c);
    } else if (c->peek.busy && !d->open && c->peek.subject.kind == TARGET_WORKER &&
               now_us - c->peek.begun_us > 2 * PATIENCE_US) {
        peek_end(c, "it could not be asked");
    }
}

void peek_worker(struct collect *c, struct span name)
{
    peek_name(c, "worker", name, VEIL_NODE);
    if (!inspect_asks(c)) {
        peek_end(c, "workers are not asked (read-only, a replica, or inspect is 0)");
        return;
    }
    c->inspect.want_document = true;
    inspect_box_want(c);
}
