/* The other faces of the tasks pane: tasks counted by name or by exception, with their runtimes. */
#include "pane.h"
#include "task_words.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

static const struct task_group *of(const void *row)
{
    return row;
}

static void write_name(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_TEXT, span_of(of(row)->name));
}
static void key_name(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->name;
}

static void write_total(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_count(out, ROLE_VALUE, (int64_t)of(row)->total);
}
static void key_total(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = (double)of(row)->total;
}

/* Of one or two states together: what waits for a free process waits, too. */
static size_t sum(const struct task_group *g, enum task_state a, enum task_state b, enum task_state c)
{
    return g->state[a] + (b == a ? 0 : g->state[b]) + (c == b ? 0 : g->state[c]);
}

#define COUNT_COLUMN(name, loud, a, b, c)                                                                    \
    static void write_##name(const struct look *look, const void *row, struct field *out)                    \
    {                                                                                                        \
        size_t n = sum(of(row), TASK_STATE_##a, TASK_STATE_##b, TASK_STATE_##c);                             \
        (void)look;                                                                                          \
        field_count(out, n ? loud : ROLE_DIM, (int64_t)n);                                                   \
    }                                                                                                        \
    static void key_##name(const struct look *look, const void *row, struct sort_key *out)                   \
    {                                                                                                        \
        (void)look;                                                                                          \
        out->number = (double)sum(of(row), TASK_STATE_##a, TASK_STATE_##b, TASK_STATE_##c);                  \
    }
COUNT_COLUMN(waiting, ROLE_TEXT, WAITING, RESERVED, SCHEDULED)
COUNT_COLUMN(running, ROLE_INFO, RUNNING, RUNNING, RUNNING)
COUNT_COLUMN(retry, ROLE_WARNING, RETRY, RETRY, RETRY)
COUNT_COLUMN(done, ROLE_TEXT, SUCCEEDED, SUCCEEDED, SUCCEEDED)
COUNT_COLUMN(failed, ROLE_CRITICAL, FAILED, FAILED, FAILED)
COUNT_COLUMN(lost, ROLE_WARNING, LOST, ORPHANED, REJECTED)

static void write_seconds(struct field *out, double s)
{
    if (isnan(s)) {
        field_text(out, ROLE_DIM, S("-"));
    } else {
        field_duration(out, ROLE_TEXT, (int64_t)(s * (double)US_PER_S));
    }
}

#define REAL_COLUMN(name, member, write)                                                                     \
    static void write_##name(const struct look *look, const void *row, struct field *out)                    \
    {                                                                                                        \
        (void)look;                                                                                          \
        write(out, of(row)->member);                                                                         \
    }                                                                                                        \
    static void key_##name(const struct look *look, const void *row, struct sort_key *out)                   \
    {                                                                                                        \
        (void)look;                                                                                          \
        out->number = of(row)->member;                                                                       \
    }
static void write_percent(struct field *out, double percent)
{
    if (isnan(percent)) {
        field_text(out, ROLE_DIM, S("-"));
    } else {
        human_percent(percent, out->buffer, sizeof out->buffer);
        field_text(out, percent > 0 ? ROLE_TEXT : ROLE_DIM, span_of(out->buffer));
    }
}
REAL_COLUMN(p50, p50_s, write_seconds)
REAL_COLUMN(p95, p95_s, write_seconds)
REAL_COLUMN(rate, failure_rate, write_percent)

static void write_last(const struct look *look, const void *row, struct field *out)
{
    field_coarse(out, ROLE_TEXT, look->now_us - of(row)->last_us);
}
static void key_last(const struct look *look, const void *row, struct sort_key *out)
{
    out->number = (double)(look->now_us - of(row)->last_us) / (double)US_PER_S;
}

static void write_example(const struct look *look, const void *row, struct field *out)
{
    const struct task *t = of(row)->example;
    (void)look;
    field_text(out, ROLE_DIM, span_of(!t ? "" : t->text[0] ? t->text : t->exception));
}

#define MORE (COLUMN_DESCENDING)
#define COLUMNS(title, kind, help)                                                                             \
    {                                                                                                          \
        {title,      20,       30,   60,  ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_PLAIN | COLUMN_GROWS,           \
         write_name, key_name, help, kind},                                                                    \
            {"total",   6, 6, 6, ALIGN_RIGHT, 1, MORE, write_total, key_total, "tasks that are known",         \
             VEIL_PLAIN},                                                                                      \
            {"waiting",   8,                                                                                   \
             8,           8,                                                                                   \
             ALIGN_RIGHT, 4,                                                                                   \
             MORE,        write_waiting,                                                                       \
             key_waiting, "in a list, or taken by a worker and not started",                                   \
             VEIL_PLAIN},                                                                                      \
            {"running", 8, 8, 8, ALIGN_RIGHT, 3, MORE, write_running, key_running, "running now", VEIL_PLAIN}, \
            {"retry", 6, 6, 6, ALIGN_RIGHT, 6, MORE, write_retry, key_retry, "to be tried again", VEIL_PLAIN}, \
            {"done", 6, 6, 6, ALIGN_RIGHT, 4, MORE, write_done, key_done, "succeeded", VEIL_PLAIN},            \
            {"failed", 7, 7, 7, ALIGN_RIGHT, 1, MORE, write_failed, key_failed, "failed", VEIL_PLAIN},         \
            {"lost",    5, 5, 5, ALIGN_RIGHT, 5, MORE, write_lost, key_lost, "lost, orphaned or rejected",     \
             VEIL_PLAIN},                                                                                      \
            {"fail%",   6, 6, 6, ALIGN_RIGHT, 2, MORE, write_rate, key_rate, "failed of those that ended",     \
             VEIL_PLAIN},                                                                                      \
            {"p50",     6,    6,         6,       ALIGN_RIGHT,                                                 \
             2,         MORE, write_p50, key_p50, "half of those that succeeded took no longer",               \
             VEIL_PLAIN},                                                                                      \
            {"p95", 6, 6, 6, ALIGN_RIGHT, 2, MORE, write_p95, key_p95, "19 of 20 took no longer", VEIL_PLAIN}, \
            {"last",    5, 5, 5, ALIGN_RIGHT, 3, 0, write_last, key_last, "since the last news of one",        \
             VEIL_PLAIN},                                                                                      \
            {"example",    16,                                                                                 \
             30,           80,                                                                                 \
             ALIGN_LEFT,   7,                                                                                  \
             COLUMN_GROWS, write_example,                                                                      \
             NULL,         "what the newest of them said",                                                     \
             VEIL_PAYLOAD},                                                                                    \
    }
static const struct column by_name[] = COLUMNS("task", VEIL_PLAIN, "name");
static const struct column by_exception[] = COLUMNS("exception", VEIL_PAYLOAD, "what they failed with");
enum { COLUMN_TOTAL = 1 };

#define GROUPS(face, by)                                                                                     \
    static size_t count_##face(const struct model *m)                                                        \
    {                                                                                                        \
        const struct task_group *row;                                                                        \
        return model_task_groups(m, by, &row);                                                               \
    }                                                                                                        \
    static const void *row_##face(const struct model *m, size_t i)                                           \
    {                                                                                                        \
        const struct task_group *row;                                                                        \
        return i < model_task_groups(m, by, &row) ? &row[i] : NULL;                                          \
    }                                                                                                        \
    static void headline_##face(const struct look *look, char *out, size_t size)                             \
    {                                                                                                        \
        char groups[TEXT_SMALL];                                                                             \
        human_count((int64_t)count_##face(look->m), groups, sizeof groups);                                  \
        snprintf(out, size, "by " #face " %s", groups);                                                      \
    }
GROUPS(name, TASK_BY_NAME)
GROUPS(exception, TASK_BY_EXCEPTION)

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_of(of(row)->name);
    return TARGET_GROUP;
}

static void title(const struct look *look, struct segments *out)
{
    char text[TEXT_SMALL];
    segments_add(out, 3, ROLE_TEXT, "", "%s",
                 text_plural((int64_t)model_task_count(look->m), "task", "tasks", text, sizeof text));
}

static void empty(const struct look *look, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, S("no groups: no task is known"));
}

const struct pane_ops pane_tasks_by_name = {
    .name = "tasks",
    .one = "group",
    .many = "groups",
    .topic = TOPIC_TASKS,
    .topics = 1u << TOPIC_TASKS,
    .column = by_name,
    .columns = sizeof by_name / sizeof by_name[0],
    .sort = COLUMN_TOTAL,
    .descending = true,
    .count = count_name,
    .row = row_name,
    .identify = identify,
    .headline = headline_name,
    .title = title,
    .empty = empty,
};

const struct pane_ops pane_tasks_by_exception = {
    .name = "tasks",
    .one = "group",
    .many = "groups",
    .topic = TOPIC_TASKS,
    .topics = 1u << TOPIC_TASKS,
    .column = by_exception,
    .columns = sizeof by_exception / sizeof by_exception[0],
    .sort = COLUMN_TOTAL,
    .descending = true,
    .count = count_exception,
    .row = row_exception,
    .identify = identify,
    .headline = headline_exception,
    .title = title,
    .empty = empty,
};
