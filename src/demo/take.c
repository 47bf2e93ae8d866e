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
        int step;
        consumer_served(w, binding_split_list_key(key, &step));
        if (t) {
            hold(t);
        }
    }
    take_more(w);
}

void take_more(struct demo_worker *w)
{
    unsigned queues = utarray_len(&w->queues);

    if (w->is_taking || w->is_stopping || !w->is_up || queues == 0 || !link_is_ready(w->take) ||
        held_count(w) >= w->limit) {
        return;
    }
    size_t keys = (size_t)MESSAGE_PRIORITY_STEPS * queues;
    UT_string *names = mem_zalloc(keys * sizeof(*names));
    struct span *args = mem_zalloc((keys + 2) * sizeof(*args));
    size_t n = 0;

    args[0] = S("BRPOP");
    for (int step = 0; step < MESSAGE_PRIORITY_STEPS; step++) {
        for (unsigned i = 0; i < queues; i++, n++) {
            const char *queue = *(char *const *)utarray_eltptr(&w->queues, i);
            utstring_init(&names[n]);
            message_list_key(span_of(queue), message_priority_step[step], &names[n]);
            args[n + 1] = text_span(&names[n]);
        }
    }
    args[keys + 1] = S("1");
    w->is_taking = link_send(w->take, on_taken, w, keys + 2, args);
    for (size_t i = 0; i < keys; i++) {
        utstring_done(&names[i]);
    }
    mem_free(names);
    mem_free(args);
}
