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
    X(NOTIFICATIONS, "notifications on")                                                                     \
    X(RETRY, "retry")                                                                                        \
    X(REMOVE, "remove")                                                                                      \
    X(MOVE, "move")                                                                                          \
    X(PURGE, "purge")                                                                                        \
    X(REQUEUE, "requeue")                                                                                    \
    X(WORKER, "worker")                                                                                      \
    X(UNDO, "undo")                                                                                          \
    X(REPAIR, "repair sessions")                                                                             \
    X(EXPIRE, "expire")                                                                                      \
    X(PERSIST, "persist")                                                                                    \
    X(DELETE, "delete")                                                                                      \
    X(KILL, "kill client")
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
    bool remove; /* revoke task: take the message out of its list too, when it still waits */
    /* enqueue; retry (args, kwargs NULL: what the task had; queue NULL: where it was); move (queue) */
    char *task, *args, *kwargs, *queue; /* queue NULL: the route's */
    int priority;                       /* retry: -1 as it was */
    int64_t countdown_us;               /* 0 none */
    int64_t eta_wall_us;                /* -1 none; not together with countdown_us */
    int64_t expires_us;                 /* from sending; 0 none. expire: the new TTL */
    uint64_t number;                    /* undo: which of those kept; 0: the newest */
    double rate_per_s;                  /* retry of many: so many a second; 0: all at once */
    UT_array seen;                      /* retry: of struct order_seen (owned): what the console knows */
    /* worker: a row of worker_methods, its arguments as they were given, and to whom (targets: TARGET_WORKER;
     * none: all) */
    const struct worker_method *method;
    UT_array word; /* of char * */
    /* revoke sessions, repair sessions: which ones, in the words of the sessions pane's filter; "" is all of
     * them. Whoever knows the sessions turns it into targets or strays before the order is given. NULL: they
     * stand there already. */
    char *filter;
    bool own, replica; /* kill client: also connections of this program; of replicas and the master */
    bool add, drop;    /* repair: only put orphans in, only take stale entries out; neither or both: both */
    UT_array stray;    /* repair: of struct order_stray (owned) */
    UT_array remark;   /* of char *: what the plan says first, of how the targets were chosen */
};

/* A session and a user's index that do not agree. */
struct order_stray {
    char *user; /* raw */
    char *id;   /* raw, id_len bytes, NUL behind */
    size_t id_len;
    bool orphan; /* live and missing from the index; else an entry whose session has ended */
};
void order_add_stray(struct order *o, struct span user, struct span id, bool orphan);

/* What the console has seen of a task that may be retried: its message, or what a worker said of it. */
struct order_seen {
    char *id, *task, *args, *kwargs, *queue, *root_id; /* NULL unknown */
    bool are_repr;                                     /* Python reprs, else JSON */
};
void order_add_seen(struct order *o, const struct order_seen *seen); /* copies */

/* What can be asked of workers that changes how they work. One table for parser, plan, menu, help. */
struct worker_method {
    const char *word;   /* "grow" */
    const char *method; /* Celery's: "pool_grow" */
    const char *usage;  /* "N" */
    const char *help;   /* one line; also the menu's note */
    const char *effect; /* what it does to a worker, said before it is sent */
    const char *lasts;  /* how long: "until the worker restarts" */
    int min_args, max_args;
    bool destructive;
    bool needs_target; /* refused without a named worker */
    /* Checks the words and writes the arguments, a JSON object; err names the wrong word. */
    bool (*arguments)(const UT_array *word, UT_string *out, struct err *err);
};
extern const struct worker_method worker_methods[];
extern const size_t worker_methods_count;
const struct worker_method *worker_method_find(const char *word);

void order_init(struct order *o, enum verb verb);
void order_release(struct order *o);
void order_add(struct order *o, enum target_kind kind, struct span id);

/* From the words of a line: "revoke session SID...", "revoke user UID...", "revoke sessions FILTER...|all",
 * "repair sessions [FILTER...|all] [--add] [--drop]", "revoke task ID... [--terminate] [--remove]", "enqueue
 * TASK-OR-TEMPLATE [NAME=VALUE...] [--args JSON] [--kwargs JSON] [--queue Q]
 * [--priority N]
 * [--countdown TIME | --eta WHEN] [--expires TIME]", "invalidate PATTERN...", "notifications on",
 * "retry ID... [--task NAME] [--queue Q] [--priority N] [--countdown TIME] [--args JSON] [--kwargs JSON]
 * [--rate N]", "remove ID...", "move ID... --queue Q" (tasks whose messages wait), "purge QUEUE...", "requeue
 * [ID...]" (entries of `unacked` by task id or delivery tag; none: all that no worker has), "worker METHOD
 * [WORD...]
 * [--on NODE]...", "events on|off [--on NODE]..." (worker events on|off), "undo [NUMBER]",
 * "expire KEY TIME", "persist KEY", "delete KEY", "kill client NUMBER|ADDRESS... [--own] [--replica]". o need
 * not be initialised; it is the caller's to release after true, and empty after false. err names the wrong
 * word. A word with two dashes in front and shorter than 32 is an option; "--" ends options, for names that
 * begin so.
 */
bool order_parse(struct order *o, const struct words *w, const struct templates *templates,
                 const struct routes *routes, struct err *err);

#endif
