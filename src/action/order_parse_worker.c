#include "order_parse.h"

static bool has_node(const struct order *o, struct span node)
{
    for (unsigned i = 0; i < utarray_len(&o->target); i++) {
        if (span_equal(target_id(utarray_eltptr(&o->target, i)), node)) {
            return true;
        }
    }
    return false;
}

/* "worker1@a,worker2@b" */
static bool take_on(struct order *o, const char *value, struct err *err)
{
    struct span rest = span_of(value);
    for (;;) {
        struct span node = span_head(rest, span_find(rest, ','));
        if (node.len == 0) {
            return order_complain(err, value, "--on: expected the name of a worker, like worker1@host");
        }
        if (!has_node(o, node)) {
            order_add(o, TARGET_WORKER, node);
        }
        if (node.len == rest.len) {
            return true;
        }
        rest = span_skip(rest, node.len + 1);
    }
}

static const struct order_option worker_options[] = {{"--on", false, take_on}};

static bool take_word(struct order *o, const char *word, void *ctx, struct err *err)
{
    (void)ctx;
    (void)err;
    utarray_push_back(&o->word, &word);
    return true;
}

static const char *word_at(const struct order *o, unsigned i)
{
    return i < utarray_len(&o->word) ? *(const char *const *)utarray_eltptr(&o->word, i) : NULL;
}

static bool unknown_method(const char *word, struct err *err)
{
    UT_string what;
    utstring_init(&what);
    text_add(&what, S("no method of a worker, expected one of:"));
    for (size_t i = 0; i < worker_methods_count; i++) {
        utstring_printf(&what, "%s %s", i ? "," : "", worker_methods[i].word);
    }
    order_complain(err, word, utstring_body(&what));
    utstring_done(&what);
    return false;
}

/* The method's word or its two words ("events on") leave o->word; the rest are its arguments. */
static bool take_method(struct order *o, struct err *err)
{
    const char *first = word_at(o, 0), *second = word_at(o, 1);
    UT_string both;

    if (!first) {
        return err_set(err, ERR_USAGE, "worker: which method?");
    }
    utstring_init(&both);
    utstring_printf(&both, "%s %s", first, second ? second : "");
    const struct worker_method *two = worker_method_find(utstring_body(&both));
    utstring_done(&both);
    o->method = two ? two : worker_method_find(first);
    if (!o->method) {
        bool events = strcmp(first, "events") == 0;
        return events ? (second ? order_complain(err, second, "expected events on or events off")
                                : err_set(err, ERR_USAGE, "events: expected on or off"))
                      : unknown_method(first, err);
    }
    unsigned words = two ? 2 : 1;
    utarray_erase(&o->word, 0, words);
    return true;
}

static bool check_words(struct order *o, struct err *err)
{
    const struct worker_method *m = o->method;
    unsigned n = utarray_len(&o->word);
    UT_string arguments;

    if (n < (unsigned)m->min_args) {
        return err_set(err, ERR_USAGE, "worker %s: expected %s", m->word, m->usage);
    }
    if (n > (unsigned)m->max_args) {
        return order_complain(err, word_at(o, (unsigned)m->max_args), "nothing more is expected here");
    }
    utstring_init(&arguments);
    bool ok = m->arguments(&o->word, &arguments, err);
    utstring_done(&arguments);
    if (ok && m->needs_target && utarray_len(&o->target) == 0) {
        ok = err_set(err, ERR_USAGE, "worker %s: which worker? expected --on NODE", m->word);
    }
    return ok;
}

bool order_parse_worker(struct order *o, const struct words *w, const struct templates *templates,
                        struct err *err)
{
    const struct order_grammar g = {.option = worker_options,
                                    .options = sizeof worker_options / sizeof worker_options[0],
                                    .plain = take_word};
    /* "events on" is short for "worker events on". */
    size_t first = strcmp(words_at(w, 0), "worker") == 0 ? 1 : 0;
    (void)templates;
    return order_walk(o, w, first, &g, err) && take_method(o, err) && check_words(o, err);
}
