/* The workers pane: who works, how, and on what. */
#include "pane.h"
#include "runs.h"
#include "texts.h"
#include "worker_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

static const struct worker *of(const void *row)
{
    return row;
}

static void write_mark(const struct look *look, const void *row, struct field *out)
{
    const struct worker_sign *sign = worker_sign(of(row)->state);
    (void)look;
    field_text(out, sign->role, span_of(sign->mark));
}

static void write_name(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, ROLE_TEXT, span_of(of(row)->display));
}
static void key_name(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->display;
}

static void write_state(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, worker_sign(of(row)->state)->role, span_of(worker_state_name[of(row)->state]));
}
static void key_state(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = worker_state_name[of(row)->state];
}

static void write_beat(const struct look *look, const void *row, struct field *out)
{
    const struct worker *w = of(row);
    int64_t us = w->beat_us < 0 ? -1 : look->now_us - w->beat_us;
    if (us < 0) {
        field_text(out, ROLE_DIM, S("none")); /* none was ever heard: it sends none */
    } else {
        bool late = us > WORKER_SILENT_US && !w->offline;
        field_coarse(out, late ? ROLE_WARNING : ROLE_TEXT, us);
    }
}
static void key_beat(const struct look *look, const void *row, struct sort_key *out)
{
    out->number =
        of(row)->beat_us < 0 ? (double)NAN : (double)(look->now_us - of(row)->beat_us) / (double)US_PER_S;
}

static int64_t running_of(const struct look *look, const struct worker *w)
{
    const struct run *run = runs_find(look->runs, w->display);
    return w->running >= 0 ? w->running : w->active >= 0 ? w->active : run ? (int64_t)run->tasks : -1;
}
static void write_running(const struct look *look, const void *row, struct field *out)
{
    int64_t n = running_of(look, of(row));
    field_count(out, n ? ROLE_VALUE : ROLE_DIM, n);
}
static void key_running(const struct look *look, const void *row, struct sort_key *out)
{
    int64_t n = running_of(look, of(row));
    out->number = n < 0 ? (double)NAN : (double)n;
}

#define COUNT_COLUMN(name, member)                                                                           \
    static void write_##name(const struct look *look, const void *row, struct field *out)                    \
    {                                                                                                        \
        (void)look;                                                                                          \
        field_count(out, of(row)->member ? ROLE_TEXT : ROLE_DIM, of(row)->member);                           \
    }                                                                                                        \
    static void key_##name(const struct look *look, const void *row, struct sort_key *out)                   \
    {                                                                                                        \
        (void)look;                                                                                          \
        out->number = of(row)->member < 0 ? (double)NAN : (double)of(row)->member;                           \
    }
COUNT_COLUMN(reserved, reserved)
COUNT_COLUMN(scheduled, scheduled)
COUNT_COLUMN(processed, processed)
COUNT_COLUMN(prefetch, prefetch)

static int64_t concurrency_of(const struct worker *w)
{
    return w->processes > 0 ? w->processes : w->concurrency;
}
static void write_pool(const struct look *look, const void *row, struct field *out)
{
    const struct worker *w = of(row);
    char n[TEXT_SMALL];
    (void)look;
    if (concurrency_of(w) < 0 && !w->pool[0]) {
        field_unknown(out);
    } else if (out->cols > 0 && out->cols < 8) {
        field_count(out, ROLE_TEXT, concurrency_of(w));
    } else {
        field_printf(out, ROLE_TEXT, "%s %.40s", human_count(concurrency_of(w), n, sizeof n), w->pool);
    }
}
static void key_pool(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = concurrency_of(of(row)) < 0 ? (double)NAN : (double)concurrency_of(of(row));
}

static void write_queues(const struct look *look, const void *row, struct field *out)
{
    const struct worker *w = of(row);
    (void)look;
    if (!w->queues_known && !w->queues[0]) {
        field_unknown(out);
    } else {
        field_text(out, w->queues[0] ? ROLE_TEXT : ROLE_WARNING, span_of(w->queues[0] ? w->queues : "none"));
    }
}
static void key_queues(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->queues;
}

static void write_load(const struct look *look, const void *row, struct field *out)
{
    const struct worker *w = of(row);
    (void)look;
    if (isnan(w->load[0])) {
        field_unknown(out);
    } else {
        field_printf(out, ROLE_TEXT, "%.2f", w->load[0] < 999 ? w->load[0] : 999.0);
    }
}
static void key_load(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->load[0];
}

static void write_version(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_text(out, of(row)->software[0] ? ROLE_DIM : ROLE_UNKNOWN,
               span_of(of(row)->software[0] ? of(row)->software : "?"));
}
static void key_version(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->software;
}

/* Beyond some seconds etas and expiries mean another time to it than to who sent them. */
static void write_offset(const struct look *look, const void *row, struct field *out)
{
    enum { MUCH_S = 5 };
    double off = of(row)->clock_offset_s;
    (void)look;
    worker_clock(of(row), out->buffer, sizeof out->buffer);
    field_text(out,
               isnan(off)            ? ROLE_UNKNOWN
               : fabs(off) >= MUCH_S ? ROLE_WARNING
                                     : ROLE_DIM,
               span_of(out->buffer));
}
static void key_offset(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->clock_offset_s;
}

static void write_pid(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    if (of(row)->pid < 0) {
        field_unknown(out);
    } else {
        field_printf(out, ROLE_DIM, "%" PRId64, of(row)->pid);
    }
}
static void key_pid(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = (double)of(row)->pid;
}

static int64_t uptime_of(const struct worker *w)
{
    return w->uptime_s < 0 || w->uptime_s > INT64_MAX / US_PER_S ? -1 : w->uptime_s * US_PER_S;
}
static void write_uptime(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_coarse(out, ROLE_TEXT, uptime_of(of(row)));
}
static void key_uptime(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->uptime_s < 0 ? (double)NAN : (double)of(row)->uptime_s;
}

static void write_events(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    enum worker_events events = of(row)->events;
    if (events == WORKER_EVENTS_UNKNOWN) {
        field_unknown(out);
    } else {
        field_text(out, ROLE_TEXT, events == WORKER_EVENTS_ON ? S("on") : S("off"));
    }
}
static void key_events(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->events == WORKER_EVENTS_ON    ? "on"
                : of(row)->events == WORKER_EVENTS_OFF ? "off"
                                                       : "?";
}

static void write_rtt(const struct look *look, const void *row, struct field *out)
{
    const struct worker *w = of(row);
    (void)look;
    if (w->unanswered > 0) {
        field_printf(out, ROLE_WARNING, "no x%" PRId64, w->unanswered < 999 ? w->unanswered : 999);
    } else {
        field_duration(out, ROLE_DIM, w->round_trip_us);
    }
}
static void key_rtt(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->round_trip_us < 0 ? (double)NAN : (double)of(row)->round_trip_us / 1e6;
}

static void write_runs(const struct look *look, const void *row, struct field *out)
{
    const struct run *run = runs_find(look->runs, of(row)->display);
    const char *explained = worker_explain(of(row));
    if (of(row)->state == WORKER_STATE_ZOMBIE || of(row)->state == WORKER_STATE_LOST) {
        field_text(out, ROLE_WARNING, span_of(explained));
    } else {
        field_text(out, ROLE_TEXT, run ? span_of(run->text) : S(""));
    }
}

#define MORE  (COLUMN_DESCENDING)
#define WORDS (COLUMN_MATCH | COLUMN_PLAIN)
static const struct column columns[] = {
    {"", 1, 1, 1, ALIGN_LEFT, 1, COLUMN_MARK, write_mark, NULL,
     "+ online, - offline, ! lost, z zombie, ? unknown", VEIL_PLAIN},
    {"worker", 14, 20, 40, ALIGN_LEFT, 1, WORDS | COLUMN_GROWS, write_name, key_name, "its node name",
     VEIL_NODE},
    {"state", 7, 7, 7, ALIGN_LEFT, 1, WORDS, write_state, key_state,
     "online, offline (it said so), lost (silent), zombie (heartbeats, no answers), unknown", VEIL_PLAIN},
    {"beat", 5, 5, 5, ALIGN_RIGHT, 2, 0, write_beat, key_beat, "since its last heartbeat; it comes by events",
     VEIL_PLAIN},
    {"running", 8, 8, 8, ALIGN_RIGHT, 2, MORE, write_running, key_running, "tasks it runs", VEIL_PLAIN},
    {"reserved", 9, 9, 9, ALIGN_RIGHT, 4, MORE, write_reserved, key_reserved,
     "tasks it has taken and not started", VEIL_PLAIN},
    {"scheduled", 10, 10, 10, ALIGN_RIGHT, 7, MORE, write_scheduled, key_scheduled,
     "tasks it holds until their eta", VEIL_PLAIN},
    {"processed", 10, 10, 10, ALIGN_RIGHT, 5, MORE, write_processed, key_processed, "since it was started",
     VEIL_PLAIN},
    {"pool", 5, 10, 16, ALIGN_LEFT, 3, MORE, write_pool, key_pool, "processes or threads, and their kind",
     VEIL_PLAIN},
    {"queues", 10, 18, 40, ALIGN_LEFT, 3, WORDS | COLUMN_GROWS, write_queues, key_queues, "what it consumes",
     VEIL_PLAIN},
    {"runs", 16, 30, 80, ALIGN_LEFT, 6, COLUMN_MATCH | COLUMN_GROWS, write_runs, NULL,
     "the tasks it runs and for how long; why it needs a look", VEIL_PLAIN},
    {"load", 6, 6, 6, ALIGN_RIGHT, 8, MORE, write_load, key_load, "its machine's load of the last minute",
     VEIL_PLAIN},
    {"rtt", 6, 6, 6, ALIGN_RIGHT, 8, MORE, write_rtt, key_rtt,
     "how long its last answer took; \"no x3\": three questions without an answer", VEIL_PLAIN},
    {"events", 7, 7, 7, ALIGN_LEFT, 9, WORDS & ~COLUMN_MATCH, write_events, key_events,
     "whether task events come from it", VEIL_PLAIN},
    {"offset", 7, 7, 7, ALIGN_RIGHT, 9, MORE, write_offset, key_offset, "its clock against ours", VEIL_PLAIN},
    {"version", 12, 14, 20, ALIGN_LEFT, 10, WORDS & ~COLUMN_MATCH, write_version, key_version, "its software",
     VEIL_PLAIN},
    {"uptime", 7, 7, 7, ALIGN_RIGHT, 10, MORE, write_uptime, key_uptime, "since it was started", VEIL_PLAIN},
    {"prefetch", 9, 9, 9, ALIGN_RIGHT, 11, MORE, write_prefetch, key_prefetch, "tasks it may hold at most",
     VEIL_PLAIN},
    {"pid", 8, 8, 8, ALIGN_RIGHT, 11, 0, write_pid, key_pid, "its process", VEIL_PLAIN},
};
enum { COLUMN_NAME = 1 };

static size_t count(const struct model *m)
{
    return model_worker_count(m);
}

static const void *row_at(const struct model *m, size_t i)
{
    return model_worker_at(m, i);
}

static const void *find(const struct model *m, struct span id)
{
    return model_worker_find(m, id);
}

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_make(of(row)->name, of(row)->name_len);
    return TARGET_WORKER;
}

static void title(const struct look *look, struct segments *out)
{
    static const enum worker_state order[] = {WORKER_STATE_ZOMBIE, WORKER_STATE_LOST, WORKER_STATE_ONLINE,
                                              WORKER_STATE_OFFLINE, WORKER_STATE_UNKNOWN};
    size_t in[WORKER_STATE_COUNT] = {0};
    size_t silent = 0;
    for (size_t i = 0; i < model_worker_count(look->m); i++) {
        const struct worker *w = model_worker_at(look->m, i);
        in[w->state]++;
        silent += w->state == WORKER_STATE_ONLINE && w->events == WORKER_EVENTS_OFF;
    }
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        enum role role = worker_sign(order[i])->role;
        bool bad = role == ROLE_CRITICAL || role == ROLE_WARNING;
        if (in[order[i]]) {
            segments_add(out, bad ? 2 : 3, bad ? role : ROLE_TEXT, "", "%s%zu %s", bad ? "! " : "",
                         in[order[i]], worker_state_name[order[i]]);
        }
    }
    if (silent && silent == in[WORKER_STATE_ONLINE]) {
        segments_add(out, 5, ROLE_DIM, "", "no task events");
    }
}

static void empty(const struct look *look, struct field *out)
{
    bool heard = model_site_feed(look->m, SITE_BROKER)->state == FACT_LINK_UP;
    field_text(out, ROLE_DIM,
               heard ? S("no worker has a mailbox and no heartbeat comes: none runs")
                     : S("no worker has a mailbox; heartbeats cannot be heard"));
}

const struct pane_ops pane_workers = {
    .name = "workers",
    .one = "worker",
    .many = "workers",
    .topic = TOPIC_WORKERS,
    .topics = 1u << TOPIC_WORKERS | 1u << TOPIC_TASKS,
    .column = columns,
    .columns = sizeof columns / sizeof columns[0],
    .words = {"state", worker_state_name, WORKER_STATE_COUNT},
    .sort = COLUMN_NAME,
    .count = count,
    .row = row_at,
    .find = find,
    .identify = identify,
    .title = title,
    .empty = empty,
};
