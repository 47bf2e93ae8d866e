#include "order_parse.h"

#include "redai/base/num.h"

static bool take_terminate(struct order *o, const char *value, struct err *err)
{
    (void)value;
    (void)err;
    o->terminate = true;
    return true;
}

static bool take_remove(struct order *o, const char *value, struct err *err)
{
    (void)value;
    (void)err;
    o->remove = true;
    return true;
}

static const struct order_option task_options[] = {{"--terminate", true, take_terminate},
                                                   {"--remove", true, take_remove}};

/* Which ones is not left open: no filter would be everybody. */
static bool parse_sessions(struct order *o, const struct words *w, struct err *err)
{
    o->verb = VERB_REVOKE_SESSION;
    return order_walk_filter(o, w, 2, NULL, 0, err) &&
           (o->filter ||
            err_set(err, ERR_USAGE,
                    "revoke sessions: which? expected a filter like role:student idle>30m, or all"));
}

bool order_parse_revoke(struct order *o, const struct words *w, const struct templates *templates,
                        struct err *err)
{
    static const struct {
        const char *word;
        enum verb verb;
        enum target_kind kind;
        const struct order_option *option;
        size_t options;
    } rows[] = {
        {"session", VERB_REVOKE_SESSION, TARGET_SESSION, NULL, 0},
        {"user", VERB_REVOKE_USER, TARGET_USER, NULL, 0},
        {"task", VERB_REVOKE_TASK, TARGET_TASK, task_options, sizeof task_options / sizeof task_options[0]}};
    const char *what = words_at(w, 1);
    (void)templates;

    for (size_t i = 0; what && i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(what, rows[i].word) == 0) {
            o->verb = rows[i].verb;
            return order_walk_targets(o, w, 2, rows[i].kind, rows[i].option, rows[i].options, false, err);
        }
    }
    if (what && strcmp(what, "sessions") == 0) {
        return parse_sessions(o, w, err);
    }
    if (what) {
        return order_complain(err, what, "revoke what? expected session, sessions, user or task");
    }
    return err_set(err, ERR_USAGE, "revoke: expected session SID, sessions FILTER, user UID or task ID");
}

bool order_parse_invalidate(struct order *o, const struct words *w, const struct templates *templates,
                            struct err *err)
{
    (void)templates;
    return order_walk_targets(o, w, 1, TARGET_PATTERN, NULL, 0, false, err);
}

bool order_parse_undo(struct order *o, const struct words *w, const struct templates *templates,
                      struct err *err)
{
    const char *which = words_at(w, 1);
    int64_t number = 0;
    (void)templates;
    if (which && (!num_i64(span_of(which), &number) || number < 1)) {
        return order_complain(err, which, "expected the number of what is kept, as undo lists it");
    }
    o->number = (uint64_t)number;
    return !words_at(w, 2) || order_complain(err, words_at(w, 2), "nothing is expected behind the number");
}

bool order_parse_notifications(struct order *o, const struct words *w, const struct templates *templates,
                               struct err *err)
{
    const char *what = words_at(w, 1);
    (void)o;
    (void)templates;
    if (!what || strcmp(what, "on") != 0) {
        return what ? order_complain(err, what, "expected notifications on")
                    : err_set(err, ERR_USAGE, "notifications: expected on");
    }
    return !words_at(w, 2) ||
           order_complain(err, words_at(w, 2), "nothing is expected behind notifications on");
}
