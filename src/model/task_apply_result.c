/* Its result was read, or published. What it says outlives what events say. */
#include "model_priv.h"

static enum task_result result_of(struct span state)
{
    static const struct {
        const char *name;
        enum task_result result;
    } table[] = {
        {"STARTED", TASK_RESULT_STARTED}, {"PROGRESS", TASK_RESULT_PROGRESS},
        {"RETRY", TASK_RESULT_RETRY},     {"SUCCESS", TASK_RESULT_SUCCESS},
        {"FAILURE", TASK_RESULT_FAILURE}, {"REVOKED", TASK_RESULT_REVOKED},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (span_equal(state, span_of(table[i].name))) {
            return table[i].result;
        }
    }
    return state.len ? TASK_RESULT_PROGRESS : TASK_RESULT_ABSENT;
}

static double part_of(const struct fact_task *f)
{
    double part = UNKNOWN_REAL;
    if (f->total > 0 && f->current >= 0) {
        part = (double)f->current / (double)f->total;
    } else if (f->percentage >= 0) {
        part = f->percentage / 100;
    }
    return part > 1 ? 1 : part;
}

static void note_end(struct model *m, struct task_row *row, const struct fact_task *f)
{
    struct task *t = &row->view;
    int64_t done_us = model_time(f->date_done_us);
    row->result_retries = t->retries;
    row->rerun = false;
    if (done_us >= 0) {
        t->ended_us = done_us;
    } else if (t->ended_us < 0) {
        t->ended_us = m->wall_us;
    }
    if (isnan(t->runtime_s) && t->started_us >= 0 && t->ended_us >= t->started_us) {
        t->runtime_s = (double)(t->ended_us - t->started_us) / (double)US_PER_S;
    }
}

/* A new word of the result database, not the old one read once more. */
static void note_change(struct model *m, struct task_row *row, const struct fact_task *f,
                        enum task_result result)
{
    struct task *t = &row->view;
    bool runs = result == TASK_RESULT_STARTED || result == TASK_RESULT_PROGRESS;
    if (runs && row->result != TASK_RESULT_STARTED && row->result != TASK_RESULT_PROGRESS) {
        /* Read for the first time it may have said so for hours. */
        bool witnessed = row->result != TASK_RESULT_UNASKED && result == TASK_RESULT_STARTED;
        row->claim_us = m->now_us;
        t->started_us = t->started_us < 0 && witnessed ? m->wall_us : t->started_us;
    }
    if (result >= TASK_RESULT_SUCCESS) {
        note_end(m, row, f);
    }
    if (result == TASK_RESULT_SUCCESS && t->exception[0]) {
        task_row_clear_error(m, row); /* of an attempt before */
    }
    row->result = (uint8_t)result;
    intern_swap(&m->task.names, &t->celery_state, f->state);
}

void task_result(struct model *m, const struct fact_task *f)
{
    enum task_result result = result_of(f->state);
    /* That nothing is stored makes no row: any id may be asked for. */
    struct task_row *row =
        result == TASK_RESULT_ABSENT ? task_row_find(m, f->id) : task_row_get(m, f->id, f->args);
    if (!row) {
        return;
    }
    struct task *t = &row->view;
    task_row_attempt(m, row, f->retries);
    task_row_name(m, row, &t->name, f->name);
    task_row_name(m, row, &t->queue, f->queue);
    task_row_name(m, row, &t->worker, f->hostname);
    task_row_args(row, f->args, f->kwargs, f->args.len && f->args.data[0] == '(', f->args_cut);
    task_row_ids(row, f->parent_id, S(""), f->group);
    /* SUCCESS is never overwritten: what else is read behind it was on its way before it. */
    bool late = row->result == TASK_RESULT_SUCCESS && result != TASK_RESULT_SUCCESS;
    if (result == TASK_RESULT_ABSENT) {
        /* It may have run out: what it said stays true. */
        row->result = row->result == TASK_RESULT_UNASKED ? TASK_RESULT_ABSENT : row->result;
    } else if (!late) {
        if (row->result != result) {
            note_change(m, row, f, result);
        } else if (result >= TASK_RESULT_SUCCESS && f->date_done_us >= 0) {
            t->ended_us = model_time(f->date_done_us);
        }
        t->part = result == TASK_RESULT_SUCCESS ? 1 : part_of(f);
        task_row_name(m, row, &t->exception, f->exception);
        task_row_text(row, f->error);
    }
    task_row_told(m, row, result == TASK_RESULT_ABSENT ? (enum task_source)0 : TASK_FROM_RESULT);
    task_decide(m, row);
}

void task_gone(struct model *m, const struct fact_task_gone *f)
{
    struct task_row *row = task_row_find(m, f->id);
    if (!row) {
        return;
    }
    /* An end stays an end; that it ran is no longer said by anybody. */
    if (row->result < TASK_RESULT_SUCCESS) {
        row->result = TASK_RESULT_ABSENT;
        intern_swap(&m->task.names, &row->view.celery_state, S(""));
    }
    row->view.sources = (uint8_t)(row->view.sources & ~(unsigned)TASK_FROM_RESULT);
    row->view.told_us = m->now_us;
    m->task.version++;
    model_touch(m, TOPIC_TASKS);
    task_decide(m, row);
}
