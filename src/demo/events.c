/* events: what a worker says on the celeryev channels. Source: facts, section 5. */
#include "demo/worker_priv.h"

#include <math.h>
#include <stdlib.h>

#include "redai/base/clock.h"

static const char *const channels[] = {
    [WORKER_ONLINE] = "/0.celeryev/worker.online",
    [WORKER_HEARTBEAT] = "/0.celeryev/worker.heartbeat",
    [WORKER_OFFLINE] = "/0.celeryev/worker.offline",
};

static void publish_beat(struct demo_worker *w, const struct worker_beat *beat)
{
    UT_string payload;

    w->clock++;
    utstring_init(&payload);
    worker_beat_encode(beat, &payload);
    sink_command(&w->sink, S("PUBLISH"), span_of(channels[beat->event]), text_span(&payload));
    utstring_done(&payload);
}

void events_worker(struct demo_worker *w, enum worker_event event)
{
    struct worker_beat beat = {.event = event,
                               .hostname = w->node,
                               .active = w->tally.running,
                               .processed = w->begun,
                               .pid = w->pid,
                               .freq = WORKER_FREQ_S,
                               .timestamp = task_epoch_s(),
                               .load = {NAN, NAN, NAN}};
    getloadavg(beat.load, 3);
    publish_beat(w, &beat);
}

void events_beat_now(struct demo_worker *w)
{
    enum { FREQ_S = 5 };
    struct worker_beat beat = {.event = WORKER_HEARTBEAT,
                               .hostname = w->node,
                               .active = -1,
                               .processed = -1,
                               .pid = w->pid,
                               .freq = FREQ_S,
                               .timestamp = task_epoch_s(),
                               .load = {NAN, NAN, NAN}};
    publish_beat(w, &beat);
}

static void encode(struct task *t, struct task_event *e, UT_string *out)
{
    struct demo_worker *w = t->worker;

    e->id = span_of(t->message.id);
    e->hostname = span_of(w->node);
    e->sent_wall_us = clock_wall_us();
    task_event_encode(e, w->pid, ++w->clock, out);
}

void events_task(struct task *t, struct task_event e)
{
    struct demo_worker *w = t->worker;
    UT_string payload;

    if (!w->has_events) {
        return;
    }
    utstring_init(&payload);
    encode(t, &e, &payload);
    sink_command(&w->sink, S("PUBLISH"), S("/0.celeryev/task.multi"), text_span(&payload));
    utstring_done(&payload);
}

void events_task_later(struct task *t, struct task_event e)
{
    if (t->worker->has_events) {
        utstring_clear(&t->last_words);
        encode(t, &e, &t->last_words);
    }
}
