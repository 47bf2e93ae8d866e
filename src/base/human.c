#include "redai/base/human.h"

#include <inttypes.h>
#include <stdio.h>

#include "redai/base/clock.h"

/* Nothing here prints a double: printf would take the decimal point of the user's locale, and one column more
 * than meant where rounding carries. */

static const char *unknown(char *out, size_t size)
{
    snprintf(out, size, "?");
    return out;
}

static const char *with_tenth(int64_t tenths, const char *unit, char *out, size_t size)
{
    snprintf(out, size, "%" PRId64 ".%" PRId64 "%s", tenths / 10, tenths % 10, unit);
    return out;
}

/* Of what is not negative, to the nearest; libm has the same, but base links libc alone. */
static int64_t rounded(double value)
{
    return (int64_t)(value + 0.5);
}

static const char *whole(int64_t value, const char *unit, char *out, size_t size)
{
    snprintf(out, size, "%" PRId64 "%s", value, unit);
    return out;
}

/* Three digits, or two and a tenth, in the unit where they suffice. The step is that between two units. */
static const char *scaled(double value, double step, const char *const *units, char *out, size_t size)
{
    size_t unit = 0;

    /* One unit further where rounding would already show a full step. */
    while (value >= step - 0.5 && units[unit + 1]) {
        value /= step;
        unit++;
    }
    if (unit > 0 && value < 99.95) {
        return with_tenth(rounded(value * 10), units[unit], out, size);
    }
    return whole(rounded(value), units[unit], out, size);
}

const char *human_bytes(int64_t bytes, char *out, size_t size)
{
    static const char *const units[] = {"B", "K", "M", "G", "T", "P", "E", NULL};
    return bytes < 0 ? unknown(out, size) : scaled((double)bytes, 1024, units, out, size);
}

static const char *const count_units[] = {"", "k", "M", "G", "T", "P", "E", NULL};

const char *human_count(int64_t count, char *out, size_t size)
{
    return count < 0 ? unknown(out, size) : scaled((double)count, 1000, count_units, out, size);
}

const char *human_rate(double per_s, char *out, size_t size)
{
    if (!(per_s >= 0) || per_s >= 0x1p63) {
        return unknown(out, size);
    }
    if (per_s >= 0.05 && per_s < 9.95) {
        return with_tenth(rounded(per_s * 10), "", out, size);
    }
    return scaled(per_s, 1000, count_units, out, size);
}

static const char *two_parts(int64_t big, char big_unit, int64_t small, char small_unit, char *out,
                             size_t size)
{
    snprintf(out, size, "%" PRId64 "%c%02" PRId64 "%c", big, big_unit, small, small_unit);
    return out;
}

/* Cut, not rounded, as clocks are: what is "3m" old has been there for three whole minutes. */
const char *human_duration(int64_t us, char *out, size_t size)
{
    const int64_t s = us / US_PER_S;
    const int64_t days = s / 86400;
    const int64_t years = days / 365;

    if (us < 0) {
        return unknown(out, size);
    }
    if (us == 0) {
        return whole(0, "s", out, size);
    }
    if (us < 10 * US_PER_MS) {
        /* The round trip to a healthy local server is a part of a millisecond. */
        return with_tenth(us / 100, "ms", out, size);
    }
    if (us < US_PER_S) {
        return whole(us / US_PER_MS, "ms", out, size);
    }
    if (s < 60) {
        return whole(s, "s", out, size);
    }
    if (s < 3600) {
        return two_parts(s / 60, 'm', s % 60, 's', out, size);
    }
    if (days < 1) {
        return two_parts(s / 3600, 'h', s / 60 % 60, 'm', out, size);
    }
    if (days < 100) {
        return two_parts(days, 'd', s / 3600 % 24, 'h', out, size);
    }
    if (days < 10000) {
        return whole(days, "d", out, size);
    }
    return whole(years < 99999 ? years : 99999, "y", out, size);
}

const char *human_seconds(int64_t s, char *out, size_t size)
{
    return human_duration(s < 0 || s > INT64_MAX / US_PER_S ? -1 : s * US_PER_S, out, size);
}

const char *human_percent(double percent, char *out, size_t size)
{
    if (!(percent >= 0) || percent >= 0x1p63) {
        return unknown(out, size);
    }
    if (percent >= 100) {
        return whole(rounded(percent), "%", out, size);
    }
    /* "100%" is said of all only: 99.97 is 99.9%. */
    int64_t tenths = rounded(percent * 10);
    return with_tenth(tenths < 1000 ? tenths : 999, "%", out, size);
}
