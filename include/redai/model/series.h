/* series: a ring of one sample a second, newest last. Unknown samples are NAN. */
#ifndef REDAI_MODEL_SERIES_H
#define REDAI_MODEL_SERIES_H

#include <stddef.h>
#include <stdint.h>

#define SERIES_SAMPLES 300 /* five minutes */

struct series {
    float sample[SERIES_SAMPLES];
    uint16_t count, next;
    int64_t last_us; /* when the newest sample was taken; seconds without one are filled with NAN */
};

void series_add(struct series *s, int64_t at_us, double value);
/* Copies the newest n samples, oldest first; returns how many were written (fewer when there are fewer). */
size_t series_tail(const struct series *s, double *out, size_t n);
double series_last(const struct series *s);                  /* NAN when empty */
double series_mean(const struct series *s, size_t newest_n); /* of the known ones; NAN when none */

#endif
