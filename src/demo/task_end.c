/* task_end: how a task ends: its last state is stored, its chord told, the event published, and only then it
 * is acknowledged: late, as the platform has it. Of what is revoked the event comes first, as with Celery. */
#include "demo/worker_priv.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/json_out.h"

#include "redai/schema/result_write.h"

/* --- acknowledging --- */

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
    UT_string marked;

    utstring_init(&marked);
    sink_command(&w->sink, S("MULTI"));
    sink_command(&w->sink, S("ZREM"), S("unacked_index"), tag);
    sink_command(&w->sink, S("HDEL"), S("unacked"), tag);
    if (put_back && sequel_redelivered(text_span(&t->element), &marked)) {
        sink_command(&w->sink, S("RPUSH"), span_of(t->message.queue), text_span(&marked));
    }
    utstring_done(&marked);
    t->replies++;
    if (!link_command(w->work, on_acknowledged, t, S("EXEC"))) {
        on_acknowledged(t, NULL);
    }
}

void task_put_back(struct task *t)
{
    t->state = TASK_ENDING;
    timer_set(t->timer, -1);
    acknowledge(t, true);
}

static void say_and_acknowledge(struct task *t)
{
    struct demo_worker *w = t->worker;

    if (utstring_len(&t->last_words) > 0) {
        sink_command(&w->sink, S("PUBLISH"), S("/0.celeryev/task.multi"), text_span(&t->last_words));
    }
    acknowledge(t, false);
}

/* --- the common way to the end --- */

static void tell_chord(struct task *t)
{
    if (t->sequel && sequel_has_chord(t->sequel)) {
        chord_part(t, say_and_acknowledge);
    } else {
        say_and_acknowledge(t);
    }
}

static void leave_pool(struct task *t)
{
    t->worker->tally.running -= t->state == TASK_RUNNING;
    t->state = TASK_ENDING;
    timer_set(t->timer, -1);
    timer_set(t->limit_timer, -1);
}

static void end(struct task *t, const char *status, const char *result_json, const char *traceback)
{
    struct demo_worker *w = t->worker;

    leave_pool(t);
    t->end_status = status;
    t->end_json = mem_strdup(result_json);
    task_state_write(t, status, result_json, traceback, true, tell_chord);
    task_run_next(w);
}

/* --- the ways --- */

void task_succeed(struct task *t, const char *result_json)
{
    UT_string text;

    t->worker->tally.succeeded++;
    follow_success(t, result_json);
    utstring_init(&text);
    result_repr(result_json, &text);
    events_task_later(
        t, (struct task_event){.type = TASK_EVENT_SUCCEEDED,
                               .text = text_span(&text),
                               .runtime_s = (double)(clock_mono_us() - t->started_us) / (double)US_PER_S});
    utstring_done(&text);
    end(t, "SUCCESS", result_json, NULL);
}

/* told: what the event says; NULL: the exception itself. traceback, event_traceback: NULL none. */
static void fail_with(struct task *t, const struct failure *f, const char *traceback, const char *told,
                      const char *event_traceback)
{
    UT_string json, repr;

    t->worker->tally.failed++;
    utstring_init(&json);
    utstring_init(&repr);
    failure_json(f, &json);
    failure_repr(f, &repr);
    events_task_later(t, (struct task_event){.type = TASK_EVENT_FAILED,
                                             .text = told ? span_of(told) : text_span(&repr),
                                             .traceback = span_of(event_traceback)});
    follow_failure(t, utstring_body(&json), traceback);
    end(t, "FAILURE", utstring_body(&json), traceback);
    utstring_done(&json);
    utstring_done(&repr);
}

void task_fail(struct task *t, const struct failure *f)
{
    UT_string traceback;

    utstring_init(&traceback);
    failure_traceback(f, t->message.task, &traceback);
    fail_with(t, f, utstring_body(&traceback), NULL, utstring_body(&traceback));
    utstring_done(&traceback);
}

void task_not_registered(struct task *t)
{
    UT_string message;

    utstring_init(&message);
    text_add(&message, S("["));
    json_quote(span_of(t->message.task), &message);
    text_add(&message, S("]"));
    const struct failure f = {
        .type = "NotRegistered", .module = "celery.exceptions", .message_json = utstring_body(&message)};
    fail_with(t, &f, NULL, NULL, NULL);
    utstring_done(&message);
}

void task_out_of_time(struct task *t, bool is_hard, double limit_s)
{
    if (!is_hard) {
        static const struct failure soft = {.type = "SoftTimeLimitExceeded",
                                            .module = "billiard.exceptions",
                                            .message_json = "[]",
                                            .file = "example_tasks.py",
                                            .line = 24,
                                            .code = "time.sleep(seconds)"};
        task_fail(t, &soft);
        return;
    }
    char message[40];
    char traceback[256];
    snprintf(message, sizeof(message), "[%g]", limit_s);
    snprintf(traceback, sizeof(traceback),
             "Traceback (most recent call last):\n"
             "  File \"/usr/lib/python3/dist-packages/billiard/pool.py\", line 683, in on_hard_timeout\n"
             "    raise TimeLimitExceeded(job._timeout)\n"
             "billiard.exceptions.TimeLimitExceeded: TimeLimitExceeded(%g,)\n",
             limit_s);
    const struct failure f = {
        .type = "TimeLimitExceeded", .module = "billiard.exceptions", .message_json = message};
    fail_with(t, &f, NULL, "ExceptionWithTraceback()", traceback);
}

void task_retry(struct task *t, const struct failure *f, double retry_s)
{
    struct demo_worker *w = t->worker;
    UT_string json, repr, traceback;

    w->tally.retried++;
    utstring_init(&json);
    utstring_init(&repr);
    utstring_init(&traceback);
    failure_json(f, &json);
    failure_repr(f, &repr);
    failure_retry_traceback(f, t->message.task, retry_s, &traceback);
    follow_retry(t, retry_s);
    events_task_later(t, (struct task_event){.type = TASK_EVENT_RETRIED,
                                             .text = text_span(&repr),
                                             .traceback = text_span(&traceback)});
    leave_pool(t);
    task_state_write(t, "RETRY", utstring_body(&json), utstring_body(&traceback), false, say_and_acknowledge);
    utstring_done(&json);
    utstring_done(&repr);
    utstring_done(&traceback);
    task_run_next(w);
}

/* No state is written: what stands there stays. */
void task_reject(struct task *t)
{
    struct demo_worker *w = t->worker;

    w->tally.rejected++;
    events_task(t, (struct task_event){.type = TASK_EVENT_REJECTED});
    leave_pool(t);
    acknowledge(t, false);
    task_run_next(w);
}

static void revoke_as(struct task *t, const char *why_json, struct task_event e)
{
    const struct failure f = {
        .type = "TaskRevokedError", .module = "celery.exceptions", .message_json = why_json};
    UT_string json;

    t->worker->tally.revoked++;
    e.type = TASK_EVENT_REVOKED;
    events_task(t, e);
    utstring_init(&json);
    failure_json(&f, &json);
    end(t, "REVOKED", utstring_body(&json), NULL);
    utstring_done(&json);
}

void task_revoke(struct task *t, bool is_expired)
{
    revoke_as(t, is_expired ? "[\"expired\"]" : "[\"revoked\"]", (struct task_event){.expired = is_expired});
}

void task_terminate(struct task *t)
{
    revoke_as(t, "[\"terminated\"]", (struct task_event){.terminated = true});
}
