#include "model_priv.h"

#define GOODBYE_KEEP_US (600 * US_PER_S)
#define SILENT_KEEP_US                                                                                       \
    (3600 * US_PER_S) /* Celery's visibility timeout: what it held is redelivered by then */

static const UT_icd row_icd = {sizeof(struct worker_row *), NULL, NULL, NULL};

void worker_init(struct model *m)
{
    utarray_init(&m->worker.sorted, &row_icd);
}

static struct worker_row *row_at(const struct model *m, size_t i)
{
    return ((struct worker_row **)(void *)m->worker.sorted.d)[i];
}

static void row_free(struct worker_row *row)
{
    mem_free(row->view.name);
    mem_free(row->view.display);
    mem_free(row);
}

static void drop(struct model *m, size_t i)
{
    struct worker_row *row = row_at(m, i);
    HASH_DELETE(hh, m->worker.by_name, row);
    utarray_erase(&m->worker.sorted, (unsigned)i, 1);
    row_free(row);
    model_touch(m, TOPIC_WORKERS);
}

void worker_release(struct model *m)
{
    HASH_CLEAR(hh, m->worker.by_name);
    for (size_t i = 0; i < utarray_len(&m->worker.sorted); i++) {
        row_free(row_at(m, i));
    }
    utarray_done(&m->worker.sorted);
}

static void drop_most_silent(struct model *m)
{
    size_t silent = 0;
    for (size_t i = 1; i < utarray_len(&m->worker.sorted); i++) {
        if (row_at(m, i)->view.beat_us < row_at(m, silent)->view.beat_us) {
            silent = i;
        }
    }
    drop(m, silent);
}

static size_t place_of(const struct model *m, struct span name)
{
    size_t i = 0;
    while (i < utarray_len(&m->worker.sorted) &&
           span_compare(span_make(row_at(m, i)->view.name, row_at(m, i)->view.name_len), name) < 0) {
        i++;
    }
    return i;
}

static struct worker_row *row_of(struct model *m, struct span name)
{
    struct worker_row *row = NULL;
    HASH_FIND(hh, m->worker.by_name, name.data, name.len, row);
    if (row) {
        return row;
    }
    if (utarray_len(&m->worker.sorted) >= WORKERS_MAX) {
        drop_most_silent(m);
    }
    row = mem_zalloc(sizeof(*row));
    row->view.name = span_dup(name);
    row->view.name_len = name.len;
    row->view.display = utf8_sanitise_dup(name, NAME_COLS);
    row->view.active = -1;
    row->view.processed = -1;
    row->view.freq = UNKNOWN_REAL;
    HASH_ADD_KEYPTR(hh, m->worker.by_name, row->view.name, name.len, row);
    utarray_insert(&m->worker.sorted, &row, (unsigned)place_of(m, name));
    return row;
}

void worker_apply(struct model *m, const struct fact_worker *f)
{
    struct worker *w = &row_of(m, f->name)->view;
    w->beat_us = m->now_us;
    w->offline = f->event == FACT_WORKER_OFFLINE;
    w->active = f->active >= 0 ? model_count(f->active) : w->active;
    w->processed = f->processed >= 0 ? model_count(f->processed) : w->processed;
    w->freq = f->freq > 0 ? f->freq : w->freq;
    topic_read_ok(m, TOPIC_WORKERS);
}

void worker_tick(struct model *m)
{
    for (size_t i = utarray_len(&m->worker.sorted); i > 0 && m->worker.by_name; i--) {
        const struct worker *w = &row_at(m, i - 1)->view;
        if (m->now_us - w->beat_us >= (w->offline ? GOODBYE_KEEP_US : SILENT_KEEP_US)) {
            drop(m, i - 1);
        }
    }
}

size_t model_worker_count(const struct model *m)
{
    return utarray_len(&m->worker.sorted);
}

const struct worker *model_worker_at(const struct model *m, size_t i)
{
    return i < utarray_len(&m->worker.sorted) ? &row_at(m, i)->view : NULL;
}
