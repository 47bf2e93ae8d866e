#include "server_words.h"

#include "texts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"

/* One digit behind the point while there are two before it at most; no locale has a say. */
static const char *scaled(double value, const char *unit, char *out, size_t size)
{
    const double fine = 99.95;
    int64_t tenths = (int64_t)(value * 10 + 0.5);
    if (value < fine && tenths % 10) {
        snprintf(out, size, "%" PRId64 ".%" PRId64 "%s", tenths / 10, tenths % 10, unit);
    } else {
        snprintf(out, size, "%" PRId64 "%s", (int64_t)(value + 0.5), unit);
    }
    return out;
}

const char *server_us(double us, char *out, size_t size)
{
    const double most = 60e6;
    if (!(us >= 0)) {
        snprintf(out, size, "?");
        return out;
    }
    if (us < 999.5) {
        return scaled(us, "us", out, size);
    }
    if (us < 999.5e3) {
        return scaled(us / 1e3, "ms", out, size);
    }
    if (us < most) {
        return scaled(us / 1e6, "s", out, size);
    }
    return human_duration(us < 1e18 ? (int64_t)us : -1, out, size);
}

const char *vital_text(const struct vital *v, double value, char *out, size_t size)
{
    char text[TEXT_SMALL];
    if (isnan(value)) {
        snprintf(out, size, "?");
    } else if (strcmp(v->unit, "bytes_per_s") == 0) {
        snprintf(out, size, "%s/s", human_bytes(value < 1e18 ? (int64_t)value : -1, text, sizeof text));
    } else if (strcmp(v->unit, "s") == 0) {
        return server_us(value * (double)US_PER_S, out, size);
    } else if (strcmp(v->unit, "ratio") == 0) {
        return scaled(value, "x", out, size);
    } else {
        return text_value(value, v->unit, out, size);
    }
    return out;
}

enum role vital_role(enum vital_tone tone)
{
    return tone == VITAL_CRITICAL  ? ROLE_CRITICAL
           : tone == VITAL_WARNING ? ROLE_WARNING
           : tone == VITAL_GOOD    ? ROLE_GOOD
                                   : ROLE_VALUE;
}

const char *vital_mark(enum vital_tone tone)
{
    return tone == VITAL_CRITICAL ? "!!" : tone == VITAL_WARNING ? "!" : "";
}

void vital_spark(const struct vital *v, struct field *out)
{
    bool level =
        strcmp(v->unit, "bytes") == 0 || strcmp(v->unit, "count") == 0 || strcmp(v->unit, "ratio") == 0;
    double low = (double)INFINITY;
    double high = 0;
    field_spark(out, v->series);
    for (size_t i = 0; i < out->sparks; i++) {
        low = out->spark[i] < low ? out->spark[i] : low;
        high = out->spark[i] > high ? out->spark[i] : high;
    }
    const double moved = 0.002; /* of it; less is a flat line */
    low = level ? low : 0;
    bool flat = level && high - low <= moved * high;
    for (size_t i = 0; i < out->sparks; i++) {
        out->spark[i] = isnan(out->spark[i]) ? out->spark[i] : flat ? 0 : out->spark[i] - low;
    }
}

const char *shape_text(const struct look *look, const char *shape, char *out, size_t size)
{
    char shown[VEIL_MAX];
    struct span all = span_of(shape);
    size_t word = span_find(all, ' ');
    if (!look->veil || word == all.len) {
        return shape;
    }
    struct span rest = span_skip(all, word + 1);
    size_t used = (size_t)snprintf(out, size, "%.*s", (int)word, all.data);
    while (rest.len && used + 2 < size) {
        size_t n = span_find(rest, ' ');
        veil_text(look->veil, VEIL_KEY, span_head(rest, n), shown, sizeof shown);
        used += (size_t)snprintf(out + used, size - used, " %s", shown);
        used = used < size ? used : size;
        rest = span_skip(rest, n + 1);
    }
    return out;
}

void slow_threshold(const struct look *look, char *out, size_t size)
{
    char text[TEXT_SMALL];
    int64_t us = model_slow_threshold_us(look->m);
    if (us < 0) {
        snprintf(out, size, "slowlog-log-slower-than is off or unknown");
    } else {
        snprintf(out, size, "slower than %s is logged", server_us((double)us, text, sizeof text));
    }
}
