#include "schema/python.h"

#include <stdint.h>
#include <stdio.h>

#include "redai/base/base64.h"
#include "redai/base/isotime.h"

bool python_truth(json_t *value)
{
    if (!value) {
        return false;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return json_object_size(value) > 0;
    case JSON_ARRAY:
        return json_array_size(value) > 0;
    case JSON_STRING:
        return json_string_length(value) > 0;
    case JSON_INTEGER:
        return json_integer_value(value) != 0;
    case JSON_REAL:
        return json_real_value(value) < 0 || json_real_value(value) > 0;
    case JSON_TRUE:
        return true;
    default:
        return false;
    }
}

size_t python_length(json_t *value)
{
    if (json_is_array(value)) {
        return json_array_size(value);
    }
    if (json_is_object(value)) {
        return json_object_size(value);
    }
    if (!json_is_string(value)) {
        return SIZE_MAX;
    }
    size_t characters = 0;
    for (size_t i = 0; i < json_string_length(value); i++) {
        characters += ((unsigned char)json_string_value(value)[i] & 0xC0) != 0x80;
    }
    return characters;
}

size_t python_depth(json_t *value)
{
    size_t deepest = 0;

    if (!json_is_array(value) && !json_is_object(value)) {
        return 0;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        size_t depth = python_depth(json_array_get(value, i));
        deepest = depth > deepest ? depth : deepest;
    }
    for (void *it = json_object_iter(value); it; it = json_object_iter_next(value, it)) {
        size_t depth = python_depth(json_object_iter_value(it));
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

bool python_base64(struct span text, UT_string *out)
{
    UT_string clean;
    size_t place = 0; /* in the group of four */
    size_t pads = 0;
    bool ended = false;

    utstring_init(&clean);
    utstring_reserve(&clean, text.len + 1);
    for (size_t i = 0; i < text.len && !ended; i++) {
        if (text.data[i] == '=') {
            ended = place >= 2 && place + ++pads >= 4;
        } else if (is_base64(text.data[i])) {
            pads = 0;
            place = (place + 1) % 4;
            utstring_bincpy(&clean, text.data + i, 1);
        }
    }
    if (ended) {
        text_add(&clean, span_head(S("=="), 4 - place));
        place = 0;
    }
    bool good = place == 0 && base64_decode(text_span(&clean), out);
    utstring_done(&clean);
    return good;
}

static bool take_digits(struct span *s, size_t min, size_t max, int *ret)
{
    size_t n = 0;
    int value = 0;
    while (n < s->len && n < max && s->data[n] >= '0' && s->data[n] <= '9') {
        value = value * 10 + (s->data[n] - '0');
        n++;
    }
    if (n < min) {
        return false;
    }
    *s = span_skip(*s, n);
    *ret = value;
    return true;
}

static bool take_char(struct span *s, char c)
{
    if (s->len == 0 || s->data[0] != c) {
        return false;
    }
    *s = span_skip(*s, 1);
    return true;
}

/* ":05(.123)?" behind hour and minute; false only when the fraction is more than Python's datetime takes. */
static bool take_seconds(struct span *s, int *ret_second)
{
    struct span rest = *s;
    if (!take_char(&rest, ':') || !take_digits(&rest, 2, 2, ret_second)) {
        *ret_second = 0;
        return true;
    }
    *s = rest;
    int digit;
    long fraction = 0;
    if (take_char(&rest, '.') && take_digits(&rest, 1, 1, &digit)) {
        do {
            fraction = fraction > 999999 ? fraction : fraction * 10 + digit;
        } while (take_digits(&rest, 1, 1, &digit));
        *s = rest;
    }
    return fraction <= 999999;
}

/* "+01:30": pytz takes less than a day. Anything else is not looked at. */
static bool zone_fits(struct span s)
{
    int hours;
    int minutes;
    if (!take_char(&s, '+') && !take_char(&s, '-')) {
        return true;
    }
    bool whole = take_digits(&s, 2, 2, &hours) && take_char(&s, ':') && take_digits(&s, 2, 2, &minutes);
    return !whole || hours * 60 + minutes < 24 * 60;
}

static bool date_exists(int year, int month, int day)
{
    char text[64];
    int64_t us;
    int len = snprintf(text, sizeof(text), "%04d-%02d-%02dT00:00:00", year, month, day);
    return year > 0 && isotime_parse(span_make(text, (size_t)len), &us);
}

static bool is_time(struct span s)
{
    int year;
    int month;
    int day;
    int hour = 0;
    int minute = 0;
    int second = 0;

    if (!take_digits(&s, 4, 4, &year) || !take_char(&s, '-') || !take_digits(&s, 1, 2, &month) ||
        !take_char(&s, '-') || !take_digits(&s, 1, 2, &day) || !date_exists(year, month, day)) {
        return false;
    }
    /* One separator of any kind but a line end, then hh:mm; else the rest is ignored. */
    if (s.len == 0 || s.data[0] == '\n') {
        return true;
    }
    size_t separator = 1;
    while (separator < s.len && ((unsigned char)s.data[separator] & 0xC0) == 0x80) {
        separator++;
    }
    s = span_skip(s, separator);
    if (!take_digits(&s, 2, 2, &hour) || !take_char(&s, ':') || !take_digits(&s, 2, 2, &minute)) {
        return true;
    }
    return take_seconds(&s, &second) && hour < 24 && minute < 60 && second < 60 && zone_fits(s);
}

enum python_time python_time(json_t *value)
{
    if (!value || json_is_null(value)) {
        return PYTHON_TIME_GOOD;
    }
    if (!python_truth(value)) {
        return PYTHON_TIME_EMPTY;
    }
    if (!json_is_string(value)) {
        return PYTHON_TIME_BAD;
    }
    struct span text = span_make(json_string_value(value), json_string_length(value));
    return is_time(text) ? PYTHON_TIME_GOOD : PYTHON_TIME_BAD;
}
