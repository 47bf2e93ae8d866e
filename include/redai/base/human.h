/* human: numbers as people read them, in few columns. Every function writes at most size bytes with a
 * NUL and returns out. Negative input means unknown and gives "?". */
#ifndef REDAI_BASE_HUMAN_H
#define REDAI_BASE_HUMAN_H

#include <stddef.h>
#include <stdint.h>

const char *human_bytes(int64_t bytes, char *out, size_t size); /* 1.5G (5 columns at most) */
const char *human_count(int64_t count, char *out, size_t size); /* 999 12.3k 4.5M (5 at most) */
const char *human_rate(double per_s, char *out, size_t size);   /* 0 0.3 12 1.2k; NAN gives "?" */
const char *human_duration(int64_t us, char *out, size_t size); /* 250ms 12s 3m04s 2h05m 3d04h (6 at most) */
const char *human_seconds(int64_t s, char *out, size_t size);   /* the same; more than fits into us: "?" */
const char *human_percent(double percent, char *out, size_t size); /* 97.3% 100% ; NAN gives "?" */

#endif
