/* demo_run: the demo: a private Redis full of life, and the console on it; without a terminal five seconds of
 * it and the text snapshot. */
#include "app.h"
#include "console.h"

#include <ev.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "redai/base/clock.h"

#include "redai/demo/demo.h"

#define LOOK_US (5 * US_PER_S)

/* redis.conf beside the themes: installed, or of the source tree that a build folder lies in. */
static bool find_conf(char *out, size_t size, struct err *err)
{
    static const char *const places[] = {"../share/redai-console/redis.conf", "../../redis.conf",
                                         "../../../redis.conf"};
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len < 0) {
        return err_set(err, ERR_IO, "demo: cannot tell where this program lies");
    }
    self[len] = '\0';
    const char *folder = dirname(self);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        int n = snprintf(out, size, "%s/%s", folder, places[i]);
        if (n > 0 && (size_t)n < size && access(out, R_OK) == 0) {
            return true;
        }
    }
    return err_set(err, ERR_NOT_FOUND, "demo: no redis.conf beside the program (looked in %s/%s)", folder,
                   places[0]);
}

struct wait {
    struct demo *demo;
    int64_t end_us;
};

static void look(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)events;
    const struct wait *w = timer->data;
    if (demo_ready(w->demo) || clock_mono_us() > w->end_us) {
        ev_break(loop, EVBREAK_ALL);
    }
}

/* Lets the first data in, so that the first screen is not an empty one. */
static void wait_ready(struct ev_loop *loop, struct demo *demo)
{
    struct wait w = {demo, clock_mono_us() + 3 * US_PER_S};
    ev_timer timer;
    ev_timer_init(&timer, look, 0., 0.01);
    timer.data = &w;
    ev_timer_start(loop, &timer);
    ev_run(loop, 0);
    ev_timer_stop(loop, &timer);
}

int demo_run(struct settings *s, const UT_array *args)
{
    char conf[PATH_MAX];
    struct err err;
    (void)args;
    struct ev_loop *loop = ev_default_loop(0);
    struct demo *demo = NULL;
    if (find_conf(conf, sizeof conf, &err)) {
        demo = demo_new(loop,
                        &(struct demo_options){.conf_path = conf,
                                               .seed = (uint64_t)option_number(&s->options, OPTION_SEED),
                                               .rate = (double)option_number(&s->options, OPTION_RATE),
                                               .worker = true},
                        &err);
    }
    if (!demo) {
        complain(&err);
        return EXIT_FAILED;
    }
    wait_ready(loop, demo);
    s->demo = true;
    address_release(&s->address);
    int code = EXIT_FAILED;
    if (!address_parse(&s->address, demo_address(demo), &err)) {
        complain(&err);
    } else if (sites_are_here(s), console_possible(&err)) {
        /* Its people are made up, but the demo is what others look at: it shows how that is. */
        options_set(&s->options, OPTION_CURTAIN, "on", OPTION_DEFAULT, NULL);
        code = console_on(s, loop);
    } else {
        code = snapshot_on(s, loop, LOOK_US, 2 * LOOK_US) == EXIT_UNREAD ? EXIT_FAILED : EXIT_OK;
    }
    demo_free(demo);
    return code;
}
