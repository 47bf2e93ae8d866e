/* gate: the question that stands before every plan and before everything that is carried out: is this a
 * replica? One refuses what is written, or takes it and loses it with the next sync; so nothing of the order
 * is sent to one. Who may not ask is believed to be on a master. */
#ifndef REDAI_ACTION_GATE_H
#define REDAI_ACTION_GATE_H

#include "verb.h"

/* Goes on with next, or ends the order as refused with where the master is. */
void gate_then(struct runner *r, step_fn next);
/* The connection was lost and is back: whether the server is the one that was asked before (r->elsewhere),
 * and the same run of it. What is not to be found on another one may never have been there. */
void gate_again_then(struct runner *r, step_fn next);

#endif
