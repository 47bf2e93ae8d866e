/* rule_value: the words for a rule's values, by the unit of its metric. */
#ifndef REDAI_MODEL_RULE_VALUE_H
#define REDAI_MODEL_RULE_VALUE_H

#include "redai/model/rule.h"

/* The word as a value of the rule: its metric and form are set. False, and *ret as it was, when it is none,
 * or NULL; *ret_expected says what is one, either way. */
bool rule_value(const struct rule *r, const char *word, double *ret, const char **ret_expected);

#endif
