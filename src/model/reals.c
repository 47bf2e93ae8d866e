#include "reals.h"

#include <stdlib.h>

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return left < right ? -1 : left > right;
}

void reals_sort(double *value, size_t count)
{
    qsort(value, count, sizeof(*value), by_size);
}
