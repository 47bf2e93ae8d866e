/* order: what a person asked for, before anything is looked up: a verb, its targets, its options. Made from
 * the words of a command line (console and shell alike), so that both get the same plan. */
#ifndef REDAI_ACTION_ORDER_H
#define REDAI_ACTION_ORDER_H

#include "redai/base/target.h"

#include "redai/conf/words.h"

#include "redai/schema/route.h"

#include "redai/action/template.h"

/* clang-format off */
#define VERB_LIST(X)                                                                                         \
    X(ENQUEUE, "enqueue")                                                                                    \
    X(REVOKE_SESSION, "revoke session")                                                                      \
    X(REVOKE_USER, "revoke user")                                                                            \
    X(REVOKE_TASK, "revoke task")                                                                            \
    X(INVALIDATE, "invalidate")                                                                              \
    X(NOTIFICATIONS, "notifications on")
/* clang-format on */

enum verb {
#define VERB_ENUM(id, name) VERB_##id,
    VERB_LIST(VERB_ENUM)
#undef VERB_ENUM
        VERB_COUNT
};
extern const char *const verb_name[VERB_COUNT];

struct order {
    enum verb verb;
    UT_array target; /* of struct target (owned): sessions, users, tasks, patterns */
    /* Sessions the console already knows for a revoked user (owned targets); when known_all is set the plan
     * need not walk the keyspace to find those that the user's index misses. */
    UT_array known;
    bool known_all;
    bool terminate;
    /* enqueue */
    char *task, *args, *kwargs, *queue; /* queue NULL: the route's */
    int priority;
    int64_t countdown_us; /* 0 none */
};

void order_init(struct order *o, enum verb verb);
void order_release(struct order *o);
void order_add(struct order *o, enum target_kind kind, struct span id);

/* From the words of a line: "revoke session SID...", "revoke user UID...", "revoke task ID... [--terminate]",
 * "enqueue TASK-OR-TEMPLATE [NAME=VALUE...] [--args JSON] [--kwargs JSON] [--queue Q] [--countdown SEC]
 * [--priority N]", "invalidate PATTERN...", "notifications on". o need not be initialised; it is the caller's
 * to release after true, and empty after false. err names the wrong word. A word with two dashes in front and
 * shorter than 32 is an option; "--" ends options, for names that begin so. */
bool order_parse(struct order *o, const struct words *w, const struct templates *templates,
                 const struct routes *routes, struct err *err);

#endif
