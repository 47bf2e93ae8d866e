#include "alert_words.h"

#include "texts.h"

#include <stdio.h>

const char *alert_mark(const struct alert *a)
{
    static const char *const marks[SEVERITY_COUNT] = {
        [SEVERITY_INFO] = "i", [SEVERITY_WARNING] = "!", [SEVERITY_CRITICAL] = "!!"};
    if (a->state == ALERT_FIRING) {
        return marks[a->rule->severity];
    }
    return a->state == ALERT_ACKNOWLEDGED ? "a" : a->state == ALERT_UNKNOWN ? "?" : ".";
}

const char *alert_state_word(enum alert_state state)
{
    static const char *const words[ALERT_STATE_COUNT] = {
        [ALERT_OK] = "ok",         [ALERT_UNKNOWN] = "unknown",    [ALERT_PENDING] = "pending",
        [ALERT_FIRING] = "firing", [ALERT_ACKNOWLEDGED] = "acked", [ALERT_RESOLVED] = "resolved",
    };
    return words[state];
}

const char *alert_limit(const struct rule *rule, char *out, size_t size)
{
    static const char *const ops[RULE_OP_COUNT] = {[RULE_ABOVE] = ">",
                                                   [RULE_AT_LEAST] = ">=",
                                                   [RULE_BELOW] = "<",
                                                   [RULE_AT_MOST] = "<=",
                                                   [RULE_EQUAL] = "="};
    char value[TEXT_SMALL];
    snprintf(out, size, "%s %s", ops[rule->op],
             text_value(rule->value, rule_metrics[rule->metric].unit, value, sizeof value));
    return out;
}

const char *alert_text(const struct look *look, const struct alert *a, char *out, size_t size)
{
    char value[TEXT_SMALL];
    char limit[TEXT_SMALL];
    char object[VEIL_MAX];
    enum { PARTS = 3 };
    UT_string text;
    if (!look->veil || !a->text[0]) {
        return a->text;
    }
    const char *unit = rule_metrics[a->rule->metric].unit;
    const char *const part[PARTS] = {
        text_value(a->value, unit, value, sizeof value),
        text_value(a->rule->value, unit, limit, sizeof limit),
        look_text(look, rule_metric_about(a->rule->metric), a->object, object),
    };
    utstring_init(&text);
    for (const char *p = a->rule->message; *p; p++) {
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
