/* rule_story: rules, and lines as a person writes them in the configuration. */
#ifndef REDAI_TESTS_UNIT_MODEL_RULE_STORY_H
#define REDAI_TESTS_UNIT_MODEL_RULE_STORY_H

#include "support/unit.h"

#include "redai/model/rule.h"

const struct rule *find(const struct rules *r, const char *name); /* NULL none */
bool set(struct rules *r, const char *line, struct err *err);
/* The line is refused with an error that holds `said` and no control byte, and leaves all rules as they were.
 */
void assert_refused(struct rules *r, const char *line, const char *said);

#endif
