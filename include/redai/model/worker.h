/* worker: the Celery workers, from their events, their mailboxes and their answers. Part of the model. */
#ifndef REDAI_MODEL_WORKER_H
#define REDAI_MODEL_WORKER_H

#include "redai/base/container.h"

struct model;

/* Rows of workers that said goodbye go after 10 minutes, lost ones after an hour. */
enum worker_state {
    WORKER_STATE_UNKNOWN, /* it has a mailbox; it was not asked yet, or cannot be (read-only) */
    WORKER_STATE_ONLINE,  /* heartbeats come, or it has answered */
    WORKER_STATE_OFFLINE, /* it said goodbye */
    WORKER_STATE_LOST,   /* silent: no heartbeat for 15 s and no answer, or a mailbox that nobody answers from
                          */
    WORKER_STATE_ZOMBIE, /* heartbeats come, but it does not answer: it takes no task any more (facts 8.2) */
    WORKER_STATE_COUNT
};
extern const char *const worker_state_name[WORKER_STATE_COUNT];
/* Whether it tells of its tasks. Off: tasks began or ended between two heartbeats, and nothing was told. A
 * worker without work tells nothing either way. */
enum worker_events { WORKER_EVENTS_UNKNOWN, WORKER_EVENTS_ON, WORKER_EVENTS_OFF };
#define WORKER_SILENT_US (INT64_C(15) * 1000000)

struct worker {
    char *name, *display; /* raw with NUL behind; display copy */
    size_t name_len;
    enum worker_state state;
    int64_t since_us;    /* in this state; monotonic */
    int64_t beat_us;     /* monotonic, of the last event; -1: none was ever heard */
    int64_t answered_us; /* monotonic, of the last answer; -1 */
    int64_t unanswered;  /* questions in a row that it did not answer */
    bool offline;        /* said so itself */
    bool bound;          /* has a mailbox */
    enum worker_events events;
    int64_t active, processed;            /* of its last heartbeat, else of its answers; -1 */
    int64_t running, reserved, scheduled; /* tasks it has, by its answers and events; -1 unknown */
    double freq;
    int64_t pid, concurrency, processes, prefetch, uptime_s,
        visibility_s;      /* -1; visibility: 3600 when not set */
    char *pool, *software; /* display; "" unknown */
    double load[3];        /* NAN */
    double clock_offset_s; /* its clock ahead of ours, by its heartbeats; NAN unknown */
    int64_t round_trip_us; /* of its last answer; -1 */
    char *queues;          /* display, joined by ", "; "" none or unknown */
    size_t queue_count;
    bool queues_known;
    UT_array queue;     /* of char *: raw names */
    UT_array task_name; /* of char *: registered names as told, "api.tasks.x 10/m" */
};
size_t model_worker_count(const struct model *m);
const struct worker *model_worker_at(const struct model *m, size_t i); /* by name */
const struct worker *model_worker_find(const struct model *m, struct span name);
/* True when at least one worker answers or beats and every online one has told its queues: then a queue
 * without consumer is one. */
bool model_consumers_known(const struct model *m);
/* Every registered name that a worker has told, each once, sorted; rate limits left out. */
size_t model_registered(const struct model *m, const char *const **ret_name);

#endif
