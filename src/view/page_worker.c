/* The head of a worker's page: what is known of it, above what it answered. */
#include "page.h"
#include "runs.h"
#include "task_words.h"
#include "texts.h"
#include "worker_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/utf8.h"

static void add_life(struct document *d, const struct look *look, const struct worker *w)
{
    const struct worker_sign *sign = worker_sign(w->state);
    char text[TEXT_SMALL];
    const char *why = worker_explain(w);
    document_ownf(d, "state", sign->role, "%s %s for %s%s%s", sign->mark, worker_state_name[w->state],
                  text_age(look->now_us - w->since_us, text, sizeof text), why[0] ? ": " : "", why);
    if (w->beat_us >= 0) {
        document_ownf(d, "heartbeat", ROLE_VALUE, "%s ago",
                      text_age(look->now_us - w->beat_us, text, sizeof text));
    } else {
        document_own(d, "heartbeat", ROLE_DIM,
                     "none was heard: it sends none, or not since this console started");
    }
    if (w->answered_us >= 0) {
        char trip[TEXT_SMALL];
        document_ownf(d, "answered", ROLE_VALUE, "%s ago, after %s",
                      text_age(look->now_us - w->answered_us, text, sizeof text),
                      human_duration(w->round_trip_us, trip, sizeof trip));
    }
    if (w->unanswered > 0) {
        document_ownf(
            d, "unanswered", ROLE_WARNING, "%s",
            text_plural(w->unanswered, "question in a row", "questions in a row", text, sizeof text));
    }
    static const char *const events[] = {
        [WORKER_EVENTS_UNKNOWN] = "? it has not worked since it is watched",
        [WORKER_EVENTS_ON] = "on",
        [WORKER_EVENTS_OFF] = "off: what its tasks do is known from lists, answers and results only",
    };
    document_own(d, "events", ROLE_VALUE, events[w->events]);
}

static void add_make(struct document *d, const struct worker *w)
{
    char text[TEXT_SMALL];
    if (w->concurrency >= 0 || w->pool[0]) {
        char now[TEXT_SMALL];
        bool other = w->processes >= 0 && w->processes != w->concurrency;
        document_ownf(d, "pool", ROLE_VALUE, "%s %s%s%s", human_count(w->concurrency, text, sizeof text),
                      w->pool, other ? ", processes now: " : "",
                      other ? human_count(w->processes, now, sizeof now) : "");
    }
    if (w->prefetch >= 0) {
        document_ownf(d, "prefetch", ROLE_VALUE, "%s", human_count(w->prefetch, text, sizeof text));
    }
    if (w->software[0]) {
        document_own(d, "version", ROLE_VALUE, w->software);
    }
    if (w->pid >= 0) {
        document_ownf(d, "process", ROLE_VALUE, "%" PRId64 "%s%s", w->pid, w->uptime_s >= 0 ? ", up " : "",
                      w->uptime_s >= 0 && w->uptime_s < INT64_MAX / US_PER_S
                          ? human_duration(w->uptime_s * US_PER_S, text, sizeof text)
                          : "");
    }
    if (!isnan(w->load[0])) {
        document_ownf(d, "load", ROLE_VALUE, "%.2f %.2f %.2f", w->load[0], w->load[1], w->load[2]);
    }
    if (!isnan(w->clock_offset_s)) {
        document_ownf(d, "clock", fabs(w->clock_offset_s) >= 5 ? ROLE_WARNING : ROLE_VALUE, "%s against ours",
                      worker_clock(w, text, sizeof text));
    }
    if (w->visibility_s > 0 && w->visibility_s < INT64_MAX / US_PER_S) {
        document_ownf(d, "redelivers", ROLE_VALUE, "what is not acknowledged within %s",
                      human_duration(w->visibility_s * US_PER_S, text, sizeof text));
    }
}

static void add_queues(struct document *d, const struct worker *w)
{
    if (w->queues_known && utarray_len(&w->queue) == 0) {
        document_own(d, "consumes", ROLE_WARNING, "nothing");
    }
    for (size_t i = 0; i < utarray_len(&w->queue); i++) {
        const char *name = ((char *const *)(void *)w->queue.d)[i];
        char *shown = utf8_sanitise_dup(span_of(name), 100);
        struct document_line *line = document_own(d, i ? " " : "consumes", ROLE_VALUE, shown);
        target_set(&line->link, TARGET_QUEUE, span_of(name));
        mem_free(shown);
    }
}

/* What it has in hand, by the tasks that name it. */
static void add_tasks(struct document *d, const struct look *look, const struct worker *w)
{
    enum { MOST = 30 };
    size_t shown = 0;
    char runtime[TEXT_SMALL];
    size_t held = model_tasks_in(look->m, TASK_STATE_RUNNING) + model_tasks_in(look->m, TASK_STATE_ORPHANED);
    for (size_t i = 0; held > 0 && i < model_task_count(look->m) && shown < MOST; i++) {
        const struct task *t = model_task_at(look->m, i);
        bool in_hand = t->state == TASK_STATE_RUNNING || t->state == TASK_STATE_ORPHANED;
        held -= in_hand;
        if (in_hand && strcmp(t->worker, w->display) == 0) {
            int64_t us = task_runtime_us(look, t);
            struct document_line *line =
                document_ownf(d, t->state == TASK_STATE_RUNNING ? "runs" : "left behind", ROLE_VALUE,
                              "%.40s %s%s%.60s", t->display_id,
                              us < 0 ? "" : human_duration(us / US_PER_S * US_PER_S, runtime, sizeof runtime),
                              us < 0 ? "" : " ", task_short_name(t->name));
            target_set(&line->link, TARGET_TASK, span_make(t->id, t->id_len));
            shown++;
        }
    }
}

void page_head_worker(struct document *d, const struct look *look, const struct target *subject)
{
    const struct worker *w = model_worker_find(look->m, target_id(subject));
    char text[4][TEXT_SMALL];
    if (!w) {
        return;
    }
    add_life(d, look, w);
    document_ownf(d, "tasks", ROLE_VALUE, "%s running, %s reserved, %s scheduled, %s processed",
                  human_count(w->running >= 0 ? w->running : w->active, text[0], TEXT_SMALL),
                  human_count(w->reserved, text[1], TEXT_SMALL),
                  human_count(w->scheduled, text[2], TEXT_SMALL),
                  human_count(w->processed, text[3], TEXT_SMALL));
    add_tasks(d, look, w);
    add_queues(d, w);
    add_make(d, w);
}
