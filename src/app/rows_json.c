#include "rows_json.h"

#include <math.h>
#include <string.h>

#include "redai/base/isotime.h"
#include "redai/base/json_out.h"

/* --- members --- */

void rows_json_text(UT_string *out, const char *name, const char *text)
{
    json_text(out, name, text && *text ? text : NULL);
}

void rows_json_moment(UT_string *out, const char *name, int64_t wall_us)
{
    char at[ISOTIME_SIZE];
    isotime_format(wall_us, at, sizeof at);
    json_text(out, name, wall_us >= 0 ? at : NULL);
}

void rows_json_age(UT_string *out, const char *name, const struct model *m, int64_t mono_us)
{
    json_real(out, name, mono_us >= 0 ? (double)(model_now_us(m) - mono_us) / 1e6 : NAN, 1);
}

void rows_json_split(UT_string *out, const char *name, const char *joined, const char *separator)
{
    json_open(out, name, '[');
    while (joined && *joined) {
        const char *end = strstr(joined, separator);
        size_t len = end ? (size_t)(end - joined) : strlen(joined);
        char *one = span_dup(span_make(joined, len));
        json_text(out, NULL, one);
        mem_free(one);
        joined += len + (end ? strlen(separator) : 0);
    }
    json_close(out, ']');
}

struct bit_name {
    unsigned bit;
    const char *name;
};

static void bits(UT_string *out, const char *name, unsigned value, const struct bit_name *row, size_t count)
{
    json_open(out, name, '[');
    for (size_t i = 0; i < count; i++) {
        if (value & row[i].bit) {
            json_text(out, NULL, row[i].name);
        }
    }
    json_close(out, ']');
}
#define BITS(out, name, value, rows) bits(out, name, value, rows, sizeof(rows) / sizeof(rows)[0])

/* --- queues --- */

void rows_json_queue(const struct model *m, const struct queue *q, UT_string *out)
{
    static const char *const step[] = {"0", "3", "6", "9"};
    static const struct bit_name source[] = {{QUEUE_BOUND, "bound"},
                                             {QUEUE_CONFIGURED, "configured"},
                                             {QUEUE_FOUND, "found"},
                                             {QUEUE_INFLIGHT, "in flight"}};
    json_open(out, NULL, '{');
    json_text(out, "name", q->display);
    json_int(out, "depth", q->depth, 0);
    json_open(out, "by_priority", '{');
    for (int p = 0; p < 4; p++) {
        json_int(out, step[p], q->by_priority[p], 0);
    }
    json_close(out, '}');
    json_int(out, "unacked", q->unacked, 0);
    BITS(out, "sources", q->sources, source);
    json_real(out, "in_per_second", q->in_per_s, 2);
    json_real(out, "out_per_second", q->out_per_s, 2);
    json_real(out, "drain_seconds", q->drain_s, 0);
    rows_json_age(out, "grown_for_seconds", m, q->grown_since_us);
    json_int(out, "consumers", q->consumers, 0);
    if (q->consumers >= 0) {
        rows_json_split(out, "consumer_names", q->consumer_names, ", ");
    } else {
        json_null(out, "consumer_names");
    }
    json_int(out, "scheduled", q->scheduled, 0);
    rows_json_moment(out, "oldest_delivery_at", q->oldest_delivery_us);
    json_int(out, "poison", q->poison, 0);
    rows_json_text(out, "next_id", q->next_id);
    rows_json_text(out, "next_name", q->next_name);
    rows_json_age(out, "next_for_seconds", m, q->next_since_us);
    json_close(out, '}');
}

/* --- workers --- */

static void texts(UT_string *out, const char *name, const UT_array *array, bool known)
{
    if (!known) {
        json_null(out, name);
        return;
    }
    json_open(out, name, '[');
    for (unsigned i = 0; i < utarray_len(array); i++) {
        json_text(out, NULL, *(char *const *)utarray_eltptr(array, i));
    }
    json_close(out, ']');
}

void rows_json_worker(const struct model *m, const struct worker *w, UT_string *out)
{
    json_open(out, NULL, '{');
    json_text(out, "name", w->display);
    rows_json_age(out, "last_heartbeat_seconds", m, w->beat_us);
    json_text(out, "state", worker_state_name[w->state]);
    rows_json_age(out, "state_for_seconds", m, w->since_us);
    rows_json_age(out, "last_answer_seconds", m, w->answered_us);
    json_int(out, "unanswered", w->unanswered, 0);
    json_bool(out, "said_goodbye", w->offline);
    json_bool(out, "has_mailbox", w->bound);
    static const char *const events[] = {NULL, "on", "off"};
    json_text(out, "task_events", events[w->events]);
    json_int(out, "active", w->active, 0);
    json_int(out, "processed", w->processed, 0);
    json_int(out, "running", w->running, 0);
    json_int(out, "reserved", w->reserved, 0);
    json_int(out, "scheduled", w->scheduled, 0);
    json_real(out, "heartbeat_interval_seconds", w->freq > 0 ? w->freq : NAN, 1);
    json_int(out, "pid", w->pid, 0);
    rows_json_text(out, "pool", w->pool);
    json_int(out, "concurrency", w->concurrency, 0);
    json_int(out, "processes", w->processes, 0);
    json_int(out, "prefetch", w->prefetch, 0);
    json_int(out, "uptime_seconds", w->uptime_s, 0);
    json_int(out, "visibility_timeout_seconds", w->visibility_s, 0);
    rows_json_text(out, "software", w->software);
    json_open(out, "load", '[');
    for (int i = 0; i < 3; i++) {
        json_real(out, NULL, w->load[i], 2);
    }
    json_close(out, ']');
    json_real(out, "clock_offset_seconds", w->clock_offset_s, 3);
    json_real(out, "round_trip_ms", w->round_trip_us >= 0 ? (double)w->round_trip_us / 1e3 : NAN, 3);
    texts(out, "queues", &w->queue, w->queues_known);
    texts(out, "registered", &w->task_name, utarray_len(&w->task_name) > 0);
    json_close(out, '}');
}

/* --- tasks --- */

static const struct bit_name task_sources[] = {{TASK_FROM_LIST, "list"},
                                               {TASK_FROM_UNACKED, "unacked"},
                                               {TASK_FROM_EVENT, "event"},
                                               {TASK_FROM_WORKER, "worker"},
                                               {TASK_FROM_RESULT, "result"}};
static const struct bit_name task_flags[] = {
    {TASK_FLAG_REDELIVERED, "redelivered"}, {TASK_FLAG_NEAR_TIMEOUT, "near timeout"},
    {TASK_FLAG_OVERDUE, "overdue"},         {TASK_FLAG_SECOND_RUN, "second run"},
    {TASK_FLAG_POISON, "poison"},           {TASK_FLAG_UNCONSUMED, "unconsumed"},
    {TASK_FLAG_DROPPED, "dropped"}};

static const char *source_name(enum task_source source)
{
    for (size_t i = 0; i < sizeof task_sources / sizeof task_sources[0]; i++) {
        if (task_sources[i].bit == (unsigned)source) {
            return task_sources[i].name;
        }
    }
    return NULL;
}

static void task_times(const struct model *m, const struct task *t, UT_string *out)
{
    rows_json_moment(out, "sent_at", t->sent_us);
    rows_json_moment(out, "received_at", t->received_us);
    rows_json_moment(out, "delivered_at", t->delivered_us);
    rows_json_moment(out, "started_at", t->started_us);
    rows_json_moment(out, "ended_at", t->ended_us);
    rows_json_moment(out, "eta", t->eta_us);
    rows_json_moment(out, "expires", t->expires_us);
    json_real(out, "runtime_seconds", t->runtime_s, 6);
    rows_json_age(out, "known_for_seconds", m, t->first_us);
    rows_json_age(out, "state_for_seconds", m, t->changed_us);
}

void rows_json_task(const struct model *m, const struct task *t, UT_string *out)
{
    json_open(out, NULL, '{');
    /* Raw, for acting on; the writer escapes what is hostile. One that holds a zero byte has no text. */
    json_text(out, "id", strlen(t->id) == t->id_len ? t->id : t->display_id);
    rows_json_text(out, "name", t->name);
    json_text(out, "state", task_state_name[t->state]);
    json_text(out, "source", source_name(t->source));
    BITS(out, "sources", t->sources, task_sources);
    BITS(out, "flags", t->flags, task_flags);
    rows_json_text(out, "celery_state", t->celery_state);
    rows_json_text(out, "queue", t->queue);
    rows_json_text(out, "worker", t->worker);
    json_text(out, "args", t->args);
    json_text(out, "kwargs", t->kwargs);
    json_bool(out, "args_are_repr", t->args_are_repr);
    json_bool(out, "args_cut", t->args_cut);
    task_times(m, t, out);
    json_int(out, "retries", t->retries, 0);
    json_int(out, "priority", t->priority, 0);
    json_int(out, "deliveries", t->deliveries, 0);
    json_real(out, "percentage", t->part * 100., 1);
    json_text(out, "parent_id", t->parent_id);
    json_text(out, "root_id", t->root_id);
    json_text(out, "group", t->group);
    json_bool(out, "has_chord", t->has_chord);
    json_int(out, "chain_rest", t->chain_rest, 0);
    rows_json_text(out, "exception", t->exception);
    rows_json_text(out, "message", t->text);
    json_close(out, '}');
}

void rows_json_task_counts(const struct model *m, UT_string *out)
{
    if (model_topic(m, TOPIC_TASKS)->ok_at_us < 0) {
        json_null(out, "tasks");
        return;
    }
    json_open(out, "tasks", '{');
    for (int state = 0; state < TASK_STATE_COUNT; state++) {
        json_int(out, task_state_name[state], (int64_t)model_tasks_in(m, (enum task_state)state), 0);
    }
    json_close(out, '}');
}
