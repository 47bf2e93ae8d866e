/* A worker that was asked has it. */
#include "model_priv.h"

void task_held(struct model *m, const struct fact_task_held *f)
{
    struct task_row *row = task_row_get(m, f->id, f->args);
    struct task_spot *place = row ? task_place_get(m, SWEEP_WORKER, 0, f->worker) : NULL;
    if (!place) {
        return;
    }
    struct task *t = &row->view;
    task_row_name(m, row, &t->name, f->name);
    task_row_name(m, row, &t->queue, f->queue);
    task_row_args(row, f->args, f->kwargs, false, f->args_cut);
    if (f->hold != INSPECT_HOLD_READY) {
        task_row_name(m, row, &t->worker, f->worker);
        const struct task_seat *before = task_seat_find(row, place);
        bool runs = before && before->hold == INSPECT_HOLD_ACTIVE && before->seen_us > place->round_us;
        struct task_seat *seat = task_seat_put(m, row, place, S(""));
        /* Delivered twice, it both runs and waits there: that it runs counts, in whatever order it is told.
         */
        seat->hold = (uint8_t)(runs ? INSPECT_HOLD_ACTIVE : f->hold);
        seat->redelivered = f->redelivered;
        t->eta_us =
            f->hold == INSPECT_HOLD_SCHEDULED && f->eta_wall_us >= 0 ? model_time(f->eta_wall_us) : t->eta_us;
        if (f->hold == INSPECT_HOLD_ACTIVE && f->started_wall_us >= 0) {
            t->started_us = model_time(f->started_wall_us);
        }
        row->takes_told = row->takes_told ? row->takes_told : 1;
        task_row_taken(row);
    }
    task_row_told(m, row, TASK_FROM_WORKER);
    task_decide(m, row);
}
