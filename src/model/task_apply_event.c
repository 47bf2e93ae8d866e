/* A worker or a producer told something of it. Events come in order from one worker, but the end of an
 * attempt may be told after the next one was received, and a result may be there before its events are. */
#include "model_priv.h"

enum { TAKES_MAX = 250 };

static void take(struct task_row *row)
{
    row->takes_told = (uint8_t)(row->takes_told + (row->takes_told < TAKES_MAX));
    task_row_taken(row);
}

static bool has_ended(const struct task_row *row)
{
    return row->word >= TASK_WORD_SUCCEEDED || row->result >= TASK_RESULT_SUCCESS;
}

/* Whether the sender told this after the end that is known: then it is another run. */
static bool is_after_end(const struct task_row *row, const struct fact_task_event *f)
{
    return has_ended(row) && row->view.ended_us >= 0 &&
           model_time(f->sent_wall_us) - row->view.ended_us > TASK_SLACK_US;
}

static void run_again(struct task_row *row, enum task_word word)
{
    row->rerun = true;
    if (row->word == TASK_WORD_SUCCEEDED || row->result == TASK_RESULT_SUCCESS) {
        row->kept |= TASK_FLAG_SECOND_RUN;
    } else {
        row->word = (uint8_t)word;
    }
}

static void claim(struct model *m, struct task_row *row, const struct fact_task_event *f)
{
    row->claim_us = m->now_us;
    task_row_name(m, row, &row->view.worker, f->worker);
}

static void received(struct model *m, struct task_row *row, const struct fact_task_event *f)
{
    struct task *t = &row->view;
    bool open = row->word == TASK_WORD_RECEIVED || row->word == TASK_WORD_STARTED;
    bool newer = task_row_attempt(m, row, f->retries);
    if (!newer && f->retries >= 0 && f->retries < t->retries) {
        return; /* of an attempt that is over */
    }
    t->received_us = model_time(f->sent_wall_us);
    if (f->retries >= 0) {
        t->eta_us = model_time(f->eta_wall_us);
        t->expires_us = model_time(f->expires_wall_us);
    }
    if (newer) {
        row->overlap = open;
        row->word = TASK_WORD_RECEIVED;
        row->rerun = has_ended(row);
        take(row);
        claim(m, row, f);
        return;
    }
    if (has_ended(row)) {
        if (is_after_end(row, f)) {
            take(row);
            claim(m, row, f);
            run_again(row, TASK_WORD_RECEIVED);
        }
        return;
    }
    take(row);
    claim(m, row, f);
    row->word = TASK_WORD_RECEIVED;
}

static void started(struct model *m, struct task_row *row, const struct fact_task_event *f)
{
    struct task *t = &row->view;
    bool elsewhere = row->word == TASK_WORD_STARTED && f->worker.len && t->worker[0] &&
                     !span_equal(intern_raw(t->worker), f->worker);
    if (has_ended(row) && !is_after_end(row, f)) {
        t->started_us = t->started_us < 0 ? model_time(f->sent_wall_us) : t->started_us;
        return; /* a result that was faster than the events */
    }
    if (has_ended(row) && !row->rerun) {
        take(row); /* its receiving was missed */
    }
    if (elsewhere) {
        row->kept |= TASK_FLAG_SECOND_RUN;
        take(row);
    } else if (row->takes_told == 0) {
        take(row);
    }
    t->started_us = model_time(f->sent_wall_us);
    t->runtime_s = UNKNOWN_REAL;
    claim(m, row, f);
    if (has_ended(row)) {
        run_again(row, TASK_WORD_STARTED);
    } else {
        row->word = TASK_WORD_STARTED;
    }
}

/* The end of an attempt after which there is another. */
static void again(struct model *m, struct task_row *row, const struct fact_task_event *f)
{
    if (!row->overlap) {
        row->word = TASK_WORD_AGAIN;
        row->claim_us = -1;
    }
    row->overlap = false;
    task_row_name(m, row, &row->view.exception, f->exception);
    task_row_text(row, f->text);
}

static void ended(struct model *m, struct task_row *row, const struct fact_task_event *f, enum task_word word)
{
    struct task *t = &row->view;
    bool final_result = row->result >= TASK_RESULT_SUCCESS;
    int64_t at = model_time(f->sent_wall_us);
    task_row_name(m, row, &t->worker, f->worker);
    if (!final_result) {
        t->ended_us = at >= 0 ? at : m->wall_us;
    }
    if (word == TASK_WORD_SUCCEEDED && t->exception[0] && row->result != TASK_RESULT_FAILURE) {
        task_row_clear_error(m, row);
    }
    if (f->runtime_s >= 0) {
        t->runtime_s = f->runtime_s;
    } else if (t->started_us >= 0 && at >= t->started_us) {
        t->runtime_s = (double)(at - t->started_us) / (double)US_PER_S;
    }
    if (row->word != TASK_WORD_SUCCEEDED) {
        row->word = (uint8_t)word; /* a second run does not undo a success */
    }
    row->rerun = false;
    row->claim_us = -1;
    task_row_name(m, row, &t->exception, f->exception);
    task_row_text(row, f->text);
    if (word == TASK_WORD_REVOKED && f->text.len == 0 && !final_result) {
        task_row_text(row, f->expired ? S("expired") : f->terminated ? S("terminated") : S("revoked"));
    }
}

/* It was sent: until its list is read it is taken to be there. */
static void sent(struct model *m, struct task_row *row, const struct fact_task_event *f)
{
    row->view.sent_us = model_time(f->sent_wall_us);
    task_row_attempt(m, row, f->retries);
    if (row->word != TASK_WORD_NONE || row->result > TASK_RESULT_ABSENT || row->seat || f->queue.len == 0) {
        return;
    }
    row->view.eta_us = model_time(f->eta_wall_us);
    row->view.expires_us = model_time(f->expires_wall_us);
    struct task_spot *place = task_place_get(m, SWEEP_LIST, 0, f->queue);
    if (place) {
        task_seat_put(m, row, place, S(""))->promised = true;
        m->task.promised++;
    }
}

static void tell(struct model *m, struct task_row *row, const struct fact_task_event *f)
{
    switch (f->event) {
    case TASK_EVENT_SENT:
        sent(m, row, f);
        break;
    case TASK_EVENT_RECEIVED:
        received(m, row, f);
        break;
    case TASK_EVENT_STARTED:
        started(m, row, f);
        break;
    case TASK_EVENT_SUCCEEDED:
        ended(m, row, f, TASK_WORD_SUCCEEDED);
        break;
    case TASK_EVENT_FAILED:
        ended(m, row, f, TASK_WORD_FAILED);
        break;
    case TASK_EVENT_REVOKED:
        ended(m, row, f, TASK_WORD_REVOKED);
        break;
    case TASK_EVENT_REJECTED:
        if (f->requeue) {
            again(m, row, f);
        } else {
            ended(m, row, f, TASK_WORD_REJECTED);
        }
        break;
    case TASK_EVENT_RETRIED:
    case TASK_EVENT_CANCELLED:
        again(m, row, f);
        break;
    default:
        break;
    }
}

void task_event(struct model *m, const struct fact_task_event *f)
{
    struct task_row *row = task_row_get(m, f->id, f->args);
    if (!row) {
        return;
    }
    task_row_name(m, row, &row->view.name, f->name);
    task_row_name(m, row, &row->view.queue, f->queue);
    task_row_args(row, f->args, f->kwargs, true, false);
    task_row_ids(row, f->parent_id, f->root_id, S(""));
    tell(m, row, f);
    task_row_told(m, row, TASK_FROM_EVENT);
    if (f->event != TASK_EVENT_SENT) {
        worker_told_of_task(m, f->worker);
        topic_heard(m, TOPIC_TASKS);
    }
    task_decide(m, row);
}
