/* When the memory will be full, as far as the last minutes tell. */
#include "reals.h"
#include "vital_priv.h"

enum {
    STRETCH_S = 20, /* means of so many seconds are compared: a sawtooth within one is no growth */
    STRETCHES = 15, /* of the last five minutes */
    LEAST = 6,      /* two minutes */
    STEADY = 80,    /* percent of the steps that go up */
    LONGEST_DAYS = 100
};

/* Means of stretches, the oldest first; unknown ones are left out. Returns how many. */
static size_t means_of(const struct series *s, double mean[STRETCHES])
{
    double sample[SERIES_SAMPLES];
    size_t count = series_tail(s, sample, SERIES_SAMPLES);
    size_t stretches = count / STRETCH_S;
    size_t at = count % STRETCH_S;
    size_t n = 0;
    for (size_t i = 0; i < stretches && n < STRETCHES; i++) {
        double sum = 0;
        size_t known = 0;
        for (size_t k = 0; k < STRETCH_S; k++, at++) {
            sum += isnan(sample[at]) ? 0 : sample[at];
            known += isnan(sample[at]) ? 0 : 1;
        }
        if (known == 0) {
            n = 0; /* a gap: what was before it tells nothing of how it grows */
        } else {
            mean[n++] = sum / (double)known;
        }
    }
    return n;
}

double model_memory_full_s(const struct model *m)
{
    const struct info *info = vital_info(m);
    const struct vital *used = model_vital_find(m, S("memory.used"));
    double mean[STRETCHES];
    double step[STRETCHES];
    size_t n = used && used->series ? means_of(used->series, mean) : 0;
    size_t up = 0;
    if (n < LEAST || info->maxmemory <= 0 || info->used_memory < 0) {
        return UNKNOWN_REAL;
    }
    if (info->used_memory >= info->maxmemory) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        step[i - 1] = mean[i] - mean[i - 1];
        up += step[i - 1] > 0;
    }
    reals_sort(step, n - 1);
    double per_s = step[(n - 1) / 2] / STRETCH_S; /* the median: one large key more is no growth either */
    if (up * 100 < STEADY * (n - 1) || !(per_s > 0)) {
        return UNKNOWN_REAL;
    }
    double left_s = (double)(info->maxmemory - info->used_memory) / per_s;
    return left_s < LONGEST_DAYS * 86400.0 ? left_s : UNKNOWN_REAL;
}
