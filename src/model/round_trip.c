/* Our own round trips: one a reading of INFO; exact percentiles of those of the last minutes. */
#include "model_priv.h"

#include <stdlib.h>

#define WINDOW_US (300 * US_PER_S)

void round_trip_add(struct model *m, int64_t us)
{
    struct round_trip_all *all = &m->round_trips;
    if (us < 0) {
        return;
    }
    all->sample[all->next].at_us = m->now_us;
    all->sample[all->next].us = (float)us;
    all->next = (all->next + 1) % ROUND_TRIPS;
    all->count += all->count < ROUND_TRIPS;
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a;
    float y = *(const float *)b;
    return x < y ? -1 : x > y;
}

/* The least value that so much of them are not above: the nearest rank. */
static double rank(const float *sorted, size_t count, size_t percent)
{
    size_t at = (count * percent + 99) / 100;
    return (double)sorted[at > 0 ? at - 1 : 0];
}

void model_round_trips(const struct model *m, struct round_trips *ret)
{
    const struct round_trip_all *all = &m->round_trips;
    float us[ROUND_TRIPS];
    size_t n = 0;
    for (unsigned i = 0; i < all->count; i++) {
        if (m->now_us - all->sample[i].at_us <= WINDOW_US) {
            us[n++] = all->sample[i].us;
        }
    }
    *ret = (struct round_trips){UNKNOWN_REAL, UNKNOWN_REAL, UNKNOWN_REAL, n};
    if (n) {
        qsort(us, n, sizeof us[0], by_size);
        ret->p50 = rank(us, n, 50);
        ret->p99 = rank(us, n, 99);
        ret->max = (double)us[n - 1];
    }
}
