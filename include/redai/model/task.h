/* task: every task the console can learn of, one row an id, reconciled from four sources: its message (in a
 * list or in unacked), worker events, answers of workers, its result. Part of the model.
 *
 * Which source decides (facts, section 9): a final result wins over everything but a newer attempt; a message
 * in unacked means taken; a message in a list means waiting; a STARTED result that neither unacked nor a
 * worker confirms is lost, not running. Nothing anywhere is "unknown", never pending. */
#ifndef REDAI_MODEL_TASK_H
#define REDAI_MODEL_TASK_H

#include "redai/base/container.h"
#include "redai/base/target.h"

struct model;

#define TASK_STATE_LIST(X)                                                                                   \
    X(UNKNOWN, "unknown")                                                                                    \
    X(WAITING, "waiting")     /* its message is in a list */                                                 \
    X(RESERVED, "reserved")   /* a worker has taken it and not started it */                                 \
    X(SCHEDULED, "scheduled") /* a worker holds it until its eta */                                          \
    X(RUNNING, "running")                                                                                    \
    X(RETRY, "retry") /* an attempt failed, the next one is to come */                                       \
    X(SUCCEEDED, "succeeded")                                                                                \
    X(FAILED, "failed")                                                                                      \
    X(REVOKED, "revoked")                                                                                    \
    X(REJECTED, "rejected") /* a worker said so; its result stays STARTED for ever */                        \
    X(LOST, "lost")         /* STARTED, but neither in unacked nor with a worker */                          \
    X(ORPHANED, "orphaned") /* in unacked, and its worker is dead: redelivered after the visibility timeout  \
                             */

enum task_state {
#define TASK_STATE_ENUM(id, name) TASK_STATE_##id,
    TASK_STATE_LIST(TASK_STATE_ENUM)
#undef TASK_STATE_ENUM
        TASK_STATE_COUNT
};
extern const char *const task_state_name[TASK_STATE_COUNT];

enum task_source {
    TASK_FROM_LIST = 1,
    TASK_FROM_UNACKED = 2,
    TASK_FROM_EVENT = 4,
    TASK_FROM_WORKER = 8,
    TASK_FROM_RESULT = 16
};
enum task_flag {
    TASK_FLAG_REDELIVERED = 1,  /* its message says so */
    TASK_FLAG_NEAR_TIMEOUT = 2, /* in flight for more than 3/4 of the visibility timeout */
    TASK_FLAG_OVERDUE = 4,      /* beyond it: it will run, or runs, a second time */
    TASK_FLAG_SECOND_RUN = 8,   /* seen running twice: on two workers, or behind a SUCCESS */
    TASK_FLAG_POISON = 16, /* delivered TASK_POISON_DELIVERIES times or more, or a fate that kills workers */
    TASK_FLAG_UNCONSUMED = 32, /* waits in a queue that nobody consumes */
    TASK_FLAG_DROPPED = 64,    /* a worker will discard its message */
};
enum { TASK_POISON_DELIVERIES = 3 };

struct task {
    char *id, *display_id; /* raw, NUL behind; display */
    /* display, shared between rows; "" unknown */
    const char *name, *worker, *queue, *exception, *celery_state;
    char *args, *kwargs;               /* raw JSON or Python reprs, at most 1100 bytes each; NULL unknown */
    char *text;                        /* display: result or error, one line; "" */
    char *parent_id, *root_id, *group; /* raw ids; NULL none */
    int64_t first_us;                  /* monotonic: first heard of */
    int64_t changed_us;                /* monotonic: its state changed */
    int64_t told_us;                   /* monotonic: last news */
    /* wall, us; -1 unknown */
    int64_t sent_us, received_us, delivered_us, started_us, ended_us, eta_us, expires_us;
    double runtime_s;      /* of the last attempt; of a running one NAN; NAN unknown */
    double part;           /* of its progress, 0..1; NAN */
    struct target message; /* TARGET_MESSAGE while it waits, TARGET_DELIVERY while it is in unacked */
    enum task_state state;
    enum task_source source; /* which one decided */
    /* Small numbers: there may be a hundred thousand rows. */
    uint32_t id_len;
    int32_t chain_rest, retries; /* retries -1 unknown */
    int32_t deliveries;          /* how often a worker was seen taking it */
    int16_t priority;            /* -1 unknown */
    uint8_t sources, flags;      /* bits of those that know it; enum task_flag */
    bool args_are_repr, args_cut, has_chord;
};
/* The raw bytes behind one of the shared texts of a row (name, worker, queue, exception, celery_state): for
 * acting, where those are for showing. Good as long as the row. */
struct span model_task_raw(const char *text);
size_t model_task_count(const struct model *m);
const struct task *model_task_at(const struct model *m, size_t i); /* dense, in no order */
const struct task *model_task_find(const struct model *m, struct span id);
size_t model_tasks_in(const struct model *m, enum task_state state); /* how many */
/* Waiting messages that are no rows: lists are read from the end that is popped next, up to a window. -1: a
 * list could not be read. */
int64_t model_tasks_unlisted(const struct model *m);
/* Tasks whose parent or root is id, up to max; returns how many there are. */
size_t model_task_relatives(const struct model *m, struct span id, const struct task **out, size_t max);
#define TASKS_MAX 100000

/* Tasks by name or by exception, over all rows. */
enum task_group_by { TASK_BY_NAME, TASK_BY_EXCEPTION, TASK_BY_COUNT };
struct task_group {
    const char *name; /* display; "(unknown)" when it has none */
    size_t total, state[TASK_STATE_COUNT];
    double p50_s, p95_s;        /* of the runtimes of those that succeeded; NAN */
    double failure_rate;        /* percent of those that ended (succeeded or failed); NAN */
    int64_t last_us;            /* monotonic: news of any of them */
    const struct task *example; /* the newest of them */
};
/* Sorted by total, largest first; good until the next model_apply. Computed when asked for. */
size_t model_task_groups(const struct model *m, enum task_group_by by, const struct task_group **ret_row);
/* Over the ends of the last five minutes; NAN without any. */
double model_task_failure_rate(const struct model *m, int64_t *ret_ended);

#endif
