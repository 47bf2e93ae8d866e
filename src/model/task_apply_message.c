/* Its message was seen: in a list, where it waits, or in unacked, where a worker has put it. */
#include "model_priv.h"

enum { FRONT_COLS = 200, TAKES_MAX = 250 };
#define SAME_DELIVERY_US US_PER_S /* two scores this close are of one delivery */

/* What is popped next of this list; shown with the queue. */
static void note_front(struct model *m, struct task_spot *place, const struct fact_task_message *f)
{
    enum target_kind kind = f->id.len ? TARGET_TASK : TARGET_MESSAGE;
    struct span id = f->id.len ? f->id : f->ref;
    if (place->front.kind != kind || !span_equal(target_id(&place->front), id)) {
        target_set(&place->front, kind, id);
        model_show_replace(&place->front_id, f->id, FRONT_COLS);
        model_show_replace(&place->front_name, f->name, FRONT_COLS);
        place->front_since_us = m->now_us;
    }
    place->front_told_us = m->now_us;
}

/* The same id taken again: another delivery of the same attempt. */
static void note_delivery(struct model *m, struct task_row *row, const struct fact_task_message *f,
                          bool was_there)
{
    struct task *t = &row->view;
    int64_t at = model_time(f->delivered_wall_us);
    bool another = at >= 0 && t->delivered_us >= 0 && llabs(at - t->delivered_us) > SAME_DELIVERY_US;
    bool first = row->takes_seen == 0;
    if (first || another || (!was_there && at < 0)) {
        row->takes_seen = (uint8_t)(row->takes_seen + (row->takes_seen < TAKES_MAX));
    }
    if (f->redelivered && row->takes_seen < 2) {
        row->takes_seen = 2; /* it was taken before, or it would not say so */
    }
    if (another && !first) {
        /* Taken anew: who had it before says nothing of who has it now. */
        intern_swap(&m->task.names, &t->worker, S(""));
        row->claim_us = -1;
        row->word = row->word < TASK_WORD_SUCCEEDED ? TASK_WORD_NONE : row->word;
        row->result = row->result < TASK_RESULT_SUCCESS ? TASK_RESULT_ABSENT : row->result;
    }
    t->delivered_us = at >= 0 ? at : t->delivered_us;
    task_row_taken(row);
}

static void note_fate(struct task_row *row, const struct fact_task_message *f)
{
    unsigned fate = f->fate == MESSAGE_DROPPED                                        ? TASK_FLAG_DROPPED
                    : f->fate == MESSAGE_KILLS_LOST || f->fate == MESSAGE_KILLS_AGAIN ? TASK_FLAG_POISON
                                                                                      : 0;
    unsigned kept = row->kept & ~(unsigned)(TASK_FLAG_DROPPED | TASK_FLAG_POISON | TASK_FLAG_REDELIVERED);
    row->kept = (uint8_t)(kept | fate | (f->redelivered ? TASK_FLAG_REDELIVERED : 0));
    if (fate && f->reason.len) {
        task_row_text(row, f->reason);
    }
}

static void note_contents(struct model *m, struct task_row *row, const struct fact_task_message *f)
{
    struct task *t = &row->view;
    int64_t rest = model_count(f->chain_rest);
    task_row_name(m, row, &t->name, f->name);
    task_row_name(m, row, &t->queue, f->queue);
    task_row_args(row, f->args, f->kwargs, f->args_are_repr, f->args_cut);
    task_row_ids(row, f->parent_id, f->root_id, f->group);
    t->has_chord = f->has_chord;
    t->chain_rest = rest < 0 ? 0 : rest > INT16_MAX ? INT16_MAX : (int32_t)rest;
    t->priority = f->priority >= 0 && f->priority <= INT16_MAX ? (int16_t)f->priority : -1;
    if (f->retries >= t->retries) {
        t->eta_us = model_time(f->eta_wall_us);
        t->expires_us = model_time(f->expires_wall_us);
    }
}

void task_message(struct model *m, const struct fact_task_message *f)
{
    bool listed = f->place == TASK_PLACE_LIST;
    int step = listed && f->step >= 0 && f->step <= 9 ? (int)f->step : 0;
    struct task_spot *place = listed ? task_place_get(m, SWEEP_LIST, step, f->queue) : m->task.unacked;
    if (!place) {
        return;
    }
    place->told_us = m->now_us;
    place->poison_now += listed && (f->fate == MESSAGE_KILLS_LOST || f->fate == MESSAGE_KILLS_AGAIN);
    if (listed && f->position == 0) {
        note_front(m, place, f);
        queue_tasks(m, f->queue);
    }
    struct task_row *row = task_row_get(m, f->id, f->args);
    if (!row) {
        return;
    }
    bool was_there = task_seat_find(row, place) != NULL;
    task_row_attempt(m, row, f->retries);
    note_contents(m, row, f);
    note_fate(row, f);
    if (!listed) {
        note_delivery(m, row, f, was_there);
        bool runs = row->result == TASK_RESULT_STARTED || row->result == TASK_RESULT_PROGRESS;
        if (runs && row->claim_us >= 0 && row->claim_us < m->now_us) {
            m->task.late_acks_us = m->now_us;
        }
    }
    struct task_seat *seat = task_seat_put(m, row, place, listed ? f->ref : f->tag);
    m->task.promised -= seat->promised;
    seat->promised = false;
    seat->redelivered = f->redelivered;
    task_row_told(m, row, listed ? TASK_FROM_LIST : TASK_FROM_UNACKED);
    task_decide(m, row);
}
