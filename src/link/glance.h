/* glance: a message of pub/sub read where it lies, without the parser and without a copy. Only what is
 * plainly a whole message is taken; all else is the parser's. */
#ifndef REDAI_LINK_GLANCE_PRIVATE_H
#define REDAI_LINK_GLANCE_PRIVATE_H

#include <stdint.h>

#include "redai/base/span.h"

/* How the last messages began, up to their payload: a storm comes on one channel or two, and what begins with
 * the same bytes is known without looking for the ends of lines again. Zeroed: none yet. */
enum { GLANCE_HEADS = 16, GLANCE_HEAD_BYTES = 96 };
struct glance {
    struct glance_head {
        uint16_t len, pattern_at, pattern_len, channel_at, channel_len;
        char bytes[GLANCE_HEAD_BYTES];
    } head[GLANCE_HEADS];
    const struct glance_head *last; /* of them; NULL: none yet */
};

/* Takes a message off the front of *bytes; what is lent points into them, pattern is empty for a plain
 * subscription. False: another thing begins there, or its end has not come yet; *bytes is as it was, the
 * rest is not defined. */
bool glance_message(struct glance *g, struct span *bytes, struct span *pattern, struct span *channel,
                    struct span *payload);
/* How many bytes to give the parser until something else begins, by all appearances: never 0 for some. */
size_t glance_other(struct span bytes);

#endif
