/* wire_name: which texts may stand in a message as a name: what is shown must be what is sent. Private to the
 * room. */
#ifndef REDAI_SCHEMA_WIRE_NAME_H
#define REDAI_SCHEMA_WIRE_NAME_H

#include "redai/base/err.h"
#include "redai/base/span.h"

#define WIRE_NAME_MAX_BYTES 255

/* Printable UTF-8 without blanks, not empty, at most WIRE_NAME_MAX_BYTES. */
bool wire_name_check(const char *what, struct span text, struct err *err);
/* The same, but single blanks within are fine: names of queues. */
bool wire_name_check_queue(struct span text, struct err *err);

#endif
