/* literal: what may stand as a JSON value without jansson: checks of a word, and walking a text that is known
 * to be valid. Private to action. */
#ifndef REDAI_ACTION_LITERAL_H
#define REDAI_ACTION_LITERAL_H

#include "redai/base/container.h"

bool literal_is_utf8(struct span text);
/* True for a number as JSON spells it (-1.5e3; no .5, +1, 01 or hex). */
bool literal_is_number(struct span text);

/* Walks the members of a JSON array or object text that is known to be valid. Start with *at = 0; each call
 * gives one member: its value, and its key with quotes (empty within arrays). False behind the last. */
bool literal_next_member(struct span json, size_t *at, struct span *ret_key, struct span *ret_value);

#endif
