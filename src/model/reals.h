/* reals: arrays of real numbers. */
#ifndef REDAI_MODEL_REALS_H
#define REDAI_MODEL_REALS_H

#include <stddef.h>

/* Puts them in order, the least first; none of them may be NAN. */
void reals_sort(double *value, size_t count);

#endif
