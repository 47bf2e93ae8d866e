/* message_ref: how one element of a list is named across turns: by the list's key and a hash of its bytes, so
 * that also an element without an id (a poison one) can be meant, and no other one is ever taken for it. */
#ifndef REDAI_SCHEMA_MESSAGE_REF_H
#define REDAI_SCHEMA_MESSAGE_REF_H

#include <stdint.h>

#include "redai/base/container.h"

/* The id of a TARGET_MESSAGE, appended: list key, NUL, 16 hex digits of the element's FNV-1a hash. */
void message_ref_make(struct span list_key, struct span element, UT_string *out);
/* Borrows from ref. False: it is none. */
bool message_ref_split(struct span ref, struct span *ret_list_key, uint64_t *ret_hash);
bool message_ref_is(struct span ref, struct span list_key, struct span element);

#endif
