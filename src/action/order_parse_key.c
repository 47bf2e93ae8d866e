/* The words of the verbs about one key. */
#include "order_parse.h"

#include "redai/base/num.h"

/* A hundred years: more is a slip. */
#define TTL_MAX_US (INT64_C(36500) * 86400 * 1000000)

static bool one_key(struct order *o, struct err *err)
{
    return utarray_len(&o->target) == 1 ||
           err_set(err, ERR_USAGE, "%s: one key at a time (invalidate takes patterns)", verb_name[o->verb]);
}

static bool take_word(struct order *o, const char *word, void *ctx, struct err *err)
{
    (void)ctx;
    if (utarray_len(&o->target) == 0) {
        if (!*word) {
            return err_set(err, ERR_USAGE, "expire: an empty key");
        }
        order_add(o, TARGET_KEY, span_of(word));
        return true;
    }
    int64_t us;
    if (o->expires_us > 0) {
        return order_complain(err, word, "expected one key and one time");
    }
    if (!num_duration_us(span_of(word), &us) || us < 1000 || us > TTL_MAX_US) {
        return order_complain(err, word, "expected a time like 90, 10m or 2h (to end it now: delete)");
    }
    o->expires_us = us;
    return true;
}

bool order_parse_expire(struct order *o, const struct words *w, const struct templates *templates,
                        struct err *err)
{
    const struct order_grammar g = {.plain = take_word};
    (void)templates;
    return order_walk(o, w, 1, &g, err) &&
           ((utarray_len(&o->target) == 1 && o->expires_us > 0) ||
            err_set(err, ERR_USAGE, "expire: expected KEY TIME, as in expire exam:7 10m"));
}

bool order_parse_persist(struct order *o, const struct words *w, const struct templates *templates,
                         struct err *err)
{
    (void)templates;
    return order_walk_targets(o, w, 1, TARGET_KEY, NULL, 0, false, err) && one_key(o, err);
}

bool order_parse_delete(struct order *o, const struct words *w, const struct templates *templates,
                        struct err *err)
{
    return order_parse_persist(o, w, templates, err);
}
