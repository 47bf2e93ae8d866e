/* user_story: users and their sets of sessions, as a story tells them. */
#ifndef REDAI_TESTS_UNIT_MODEL_USER_STORY_H
#define REDAI_TESTS_UNIT_MODEL_USER_STORY_H

#include "story.h"

/* Fail the test when there is no such user or session. */
const struct user_view *user_story_of(const struct story *s, const char *id);
enum session_listing user_story_listing(const struct story *s, const char *id);
/* A set is read: its members are separated by blanks; "" there is none. */
void user_story_set(struct story *s, const char *user_id, const char *members);
/* The entries of a user's set that lead nowhere, separated by blanks; "!" stands behind another user's. */
void assert_strays(const struct story *s, const char *user_id, const char *expected);
/* Every count can be had by counting. */
void assert_sound(const struct story *s);

#endif
