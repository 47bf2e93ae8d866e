/* meter: how much counters grew over the last while. A ring of samples of a few counters, kept at least a
 * second apart (only the newest may be nearer), so that it spans a minute however often it is fed. */
#ifndef REDAI_MODEL_METER_H
#define REDAI_MODEL_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define METER_SAMPLES 64
#define METER_VALUES  3

struct meter {
    struct meter_sample {
        int64_t at_us;
        int64_t value[METER_VALUES];
    } sample[METER_SAMPLES];
    unsigned count, next;
};

/* Counters that started anew, or a gap in the readings: what was before says nothing about the present. */
void meter_clear(struct meter *m);
void meter_add(struct meter *m, int64_t at_us, const int64_t value[METER_VALUES]);
/* Growth of value i from the oldest sample within the window (or, when all are older, the one before the
 * newest) to the newest. False with fewer than two samples. */
bool meter_growth(const struct meter *m, int64_t window_us, size_t i, int64_t *ret_growth, int64_t *ret_us);
/* The same per second; NAN with fewer than two samples. Never negative. */
double meter_per_s(const struct meter *m, int64_t window_us, size_t i);

#endif
