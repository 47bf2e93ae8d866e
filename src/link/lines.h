/* lines: what a monitor link reads: one line a command, of any length. A line is lent where it lies in the
 * bytes that came; only one that came in pieces is put together, and no more than its front is kept. A zeroed
 * one is valid. */
#ifndef REDAI_LINK_LINES_PRIVATE_H
#define REDAI_LINK_LINES_PRIVATE_H

#include "push.h"

enum { LINES_KEPT = 16 * 1024 };

struct lines {
    char *kept; /* the front of a line whose end has not come */
    size_t len;
    bool is_lent;     /* the line in it was whole, and given away */
    struct push push; /* a line as a reply */
};

/* Takes the next line off *bytes and lends it without its end, its first LINES_KEPT bytes at most, until the
 * next call. False: all bytes are taken and the end of the line is still to come. */
bool lines_next(struct lines *l, struct span *bytes, struct span *ret);
/* The end of a line is still to come of which no more is kept. */
bool lines_is_long(const struct lines *l);
/* A line as the reply it is: "+OK", "-ERR ..."; NULL when it is neither. Lent until the next call. */
const struct reply *lines_reply(struct lines *l, struct span line);
void lines_release(struct lines *l);

#endif
