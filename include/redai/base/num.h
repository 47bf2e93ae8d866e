/* num: checked parsing of numbers. All of the span must be the number; false leaves *ret alone. */
#ifndef REDAI_BASE_NUM_H
#define REDAI_BASE_NUM_H

#include <stdint.h>

#include "redai/base/span.h"

/* The largest number that a server is believed: what is further from 0 counts as unknown, so that thousands
 * of them can be added. */
#define NUM_SAID_MOST (INT64_C(1) << 53)

bool num_i64(struct span s, int64_t *ret); /* decimal, optional sign */
bool num_i64_range(struct span s, int64_t min, int64_t max, int64_t *ret);
bool num_f64(struct span s, double *ret);          /* finite only; '.' in every locale */
bool num_bytes(struct span s, int64_t *ret);       /* 512, 64k, 1.5gb (powers of 1024) */
bool num_duration_us(struct span s, int64_t *ret); /* 250ms, 30s, 5m, 2h, 1d; bare = seconds */

#endif
