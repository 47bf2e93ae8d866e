/* prng: repeatable random numbers (SplitMix64): the same seed, the same demo. Not for secrets. */
#ifndef REDAI_DEMO_PRNG_H
#define REDAI_DEMO_PRNG_H

#include <stdbool.h>
#include <stdint.h>

struct prng {
    uint64_t state;
};

void prng_init(struct prng *p, uint64_t seed);
uint64_t prng_next(struct prng *p);
double prng_unit(struct prng *p);                                  /* 0 <= x < 1 */
int64_t prng_between(struct prng *p, int64_t least, int64_t most); /* both included */
bool prng_chance(struct prng *p, double probability);
/* The gap to the next of events that come independently, rate_per_s on average. */
int64_t prng_gap_us(struct prng *p, double rate_per_s);
/* 0..count-1, small numbers far more often: what everybody reads, and what hardly anybody does. */
int64_t prng_popular(struct prng *p, int64_t count);

#endif
