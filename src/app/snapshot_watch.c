/* snapshot_watch: a reading every so often over one connection. The model lives on between them, so that the
 * durations, rates and windows of rules are what they say. A reader that stands still costs readings, never
 * memory. */
#include "app.h"
#include "look.h"
#include "outlet.h"
#include "snapshot.h"

#include <signal.h>
#include <unistd.h>

#include "redai/base/clock.h"

#define LEAST_US   (1 * US_PER_S)
#define PARTING_US (2 * US_PER_S) /* for a slow reader, when all readings are done */
#define TICK_S     0.05

struct watch {
    struct observer observer;
    struct ev_loop *loop;
    struct outlet out;
    ev_timer tick;
    ev_io writable, closed;
    ev_signal on_signal[3];
    int64_t begun_us, every_us, due_us; /* due -1: the first one, when enough is known */
    int64_t left;                       /* readings; -1 without end */
    int64_t skipped;
    int64_t parting_us; /* the last is on its way: how long that may take; -1 not yet */
    int code;
};

static void end(struct watch *w)
{
    ev_break(w->loop, EVBREAK_ALL);
}

static void pump(struct watch *w)
{
    if (!outlet_pump(&w->out)) {
        end(w);
    } else if (outlet_busy(&w->out)) {
        ev_io_start(w->loop, &w->writable);
    } else {
        ev_io_stop(w->loop, &w->writable);
        if (w->left == 0) {
            end(w);
        }
    }
}

static void read_once(struct watch *w)
{
    w->observer.clock_us = 0;
    observer_tick(&w->observer);
    w->code = snapshot_verdict(w->observer.model);
    w->left -= w->left > 0;
    if (outlet_busy(&w->out)) {
        w->skipped++;
    } else {
        UT_string text;
        utstring_init(&text);
        snapshot_print(w->observer.settings, w->observer.model, w->skipped, &text);
        outlet_put(&w->out, text_span(&text));
        utstring_done(&text);
    }
    if (w->left == 0) {
        w->parting_us = clock_mono_us() + PARTING_US;
    }
    pump(w);
}

static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    struct watch *w = timer->data;
    int64_t now_us = clock_mono_us();
    observer_tick(&w->observer);
    if (w->parting_us >= 0) {
        if (now_us > w->parting_us) {
            end(w);
        }
        return;
    }
    bool due = w->due_us >= 0 ? now_us >= w->due_us : snapshot_is_enough(&w->observer, now_us - w->begun_us);
    if (due) {
        /* What was slept through (a stopped process, a lid) is not caught up with. */
        w->due_us = (w->due_us < 0 || now_us - w->due_us > w->every_us ? now_us : w->due_us) + w->every_us;
        read_once(w);
    }
}

static void on_writable(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    pump(io->data);
}

static void on_closed(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    end(io->data);
}

static void on_signal(struct ev_loop *loop, ev_signal *s, int events)
{
    (void)loop;
    (void)events;
    end(s->data);
}

static void start(struct watch *w)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    ev_io_init(&w->writable, on_writable, w->out.fd, EV_WRITE);
    ev_io_init(&w->closed, on_closed, w->out.fd, EV_READ);
    ev_timer_init(&w->tick, on_tick, TICK_S, TICK_S);
    w->writable.data = w->closed.data = w->tick.data = w;
    ev_timer_start(w->loop, &w->tick);
    if (w->out.pipe) {
        ev_io_start(w->loop, &w->closed); /* never readable: it speaks up when its reader has gone */
    }
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        ev_signal_init(&w->on_signal[i], on_signal, signals[i]);
        w->on_signal[i].data = w;
        ev_signal_start(w->loop, &w->on_signal[i]);
    }
}

static void stop(struct watch *w)
{
    ev_timer_stop(w->loop, &w->tick);
    ev_io_stop(w->loop, &w->writable);
    ev_io_stop(w->loop, &w->closed);
    for (size_t i = 0; i < sizeof w->on_signal / sizeof w->on_signal[0]; i++) {
        ev_signal_stop(w->loop, &w->on_signal[i]);
    }
}

bool snapshot_watches(const struct settings *s)
{
    /* What a configuration file says of the watch after a revoke must not make a cron job run for ever. */
    return s->options.value[OPTION_WATCH].source == OPTION_FROM_FLAG;
}

bool snapshot_watch_check(const struct settings *s, struct err *err)
{
    const char *every = option_text(&s->options, OPTION_WATCH);
    const char *count = option_text(&s->options, OPTION_READINGS);
    if (snapshot_watches(s)) {
        return option_number(&s->options, OPTION_WATCH) >= LEAST_US ||
               err_set(err, ERR_USAGE,
                       "snapshot: --watch \"%.40s\" is too short, expected a time from 1s to 600s", every);
    }
    return s->options.value[OPTION_READINGS].source != OPTION_FROM_FLAG ||
           err_set(err, ERR_USAGE, "snapshot: --count \"%.40s\" goes with --watch TIME", count);
}

int snapshot_watch(struct settings *s, struct ev_loop *loop)
{
    struct watch w = {.loop = loop,
                      .begun_us = clock_mono_us(),
                      .every_us = option_number(&s->options, OPTION_WATCH),
                      .due_us = -1,
                      .left = s->options.value[OPTION_READINGS].source == OPTION_FROM_FLAG
                                  ? option_number(&s->options, OPTION_READINGS)
                                  : -1,
                      .parting_us = -1,
                      .code = EXIT_UNREAD};
    outlet_open(&w.out, STDOUT_FILENO);
    if (!w.out.gone) {
        observer_init(&w.observer, loop, s);
        observer_start(&w.observer);
        start(&w);
        ev_run(loop, 0);
        stop(&w);
        observer_release(&w.observer);
    }
    outlet_close(&w.out);
    return w.code;
}
