/* The inside of a link, shared by the modules that make it up:
 *   link      what the owner calls, and the state everything else changes
 *   attempt   from nothing to a connected wire: resolve, connect, one address after the other
 *   greeting  what is said first: AUTH, SELECT, CLIENT SETNAME, CLIENT ID, PING
 *   exchange  commands out, replies and messages in, and the clock over unanswered ones
 *
 * Lifetime: a callback of the owner may send, stop or free the link. So each function that calls the owner
 * brackets itself in link_enter/link_leave, and after each call looks at `epoch`, which changes whenever the
 * connection is closed: then it touches nothing and returns. The memory goes when the last bracket closes. */
#ifndef REDAI_LINK_LINK_PRIVATE_H
#define REDAI_LINK_LINK_PRIVATE_H

#include "backoff.h"
#include "inbox.h"
#include "lines.h"
#include "outbox.h"
#include "resolve.h"
#include "sentinel.h"
#include "wire.h"

#include <ev.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"

#include "redai/link/link.h"

enum pending_kind {
    PENDING_COMMAND,      /* the owner's */
    PENDING_SUBSCRIPTION, /* answered by one confirmation a channel, or by one error */
    PENDING_OWN           /* of the greeting, or the PING that keeps the connection alive */
};

struct pending {
    enum pending_kind kind;
    link_reply_fn fn; /* may be NULL */
    void *user;
    size_t left;       /* confirmations still to come */
    int64_t start;     /* outbox offset of its first byte */
    int64_t queued_us; /* monotonic */
    struct pending *prev, *next;
};

struct link {
    struct ev_loop *loop;
    struct link_options options; /* name and address are copies; timeouts filled in */
    struct address address;
    char *name;
    struct link_status status;
    struct link_cost cost;
    int64_t round_trip_us;
    int64_t client_id; /* of this connection; -1 unknown */

    struct ev_timer timer; /* the one clock: what it means depends on the state */
    int64_t deadline_us;   /* when it is due, monotonic */
    struct ev_io read_io, write_io;
    struct ev_timer rest;          /* not read until it ends: messages gather */
    bool is_listening;             /* a message was heard on this connection */
    bool is_storm;                 /* so many come that they are left to gather */
    int64_t many_at_us, many_from; /* when that was looked at, and the bytes that had come */

    struct backoff backoff;
    struct sentinel *sentinel; /* NULL: the address says where the server is */
    char *host;                /* where it is: the address' own, or what a sentinel said */
    int port;
    struct resolver *resolver; /* of host and port */
    size_t candidate;          /* which of the resolved addresses is being tried */
    struct wire wire;
    struct outbox out;
    struct inbox *in;
    struct lines lines; /* instead of the inbox, once it monitors */
    bool is_monitor;
    link_sent_fn on_sent;
    void *sent_user;

    struct pending *pendings; /* oldest first */
    size_t pending_count;     /* of the owner's */
    bool is_unsent;           /* of the pending whose callback runs */
    int64_t ready_at_us;
    int64_t heard_at_us;     /* when bytes came last */
    int64_t behind_at_us;    /* since when more comes than is read; -1: all was read */
    int64_t bytes_in_before; /* cost.bytes_in as this connection began */
    struct err
        first_word; /* an error reply of the greeting that did not end it, should the server hang up next */

    int depth;      /* brackets around calls to the owner */
    bool is_dead;   /* link_free was called within one */
    uint64_t epoch; /* how often the connection was closed */
};

/* link */
void link_enter(struct link *l);
void link_leave(struct link *l);                         /* l may be gone afterwards when it was dead */
void link_arm(struct link *l, int64_t deadline_us);      /* the timer */
void link_change(struct link *l, enum link_state state); /* tells the owner */
void link_ready(struct link *l);

enum link_delay { DELAY_BACKOFF, DELAY_SLOW, DELAY_LONG };
/* The connection (or the attempt) is over for this reason: closes, answers what is pending with NULL, waits.
 */
void link_down(struct link *l, enum link_delay delay, const struct err *why);
/* The same for "nothing came for `after_us`": what did not happen in time. */
void link_down_late(struct link *l, const char *what, int64_t after_us);

/* attempt */
void attempt_begin(struct link *l);
void attempt_writable(struct link *l); /* in LINK_CONNECTING */
void attempt_readable(struct link *l); /* the same */
void attempt_timeout(struct link *l);  /* in LINK_RESOLVING and LINK_CONNECTING */
void attempt_end(struct link *l);      /* closes what it has opened */

/* greeting */
void greeting_begin(struct link *l);
/* Why the link is down, from an error reply of the server: "NOAUTH Authentication required." */
void greeting_refused(struct link *l, struct span error);

/* exchange */
struct pending *exchange_queue(struct link *l, enum pending_kind kind, size_t argc, const struct span *args,
                               bool is_secret);
void exchange_readable(struct link *l);
void exchange_rest_over(struct link *l);
void exchange_writable(struct link *l);
void exchange_timeout(struct link *l); /* in LINK_GREETING and LINK_READY */
void exchange_abandon(struct link *l); /* answers every pending with NULL */
void exchange_arm(struct link *l);     /* sets the timer for what is owed, or for the next PING */

#endif
