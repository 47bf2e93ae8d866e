/* control: requests to workers (PUBLISH /<db>.celery.pidbox), their replies, and worker events.
 * Source: facts, sections 5 and 6. One template; checked as bytes before it leaves. */
#ifndef REDAI_SCHEMA_CONTROL_H
#define REDAI_SCHEMA_CONTROL_H

#include <stdint.h>

#include "redai/base/container.h"
#include "redai/base/err.h"

/* Appends the payload, which has passed control_check; false with err otherwise. method: one of a fixed list
 * (ping, revoke, terminate...); `election` and an undirected `shutdown` are refused. arguments_json: an
 * object, NULL for none. reply_key: the list the workers push their replies on; NULL: no reply. ticket comes
 * back in each reply, and is the request's delivery_tag. */
bool control_encode(const char *method, const char *arguments_json, const char *const *destination,
                    size_t destinations, const char *ticket, const char *reply_key, UT_string *out,
                    struct err *err);
/* The last look before bytes leave: what a worker would exit on, or go deaf on, is refused. */
bool control_check(struct span payload, struct err *err);

struct control_reply {
    char *worker; /* node name */
    char *answer; /* compact JSON, bounded to 4000 bytes */
    char *ok;     /* text of {"ok": ..} or NULL */
    char *error;  /* text of {"error": ..} or NULL */
    char *ticket;
};
/* False (and *r empty): not the reply of one node. */
bool control_reply_decode(struct control_reply *r, struct span element);
void control_reply_release(struct control_reply *r);

/* worker-online / -heartbeat / -offline as published on /<db>.celeryev/worker.* */
enum worker_event { WORKER_ONLINE, WORKER_HEARTBEAT, WORKER_OFFLINE };
struct worker_beat {
    enum worker_event event;
    char *hostname;
    int64_t active, processed; /* -1 unknown */
    int64_t pid;               /* -1 unknown */
    double freq;               /* seconds between heartbeats; NAN unknown */
    double timestamp;          /* sender's epoch seconds */
    double load[3];            /* of the worker's machine; NAN unknown */
    char *software;            /* "py-celery 5.2.6 Linux"; NULL unknown */
};
bool worker_beat_decode(struct worker_beat *b, struct span payload);
void worker_beat_release(struct worker_beat *b);
/* For the demo worker. */
void worker_beat_encode(const struct worker_beat *b, UT_string *out);

#endif
