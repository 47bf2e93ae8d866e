/* batch_list: the batches by id and in the order they are shown: live ones, queued ones, ended ones, each
 * newest first, and behind them those put away. */
#include "model_priv.h"

static const UT_icd row_icd = {sizeof(struct batch_row *), NULL, NULL, NULL};

void batch_init(struct model *m)
{
    utarray_init(&m->batch.sorted, &row_icd);
}

struct batch_row *batch_row_at(const struct model *m, size_t i)
{
    return ((struct batch_row **)(void *)m->batch.sorted.d)[i];
}

struct batch_row *batch_row_find(const struct model *m, struct span id)
{
    struct batch_row *row = NULL;
    HASH_FIND(hh, m->batch.by_id, id.data, id.len, row);
    return row;
}

static void row_free(struct batch_row *row)
{
    struct batch *b = &row->view;
    mem_free(b->id);
    mem_free(b->display_id);
    mem_free(b->status);
    mem_free(b->error);
    mem_free(b->task_name);
    mem_free(b->celery_state);
    mem_free(b->hostname);
    mem_free(row);
}

void batch_release(struct model *m)
{
    HASH_CLEAR(hh, m->batch.by_id);
    for (size_t i = 0; i < utarray_len(&m->batch.sorted); i++) {
        row_free(batch_row_at(m, i));
    }
    utarray_done(&m->batch.sorted);
}

/* --- order --- */

static int compare(const struct batch_row *a, const struct batch_row *b)
{
    if (a->rank != b->rank) {
        return a->rank < b->rank ? -1 : 1;
    }
    if (a->sort_us != b->sort_us) {
        return a->sort_us > b->sort_us ? -1 : 1;
    }
    return span_compare(span_make(a->view.id, a->view.id_len), span_make(b->view.id, b->view.id_len));
}

/* The first place whose row does not stand before this one. */
static size_t place_of(const struct model *m, const struct batch_row *row)
{
    size_t low = 0;
    size_t high = utarray_len(&m->batch.sorted);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(batch_row_at(m, middle), row) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void attach(struct model *m, struct batch_row *row)
{
    utarray_insert(&m->batch.sorted, &row, (unsigned)place_of(m, row));
    m->batch.of_rank[row->rank]++;
}

static void detach(struct model *m, struct batch_row *row)
{
    utarray_erase(&m->batch.sorted, (unsigned)place_of(m, row), 1);
    m->batch.of_rank[row->rank]--;
}

static enum batch_rank rank_of(const struct batch_row *row)
{
    if (row->hidden) {
        return BATCH_RANK_HIDDEN;
    }
    if (batch_has_ended(&row->view)) {
        return BATCH_RANK_ENDED;
    }
    return row->view.state == BATCH_QUEUED ? BATCH_RANK_QUEUED : BATCH_RANK_LIVE;
}

void batch_row_place(struct model *m, struct batch_row *row)
{
    enum batch_rank rank = rank_of(row);
    int64_t sort_us = rank >= BATCH_RANK_ENDED ? row->view.ended_us : row->view.first_us;
    if (rank == row->rank && sort_us == row->sort_us) {
        return;
    }
    detach(m, row);
    row->rank = rank;
    row->sort_us = sort_us;
    attach(m, row);
}

/* --- rows --- */

void batch_row_remove(struct model *m, struct batch_row *row)
{
    detach(m, row);
    HASH_DELETE(hh, m->batch.by_id, row);
    row_free(row);
    model_touch(m, TOPIC_BATCHES);
}

static bool make_room(struct model *m)
{
    size_t count = utarray_len(&m->batch.sorted);
    if (count < BATCHES_MAX) {
        return true;
    }
    struct batch_row *last = batch_row_at(m, count - 1);
    if (last->rank < BATCH_RANK_ENDED) {
        return false;
    }
    batch_row_remove(m, last);
    return true;
}

struct batch_row *batch_row_add(struct model *m, struct span id)
{
    if (!make_room(m)) {
        return NULL;
    }
    struct batch_row *row = mem_zalloc(sizeof(*row));
    struct batch *b = &row->view;
    b->id = span_dup(id);
    b->id_len = id.len;
    b->display_id = utf8_sanitise_dup(id, NAME_COLS);
    b->state = BATCH_QUEUED;
    b->valid = true;
    b->current = -1;
    b->total = -1;
    b->part = UNKNOWN_REAL;
    b->rate_per_s = UNKNOWN_REAL;
    b->left_s = UNKNOWN_REAL;
    b->first_us = m->now_us;
    b->moved_us = m->now_us;
    b->ended_us = -1;
    b->expires_us = -1;
    b->status = mem_strdup("");
    b->error = mem_strdup("");
    b->task_name = mem_strdup("");
    b->celery_state = mem_strdup("");
    b->hostname = mem_strdup("");
    row->gone_us = -1;
    row->base_us = -1;
    row->rank = BATCH_RANK_QUEUED;
    row->sort_us = b->first_us;
    HASH_ADD_KEYPTR(hh, m->batch.by_id, b->id, b->id_len, row);
    attach(m, row);
    return row;
}

size_t model_batch_count(const struct model *m)
{
    return utarray_len(&m->batch.sorted) - m->batch.of_rank[BATCH_RANK_HIDDEN];
}

const struct batch *model_batch_at(const struct model *m, size_t i)
{
    return i < model_batch_count(m) ? &batch_row_at(m, i)->view : NULL;
}

const struct batch *model_batch_find(const struct model *m, struct span id)
{
    const struct batch_row *row = batch_row_find(m, id);
    return row && !row->hidden ? &row->view : NULL;
}
