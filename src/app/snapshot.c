/* snapshot: one look, printed, with an exit code for checks. Durations of rules do not count here: a single
 * look tells what is above its threshold now; --watch has them. */
#include "snapshot.h"

#include "app.h"
#include "look.h"

#include "redai/base/clock.h"

#define LEAST_US (1100 * US_PER_MS) /* two readings of INFO, for rates */

struct patience {
    int64_t least_us, limit_us;
};

static bool workers_expected(const struct model *m)
{
    return model_queue_count(m) > 0 && model_worker_count(m) == 0;
}

static bool is_enough(void *ctx, const struct observer *o, int64_t past_us)
{
    const struct patience *p = ctx;
    /* A worker's heartbeat comes every two seconds: with queues about, one is waited for. */
    int64_t least = workers_expected(o->model) ? p->least_us + 1200 * US_PER_MS : p->least_us;
    return (collect_settled(o->collect) && past_us >= least) || past_us >= p->limit_us ||
           !look_is_hopeful(o, past_us);
}

bool snapshot_is_enough(const struct observer *o, int64_t past_us)
{
    struct patience patience = {LEAST_US, option_number(&o->settings->options, OPTION_WITHIN)};
    return is_enough(&patience, o, past_us);
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

int snapshot_verdict(const struct model *m)
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

void snapshot_print(const struct settings *s, const struct model *m, int64_t skipped, UT_string *out)
{
    bool told = s->options.value[OPTION_FORMAT].source > OPTION_DEFAULT;
    const char *format = option_text(&s->options, OPTION_FORMAT);
    if (strcmp(format, "nagios") == 0) {
        snapshot_nagios(m, snapshot_verdict(m), out);
    } else if (strcmp(format, "json") == 0 || (skipped >= 0 && !told)) {
        snapshot_json(m, skipped, out);
    } else {
        snapshot_text(m, out);
        text_add(out, skipped >= 0 ? S("\n") : S(""));
    }
}

int snapshot_on(struct settings *s, struct ev_loop *loop, int64_t least_us, int64_t limit_us)
{
    struct patience patience = {least_us, limit_us};
    struct observer o;
    UT_string out;
    judge_at_once(s->model);
    look_until(&o, loop, s, is_enough, &patience);
    utstring_init(&out);
    snapshot_print(s, s->model, -1, &out);
    int code = look_print(&out) ? snapshot_verdict(s->model) : EXIT_UNREAD;
    utstring_done(&out);
    observer_release(&o);
    return code;
}

int snapshot_run(struct settings *s, const UT_array *args)
{
    struct err err;
    if (!args_take_url(s, args, 0)) {
        return EXIT_USAGE;
    }
    if (!snapshot_watch_check(s, &err)) {
        complain(&err);
        return EXIT_USAGE;
    }
    struct ev_loop *loop = ev_default_loop(0);
    s->reserved = true;
    if (snapshot_watches(s)) {
        return snapshot_watch(s, loop);
    }
    return snapshot_on(s, loop, LEAST_US, option_number(&s->options, OPTION_WITHIN));
}
