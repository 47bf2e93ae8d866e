/* mailbox_manage: what a worker does with itself when it is told to. Answers in Celery's own words. */
#include "demo/worker_priv.h"

/* --- events --- */

static void answer_enable_events(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    mailbox_say(out, "ok", w->has_events ? "task events already enabled" : "task events enabled");
    w->has_events = true;
}

static void answer_disable_events(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    bool can = w->has_events && !w->events_always;
    (void)r;
    mailbox_say(out, "ok", can ? "task events disabled" : "task events already disabled");
    w->has_events = w->has_events && !can;
}

static void answer_heartbeat(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    events_beat_now(w);
    text_add(out, S("null"));
}

/* --- pool --- */

enum { POOL_MAX = 1000 };

static int pool_step(const struct control_request *r)
{
    double n = 1;
    control_argument_number(r, "n", &n);
    return n > 0 && n < POOL_MAX ? (int)n : 0;
}

static void answer_pool_grow(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    int n = pool_step(r);

    n = w->processes + n > POOL_MAX ? POOL_MAX - w->processes : n;
    w->processes += n;
    w->limit += n * w->multiplier;
    mailbox_say(out, "ok", "pool will grow");
    task_run_next(w);
    take_more(w);
}

/* Idle ones end at once; when there are too few of them, those that could end have, and the prefetch count
 * stays: Celery's own way. */
static void answer_pool_shrink(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    int n = pool_step(r);
    int idle = w->processes - w->tally.running;

    idle = idle < 0 ? 0 : idle;
    w->processes -= n < idle ? n : idle;
    if (n > idle) {
        mailbox_say(out, "error", "ValueError(\"Can't shrink pool. All processes busy!\")");
        return;
    }
    w->limit -= n * w->multiplier;
    mailbox_say(out, "ok", "pool will shrink");
}

static void answer_pool_restart(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)w;
    (void)r;
    mailbox_say(out, "error", "ValueError('Pool restarts not enabled')");
}

static void answer_autoscale(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)w;
    (void)r;
    mailbox_say(out, "error", "ValueError('Autoscale not enabled')");
}

/* --- queues --- */

static void change_consumer(struct demo_worker *w, const struct control_request *r, UT_string *out,
                            void (*change)(struct demo_worker *w, const char *queue), const char *words)
{
    char *queue = NULL;

    if (control_argument_text(r, "queue", &queue) != ARGUMENT_OK || !queue[0]) {
        mailbox_say_missing(out, r->method, "queue");
    } else {
        change(w, queue);
        mailbox_say(out, "ok", "%s %s", words, queue);
    }
    mem_free(queue);
}

static void answer_add_consumer(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    change_consumer(w, r, out, consumer_add, "add consumer");
}

static void answer_cancel_consumer(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    change_consumer(w, r, out, consumer_cancel, "no longer consuming from");
}

/* No answer at all. */
static void answer_shutdown(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    (void)out;
    demo_worker_stop(w);
}

static const struct answer answers[] = {
    {"add_consumer", answer_add_consumer},
    {"autoscale", answer_autoscale},
    {"cancel_consumer", answer_cancel_consumer},
    {"disable_events", answer_disable_events},
    {"enable_events", answer_enable_events},
    {"heartbeat", answer_heartbeat},
    {"pool_grow", answer_pool_grow},
    {"pool_restart", answer_pool_restart},
    {"pool_shrink", answer_pool_shrink},
    {"shutdown", answer_shutdown},
};

answer_fn mailbox_manage_find(const char *method)
{
    return mailbox_find(answers, sizeof(answers) / sizeof(answers[0]), method);
}
