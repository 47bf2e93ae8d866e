#include "redai/base/num.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "redai/base/clock.h"

/* The longest finite double written out in full has 309 digits before the point. */
enum { F64_TEXT_MAX = 512 };

struct unit {
    struct span name; /* compared without regard to case */
    int64_t factor;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool num_i64(struct span s, int64_t *ret)
{
    size_t at = 0;
    bool negative = s.len > 0 && s.data[0] == '-';
    int64_t value = 0;

    if (s.len > 0 && (s.data[0] == '-' || s.data[0] == '+')) {
        at = 1;
    }
    if (at == s.len) {
        return false;
    }
    for (; at < s.len; at++) {
        if (!is_digit(s.data[at])) {
            return false;
        }
        /* Gathered below zero when negative, since INT64_MIN has no positive twin. */
        int64_t digit = s.data[at] - '0';
        if (__builtin_mul_overflow(value, INT64_C(10), &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value)) {
            return false;
        }
    }
    *ret = value;
    return true;
}

bool num_i64_range(struct span s, int64_t min, int64_t max, int64_t *ret)
{
    int64_t value;
    if (!num_i64(s, &value) || value < min || value > max) {
        return false;
    }
    *ret = value;
    return true;
}

static size_t skip_digits(struct span s, size_t at)
{
    while (at < s.len && is_digit(s.data[at])) {
        at++;
    }
    return at;
}

/* strtod also takes blanks, hex, "inf" and "nan"; none of these is a number to us. */
static bool looks_like_f64(struct span s)
{
    size_t at = s.len > 0 && (s.data[0] == '-' || s.data[0] == '+') ? 1 : 0;
    size_t start = at;

    at = skip_digits(s, at);
    size_t digits = at - start;
    if (at < s.len && s.data[at] == '.') {
        start = at + 1;
        at = skip_digits(s, start);
        digits += at - start;
    }
    if (digits == 0) {
        return false;
    }
    if (at < s.len && (s.data[at] == 'e' || s.data[at] == 'E')) {
        at++;
        if (at < s.len && (s.data[at] == '-' || s.data[at] == '+')) {
            at++;
        }
        start = at;
        at = skip_digits(s, start);
        if (at == start) {
            return false;
        }
    }
    return at == s.len;
}

bool num_f64(struct span s, double *ret)
{
    char text[F64_TEXT_MAX];

    if (s.len >= sizeof(text) || !looks_like_f64(s)) {
        return false;
    }
    memcpy(text, s.data, s.len);
    text[s.len] = '\0';

    /* The user's locale may want a comma. The C locale is built into libc: no file is read for it. */
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0) {
        return false;
    }
    double value = strtod_l(text, NULL, c_locale);
    freelocale(c_locale);
    if (!isfinite(value)) {
        return false;
    }
    *ret = value;
    return true;
}

/* A plain number times the factor of the unit behind it; never negative. */
static bool scaled(struct span s, const struct unit *units, size_t count, int64_t *ret)
{
    size_t at = skip_digits(s, 0);
    if (at < s.len && s.data[at] == '.') {
        at = skip_digits(s, at + 1);
    }
    struct span number = span_head(s, at);
    struct span name = span_skip(s, at);
    int64_t factor = 0;
    int64_t whole;
    double broken;

    for (size_t i = 0; i < count; i++) {
        if (units[i].name.len == name.len &&
            (name.len == 0 || strncasecmp(units[i].name.data, name.data, name.len) == 0)) {
            factor = units[i].factor;
            break;
        }
    }
    if (factor == 0) {
        return false;
    }
    if (num_i64(number, &whole)) {
        if (__builtin_mul_overflow(whole, factor, &whole)) {
            return false;
        }
        *ret = whole;
        return true;
    }
    /* A fraction of the smallest unit would be dropped in silence. */
    if (factor == 1 || span_find(number, '.') == number.len || !num_f64(number, &broken)) {
        return false;
    }
    broken *= (double)factor;
    if (broken >= 0x1p63) {
        return false;
    }
    *ret = (int64_t)(broken + 0.5);
    return true;
}

bool num_bytes(struct span s, int64_t *ret)
{
    static const struct unit units[] = {
        {SPAN_LITERAL(""), 1},
        {SPAN_LITERAL("b"), 1},
        {SPAN_LITERAL("k"), INT64_C(1) << 10},
        {SPAN_LITERAL("kb"), INT64_C(1) << 10},
        {SPAN_LITERAL("m"), INT64_C(1) << 20},
        {SPAN_LITERAL("mb"), INT64_C(1) << 20},
        {SPAN_LITERAL("g"), INT64_C(1) << 30},
        {SPAN_LITERAL("gb"), INT64_C(1) << 30},
        {SPAN_LITERAL("t"), INT64_C(1) << 40},
        {SPAN_LITERAL("tb"), INT64_C(1) << 40},
    };
    return scaled(s, units, sizeof(units) / sizeof(units[0]), ret);
}

bool num_duration_us(struct span s, int64_t *ret)
{
    static const struct unit units[] = {
        {SPAN_LITERAL(""), US_PER_S},          {SPAN_LITERAL("us"), 1},
        {SPAN_LITERAL("ms"), US_PER_MS},       {SPAN_LITERAL("s"), US_PER_S},
        {SPAN_LITERAL("m"), 60 * US_PER_S},    {SPAN_LITERAL("h"), 3600 * US_PER_S},
        {SPAN_LITERAL("d"), 86400 * US_PER_S},
    };
    return scaled(s, units, sizeof(units) / sizeof(units[0]), ret);
}
