/* metric: the numbers rules judge, read from the state; metric.c has the table of readers, metric_priv.h
 * their names. */
#ifndef REDAI_MODEL_METRIC_H
#define REDAI_MODEL_METRIC_H

#include "redai/base/span.h"

struct model;

struct metric_value {
    double value;       /* NAN unknown */
    const char *object; /* display name of the worst object, borrowed; NULL: the server */
};

/* Told of one thing: its raw id, how it is shown, its number (NAN: not known of this one). Borrowed for as
 * long as the state stands still. */
typedef void metric_tell(void *ctx, struct span id, const char *display, double value);

/* How a metric is read. One of things has `each`, and its single value is the highest of them. */
struct metric_source {
    struct metric_value (*read)(const struct model *m);
    /* Tells of each thing; it may leave out those nothing is amiss with. False: none of them is known. */
    bool (*each)(const struct model *m, metric_tell *tell, void *ctx);
    double rest;     /* of `each`: the single value while nothing is told */
    size_t info;     /* neither: the place of a number in struct info */
    bool of_counter; /* it only grows: when it falls it was set back, and what was before says nothing */
};
const struct metric_source *metric_source(size_t metric); /* all zero: it stays unknown */

/* The single value: of things, the highest with its name. */
struct metric_value metric_read(const struct model *m, size_t metric);
/* Writes the value as a person reads it, by the metric's unit. */
void metric_format(size_t metric, double value, char *out, size_t size);

#endif
