/* metric_queue: the numbers of queues that rules judge; metric.c has the table. */
#include "metric_priv.h"

static bool queues_known(const struct model *m)
{
    return model_queue_count(m) > 0 && !model_topic_stale(m, TOPIC_QUEUES);
}

struct metric_value metric_queue_depth(const struct model *m)
{
    struct metric_value worst = metric_plain(UNKNOWN_REAL);
    for (size_t i = 0; queues_known(m) && i < model_queue_count(m); i++) {
        const struct queue *q = model_queue_at(m, i);
        if (q->depth >= 0 && !((double)q->depth <= worst.value)) {
            worst = (struct metric_value){.value = (double)q->depth, .object = q->display};
        }
    }
    return worst;
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

struct metric_value metric_queue_growing(const struct model *m)
{
    if (!queues_known(m)) {
        return metric_plain(UNKNOWN_REAL);
    }
    struct metric_value worst = metric_plain(0);
    for (size_t i = 0; i < model_queue_count(m); i++) {
        const struct queue_row *row = queue_row_at(m, i);
        if ((double)row->backlog > worst.value) {
            worst = (struct metric_value){.value = (double)row->backlog, .object = row->view.display};
        }
    }
    return worst;
}

struct metric_value metric_queue_drain(const struct model *m)
{
    struct metric_value worst = metric_plain(UNKNOWN_REAL);
    for (size_t i = 0; queues_known(m) && i < model_queue_count(m); i++) {
        const struct queue *q = model_queue_at(m, i);
        if (!isnan(q->drain_s) && !(q->drain_s <= worst.value)) {
            worst = (struct metric_value){.value = q->drain_s, .object = q->display};
        }
    }
    return worst;
}

struct metric_value metric_unacked(const struct model *m)
{
    return metric_number(model_unacked_total(m));
}

struct metric_value metric_unacked_age(const struct model *m)
{
    int64_t age_us = m->wall_us - model_unacked_oldest_us(m);
    if (model_unacked_total(m) == 0) {
        return metric_plain(0);
    }
    return metric_seconds(model_unacked_oldest_us(m) < 0 ? -1 : age_us > 0 ? age_us : 0);
}
