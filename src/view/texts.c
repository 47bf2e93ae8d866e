#include "texts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/human.h"
#include "redai/base/isotime.h"
#include "redai/base/secret.h"
#include "redai/base/utf8.h"

const char *text_age(int64_t us, char *out, size_t size)
{
    if (us < 0) {
        snprintf(out, size, "?");
    } else if (us < 60 * US_PER_S) {
        snprintf(out, size, "%" PRId64 " s", us / US_PER_S);
    } else {
        human_duration(us, out, size);
    }
    return out;
}

const char *text_data_age(int64_t us, char *out, size_t size)
{
    return text_age(us >= 0 && us < US_PER_S ? US_PER_S : us, out, size);
}

const char *text_coarse(int64_t us, char *out, size_t size)
{
    static const struct {
        int64_t below_s, seconds;
        char unit;
    } steps[] = {{60, 1, 's'},
                 {3600, 60, 'm'},
                 {48 * 3600, 3600, 'h'},
                 {1000 * 86400, 86400, 'd'},
                 {INT64_MAX, 365 * 86400, 'y'}};
    int64_t s = us / US_PER_S;
    if (us < 0) {
        snprintf(out, size, "?");
        return out;
    }
    size_t i = 0;
    while (s >= steps[i].below_s) {
        i++;
    }
    int64_t n = i ? s / steps[i].seconds : s / 5 * 5; /* in steps of 5 s */
    snprintf(out, size, "%" PRId64 "%c", n < 999 ? n : 999, steps[i].unit);
    return out;
}

const char *text_left(int64_t us, char *out, size_t size)
{
    if (us <= 0) {
        snprintf(out, size, "now");
        return out;
    }
    /* Rounded up: "in 0 s" would promise what has not happened. */
    return text_age(us + US_PER_S - 1, out, size);
}

const char *text_share(double part, char *out, size_t size)
{
    if (!(part >= 0)) {
        snprintf(out, size, "?");
        return out;
    }
    double percent = part * 100;
    long whole = lround(percent > 1e6 ? 1e6 : percent);
    if (whole == 100 && percent < 100) {
        whole = 99;
    }
    snprintf(out, size, "%s%ld%%", whole == 0 && percent > 0 ? "<" : "",
             whole == 0 && percent > 0 ? 1 : whole);
    return out;
}

const char *text_plural(int64_t n, const char *one, const char *many, char *out, size_t size)
{
    char count[TEXT_SMALL];
    snprintf(out, size, "%s %s", human_count(n, count, sizeof count), n == 1 ? one : many);
    return out;
}

const char *text_instant(int64_t wall_us, char *out, size_t size)
{
    char iso[40];
    if (wall_us < 0) {
        snprintf(out, size, "?");
        return out;
    }
    isotime_format(wall_us, iso, sizeof iso);
    snprintf(out, size, "%.10s %.8s UTC", iso, strlen(iso) > 11 ? iso + 11 : "");
    return out;
}

const char *text_clock(int64_t wall_us, char *out, size_t size)
{
    char instant[TEXT_SMALL];
    text_instant(wall_us, instant, sizeof instant);
    snprintf(out, size, "%s", strlen(instant) > 11 ? instant + 11 : instant);
    return out;
}

const char *text_value(double value, const char *unit, char *out, size_t size)
{
    char number[TEXT_SMALL];
    if (isnan(value)) {
        snprintf(out, size, "?");
    } else if (strcmp(unit, "bytes") == 0) {
        human_bytes((int64_t)value, out, size);
    } else if (strcmp(unit, "percent") == 0) {
        human_percent(value, out, size);
    } else if (strcmp(unit, "s") == 0) {
        if (value > 1e12) {
            snprintf(out, size, "endless");
        } else if (value < 1) {
            human_duration((int64_t)(value * (double)US_PER_S), out, size);
        } else {
            text_age((int64_t)(value * (double)US_PER_S), out, size);
        }
    } else if (strcmp(unit, "per_s") == 0) {
        snprintf(out, size, "%s/s", human_rate(value, number, sizeof number));
    } else if (strcmp(unit, "bool") == 0) {
        snprintf(out, size, "%s", value > 0 ? "yes" : "no");
    } else if (value >= 0 && value < 1e15 && floor(value) >= value) {
        human_count((int64_t)value, out, size);
    } else {
        human_rate(value, out, size);
    }
    return out;
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

#define EACH_BYTE UINT64_C(0x0101010101010101)

/* Whether one of eight bytes is a small letter (then the capital counts, too) or another byte. */
static bool eight_hold(const char *at, unsigned char first)
{
    uint64_t word;
    uint64_t both = first >= 'a' && first <= 'z' ? 0x20 * EACH_BYTE : 0;
    memcpy(&word, at, sizeof word);
    word = (word | both) ^ first * EACH_BYTE;
    return ((word - EACH_BYTE) & ~word & 0x80 * EACH_BYTE) != 0;
}

static bool begins_with(const char *at, struct span needle)
{
    size_t k = 0;
    while (k < needle.len && lower(at[k]) == lower(needle.data[k])) {
        k++;
    }
    return k == needle.len;
}

/* A filter asks this of each column of a hundred thousand rows with each letter that is typed. */
bool text_contains(struct span text, struct span needle)
{
    if (needle.len == 0) {
        return true;
    }
    if (needle.len > text.len) {
        return false;
    }
    unsigned char first = lower(needle.data[0]);
    size_t places = text.len - needle.len + 1;
    for (size_t i = 0; i < places;) {
        if (i + sizeof(uint64_t) <= text.len && !eight_hold(text.data + i, first)) {
            i += sizeof(uint64_t);
        } else if (lower(text.data[i]) == first && begins_with(text.data + i, needle)) {
            return true;
        } else {
            i++;
        }
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Compares two runs of digits by value and moves behind them. */
static int digits_order(const char **a, const char **b)
{
    while (**a == '0') {
        ++*a;
    }
    while (**b == '0') {
        ++*b;
    }
    size_t la = strspn(*a, "0123456789");
    size_t lb = strspn(*b, "0123456789");
    int order = la != lb ? (la < lb ? -1 : 1) : memcmp(*a, *b, la);
    *a += la;
    *b += lb;
    return order;
}

int text_order(const char *a, const char *b)
{
    while (*a && *b) {
        int order;
        if (is_digit(*a) && is_digit(*b)) {
            order = digits_order(&a, &b);
        } else {
            order = (int)lower(*a++) - (int)lower(*b++);
        }
        if (order) {
            return order;
        }
    }
    return (int)lower(*a) - (int)lower(*b);
}

size_t text_wrap(struct span text, int cols)
{
    size_t at = 0;
    size_t blank = 0;
    int used = 0;
    while (at < text.len) {
        uint32_t cp;
        size_t n = utf8_decode(span_skip(text, at), &cp);
        int w = utf8_width(cp);
        if (used + w > cols) {
            return blank > at / 2 ? blank : at ? at : n;
        }
        used += w;
        at += n;
        if (cp == ' ') {
            blank = at;
        }
    }
    return at;
}

void text_copy(char *out, size_t size, struct span s)
{
    if (size == 0) {
        return;
    }
    size_t n = s.len < size - 1 ? s.len : size - 1;
    if (n < s.len) {
        while (n > 0 && ((unsigned char)s.data[n] & 0xC0u) == 0x80u) {
            n--;
        }
    }
    if (n) {
        memcpy(out, s.data, n);
    }
    out[n] = '\0';
}

void text_quote(char *out, size_t size, const char *text)
{
    UT_string shown;
    utstring_init(&shown);
    secret_mask(span_of(text), &shown);
    text_copy(out, size, text_span(&shown));
    utstring_done(&shown);
}
