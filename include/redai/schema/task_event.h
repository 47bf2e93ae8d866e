/* task_event: what workers (and producers) say of tasks, as published on /<db>.celeryev/task.*: an array of
 * events on task.multi, one object elsewhere. Source: facts, section 5. */
#ifndef REDAI_SCHEMA_TASK_EVENT_H
#define REDAI_SCHEMA_TASK_EVENT_H

#include <stdint.h>

#include "redai/base/container.h"

#define TASK_EVENT_LIST(X)                                                                                   \
    X(SENT, "sent")                                                                                          \
    X(RECEIVED, "received")                                                                                  \
    X(STARTED, "started")                                                                                    \
    X(SUCCEEDED, "succeeded")                                                                                \
    X(FAILED, "failed")                                                                                      \
    X(RETRIED, "retried")                                                                                    \
    X(REJECTED, "rejected")                                                                                  \
    X(REVOKED, "revoked")                                                                                    \
    X(CANCELLED, "cancelled")

enum task_event_type {
#define TASK_EVENT_ENUM(id, name) TASK_EVENT_##id,
    TASK_EVENT_LIST(TASK_EVENT_ENUM)
#undef TASK_EVENT_ENUM
        TASK_EVENT_COUNT
};
extern const char *const task_event_name[TASK_EVENT_COUNT]; /* "succeeded": the type is "task-succeeded" */

/* Texts are UTF-8; an empty span is an absent or null member. */
struct task_event {
    enum task_event_type type;
    struct span id, hostname; /* of SENT: the producer's */
    /* of SENT and RECEIVED only: */
    struct span name, args, kwargs; /* args, kwargs: Python reprs, cut by Celery at some 1030 characters */
    struct span root_id, parent_id;
    struct span queue;                    /* SENT only */
    int64_t retries;                      /* -1 */
    int64_t eta_wall_us, expires_wall_us; /* -1 none or unreadable */
    /* of an end: */
    struct span text;         /* repr of the result or exception, at most 1000 bytes of it */
    struct span exception;    /* FAILED, RETRIED: the class name at the front of text: "CitationError" */
    struct span traceback;    /* at most its last 8000 bytes */
    double runtime_s;         /* SUCCEEDED; NAN */
    bool terminated, expired; /* REVOKED */
    bool requeue;             /* REJECTED */
    int64_t sent_wall_us;     /* the sender's clock; -1 */
};

/* Calls each for every event of a payload, in order; spans are good for the call. Members of the array that
 * are no task event are passed over. Returns how many were told; -1: the payload is no envelope of events. */
int task_events_decode(struct span payload, void (*each)(void *ctx, const struct task_event *e), void *ctx);
/* One event as worker and demo publish it: an array of one on task.multi. pid and clock are the sender's.
 * For who plays a worker. Appended. */
void task_event_encode(const struct task_event *e, int64_t pid, int64_t clock, UT_string *out);

#endif
