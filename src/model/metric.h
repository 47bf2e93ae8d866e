/* metric: the numbers rules judge, read from the state; metric.c has the table of readers, metric_priv.h
 * their names. */
#ifndef REDAI_MODEL_METRIC_H
#define REDAI_MODEL_METRIC_H

#include <stddef.h>

struct model;

/* Metrics: what a rule can be about. */
struct metric_value {
    double value;       /* NAN unknown */
    const char *object; /* display name of the worst object, borrowed; NULL: the server */
};
struct metric_value metric_read(const struct model *m, size_t metric);
/* Writes the value as a person reads it, by the metric's unit. */
void metric_format(size_t metric, double value, char *out, size_t size);

#endif
