#include "meter.h"

#include <math.h>
#include <string.h>

#include "redai/base/clock.h"

static const struct meter_sample *nth_newest(const struct meter *m, unsigned n)
{
    return &m->sample[(m->next + 2 * METER_SAMPLES - 1 - n) % METER_SAMPLES];
}

void meter_clear(struct meter *m)
{
    m->count = 0;
    m->next = 0;
}

void meter_add(struct meter *m, int64_t at_us, const int64_t value[METER_VALUES])
{
    if (m->count >= 2 && nth_newest(m, 0)->at_us - nth_newest(m, 1)->at_us < US_PER_S) {
        m->next = (m->next + METER_SAMPLES - 1) % METER_SAMPLES;
        m->count--;
    }
    struct meter_sample *place = &m->sample[m->next];
    place->at_us = at_us;
    memcpy(place->value, value, sizeof(place->value));
    m->next = (m->next + 1) % METER_SAMPLES;
    if (m->count < METER_SAMPLES) {
        m->count++;
    }
}

bool meter_growth(const struct meter *m, int64_t window_us, size_t i, int64_t *ret_growth, int64_t *ret_us)
{
    if (m->count < 2) {
        return false;
    }
    const struct meter_sample *newest = nth_newest(m, 0);
    unsigned base = 1;
    /* Half a second of grace: polls do not come on the dot. */
    while (base + 1 < m->count &&
           newest->at_us - nth_newest(m, base + 1)->at_us <= window_us + US_PER_S / 2) {
        base++;
    }
    const struct meter_sample *oldest = nth_newest(m, base);
    if (newest->at_us <= oldest->at_us) {
        return false;
    }
    *ret_growth = newest->value[i] - oldest->value[i];
    *ret_us = newest->at_us - oldest->at_us;
    return true;
}

double meter_per_s(const struct meter *m, int64_t window_us, size_t i)
{
    int64_t growth;
    int64_t span_us;
    if (!meter_growth(m, window_us, i, &growth, &span_us)) {
        return (double)NAN;
    }
    return growth > 0 ? (double)growth * (double)US_PER_S / (double)span_us : 0;
}
