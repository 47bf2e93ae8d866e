/* spark: a series squeezed into columns of several seconds each. The columns stand on whole multiples of
 * their width in time, so that they keep still until a new one begins. */
#ifndef VIEW_SPARK_H
#define VIEW_SPARK_H

#include "redai/model/series.h"

/* Writes cols means, the newest last; a column nothing is known of is NAN. Returns cols. */
size_t spark_columns(const struct series *series, double *out, size_t cols, int seconds);

#endif
