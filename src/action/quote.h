/* quote: a text as a JSON string, for the journal and for task arguments. The result is one line, valid
 * UTF-8, and safe to look at: what a terminal would obey is escaped. Private to action. */
#ifndef REDAI_ACTION_QUOTE_H
#define REDAI_ACTION_QUOTE_H

#include "redai/base/container.h"

/* Appends with quotes. Bytes that are no UTF-8 become U+FFFD, so the result is JSON whatever came in. */
void quote_json(struct span text, UT_string *out);
bool quote_is_utf8(struct span text);
/* True for a number as JSON spells it (-1.5e3; no .5, +1, 01 or hex). */
bool quote_is_number(struct span text);

/* Walks the members of a JSON array or object text that is known to be valid. Start with *at = 0; each call
 * gives one member: its value, and its key with quotes (empty within arrays). False behind the last. */
bool quote_next_member(struct span json, size_t *at, struct span *ret_key, struct span *ret_value);

#endif
