/* What the messages and the workers say of a queue: who consumes it, what is next, what lies in it that
 * kills, what is held for its eta, how old its oldest delivery is. */
#include "model_priv.h"

enum { TEXT_COLS = 200 };

static void show(struct model *m, char **slot, const char *text)
{
    if (strcmp(*slot, text) != 0) {
        mem_replace(slot, text);
        model_touch(m, TOPIC_QUEUES);
    }
}

/* The first list that has anything is popped from first. */
static void fill_next(struct model *m, struct queue *q)
{
    const struct task_spot *front = NULL;
    int64_t poison = 0;
    for (int i = 0; i < MESSAGE_PRIORITY_STEPS; i++) {
        const struct task_spot *place =
            task_place_find(m, SWEEP_LIST, message_priority_step[i], span_make(q->name, q->name_len));
        if (place) {
            front = front || place->front.kind == TARGET_NONE ? front : place;
            poison += place->poison > place->poison_now ? place->poison : place->poison_now;
        }
    }
    show(m, &q->next_id, front && front->front_id ? front->front_id : "");
    show(m, &q->next_name, front && front->front_name ? front->front_name : "");
    if (!front) {
        target_release(&q->next);
        q->next = (struct target){0};
    } else if (!target_equal(&q->next, &front->front)) {
        target_set(&q->next, front->front.kind, target_id(&front->front));
        model_touch(m, TOPIC_QUEUES);
    }
    q->next_since_us = front ? front->front_since_us : -1;
    q->poison = poison;
}

static void fill_consumers(struct model *m, struct queue *q, bool told)
{
    const char *names = "";
    int64_t count = worker_consumers_of(m, span_make(q->name, q->name_len), &names);
    q->consumers = count > 0 || told ? count : -1;
    char *display = names[0] ? utf8_sanitise_dup(span_of(names), TEXT_COLS) : NULL;
    show(m, &q->consumer_names, display ? display : "");
    mem_free(display);
}

void queue_consumers(struct model *m)
{
    bool told = model_consumers_known(m);
    for (size_t i = 0; i < model_queue_count(m); i++) {
        fill_consumers(m, &queue_row_at(m, i)->view, told);
    }
}

void queue_tasks(struct model *m, struct span name)
{
    struct queue_row *row = queue_row_find(m, name);
    if (row) {
        fill_next(m, &row->view);
    }
}

static void add_task(struct model *m, const struct task *t)
{
    struct queue_row *row = queue_row_find(m, intern_raw(t->queue));
    if (!row) {
        return;
    }
    struct queue *q = &row->view;
    q->scheduled += t->state == TASK_STATE_SCHEDULED && q->scheduled >= 0;
    bool in_flight = t->message.kind == TARGET_DELIVERY && t->delivered_us >= 0;
    if (in_flight && (q->oldest_delivery_us < 0 || t->delivered_us < q->oldest_delivery_us)) {
        q->oldest_delivery_us = t->delivered_us;
    }
}

void queue_tasks_tick(struct model *m)
{
    /* Held for their eta: only who reads unacked whole, or asks, knows. */
    int64_t none = m->task.unacked->swept_us >= 0 ? 0 : -1;
    for (size_t i = 0; i < model_queue_count(m); i++) {
        struct queue *q = &queue_row_at(m, i)->view;
        q->scheduled = none;
        q->oldest_delivery_us = -1;
        fill_next(m, q);
    }
    for (const struct task_row *row = m->task.order[TASK_ORDER_LIVE].first; row; row = row->next) {
        add_task(m, &row->view);
    }
    queue_consumers(m);
}

int64_t model_tasks_unlisted(const struct model *m)
{
    int64_t unlisted = 0;
    if (model_queue_count(m) == 0) {
        return model_topic_age_us(m, TOPIC_QUEUES) < 0 ? -1 : 0;
    }
    for (size_t i = 0; i < model_queue_count(m); i++) {
        const struct queue *q = model_queue_at(m, i);
        for (int k = 0; k < MESSAGE_PRIORITY_STEPS; k++) {
            if (q->by_priority[k] < 0) {
                return -1;
            }
            if (q->by_priority[k] == 0) {
                continue;
            }
            const struct task_spot *place =
                task_place_find(m, SWEEP_LIST, message_priority_step[k], span_make(q->name, q->name_len));
            int64_t listed = place ? (int64_t)place->count : 0;
            unlisted += q->by_priority[k] > listed ? q->by_priority[k] - listed : 0;
        }
    }
    return unlisted;
}
