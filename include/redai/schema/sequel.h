/* sequel: what comes out of a task's own message when the task ends: the next one of its chain, callbacks and
 * errbacks, the body of its chord, the same task again as a retry. For who plays a worker.
 * Source: facts, sections 1.3, 1.5 and 3.4; Celery 5.2.6, app/trace.py and backends.
 *
 * A signature that is itself a group, chord or chain is not sent: the console's own demo has none of them. */
#ifndef REDAI_SCHEMA_SEQUEL_H
#define REDAI_SCHEMA_SEQUEL_H

#include <stdint.h>

#include "redai/base/container.h"

#include "redai/schema/route.h"

struct sequel;

/* NULL: the element is no message of protocol 2. */
struct sequel *sequel_open(struct span element);
void sequel_free(struct sequel *s); /* NULL is fine */

bool sequel_ignores_result(const struct sequel *s);
bool sequel_has_chord(const struct sequel *s);
const char *sequel_group(const struct sequel *s);   /* borrowed; NULL none */
int64_t sequel_group_index(const struct sequel *s); /* -1 none */
/* Appends the ids (char *) of what was to follow in its chain, which fails with it. */
void sequel_chain_ids(const struct sequel *s, UT_array *ids);
const char *sequel_chord_id(const struct sequel *s); /* of the chord's body; borrowed; NULL none */

struct sequel_sender {
    const char *origin; /* "gen123@host" */
    const struct routes *routes;
};
struct sequel_message {
    const char *id, *queue;
    int priority;
    struct span element;
};
typedef void (*sequel_fn)(void *ctx, const struct sequel_message *m);

/* Each calls fn for every message that a worker would send; what it is given is good for the call.
 * result_json: what the task returned. */
void sequel_success(const struct sequel *s, const struct sequel_sender *sender, const char *result_json,
                    sequel_fn fn, void *ctx);
void sequel_errbacks(const struct sequel *s, const struct sequel_sender *sender, sequel_fn fn, void *ctx);
/* results_json: the array of what all parts returned. */
void sequel_chord_body(const struct sequel *s, const struct sequel_sender *sender, const char *results_json,
                       sequel_fn fn, void *ctx);
/* The same id, one more retry. */
void sequel_retry(const struct sequel *s, const struct sequel_sender *sender, int64_t eta_wall_us,
                  sequel_fn fn, void *ctx);

/* The element as it is put back, marked as redelivered. Appended; false (nothing appended): it is no object.
 */
bool sequel_redelivered(struct span element, UT_string *out);

/* A part of a chord as it is counted: [1, id, status, result]. Appended. */
void sequel_part_encode(const char *id, const char *status, const char *result_json, UT_string *out);
/* Reads it; id and result are appended. *ret_ok: the status is SUCCESS, and result is JSON; else it is the
 * repr of the exception. False: it is no part. */
bool sequel_part_decode(struct span member, UT_string *id, UT_string *result, bool *ret_ok);

#endif
