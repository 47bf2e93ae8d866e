/* workload: users of the platform: they log in and out, read exams through the cache, editors invalidate it,
 * tasks are queued. All of it is written the way the platform's own code does (session manager, cache
 * decorator, delete_pattern, Celery's delay), with its faults: orphan sessions, stale members, keys with an
 * object's repr. The same seed gives the same users and the same choices; names are placeholders, mails end
 * in @example.com. */
#ifndef REDAI_DEMO_WORKLOAD_H
#define REDAI_DEMO_WORKLOAD_H

#include <stdint.h>

#include "redai/link/address.h"

struct ev_loop;
struct demo_workload;

struct demo_workload_options {
    const struct address *address; /* copied */
    uint64_t seed;
    double rate; /* requests/s; 0: the data is filled in, and then nothing moves by itself */
};

struct demo_workload_tally {
    int64_t requests, hits, misses, logins, logouts, invalidations, tasks;
    int sessions; /* that the users believe to have */
};

/* Connects, fills in about 120 sessions and 300 cache keys, then begins. */
struct demo_workload *demo_workload_new(struct ev_loop *loop, const struct demo_workload_options *options);
void demo_workload_free(struct demo_workload *w);
void demo_workload_set_rate(struct demo_workload *w, double rate);

bool demo_workload_is_filled(const struct demo_workload *w);
struct demo_workload_tally demo_workload_tally(const struct demo_workload *w);

#endif
