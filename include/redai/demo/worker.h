/* worker: plays a Celery worker on the wire: it pops messages, holds them in unacked, writes states, progress
 * and results, acknowledges late, sends events and heartbeats, answers remote control, retries, goes on with
 * chains, callbacks, errbacks and chords, keeps to eta, expires, rate and time limits, and puts back what
 * others left in unacked for longer than the visibility timeout. Source: facts, sections 1, 3 to 6.
 *
 * Its tasks have names of the platform (src/demo/body.c); anything else ends as FAILURE NotRegistered. A
 * batch for exam DEMO_WORKER_BAD_EXAM fails midway.
 *
 * What differs from a real one: it survives poison elements (it drops them); its pool processes are numbers
 * behind its own pid, no processes; it does not ask other workers for their revoked ids when it starts; a
 * group, chord or chain that stands as one step within a chain is left out; a rate limit is kept by spacing
 * the tasks evenly. */
#ifndef REDAI_DEMO_WORKER_H
#define REDAI_DEMO_WORKER_H

#include <stddef.h>
#include <stdint.h>

#include "redai/base/err.h"

#include "redai/link/address.h"

struct ev_loop;
struct demo_worker;

#define DEMO_WORKER_NODE "worker1@demo"
enum { DEMO_WORKER_BAD_EXAM = 13, DEMO_WORKER_VISIBILITY_S = 3600 };

struct demo_worker_options {
    const struct address *address; /* copied; broker in its database, results in database 1 */
    const char *node;              /* NULL: DEMO_WORKER_NODE */
    const char *const *queues;     /* ended by NULL; NULL: celery, questions, validation, analytics */
    int64_t pid;                   /* what it says of itself; 0: this process' */
    int concurrency;               /* tasks at once; 0: 2 */
    int prefetch;                  /* messages held besides, for each of them; 0: 1 */
    bool events_off;               /* started without -E: remote control turns events on and off */
    int64_t visibility_s;          /* 0: DEMO_WORKER_VISIBILITY_S */
    uint64_t seed;                 /* of the pace */
    double pace;                   /* 1: a question takes 0.2 to 1 s; 0.1: ten times as fast; 0: 1 */
};

struct demo_worker_tally {
    int64_t received, succeeded, failed, retried, rejected, revoked, dropped, restored;
    int running, held; /* held: popped and not acknowledged, running ones included */
};

struct demo_worker *demo_worker_new(struct ev_loop *loop, const struct demo_worker_options *options);
/* Nothing is sent any more: like a crash, what was held stays in unacked. */
void demo_worker_free(struct demo_worker *w);
/* Warm shutdown, as remote control's shutdown: worker-offline and the bindings go at once, running tasks
 * finish, held ones go back. */
void demo_worker_stop(struct demo_worker *w);

bool demo_worker_is_up(const struct demo_worker *w);   /* bindings made, mailbox open */
bool demo_worker_is_done(const struct demo_worker *w); /* stopped, and all it held is gone */
struct demo_worker_tally demo_worker_tally(const struct demo_worker *w);

#endif
