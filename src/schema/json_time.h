/* json_time: the two ways in which Celery writes times into JSON. Private to the room. */
#ifndef REDAI_SCHEMA_JSON_TIME_H
#define REDAI_SCHEMA_JSON_TIME_H

#include <jansson.h>
#include <stdint.h>

#include "redai/base/isotime.h"

/* Epoch seconds as a number: microseconds, or -1. */
static inline int64_t json_time_epoch(json_t *value)
{
    const double beyond_s = 1e12; /* some thirty thousand years: no clock says that */
    double seconds = json_is_number(value) ? json_number_value(value) : -1;
    return seconds >= 0 && seconds < beyond_s ? (int64_t)(seconds * 1e6 + 0.5) : -1;
}

/* An ISO 8601 text, naive ones UTC: microseconds, or -1. */
static inline int64_t json_time_iso(json_t *value)
{
    int64_t us;
    bool good = json_is_string(value) &&
                isotime_parse(span_make(json_string_value(value), json_string_length(value)), &us);
    return good ? us : -1;
}

#endif
