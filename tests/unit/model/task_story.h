/* task_story: stories of tasks. */
#ifndef REDAI_TESTS_MODEL_TASK_STORY_H
#define REDAI_TESTS_MODEL_TASK_STORY_H

#include "story.h"

const struct task *task(const struct story *s, const char *id); /* fails the test when there is none */
void assert_state(const struct story *s, const char *id, enum task_state state, enum task_source source);
long long wall(const struct story *s);
/* unacked and what a worker holds (NULL: no worker) are read, and nothing is told of them. */
void sweep(struct story *s, const char *worker);
/* Further members in more. */
void tell_unacked(struct story *s, const char *id, const char *more);
void tell_event(struct story *s, const char *id, const char *event, const char *more);
void worker_answers(struct story *s, const char *name);

#endif
