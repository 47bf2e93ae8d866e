#include "alert_words.h"

#include "texts.h"

#include <math.h>
#include <stdio.h>

#include "redai/base/utf8.h"

const char *alert_mark(const struct alert *a)
{
    static const char *const marks[SEVERITY_COUNT] = {
        [SEVERITY_INFO] = "i", [SEVERITY_WARNING] = "!", [SEVERITY_CRITICAL] = "!!"};
    switch (a->state) {
    case ALERT_FIRING:
        return marks[a->rule->severity];
    case ALERT_ACKNOWLEDGED:
        return "a";
    case ALERT_MUTED:
        return "m";
    case ALERT_UNKNOWN:
        return "?";
    default:
        return ".";
    }
}

const char *alert_state_word(enum alert_state state)
{
    static const char *const words[ALERT_STATE_COUNT] = {
        [ALERT_OK] = "ok",
        [ALERT_UNKNOWN] = "unknown",
        [ALERT_PENDING] = "pending",
        [ALERT_FIRING] = "firing",
        [ALERT_ACKNOWLEDGED] = "acked",
        [ALERT_MUTED] = "muted",
        [ALERT_RESOLVED] = "resolved",
    };
    return words[state];
}

enum role alert_role(const struct alert *a)
{
    if (a->state != ALERT_FIRING) {
        return a->state == ALERT_ACKNOWLEDGED ? ROLE_TEXT : a->state == ALERT_PENDING ? ROLE_INFO : ROLE_DIM;
    }
    return a->rule->severity == SEVERITY_CRITICAL  ? ROLE_CRITICAL
           : a->rule->severity == SEVERITY_WARNING ? ROLE_WARNING
                                                   : ROLE_INFO;
}

const char *alert_value(const struct rule *rule, double value, char *out, size_t size)
{
    char number[TEXT_SMALL];
    if (rule->form == RULE_OF_VALUE || isnan(value)) {
        return text_value(value, rule_metrics[rule->metric].unit, out, size);
    }
    const char *unit = rule->form == RULE_OF_CHANGE ? "percent" : rule_metrics[rule->metric].unit;
    text_value(fabs(value), unit, number, sizeof number);
    snprintf(out, size, "%s%s%s", value < 0 ? "-" : "+", number, rule->form == RULE_OF_RATE ? "/s" : "");
    return out;
}

const char *alert_limit(const struct rule *rule, char *out, size_t size)
{
    static const char *const ops[RULE_OP_COUNT] = {[RULE_ABOVE] = ">",
                                                   [RULE_AT_LEAST] = ">=",
                                                   [RULE_BELOW] = "<",
                                                   [RULE_AT_MOST] = "<=",
                                                   [RULE_EQUAL] = "="};
    char value[TEXT_SMALL];
    snprintf(out, size, "%s %s", ops[rule->op], alert_value(rule, rule->value, value, sizeof value));
    return out;
}

const char *alert_muted(const struct look *look, const struct alert *a, char *out, size_t size)
{
    char left[TEXT_SMALL];
    out[0] = '\0';
    if (a->muted_until_us == INT64_MAX) {
        snprintf(out, size, "until :unmute");
    } else if (a->muted_until_us > look->now_us) {
        snprintf(out, size, "%s left", text_coarse(a->muted_until_us - look->now_us, left, sizeof left));
    }
    return out;
}

const char *alert_object(const struct look *look, const struct alert *a, char out[VEIL_MAX])
{
    return look_text(look, rule_metric_about(a->rule->metric), a->object, out);
}

/* A pattern with its %v, %o and %t filled in. */
static const char *fill(const char *pattern, const char *const part[3], char *out, size_t size)
{
    enum { PARTS = 3 };
    UT_string text;
    utstring_init(&text);
    for (const char *p = pattern; *p; p++) {
        size_t which = p[0] == '%' ? span_find(S("vto"), p[1]) : PARTS;
        text_add(&text, which < PARTS ? span_of(part[which]) : span_make(p, 1));
        p += which < PARTS;
    }
    while (text.i > 0 && text.d[text.i - 1] == ' ') {
        text.d[--text.i] = '\0';
    }
    text_copy(out, size, text_span(&text));
    utstring_done(&text);
    return out;
}

const char *alert_text(const struct look *look, const struct alert *a, char *out, size_t size)
{
    char value[TEXT_SMALL];
    char limit[TEXT_SMALL];
    char object[VEIL_MAX];
    if (!look->veil || !a->text[0]) {
        return a->text;
    }
    const char *const part[] = {
        alert_value(a->rule, a->value, value, sizeof value),
        alert_value(a->rule, a->rule->value, limit, sizeof limit),
        alert_object(look, a, object),
    };
    return fill(a->rule->message, part, out, size);
}

const char *alert_pane(const struct rule *rule)
{
    static const struct {
        const char *group, *pane; /* of a metric: what stands before its dot */
    } panes[] = {
        {"cache", "cache"},   {"notifications", "cache"}, {"sessions", "sessions"}, {"queue", "queues"},
        {"batch", "batches"}, {"worker", "workers"},      {"tasks", "tasks"},
    };
    const char *name = rule_metrics[rule->metric].name;
    struct span group = span_head(span_of(name), strcspn(name, "."));
    for (size_t i = 0; !rule->pane && i < sizeof panes / sizeof panes[0]; i++) {
        if (span_equal(group, span_of(panes[i].group))) {
            return panes[i].pane;
        }
    }
    return rule->pane ? rule->pane : "server";
}

const char *alert_next(const struct look *look, const struct alert *a, char *out, size_t size)
{
    char object[VEIL_MAX];
    out[0] = '\0';
    if (a->rule->next) {
        const char *const part[] = {"", "", alert_object(look, a, object)};
        fill(a->rule->next, part, out, size);
    }
    return out;
}
