#include "order_parse.h"

#include <math.h>

#include "redai/base/json_out.h"
#include "redai/base/num.h"

/* Far more processes or seconds than anybody means. */
enum { PROCESSES_MAX = 100, LIMIT_MAX_S = 7 * 86400, TASK_NAME_MAX = 255 };

static const char *word_at(const UT_array *word, unsigned i)
{
    const char *const *at = (const char *const *)utarray_eltptr(word, i);
    return at ? *at : "";
}

static bool no_arguments(const UT_array *word, UT_string *out, struct err *err)
{
    (void)word;
    (void)err;
    text_add(out, S("{}"));
    return true;
}

static bool processes(const UT_array *word, UT_string *out, struct err *err)
{
    int64_t n;
    if (!num_i64_range(span_of(word_at(word, 0)), 1, PROCESSES_MAX, &n)) {
        return order_complain(err, word_at(word, 0), "expected a number of processes, 1 to 100");
    }
    json_open(out, NULL, '{');
    json_int(out, "n", n, 1);
    json_close(out, '}');
    return true;
}

/* A worker that waits on what is no queue reads foreign lists: the broker's own names are none. */
static bool queue(const UT_array *word, UT_string *out, struct err *err)
{
    const char *name = word_at(word, 0);
    bool own = strncmp(name, "_kombu.", 7) == 0 || strncmp(name, "unacked", 7) == 0 ||
               strncmp(name, "redai-console.", 14) == 0 || span_ends(span_of(name), S(".celery.pidbox"));
    if (own || !order_is_queue(name)) {
        return order_complain(err, name,
                              own ? "this is no queue but the broker's own" : "expected the name of a queue");
    }
    json_open(out, NULL, '{');
    json_text(out, "queue", name);
    json_close(out, '}');
    return true;
}

static bool add_task(const UT_array *word, UT_string *out, struct err *err)
{
    const char *task = word_at(word, 0);
    if (!*task || strlen(task) > TASK_NAME_MAX || strpbrk(task, " \t\n*?")) {
        return order_complain(err, task, "expected the whole name of a task");
    }
    json_text(out, "task_name", task);
    return true;
}

/* "10/m", "5/s", "100/h", "3" (a second), "0" (no limit). */
static bool is_rate(const char *text)
{
    struct span s = span_of(text);
    size_t slash = span_find(s, '/');
    struct span unit = span_skip(s, slash);
    double count;
    return slash <= 9 && num_f64(span_head(s, slash), &count) && count >= 0 &&
           (unit.len == 0 || (unit.len == 2 && strchr("smh", unit.data[1])));
}

static bool rate(const UT_array *word, UT_string *out, struct err *err)
{
    const char *limit = word_at(word, 1);
    if (!is_rate(limit)) {
        return order_complain(err, limit, "expected a rate like 10/m, 5/s or 100/h; 0 for no limit");
    }
    json_open(out, NULL, '{');
    bool ok = add_task(word, out, err);
    json_text(out, "rate_limit", limit);
    json_close(out, '}');
    return ok;
}

/* Seconds, or NAN for none. */
static bool seconds(const char *text, double *ret)
{
    int64_t us;
    if (strcmp(text, "none") == 0) {
        *ret = NAN;
        return true;
    }
    if (!num_duration_us(span_of(text), &us) || us < 1000 || us > LIMIT_MAX_S * INT64_C(1000000)) {
        return false;
    }
    *ret = (double)us / 1e6;
    return true;
}

static bool limits(const UT_array *word, UT_string *out, struct err *err)
{
    double soft, hard;
    for (unsigned i = 1; i < 3; i++) {
        if (!seconds(word_at(word, i), i == 1 ? &soft : &hard)) {
            return order_complain(err, word_at(word, i),
                                  i == 1 ? "SOFT: expected a time like 30, 30s or 5m, or none"
                                         : "HARD: expected a time like 30, 30s or 5m, or none");
        }
    }
    if (soft > hard) {
        return order_complain(err, word_at(word, 1), "SOFT: it must not be longer than HARD");
    }
    json_open(out, NULL, '{');
    bool ok = add_task(word, out, err);
    json_real(out, "soft", soft, 3);
    json_real(out, "hard", hard, 3);
    json_close(out, '}');
    return ok;
}

#define RESTART "until the worker restarts"

const struct worker_method worker_methods[] = {
    {"ping", "ping", "", "ask whether a worker answers", "it answers pong; nothing changes", "once", 0, 0,
     false, false, no_arguments},
    {"events on", "enable_events", "", "let workers tell what becomes of each task",
     "it publishes its tasks' events: about 1.8 kB a task, to whoever listens", RESTART, 0, 0, false, false,
     no_arguments},
    {"events off", "disable_events", "", "end the events of tasks",
     "it publishes no more events of tasks; one that was started with -E goes on all the same", RESTART, 0, 0,
     false, false, no_arguments},
    {"grow", "pool_grow", "N", "add processes to the pool",
     "it starts N more processes, and takes so many more tasks ahead", RESTART, 1, 1, false, false,
     processes},
    {"shrink", "pool_shrink", "N", "take processes out of the pool",
     "it ends N idle processes, and takes fewer tasks ahead", RESTART, 1, 1, false, false, processes},
    {"consume", "add_consumer", "QUEUE", "let workers serve one more queue",
     "it takes tasks from this queue as well, at once", RESTART, 1, 1, false, false, queue},
    {"cancel", "cancel_consumer", "QUEUE", "let workers serve a queue no longer",
     "it takes no more tasks from this queue; what it holds already still runs", RESTART, 1, 1, false, false,
     queue},
    {"rate", "rate_limit", "TASK RATE", "limit how often a task runs (10/m, 0: no limit)",
     "it starts this task no more often than that; tasks beyond wait in its hands", RESTART, 2, 2, false,
     false, rate},
    {"limit", "time_limit", "TASK SOFT HARD", "limit how long a task runs (none: no limit)",
     "it notes the limits; Celery 5 holds tasks to them only when the worker has connected anew", RESTART, 3,
     3, false, false, limits},
    {"heartbeat", "heartbeat", "", "ask for a heartbeat now", "it publishes one heartbeat", "once", 0, 0,
     false, false, no_arguments},
    {"shutdown", "shutdown", "", "stop a worker softly",
     "it takes no more tasks, ends those that run, puts back the rest, and exits",
     "until somebody starts it again", 0, 0, true, true, no_arguments},
};
const size_t worker_methods_count = sizeof worker_methods / sizeof worker_methods[0];

const struct worker_method *worker_method_find(const char *word)
{
    for (size_t i = 0; i < worker_methods_count; i++) {
        if (strcmp(worker_methods[i].word, word) == 0) {
            return &worker_methods[i];
        }
    }
    return NULL;
}
