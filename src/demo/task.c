/* task: the life of one task: popped, held, started, gone. How it ends: task_end.c. */
#include "demo/worker_priv.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/json_out.h"

double task_epoch_s(void)
{
    return (double)clock_wall_us() / (double)US_PER_S;
}

static void on_task_time(void *user)
{
    struct task *t = user;
    t->on_time(t);
}

struct limits {
    double seconds; /* 0: none */
    bool is_hard;
};

/* The limit that is met first: the message's own, else the one set for the task. */
static struct limits limit_of(const struct task *t)
{
    const struct kind *kind = body_kind(t);
    double hard = t->message.timelimit_s > 0 ? (double)t->message.timelimit_s : kind->hard_s;
    double soft = t->message.soft_timelimit_s > 0 ? (double)t->message.soft_timelimit_s : kind->soft_s;
    bool is_soft = soft > 0 && (hard <= 0 || soft < hard);
    return (struct limits){is_soft ? soft : hard, !is_soft};
}

static void on_limit_time(void *user)
{
    struct task *t = user;
    struct limits limit = limit_of(t);
    if (t->state == TASK_RUNNING) {
        task_out_of_time(t, limit.is_hard, limit.seconds);
    }
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
    t->sequel = sequel_open(element);
    t->process = -1;
    utstring_init(&t->element);
    utstring_init(&t->last_words);
    utarray_init(&t->children, &ut_str_icd);
    text_add(&t->element, element);
    t->timer = timer_new(w->loop, on_task_time, t);
    t->limit_timer = timer_new(w->loop, on_limit_time, t);
    DL_APPEND(w->tasks, t);
    return t;
}

void task_free(struct task *t)
{
    struct demo_worker *w = t->worker;
    DL_DELETE(w->tasks, t);
    timer_free(t->timer);
    timer_free(t->limit_timer);
    message_release(&t->message);
    sequel_free(t->sequel);
    utstring_done(&t->element);
    utstring_done(&t->last_words);
    utarray_done(&t->children);
    mem_free(t->end_json);
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
        timer_set(t->limit_timer, -1);
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

/* --- the beginning --- */

static void run_body(struct task *t)
{
    if (t->state == TASK_RUNNING) {
        body_table[body_index(t->message.task)].start(t);
    }
}

static bool is_taken(const struct demo_worker *w, int process)
{
    const struct task *t;
    for (t = w->tasks; t; t = t->next) {
        if (t->state == TASK_RUNNING && t->process == process) {
            return true;
        }
    }
    return false;
}

static int free_process(const struct demo_worker *w)
{
    int process = 0;
    while (is_taken(w, process)) {
        process++;
    }
    return process;
}

static void start(struct task *t)
{
    struct demo_worker *w = t->worker;
    struct kind *kind = body_kind(t);
    UT_string json;

    if (revoked_has(w, t->message.id)) {
        task_revoke(t, false);
        return;
    }
    t->process = free_process(w);
    t->state = TASK_RUNNING;
    t->started_s = task_epoch_s();
    t->started_us = clock_mono_us();
    w->tally.running++;
    w->begun++;
    kind->total++;
    kind->due_us = t->started_us + kind->gap_us;
    struct limits limit = limit_of(t);
    timer_set(t->limit_timer, limit.seconds > 0 ? (int64_t)(limit.seconds * (double)US_PER_S) : -1);
    events_task(t, (struct task_event){.type = TASK_EVENT_STARTED});
    utstring_init(&json);
    utstring_printf(&json, "{\"pid\": %" PRId64 ", \"hostname\": ", w->pid + 1 + t->process);
    json_quote(span_of(w->node), &json);
    text_add(&json, S("}"));
    task_state_write(t, "STARTED", utstring_body(&json), NULL, false, run_body);
    utstring_done(&json);
}

/* The first that may begin; when none may, *ret_wait_us is when the first of those may that keep to a rate.
 */
static struct task *next_held(const struct demo_worker *w, int64_t now_us, int64_t *ret_wait_us)
{
    struct task *t;

    *ret_wait_us = -1;
    for (t = w->tasks; t; t = t->next) {
        int64_t wait_us = t->state == TASK_HELD ? body_kind(t)->due_us - now_us : 0;
        if (t->state == TASK_HELD && wait_us <= 0) {
            return t;
        }
        if (t->state == TASK_HELD && (*ret_wait_us < 0 || wait_us < *ret_wait_us)) {
            *ret_wait_us = wait_us;
        }
    }
    return NULL;
}

void task_run_next(struct demo_worker *w)
{
    /* A start that ends at once comes back here: look anew each time instead of going on with an old place.
     */
    while (!w->is_stopping && w->tally.running < w->processes) {
        int64_t wait_us;
        struct task *next = next_held(w, clock_mono_us(), &wait_us);
        if (!next) {
            timer_set(w->rate_timer, wait_us);
            return;
        }
        start(next);
    }
}

static void on_due(struct task *t)
{
    t->state = TASK_HELD;
    task_run_next(t->worker);
}

static void tell_received(struct task *t)
{
    const struct message *m = &t->message;
    UT_string args, kwargs;

    utstring_init(&args);
    utstring_init(&kwargs);
    if (m->args_are_repr) {
        text_add(&args, span_of(m->args));
        text_add(&kwargs, span_of(m->kwargs));
    } else {
        message_args_repr(m->args && !m->args_cut ? m->args : "[]", &args);
        message_kwargs_repr(m->kwargs && !m->args_cut ? m->kwargs : "{}", &kwargs);
    }
    events_task(t, (struct task_event){.type = TASK_EVENT_RECEIVED,
                                       .name = span_of(m->task),
                                       .args = text_span(&args),
                                       .kwargs = text_span(&kwargs),
                                       .root_id = span_of(m->root_id),
                                       .parent_id = span_of(m->parent_id),
                                       .retries = m->retries < 0 ? 0 : m->retries,
                                       .eta_wall_us = m->eta_wall_us,
                                       .expires_wall_us = m->expires_wall_us});
    utstring_done(&args);
    utstring_done(&kwargs);
}

void task_arrived(struct task *t)
{
    struct demo_worker *w = t->worker;
    const struct message *m = &t->message;
    int64_t now_us = clock_wall_us();

    w->tally.received++;
    t->state = TASK_HELD;
    if (w->is_stopping) {
        task_put_back(t);
        return;
    }
    if (body_index(m->task) < 0) {
        task_not_registered(t);
        return;
    }
    if (m->expires_wall_us >= 0 && m->expires_wall_us <= now_us) {
        task_revoke(t, true);
        return;
    }
    if (revoked_has(w, m->id)) {
        task_revoke(t, false);
        return;
    }
    tell_received(t);
    if (m->eta_wall_us > now_us) {
        t->state = TASK_SCHEDULED;
        task_wait(t, m->eta_wall_us - now_us, on_due);
    } else {
        task_run_next(w);
    }
    take_more(w);
}
