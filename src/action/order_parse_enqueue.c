#include "literal.h"
#include "order_parse.h"

#include "redai/base/num.h"

#include "redai/schema/message.h"

#define COUNTDOWN_MAX_US (INT64_C(366) * 86400 * 1000000)

static bool take_args(struct order *o, const char *value, struct err *err)
{
    UT_string repr;
    utstring_init(&repr);
    bool ok = message_args_repr(value, &repr) ||
              order_complain(err, value, "--args: expected a JSON array like [1, \"a\"]");
    utstring_done(&repr);
    mem_replace(&o->args, value);
    return ok;
}

static bool take_kwargs(struct order *o, const char *value, struct err *err)
{
    UT_string repr;
    utstring_init(&repr);
    bool ok = message_kwargs_repr(value, &repr) ||
              order_complain(err, value, "--kwargs: expected a JSON object like {\"exam_id\": 1}");
    utstring_done(&repr);
    mem_replace(&o->kwargs, value);
    return ok;
}

static bool take_queue(struct order *o, const char *value, struct err *err)
{
    /* The two bytes that part a queue from its priority would make another list of it. */
    if (!*value || strpbrk(value, "\x06\x16") || !literal_is_utf8(span_of(value))) {
        return order_complain(err, value, "--queue: expected the name of a queue");
    }
    mem_replace(&o->queue, value);
    return true;
}

static bool take_countdown(struct order *o, const char *value, struct err *err)
{
    int64_t us;
    if (!num_duration_us(span_of(value), &us) || us < 0 || us > COUNTDOWN_MAX_US) {
        return order_complain(err, value, "--countdown: expected a time like 30, 30s or 5m, up to a year");
    }
    o->countdown_us = us;
    return true;
}

static bool take_priority(struct order *o, const char *value, struct err *err)
{
    int64_t priority;
    if (!num_i64_range(span_of(value), 0, 9, &priority)) {
        return order_complain(err, value, "--priority: expected 0 to 9 (0 is served first)");
    }
    o->priority = (int)priority;
    return true;
}

static const struct {
    const char *name;
    bool (*take)(struct order *o, const char *value, struct err *err);
} enqueue_options[] = {{"--args", take_args},
                       {"--kwargs", take_kwargs},
                       {"--queue", take_queue},
                       {"--countdown", take_countdown},
                       {"--priority", take_priority}};

/* "--name VALUE" or "--name=VALUE" at word *i, which is left at the last word used. */
static bool parse_option(struct order *o, const struct words *w, size_t *i, struct err *err)
{
    const char *word = words_at(w, *i);
    struct span name = span_head(span_of(word), span_find(span_of(word), '='));
    for (size_t k = 0; k < sizeof enqueue_options / sizeof enqueue_options[0]; k++) {
        if (!span_equal(name, span_of(enqueue_options[k].name))) {
            continue;
        }
        const char *value = word[name.len] == '=' ? word + name.len + 1 : words_at(w, ++*i);
        if (!value) {
            return order_complain(err, word, "a value is missing behind it");
        }
        return enqueue_options[k].take(o, value, err);
    }
    return order_complain(err, word,
                          "unknown option, expected --args --kwargs --queue --countdown or --priority");
}

static const struct template *find_template(const struct templates *templates, const char *word,
                                            bool has_values)
{
    const struct template *t = templates ? templates_find(templates, word) : NULL;
    /* A full task name with NAME=VALUE words means the template that is about that task. */
    for (size_t i = 0; templates && !t && has_values && i < templates_count(templates); i++) {
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

    if (!t && !strchr(word, '.')) {
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

bool order_parse_enqueue(struct order *o, const struct words *w, const struct templates *templates,
                         struct err *err)
{
    struct words values;
    const char *word = NULL;
    bool ok = true;

    o->verb = VERB_ENQUEUE;
    words_init(&values);
    for (size_t i = 1; ok && i < words_count(w); i++) {
        const char *at = words_at(w, i);
        if (strncmp(at, "--", 2) == 0) {
            ok = parse_option(o, w, &i, err);
        } else if (!word) {
            word = at;
            utarray_push_back(&values.word, &at);
        } else if (!strchr(at, '=')) {
            ok = order_complain(err, at, "expected NAME=VALUE");
        } else {
            utarray_push_back(&values.word, &at);
        }
    }
    if (ok && (!word || !*word)) {
        ok = err_set(err, ERR_USAGE, "enqueue: which task or template?");
    }
    ok = ok && word && fill_enqueue(o, &values, templates, word, err);
    words_release(&values);
    return ok;
}
