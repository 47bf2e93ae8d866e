/* hold: commands that wait behind a MULTI, and the way out of a transaction that was not carried out. Private
 * to action. */
#ifndef REDAI_ACTION_HOLD_H
#define REDAI_ACTION_HOLD_H

#include "redai/link/link.h"
#include "redai/link/reply.h"

/* The words of a command, copied. */
struct held {
    size_t argc;
    struct span *args; /* one block with their bytes */
};
void held_take(struct held *h, size_t argc, const struct span *args);
void held_release(struct held *h);

/* EXEC's answer leaves the transaction open: it was refused itself. Since Redis 6.2 a refused EXEC is told as
 * EXECABORT and drops it; before that it stays, and would swallow whatever follows. */
bool hold_is_open(const struct reply *exec);
/* Leaves an open transaction: DISCARD, and where that is not allowed, a new connection. */
void hold_leave(struct link *l);
/* No transaction came about: what was watched for it would make a later one fail. */
void hold_unwatch(struct link *l);

#endif
