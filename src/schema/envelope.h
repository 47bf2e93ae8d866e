/* envelope: kombu's wrapping of a body, the same for task messages, control requests, replies and events.
 * Source: facts, section 1.1. Private to the room. */
#ifndef REDAI_SCHEMA_ENVELOPE_H
#define REDAI_SCHEMA_ENVELOPE_H

#include <jansson.h>

#include "redai/base/container.h"

struct envelope {
    json_t *root; /* owned; NULL when the element is no JSON object; may lack the member body */
    json_t *body; /* owned; NULL when it cannot be read as JSON */
};

/* Never fails: what cannot be read stays NULL. */
void envelope_decode(struct envelope *e, struct span element);
void envelope_release(struct envelope *e);

/* What stands around the body of a message that we write. The texts are JSON, already escaped. */
struct envelope_frame {
    const char *headers;     /* "{..}" */
    const char *properties;  /* members in front of the fixed ones ("\"correlation_id\": .., "), or "" */
    int delivery_mode;       /* 2: kept, 1: not */
    const char *exchange;    /* plain text */
    const char *routing_key; /* plain text */
    int priority;
    const char *delivery_tag; /* plain text */
};
void envelope_encode(const struct envelope_frame *frame, struct span body, UT_string *out);

/* Borrowed text of a member that is a string; an empty span with data NULL when there is none. */
struct span envelope_text(json_t *object, const char *name);

#endif
