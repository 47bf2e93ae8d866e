#include "literal.h"
#include "order_parse.h"

#include "redai/base/num.h"

/* More at once would be a storm and not a rate. */
#define RATE_MAX 1000.

static bool take_rate(struct order *o, const char *value, struct err *err)
{
    double rate;
    if (!num_f64(span_of(value), &rate) || rate <= 0 || rate > RATE_MAX) {
        return order_complain(err, value, "--rate: expected how many a second, more than 0 and up to 1000");
    }
    o->rate_per_s = rate;
    return true;
}

/* For a task of which only the id is left. */
static bool take_task(struct order *o, const char *value, struct err *err)
{
    if (!*value || strpbrk(value, " \t\n") || !literal_is_utf8(span_of(value))) {
        return order_complain(err, value,
                              "--task: expected a registered name like api.tasks.test_redis_task");
    }
    mem_replace(&o->task, value);
    return true;
}

static const struct order_option retry_options[] = {{"--task", false, take_task},
                                                    {"--args", false, order_take_args},
                                                    {"--kwargs", false, order_take_kwargs},
                                                    {"--queue", false, order_take_queue},
                                                    {"--priority", false, order_take_priority},
                                                    {"--countdown", false, order_take_countdown},
                                                    {"--rate", false, take_rate}};

static const struct order_option move_options[] = {{"--queue", false, order_take_queue}};

bool order_parse_retry(struct order *o, const struct words *w, const struct templates *templates,
                       struct err *err)
{
    (void)templates;
    if (!order_walk_targets(o, w, 1, TARGET_TASK, retry_options,
                            sizeof retry_options / sizeof retry_options[0], false, err)) {
        return false;
    }
    if ((o->task || o->args || o->kwargs) && utarray_len(&o->target) > 1) {
        return err_set(err, ERR_USAGE, "retry: --task, --args and --kwargs are for one task");
    }
    return true;
}

bool order_parse_remove(struct order *o, const struct words *w, const struct templates *templates,
                        struct err *err)
{
    (void)templates;
    return order_walk_targets(o, w, 1, TARGET_TASK, NULL, 0, false, err);
}

bool order_parse_move(struct order *o, const struct words *w, const struct templates *templates,
                      struct err *err)
{
    (void)templates;
    return order_walk_targets(o, w, 1, TARGET_TASK, move_options,
                              sizeof move_options / sizeof move_options[0], false, err) &&
           (o->queue || err_set(err, ERR_USAGE, "move: where to? expected --queue QUEUE"));
}

bool order_parse_purge(struct order *o, const struct words *w, const struct templates *templates,
                       struct err *err)
{
    (void)templates;
    return order_walk_targets(o, w, 1, TARGET_QUEUE, NULL, 0, false, err);
}

/* A word may be a task's id or a delivery tag: the plan looks for both. */
bool order_parse_requeue(struct order *o, const struct words *w, const struct templates *templates,
                         struct err *err)
{
    (void)templates;
    return order_walk_targets(o, w, 1, TARGET_TASK, NULL, 0, true, err);
}
