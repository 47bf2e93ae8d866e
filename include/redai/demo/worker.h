/* worker: plays a Celery worker on the wire: it pops messages, holds them in unacked, writes states, progress
 * and results, acknowledges late, sends heartbeats, answers control requests. Source: facts, sections 3 to 6.
 *
 * It knows api.tasks.test_redis_task, api.tasks.batch_generate_questions and
 * api.tasks.generate_questions.generate_one; anything else ends as FAILURE NotRegistered. A batch for exam
 * DEMO_WORKER_BAD_EXAM fails midway. Unlike a real worker it survives poison elements: it drops them. */
#ifndef REDAI_DEMO_WORKER_H
#define REDAI_DEMO_WORKER_H

#include <stdint.h>

#include "redai/base/err.h"

#include "redai/link/address.h"

struct ev_loop;
struct demo_worker;

#define DEMO_WORKER_NODE "worker1@demo"
enum { DEMO_WORKER_BAD_EXAM = 13 };

struct demo_worker_options {
    const struct address *address; /* copied; broker in its database, results in database 1 */
    const char *node;              /* NULL: DEMO_WORKER_NODE */
    int concurrency;               /* tasks at once; 0: 2 */
    int prefetch;                  /* messages held besides, for each of them; 0: 1 */
    uint64_t seed;                 /* of the pace */
    double pace;                   /* 1: a question takes 0.2 to 1 s; 0.1: ten times as fast; 0: 1 */
};

struct demo_worker_tally {
    int64_t received, succeeded, failed, revoked, dropped;
    int running, held; /* held: popped and not acknowledged, running ones included */
};

struct demo_worker *demo_worker_new(struct ev_loop *loop, const struct demo_worker_options *options);
/* Nothing is sent any more: like a crash, what was held stays in unacked. */
void demo_worker_free(struct demo_worker *w);
/* Warm shutdown: worker-offline and the bindings go at once, running tasks finish, held ones go back. */
void demo_worker_stop(struct demo_worker *w);

bool demo_worker_is_up(const struct demo_worker *w);   /* bindings made, mailbox open */
bool demo_worker_is_done(const struct demo_worker *w); /* stopped, and all it held is gone */
struct demo_worker_tally demo_worker_tally(const struct demo_worker *w);

#endif
