/* task: the life of one task: held, started, its states written, acknowledged last. Each write is Celery's: a
 * GET, and unless SUCCESS stands there MULTI, SETEX, PUBLISH, EXEC. */
#include "demo/worker_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/isotime.h"
#include "redai/base/json_out.h"

#include "redai/schema/result.h"

double task_epoch_s(void)
{
    return (double)clock_wall_us() / (double)US_PER_S;
}

static void on_task_time(void *user)
{
    struct task *t = user;
    t->on_time(t);
}

struct task *task_new(struct demo_worker *w, struct span element)
{
    struct message m;

    message_decode(&m, element);
    if (m.fate != MESSAGE_FINE || !m.delivery_tag || !m.id || !m.queue) {
        w->tally.dropped++;
        message_release(&m);
        return NULL;
    }
    struct task *t = mem_zalloc(sizeof(*t));
    t->worker = w;
    t->message = m;
    utstring_init(&t->element);
    text_add(&t->element, element);
    t->timer = timer_new(w->loop, on_task_time, t);
    DL_APPEND(w->tasks, t);
    return t;
}

void task_free(struct task *t)
{
    struct demo_worker *w = t->worker;
    DL_DELETE(w->tasks, t);
    timer_free(t->timer);
    message_release(&t->message);
    utstring_done(&t->element);
    mem_free(t->text);
    mem_free(t);
}

bool task_replied(struct task *t, const struct reply *reply)
{
    struct demo_worker *w = t->worker;

    t->replies--;
    if (!w->is_freeing && (!reply || reply_is_error(reply)) && t->state != TASK_GONE) {
        /* The connection is gone: as with a crash, whatever stands in unacked stays there. */
        w->tally.running -= t->state == TASK_RUNNING;
        t->state = TASK_GONE;
        timer_set(t->timer, -1);
    }
    if (w->is_freeing || t->state == TASK_GONE) {
        if (!w->is_freeing && t->replies == 0) {
            task_free(t);
        }
        return false;
    }
    return true;
}

void task_wait(struct task *t, int64_t us, void (*next)(struct task *t))
{
    t->on_time = next;
    timer_set(t->timer, us);
}

/* --- states in the result database --- */

struct write {
    struct task *task;
    void (*next)(struct task *t);
    UT_string key, json;
};

static void write_end(struct write *x)
{
    utstring_done(&x->key);
    utstring_done(&x->json);
    mem_free(x);
}

static void on_stored(void *user, const struct reply *reply)
{
    struct write *x = user;
    struct task *t = x->task;
    void (*next)(struct task *) = x->next;

    write_end(x);
    if (task_replied(t, reply) && next) {
        next(t);
    }
}

static bool is_success(const struct reply *reply)
{
    struct result r;
    result_decode(&r, reply_text(reply));
    bool yes = r.status && strcmp(r.status, "SUCCESS") == 0;
    result_release(&r);
    return yes;
}

static void on_looked_up(void *user, const struct reply *reply)
{
    struct write *x = user;
    struct link *link = x->task->worker->result;

    if (!reply || reply_is_error(reply) || is_success(reply)) {
        on_stored(x, reply);
        return;
    }
    char ttl[16];
    snprintf(ttl, sizeof(ttl), "%d", WORKER_RESULT_TTL_S);
    link_command(link, NULL, NULL, S("MULTI"));
    link_command(link, NULL, NULL, S("SETEX"), text_span(&x->key), span_of(ttl), text_span(&x->json));
    link_command(link, NULL, NULL, S("PUBLISH"), text_span(&x->key), text_span(&x->json));
    if (!link_command(link, on_stored, x, S("EXEC"))) {
        on_stored(x, NULL);
    }
}

static void state_write(struct task *t, const char *status, const char *result_json, const char *traceback,
                        bool is_end, void (*next)(struct task *t))
{
    struct write *x = mem_zalloc(sizeof(*x));

    x->task = t;
    x->next = next;
    utstring_init(&x->key);
    utstring_init(&x->json);
    utstring_printf(&x->key, "celery-task-meta-%s", t->message.id);
    result_encode(t->message.id, status, result_json, traceback, is_end ? clock_wall_us() : -1, &x->json);
    t->replies++;
    if (!link_command(t->worker->result, on_looked_up, x, S("GET"), text_span(&x->key))) {
        on_stored(x, NULL);
    }
}

/* --- the end --- */

static void on_acknowledged(void *user, const struct reply *reply)
{
    struct task *t = user;
    struct demo_worker *w = t->worker;

    if (task_replied(t, reply)) {
        t->state = TASK_GONE;
        if (t->replies == 0) {
            task_free(t);
        }
    }
    if (!w->is_freeing) {
        take_more(w);
    }
}

static void acknowledge(struct task *t, bool put_back)
{
    struct demo_worker *w = t->worker;
    struct span tag = span_of(t->message.delivery_tag);

    sink_command(&w->sink, S("MULTI"));
    sink_command(&w->sink, S("ZREM"), S("unacked_index"), tag);
    sink_command(&w->sink, S("HDEL"), S("unacked"), tag);
    if (put_back) {
        sink_command(&w->sink, S("RPUSH"), span_of(t->message.queue), text_span(&t->element));
    }
    t->replies++;
    if (!link_command(w->work, on_acknowledged, t, S("EXEC"))) {
        on_acknowledged(t, NULL);
    }
}

static void acknowledge_done(struct task *t)
{
    acknowledge(t, false);
}

void task_put_back(struct task *t)
{
    t->state = TASK_ENDING;
    timer_set(t->timer, -1);
    acknowledge(t, true);
}

/* Writes the last state, then acknowledges: late, as the platform has it. */
static void end(struct task *t, const char *status, const char *result_json, const char *traceback)
{
    struct demo_worker *w = t->worker;

    w->tally.running -= t->state == TASK_RUNNING;
    t->state = TASK_ENDING;
    timer_set(t->timer, -1);
    state_write(t, status, result_json, traceback, true, acknowledge_done);
    task_run_next(w);
}

static void exception_json(const char *type, const char *module, const char *message, UT_string *out)
{
    text_add(out, S("{\"exc_type\": "));
    json_quote(span_of(type), out);
    text_add(out, S(", \"exc_message\": ["));
    json_quote(span_of(message), out);
    text_add(out, S("], \"exc_module\": "));
    json_quote(span_of(module), out);
    text_add(out, S("}"));
}

static void end_with(struct task *t, const char *status, const char *type, const char *module,
                     const char *message, const char *traceback)
{
    UT_string json;
    utstring_init(&json);
    exception_json(type, module, message, &json);
    end(t, status, utstring_body(&json), traceback);
    utstring_done(&json);
}

static void end_revoked(struct task *t, const char *why)
{
    t->worker->tally.revoked++;
    end_with(t, "REVOKED", "TaskRevokedError", "celery.exceptions", why, NULL);
}

void task_terminate(struct task *t)
{
    end_revoked(t, "terminated");
}

void task_succeed(struct task *t, const char *result_json)
{
    t->worker->tally.succeeded++;
    end(t, "SUCCESS", result_json, NULL);
}

void task_fail(struct task *t, const char *exc_type, const char *message)
{
    UT_string traceback;

    t->worker->tally.failed++;
    utstring_init(&traceback);
    utstring_printf(&traceback,
                    "Traceback (most recent call last):\n"
                    "  File \"/usr/lib/python3/dist-packages/celery/app/trace.py\", line 451, in trace_task\n"
                    "    R = retval = fun(*args, **kwargs)\n"
                    "                 ^^^^^^^^^^^^^^^^^^^^\n"
                    "  File \"/srv/redai/backend/api/tasks/example_tasks.py\", line 38, in %s\n"
                    "%s: %s\n",
                    strrchr(t->message.task, '.') ? strrchr(t->message.task, '.') + 1 : t->message.task,
                    exc_type, message);
    end_with(t, "FAILURE", exc_type, "builtins", message, utstring_body(&traceback));
    utstring_done(&traceback);
}

void task_progress(struct task *t, const char *progress_json, void (*next)(struct task *t))
{
    state_write(t, "PROGRESS", progress_json, NULL, false, next);
}

/* --- the beginning --- */

static void run_body(struct task *t)
{
    if (t->state == TASK_RUNNING) {
        body_find(t->message.task)(t);
    }
}

static void start(struct task *t)
{
    struct demo_worker *w = t->worker;
    UT_string json;

    if (mailbox_is_revoked(w, t->message.id)) {
        end_revoked(t, "revoked");
        return;
    }
    t->state = TASK_RUNNING;
    t->started_s = task_epoch_s();
    w->tally.running++;
    utstring_init(&json);
    utstring_printf(&json, "{\"pid\": %d, \"hostname\": ", (int)getpid());
    json_quote(span_of(w->node), &json);
    text_add(&json, S("}"));
    state_write(t, "STARTED", utstring_body(&json), NULL, false, run_body);
    utstring_done(&json);
}

void task_run_next(struct demo_worker *w)
{
    struct task *t;
    struct task *next;

    /* A start that ends at once comes back here: begin anew each time instead of going on with an old place.
     */
    do {
        next = NULL;
        for (t = w->tasks; t; t = t->next) {
            if (!next && t->state == TASK_HELD) {
                next = t;
            }
        }
        if (next && !w->is_stopping && w->tally.running < w->concurrency) {
            start(next);
        } else {
            next = NULL;
        }
    } while (next);
}

static void on_due(struct task *t)
{
    t->state = TASK_HELD;
    task_run_next(t->worker);
}

void task_arrived(struct task *t)
{
    struct demo_worker *w = t->worker;
    int64_t now_us = clock_wall_us();
    int64_t at_us;

    w->tally.received++;
    t->state = TASK_HELD;
    if (w->is_stopping) {
        task_put_back(t);
    } else if (t->message.expires && isotime_parse(span_of(t->message.expires), &at_us) && at_us <= now_us) {
        end_revoked(t, "expired");
    } else if (!body_find(t->message.task)) {
        w->tally.failed++;
        end_with(t, "FAILURE", "NotRegistered", "celery.exceptions", t->message.task, NULL);
    } else if (t->message.eta && isotime_parse(span_of(t->message.eta), &at_us) && at_us > now_us) {
        t->state = TASK_SCHEDULED;
        task_wait(t, at_us - now_us, on_due);
        take_more(w);
    } else {
        task_run_next(w);
        take_more(w);
    }
}
