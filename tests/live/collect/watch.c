#include "watch.h"

#include "support/unit.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

static void sink(void *ctx, const struct fact *f)
{
    struct watch *w = ctx;
    if (f->kind == FACT_SERVER) {
        w->last = f->server;
        w->servers++;
    }
    if (f->kind == FACT_POLL && f->poll.topic == TOPIC_WORKERS) {
        snprintf(w->workers_error, sizeof w->workers_error, "%.*s", (int)f->poll.error.len,
                 f->poll.error.data);
    }
    w->facts[f->kind]++;
    model_apply(w->model, f);
    if (w->on_fact) {
        w->on_fact(w, f);
    }
}

static bool known(void *ctx, enum target_kind kind, struct span id)
{
    struct watch *w = ctx;
    return kind == TARGET_SESSION ? model_session_find(w->model, id) != NULL
                                  : model_batch_find(w->model, id) != NULL;
}

/* As the program's observer has it. */
static bool settled(void *ctx, struct span id)
{
    struct watch *w = ctx;
    const struct task *t = model_task_find(w->model, id);
    return t && t->state >= TASK_STATE_SUCCEEDED && t->state <= TASK_STATE_REVOKED &&
           (t->sources & TASK_FROM_RESULT);
}

static void unsettled(void *ctx, void (*each)(void *of, struct span id, int64_t told_us), void *of)
{
    struct watch *w = ctx;
    for (size_t i = 0; i < model_task_count(w->model); i++) {
        const struct task *t = model_task_at(w->model, i);
        bool ended = t->state >= TASK_STATE_SUCCEEDED && t->state <= TASK_STATE_REJECTED;
        bool placed = t->state >= TASK_STATE_WAITING && t->state <= TASK_STATE_SCHEDULED &&
                      t->message.kind != TARGET_NONE;
        if (!ended && !placed) {
            each(of, span_make(t->id, t->id_len), t->told_us > t->changed_us ? t->told_us : t->changed_us);
        }
    }
}

static const struct target *message_of(void *ctx, struct span id)
{
    struct watch *w = ctx;
    const struct task *t = model_task_find(w->model, id);
    return t && t->message.kind != TARGET_NONE ? &t->message : NULL;
}

static void index_known(void *ctx, struct span user_id, struct index_known *ret)
{
    const struct watch *o = ctx;
    struct user_index_view v;
    *ret = (struct index_known){.read_us = -1};
    if (model_user_index(o->model, user_id, &v)) {
        bool read = v.state != USER_INDEX_UNREAD && v.state != USER_INDEX_FAILED;
        *ret = (struct index_known){.read_us = read ? v.read_us : -1, .unsure = v.unsure, .amiss = v.amiss};
    }
}

static struct span user_of(void *ctx, struct span session_id)
{
    const struct watch *o = ctx;
    const struct session *s = model_session_find(o->model, session_id);
    return span_of(s ? s->user_key : "");
}

static bool is_stale(void *ctx, struct span session_id)
{
    const struct watch *o = ctx;
    return model_stray_is_stale(o->model, session_id);
}

static void unmet(void *ctx, struct span user_id, void (*each)(void *of, struct span session_id), void *of)
{
    const struct watch *o = ctx;
    model_user_unmet(o->model, user_id, each, of);
}

static void amiss(void *ctx, void (*each)(void *of, struct span user_id), void *of)
{
    const struct watch *o = ctx;
    for (size_t i = 0; i < model_user_rows(o->model); i++) {
        const struct user_view *u = model_user_at(o->model, i);
        if (u->orphans + u->stale + u->foreign > 0) {
            each(of, span_of(u->key));
        }
    }
}

struct watch *watch_new(struct server *s, const struct watch_options *o)
{
    static const struct watch_options usual = {0};
    struct err err;
    struct watch *w = mem_zalloc(sizeof *w);
    o = o ? o : &usual;
    w->loop = ev_loop_new(0);
    w->model = model_new();
    w->on_fact = o->on_fact;
    w->user = o->user;
    if (!address_parse(&w->address, o->url ? o->url : server_url(s, 0), &err)) {
        abort();
    }
    w->collect = collect_new(&(struct collect_options){
        .loop = w->loop,
        .address = &w->address,
        .result_db = 1,
        .refresh_us = o->refresh_us ? o->refresh_us : 250 * US_PER_MS,
        .census_us = o->census_us ? o->census_us : US_PER_S,
        .budget = o->budget ? o->budget : 100000,
        .families = model_families(w->model),
        .sink = sink,
        .inspect_us = o->inspect_us,
        .known = known,
        .settled = settled,
        .unsettled = unsettled,
        .message_of = message_of,
        .index_known = index_known,
        .user_of = user_of,
        .is_stale = is_stale,
        .amiss = amiss,
        .unmet = unmet,
        .ctx = w,
    });
    collect_start(w->collect);
    return w;
}

void watch_free(struct watch *w)
{
    collect_free(w->collect);
    model_free(w->model);
    address_release(&w->address);
    ev_loop_destroy(w->loop);
    mem_free(w);
}

struct wait {
    struct watch *w;
    bool (*condition)(struct watch *w, void *arg);
    void *arg;
    int64_t end_us;
    bool ok;
};

static void look(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)events;
    struct wait *wait = timer->data;
    struct fact f = {.kind = FACT_CLOCK, .at_us = clock_mono_us(), .wall_us = clock_wall_us()};
    model_apply(wait->w->model, &f);
    wait->ok = wait->condition(wait->w, wait->arg);
    if (wait->ok || clock_mono_us() > wait->end_us) {
        ev_break(loop, EVBREAK_ALL);
    }
}

bool watch_until(struct watch *w, bool (*condition)(struct watch *w, void *arg), void *arg, int limit_ms)
{
    struct wait wait = {w, condition, arg, clock_mono_us() + limit_ms * US_PER_MS, false};
    ev_timer timer;
    ev_timer_init(&timer, look, 0., 0.01);
    timer.data = &wait;
    ev_timer_start(w->loop, &timer);
    ev_run(w->loop, 0);
    ev_timer_stop(w->loop, &timer);
    return wait.ok;
}

bool watch_settled(struct watch *w, void *arg)
{
    (void)arg;
    return collect_settled(w->collect);
}

bool watch_tasks_settled(struct watch *w, void *arg)
{
    (void)arg;
    return collect_tasks_settled(w->collect);
}

struct wanted_task {
    const char *id;
    enum task_state state;
};

static bool task_is(struct watch *w, void *arg)
{
    const struct wanted_task *want = arg;
    const struct task *t = model_task_find(w->model, span_of(want->id));
    return t && t->state == want->state;
}

void watch_expect_task(struct watch *w, const char *id, enum task_state state)
{
    struct wanted_task want = {id, state};
    if (!watch_until(w, task_is, &want, WAIT_MS)) {
        const struct task *t = model_task_find(w->model, span_of(id));
        fail_msg("task %s is %s, not %s", id, t ? task_state_name[t->state] : "absent",
                 task_state_name[state]);
    }
}

struct wanted_peek {
    struct target target;
    int64_t since_us;
};

static bool peek_is_told(struct watch *w, void *arg)
{
    const struct wanted_peek *want = arg;
    const struct peek *p = model_peek(w->model);
    return p && p->complete && p->at_us >= want->since_us && target_equal(&p->subject, &want->target);
}

char *watch_peek(struct watch *w, enum target_kind kind, const char *id)
{
    struct target target = {.kind = TARGET_NONE};
    target_set(&target, kind, span_of(id));
    char *text = watch_peek_target(w, &target);
    target_release(&target);
    return text;
}

char *watch_peek_target(struct watch *w, const struct target *target)
{
    struct wanted_peek want = {{.kind = TARGET_NONE}, clock_mono_us()};
    struct target none = {.kind = TARGET_NONE};
    UT_string out;
    utstring_init(&out);
    target_set(&want.target, target->kind, target_id(target));
    collect_want(w->collect, &none);
    collect_want(w->collect, &want.target);
    if (watch_until(w, peek_is_told, &want, WAIT_MS)) {
        const struct peek *p = model_peek(w->model);
        utstring_printf(&out, "%s\n", p->title);
        for (unsigned i = 0; i < utarray_len(&p->line); i++) {
            const struct peek_line *l = (const struct peek_line *)utarray_eltptr(&p->line, i);
            utstring_printf(&out, "%s|%s\n", l->label, l->text);
        }
        utstring_printf(&out, "%s\n", p->remark);
    }
    target_release(&want.target);
    return utstring_body(&out);
}
