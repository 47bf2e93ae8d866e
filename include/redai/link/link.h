/* link: one connection to Redis with a life of its own: it connects, authenticates, selects the database,
 * names itself (CLIENT SETNAME), sends what it is given in order, and comes back by itself with backoff and
 * jitter. The socket is ours; hiredis formats commands and parses replies, so 0.14 and 1.x behave alike. A
 * reply over 64 MiB, over 4 Mi elements or nested deeper than 7 ends the connection: ask for less.
 *
 * Each sent command gets exactly one callback: with its reply, or with NULL when the reply will never come
 * (the outcome is then unknown if bytes had left, see link_unsent). Callbacks run from the loop, never from
 * inside link_send. Nothing is queued while the link is not LINK_READY: link_send returns false. */
#ifndef REDAI_LINK_LINK_H
#define REDAI_LINK_LINK_H

#include <stdint.h>

#include "redai/base/err.h"

#include "redai/link/address.h"
#include "redai/link/reply.h"

struct ev_loop;
struct link;

enum link_state {
    LINK_IDLE, /* not started */
    LINK_RESOLVING,
    LINK_CONNECTING, /* socket and TLS */
    LINK_GREETING, /* AUTH, SELECT, SETNAME, CLIENT ID, and a first PING: loading and no-auth show up here */
    LINK_READY,
    LINK_WAITING, /* down; next try at link_status.retry_at_us */
    LINK_CLOSED   /* link_stop was called */
};

struct link_status {
    enum link_state state;
    int64_t since_us;    /* monotonic; when the state (or the outage) began */
    int64_t retry_at_us; /* LINK_WAITING */
    char error[256];  /* why it is down, one clear line: "connection refused", "NOAUTH ...", "LOADING ..." */
    int64_t connects; /* successful connects so far */
};

typedef void (*link_reply_fn)(void *user, const struct reply *reply);
/* A message of pub/sub, borrowed. pattern is empty for plain subscriptions. */
typedef void (*link_message_fn)(void *user, struct span pattern, struct span channel, struct span payload);
/* Many bytes came at once: begins before their messages are told, and ends (false) behind them. */
typedef void (*link_burst_fn)(void *user, bool begins);
typedef void (*link_state_fn)(void *user, const struct link_status *status);
/* One command of any client, as MONITOR tells it, without the "+" before it and the end of line; borrowed. */
typedef void (*link_line_fn)(void *user, struct span line);
/* The server refused a subscription (an ACL without the channel), in its words, borrowed. */
typedef void (*link_refused_fn)(void *user, struct span error);

struct link_options {
    const char *name;    /* role: "feed", "poll", "act", "result"; CLIENT SETNAME redai-console:<name> */
    const char *program; /* whose name stands before it instead; static. NULL: redai-console */
    const struct address *address; /* copied */
    int db;                        /* -1: the address' own */
    int64_t connect_timeout_us;    /* 0: 3 s; for the socket, then for the greeting */
    int64_t
        reply_timeout_us; /* 0: 10 s; the oldest unanswered command older than this closes the connection */
    int64_t
        keepalive_us; /* 0: 60 s; PING when idle so long (the platform's `timeout 300` cuts idle clients) */
    bool no_touch;    /* CLIENT NO-TOUCH ON where the server has it (7.2+); errors are ignored */
    link_state_fn on_state; /* may be NULL */
    /* Feed links only: what comes is then parsed without allocation. A reply to link_send can be a scalar or
     * a flat array of at most 16 elements there, a bigger one arrives as an error; and any byte that comes
     * restarts reply_timeout_us, since answers stand behind the messages that were there first. */
    link_message_fn on_message;
    link_refused_fn on_refused; /* feed links; may be NULL */
    link_burst_fn on_burst;     /* feed links; may be NULL: what can wait for its end is cheaper by then */
    link_line_fn on_line;       /* monitor links only */
    void *user;                 /* of all of them */
};

struct link *link_new(struct ev_loop *loop, const struct link_options *options);
void link_start(struct link *l); /* the first attempt is made from the loop; also after link_stop */
/* Closes and stays closed; pending callbacks get NULL before it returns, on_state is not called. */
void link_stop(struct link *l);
/* Closes; pending callbacks get NULL before it returns; nothing is called afterwards. */
void link_free(struct link *l);
const struct link_status *link_status(const struct link *l);
bool link_is_ready(const struct link *l);
void link_retry_now(struct link *l); /* ends a wait */
/* Ends the connection, as when it is lost, and tries again: its answers are no answers to what was asked.
 * From a callback or the loop; nothing unless LINK_READY. */
void link_distrust(struct link *l, const char *why);

/* Queues one command. args are copied. False (nothing queued, fn never called) unless LINK_READY. fn may be
 * NULL. */
bool link_send(struct link *l, link_reply_fn fn, void *user, size_t argc, const struct span *args);
/* link_command(l, fn, user, S("GET"), key) */
#define link_command(l, fn, user, ...)                                                                       \
    link_send((l), (fn), (user), sizeof((struct span[]){__VA_ARGS__}) / sizeof(struct span),                 \
              (const struct span[]){__VA_ARGS__})
/* Writes what is queued now, as far as the connection takes it: for a last word before link_free. */
void link_flush(struct link *l);
size_t link_pending(const struct link *l); /* commands sent or queued whose reply has not come */
/* During a callback with NULL: true when no byte of that command had left, so that it certainly did not
 * happen. */
bool link_unsent(const struct link *l);

/* Feed links: after (re)connecting nothing is subscribed; the owner subscribes again in on_state(LINK_READY).
 * False unless LINK_READY, on_message is set and count is at least 1. Once subscribed, Redis takes nothing
 * else but PING. */
bool link_subscribe(struct link *l, size_t count, const struct span *channels);
bool link_psubscribe(struct link *l, size_t count, const struct span *patterns);
bool link_unsubscribe(struct link *l, size_t count, const struct span *channels);
bool link_punsubscribe(struct link *l, size_t count, const struct span *patterns);

/* Monitor links: from here on the connection tells every command of every client, by on_line; fn gets the
 * answer to MONITOR itself. Lines are read where they lie, and of one that came in pieces 16 KiB are kept, so
 * memory stays bounded whatever is sent; a longer line comes cut, and before it an empty one with each part
 * of it that is read: who has had enough need not wait for its end. Nothing else can be sent on such a
 * connection; it ends with link_stop or link_free. False (fn never called) unless LINK_READY, on_line is set
 * and nothing is pending. */
bool link_monitor(struct link *l, link_reply_fn fn, void *user);

/* Who wants to know what is sent: called within link_send for each command of the owner that was queued.
 * NULL: nobody. */
typedef void (*link_sent_fn)(void *user, size_t argc, const struct span *args);
void link_tap(struct link *l, link_sent_fn fn, void *user);

/* Totals since link_new, for the own-cost display. */
struct link_cost {
    int64_t commands, bytes_out, bytes_in, messages;
};
struct link_cost link_cost(const struct link *l);
/* For how long more has come than was read: the socket was not once seen empty. 0: it was, or is down. */
int64_t link_behind_us(const struct link *l);
/* Round trip of the last PING or command in us; -1 unknown. */
int64_t link_round_trip_us(const struct link *l);
/* When bytes came last, monotonic; -1: not ready. */
int64_t link_heard_us(const struct link *l);
/* Of an address of sentinels: the server they named, "10.0.0.1:6379"; "" otherwise, or unless ready. */
void link_where(const struct link *l, char *out, size_t size);
/* For how long nothing has come although an answer is owed; 0: none is, or not ready. */
int64_t link_silent_us(const struct link *l);
/* What the server calls this connection (CLIENT ID), asked for in the greeting; -1: not ready, or not told.
 */
int64_t link_client_id(const struct link *l);
/* Whether both are connected, and to one and the same address: a name may stand for several servers. */
bool link_same_peer(const struct link *a, const struct link *b);

#endif
