#include "sample.h"

#include <math.h>

#define MOST 1e15

double sample_total(const struct sample *s)
{
    if (s->of <= 0) {
        return 0;
    }
    if (s->sampled <= 0) {
        return NAN;
    }
    double total = s->sum * ((double)s->of / (double)s->sampled);
    return total < MOST ? total : MOST;
}

/* Student's t for 95 %, two-sided, by degrees of freedom. */
static double student(double freedom)
{
    static const double few[] = {12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};
    enum { FEW = sizeof few / sizeof few[0] };
    return freedom <= FEW ? few[(int)freedom - 1] : 1.96 + 2.7 / freedom;
}

double sample_margin(const struct sample *s)
{
    double n = (double)s->sampled;
    double of = (double)s->of;
    if (s->of <= 0 || s->of == s->sampled) {
        return 0;
    }
    if (s->sampled < 2 || isnan(s->squares)) {
        return NAN;
    }
    double variance = (s->squares - s->sum * s->sum / n) / (n - 1);
    variance = variance > 0 ? variance : 0;
    /* Of a sample that is older than the count some have gone: those that are left are a sample of it. */
    double error = n < of ? of * sqrt(variance / n * (1 - n / of)) : sqrt(of * variance * (1 - of / n));
    double margin = student(n - 1) * error;
    return margin < MOST ? margin : MOST;
}

int64_t sample_count(const struct sample *s, int64_t have)
{
    if (s->of <= 0) {
        return 0;
    }
    if (s->sampled <= 0) {
        return -1;
    }
    double count = (double)have * ((double)s->of / (double)s->sampled);
    return (int64_t)(count < MOST ? count + 0.5 : MOST);
}
