#include "demo/prng.h"

#include <math.h>

#include "redai/base/clock.h"

void prng_init(struct prng *p, uint64_t seed)
{
    p->state = seed;
}

uint64_t prng_next(struct prng *p)
{
    uint64_t z = (p->state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

double prng_unit(struct prng *p)
{
    return (double)(prng_next(p) >> 11) * 0x1p-53;
}

int64_t prng_between(struct prng *p, int64_t least, int64_t most)
{
    return least + (int64_t)(prng_next(p) % (uint64_t)(most - least + 1));
}

bool prng_chance(struct prng *p, double probability)
{
    return prng_unit(p) < probability;
}

int64_t prng_gap_us(struct prng *p, double rate_per_s)
{
    return (int64_t)(-log(1.0 - prng_unit(p)) / rate_per_s * (double)US_PER_S);
}

int64_t prng_popular(struct prng *p, int64_t count)
{
    double x = prng_unit(p);
    return (int64_t)(x * x * x * (double)count);
}
