/* allocations: how many malloc, calloc and realloc the test itself has made, by standing in for them (glibc's
 * own are reached by their other names). The sanitizers stand there themselves: nothing is counted then. */
#ifndef TESTS_BENCH_ALLOCATIONS_H
#define TESTS_BENCH_ALLOCATIONS_H

#include <stdbool.h>
#include <stdint.h>

extern const bool allocations_counted; /* false: allocations stays 0 and proves nothing */
extern int64_t allocations;            /* so far */

#endif
