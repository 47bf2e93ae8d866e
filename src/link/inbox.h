/* inbox: bytes of the server in, replies and pub/sub messages out; hiredis' reader with bounds around it that
 * are the same for every version of hiredis: depth 7, elements, bytes of one reply, length of one line. */
#ifndef REDAI_LINK_INBOX_PRIVATE_H
#define REDAI_LINK_INBOX_PRIVATE_H

#include "redai/base/span.h"

#include "redai/link/reply.h"

struct inbox;

enum inbox_kind {
    INBOX_MORE, /* nothing whole: feed more bytes */
    INBOX_REPLY,
    INBOX_MESSAGE, /* of pub/sub */
    INBOX_CONFIRMATION,
    INBOX_BROKEN /* inbox_error says why; the inbox is of no more use */
};

struct inbox_item {
    const struct reply *reply;             /* INBOX_REPLY */
    struct span pattern, channel, payload; /* INBOX_MESSAGE */
};

/* is_feed: messages are told from replies and nothing is allocated for an item; a reply is then a scalar or a
 * flat array of at most PUSH_PARTS_MAX elements. */
struct inbox *inbox_new(bool is_feed);
void inbox_free(struct inbox *in);

/* Of a feed inbox that has nothing begun: takes a whole message off the front of *bytes without a copy; what
 * is lent points into them. */
bool inbox_message(struct inbox *in, struct span *bytes, struct inbox_item *ret);
/* How many bytes to feed at once: hiredis moves all that is left after every KiB it has read, so that large
 * bites cost more than they save, but for one large string. */
size_t inbox_bite(const struct inbox *in, struct span bytes);
void inbox_feed(struct inbox *in, struct span bytes);
/* Of a feed inbox: from here on an array that looks like a message is one. */
void inbox_expect_messages(struct inbox *in);
/* The next whole item; what *ret lends is valid until inbox_drop, which must follow an INBOX_REPLY. */
enum inbox_kind inbox_next(struct inbox *in, struct inbox_item *ret);
void inbox_drop(struct inbox_item *item, const struct inbox *in);
const char *inbox_error(const struct inbox *in);

#endif
