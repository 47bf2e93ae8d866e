/* batch: what the facts say of each batch becomes its state. */
#include "model_priv.h"

#define PROGRESS_TTL_US (600 * US_PER_S) /* what the platform gives a progress key with each write */
#define RESULT_WAIT_US                                                                                       \
    (10 * US_PER_S)                 /* a progress key is gone: so long the result database has to answer     \
                                     */
#define SILENT_US (3600 * US_PER_S) /* Celery keeps a result for an hour: nobody will tell any more */

const char *const batch_state_name[BATCH_STATE_COUNT] = {
    [BATCH_QUEUED] = "queued", [BATCH_RUNNING] = "running", [BATCH_STALLED] = "stalled",
    [BATCH_DONE] = "done",     [BATCH_FAILED] = "failed",   [BATCH_REVOKED] = "revoked",
    [BATCH_LOST] = "lost",
};

struct state_word {
    struct span word;
    enum batch_state state;
};

static const struct state_word status_words[] = {
    {SPAN_LITERAL("in_progress"), BATCH_RUNNING},
    {SPAN_LITERAL("completed"), BATCH_DONE},
    {SPAN_LITERAL("failed"), BATCH_FAILED},
};
static const struct state_word celery_words[] = {
    {SPAN_LITERAL("PENDING"), BATCH_QUEUED},  {SPAN_LITERAL("RECEIVED"), BATCH_QUEUED},
    {SPAN_LITERAL("STARTED"), BATCH_RUNNING}, {SPAN_LITERAL("PROGRESS"), BATCH_RUNNING},
    {SPAN_LITERAL("RETRY"), BATCH_RUNNING},   {SPAN_LITERAL("SUCCESS"), BATCH_DONE},
    {SPAN_LITERAL("FAILURE"), BATCH_FAILED},  {SPAN_LITERAL("REVOKED"), BATCH_REVOKED},
};

/* States with a word of their own (custom ones) are a running batch. */
static enum batch_state state_of(const struct state_word *words, size_t count, struct span word)
{
    for (size_t i = 0; i < count; i++) {
        if (span_equal(words[i].word, word)) {
            return words[i].state;
        }
    }
    return BATCH_RUNNING;
}
#define STATE_OF(words, word) state_of(words, sizeof(words) / sizeof((words)[0]), word)

bool batch_has_ended(const struct batch *b)
{
    return b->state == BATCH_DONE || b->state == BATCH_FAILED || b->state == BATCH_REVOKED ||
           b->state == BATCH_LOST;
}

static void show(struct model *m, char **slot, struct span raw, int cols)
{
    if (model_show_replace(slot, raw, cols)) {
        model_touch(m, TOPIC_BATCHES);
    }
}

static void set_state(struct model *m, struct batch_row *row, enum batch_state state, int64_t ended_us)
{
    struct batch *b = &row->view;
    bool ended_before = batch_has_ended(b);
    b->state = state;
    if (!batch_has_ended(b)) {
        b->ended_us = -1;
        row->hidden = false;
    } else if (!ended_before) {
        b->ended_us = ended_us;
    }
    if (state == BATCH_DONE) {
        b->part = 1;
    }
    batch_left(m, row);
    batch_row_place(m, row);
    model_touch(m, TOPIC_BATCHES);
}

/* Progress goes on after an end only when it moves: the last word of a killed worker is "in_progress" for
 * ever. */
static void go_on(struct model *m, struct batch_row *row, enum batch_state state, bool moved)
{
    struct batch *b = &row->view;
    if (batch_has_ended(b) && !moved && b->state != BATCH_LOST) {
        return;
    }
    if (b->state == BATCH_STALLED && !moved && state == BATCH_RUNNING) {
        return;
    }
    if (state == BATCH_QUEUED && b->state != BATCH_QUEUED && b->current >= 0) {
        return;
    }
    if (b->state == BATCH_QUEUED && state == BATCH_RUNNING) {
        b->moved_us = m->now_us;
    }
    set_state(m, row, state, -1);
}

static void apply_state(struct model *m, struct batch_row *row, enum batch_state state, bool moved,
                        int64_t ended_us)
{
    if (state == BATCH_QUEUED || state == BATCH_RUNNING) {
        go_on(m, row, state, moved);
    } else {
        set_state(m, row, state, ended_us);
    }
}

static struct batch_row *row_of(struct model *m, struct span id)
{
    struct batch_row *row = batch_row_find(m, id);
    if (!row) {
        row = batch_row_add(m, id);
        if (!row) {
            m->batch.cut_now++;
        }
    }
    return row;
}

static void apply_enqueued(struct model *m, const struct fact_batch *f)
{
    struct batch_row *row = row_of(m, f->id);
    if (!row) {
        return;
    }
    show(m, &row->view.task_name, f->task_name, NAME_COLS);
    if (f->total >= 0 && row->view.total < 0) {
        row->view.total = model_count(f->total);
    }
    row->told_us = m->now_us;
    model_touch(m, TOPIC_BATCHES);
}

/* When the progress that is read for the first time was written: what is missing of its TTL is how long ago.
 * So a batch that stood still before anybody looked is known to stand still. */
static int64_t written_at(const struct model *m, const struct fact_batch *f)
{
    int64_t left_us = f->pttl_ms >= 0 ? model_ttl_us(f->pttl_ms) : PROGRESS_TTL_US;
    int64_t ago_us = left_us < PROGRESS_TTL_US ? PROGRESS_TTL_US - left_us : 0;
    return m->now_us > ago_us ? m->now_us - ago_us : 0;
}

void batch_apply(struct model *m, const struct fact_batch *f)
{
    if (f->origin == BATCH_ENQUEUED) {
        apply_enqueued(m, f);
        return;
    }
    bool first = !batch_row_find(m, f->id);
    struct batch_row *row = row_of(m, f->id);
    if (!row) {
        return;
    }
    struct batch *b = &row->view;
    int64_t written_us = first ? written_at(m, f) : m->now_us;
    row->told_us = m->now_us;
    if (f->origin == BATCH_PROGRESS_KEY) {
        b->key_gone = false;
        row->gone_us = -1;
        b->expires_us = f->pttl_ms >= 0    ? m->now_us + model_ttl_us(f->pttl_ms)
                        : f->pttl_ms == -1 ? -1
                                           : b->expires_us;
    }
    b->valid = f->valid;
    if (!f->valid) {
        /* Something lies where progress should: it runs as far as anybody can tell. */
        apply_state(m, row, BATCH_RUNNING, false, -1);
        model_touch(m, TOPIC_BATCHES);
        return;
    }
    bool moved = batch_move(m, row, model_count(f->current), model_count(f->total), f->percentage);
    if (f->task_name.len) {
        show(m, &b->task_name, f->task_name, NAME_COLS);
    }
    show(m, &b->status, f->status, NAME_COLS);
    if (f->error.len || !batch_has_ended(b)) {
        show(m, &b->error, f->error, ERROR_COLS);
    }
    apply_state(m, row, STATE_OF(status_words, f->status), moved, written_us);
    if (first) {
        b->moved_us = written_us;
        batch_left(m, row);
    }
}

void batch_gone(struct model *m, const struct fact_batch_gone *f)
{
    struct batch_row *row = batch_row_find(m, f->id);
    if (!row) {
        return;
    }
    row->view.key_gone = true;
    row->view.expires_us = -1;
    row->gone_us = m->now_us;
    row->task_known = false;
    row->told_us = m->now_us;
    if (row->hidden) {
        batch_row_remove(m, row);
    }
    model_touch(m, TOPIC_BATCHES);
}

/* When the task ended, told as wall time, on the model's clock. */
static int64_t ended_at(const struct model *m, int64_t date_done_us)
{
    int64_t ago = date_done_us < 0 ? 0 : m->wall_us - model_time(date_done_us);
    return ago > 0 && ago < m->now_us ? m->now_us - ago : m->now_us;
}

void batch_task(struct model *m, const struct fact_task *f)
{
    struct batch_row *row = batch_row_find(m, f->id);
    if (!row && span_equal(f->state, S("PROGRESS")) && f->total >= 0) {
        row = row_of(m, f->id); /* its first sign of life may come this way */
    }
    if (!row) {
        return;
    }
    struct batch *b = &row->view;
    row->task_known = true;
    row->told_us = m->now_us;
    show(m, &b->celery_state, f->state, NAME_COLS);
    if (f->hostname.len) {
        show(m, &b->hostname, f->hostname, NAME_COLS);
    }
    if (f->state.len == 0) {
        if (b->key_gone && !batch_has_ended(b)) {
            set_state(m, row, BATCH_LOST, m->now_us);
        }
        return;
    }
    bool moved =
        f->current >= 0 && batch_move(m, row, model_count(f->current), model_count(f->total), f->percentage);
    enum batch_state state = STATE_OF(celery_words, f->state);
    if (f->error.len && (state == BATCH_FAILED || state == BATCH_REVOKED || !b->error[0])) {
        show(m, &b->error, f->error, ERROR_COLS);
    }
    apply_state(m, row, state, moved, ended_at(m, f->date_done_us));
}

static void hide(struct model *m, struct batch_row *row)
{
    if (row->view.key_gone) {
        batch_row_remove(m, row);
    } else {
        /* Its key is still there and will be read again: remembered, so that it does not come back. */
        row->hidden = true;
        batch_row_place(m, row);
    }
    model_touch(m, TOPIC_BATCHES);
}

void batch_dismiss(struct model *m, const struct fact_dismiss *f)
{
    if (f->id.len) {
        struct batch_row *row = batch_row_find(m, f->id);
        if (row && row->rank == BATCH_RANK_ENDED) {
            hide(m, row);
        }
        return;
    }
    while (m->batch.of_rank[BATCH_RANK_ENDED] > 0) {
        hide(m, batch_row_at(m, model_batch_count(m) - 1));
    }
}

void batch_read_ok(struct model *m)
{
    m->batch.cut = m->batch.cut_now;
    m->batch.cut_now = 0;
}

bool batch_is_watched(const struct model *m, const struct batch_row *row)
{
    return connection_poll_up(m) && row->told_us >= m->connection.link[LINK_ROLE_POLL].since_us;
}

static bool result_can_answer(const struct model *m)
{
    const struct link_view *link = &m->connection.link[LINK_ROLE_RESULT];
    return link->since_us < 0 || link->state == FACT_LINK_UP;
}

/* What time alone does to a batch that has not ended. */
static void age(struct model *m, struct batch_row *row)
{
    struct batch *b = &row->view;
    bool unanswered = b->key_gone && !row->task_known && m->now_us - row->gone_us >= RESULT_WAIT_US;
    bool silent = b->key_gone && m->now_us - row->told_us >= SILENT_US;
    if ((unanswered && result_can_answer(m)) || silent) {
        set_state(m, row, BATCH_LOST, m->now_us);
    } else if (b->state == BATCH_RUNNING && m->now_us - b->moved_us >= BATCH_STALL_US &&
               batch_is_watched(m, row)) {
        set_state(m, row, BATCH_STALLED, -1);
    } else {
        batch_left(m, row);
    }
}

void batch_clock(struct model *m)
{
    size_t live = m->batch.of_rank[BATCH_RANK_LIVE] + m->batch.of_rank[BATCH_RANK_QUEUED];
    /* From the back: a row that ends moves behind the live ones. */
    for (size_t i = live; i > 0; i--) {
        age(m, batch_row_at(m, i - 1));
    }
    if (live) {
        model_touch(m, TOPIC_BATCHES);
    }
}

void batch_tick(struct model *m)
{
    while (m->batch.of_rank[BATCH_RANK_ENDED] > 0) {
        struct batch_row *oldest = batch_row_at(m, model_batch_count(m) - 1);
        if (m->now_us - oldest->view.ended_us < BATCH_KEEP_US) {
            break;
        }
        hide(m, oldest);
    }
    size_t hidden = m->batch.of_rank[BATCH_RANK_HIDDEN];
    size_t all = model_batch_count(m) + hidden;
    for (size_t i = all; i > all - hidden; i--) {
        struct batch_row *row = batch_row_at(m, i - 1);
        if (m->now_us - row->told_us >= BATCH_KEEP_US) {
            batch_row_remove(m, row);
        }
    }
}
