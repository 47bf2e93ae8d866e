/* target: what an action or a detail view is about, as a kind and its raw id. Pointers to rows live
 * within one turn of the loop; a target is what crosses turns. */
#ifndef REDAI_BASE_TARGET_H
#define REDAI_BASE_TARGET_H

#include "redai/base/container.h"

#define TARGET_LIST(X)                                                                                       \
    X(TARGET_NONE, "nothing")                                                                                \
    X(TARGET_SESSION, "session")   /* id: session id */                                                      \
    X(TARGET_USER, "user")         /* id: user id as text */                                                 \
    X(TARGET_FAMILY, "family")     /* id: family name */                                                     \
    X(TARGET_KEY, "key")           /* id: raw key of the application's database */                           \
    X(TARGET_QUEUE, "queue")       /* id: queue name (base list key) */                                      \
    X(TARGET_TASK, "task")         /* id: Celery task id; batches are tasks */                               \
    X(TARGET_WORKER, "worker")     /* id: node name */                                                       \
    X(TARGET_ALERT, "alert")       /* id: rule name, and of one thing 1F and its raw id (model/alert.h) */   \
    X(TARGET_PATTERN, "pattern")   /* id: glob over keys */                                                  \
    X(TARGET_MESSAGE, "message")   /* id: schema/message_ref.h */                                            \
    X(TARGET_DELIVERY, "delivery") /* id: delivery tag, a field of `unacked` */                              \
    X(TARGET_GROUP, "group")       /* id: what tasks are grouped by: a task name, an exception */            \
    X(TARGET_CLIENT, "client")     /* id: CLIENT LIST's id, as text */                                       \
    X(TARGET_COMMAND, "command")   /* id: a command of the server: "config|get" */                           \
    X(TARGET_SLOW, "slow")         /* id: an entry of the slow log: its number, or a shape of commands */    \
    X(TARGET_VITAL, "vital")       /* id: model/vital.h */                                                   \
    X(TARGET_CHANGE, "change")     /* id: the bytes of a number in the log of alerts */                      \
    X(TARGET_LINE, "line")         /* id: a command line that a page offers, without the colon */

enum target_kind {
#define TARGET_ENUM(kind, name) kind,
    TARGET_LIST(TARGET_ENUM)
#undef TARGET_ENUM
        TARGET_COUNT
};

struct target {
    enum target_kind kind;
    char *id; /* own copy, NUL behind it; binary */
    size_t id_len;
};

const char *target_kind_name(enum target_kind kind);
void target_set(struct target *t, enum target_kind kind, struct span id); /* releases what it held */
void target_release(struct target *t);                                    /* a zeroed target is valid */
bool target_equal(const struct target *a, const struct target *b);
static inline struct span target_id(const struct target *t)
{
    return (struct span){t->id ? t->id : "", t->id_len};
}

#endif
