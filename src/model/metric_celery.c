/* metric_celery: the numbers of workers and tasks that rules judge; metric.c has the table. */
#include "metric_priv.h"

enum { ENDED_LEAST = 20 };

static bool is_deaf(const struct model *m)
{
    return model_topic_age_us(m, TOPIC_WORKERS) < 0 || m->topic[TOPIC_WORKERS].resync;
}

struct metric_value metric_workers(const struct model *m)
{
    size_t online = 0;
    for (size_t i = 0; i < model_worker_count(m); i++) {
        online += model_worker_at(m, i)->state == WORKER_STATE_ONLINE;
    }
    return metric_plain(is_deaf(m) ? UNKNOWN_REAL : (double)online);
}

static void tell_of(const struct worker *w, double value, metric_tell *tell, void *ctx)
{
    tell(ctx, span_make(w->name, w->name_len), w->display, value);
}

/* 1 for each worker in a state, 0 for the others. */
static bool each_in_state(const struct model *m, enum worker_state state, metric_tell *tell, void *ctx)
{
    bool known = !is_deaf(m);
    for (size_t i = 0; known && i < model_worker_count(m); i++) {
        const struct worker *w = model_worker_at(m, i);
        tell_of(w, w->state == state ? 1 : 0, tell, ctx);
    }
    return known;
}

bool metric_worker_zombies(const struct model *m, metric_tell *tell, void *ctx)
{
    return each_in_state(m, WORKER_STATE_ZOMBIE, tell, ctx);
}

bool metric_worker_lost(const struct model *m, metric_tell *tell, void *ctx)
{
    return each_in_state(m, WORKER_STATE_LOST, tell, ctx);
}

/* One that said goodbye, or never was heard, is left out. */
bool metric_worker_silent(const struct model *m, metric_tell *tell, void *ctx)
{
    bool known = !m->topic[TOPIC_WORKERS].resync;
    for (size_t i = 0; known && i < model_worker_count(m); i++) {
        const struct worker *w = model_worker_at(m, i);
        if (!w->offline && w->beat_us >= 0) {
            tell_of(w, (double)(m->now_us - w->beat_us) / (double)US_PER_S, tell, ctx);
        }
    }
    return known;
}

struct metric_value metric_tasks_failure_rate(const struct model *m)
{
    int64_t ended = 0;
    const struct shed_view *shed = &m->connection.shed;
    if (shed->tasks || shed->results) {
        return metric_plain(UNKNOWN_REAL); /* only some of the ends are seen */
    }
    double rate = model_task_failure_rate(m, &ended);
    bool few = ended < ENDED_LEAST;
    rate = few && ended > 0 ? rate * (double)ended / ENDED_LEAST : few ? 0 : rate;
    return metric_plain(model_topic_age_us(m, TOPIC_TASKS) < 0 && ended == 0 ? UNKNOWN_REAL : rate);
}

static struct metric_value tasks(const struct model *m, size_t count)
{
    return metric_plain(model_topic_age_us(m, TOPIC_TASKS) < 0 ? UNKNOWN_REAL : (double)count);
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
