/* mailbox_manage: what a worker does when it is told to. Answers in Celery's own words. */
#include "demo/worker_priv.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"
#include "redai/base/num.h"

static void say_missing(UT_string *out, const char *method, const char *argument)
{
    mailbox_say(out, "error", "TypeError(\"%s() missing 1 required positional argument: '%s'\")", method,
                argument);
}

/* --- revoke --- */

/* A prefetched one is known as well: it ends when its turn comes, since it is revoked now. */
static bool terminate_known(struct demo_worker *w, const char *task_id)
{
    struct task *t;
    for (t = w->tasks; t; t = t->next) {
        bool is_running = t->state == TASK_RUNNING;
        if ((is_running || t->state == TASK_HELD) && strcmp(t->message.id, task_id) == 0) {
            if (is_running) {
                task_terminate(t);
            }
            return true;
        }
    }
    return false;
}

static void revoke(struct demo_worker *w, const struct control_request *r, bool terminate, UT_string *out)
{
    UT_string text;
    bool any = false;

    if (utarray_len(&r->task_ids) == 0) {
        say_missing(out, r->method, "task_id");
        return;
    }
    utstring_init(&text);
    for (unsigned i = 0; i < utarray_len(&r->task_ids); i++) {
        const char *id = *(char *const *)utarray_eltptr(&r->task_ids, i);
        revoked_add(w, id);
        if (!terminate || terminate_known(w, id)) {
            utstring_printf(&text, "%s%s", any ? ", " : "", id);
            any = true;
        }
    }
    if (terminate) {
        mailbox_say(out, "ok", "terminate: %s", any ? utstring_body(&text) : "tasks unknown");
    } else {
        mailbox_say(out, "ok", "tasks %s flagged as revoked", utstring_body(&text));
    }
    utstring_done(&text);
}

static void answer_revoke(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    revoke(w, r, r->terminate, out);
}

static void answer_terminate(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    revoke(w, r, true, out);
}

/* --- limits --- */

/* "10/m" per second; 0: no limit. False with the exception's repr in error. */
static bool parse_rate(const char *text, double *ret, UT_string *error)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"s", 1}, {"m", 60}, {"h", 3600}};
    char *rest;
    *ret = strtod(text, &rest);
    bool is_number = rest != text && (*rest == '\0' || *rest == '/') && *ret >= 0 && *ret < 1e9;
    const char *unit = *rest == '/' && rest[1] ? rest + 1 : "s";

    if (!is_number) {
        utstring_printf(
            error, "Invalid rate limit string: ValueError(\"could not convert string to float: '%.*s'\")",
            (int)strcspn(text, "/"), text);
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(units[i].unit, unit) == 0) {
            *ret /= units[i].seconds;
            return true;
        }
    }
    utstring_printf(error, "KeyError('%s')", unit);
    return false;
}

static void set_rate(struct demo_worker *w, struct kind *kind, const char *text, double per_s)
{
    bool is_limited = per_s > 0;

    mem_free(kind->rate_limit);
    kind->rate_limit = is_limited ? mem_strdup(text) : NULL;
    kind->gap_us = is_limited ? (int64_t)((double)US_PER_S / per_s) : 0;
    kind->due_us = 0;
    task_run_next(w);
}

/* The limit as a text, "" for none. */
static char *rate_argument(const struct control_request *r)
{
    char *text = NULL;
    char number[40];
    double value;

    if (control_argument_text(r, "rate_limit", &text) == ARGUMENT_OK) {
        return text;
    }
    if (control_argument_number(r, "rate_limit", &value) == ARGUMENT_OK && value > 0) {
        snprintf(number, sizeof(number), "%g", value);
        return mem_strdup(number);
    }
    return mem_strdup("");
}

static void answer_rate_limit(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    char *name = NULL;
    double per_s = 0;
    UT_string error;

    if (control_argument_text(r, "task_name", &name) != ARGUMENT_OK) {
        say_missing(out, r->method, "task_name");
        return;
    }
    char *rate = rate_argument(r);
    int index = body_index(name);
    utstring_init(&error);
    if (rate[0] && !parse_rate(rate, &per_s, &error)) {
        mailbox_say(out, "error", "%s", utstring_body(&error));
    } else if (index < 0) {
        mailbox_say(out, "error", "unknown task");
    } else {
        set_rate(w, &w->kinds[index], rate, per_s);
        mailbox_say(out, "ok",
                    per_s > 0 ? "new rate limit set successfully" : "rate limit disabled successfully");
    }
    utstring_done(&error);
    mem_free(rate);
    mem_free(name);
}

static double seconds_argument(const struct control_request *r, const char *name)
{
    enum { SECONDS_MAX = 30 * 86400 };
    double value;
    return control_argument_number(r, name, &value) == ARGUMENT_OK && value > 0 && value < SECONDS_MAX ? value
                                                                                                       : 0;
}

/* Holds for what begins from now on. */
static void answer_time_limit(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    char *name = NULL;

    control_argument_text(r, "task_name", &name);
    int index = body_index(name);
    if (index < 0) {
        mailbox_say(out, "error", "unknown task");
    } else {
        w->kinds[index].soft_s = seconds_argument(r, "soft");
        w->kinds[index].hard_s = seconds_argument(r, "hard");
        mailbox_say(out, "ok", "time limits set successfully");
    }
    mem_free(name);
}

/* --- events --- */

static void answer_enable_events(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    mailbox_say(out, "ok", w->has_events ? "task events already enabled" : "task events enabled");
    w->has_events = true;
}

static void answer_disable_events(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    bool can = w->has_events && !w->events_always;
    (void)r;
    mailbox_say(out, "ok", can ? "task events disabled" : "task events already disabled");
    w->has_events = w->has_events && !can;
}

static void answer_heartbeat(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    events_beat_now(w);
    text_add(out, S("null"));
}

/* --- pool --- */

enum { POOL_MAX = 1000 };

static int pool_step(const struct control_request *r)
{
    double n = 1;
    control_argument_number(r, "n", &n);
    return n > 0 && n < POOL_MAX ? (int)n : 0;
}

static void answer_pool_grow(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    int n = pool_step(r);

    n = w->processes + n > POOL_MAX ? POOL_MAX - w->processes : n;
    w->processes += n;
    w->limit += n * w->multiplier;
    mailbox_say(out, "ok", "pool will grow");
    task_run_next(w);
    take_more(w);
}

/* Idle ones end at once; when there are too few of them, those that could end have, and the prefetch count
 * stays: Celery's own way. */
static void answer_pool_shrink(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    int n = pool_step(r);
    int idle = w->processes - w->tally.running;

    idle = idle < 0 ? 0 : idle;
    w->processes -= n < idle ? n : idle;
    if (n > idle) {
        mailbox_say(out, "error", "ValueError(\"Can't shrink pool. All processes busy!\")");
        return;
    }
    w->limit -= n * w->multiplier;
    mailbox_say(out, "ok", "pool will shrink");
}

static void answer_pool_restart(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)w;
    (void)r;
    mailbox_say(out, "error", "ValueError('Pool restarts not enabled')");
}

static void answer_autoscale(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)w;
    (void)r;
    mailbox_say(out, "error", "ValueError('Autoscale not enabled')");
}

/* --- queues --- */

static void change_consumer(struct demo_worker *w, const struct control_request *r, UT_string *out,
                            void (*change)(struct demo_worker *w, const char *queue), const char *words)
{
    char *queue = NULL;

    if (control_argument_text(r, "queue", &queue) != ARGUMENT_OK || !queue[0]) {
        say_missing(out, r->method, "queue");
    } else {
        change(w, queue);
        mailbox_say(out, "ok", "%s %s", words, queue);
    }
    mem_free(queue);
}

static void answer_add_consumer(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    change_consumer(w, r, out, consumer_add, "add consumer");
}

static void answer_cancel_consumer(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    change_consumer(w, r, out, consumer_cancel, "no longer consuming from");
}

/* No answer at all. */
static void answer_shutdown(struct demo_worker *w, const struct control_request *r, UT_string *out)
{
    (void)r;
    (void)out;
    demo_worker_stop(w);
}

static const struct {
    const char *method;
    answer_fn answer;
} answers[] = {
    {"add_consumer", answer_add_consumer},
    {"autoscale", answer_autoscale},
    {"cancel_consumer", answer_cancel_consumer},
    {"disable_events", answer_disable_events},
    {"enable_events", answer_enable_events},
    {"heartbeat", answer_heartbeat},
    {"pool_grow", answer_pool_grow},
    {"pool_restart", answer_pool_restart},
    {"pool_shrink", answer_pool_shrink},
    {"rate_limit", answer_rate_limit},
    {"revoke", answer_revoke},
    {"shutdown", answer_shutdown},
    {"terminate", answer_terminate},
    {"time_limit", answer_time_limit},
};

answer_fn mailbox_manage_find(const char *method)
{
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        if (strcmp(answers[i].method, method) == 0) {
            return answers[i].answer;
        }
    }
    return NULL;
}
