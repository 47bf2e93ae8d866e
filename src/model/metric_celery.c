/* metric_celery: the numbers of workers and tasks that rules judge; metric.c has the table. */
#include "metric_priv.h"

enum { ENDED_LEAST = 20 };

static bool is_deaf(const struct model *m)
{
    return model_topic_age_us(m, TOPIC_WORKERS) < 0 || m->topic[TOPIC_WORKERS].resync;
}

static struct metric_value unknown(void)
{
    return (struct metric_value){.value = UNKNOWN_REAL, .object = NULL};
}

/* How many workers are in a state, and the first of them. */
static struct metric_value count_workers(const struct model *m, enum worker_state state)
{
    struct metric_value count = {0};
    for (size_t i = 0; i < model_worker_count(m); i++) {
        const struct worker *w = model_worker_at(m, i);
        if (w->state == state) {
            count.object = count.object ? count.object : w->display;
            count.value++;
        }
    }
    return is_deaf(m) ? unknown() : count;
}

struct metric_value metric_workers(const struct model *m)
{
    struct metric_value count = count_workers(m, WORKER_STATE_ONLINE);
    count.object = NULL;
    return count;
}

struct metric_value metric_worker_silent(const struct model *m)
{
    struct metric_value worst = unknown();
    for (size_t i = 0; !m->topic[TOPIC_WORKERS].resync && i < model_worker_count(m); i++) {
        const struct worker *w = model_worker_at(m, i);
        double silent = (double)(m->now_us - w->beat_us) / (double)US_PER_S;
        if (!w->offline && w->beat_us >= 0 && !(silent <= worst.value)) {
            worst = (struct metric_value){.value = silent, .object = w->display};
        }
    }
    return worst;
}

struct metric_value metric_worker_zombies(const struct model *m)
{
    return count_workers(m, WORKER_STATE_ZOMBIE);
}

struct metric_value metric_worker_lost(const struct model *m)
{
    return count_workers(m, WORKER_STATE_LOST);
}

struct metric_value metric_queue_unconsumed(const struct model *m)
{
    struct metric_value worst = {0};
    for (size_t i = 0; i < model_queue_count(m); i++) {
        const struct queue *q = model_queue_at(m, i);
        if (q->consumers == 0 && (double)q->depth > worst.value) {
            worst = (struct metric_value){.value = (double)q->depth, .object = q->display};
        }
    }
    bool known = model_consumers_known(m) && !model_topic_stale(m, TOPIC_QUEUES);
    return known ? worst : unknown();
}

struct metric_value metric_queue_poison(const struct model *m)
{
    struct metric_value sum = {0};
    for (size_t i = 0; i < model_queue_count(m); i++) {
        const struct queue *q = model_queue_at(m, i);
        sum.object = q->poison > 0 && !sum.object ? q->display : sum.object;
        sum.value += (double)q->poison;
    }
    return model_topic_age_us(m, TOPIC_TASKS) < 0 ? unknown() : sum;
}

struct metric_value metric_tasks_failure_rate(const struct model *m)
{
    int64_t ended = 0;
    double rate = model_task_failure_rate(m, &ended);
    return ended < ENDED_LEAST ? unknown() : (struct metric_value){.value = rate, .object = NULL};
}

static struct metric_value tasks(const struct model *m, size_t count)
{
    return model_topic_age_us(m, TOPIC_TASKS) < 0
               ? unknown()
               : (struct metric_value){.value = (double)count, .object = NULL};
}

struct metric_value metric_tasks_overdue(const struct model *m)
{
    return tasks(m, m->task.overdue);
}

struct metric_value metric_tasks_orphaned(const struct model *m)
{
    return tasks(m, model_tasks_in(m, TASK_STATE_ORPHANED));
}

struct metric_value metric_tasks_lost(const struct model *m)
{
    return tasks(m, m->task.lately_lost);
}
