#include "order_parse.h"

#include "literal.h"

#include "redai/base/utf8.h"

/* A word that begins with two dashes and is shorter than this (up to its "=") is an option; session ids,
 * which may begin so as well, have 43 characters. */
enum { OPTION_LENGTH_MAX = 32, SHOWN_COLUMNS = 80 };

bool order_complain(struct err *err, const char *word, const char *what)
{
    char *shown = utf8_sanitise_dup(span_of(word), SHOWN_COLUMNS);
    err_set(err, ERR_USAGE, "\"%s\": %s", shown, what);
    mem_free(shown);
    return false;
}

bool order_is_queue(const char *word)
{
    return *word && !strpbrk(word, "\x06\x16") && literal_is_utf8(span_of(word));
}

static struct span option_name(const char *word)
{
    return span_head(span_of(word), span_find(span_of(word), '='));
}

static bool unknown_option(const char *word, const struct order_grammar *g, struct err *err)
{
    UT_string what;

    utstring_init(&what);
    text_add(&what, S("unknown option"));
    for (size_t i = 0; i < g->options; i++) {
        utstring_printf(&what, "%s%s",
                        i == 0                ? ", expected "
                        : i == g->options - 1 ? " or "
                                              : " ",
                        g->option[i].name);
    }
    if (g->options == 0) {
        text_add(&what, S(" (write -- in front of a name that begins with dashes)"));
    }
    order_complain(err, word, utstring_body(&what));
    utstring_done(&what);
    return false;
}

/* The option at word *i, which is left at the last word used. */
static bool take_option(struct order *o, const struct words *w, size_t *i, const struct order_grammar *g,
                        struct err *err)
{
    const char *word = words_at(w, *i);
    struct span name = option_name(word);
    bool has_value = word[name.len] == '=';

    for (size_t k = 0; k < g->options; k++) {
        const struct order_option *option = &g->option[k];
        if (!span_equal(name, span_of(option->name))) {
            continue;
        }
        if (option->flag) {
            return has_value ? order_complain(err, word, "no value is expected behind it")
                             : option->take(o, NULL, err);
        }
        const char *value = has_value ? word + name.len + 1 : words_at(w, ++*i);
        return value ? option->take(o, value, err)
                     : order_complain(err, word, "a value is missing behind it");
    }
    return unknown_option(word, g, err);
}

bool order_walk(struct order *o, const struct words *w, size_t first, const struct order_grammar *g,
                struct err *err)
{
    bool options = true;
    for (size_t i = first; i < words_count(w); i++) {
        const char *word = words_at(w, i);
        bool ok = true;
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && strncmp(word, "--", 2) == 0 && option_name(word).len < OPTION_LENGTH_MAX) {
            ok = take_option(o, w, &i, g, err);
        } else {
            ok = g->plain(o, word, g->ctx, err);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* A session as people have it at hand: its id, or the key it lies under. The short form of the screen and
 * patterns name no session and would end as "already gone" while the one that was meant lives on. */
static bool add_session(struct order *o, const char *word, struct err *err)
{
    static const struct span prefix = SPAN_LITERAL("session:");
    struct span id =
        span_starts(span_of(word), prefix) ? span_skip(span_of(word), prefix.len) : span_of(word);
    if (!id.len || id.data[id.len - 1] == '~' || strpbrk(word, "*?[] \t")) {
        return order_complain(err, word, "expected a whole session id, neither shortened nor a pattern");
    }
    order_add(o, TARGET_SESSION, id);
    return true;
}

static bool add_target(struct order *o, const char *word, void *ctx, struct err *err)
{
    const enum target_kind kind = *(const enum target_kind *)ctx;
    if (!*word) {
        return err_set(err, ERR_USAGE, "%s: an empty %s", verb_name[o->verb], target_kind_name(kind));
    }
    if (kind == TARGET_SESSION) {
        return add_session(o, word, err);
    }
    if (kind == TARGET_QUEUE && !order_is_queue(word)) {
        return order_complain(err, word, "expected the name of a queue");
    }
    order_add(o, kind, span_of(word));
    return true;
}

bool order_walk_targets(struct order *o, const struct words *w, size_t first, enum target_kind kind,
                        const struct order_option *option, size_t options, bool may_be_none, struct err *err)
{
    const struct order_grammar g = {.option = option, .options = options, .plain = add_target, .ctx = &kind};
    if (!order_walk(o, w, first, &g, err)) {
        return false;
    }
    return may_be_none || utarray_len(&o->target) > 0 ||
           err_set(err, ERR_USAGE, "%s: which %s?", verb_name[o->verb], target_kind_name(kind));
}
