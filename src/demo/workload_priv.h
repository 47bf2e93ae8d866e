/* What workload.c (life) and visit.c (one request) share. */
#ifndef REDAI_DEMO_WORKLOAD_PRIV_H
#define REDAI_DEMO_WORKLOAD_PRIV_H

#include "demo/jobs.h"
#include "demo/login.h"
#include "demo/prng.h"

#include "redai/link/link.h"
#include "redai/link/timer.h"

#include "redai/demo/workload.h"

enum { SESSIONS_GOAL = 100, SESSIONS_SLACK = 12, SESSIONS_MAX = 1000 };

struct demo_workload {
    struct link *link;
    struct timer *request_timer, *job_timer;
    struct demo_workload_options options;
    struct prng prng;
    struct jobs jobs;
    struct command_sink sink; /* into link */
    UT_array logins;          /* of struct login */
    int64_t due_us;           /* of the next request */
    bool is_filling, is_filled;
    struct demo_workload_tally tally;
};

/* One request of somebody, whatever it does. */
void visit_begin(struct demo_workload *w);

#endif
