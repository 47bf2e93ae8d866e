/* backoff: how long to wait before the next try: 100 ms doubling to 1.5 s, each with jitter, so that many
 * consoles do not fall on a recovering server in step, and recovery is seen within 5 s. */
#ifndef REDAI_LINK_BACKOFF_PRIVATE_H
#define REDAI_LINK_BACKOFF_PRIVATE_H

#include <stdint.h>

#include "redai/base/clock.h"

#define BACKOFF_FIRST_US (100 * US_PER_MS)
#define BACKOFF_MOST_US  (1500 * US_PER_MS)

struct backoff {
    int64_t next_us; /* before jitter; 0 at the start */
    uint64_t random; /* state of the jitter; any seed */
};

void backoff_init(struct backoff *b, uint64_t seed);
void backoff_reset(struct backoff *b); /* after success */
/* The next delay: at least half of its step, at most all of it. */
int64_t backoff_next_us(struct backoff *b);
/* The longest delay, also as the step from here on: for what waiting will hardly mend, as a wrong password.
 */
int64_t backoff_slow_us(struct backoff *b);

#endif
