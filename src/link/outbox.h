/* outbox: formatted commands on their way out, with byte offsets, so that one can say of each command whether
 * any byte of it has left. Offsets only grow. A zeroed outbox is valid. */
#ifndef REDAI_LINK_OUTBOX_PRIVATE_H
#define REDAI_LINK_OUTBOX_PRIVATE_H

#include <stdint.h>

#include "redai/base/span.h"

struct outbox {
    char *data;
    size_t head, tail, size; /* what waits stands in data[head..tail) */
    int64_t queued, sent;    /* offsets: the next byte to queue, the next byte to send */
    bool has_secret;
};

/* Queues one command as RESP. is_secret: its bytes are wiped once they are sent. */
void outbox_command(struct outbox *o, size_t argc, const struct span *args, bool is_secret);
struct span outbox_waiting(const struct outbox *o);
void outbox_sent(struct outbox *o, size_t bytes); /* the first of them have left */
void outbox_clear(struct outbox *o);              /* drops what waits */
void outbox_release(struct outbox *o);

#endif
