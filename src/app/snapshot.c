/* snapshot: one look, printed, with an exit code for checks. Durations of rules do not count here: a single
 * look tells what is above its threshold now. */
#include "app.h"
#include "observer.h"

#include <ev.h>
#include <stdio.h>

#include "redai/base/clock.h"

#define LEAST_US (1100 * US_PER_MS) /* two readings of INFO, for rates */
#define LIMIT_US (10 * US_PER_S)

struct look {
    struct observer observer;
    struct ev_loop *loop;
    ev_timer timer;
    int64_t begun_us, least_us, limit_us;
};

static bool workers_expected(const struct model *m)
{
    return model_queue_count(m) > 0 && model_worker_count(m) == 0;
}

static void on_time(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)events;
    struct look *k = timer->data;
    int64_t past = clock_mono_us() - k->begun_us;
    observer_tick(&k->observer);
    /* A worker's heartbeat comes every two seconds: with queues about, one is waited for. */
    int64_t least = workers_expected(k->observer.model) ? k->least_us + 1200 * US_PER_MS : k->least_us;
    bool down = !model_redis_reachable(k->observer.model) && past >= 3 * US_PER_S;
    if ((collect_settled(k->observer.collect) && past >= least) || past >= k->limit_us || down) {
        ev_break(loop, EVBREAK_ALL);
    }
}

/* A part that could not be read may hide anything: that is no "all clear". */
static bool all_read(const struct model *m)
{
    static const enum topic topics[] = {TOPIC_SERVER, TOPIC_SESSIONS, TOPIC_CACHE, TOPIC_QUEUES,
                                        TOPIC_BATCHES};
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        if (model_topic(m, topics[i])->failed || model_topic(m, topics[i])->ok_at_us < 0) {
            return false;
        }
    }
    return model_redis_reachable(m) && model_server(m)->known;
}

static int verdict(const struct model *m)
{
    return !all_read(m)                                ? EXIT_UNREAD
           : model_alerts_firing(m, SEVERITY_CRITICAL) ? EXIT_CRITICAL
           : model_alerts_firing(m, SEVERITY_WARNING)  ? EXIT_WARNING
                                                       : EXIT_OK;
}

static void judge_at_once(struct model *m)
{
    struct rules *rules = model_rules(m);
    for (unsigned i = 0; i < utarray_len(&rules->row); i++) {
        struct rule *rule = *(struct rule **)utarray_eltptr(&rules->row, i);
        rule->hold_us = 0;
    }
}

int snapshot_on(struct settings *s, struct ev_loop *loop, int64_t least_us, int64_t limit_us)
{
    struct look k = {.loop = loop, .begun_us = clock_mono_us(), .least_us = least_us, .limit_us = limit_us};
    judge_at_once(s->model);
    observer_init(&k.observer, loop, s);
    observer_start(&k.observer);
    ev_timer_init(&k.timer, on_time, 0.02, 0.02);
    k.timer.data = &k;
    ev_timer_start(loop, &k.timer);
    ev_run(loop, 0);
    ev_timer_stop(loop, &k.timer);
    k.observer.clock_us = 0;
    observer_tick(&k.observer);

    UT_string out;
    utstring_init(&out);
    bool json = option_text(&s->options, OPTION_FORMAT) &&
                strcmp(option_text(&s->options, OPTION_FORMAT), "json") == 0;
    if (json) {
        snapshot_json(s->model, &out);
    } else {
        snapshot_text(s->model, &out);
    }
    fwrite(utstring_body(&out), 1, utstring_len(&out), stdout);
    utstring_done(&out);
    int code = verdict(s->model);
    if (fflush(stdout) != 0) {
        complain(&(struct err){ERR_IO, "the snapshot could not be written"});
        code = EXIT_UNREAD;
    }
    observer_release(&k.observer);
    return code;
}

int snapshot_run(struct settings *s, const UT_array *args)
{
    if (!args_take_url(s, args, 0)) {
        return EXIT_USAGE;
    }
    struct ev_loop *loop = ev_default_loop(0);
    return snapshot_on(s, loop, LEAST_US, LIMIT_US);
}
