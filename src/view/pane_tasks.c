/* The tasks pane: every task that is known of, one row an id, the newest change first. */
#include "pane.h"
#include "task_words.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/utf8.h"

static const struct task *of(const void *row)
{
    return row;
}

/* Seconds of a span of time; NAN unknown. */
static double seconds(int64_t us)
{
    return us < 0 ? (double)NAN : (double)us / (double)US_PER_S;
}

static void write_mark(const struct look *look, const void *row, struct field *out)
{
    const struct task_sign *sign = task_sign(of(row)->state);
    (void)look;
    field_text(out, sign->role, span_of(sign->mark));
}

static void write_state(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, task_sign(of(row)->state)->role, span_of(task_state_name[of(row)->state]));
}
static void key_state(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = task_state_name[of(row)->state];
}

/* The part behind the last dot tells tasks apart where the whole name has no room. */
static void write_task(const struct look *look, const void *row, struct field *out)
{
    const char *name = of(row)->name;
    (void)look;
    if (!name[0]) {
        field_unknown(out);
        return;
    }
    bool whole = out->cols <= 0 || utf8_text_width(span_of(name)) <= out->cols;
    field_text(out, ROLE_TEXT, span_of(whole ? name : task_short_name(name)));
}

static void write_why(const struct look *look, const void *row, struct field *out)
{
    task_why(look, of(row), out);
}
static void key_why(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->exception;
}

static void write_id(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_id(out, ROLE_DIM, span_of(of(row)->display_id));
}

/* Bounded and made harmless; raw bytes never reach the screen. */
static void write_raw(struct field *out, const char *raw, enum role role)
{
    UT_string shown;
    utstring_init(&shown);
    utf8_sanitise(raw ? span_of(raw) : S(""), FIELD_BUFFER - 1, &shown);
    text_copy(out->buffer, sizeof out->buffer, text_span(&shown));
    utstring_done(&shown);
    field_text(out, role, span_of(out->buffer));
}

static void write_args(const struct look *look, const void *row, struct field *out)
{
    const struct task *t = of(row);
    (void)look;
    if (!t->args && !t->kwargs) {
        field_unknown(out);
        return;
    }
    bool words = t->kwargs && t->kwargs[0] && strcmp(t->kwargs, "{}") != 0;
    char both[2 * FIELD_BUFFER];
    snprintf(both, sizeof both, "%.95s%s%.95s", t->args ? t->args : "", words ? " " : "",
             words ? t->kwargs : "");
    write_raw(out, both, ROLE_DIM);
}

#define TEXT_COLUMN(name, member)                                                                            \
    static void write_##name(const struct look *look, const void *row, struct field *out)                    \
    {                                                                                                        \
        (void)look;                                                                                          \
        field_text(out, ROLE_TEXT, span_of(of(row)->member));                                                \
    }                                                                                                        \
    KEY_OF_TEXT(name, member)
#define KEY_OF_TEXT(name, member)                                                                            \
    static void key_##name(const struct look *look, const void *row, struct sort_key *out)                   \
    {                                                                                                        \
        (void)look;                                                                                          \
        out->text = of(row)->member;                                                                         \
    }
TEXT_COLUMN(queue, queue)
TEXT_COLUMN(worker, worker)
KEY_OF_TEXT(task, name)
KEY_OF_TEXT(id, display_id)

/* Raw ids and arguments: matched and ordered as they are, shown as harmless copies. */
#define RAW_COLUMN(name, member)                                                                             \
    static void write_##name(const struct look *look, const void *row, struct field *out)                    \
    {                                                                                                        \
        (void)look;                                                                                          \
        write_raw(out, of(row)->member, ROLE_DIM);                                                           \
        field_id(out, ROLE_DIM, out->text);                                                                  \
    }                                                                                                        \
    KEY_OF_RAW(name, member)
#define KEY_OF_RAW(name, member)                                                                             \
    static void key_##name(const struct look *look, const void *row, struct sort_key *out)                   \
    {                                                                                                        \
        (void)look;                                                                                          \
        out->text = of(row)->member ? of(row)->member : "";                                                  \
    }
RAW_COLUMN(parent, parent_id)
RAW_COLUMN(root, root_id)
RAW_COLUMN(group, group)
KEY_OF_RAW(args, args)

static int64_t changed_us(const struct look *look, const void *row)
{
    return look->now_us - of(row)->changed_us;
}
static int64_t age_us(const struct look *look, const void *row)
{
    return task_age_us(look, of(row));
}
static int64_t ago(const struct look *look, int64_t wall_us)
{
    int64_t us = look->wall_us - wall_us;
    return wall_us < 0 ? -1 : us > 0 ? us : 0;
}
static int64_t received_us(const struct look *look, const void *row)
{
    return ago(look, of(row)->received_us);
}
static int64_t started_us(const struct look *look, const void *row)
{
    return ago(look, of(row)->started_us);
}

/* A time that has passed since; what never was is a dash, not a question. */
#define AGO_COLUMN(name)                                                                                     \
    static void write_##name(const struct look *look, const void *row, struct field *out)                    \
    {                                                                                                        \
        int64_t us = name##_us(look, row);                                                                   \
        if (us < 0) {                                                                                        \
            field_text(out, ROLE_DIM, S("-"));                                                               \
        } else {                                                                                             \
            field_coarse(out, ROLE_TEXT, us);                                                                \
        }                                                                                                    \
    }                                                                                                        \
    static void key_##name(const struct look *look, const void *row, struct sort_key *out)                   \
    {                                                                                                        \
        out->number = seconds(name##_us(look, row));                                                         \
    }
AGO_COLUMN(changed)
AGO_COLUMN(age)
AGO_COLUMN(received)
AGO_COLUMN(started)

static void write_runtime(const struct look *look, const void *row, struct field *out)
{
    int64_t us = task_runtime_us(look, of(row));
    if (us < 0) {
        field_text(out, ROLE_DIM, S("-"));
    } else {
        /* Of one that runs whole seconds: what moves faster cannot be read. */
        field_duration(out, ROLE_TEXT, of(row)->state == TASK_STATE_RUNNING ? us / US_PER_S * US_PER_S : us);
    }
}
static void key_runtime(const struct look *look, const void *row, struct sort_key *out)
{
    out->number = seconds(task_runtime_us(look, of(row)));
}

static void write_retries(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_count(out, of(row)->retries ? ROLE_TEXT : ROLE_DIM, of(row)->retries);
}
static void key_retries(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->retries < 0 ? (double)NAN : (double)of(row)->retries;
}

static void write_ahead(const struct look *look, int64_t wall_us, const char *passed, struct field *out)
{
    char left[TEXT_SMALL];
    if (wall_us < 0) {
        field_text(out, ROLE_DIM, S("-"));
    } else if (wall_us <= look->wall_us) {
        field_text(out, ROLE_DIM, span_of(passed));
    } else {
        field_printf(out, ROLE_TEXT, "in %s",
                     text_coarse(wall_us - look->wall_us + 5 * US_PER_S, left, sizeof left));
    }
}
static void write_eta(const struct look *look, const void *row, struct field *out)
{
    write_ahead(look, of(row)->eta_us, "passed", out);
}
static void key_eta(const struct look *look, const void *row, struct sort_key *out)
{
    out->number = of(row)->eta_us < 0 ? (double)NAN : (double)(of(row)->eta_us - look->wall_us) / 1e6;
}
static void write_expires(const struct look *look, const void *row, struct field *out)
{
    write_ahead(look, of(row)->expires_us, "expired", out);
}
static void key_expires(const struct look *look, const void *row, struct sort_key *out)
{
    out->number = of(row)->expires_us < 0 ? (double)NAN : (double)(of(row)->expires_us - look->wall_us) / 1e6;
}

static void write_from(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, span_of(task_source_name(of(row)->source)));
}
static void key_from(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = task_source_name(of(row)->source);
}

#define MORE   (COLUMN_DESCENDING)
#define WORDS  (COLUMN_MATCH | COLUMN_PLAIN)
#define SHARED (WORDS | COLUMN_SHARED) /* interned by the model, or its own words */
static const struct column columns[] = {
    {"", 1, 1, 1, ALIGN_LEFT, 1, COLUMN_MARK, write_mark, NULL,
     ". waiting, : reserved, @ scheduled, > running, r retry, + succeeded, x failed, - revoked, / rejected, "
     "! lost, o orphaned, ? unknown",
     VEIL_PLAIN},
    {"state", 9, 9, 9, ALIGN_LEFT, 1, SHARED, write_state, key_state,
     "waiting in a list, reserved or scheduled by a worker, running, or how it ended", VEIL_PLAIN},
    {"task", 14, 24, 40, ALIGN_LEFT, 1, SHARED | COLUMN_GROWS, write_task, key_task,
     "name; what is behind its last dot where there is no room", VEIL_PLAIN},
    {"why", 16, 30, 80, ALIGN_LEFT, 3, COLUMN_MATCH | COLUMN_GROWS, write_why, key_why,
     "error or result, or why it needs a look", VEIL_PAYLOAD},
    {"id", 8, 8, 36, ALIGN_LEFT, 5, WORDS, write_id, key_id, "its id; eight letters where there is no room",
     VEIL_PLAIN},
    {"changed", 8, 8, 8, ALIGN_RIGHT, 2, 0, write_changed, key_changed, "since its state changed",
     VEIL_PLAIN},
    {"runtime", 8, 8, 8, ALIGN_RIGHT, 3, MORE, write_runtime, key_runtime, "of this attempt, or of the last",
     VEIL_PLAIN},
    {"queue", 9, 10, 20, ALIGN_LEFT, 5, SHARED, write_queue, key_queue, "the queue it was sent to",
     VEIL_PLAIN},
    {"worker", 14, 16, 30, ALIGN_LEFT, 5, SHARED | COLUMN_GROWS, write_worker, key_worker,
     "the worker that has it or had it last", VEIL_NODE},
    {"age", 5, 5, 5, ALIGN_RIGHT, 6, MORE, write_age, key_age,
     "since it was sent; where that is not known, since the earliest that is", VEIL_PLAIN},
    {"retries", 8, 8, 8, ALIGN_RIGHT, 7, MORE, write_retries, key_retries, "attempts after the first",
     VEIL_PLAIN},
    {"args", 14, 24, 60, ALIGN_LEFT, 6, COLUMN_GROWS | COLUMN_PLAIN, write_args, key_args,
     "arguments, cut to fit", VEIL_PAYLOAD},
    {"received", 9, 9, 9, ALIGN_RIGHT, 9, MORE, write_received, key_received, "since a worker took it",
     VEIL_PLAIN},
    {"started", 8, 8, 8, ALIGN_RIGHT, 8, MORE, write_started, key_started, "since it was started",
     VEIL_PLAIN},
    {"eta", 7, 7, 8, ALIGN_RIGHT, 8, 0, write_eta, key_eta, "when it may run at the earliest", VEIL_PLAIN},
    {"expires", 8, 8, 8, ALIGN_RIGHT, 9, 0, write_expires, key_expires,
     "when it is dropped if it still waits", VEIL_PLAIN},
    {"from", 7, 7, 7, ALIGN_LEFT, 8, WORDS & ~COLUMN_MATCH, write_from, key_from,
     "where its state is known from: list, unacked, event, worker, result", VEIL_PLAIN},
    {"parent", 8, 8, 36, ALIGN_LEFT, 10, COLUMN_PLAIN, write_parent, key_parent,
     "id of the task that sent it", VEIL_PLAIN},
    {"root", 8, 8, 36, ALIGN_LEFT, 11, COLUMN_PLAIN, write_root, key_root,
     "id of the first task of its chain", VEIL_PLAIN},
    {"group", 8, 8, 36, ALIGN_LEFT, 11, COLUMN_PLAIN, write_group, key_group, "id of its group", VEIL_PLAIN},
};
enum { COLUMN_CHANGED = 5 };

static size_t count(const struct model *m)
{
    return model_task_count(m);
}

static const void *row_at(const struct model *m, size_t i)
{
    return model_task_at(m, i);
}

static const void *find(const struct model *m, struct span id)
{
    return model_task_find(m, id);
}

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_make(of(row)->id, of(row)->id_len);
    return TARGET_TASK;
}

/* Trouble first: in a narrow title the rest may go. */
static void title(const struct look *look, struct segments *out)
{
    static const struct {
        enum task_state state;
        int priority;
    } rows[] = {{TASK_STATE_RUNNING, 2},  {TASK_STATE_WAITING, 2},   {TASK_STATE_FAILED, 2},
                {TASK_STATE_LOST, 3},     {TASK_STATE_ORPHANED, 3},  {TASK_STATE_RETRY, 4},
                {TASK_STATE_RESERVED, 5}, {TASK_STATE_SCHEDULED, 5}, {TASK_STATE_REVOKED, 7}};
    char text[TEXT_SMALL];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t n = model_tasks_in(look->m, rows[i].state);
        enum role role = task_sign(rows[i].state)->role;
        bool bad = role == ROLE_CRITICAL || role == ROLE_WARNING;
        if (n) {
            segments_add(out, rows[i].priority, bad ? role : ROLE_TEXT, "", "%s %s",
                         human_count((int64_t)n, text, sizeof text), task_state_name[rows[i].state]);
        }
    }
    int64_t unlisted = model_tasks_unlisted(look->m);
    if (unlisted > 0) {
        struct segment *s = segments_add(out, 3, ROLE_INFO, "", "%s more wait unlisted",
                                         human_count(unlisted, text, sizeof text));
        segment_brief(s, "+%s wait", text);
    }
    int64_t ended = 0;
    double rate = model_task_failure_rate(look->m, &ended);
    if (rate >= 0 && ended > 0) {
        char of_all[TEXT_SMALL];
        segments_add(out, 4, rate > 0 ? ROLE_TEXT : ROLE_DIM, "", "%s failed of %s in 5 min",
                     human_percent(rate, text, sizeof text), human_count(ended, of_all, sizeof of_all));
    }
}

static void empty(const struct look *look, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM,
               S("no tasks: no list or worker has one, no result was read (:events on tells more)"));
}

const struct pane_ops pane_tasks = {
    .name = "tasks",
    .one = "task",
    .many = "tasks",
    .topic = TOPIC_TASKS,
    .topics = 1u << TOPIC_TASKS,
    .column = columns,
    .columns = sizeof columns / sizeof columns[0],
    .words = {"state", task_state_name, TASK_STATE_COUNT},
    .sort = COLUMN_CHANGED,
    .count = count,
    .row = row_at,
    .find = find,
    .identify = identify,
    .title = title,
    .empty = empty,
};
