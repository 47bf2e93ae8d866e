/* metric_queue: the numbers of queues that rules judge; metric.c has the table. */
#include "metric_priv.h"

static bool queues_known(const struct model *m)
{
    return model_queue_count(m) > 0 && !model_topic_stale(m, TOPIC_QUEUES);
}

/* The queue's own number, for each of them. */
static bool each_queue(const struct model *m, double (*value)(const struct queue_row *row), metric_tell *tell,
                       void *ctx)
{
    for (size_t i = 0; i < model_queue_count(m); i++) {
        const struct queue_row *row = queue_row_at(m, i);
        tell(ctx, span_make(row->view.name, row->view.name_len), row->view.display, value(row));
    }
    return true;
}

static double known(int64_t count)
{
    return count < 0 ? UNKNOWN_REAL : (double)count;
}

static double depth(const struct queue_row *row)
{
    return known(row->view.depth);
}

bool metric_queue_depth(const struct model *m, metric_tell *tell, void *ctx)
{
    return queues_known(m) && each_queue(m, depth, tell, ctx);
}

static double growing(const struct queue_row *row)
{
    return (double)row->backlog;
}

bool metric_queue_growing(const struct model *m, metric_tell *tell, void *ctx)
{
    return queues_known(m) && each_queue(m, growing, tell, ctx);
}

static double drain(const struct queue_row *row)
{
    return row->view.drain_s;
}

bool metric_queue_drain(const struct model *m, metric_tell *tell, void *ctx)
{
    return queues_known(m) && each_queue(m, drain, tell, ctx);
}

/* No worker has told what it consumes; but where none has a mailbox and none was ever heard, nobody takes
 * what is in a queue of Celery's own making. */
static bool nobody_at_all(const struct model *m)
{
    return m->worker.bound_told && model_worker_count(m) == 0;
}

bool metric_queue_unconsumed(const struct model *m, metric_tell *tell, void *ctx)
{
    bool known_at_all = queues_known(m) && (model_consumers_known(m) || nobody_at_all(m));
    for (size_t i = 0; known_at_all && i < model_queue_count(m); i++) {
        const struct queue *q = model_queue_at(m, i);
        bool alone = q->consumers == 0 || (q->consumers < 0 && nobody_at_all(m) && q->sources & QUEUE_BOUND);
        double value = alone ? known(q->depth) : q->consumers < 0 ? UNKNOWN_REAL : 0;
        tell(ctx, span_make(q->name, q->name_len), q->display, value);
    }
    return known_at_all;
}

static double poison(const struct queue_row *row)
{
    return (double)row->view.poison;
}

bool metric_queue_poison(const struct model *m, metric_tell *tell, void *ctx)
{
    return model_topic_age_us(m, TOPIC_TASKS) >= 0 && each_queue(m, poison, tell, ctx);
}

struct metric_value metric_queue_total(const struct model *m)
{
    int64_t sum = -1;
    for (size_t i = 0; queues_known(m) && i < model_queue_count(m); i++) {
        const struct queue *q = model_queue_at(m, i);
        if (q->depth >= 0) {
            sum = (sum > 0 ? sum : 0) + q->depth;
        }
    }
    return metric_number(sum);
}

struct metric_value metric_unacked(const struct model *m)
{
    return metric_number(model_topic_stale(m, TOPIC_QUEUES) ? -1 : model_unacked_total(m));
}

struct metric_value metric_unacked_age(const struct model *m)
{
    int64_t age_us = m->wall_us - model_unacked_oldest_us(m);
    if (model_topic_stale(m, TOPIC_QUEUES)) {
        return metric_plain(UNKNOWN_REAL);
    }
    if (model_unacked_total(m) == 0) {
        return metric_plain(0);
    }
    return metric_seconds(model_unacked_oldest_us(m) < 0 ? -1 : age_us > 0 ? age_us : 0);
}

/* It is aged here: a queue that is not polled any more does not drain. */
bool metric_queue_undrained(const struct model *m, metric_tell *tell, void *ctx)
{
    for (size_t i = 0; queues_known(m) && i < model_queue_count(m); i++) {
        const struct queue_row *row = queue_row_at(m, i);
        double seconds = row->full_us < 0 ? 0 : (double)(m->now_us - row->full_us) / (double)US_PER_S;
        tell(ctx, span_make(row->view.name, row->view.name_len), row->view.display,
             row->view.depth < 0 ? UNKNOWN_REAL : seconds);
    }
    return queues_known(m);
}
