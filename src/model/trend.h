/* trend: where a level is going over minutes. A ring of samples at even steps; it grows steadily when the
 * middle one of each third of them is above that of the third before, by about as much each time: a wave, a
 * step or noise is no growth. Once steady, it takes a third that does not rise to end it, so that the answer
 * does not tremble. */
#ifndef REDAI_MODEL_TREND_H
#define REDAI_MODEL_TREND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TREND_SAMPLES 60
#define TREND_LEAST   30 /* fewer samples say nothing */

struct trend {
    int64_t at_us; /* of the newest sample */
    double sample[TREND_SAMPLES];
    unsigned count, next;
    bool steady;
    double growth; /* from the middle of the first third to that of the last */
};

void trend_clear(struct trend *t);
/* Takes the value when a step has passed since the last one; a hole of three steps begins anew. */
void trend_add(struct trend *t, int64_t at_us, int64_t step_us, double value);
/* A second; 0 when it does not grow steadily, NAN with too few samples. */
double trend_per_s(const struct trend *t, int64_t step_us);

#endif
