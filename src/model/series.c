#include "redai/model/series.h"

#include <math.h>
#include <stdbool.h>

#include "redai/base/clock.h"

static void push(struct series *s, double value)
{
    s->sample[s->next] = (float)value;
    s->next = (uint16_t)((s->next + 1) % SERIES_SAMPLES);
    if (s->count < SERIES_SAMPLES) {
        s->count++;
    }
}

/* The i-th newest, 0 the newest. */
static double newest(const struct series *s, size_t i)
{
    return (double)s->sample[((size_t)s->next + 2 * SERIES_SAMPLES - 1 - i) % SERIES_SAMPLES];
}

void series_add(struct series *s, int64_t at_us, double value)
{
    if (s->count == 0) {
        push(s, value);
        s->last_us = at_us;
        return;
    }
    int64_t slots = at_us / US_PER_S - s->last_us / US_PER_S;
    if (slots <= 0) {
        s->sample[(s->next + SERIES_SAMPLES - 1) % SERIES_SAMPLES] = (float)value;
        s->last_us = at_us > s->last_us ? at_us : s->last_us;
        return;
    }
    /* A poll that comes a little late jumps over a second though none was missed: it stands for both. */
    bool late = slots == 2 && at_us - s->last_us < US_PER_S + US_PER_S / 2;
    int64_t holes = slots - 1 < SERIES_SAMPLES ? slots - 1 : SERIES_SAMPLES;
    for (int64_t i = 0; i < holes; i++) {
        push(s, late ? value : (double)NAN);
    }
    push(s, value);
    s->last_us = at_us;
}

size_t series_tail(const struct series *s, double *out, size_t n)
{
    size_t count = n < s->count ? n : s->count;
    for (size_t i = 0; i < count; i++) {
        out[i] = newest(s, count - 1 - i);
    }
    return count;
}

double series_last(const struct series *s)
{
    return s->count ? newest(s, 0) : (double)NAN;
}

double series_mean(const struct series *s, size_t newest_n)
{
    size_t count = newest_n < s->count ? newest_n : s->count;
    size_t known = 0;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double value = newest(s, i);
        if (!isnan(value)) {
            sum += value;
            known++;
        }
    }
    return known ? sum / (double)known : (double)NAN;
}
