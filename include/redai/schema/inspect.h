/* inspect: what a worker answers when it is asked what it has and how it is made. Questions go out as control
 * requests (control.h); the answers are bounded: of each list no more than the first INSPECT_ROWS_MAX are
 * told. Source: facts, section 6.5; samples tests/fixtures/celery-5.2/ctl-*.reply.json. */
#ifndef REDAI_SCHEMA_INSPECT_H
#define REDAI_SCHEMA_INSPECT_H

#include <stdint.h>

#include "redai/base/container.h"

/* They are asked in this order, and a worker answers one after the other. A task goes from scheduled to
 * reserved to active: one that moves on between two answers is told twice so, the other way round by none. */
#define INSPECT_LIST(X)                                                                                      \
    X(PING, "ping")                                                                                          \
    X(STATS, "stats")                                                                                        \
    X(QUEUES, "active_queues")                                                                               \
    X(SCHEDULED, "scheduled")                                                                                \
    X(RESERVED, "reserved")                                                                                  \
    X(ACTIVE, "active")                                                                                      \
    X(REGISTERED, "registered")                                                                              \
    X(QUERY, "query_task")

enum inspect_question {
#define INSPECT_ENUM(id, method) INSPECT_##id,
    INSPECT_LIST(INSPECT_ENUM)
#undef INSPECT_ENUM
        INSPECT_COUNT
};
extern const char *const inspect_method[INSPECT_COUNT];
enum { INSPECT_ROWS_MAX = 5000 };

/* A task that a worker has. */
enum inspect_hold { INSPECT_HOLD_ACTIVE, INSPECT_HOLD_RESERVED, INSPECT_HOLD_SCHEDULED, INSPECT_HOLD_READY };
struct inspect_task {
    enum inspect_hold hold;
    struct span id, name, queue;
    struct span args, kwargs; /* compact JSON, at most 1000 bytes each; cut ones end in "..." */
    int64_t started_wall_us;  /* -1 not started */
    int64_t eta_wall_us;      /* SCHEDULED; -1 */
    int64_t pid;              /* -1 */
    bool redelivered, acknowledged;
};
struct inspect_stats {
    struct span pool;    /* "prefork", "solo", "threads", "gevent"...: the last part of pool.implementation */
    int64_t concurrency; /* pool.max-concurrency; -1 */
    int64_t processes;   /* -1 */
    int64_t prefetch;    /* prefetch_count; -1 */
    int64_t uptime_s;    /* -1 */
    int64_t pid;
    int64_t processed;    /* sum of total; -1 */
    int64_t visibility_s; /* broker.transport_options.visibility_timeout; -1: not set, Celery's 3600 */
};

/* Called for what the answer holds; any may be NULL. Spans are good for the call. */
struct inspect_visitor {
    void (*stats)(void *ctx, const struct inspect_stats *s);
    void (*queue)(void *ctx, struct span name);
    void (*task)(void *ctx, const struct inspect_task *t);
    void (*registered)(void *ctx, struct span name, struct span rate_limit); /* "10/m"; empty none */
    void *ctx;
};
struct inspect_answer {
    char *worker, *ticket;
    char *error;  /* the worker's own words; NULL */
    int64_t rows; /* how many there were; -1: no list */
    bool cut;     /* more than INSPECT_ROWS_MAX */
};
/* Decodes a reply element as the answer to question. False: it is none (nothing was told, *a is empty).
 * Always release. */
bool inspect_decode(struct span element, enum inspect_question question,
                    const struct inspect_visitor *visitor, struct inspect_answer *a);
void inspect_answer_release(struct inspect_answer *a);
/* worker and ticket alone: whose and to which question, before the question is known. */
bool inspect_peek(struct span element, struct inspect_answer *a);

#endif
