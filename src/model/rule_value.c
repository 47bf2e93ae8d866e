/* rule_value: the words for a rule's values, by the unit of its metric. */
#include "rule_value.h"

#include "redai/base/clock.h"
#include "redai/base/num.h"

static bool read_bool(struct span word, double *ret)
{
    static const struct {
        struct span word;
        double value;
    } words[] = {
        {SPAN_LITERAL("1"), 1},  {SPAN_LITERAL("0"), 0},    {SPAN_LITERAL("yes"), 1},
        {SPAN_LITERAL("no"), 0}, {SPAN_LITERAL("true"), 1}, {SPAN_LITERAL("false"), 0},
        {SPAN_LITERAL("on"), 1}, {SPAN_LITERAL("off"), 0},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_equal(word, words[i].word)) {
            *ret = words[i].value;
            return true;
        }
    }
    return false;
}

static bool read_bytes(struct span word, double *ret)
{
    int64_t bytes;
    bool ok = num_bytes(word, &bytes);
    *ret = ok ? (double)bytes : *ret;
    return ok;
}

static bool read_seconds(struct span word, double *ret)
{
    int64_t us;
    bool ok = num_duration_us(word, &us);
    *ret = ok ? (double)us / (double)US_PER_S : *ret;
    return ok;
}

static bool read_count(struct span word, double *ret)
{
    return num_f64(word, ret) && *ret >= 0;
}

static bool read_rate(struct span word, double *ret)
{
    return read_count(span_ends(word, S("/s")) ? span_head(word, word.len - 2) : word, ret);
}

static bool read_percent(struct span word, double *ret)
{
    return read_count(span_ends(word, S("%")) ? span_head(word, word.len - 1) : word, ret);
}

static const struct {
    const char *unit;
    bool (*read)(struct span word, double *ret);
    const char *expected;
} by_unit[] = {
    {"bytes", read_bytes, "bytes such as 512mb or 1.5gb"},
    {"percent", read_percent, "a percentage such as 70"},
    {"count", read_count, "a number"},
    {"per_s", read_rate, "a number a second such as 100"},
    {"s", read_seconds, "a time such as 30s or 5m"},
    {"bool", read_bool, "yes or no"},
};

static const char *expected_of(const struct rule *r, size_t unit)
{
    /* In the order of by_unit. */
    static const char *const rates[] = {
        "bytes a second such as 5mb or -5mb", "percentage points a second such as 0.5",
        "a number a second such as 5 or -5",  "a number such as 5 or -5",
        "seconds a second such as 0.5",       "nothing",
    };
    return r->form == RULE_OF_VALUE    ? by_unit[unit].expected
           : r->form == RULE_OF_CHANGE ? "a percentage such as 20 or -20"
                                       : rates[unit];
}

/* What grows or falls has a sign, and may be said to be "a second". */
static bool read_signed(const struct rule *r, size_t unit, struct span word, double *ret)
{
    bool minus = span_starts(word, S("-"));
    double value = 0;
    word = minus || span_starts(word, S("+")) ? span_skip(word, 1) : word;
    if (r->form == RULE_OF_RATE && span_ends(word, S("/s"))) {
        word = span_head(word, word.len - 2);
    }
    bool ok = r->form == RULE_OF_CHANGE ? read_percent(word, &value) : by_unit[unit].read(word, &value);
    *ret = ok ? minus ? -value : value : *ret;
    return ok;
}

bool rule_value(const struct rule *r, const char *word, double *ret, const char **ret_expected)
{
    const char *unit = rule_metrics[r->metric].unit;
    size_t i = 0;
    while (i + 1 < sizeof(by_unit) / sizeof(by_unit[0]) && strcmp(by_unit[i].unit, unit) != 0) {
        i++;
    }
    *ret_expected = expected_of(r, i);
    if (!word) {
        return false;
    }
    return r->form == RULE_OF_VALUE ? by_unit[i].read(span_of(word), ret)
                                    : read_signed(r, i, span_of(word), ret);
}
