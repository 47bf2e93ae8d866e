/* The batches pane: generated questions on their way, and why one does not move. */
#include "pane.h"
#include "texts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

static const struct {
    const char *mark;
    enum role role, bar;
} states[BATCH_STATE_COUNT] = {
    [BATCH_QUEUED] = {".", ROLE_DIM, ROLE_BAR},
    [BATCH_RUNNING] = {">", ROLE_INFO, ROLE_BAR},
    [BATCH_STALLED] = {"!", ROLE_WARNING, ROLE_BAR},
    [BATCH_DONE] = {"+", ROLE_GOOD, ROLE_BAR},
    [BATCH_FAILED] = {"x", ROLE_CRITICAL, ROLE_BAR_FAILED},
    [BATCH_REVOKED] = {"-", ROLE_DIM, ROLE_BAR_FAILED},
    [BATCH_LOST] = {"?", ROLE_WARNING, ROLE_BAR_FAILED},
};

static const struct batch *of(const void *row)
{
    return row;
}

static void write_mark(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    if (!of(row)->valid) {
        field_text(out, ROLE_WARNING, S("?"));
    } else {
        field_text(out, states[of(row)->state].role, span_of(states[of(row)->state].mark));
    }
}

static void write_id(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_id(out, ROLE_TEXT, span_of(of(row)->display_id));
}
static void key_id(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->display_id;
}

static void write_progress(const struct look *look, const void *row, struct field *out)
{
    const struct batch *b = of(row);
    (void)look;
    text_share(b->part, out->buffer, sizeof out->buffer);
    field_bar(out, b->part, states[b->state].bar, isnan(b->part) ? ROLE_UNKNOWN : ROLE_VALUE,
              span_of(out->buffer));
}
static void key_progress(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->part * 100;
}

static void write_done(const struct look *look, const void *row, struct field *out)
{
    char current[TEXT_SMALL];
    char total[TEXT_SMALL];
    const struct batch *b = of(row);
    (void)look;
    if (b->current < 0 && b->total < 0) {
        field_unknown(out);
        return;
    }
    field_printf(out, ROLE_TEXT, "%s/%s", human_count(b->current, current, sizeof current),
                 human_count(b->total, total, sizeof total));
}
static void key_done(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->current < 0 ? NAN : (double)of(row)->current;
}

static bool lives(const struct batch *b)
{
    return b->state == BATCH_QUEUED || b->state == BATCH_RUNNING || b->state == BATCH_STALLED;
}

static void write_rate(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    if (!lives(of(row))) {
        field_text(out, ROLE_DIM, S("-"));
    } else {
        field_rate(out, ROLE_TEXT, of(row)->rate_per_s);
    }
}
static void key_rate(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->rate_per_s;
}

static void write_left(const struct look *look, const void *row, struct field *out)
{
    const struct batch *b = of(row);
    (void)look;
    if (!lives(b)) {
        field_text(out, ROLE_DIM, S("-"));
    } else if (b->state == BATCH_STALLED || !(b->left_s >= 0) || b->left_s > 1e9) {
        field_unknown(out);
    } else {
        char left[TEXT_SMALL];
        field_printf(out, ROLE_TEXT, "~%s", human_duration((int64_t)b->left_s * US_PER_S, left, sizeof left));
    }
}
static void key_left(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = lives(of(row)) ? of(row)->left_s : NAN;
}

static void write_moved(const struct look *look, const void *row, struct field *out)
{
    const struct batch *b = of(row);
    field_duration(out, b->state == BATCH_STALLED ? ROLE_WARNING : ROLE_TEXT,
                   b->moved_us < 0 ? -1 : look->now_us - b->moved_us);
}
static void key_moved(const struct look *look, const void *row, struct sort_key *out)
{
    out->number = of(row)->moved_us < 0 ? NAN : (double)(look->now_us - of(row)->moved_us) / (double)US_PER_S;
}

/* What one wants to know of it in this state, in one place. */
static void write_words(const struct look *look, const void *row, struct field *out)
{
    const struct batch *b = of(row);
    char age[TEXT_SMALL];
    enum role role = states[b->state].role;
    char hidden[VEIL_MAX];
    const char *said = look_text(look, VEIL_PAYLOAD, b->error[0] ? b->error : b->status, hidden);
    if (!b->valid) {
        field_text(out, ROLE_WARNING, S("! progress is no JSON object"));
        return;
    }
    switch (b->state) {
    case BATCH_STALLED:
        text_age(b->moved_us < 0 ? -1 : look->now_us - b->moved_us, age, sizeof age);
        if (out->cols >= 40 || out->cols == 0) {
            field_printf(out, role, "no movement %s%s%.60s", age, said[0] ? ": " : "", said);
        } else {
            field_printf(out, role, out->cols < 18 ? "no move %s" : "no movement %s", age);
        }
        return;
    case BATCH_FAILED:
        field_printf(out, role, "failed%s%.80s", said[0] ? ": " : "", said);
        return;
    case BATCH_LOST:
        field_text(out, role, S("lost: progress gone, no result"));
        return;
    case BATCH_DONE:
    case BATCH_REVOKED:
        field_printf(out, role, "%s %s ago", batch_state_name[b->state],
                     text_age(b->ended_us < 0 ? -1 : look->now_us - b->ended_us, age, sizeof age));
        return;
    case BATCH_RUNNING:
        /* Where there is no room for both, how long it takes says more than the status. */
        if (out->cols > 0 && out->cols < 20 && b->left_s >= 0 && b->left_s < 1e9) {
            field_printf(out, role, "~%s left",
                         human_duration((int64_t)b->left_s * US_PER_S, age, sizeof age));
            return;
        }
        field_printf(out, role, "%s", said[0] ? said : "running");
        return;
    default:
        field_printf(out, role, "%s", said[0] ? said : batch_state_name[b->state]);
        return;
    }
}
static void write_state(const struct look *look, const void *row, struct field *out)
{
    write_words(look, row, out);
    field_own(out);
}
static void key_state(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = batch_state_name[of(row)->state];
}

static void write_task(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, span_of(of(row)->task_name));
}
static void key_task(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->task_name;
}

static void write_worker(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, span_of(of(row)->hostname));
}
static void key_worker(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->hostname;
}

#define MORE (COLUMN_DESCENDING)
static const struct column columns[] = {
    {"", 1, 1, 1, ALIGN_LEFT, 1, COLUMN_MARK, write_mark, NULL,
     ". queued, > running, ! stalled, + done, x failed, - revoked, ? lost", VEIL_PLAIN},
    {"batch", 8, 8, 36, ALIGN_LEFT, 2, COLUMN_MATCH | COLUMN_GROWS, write_id, key_id, "its task's id",
     VEIL_PLAIN},
    {"progress", 10, 20, 40, ALIGN_RIGHT, 1, COLUMN_GROWS | MORE, write_progress, key_progress,
     "how far it is", VEIL_PLAIN},
    {"done", 7, 9, 9, ALIGN_RIGHT, 4, MORE, write_done, key_done, "questions made, of how many", VEIL_PLAIN},
    {"rate/s", 7, 7, 7, ALIGN_RIGHT, 7, MORE, write_rate, key_rate, "questions a second, as measured here",
     VEIL_PLAIN},
    {"left", 6, 7, 7, ALIGN_RIGHT, 5, 0, write_left, key_left, "time it still needs at that rate",
     VEIL_PLAIN},
    {"moved", 6, 6, 6, ALIGN_RIGHT, 6, 0, write_moved, key_moved, "since it last moved", VEIL_PLAIN},
    {"state", 15, 28, 80, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_GROWS, write_state, key_state,
     "its status or error; \"no movement\" after 60 s", VEIL_PAYLOAD},
    {"task", 20, 32, 40, ALIGN_LEFT, 9, COLUMN_MATCH, write_task, key_task, "the task's name", VEIL_PLAIN},
    {"worker", 14, 20, 30, ALIGN_LEFT, 8, COLUMN_MATCH, write_worker, key_worker, "the worker that has it",
     VEIL_NODE},
};

static size_t count(const struct model *m)
{
    return model_batch_count(m);
}

static const void *row_at(const struct model *m, size_t i)
{
    return model_batch_at(m, i);
}

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_of(of(row)->id);
    return TARGET_TASK;
}

static void title(const struct look *look, struct segments *out)
{
    size_t in[BATCH_STATE_COUNT] = {0};
    /* Trouble first: in a narrow title the rest may go. */
    static const enum batch_state order[] = {BATCH_FAILED, BATCH_STALLED, BATCH_LOST, BATCH_RUNNING,
                                             BATCH_QUEUED};
    for (size_t i = 0; i < model_batch_count(look->m); i++) {
        in[model_batch_at(look->m, i)->state]++;
    }
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        enum batch_state s = order[i];
        bool bad = s == BATCH_FAILED || s == BATCH_STALLED || s == BATCH_LOST;
        if (in[s]) {
            segments_add(out, bad ? 2 : 3, bad ? states[s].role : ROLE_TEXT, "", "%s%zu %s", bad ? "! " : "",
                         in[s], batch_state_name[s]);
        }
    }
}

static void empty(const struct look *look, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, S("no batches (e starts one)"));
}

const struct pane_ops pane_batches = {
    .name = "batches",
    .one = "batch",
    .many = "batches",
    .topic = TOPIC_BATCHES,
    .topics = 1u << TOPIC_BATCHES,
    .column = columns,
    .columns = sizeof columns / sizeof columns[0],
    .sort = -1,
    .count = count,
    .row = row_at,
    .identify = identify,
    .title = title,
    .empty = empty,
};
