/* How a worker is, by what is heard of it and what it answers. */
#include "model_priv.h"

enum { ZOMBIE_UNANSWERED = 3, LOST_UNANSWERED = 2 };
#define ANSWER_GOOD_US (60 * US_PER_S) /* an answer says that it lives for so long */

const char *const worker_state_name[WORKER_STATE_COUNT] = {
    [WORKER_STATE_UNKNOWN] = "unknown", [WORKER_STATE_ONLINE] = "online", [WORKER_STATE_OFFLINE] = "offline",
    [WORKER_STATE_LOST] = "lost",       [WORKER_STATE_ZOMBIE] = "zombie",
};

/* Events cannot be heard, or only since a moment ago: silence says nothing. */
static bool is_deaf(const struct model *m)
{
    const struct link_view *feed = model_site_feed(m, SITE_BROKER);
    bool away = feed->since_us >= 0 &&
                (feed->state != FACT_LINK_UP || m->now_us - feed->since_us <= WORKER_SILENT_US);
    return away || m->topic[TOPIC_WORKERS].resync;
}

static enum worker_state state_of(const struct model *m, const struct worker_row *row)
{
    const struct worker *w = &row->view;
    bool beats = w->beat_us >= 0 && m->now_us - w->beat_us <= WORKER_SILENT_US;
    bool answers = w->answered_us >= 0 && w->unanswered < LOST_UNANSWERED &&
                   m->now_us - w->answered_us <= ANSWER_GOOD_US;
    if (w->offline) {
        return WORKER_STATE_OFFLINE;
    }
    if (beats) {
        /* Without a heartbeat since it fell silent it may as well be dead: that shows in a moment. */
        bool dumb = w->unanswered >= ZOMBIE_UNANSWERED && w->beat_us > row->silent_us;
        return dumb ? WORKER_STATE_ZOMBIE : WORKER_STATE_ONLINE;
    }
    if (row->unbound_us > w->answered_us && !w->bound && row->unbound_us >= 0) {
        return WORKER_STATE_OFFLINE; /* it took its mailbox away, as one does that stops */
    }
    if (answers) {
        return WORKER_STATE_ONLINE;
    }
    if (w->unanswered >= LOST_UNANSWERED) {
        return WORKER_STATE_LOST;
    }
    if (is_deaf(m)) {
        return w->state;
    }
    return w->beat_us >= 0 || w->answered_us >= 0 ? WORKER_STATE_LOST : WORKER_STATE_UNKNOWN;
}

void worker_judge(struct model *m, struct worker_row *row)
{
    struct worker *w = &row->view;
    enum worker_state state = state_of(m, row);
    if (state != w->state) {
        m->worker.queues_changed = true;
        w->since_us = m->now_us;
        w->state = state;
        model_touch(m, TOPIC_WORKERS);
    }
}

/* --- what it has in hand --- */

static void add_task(const struct model *m, const struct task *t)
{
    struct worker_row *row = worker_row_find(m, intern_raw(t->worker));
    if (!row) {
        return;
    }
    struct worker *w = &row->view;
    w->running += t->state == TASK_STATE_RUNNING && w->running >= 0;
    w->reserved += t->state == TASK_STATE_RESERVED && w->reserved >= 0;
    w->scheduled += t->state == TASK_STATE_SCHEDULED && w->scheduled >= 0;
}

void worker_count_tasks(struct model *m)
{
    for (size_t i = 0; i < model_worker_count(m); i++) {
        struct worker_row *row = worker_row_at(m, i);
        int64_t none = row->swept_us >= 0 || row->view.events == WORKER_EVENTS_ON ? 0 : -1;
        row->view.running = row->view.reserved = row->view.scheduled = none;
    }
    for (const struct task_row *row = m->task.order[TASK_ORDER_LIVE].first; row; row = row->next) {
        add_task(m, &row->view);
    }
}

void worker_swept(struct model *m, const struct task_spot *place)
{
    struct worker_row *row = worker_row_find(m, task_place_name(place));
    if (row) {
        row->swept_us = place->swept_us;
        worker_count_tasks(m);
    }
}

int64_t worker_swept_us(const struct model *m, size_t i)
{
    return worker_row_at(m, i)->swept_us;
}

void worker_told_of_task(struct model *m, struct span name)
{
    struct worker_row *row = worker_row_find(m, name);
    if (row) {
        row->task_event_us = m->now_us;
        row->view.events = WORKER_EVENTS_ON;
    }
}
