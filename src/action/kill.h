/* kill: what the halves of the verb about clients share: finding them, with the plan, and ending their
 * connections. Private to action. */
#ifndef REDAI_ACTION_KILL_H
#define REDAI_ACTION_KILL_H

#include "verb.h"

#include "redai/schema/client_list.h"

enum kill_answer { KILL_UNSENT, KILL_SILENT, KILL_ENDED, KILL_ABSENT, KILL_ERROR };

struct kill_victim {
    struct span asked; /* as it was named: a number or an address; the order's */
    int64_t id;        /* -1: it is not connected */
    char *shown;       /* "client 12 (10.0.0.7:51234)"; display */
    char *about;       /* what it is and does, one line; display */
    char *address;     /* raw, as at the plan */
    char *host;        /* the same without the port */
    enum client_kind kind;
    bool listens;    /* only that it listens by pattern speaks for a worker */
    bool near;       /* a worker waits for tasks on its host */
    size_t matches;  /* so many connections have the address */
    const char *why; /* it is not killed because of this; NULL: it is. Static */
    /* running */
    bool there; /* at the last look */
    bool other; /* ... somebody else had the number: a server that was started anew counts from 1 */
    enum client_kind kind_now;
    enum kill_answer answer;
    char *error;
};

typedef void (*kill_line_fn)(struct runner *r, const struct client_line *c);

struct kill_work {
    struct kill_victim *victim;
    size_t count;
    kill_line_fn line; /* of the look that is under way */
    step_fn then;
    bool whole;   /* single clients cannot be listed: all are (before Redis 6.2) */
    bool seen;    /* the last look was answered */
    bool act_too; /* the connection that all goes over was killed, too */
};

/* Asks for the victims by their numbers, or for all clients when that is wanted or nothing else understood;
 * `line` gets each, then comes `then`. kill_work.seen tells whether there was an answer. */
void kill_look(struct runner *r, bool all, kill_line_fn line, step_fn then);
bool kill_is_act(const struct runner *r, int64_t id); /* the connection that the order is carried out on */
enum client_kind kill_kind(const struct runner *r, const struct client_line *c);
/* Why such a client is not killed; NULL: it is. Static. */
const char *kill_refusal(const struct runner *r, enum client_kind kind);
void kill_run(struct runner *r);

#endif
