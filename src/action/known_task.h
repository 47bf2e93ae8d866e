/* known_task: whether anybody knows a task's name: the workers, as far as they have told theirs, or a
 * template. Private to action. */
#ifndef REDAI_ACTION_KNOWN_TASK_H
#define REDAI_ACTION_KNOWN_TASK_H

#include "verb.h"

/* Adds a remark to the plan when it seems that no worker would run the task. */
void known_task_say(struct runner *r, const char *task);

#endif
