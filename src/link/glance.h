/* glance: a message of pub/sub read where it lies, without the parser and without a copy. Only what is
 * plainly a whole message is taken; all else is the parser's. */
#ifndef REDAI_LINK_GLANCE_PRIVATE_H
#define REDAI_LINK_GLANCE_PRIVATE_H

#include "redai/base/span.h"

/* Takes a message off the front of *bytes; what is lent points into them, pattern is empty for a plain
 * subscription. False: another thing begins there, or its end has not come yet; *bytes is as it was. */
bool glance_message(struct span *bytes, struct span *pattern, struct span *channel, struct span *payload);
/* How many bytes to give the parser until something else begins, by all appearances: never 0 for some. */
size_t glance_other(struct span bytes);

#endif
