#include "trend.h"

#include "reals.h"

#include <math.h>

#include "redai/base/clock.h"

enum { UNEVEN = 3, UNEVEN_LEAVE = 10 }; /* one third may grow so many times as much as the other */

void trend_clear(struct trend *t)
{
    *t = (struct trend){.at_us = -1};
}

static double middle(const struct trend *t, unsigned from, unsigned count)
{
    double sorted[TREND_SAMPLES] = {0};
    for (unsigned i = 0; i < count; i++) {
        sorted[i] = t->sample[(t->next + 2 * TREND_SAMPLES - t->count + from + i) % TREND_SAMPLES];
    }
    reals_sort(sorted, count);
    return sorted[count / 2];
}

static void measure(struct trend *t)
{
    unsigned third = t->count / 3;
    double first = middle(t, 0, third);
    double second = middle(t, third, third);
    double last = middle(t, t->count - third, third);
    double early = second - first;
    double late = last - second;
    double most = t->steady ? UNEVEN_LEAVE : UNEVEN;
    t->steady = early > 0 && late > 0 && early <= most * late && late <= most * early;
    t->growth = last - first;
}

void trend_add(struct trend *t, int64_t at_us, int64_t step_us, double value)
{
    /* Half a second of grace: polls do not come on the dot. */
    int64_t since = at_us - t->at_us + US_PER_S / 2;
    if (t->count > 0 && (since > 3 * step_us || since < 0)) {
        trend_clear(t);
    }
    if (isnan(value) || (t->count > 0 && since < step_us)) {
        return;
    }
    t->sample[t->next] = value;
    t->next = (t->next + 1) % TREND_SAMPLES;
    t->count += t->count < TREND_SAMPLES;
    t->at_us = at_us;
    if (t->count >= TREND_LEAST) {
        measure(t);
    }
}

double trend_per_s(const struct trend *t, int64_t step_us)
{
    if (t->count < TREND_LEAST) {
        return (double)NAN;
    }
    size_t steps = t->count - t->count / 3;
    double seconds = (double)steps * (double)step_us / (double)US_PER_S;
    return t->steady ? t->growth / seconds : 0;
}
