/* reply: a typed reply of Redis, borrowed for the duration of the callback. Readers check type before they
 * touch: the wrong type gives false or an empty span, never a crash. NULL stands for "the reply never came".
 */
#ifndef REDAI_LINK_REPLY_H
#define REDAI_LINK_REPLY_H

#include <stdint.h>

#include "redai/base/span.h"

struct reply; /* in truth a redisReply of hiredis */

enum reply_type {
    REPLY_NONE,
    REPLY_STRING,
    REPLY_ARRAY,
    REPLY_INTEGER,
    REPLY_NIL,
    REPLY_STATUS,
    REPLY_ERROR,
    REPLY_OTHER
};

enum reply_type reply_type(const struct reply *r); /* NULL gives REPLY_NONE */
bool reply_is_ok(const struct reply *r);           /* status OK */
bool reply_is_error(const struct reply *r);        /* an error of the server */
/* Its text without the arguments that it echoes (they may be secrets), never empty; "" when it is none. */
struct span reply_error(const struct reply *r);
struct span reply_text(const struct reply *r);              /* string or status; empty otherwise */
bool reply_string(const struct reply *r, struct span *ret); /* string or status only */
/* Integer, or a string that is one; further from 0 than the bound it is the bound: thousands of them can be
 * added, and ms be made us. 281 TB and 8900 years: of a real server only an expiry lies beyond (PEXPIREAT
 * takes all 64 bits). */
#define REPLY_INT_MOST (INT64_C(1) << 48)
bool reply_int(const struct reply *r, int64_t *ret);
size_t reply_count(const struct reply *r);                     /* of an array; 0 otherwise */
const struct reply *reply_at(const struct reply *r, size_t i); /* element, NULL behind the end */

#endif
