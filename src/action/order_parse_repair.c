#include "order_parse.h"

static bool take_word(struct order *o, const char *word, void *ctx, struct err *err)
{
    (void)ctx;
    (void)err;
    utarray_push_back(&o->word, &word);
    return true;
}

bool order_walk_filter(struct order *o, const struct words *w, size_t first,
                       const struct order_option *option, size_t options, struct err *err)
{
    const struct order_grammar g = {.option = option, .options = options, .plain = take_word};
    UT_string filter;

    if (!order_walk(o, w, first, &g, err)) {
        return false;
    }
    utstring_init(&filter);
    for (unsigned i = 0; i < utarray_len(&o->word); i++) {
        utstring_printf(&filter, "%s%s", i ? " " : "", *(char *const *)utarray_eltptr(&o->word, i));
    }
    /* Nothing but blanks would fit everything without anybody having said so. */
    bool some = strspn(utstring_body(&filter), " \t!") < utstring_len(&filter);
    bool all = utarray_len(&o->word) == 1 && span_equal(text_span(&filter), S("all"));
    if (some) {
        mem_replace(&o->filter, all ? "" : utstring_body(&filter));
    }
    utarray_clear(&o->word);
    utstring_done(&filter);
    return true;
}

static bool take_add(struct order *o, const char *value, struct err *err)
{
    (void)value;
    (void)err;
    o->add = true;
    return true;
}

static bool take_drop(struct order *o, const char *value, struct err *err)
{
    (void)value;
    (void)err;
    o->drop = true;
    return true;
}

static const struct order_option repair_options[] = {{"--add", true, take_add}, {"--drop", true, take_drop}};

bool order_parse_repair(struct order *o, const struct words *w, const struct templates *templates,
                        struct err *err)
{
    const char *what = words_at(w, 1);
    (void)templates;

    if (!what || strcmp(what, "sessions") != 0) {
        return what ? order_complain(err, what, "repair what? expected sessions")
                    : err_set(err, ERR_USAGE, "repair: expected sessions [FILTER] [--add|--drop]");
    }
    if (!order_walk_filter(o, w, 2, repair_options, sizeof repair_options / sizeof repair_options[0], err)) {
        return false;
    }
    if (!o->filter) {
        mem_replace(&o->filter, ""); /* what does not agree is all there is to repair */
    }
    return true;
}
