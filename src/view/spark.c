#include "spark.h"

#include <math.h>

#include "redai/base/clock.h"

size_t spark_columns(const struct series *series, double *out, size_t cols, int seconds)
{
    double sample[SERIES_SAMPLES];
    size_t count = series_tail(series, sample, SERIES_SAMPLES);
    int64_t last = series->last_us / US_PER_S;
    int64_t newest = last / seconds;
    for (size_t i = 0; i < cols; i++) {
        out[i] = NAN;
    }
    size_t known = 0;
    for (size_t i = count; i-- > 0;) {
        int64_t second = last - (int64_t)(count - 1 - i);
        int64_t back = newest - second / seconds;
        if (back < 0 || (size_t)back >= cols) {
            break;
        }
        double *column = &out[cols - 1 - (size_t)back];
        known = i + 1 < count && (last - (int64_t)(count - 2 - i)) / seconds == second / seconds ? known : 0;
        if (!isnan(sample[i])) {
            *column =
                isnan(*column) ? sample[i] : (*column * (double)known + sample[i]) / (double)(known + 1);
            known++;
        }
    }
    return cols;
}
