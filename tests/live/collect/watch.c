#include "watch.h"

#include <ev.h>
#include <stdlib.h>

#include "redai/base/clock.h"

static void sink(void *ctx, const struct fact *f)
{
    struct watch *w = ctx;
    if (f->kind == FACT_SERVER) {
        w->last = f->server;
        w->servers++;
    }
    model_apply(w->model, f);
}

static bool known(void *ctx, enum target_kind kind, struct span id)
{
    struct watch *w = ctx;
    return kind == TARGET_SESSION ? model_session_find(w->model, id) != NULL
                                  : model_batch_find(w->model, id) != NULL;
}

struct watch *watch_new(struct server *s, const struct watch_options *o)
{
    static const struct watch_options usual = {0, 0, 0};
    struct err err;
    struct watch *w = mem_zalloc(sizeof *w);
    o = o ? o : &usual;
    w->loop = ev_loop_new(0);
    w->model = model_new();
    if (!address_parse(&w->address, server_url(s, 0), &err)) {
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
        .known = known,
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
    struct wanted_peek want = {{.kind = TARGET_NONE}, clock_mono_us()};
    struct target none = {.kind = TARGET_NONE};
    UT_string out;
    utstring_init(&out);
    target_set(&want.target, kind, span_of(id));
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
