/* orders_repair: sessions that are chosen by a filter, and what does not agree with the indexes. */
#include "orders.h"
#include "pick.h"

/* --- a filter within a command line --- */

/* Where the word that begins here ends, blanks between quotes being of it. */
static size_t word_end(struct span s)
{
    char quote = '\0';
    size_t i = 0;
    for (; i < s.len && (quote || s.data[i] != ' '); i++) {
        if (quote == '"' && s.data[i] == '\\' && i + 1 < s.len) {
            i++;
        } else if (quote) {
            quote = s.data[i] == quote ? '\0' : quote;
        } else if (s.data[i] == '"' || s.data[i] == '\'') {
            quote = s.data[i];
        }
    }
    return i < s.len ? i : s.len;
}

/* As the shell would, a word that is quoted as a whole loses its quotes; those within are the filter's. */
static void add_raw(struct words *to, struct span word)
{
    char q = word.len > 1 ? word.data[0] : '\0';
    bool whole = (q == '\'' || q == '"') && word.data[word.len - 1] == q;
    char *text = span_dup(whole ? span_make(word.data + 1, word.len - 2) : word);
    const char *borrowed = text;
    utarray_push_back(&to->word, &borrowed);
    mem_free(text);
}

bool orders_run_filter(struct console *c, const struct words *w, struct err *err)
{
    struct words raw;
    struct span rest = span_of(w->line);
    bool ok;
    if (!w->line) {
        return orders_run(c, w, err);
    }
    words_init(&raw);
    raw.line = w->line;
    while (rest.len) {
        struct span word = span_head(rest, word_end(rest));
        rest = span_skip(rest, word.len + 1);
        if (word.len) {
            add_raw(&raw, word);
        }
    }
    ok = orders_run(c, &raw, err);
    words_release(&raw);
    return ok;
}

/* --- repair --- */

static void add_of(struct console *c, struct order *o, const struct target *t)
{
    if (t->kind == TARGET_USER) {
        pick_user(c->observer.model, o, target_id(t));
    } else {
        pick_session(c->observer.model, o, target_id(t));
    }
}

static bool repair_selection(struct console *c, struct err *err)
{
    const struct target *subject = ui_subject(c->ui);
    struct selection s;
    struct order o;
    bool ok = true;
    order_init(&o, VERB_REPAIR);
    if (subject->kind == TARGET_USER) { /* its page, whichever session the cursor is on */
        add_of(c, &o, subject);
    } else {
        ok = selection_take(c, &s, err);
        for (size_t i = 0; ok && i < s.count; i++) {
            ok = s.t[i].kind == TARGET_USER || s.t[i].kind == TARGET_SESSION ||
                 err_set(err, ERR_USAGE, "repair: not for a %s", target_kind_name(s.t[i].kind));
            if (ok) {
                add_of(c, &o, &s.t[i]);
            }
        }
        selection_release(&s);
    }
    if (ok && utarray_len(&o.stray) == 0) {
        char parts[160];
        pick_unread_parts(c->observer.model, parts, sizeof parts);
        ok =
            err_set(err, ERR_NOT_FOUND, "nothing to repair here: no orphan and no stale entry is known; %s%s",
                    *parts ? "but " : ":repair sessions takes all", parts);
    }
    if (!ok) {
        order_release(&o);
        return false;
    }
    return orders_give(c, &o, err);
}

bool orders_repair(struct console *c, const struct words *w, struct err *err)
{
    return words_count(w) == 1 ? repair_selection(c, err) : orders_run_filter(c, w, err);
}
