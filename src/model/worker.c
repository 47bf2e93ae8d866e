/* worker: the rows. worker_apply.c writes what is told into them, worker_state.c says how a worker is,
 * worker_queues.c who consumes what. */
#include "model_priv.h"

#define GOODBYE_KEEP_US (600 * US_PER_S)
#define LOST_KEEP_US                                                                                         \
    (3600 * US_PER_S) /* Celery's visibility timeout: what it held is redelivered by then                    \
                       */

static const UT_icd row_icd = {sizeof(struct worker_row *), NULL, NULL, NULL};
static const UT_icd text_icd = {sizeof(char *), NULL, NULL, NULL};

void worker_init(struct model *m)
{
    utarray_init(&m->worker.sorted, &row_icd);
    utarray_init(&m->worker.registered, &text_icd);
}

struct worker_row *worker_row_at(const struct model *m, size_t i)
{
    return ((struct worker_row **)(void *)m->worker.sorted.d)[i];
}

static void texts_free(UT_array *texts)
{
    for (size_t i = 0; i < utarray_len(texts); i++) {
        mem_free(((char **)(void *)texts->d)[i]);
    }
    utarray_done(texts);
}

static void row_free(struct worker_row *row)
{
    struct worker *w = &row->view;
    mem_free(w->name);
    mem_free(w->display);
    mem_free(w->pool);
    mem_free(w->software);
    mem_free(w->queues);
    texts_free(&w->queue);
    texts_free(&w->task_name);
    mem_free(row);
}

static void drop(struct model *m, size_t i)
{
    struct worker_row *row = worker_row_at(m, i);
    HASH_DELETE(hh, m->worker.by_name, row);
    utarray_erase(&m->worker.sorted, (unsigned)i, 1);
    row_free(row);
    m->worker.queues_changed = true;
    model_touch(m, TOPIC_WORKERS);
}

void worker_release(struct model *m)
{
    HASH_CLEAR(hh, m->worker.by_name);
    for (size_t i = 0; i < utarray_len(&m->worker.sorted); i++) {
        row_free(worker_row_at(m, i));
    }
    utarray_done(&m->worker.sorted);
    texts_free(&m->worker.registered);
    worker_consumers_release(m);
}

int64_t worker_heard_us(const struct worker_row *row)
{
    int64_t heard = row->first_us;
    heard = row->view.beat_us > heard ? row->view.beat_us : heard;
    return row->view.answered_us > heard ? row->view.answered_us : heard;
}

static void drop_most_silent(struct model *m)
{
    size_t silent = 0;
    for (size_t i = 1; i < utarray_len(&m->worker.sorted); i++) {
        if (worker_heard_us(worker_row_at(m, i)) < worker_heard_us(worker_row_at(m, silent))) {
            silent = i;
        }
    }
    drop(m, silent);
}

static size_t place_of(const struct model *m, struct span name)
{
    size_t i = 0;
    while (i < utarray_len(&m->worker.sorted) &&
           span_compare(span_make(worker_row_at(m, i)->view.name, worker_row_at(m, i)->view.name_len), name) <
               0) {
        i++;
    }
    return i;
}

static struct worker_row *row_new(const struct model *m, struct span name)
{
    struct worker_row *row = mem_zalloc(sizeof(*row));
    row->first_us = m->now_us;
    row->unbound_us = -1;
    row->task_event_us = -1;
    row->swept_us = -1;
    row->silent_us = -1;
    struct worker *w = &row->view;
    w->name = span_dup(name);
    w->name_len = name.len;
    w->display = utf8_sanitise_dup(name, NAME_COLS);
    w->since_us = m->now_us;
    w->beat_us = w->answered_us = -1;
    w->active = w->processed = w->running = w->reserved = w->scheduled = -1;
    w->pid = w->concurrency = w->processes = w->prefetch = w->uptime_s = w->round_trip_us = -1;
    w->visibility_s = VISIBILITY_DEFAULT_S;
    w->freq = w->clock_offset_s = UNKNOWN_REAL;
    w->load[0] = w->load[1] = w->load[2] = UNKNOWN_REAL;
    w->pool = mem_strdup("");
    w->software = mem_strdup("");
    w->queues = mem_strdup("");
    utarray_init(&w->queue, &text_icd);
    utarray_init(&w->task_name, &text_icd);
    return row;
}

struct worker_row *worker_row_find(const struct model *m, struct span name)
{
    struct worker_row *row = NULL;
    HASH_FIND(hh, m->worker.by_name, name.data, name.len, row);
    return row;
}

struct worker_row *worker_row_get(struct model *m, struct span name)
{
    struct worker_row *row = worker_row_find(m, name);
    if (row) {
        return row;
    }
    if (utarray_len(&m->worker.sorted) >= WORKERS_MAX) {
        drop_most_silent(m);
    }
    row = row_new(m, name);
    HASH_ADD_KEYPTR(hh, m->worker.by_name, row->view.name, name.len, row);
    utarray_insert(&m->worker.sorted, &row, (unsigned)place_of(m, name));
    model_touch(m, TOPIC_WORKERS);
    return row;
}

/* A mailbox that is still there is a worker that may be named; without one it goes in time. */
static bool is_over(const struct model *m, const struct worker_row *row)
{
    const struct worker *w = &row->view;
    int64_t silent_us = m->now_us - worker_heard_us(row);
    if (w->state == WORKER_STATE_OFFLINE) {
        return silent_us >= GOODBYE_KEEP_US;
    }
    return !w->bound && silent_us >= LOST_KEEP_US;
}

void worker_tick(struct model *m)
{
    for (size_t i = utarray_len(&m->worker.sorted); i > 0 && m->worker.by_name; i--) {
        struct worker_row *row = worker_row_at(m, i - 1);
        worker_judge(m, row);
        if (is_over(m, row)) {
            drop(m, i - 1);
        }
    }
    worker_consumers(m);
    worker_count_tasks(m);
}

size_t model_worker_count(const struct model *m)
{
    return utarray_len(&m->worker.sorted);
}

const struct worker *model_worker_at(const struct model *m, size_t i)
{
    return i < utarray_len(&m->worker.sorted) ? &worker_row_at(m, i)->view : NULL;
}

const struct worker *model_worker_find(const struct model *m, struct span name)
{
    const struct worker_row *row = worker_row_find(m, name);
    return row ? &row->view : NULL;
}
