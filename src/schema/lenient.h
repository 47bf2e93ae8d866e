/* lenient: JSON as Python writes and reads it, into jansson's tree. What jansson refuses and Python takes
 * becomes a string that shows it: NaN, Infinity, -Infinity, integers beyond 64 bit, reals beyond a double,
 * and lone surrogate escapes (the six visible characters "\ud800"). \u0000 is kept in values; in an object's
 * key it becomes the six visible characters, since jansson has no such keys. Private to the room. */
#ifndef REDAI_SCHEMA_LENIENT_H
#define REDAI_SCHEMA_LENIENT_H

#include <jansson.h>

#include "redai/base/container.h"

enum lenient_outcome { LENIENT_OK, LENIENT_NOT_JSON, LENIENT_CUT /* an object that ends too early */ };

/* A new reference, or NULL when the text is no JSON (any value, not only objects). */
json_t *lenient_load(struct span text);
/* The same with bytes that are no UTF-8 replaced by U+FFFD first, as kombu reads what it pops. */
json_t *lenient_load_bytes(struct span text);
/* As lenient_load; of an object that was cut off the whole members in front are given, with LENIENT_CUT. */
json_t *lenient_load_head(struct span text, enum lenient_outcome *ret_outcome);

#endif
