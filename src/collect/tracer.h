/* tracer: a trace while it runs: MONITOR on a link of its own, for a while, within a number of bytes, and
 * only while the server does not suffer. Private to collect. */
#ifndef REDAI_COLLECT_TRACER_H
#define REDAI_COLLECT_TRACER_H

#include "own_sent.h"
#include "traced.h"

struct collect;
struct link;
struct timer;

struct tracer {
    struct collect *c;
    struct link *link;
    struct timer *timer;
    int64_t duration_us, bytes_max;
    bool begun; /* the server has taken MONITOR */
    int64_t ends_at_us;
    int64_t commands, bytes;
    int64_t bytes_before; /* what the link had read before the first line */
    int64_t calm_us;      /* the server's usual round trip when it began */
    int slow;             /* answers in a row that took much longer */
    int64_t asked_us;     /* an answer is awaited since; 0 none */
    int64_t behind_us;    /* the least a line was behind our clock: the clocks' difference */
    bool hears_misses;
    struct own_sent own;
    struct traced traced;
};

void tracer_free(struct tracer *t); /* ends it without a word */
/* A key of the application's database was looked for in vain. */
void tracer_miss(struct collect *c, struct span key);
/* That was us. */
void tracer_own_miss(struct collect *c, struct span key);

#endif
