#include "order_parse.h"

#include "redai/base/isotime.h"
#include "redai/base/num.h"

#include "redai/schema/message.h"

#define COUNTDOWN_MAX_US (INT64_C(366) * 86400 * 1000000)

bool order_take_args(struct order *o, const char *value, struct err *err)
{
    UT_string repr;
    utstring_init(&repr);
    bool ok = message_args_repr(value, &repr) ||
              order_complain(err, value, "--args: expected a JSON array like [1, \"a\"]");
    utstring_done(&repr);
    mem_replace(&o->args, value);
    return ok;
}

bool order_take_kwargs(struct order *o, const char *value, struct err *err)
{
    UT_string repr;
    utstring_init(&repr);
    bool ok = message_kwargs_repr(value, &repr) ||
              order_complain(err, value, "--kwargs: expected a JSON object like {\"exam_id\": 1}");
    utstring_done(&repr);
    mem_replace(&o->kwargs, value);
    return ok;
}

bool order_take_queue(struct order *o, const char *value, struct err *err)
{
    if (!order_is_queue(value)) {
        return order_complain(err, value, "--queue: expected the name of a queue");
    }
    mem_replace(&o->queue, value);
    return true;
}

bool order_take_countdown(struct order *o, const char *value, struct err *err)
{
    int64_t us;
    if (!num_duration_us(span_of(value), &us) || us < 0 || us > COUNTDOWN_MAX_US) {
        return order_complain(err, value, "--countdown: expected a time like 30, 30s or 5m, up to a year");
    }
    o->countdown_us = us;
    return true;
}

bool order_take_priority(struct order *o, const char *value, struct err *err)
{
    int64_t priority;
    if (!num_i64_range(span_of(value), 0, 9, &priority)) {
        return order_complain(err, value, "--priority: expected 0 to 9 (0 is served first)");
    }
    o->priority = (int)priority;
    return true;
}

/* A time as ISO 8601 has it; without an offset it is UTC. */
static bool take_eta(struct order *o, const char *value, struct err *err)
{
    if (!isotime_parse(span_of(value), &o->eta_wall_us) || o->eta_wall_us < 0) {
        o->eta_wall_us = -1;
        return order_complain(err, value, "--eta: expected a time like 2026-11-25T18:30:00 (UTC)");
    }
    return true;
}

static bool take_expires(struct order *o, const char *value, struct err *err)
{
    if (!num_duration_us(span_of(value), &o->expires_us) || o->expires_us <= 0 ||
        o->expires_us > COUNTDOWN_MAX_US) {
        o->expires_us = 0;
        return order_complain(err, value, "--expires: expected a time like 30, 30s or 5m, up to a year");
    }
    return true;
}

static const struct order_option enqueue_options[] = {{"--args", false, order_take_args},
                                                      {"--kwargs", false, order_take_kwargs},
                                                      {"--queue", false, order_take_queue},
                                                      {"--priority", false, order_take_priority},
                                                      {"--countdown", false, order_take_countdown},
                                                      {"--eta", false, take_eta},
                                                      {"--expires", false, take_expires}};

static const struct template *find_template(const struct templates *templates, const char *word,
                                            bool has_values)
{
    const struct template *t = templates ? templates_find(templates, word) : NULL;
    /* A full task name with NAME=VALUE words means the template that is about that task. */
    for (size_t i = 0; templates && word && !t && has_values && i < templates_count(templates); i++) {
        const struct template *row = templates_at(templates, i);
        t = strcmp(row->task, word) == 0 ? row : NULL;
    }
    return t;
}

static bool unknown_task(const struct templates *templates, const char *word, struct err *err)
{
    UT_string what;
    utstring_init(&what);
    text_add(&what, S("no task name (those have a dot) and no template, expected one of:"));
    for (size_t i = 0; templates && i < templates_count(templates); i++) {
        utstring_printf(&what, " %s", templates_at(templates, i)->name);
    }
    order_complain(err, word, utstring_body(&what));
    utstring_done(&what);
    return false;
}

/* values: the NAME=VALUE words, from index 1 on. */
static bool fill_enqueue(struct order *o, const struct words *values, const struct templates *templates,
                         const char *word, struct err *err)
{
    bool has_values = words_count(values) > 1;
    const struct template *t = find_template(templates, word, has_values);

    if (!t && !(word && strchr(word, '.'))) {
        return unknown_task(templates, word, err);
    }
    mem_replace(&o->task, t ? t->task : word);
    if (!t) {
        return !has_values ||
               order_complain(err, words_at(values, 1), "no template for this task: use --args or --kwargs");
    }
    if (o->args || o->kwargs) {
        return !has_values || order_complain(err, words_at(values, 1),
                                             "give either NAME=VALUE or --args and --kwargs, not both");
    }
    UT_string args;
    utstring_init(&args);
    bool ok = template_arguments(t, values, 1, &args, err);
    mem_replace(&o->args, utstring_body(&args));
    utstring_done(&args);
    return ok;
}

/* The first word names task or template; the rest are its fields. values gets them all, in order. */
static bool take_word(struct order *o, const char *word, void *ctx, struct err *err)
{
    struct words *values = ctx;
    (void)o;
    if (words_count(values) > 0 && !strchr(word, '=')) {
        return order_complain(err, word, "expected NAME=VALUE");
    }
    utarray_push_back(&values->word, &word);
    return true;
}

bool order_parse_enqueue(struct order *o, const struct words *w, const struct templates *templates,
                         struct err *err)
{
    struct words values;
    const struct order_grammar g = {.option = enqueue_options,
                                    .options = sizeof enqueue_options / sizeof enqueue_options[0],
                                    .plain = take_word,
                                    .ctx = &values};

    words_init(&values);
    bool ok = order_walk(o, w, 1, &g, err);
    const char *word = words_at(&values, 0);
    if (ok && (!word || !*word)) {
        ok = err_set(err, ERR_USAGE, "enqueue: which task or template?");
    }
    if (ok && o->countdown_us > 0 && o->eta_wall_us >= 0) {
        ok = err_set(err, ERR_USAGE, "enqueue: give either --countdown or --eta, not both");
    }
    ok = ok && fill_enqueue(o, &values, templates, word, err);
    words_release(&values);
    return ok;
}
