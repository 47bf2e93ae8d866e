/* mailbox_tasks: what a worker does with tasks when it is told to: revoke them, limit them. Answers in
 * Celery's own words. */
#include "demo/worker_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

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
        mailbox_say_missing(out, r->method, "task_id");
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
        mailbox_say_missing(out, r->method, "task_name");
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

static const struct answer answers[] = {
    {"rate_limit", answer_rate_limit},
    {"revoke", answer_revoke},
    {"terminate", answer_terminate},
    {"time_limit", answer_time_limit},
};

answer_fn mailbox_tasks_find(const char *method)
{
    return mailbox_find(answers, sizeof(answers) / sizeof(answers[0]), method);
}
