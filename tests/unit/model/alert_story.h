/* alert_story: a story's rules and alerts. */
#ifndef REDAI_TESTS_UNIT_MODEL_ALERT_STORY_H
#define REDAI_TESTS_UNIT_MODEL_ALERT_STORY_H

#include "story.h"

/* An alert line, words separated by blanks (none quoted); fails the test when it is refused. */
void alert_rule(struct story *s, const char *line);
#define SET alert_rule
/* The row of a rule and a thing ("": the rule as a whole); find: NULL none, alert: fails the test. */
const struct alert *find(const struct story *s, const char *rule, const char *thing);
const struct alert *alert(const struct story *s, const char *rule, const char *thing);
size_t rows(const struct story *s, const char *rule);
/* So many names and depths (int): tells them as a whole poll, and judges. */
void queues(struct story *s, int count, ...);
void judge_queues(struct story *s);
/* "firing a" for each transition from the n-th on, "," between them; in a buffer of the callee. */
const char *log_from(const struct story *s, size_t n);

#endif
