/* result: celery-task-meta-<id> in the result database. Source: facts, section 4. JSON there may hold NaN,
 * Infinity, huge integers, lone surrogates and \u0000: all are read. */
#ifndef REDAI_SCHEMA_RESULT_H
#define REDAI_SCHEMA_RESULT_H

#include <stdint.h>

#include "redai/base/container.h"

#include "redai/schema/progress.h"

struct result {
    bool valid;
    char *status; /* PENDING is never stored; STARTED PROGRESS RETRY SUCCESS FAILURE REVOKED or custom */
    char *task_id;
    char *value;     /* compact JSON of "result", bounded to 4000 bytes */
    char *traceback; /* bounded to 8000 bytes, of which the end is kept; NULL */
    char *error;     /* FAILURE/RETRY/REVOKED: "ExcType: first, second"; NULL otherwise */
    char *exception; /* the same ones: "ExcType"; NULL otherwise */
    char *hostname;  /* of STARTED; NULL */
    /* only with result_extended, else NULL and -1: */
    char *name, *worker, *queue;
    char *args, *kwargs; /* JSON, whole, or the Python repr that the worker stored; at most 64 KiB */
    bool args_cut;       /* longer than that, or the worker's own "..." stands in them */
    int64_t retries;
    char *parent_id, *group_id; /* NULL */
    UT_array children;          /* of char *: ids */
    int64_t date_done_us;       /* wall; -1 */
    struct progress progress;   /* of PROGRESS-like results; progress.valid tells */
};

/* A document that was cut short gives its status alone. */
void result_decode(struct result *r, struct span json);
void result_release(struct result *r);
bool result_is_final(const struct result *r); /* SUCCESS FAILURE REVOKED */
/* The exact form a worker writes: result and exception are JSON texts or NULL. For the demo worker and
 * revocations. */
void result_encode(const char *task_id, const char *status, const char *result_json, const char *traceback,
                   int64_t date_done_wall_us /* -1: null */, UT_string *out);
/* What `redai-console result` prints: the stored JSON parsed leniently and pretty-printed as strict JSON. */
char *json_pretty(struct span json); /* NULL when it is no JSON; mem_free. NaN and Infinity become strings;
                                      what must not reach a terminal stands as \u escapes. */

#endif
