#include "history.h"

#include "metric_list.h"
#include "model_priv.h"

#include <assert.h>

struct history {
    int64_t second, at_us; /* of the newest sample; -1 none */
    float fine[METRIC_COUNT][HISTORY_FINE_S];
    float coarse[METRIC_COUNT][HISTORY_COARSE];
    uint8_t known[METRIC_COUNT]; /* samples in the newest coarse one */
};

static_assert(sizeof(struct history) <= 300 * 1024, "the past of all metrics stays small: coarser samples?");

struct history *history_new(void)
{
    struct history *h = mem_zalloc(sizeof(*h));
    h->second = h->at_us = -1;
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        for (size_t k = 0; k < HISTORY_FINE_S; k++) {
            h->fine[i][k] = (float)NAN;
        }
        for (size_t k = 0; k < HISTORY_COARSE; k++) {
            h->coarse[i][k] = (float)NAN;
        }
    }
    return h;
}

void history_free(struct history *h)
{
    mem_free(h);
}

int64_t history_newest_s(const struct history *h)
{
    return h->second;
}

/* Places between the newest sample and the one to come are unknown. */
static void skip_to(float *ring, int64_t size, int64_t newest, int64_t place)
{
    int64_t first = place - newest > size ? place - size : newest;
    for (int64_t i = first + 1; i <= place; i++) {
        ring[i % size] = (float)NAN;
    }
}

static void put(struct history *h, size_t metric, int64_t second, double value)
{
    h->fine[metric][second % HISTORY_FINE_S] = (float)value;
    if (!isnan(value)) {
        float *mean = &h->coarse[metric][second / HISTORY_COARSE_S % HISTORY_COARSE];
        unsigned n = h->known[metric]++;
        *mean = n ? (float)((*mean * (double)n + value) / (double)(n + 1)) : (float)value;
    }
}

static void advance(struct history *h, int64_t second)
{
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        skip_to(h->fine[i], HISTORY_FINE_S, h->second, second);
        if (h->second / HISTORY_COARSE_S != second / HISTORY_COARSE_S || h->second < 0) {
            skip_to(h->coarse[i], HISTORY_COARSE, h->second / HISTORY_COARSE_S, second / HISTORY_COARSE_S);
            h->known[i] = 0;
        }
    }
}

void history_sample(struct history *h, const struct model *m)
{
    int64_t second = m->now_us / US_PER_S;
    if (second <= h->second) {
        return;
    }
    /* A turn that comes a little late jumps over a second though none was missed: its sample is for both. */
    bool late = h->second >= 0 && second - h->second == 2 && m->now_us - h->at_us < US_PER_S * 3 / 2;
    advance(h, second);
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        double value = metric_read(m, i).value;
        value = isinf(value) ? UNKNOWN_REAL : value;
        if (late) {
            h->fine[i][(second - 1) % HISTORY_FINE_S] = (float)value;
        }
        put(h, i, second, value);
    }
    h->second = second;
    h->at_us = m->now_us;
}

double history_value(const struct history *h, size_t metric, int64_t second)
{
    if (metric >= METRIC_COUNT || second < 0 || second > h->second) {
        return UNKNOWN_REAL;
    }
    if (h->second - second < HISTORY_FINE_S) {
        return (double)h->fine[metric][second % HISTORY_FINE_S];
    }
    int64_t place = second / HISTORY_COARSE_S;
    return h->second / HISTORY_COARSE_S - place < HISTORY_COARSE
               ? (double)h->coarse[metric][place % HISTORY_COARSE]
               : UNKNOWN_REAL;
}

double history_mean(const struct history *h, size_t metric, int64_t from_s, int64_t to_s)
{
    double sum = 0;
    size_t known = 0;
    for (int64_t s = from_s; s <= to_s; s++) {
        double value = history_value(h, metric, s);
        if (!isnan(value)) {
            sum += value;
            known++;
        }
    }
    return known ? sum / (double)known : UNKNOWN_REAL;
}
