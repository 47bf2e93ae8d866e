#include "redai/base/isotime.h"

#include <stdio.h>

#include "redai/base/clock.h"

#define S_PER_DAY INT64_C(86400)

struct civil {
    int64_t year; /* 1..9999, as in Python */
    int64_t month;
    int64_t day;
};

/* Both ways after Howard Hinnant's chrono algorithms: years are counted from March, so that the leap day is
 * the last of its year, and days from 0000-03-01. The platform's years are positive. */
enum { DAYS_TO_1970 = 719468, DAYS_PER_ERA = 146097 };

static int64_t days_of(struct civil c)
{
    int64_t year = c.month <= 2 ? c.year - 1 : c.year;
    int64_t era = year / 400;
    int64_t of_era = year % 400;
    int64_t day_of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;

    return era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - DAYS_TO_1970;
}

static struct civil civil_of(int64_t days)
{
    days += DAYS_TO_1970;
    int64_t era = days / DAYS_PER_ERA;
    int64_t rest = days % DAYS_PER_ERA;
    int64_t of_era = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
    int64_t day_of_year = rest - (365 * of_era + of_era / 4 - of_era / 100);
    int64_t march = (5 * day_of_year + 2) / 153;
    int64_t month = march < 10 ? march + 3 : march - 9;

    return (struct civil){
        .year = era * 400 + of_era + (month <= 2),
        .month = month,
        .day = day_of_year - (153 * march + 2) / 5 + 1,
    };
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

/* Takes exactly count digits off the front. */
static bool take_digits(struct span *s, size_t count, int64_t min, int64_t max, int64_t *ret)
{
    int64_t value = 0;

    if (s->len < count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (s->data[i] < '0' || s->data[i] > '9') {
            return false;
        }
        value = value * 10 + (s->data[i] - '0');
    }
    *s = span_skip(*s, count);
    *ret = value;
    return value >= min && value <= max;
}

static bool take_char(struct span *s, char wanted)
{
    if (s->len == 0 || s->data[0] != wanted) {
        return false;
    }
    *s = span_skip(*s, 1);
    return true;
}

/* The digits behind the point; what is finer than a microsecond is dropped. */
static bool take_fraction(struct span *s, int64_t *ret_us)
{
    int64_t scale = US_PER_S;
    int64_t us = 0;
    int64_t digit;
    size_t count = 0;

    while (take_digits(s, 1, 0, 9, &digit)) {
        scale /= 10;
        us += digit * scale;
        count++;
    }
    *ret_us = us;
    return count > 0;
}

static bool take_zone(struct span *s, int64_t *ret_offset_s)
{
    int64_t hours = 0;
    int64_t minutes = 0;

    *ret_offset_s = 0;
    if (s->len == 0 || take_char(s, 'Z')) {
        return true;
    }
    int64_t sign = s->data[0] == '-' ? -1 : 1;
    if (!take_char(s, '-') && !take_char(s, '+')) {
        return false;
    }
    if (!take_digits(s, 2, 0, 23, &hours) || !take_char(s, ':') || !take_digits(s, 2, 0, 59, &minutes)) {
        return false;
    }
    *ret_offset_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool isotime_parse(struct span s, int64_t *ret_wall_us)
{
    struct civil date;
    int64_t hour;
    int64_t minute;
    int64_t second;
    int64_t us = 0;
    int64_t offset_s;

    if (!take_digits(&s, 4, 1, 9999, &date.year) || !take_char(&s, '-') ||
        !take_digits(&s, 2, 1, 12, &date.month) || !take_char(&s, '-') ||
        !take_digits(&s, 2, 1, days_in_month(date.year, date.month), &date.day)) {
        return false;
    }
    if (!take_char(&s, 'T') && !take_char(&s, ' ')) {
        return false;
    }
    if (!take_digits(&s, 2, 0, 23, &hour) || !take_char(&s, ':') || !take_digits(&s, 2, 0, 59, &minute) ||
        !take_char(&s, ':') || !take_digits(&s, 2, 0, 59, &second)) {
        return false;
    }
    if (take_char(&s, '.') && !take_fraction(&s, &us)) {
        return false;
    }
    if (!take_zone(&s, &offset_s) || s.len > 0) {
        return false;
    }
    int64_t seconds = days_of(date) * S_PER_DAY + hour * 3600 + minute * 60 + second - offset_s;
    *ret_wall_us = seconds * US_PER_S + us;
    return true;
}

/* Floors the division, since a remainder below zero has no place on a clock. */
static int64_t split(int64_t value, int64_t by, int64_t *ret_rest)
{
    int64_t whole = value / by;
    int64_t rest = value % by;

    if (rest < 0) {
        whole--;
        rest += by;
    }
    *ret_rest = rest;
    return whole;
}

static void format(int64_t wall_us, bool celery, char *out, size_t size)
{
    const int64_t first_day = days_of((struct civil){1, 1, 1});
    const int64_t last_day = days_of((struct civil){9999, 12, 31});
    int64_t us;
    int64_t second_of_day;
    int64_t seconds = split(wall_us, US_PER_S, &us);
    int64_t days = split(seconds, S_PER_DAY, &second_of_day);

    if (days < first_day || days > last_day) {
        snprintf(out, size, "?");
        return;
    }
    struct civil date = civil_of(days);
    int hour = (int)(second_of_day / 3600);
    int minute = (int)(second_of_day / 60 % 60);
    int second = (int)(second_of_day % 60);
    char end[16] = "Z";
    if (celery) {
        snprintf(end, sizeof(end), ".%06d+00:00", (int)us);
    }
    snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02d%s", (int)date.year, (int)date.month, (int)date.day,
             hour, minute, second, end);
}

void isotime_format(int64_t wall_us, char *out, size_t size)
{
    format(wall_us, false, out, size);
}

void isotime_format_celery(int64_t wall_us, char *out, size_t size)
{
    format(wall_us, true, out, size);
}
