/* clock: the only place that reads time. Monotonic time is for durations, wall time for showing. Both
 * are microseconds. Rooms that judge (model, view) never call this: time reaches them in facts. */
#ifndef REDAI_BASE_CLOCK_H
#define REDAI_BASE_CLOCK_H

#include <stdint.h>

#define US_PER_S  INT64_C(1000000)
#define US_PER_MS INT64_C(1000)

int64_t clock_mono_us(void); /* CLOCK_MONOTONIC */
int64_t clock_wall_us(void); /* CLOCK_REALTIME, since 1970 UTC */

#endif
