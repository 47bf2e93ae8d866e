#include "look.h"

#include "app.h"

#include <stdio.h>

#include "redai/base/clock.h"

/* The first attempt has its time, and words for what was wrong: a port that says nothing to TLS, packets that
 * are dropped. */
#define FIRST_US (6 * US_PER_S)

struct look {
    struct observer *observer;
    look_enough enough;
    void *ctx;
    int64_t begun_us;
};

static void on_time(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)events;
    struct look *k = timer->data;
    observer_tick(k->observer);
    if (k->enough(k->ctx, k->observer, clock_mono_us() - k->begun_us)) {
        ev_break(loop, EVBREAK_ALL);
    }
}

void look_until(struct observer *o, struct ev_loop *loop, struct settings *s, look_enough enough, void *ctx)
{
    struct look k = {.observer = o, .enough = enough, .ctx = ctx, .begun_us = clock_mono_us()};
    ev_timer timer;
    observer_init(o, loop, s);
    observer_start(o);
    ev_timer_init(&timer, on_time, 0.02, 0.02);
    timer.data = &k;
    ev_timer_start(loop, &timer);
    ev_run(loop, 0);
    ev_timer_stop(loop, &timer);
    o->clock_us = 0;
    observer_tick(o);
}

bool look_is_hopeful(const struct observer *o, int64_t past_us)
{
    const struct link_view *poll = &model_connection(o->model)->link[LINK_ROLE_POLL];
    bool is_first = poll->state == FACT_LINK_CONNECTING && !poll->error[0];
    return model_redis_reachable(o->model) || past_us < (is_first ? FIRST_US : 3 * US_PER_S);
}

bool look_heard_workers(const struct model *m, bool asked)
{
    for (size_t i = 0; i < model_worker_count(m); i++) {
        const struct worker *w = model_worker_at(m, i);
        bool told = w->answered_us >= 0 ? w->queues_known : w->unanswered > 0 || w->offline;
        if (!told && (asked || w->beat_us < 0)) {
            return false;
        }
    }
    return model_worker_count(m) > 0;
}

bool look_print(const UT_string *out)
{
    fwrite(utstring_body(out), 1, utstring_len(out), stdout);
    if (fflush(stdout) != 0) {
        complain(&(struct err){ERR_IO, "the output could not be written"});
        return false;
    }
    return true;
}

bool look_wants_json(const struct settings *s)
{
    const char *format = option_text(&s->options, OPTION_FORMAT);
    return format && strcmp(format, "json") == 0;
}
