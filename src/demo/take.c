/* take: popping messages as Celery does: BRPOP over all queues, priority by priority, the queue served last
 * behind the others; each message into unacked before anything is done with it. */
#include "demo/worker_priv.h"

#include <stdio.h>

#include "redai/base/json_out.h"

#include "redai/schema/binding.h"

static int held_count(const struct demo_worker *w)
{
    const struct task *t;
    int count = 0;
    for (t = w->tasks; t; t = t->next) {
        count += t->state != TASK_SCHEDULED && t->state != TASK_GONE;
    }
    return count;
}

static void serve_last(struct demo_worker *w, struct span key)
{
    int step;
    struct span queue = binding_split_list_key(key, &step);

    for (int i = 0; i < WORKER_QUEUES; i++) {
        if (span_equal(queue, span_of(w->queues[i]))) {
            const char *served = w->queues[i];
            memmove(&w->queues[i], &w->queues[i + 1], (size_t)(WORKER_QUEUES - 1 - i) * sizeof(w->queues[0]));
            w->queues[WORKER_QUEUES - 1] = served;
            return;
        }
    }
}

static void on_held(void *user, const struct reply *reply)
{
    struct task *t = user;
    if (task_replied(t, reply)) {
        task_arrived(t);
    }
}

static void hold(struct task *t)
{
    struct demo_worker *w = t->worker;
    char now[40];
    UT_string entry;

    snprintf(now, sizeof(now), "%.7f", task_epoch_s());
    utstring_init(&entry);
    text_add(&entry, S("["));
    text_add(&entry, text_span(&t->element));
    text_add(&entry, S(", \"\", "));
    json_quote(span_of(t->message.queue), &entry);
    text_add(&entry, S("]"));
    struct span tag = span_of(t->message.delivery_tag);
    sink_command(&w->sink, S("MULTI"));
    sink_command(&w->sink, S("ZADD"), S("unacked_index"), span_of(now), tag);
    sink_command(&w->sink, S("HSET"), S("unacked"), tag, text_span(&entry));
    if (link_command(w->work, on_held, t, S("EXEC"))) {
        t->replies++;
    } else {
        t->state = TASK_GONE;
        task_free(t);
    }
    utstring_done(&entry);
}

static void on_taken(void *user, const struct reply *reply)
{
    struct demo_worker *w = user;
    struct span key = reply_text(reply_at(reply, 0));
    struct span element = reply_text(reply_at(reply, 1));

    w->is_taking = false;
    if (w->is_freeing) {
        return;
    }
    if (reply_count(reply) == 2 && w->is_stopping) {
        sink_command(&w->sink, S("RPUSH"), key, element);
    } else if (reply_count(reply) == 2) {
        struct task *t = task_new(w, element);
        serve_last(w, key);
        if (t) {
            hold(t);
        }
    }
    take_more(w);
}

void take_more(struct demo_worker *w)
{
    enum { KEYS = MESSAGE_PRIORITY_STEPS * WORKER_QUEUES };
    UT_string names[KEYS];
    struct span args[KEYS + 2] = {S("BRPOP")};
    size_t n = 0;

    if (w->is_taking || w->is_stopping || !w->is_up || !link_is_ready(w->take) || held_count(w) >= w->limit) {
        return;
    }
    for (int step = 0; step < MESSAGE_PRIORITY_STEPS; step++) {
        for (int i = 0; i < WORKER_QUEUES; i++, n++) {
            utstring_init(&names[n]);
            message_list_key(span_of(w->queues[i]), message_priority_step[step], &names[n]);
            args[n + 1] = text_span(&names[n]);
        }
    }
    args[KEYS + 1] = S("1");
    w->is_taking = link_send(w->take, on_taken, w, KEYS + 2, args);
    for (size_t i = 0; i < KEYS; i++) {
        utstring_done(&names[i]);
    }
}
