/* message_fate: takes an element of a queue's list apart and foretells what a worker does with it. The rules
 * are those of kombu 5.2.4 and Celery 5.2.6 as the platform runs them (only JSON accepted), each seen with a
 * real worker; see the facts, section 8.1. Private to the room. */
#ifndef REDAI_SCHEMA_MESSAGE_FATE_H
#define REDAI_SCHEMA_MESSAGE_FATE_H

#include <jansson.h>

#include "redai/schema/message.h"

struct message_parts {
    json_t *root;       /* owned; NULL: no JSON */
    json_t *payload;    /* owned; the decoded body; NULL: unknown (not JSON, compressed, unreadable) */
    json_t *headers;    /* borrowed; an object or NULL */
    json_t *properties; /* borrowed; an object or NULL */
    json_t
        *meta; /* borrowed; where task, id, eta.. stand: the headers, or the payload (protocol 1); or NULL */
    json_t *args;   /* borrowed; of the payload; or NULL */
    json_t *kwargs; /* borrowed; or NULL */
    enum message_fate fate;
    const char *reason; /* static; NULL when fine */

    UT_string raw; /* the body's bytes after base64 */
    bool has_raw;
    bool has_len; /* Python's len() works on the body: without it the worker fails while logging why it drops
                     it */
};

void message_parts_open(struct message_parts *p, struct span element);
void message_parts_close(struct message_parts *p);

#endif
