/* sentinel: where the master of a service is, or one of its replicas, by asking its sentinels in turn, and
 * who tells when that changes (+switch-master, +sdown). It has one connection of its own to one of them; what
 * a sentinel says is checked by whoever connects to the server: a sentinel may be behind. */
#ifndef REDAI_LINK_SENTINEL_PRIVATE_H
#define REDAI_LINK_SENTINEL_PRIVATE_H

#include <stdbool.h>

#include "redai/base/err.h"

#include "redai/link/address.h"

struct ev_loop;
struct sentinel;

/* The answer to sentinel_begin: err is NULL and host and port (borrowed) are the server's, or err says what
 * each sentinel answered. Called from the loop, never from within sentinel_begin. */
typedef void (*sentinel_found_fn)(void *user, const struct err *err, const char *host, int port);
/* After an answer: it is another one by now; why is one line, borrowed. */
typedef void (*sentinel_moved_fn)(void *user, const char *why);

struct sentinel_options {
    const struct address *address; /* ADDRESS_SENTINEL; borrowed for as long as the sentinel lives */
    sentinel_found_fn found;
    sentinel_moved_fn moved;
    void *user;
};

struct sentinel *sentinel_new(struct ev_loop *loop, const struct sentinel_options *options);
void sentinel_begin(struct sentinel *s); /* asks anew, the one that answered last first */
/* The server that was found will do: it is gone to again before another one is. */
void sentinel_settled(struct sentinel *s);
/* Of a replica that was found: there are others that were not tried. */
bool sentinel_has_more(const struct sentinel *s);
/* Nothing is told any more until the next sentinel_begin. */
void sentinel_pause(struct sentinel *s);
void sentinel_free(struct sentinel *s); /* NULL is fine */

#endif
