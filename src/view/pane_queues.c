/* The queues pane: what waits for the workers, and whether it is being worked off. */
#include "pane.h"
#include "task_words.h"
#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

static const struct queue *of(const void *row)
{
    return row;
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

/* Something waits, and nobody consumes it: that is known only when all workers have told their queues. */
static bool waits_for_nobody(const struct look *look, const struct queue *q)
{
    return q->consumers == 0 && q->depth > 0 && model_consumers_known(look->m);
}

/* Where there is room for nothing else the depth tells of trouble: "!! 23" poison, "! 1" nobody consumes it.
 */
static void write_waiting(const struct look *look, const void *row, struct field *out)
{
    const struct queue *q = of(row);
    char depth[TEXT_SMALL];
    if (q->poison > 0) {
        field_printf(out, ROLE_CRITICAL, "!! %s", human_count(q->depth, depth, sizeof depth));
    } else if (waits_for_nobody(look, q)) {
        field_printf(out, ROLE_WARNING, "! %s", human_count(q->depth, depth, sizeof depth));
    } else {
        field_count(out, q->depth ? ROLE_VALUE : ROLE_DIM, q->depth);
    }
}
static void key_waiting(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->depth < 0 ? NAN : (double)of(row)->depth;
}

static void write_trend(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_spark(out, &of(row)->depth_series);
}

static void write_in(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_rate(out, ROLE_TEXT, of(row)->in_per_s);
}
static void key_in(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->in_per_s;
}

static void write_out(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_rate(out, ROLE_TEXT, of(row)->out_per_s);
}
static void key_out(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->out_per_s;
}

/* It does not get shorter at these rates: nobody takes from it, more comes than goes, or both keep the
 * balance. */
static void write_endless(const struct queue *q, struct field *out)
{
    if (!(q->out_per_s > 0)) {
        field_text(out, ROLE_WARNING, S("!never"));
    } else if (q->in_per_s > q->out_per_s * 1.1) {
        field_text(out, ROLE_WARNING, S("!grows"));
    } else {
        field_text(out, ROLE_TEXT, S("steady"));
    }
}

static void write_drain(const struct look *look, const void *row, struct field *out)
{
    const struct queue *q = of(row);
    (void)look;
    if (q->depth == 0) {
        field_text(out, ROLE_DIM, S("-"));
    } else if (isnan(q->drain_s)) {
        field_unknown(out);
    } else if (isinf(q->drain_s) || q->drain_s > 1e9) {
        write_endless(q, out);
    } else {
        field_duration(out, ROLE_TEXT, (int64_t)q->drain_s * US_PER_S);
    }
}
static void key_drain(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->depth == 0 ? 0 : of(row)->drain_s;
}

static void write_flight(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_count(out, of(row)->unacked ? ROLE_TEXT : ROLE_DIM, of(row)->unacked);
}
static void key_flight(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->unacked < 0 ? NAN : (double)of(row)->unacked;
}

static void write_growing(const struct look *look, const void *row, struct field *out)
{
    int64_t since = of(row)->grown_since_us;
    if (since < 0) {
        field_text(out, ROLE_DIM, S("-"));
    } else {
        field_duration(out, look->now_us - since > 60 * US_PER_S ? ROLE_WARNING : ROLE_TEXT,
                       look->now_us - since);
    }
}
static void key_growing(const struct look *look, const void *row, struct sort_key *out)
{
    int64_t since = of(row)->grown_since_us;
    out->number = since < 0 ? 0 : (double)(look->now_us - since) / (double)US_PER_S;
}

static void write_consumers(const struct look *look, const void *row, struct field *out)
{
    const struct queue *q = of(row);
    if (q->consumers == 0 && !model_consumers_known(look->m)) {
        field_unknown(out);
    } else if (q->consumers == 0) {
        bool waits = waits_for_nobody(look, q);
        field_text(out, waits ? ROLE_WARNING : ROLE_DIM, waits ? S("!0") : S("0"));
    } else {
        field_count(out, ROLE_TEXT, q->consumers);
    }
}
static void key_consumers(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->consumers < 0 ? NAN : (double)of(row)->consumers;
}

static void write_eta(const struct look *look, const void *row, struct field *out)
{
    (void)look;
    field_count(out, of(row)->scheduled ? ROLE_TEXT : ROLE_DIM, of(row)->scheduled);
}
static void key_eta(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->number = of(row)->scheduled < 0 ? NAN : (double)of(row)->scheduled;
}

static int64_t oldest_us(const struct look *look, const struct queue *q)
{
    int64_t age = look->wall_us - q->oldest_delivery_us;
    return q->oldest_delivery_us < 0 ? -1 : age > 0 ? age : 0;
}
static void write_oldest(const struct look *look, const void *row, struct field *out)
{
    int64_t age = oldest_us(look, of(row));
    if (age < 0) {
        field_text(out, ROLE_DIM, S("-"));
    } else {
        field_coarse(out, ROLE_TEXT, age);
    }
}
static void key_oldest(const struct look *look, const void *row, struct sort_key *out)
{
    int64_t age = oldest_us(look, of(row));
    out->number = age < 0 ? 0 : (double)age / (double)US_PER_S;
}

/* Who is popped next, for how long it has been seen in front; what a worker would exit on goes before. */
static void write_next(const struct look *look, const void *row, struct field *out)
{
    const struct queue *q = of(row);
    char age[TEXT_SMALL];
    char poison[TEXT_SMALL];
    if (q->poison > 0) {
        field_printf(out, ROLE_CRITICAL, "! %s: a worker exits on it",
                     text_plural(q->poison, "poison message", "poison messages", poison, sizeof poison));
    } else if (q->depth == 0 || q->next.kind == TARGET_NONE) {
        field_text(out, ROLE_DIM, q->depth > 0 ? S("?") : S("-"));
    } else {
        int64_t us = q->next_since_us < 0 ? -1 : look->now_us - q->next_since_us;
        field_printf(out, ROLE_TEXT, "%s%s%.60s", us < 0 ? "" : text_coarse(us, age, sizeof age),
                     us < 0 ? "" : " ", q->next_name[0] ? task_short_name(q->next_name) : q->next_id);
    }
}
static void key_next(const struct look *look, const void *row, struct sort_key *out)
{
    (void)look;
    out->text = of(row)->next_name;
}

#define PRIORITY_COLUMN(step)                                                                                \
    static void write_p##step(const struct look *look, const void *row, struct field *out)                   \
    {                                                                                                        \
        (void)look;                                                                                          \
        field_count(out, of(row)->by_priority[step] ? ROLE_TEXT : ROLE_DIM, of(row)->by_priority[step]);     \
    }
PRIORITY_COLUMN(0)
PRIORITY_COLUMN(1)
PRIORITY_COLUMN(2)
PRIORITY_COLUMN(3)

#define MORE (COLUMN_DESCENDING)
static const struct column columns[] = {
    {"queue", 8, 16, 36, ALIGN_LEFT, 1, COLUMN_MATCH | COLUMN_PLAIN | COLUMN_GROWS, write_name, key_name,
     "name", VEIL_PLAIN},
    {"waiting", 8, 8, 8, ALIGN_RIGHT, 1, MORE, write_waiting, key_waiting,
     "messages that no worker has taken, over all priorities; \"!!\": a worker exits on one of them, \"!\": "
     "nobody "
     "consumes it",
     VEIL_PLAIN},
    {"trend", 6, 12, 24, ALIGN_LEFT, 4, COLUMN_GROWS, write_trend, NULL,
     "waiting over time, the newest on the right", VEIL_PLAIN},
    {"in/s", 5, 5, 5, ALIGN_RIGHT, 3, MORE, write_in, key_in, "messages that came, over the last 10 s",
     VEIL_PLAIN},
    {"out/s", 6, 6, 6, ALIGN_RIGHT, 3, MORE, write_out, key_out,
     "messages that workers took, over the last 10 s", VEIL_PLAIN},
    {"drain", 6, 6, 6, ALIGN_RIGHT, 2, MORE, write_drain, key_drain,
     "time until it is empty at these rates; \"!grows\", \"!never\": nobody takes from it", VEIL_PLAIN},
    {"flight", 7, 7, 7, ALIGN_RIGHT, 5, MORE, write_flight, key_flight,
     "taken by a worker and not yet acknowledged", VEIL_PLAIN},
    {"consumers", 10, 10, 10, ALIGN_RIGHT, 5, MORE, write_consumers, key_consumers,
     "workers that consume it; \"!0\": something waits and nobody does", VEIL_PLAIN},
    {"eta", 5, 5, 5, ALIGN_RIGHT, 8, MORE, write_eta, key_eta, "messages that workers hold until their eta",
     VEIL_PLAIN},
    {"oldest", 7, 7, 7, ALIGN_RIGHT, 6, MORE, write_oldest, key_oldest,
     "of those in flight: since it was taken", VEIL_PLAIN},
    {"next", 16, 28, 60, ALIGN_LEFT, 6, COLUMN_MATCH | COLUMN_GROWS, write_next, key_next,
     "the message that is popped next, and how long it has been seen in front", VEIL_PLAIN},
    {"growing", 8, 8, 8, ALIGN_RIGHT, 7, MORE, write_growing, key_growing,
     "for how long it has not become shorter", VEIL_PLAIN},
    {"p0", 5, 5, 5, ALIGN_RIGHT, 9, 0, write_p0, NULL, "waiting with priority 0", VEIL_PLAIN},
    {"p3", 5, 5, 5, ALIGN_RIGHT, 9, 0, write_p1, NULL, "waiting with priority 3", VEIL_PLAIN},
    {"p6", 5, 5, 5, ALIGN_RIGHT, 9, 0, write_p2, NULL, "waiting with priority 6", VEIL_PLAIN},
    {"p9", 5, 5, 5, ALIGN_RIGHT, 9, 0, write_p3, NULL, "waiting with priority 9", VEIL_PLAIN},
};
enum { COLUMN_WAITING = 1 };

static size_t count(const struct model *m)
{
    return model_queue_count(m);
}

static const void *row_at(const struct model *m, size_t i)
{
    return model_queue_at(m, i);
}

static enum target_kind identify(const void *row, struct span *ret_id)
{
    *ret_id = span_of(of(row)->name);
    return TARGET_QUEUE;
}

static void title_workers(const struct look *look, struct segments *out, bool waiting)
{
    int64_t in[WORKER_STATE_COUNT] = {0};
    char text[TEXT_SMALL];
    for (size_t i = 0; i < model_worker_count(look->m); i++) {
        in[model_worker_at(look->m, i)->state]++;
    }
    if (model_site_feed(look->m, SITE_BROKER)->state != FACT_LINK_UP) {
        /* Nobody can be heard: that nobody is, says nothing. */
        segments_add(out, 2, ROLE_UNKNOWN, "", "? workers");
        return;
    }
    if (in[WORKER_STATE_ONLINE] > 0) {
        segments_add(out, 2, ROLE_TEXT, "", "%s",
                     text_plural(in[WORKER_STATE_ONLINE], "worker", "workers", text, sizeof text));
    } else if (in[WORKER_STATE_LOST] + in[WORKER_STATE_ZOMBIE] == 0) {
        /* One that was not asked yet has a mailbox: that is not nobody. */
        bool known = in[WORKER_STATE_UNKNOWN] > 0;
        segments_add(out, 2, waiting && !known ? ROLE_WARNING : ROLE_DIM, "", "%s%s",
                     waiting && !known ? "! " : "", known ? "? workers" : "no worker seen");
    }
    if (in[WORKER_STATE_LOST]) {
        struct segment *s = segments_add(
            out, 1, ROLE_WARNING, "", "! %s",
            text_plural(in[WORKER_STATE_LOST], "worker silent", "workers silent", text, sizeof text));
        segment_brief(s, "! %s silent", human_count(in[WORKER_STATE_LOST], text, sizeof text));
    }
    if (in[WORKER_STATE_ZOMBIE]) {
        segments_add(out, 1, ROLE_CRITICAL, "", "! %s",
                     text_plural(in[WORKER_STATE_ZOMBIE], "zombie", "zombies", text, sizeof text));
    }
}

static void title(const struct look *look, struct segments *out)
{
    int64_t waiting = 0;
    bool known = true;
    char text[TEXT_SMALL];
    for (size_t i = 0; i < model_queue_count(look->m); i++) {
        int64_t depth = model_queue_at(look->m, i)->depth;
        known = known && depth >= 0;
        waiting += depth > 0 ? depth : 0;
    }
    if (model_queue_count(look->m)) {
        segments_add(out, 3, known ? ROLE_TEXT : ROLE_UNKNOWN, "", "%s waiting",
                     human_count(known ? waiting : -1, text, sizeof text));
    }
    title_workers(look, out, waiting > 0);
    int64_t flight = model_unacked_total(look->m);
    if (flight > 0) {
        segments_add(out, 4, ROLE_DIM, "", "%s in flight", human_count(flight, text, sizeof text));
        int64_t oldest = model_unacked_oldest_us(look->m);
        if (oldest >= 0) {
            segments_add(out, 5, ROLE_DIM, "", "oldest %s",
                         text_age(look->wall_us - oldest, text, sizeof text));
        }
    }
}

static void empty(const struct look *look, struct field *out)
{
    (void)look;
    field_text(out, ROLE_DIM, S("no queues: no worker has declared one and none is waiting"));
}

const struct pane_ops pane_queues = {
    .name = "queues",
    .one = "queue",
    .many = "queues",
    .topic = TOPIC_QUEUES,
    .topics = 1u << TOPIC_QUEUES,
    .column = columns,
    .columns = sizeof columns / sizeof columns[0],
    .sort = COLUMN_WAITING,
    .descending = true,
    .count = count,
    .row = row_at,
    .identify = identify,
    .title = title,
    .empty = empty,
};
