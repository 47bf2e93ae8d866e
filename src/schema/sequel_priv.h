/* What sequel.c (the message and what it is linked to) and sequel_send.c (new messages out of it) share. */
#ifndef REDAI_SCHEMA_SEQUEL_PRIV_H
#define REDAI_SCHEMA_SEQUEL_PRIV_H

#include "schema/message_fate.h"

#include <jansson.h>

#include "redai/schema/sequel.h"

struct sequel {
    struct message_parts parts;
    json_t *embed; /* borrowed; an object or NULL */
};

/* The text of a value as Celery writes it. Appended. */
void sequel_dump(json_t *value, UT_string *out);

#endif
