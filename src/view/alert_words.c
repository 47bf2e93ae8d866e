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
