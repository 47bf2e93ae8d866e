#include "redai/link/timer.h"

#include <ev.h>

#include "redai/base/mem.h"

struct timer {
    ev_timer watcher;
    struct ev_loop *loop;
    void (*fn)(void *user);
    void *user;
};

static void on_time(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)loop;
    (void)events;
    struct timer *t = watcher->data;
    t->fn(t->user); /* may free t: nothing may follow */
}

struct timer *timer_new(struct ev_loop *loop, void (*fn)(void *user), void *user)
{
    struct timer *t = mem_zalloc(sizeof *t);
    t->loop = loop;
    t->fn = fn;
    t->user = user;
    ev_timer_init(&t->watcher, on_time, 0., 0.);
    t->watcher.data = t;
    return t;
}

void timer_free(struct timer *t)
{
    if (t) {
        ev_timer_stop(t->loop, &t->watcher);
        mem_free(t);
    }
}

void timer_set(struct timer *t, int64_t us)
{
    ev_timer_stop(t->loop, &t->watcher);
    if (us >= 0) {
        ev_timer_set(&t->watcher, (double)us / 1e6, 0.);
        ev_timer_start(t->loop, &t->watcher);
    }
}
