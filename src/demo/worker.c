#include "redai/demo/worker.h"

#include "demo/worker_priv.h"

#include <unistd.h>

#include "redai/base/clock.h"

#include "redai/schema/binding.h"

#include "redai/demo/demo.h"

enum { CONCURRENCY = 2, PREFETCH = 1, RESULT_DB = 1 };

static void send_command(void *user, size_t argc, const struct span *args)
{
    struct demo_worker *w = user;
    link_send(w->work, NULL, NULL, argc, args);
}

static void on_beat_time(void *user)
{
    struct demo_worker *w = user;
    events_worker(w, WORKER_HEARTBEAT);
    timer_set(w->beat_timer, (int64_t)(WORKER_FREQ_S * (double)US_PER_S));
}

static void on_rate_time(void *user)
{
    task_run_next(user);
}

static void on_restore_time(void *user)
{
    restore_start(user);
}

/* --- bindings --- */

/* SADD or SREM of the two bindings that are the worker's own. */
static void bind_self(struct demo_worker *w, const char *verb)
{
    UT_string member;

    utstring_init(&member);
    utstring_printf(&member, KOMBU_SEP KOMBU_SEP "%s.celery.pidbox", w->node);
    sink_command(&w->sink, span_of(verb), S("_kombu.binding.celery.pidbox"), text_span(&member));
    utstring_clear(&member);
    utstring_printf(&member, "worker.#" KOMBU_SEP KOMBU_SEP "celeryev.%s", w->node);
    sink_command(&w->sink, span_of(verb), S("_kombu.binding.celeryev"), text_span(&member));
    utstring_done(&member);
}

/* --- coming up, and again after each lost connection --- */

static void come_up(struct demo_worker *w)
{
    if (w->is_up || w->is_freeing || w->is_stopping || !w->is_bound || !w->is_open ||
        !link_is_ready(w->take) || !link_is_ready(w->result) || !link_is_ready(w->restore)) {
        return;
    }
    w->is_up = true;
    events_worker(w, WORKER_ONLINE);
    timer_set(w->beat_timer, (int64_t)(WORKER_FREQ_S * (double)US_PER_S));
    restore_start(w);
    take_more(w);
    task_run_next(w);
}

static void on_bound(void *user, const struct reply *reply)
{
    struct demo_worker *w = user;
    w->is_bound = reply && !reply_is_error(reply);
    come_up(w);
}

/* The answer stands behind the confirmation of the subscription. */
static void on_open(void *user, const struct reply *reply)
{
    struct demo_worker *w = user;
    w->is_open = reply && !reply_is_error(reply);
    come_up(w);
}

static void on_state(void *user, const struct link_status *status)
{
    struct demo_worker *w = user;
    if (status->state == LINK_READY) {
        come_up(w);
        take_more(w);
    } else {
        w->is_up = false;
    }
}

static void on_work_state(void *user, const struct link_status *status)
{
    struct demo_worker *w = user;
    if (status->state == LINK_READY && !w->is_stopping) {
        consumer_bind(w);
        bind_self(w, "SADD");
        link_command(w->work, on_bound, w, S("PING"));
    } else if (status->state != LINK_READY) {
        w->is_bound = false;
        w->is_up = false;
    }
}

static void on_mailbox_state(void *user, const struct link_status *status)
{
    struct demo_worker *w = user;
    if (status->state == LINK_READY && !w->is_stopping) {
        link_psubscribe(w->mailbox, 1, (struct span[]){S("/0.celery.pidbox")});
        link_command(w->mailbox, on_open, w, S("PING"));
    } else if (status->state != LINK_READY) {
        w->is_open = false;
        w->is_up = false;
    }
}

/* --- life --- */

static struct link *open_link(struct demo_worker *w, const struct address *address, const char *name, int db,
                              link_state_fn on_link_state, link_message_fn on_message)
{
    return link_new(w->loop, &(struct link_options){.name = name,
                                                    .program = DEMO_PROGRAM,
                                                    .address = address,
                                                    .db = db,
                                                    .on_state = on_link_state,
                                                    .on_message = on_message,
                                                    .user = w});
}

static void set_up(struct demo_worker *w, const struct demo_worker_options *options)
{
    static const char *const usual[] = {"celery", "questions", "validation", "analytics", NULL};
    const char *const *queue = options->queues ? options->queues : usual;

    w->node = mem_strdup(options->node ? options->node : DEMO_WORKER_NODE);
    w->pid = options->pid > 0 ? options->pid : getpid();
    w->started_us = clock_mono_us();
    w->concurrency = options->concurrency > 0 ? options->concurrency : CONCURRENCY;
    w->processes = w->concurrency;
    w->multiplier = 1 + (options->prefetch > 0 ? options->prefetch : PREFETCH);
    w->limit = w->concurrency * w->multiplier;
    w->pace = options->pace > 0 ? options->pace : 1;
    w->visibility_s = options->visibility_s > 0 ? options->visibility_s : DEMO_WORKER_VISIBILITY_S;
    w->has_events = w->events_always = !options->events_off;
    w->kinds = mem_zalloc(body_count * sizeof(*w->kinds));
    routes_init(&w->routes);
    utarray_init(&w->queues, &ut_str_icd);
    for (; *queue; queue++) {
        utarray_push_back(&w->queues, queue);
    }
    prng_init(&w->prng, options->seed ^ UINT64_C(0x776F726B));
    w->sink = (struct command_sink){send_command, w};
    w->beat_timer = timer_new(w->loop, on_beat_time, w);
    w->rate_timer = timer_new(w->loop, on_rate_time, w);
    w->restore_timer = timer_new(w->loop, on_restore_time, w);
}

struct demo_worker *demo_worker_new(struct ev_loop *loop, const struct demo_worker_options *options)
{
    struct demo_worker *w = mem_zalloc(sizeof(*w));

    w->loop = loop;
    set_up(w, options);
    w->take = open_link(w, options->address, "take", -1, on_state, NULL);
    w->work = open_link(w, options->address, "work", -1, on_work_state, NULL);
    w->result = open_link(w, options->address, "result", RESULT_DB, on_state, NULL);
    w->restore = open_link(w, options->address, "restore", -1, on_state, NULL);
    w->mailbox = open_link(w, options->address, "mailbox", -1, on_mailbox_state, mailbox_message);
    link_start(w->take);
    link_start(w->work);
    link_start(w->result);
    link_start(w->restore);
    link_start(w->mailbox);
    return w;
}

void demo_worker_free(struct demo_worker *w)
{
    if (!w) {
        return;
    }
    struct task *t;
    struct task *next;
    w->is_freeing = true;
    link_free(w->take);
    link_free(w->mailbox);
    link_free(w->restore);
    link_free(w->result);
    link_free(w->work);
    for (t = w->tasks; t; t = next) {
        next = t->next;
        task_free(t);
    }
    for (size_t i = 0; i < body_count; i++) {
        mem_free(w->kinds[i].rate_limit);
    }
    mem_free(w->kinds);
    revoked_release(w);
    routes_release(&w->routes);
    utarray_done(&w->queues);
    timer_free(w->beat_timer);
    timer_free(w->rate_timer);
    timer_free(w->restore_timer);
    mem_free(w->node);
    mem_free(w);
}

void demo_worker_stop(struct demo_worker *w)
{
    struct task *t;
    struct task *next;

    if (w->is_stopping) {
        return;
    }
    w->is_stopping = true;
    w->is_up = false;
    timer_set(w->beat_timer, -1);
    timer_set(w->rate_timer, -1);
    timer_set(w->restore_timer, -1);
    events_worker(w, WORKER_OFFLINE);
    bind_self(w, "SREM");
    link_punsubscribe(w->mailbox, 1, (struct span[]){S("/0.celery.pidbox")});
    for (t = w->tasks; t; t = next) {
        next = t->next;
        if (t->state == TASK_HELD || t->state == TASK_SCHEDULED) {
            task_put_back(t);
        }
    }
}

bool demo_worker_is_up(const struct demo_worker *w)
{
    return w->is_up;
}

bool demo_worker_is_done(const struct demo_worker *w)
{
    return w->is_stopping && !w->is_taking && !w->tasks;
}

struct demo_worker_tally demo_worker_tally(const struct demo_worker *w)
{
    struct demo_worker_tally tally = w->tally;
    const struct task *t;

    for (t = w->tasks; t; t = t->next) {
        tally.held += t->state != TASK_ARRIVING && t->state != TASK_GONE;
    }
    return tally;
}
