/* metric_format: a metric's value as a person reads it. */
#include "model_priv.h"

#include <stdio.h>

#include "redai/base/human.h"

#include "redai/model/rule.h"

static void format_bytes(double value, char *out, size_t size)
{
    human_bytes((int64_t)value, out, size);
}

static void format_percent(double value, char *out, size_t size)
{
    human_percent(value, out, size);
}

/* Small ones whole, broken ones (a ratio) with two digits. */
static void format_count(double value, char *out, size_t size)
{
    int64_t whole = (int64_t)value;
    if (value < 1000 && value > (double)whole) {
        int hundredths = (int)(value * 100 + 0.5);
        snprintf(out, size, "%d.%02d", hundredths / 100, hundredths % 100);
    } else {
        human_count(whole, out, size);
    }
}

static void format_rate(double value, char *out, size_t size)
{
    char rate[16];
    snprintf(out, size, "%s/s", human_rate(value, rate, sizeof(rate)));
}

static void format_seconds(double value, char *out, size_t size)
{
    human_duration((int64_t)(value * (double)US_PER_S), out, size);
}

static void format_bool(double value, char *out, size_t size)
{
    snprintf(out, size, "%s", value > 0 ? "yes" : "no");
}

static const struct {
    const char *unit;
    void (*format)(double value, char *out, size_t size);
} by_unit[] = {
    {"bytes", format_bytes}, {"percent", format_percent}, {"count", format_count},
    {"per_s", format_rate},  {"s", format_seconds},       {"bool", format_bool},
};

void metric_format(size_t metric, double value, char *out, size_t size)
{
    if (isnan(value) || metric >= rule_metric_count) {
        snprintf(out, size, "?");
        return;
    }
    if (value > 1e12 && strcmp(rule_metrics[metric].unit, "s") == 0) {
        snprintf(out, size, "endless");
        return;
    }
    /* Beyond any of these units, and within what a conversion to a whole number takes. */
    double most = 1e18;
    value = value > most ? most : value < 0 ? 0 : value;
    for (size_t i = 0; i < sizeof(by_unit) / sizeof(by_unit[0]); i++) {
        if (strcmp(rule_metrics[metric].unit, by_unit[i].unit) == 0) {
            by_unit[i].format(value, out, size);
            return;
        }
    }
    snprintf(out, size, "?");
}

void rule_format(const struct rule *r, double value, char *out, size_t size)
{
    char text[RULE_VALUE_SIZE];
    if (isnan(value) || r->form == RULE_OF_VALUE) {
        metric_format((size_t)r->metric, value, out, size);
        return;
    }
    const char *sign = value < 0 ? "-" : "+";
    if (r->form == RULE_OF_CHANGE) {
        snprintf(out, size, "%s%s", sign, human_percent(fabs(value), text, sizeof(text)));
    } else {
        metric_format((size_t)r->metric, fabs(value), text, sizeof(text));
        snprintf(out, size, "%s%s/s", sign, text);
    }
}
