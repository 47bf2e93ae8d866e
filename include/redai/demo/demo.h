/* demo: a private Redis, users on it and workers, in one object. demo_new starts the server and returns when
 * it answers (some 20 ms); everything else runs from the loop.
 *
 * Two workers: worker1@demo consumes celery and questions, worker2@demo validation and analytics. One that
 * was told to shut down is started anew DEMO_RESTART_S after its end, as a supervisor would. */
#ifndef REDAI_DEMO_DEMO_H
#define REDAI_DEMO_DEMO_H

#include <stdint.h>

#include "redai/base/err.h"

#include "redai/demo/worker.h"
#include "redai/demo/workload.h"

struct ev_loop;
struct demo;

/* What the connections of its users and workers call themselves: they play the platform, they are no console,
 * and their look-ups are the hits and misses that are shown. */
#define DEMO_PROGRAM "redai-demo"

#define DEMO_RATE_DEFAULT 20.0
#define DEMO_RATE_MAX     5000.0
#define DEMO_SEED_DEFAULT 7
enum { DEMO_WORKERS = 2, DEMO_RESTART_S = 15 };

struct demo_options {
    const char *conf_path; /* redis.conf */
    uint64_t seed;
    double rate;        /* requests/s of the workload, 0 to DEMO_RATE_MAX */
    bool worker;        /* false: nobody consumes the queues */
    bool alone;         /* one worker only, for all four queues */
    bool events_off;    /* the workers are started without -E */
    int64_t restart_us; /* 0: DEMO_RESTART_S */
    double task_pace;   /* demo_worker_options.pace; 0: 1 */
};

struct demo *demo_new(struct ev_loop *loop, const struct demo_options *options, struct err *err);
/* Ends the server and removes its folder; NULL is fine. */
void demo_free(struct demo *d);

const char *demo_address(const struct demo *d); /* the URL to watch: unix:///... */
bool demo_ready(const struct demo *d);          /* the data is filled in and the worker listens */
bool demo_is_alive(struct demo *d);             /* false: the server has ended by itself */
struct demo_workload *demo_workload(struct demo *d);
struct demo_worker *demo_worker(struct demo *d); /* the first; NULL without one */

#endif
