/* consumer: the queues a worker consumes from. */
#include "demo/enqueue.h"
#include "demo/worker_priv.h"

#include <string.h>

static const char *queue_at(const struct demo_worker *w, unsigned i)
{
    return *(char *const *)utarray_eltptr(&w->queues, i);
}

static unsigned position(const struct demo_worker *w, struct span queue)
{
    unsigned i;
    for (i = 0; i < utarray_len(&w->queues); i++) {
        if (span_equal(queue, span_of(queue_at(w, i)))) {
            break;
        }
    }
    return i;
}

void consumer_bind(struct demo_worker *w)
{
    for (unsigned i = 0; i < utarray_len(&w->queues); i++) {
        enqueue_bind(&w->sink, queue_at(w, i));
    }
}

void consumer_add(struct demo_worker *w, const char *queue)
{
    unsigned count = utarray_len(&w->queues);
    if (count < WORKER_QUEUES_MAX && position(w, span_of(queue)) == count) {
        utarray_push_back(&w->queues, &queue);
        enqueue_bind(&w->sink, queue);
    }
    take_more(w);
}

void consumer_cancel(struct demo_worker *w, const char *queue)
{
    unsigned at = position(w, span_of(queue));
    if (at < utarray_len(&w->queues)) {
        utarray_erase(&w->queues, at, 1);
    }
}

void consumer_served(struct demo_worker *w, struct span queue)
{
    unsigned at = position(w, queue);
    if (at < utarray_len(&w->queues)) {
        char *served = mem_strdup(queue_at(w, at));
        utarray_erase(&w->queues, at, 1);
        utarray_push_back(&w->queues, &served);
        mem_free(served);
    }
}
