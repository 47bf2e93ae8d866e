#include "order_parse.h"

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

/* The rest of the words are ids, with "--" in front of such that look like options. */
static bool parse_targets(struct order *o, const struct words *w, size_t first, enum target_kind kind,
                          struct err *err)
{
    bool options = true;
    for (size_t i = first; i < words_count(w); i++) {
        const char *word = words_at(w, i);
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && kind == TARGET_TASK && strcmp(word, "--terminate") == 0) {
            o->terminate = true;
        } else if (options && order_is_option(word)) {
            return order_complain(err, word,
                                  "unknown option (write -- in front of a name that begins with dashes)");
        } else if (!*word) {
            return err_set(err, ERR_USAGE, "%s: an empty %s", verb_name[o->verb], target_kind_name(kind));
        } else if (kind == TARGET_SESSION) {
            if (!add_session(o, word, err)) {
                return false;
            }
        } else {
            order_add(o, kind, span_of(word));
        }
    }
    if (utarray_len(&o->target) == 0) {
        return err_set(err, ERR_USAGE, "%s: which %s?", verb_name[o->verb], target_kind_name(kind));
    }
    return true;
}

bool order_parse_revoke(struct order *o, const struct words *w, struct err *err)
{
    static const struct {
        const char *word;
        enum verb verb;
        enum target_kind kind;
    } rows[] = {{"session", VERB_REVOKE_SESSION, TARGET_SESSION},
                {"user", VERB_REVOKE_USER, TARGET_USER},
                {"task", VERB_REVOKE_TASK, TARGET_TASK}};
    const char *what = words_at(w, 1);
    for (size_t i = 0; what && i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(what, rows[i].word) == 0) {
            o->verb = rows[i].verb;
            return parse_targets(o, w, 2, rows[i].kind, err);
        }
    }
    if (what) {
        return order_complain(err, what, "revoke what? expected session, user or task");
    }
    return err_set(err, ERR_USAGE, "revoke: expected session SID, user UID or task ID");
}

bool order_parse_invalidate(struct order *o, const struct words *w, struct err *err)
{
    o->verb = VERB_INVALIDATE;
    return parse_targets(o, w, 1, TARGET_PATTERN, err);
}

bool order_parse_notifications(struct order *o, const struct words *w, struct err *err)
{
    const char *what = words_at(w, 1);
    o->verb = VERB_NOTIFICATIONS;
    if (!what || strcmp(what, "on") != 0) {
        return what ? order_complain(err, what, "expected notifications on")
                    : err_set(err, ERR_USAGE, "notifications: expected on");
    }
    return !words_at(w, 2) ||
           order_complain(err, words_at(w, 2), "nothing is expected behind notifications on");
}
