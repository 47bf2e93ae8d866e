/* push: what a feed link keeps of the item being read: the elements of one flat array (or one scalar), their
 * bytes in a scratch buffer that is used again for the next item, so that a message costs no allocation. The
 * bytes are copied because hiredis moves its buffer between the elements of one message. A zeroed push is
 * valid. */
#ifndef REDAI_LINK_PUSH_PRIVATE_H
#define REDAI_LINK_PUSH_PRIVATE_H

#include <hiredis/hiredis.h>

#include "redai/base/span.h"

#include "redai/link/reply.h"

enum { PUSH_PARTS_MAX = 16 };

struct push_part {
    int type; /* REDIS_REPLY_... */
    size_t at, len;
    long long integer;
};

struct push {
    bool is_array;
    bool is_too_big; /* nested, or more elements than there is room for */
    size_t count;    /* elements kept; 1 for a scalar */
    struct push_part parts[PUSH_PARTS_MAX];
    char *scratch;
    size_t used, size;
    redisReply whole, elements[PUSH_PARTS_MAX]; /* what push_reply lends */
    redisReply *element_list[PUSH_PARTS_MAX];
};

void push_begin(struct push *p, bool is_array);
void push_add(struct push *p, int type, struct span text, long long integer);
void push_refuse(struct push *p); /* an element that is no scalar */
void push_release(struct push *p);

/* Bytes of a string element, borrowed until the next push_begin; "" for what is none. */
struct span push_text(const struct push *p, size_t i);
bool push_is_message(const struct push *p, struct span *pattern, struct span *channel, struct span *payload);
bool push_is_confirmation(const struct push *p); /* of (p)subscribe and (p)unsubscribe */
/* The item as a reply, borrowed until the next push_begin. One that was too big is an error reply. */
const struct reply *push_reply(struct push *p);

#endif
