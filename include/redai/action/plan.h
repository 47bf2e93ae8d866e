/* plan: what an order would do, looked up but not done: the exact commands, how many things it hits, a sample
 * of them, what is worth knowing first, and how it must be confirmed. All texts are display copies without
 * secrets (session ids shortened). */
#ifndef REDAI_ACTION_PLAN_H
#define REDAI_ACTION_PLAN_H

#include "redai/action/order.h"

enum plan_confirm {
    PLAN_CONFIRM_KEY,  /* y */
    PLAN_CONFIRM_TYPED /* the text of `typed` must be typed: a count or a name */
};

struct plan {
    enum verb verb;
    char *title;      /* "revoke 3 sessions of user 7" */
    UT_array command; /* of char *: exact commands, display; repeated ones once with "x 312" */
    UT_array sample;  /* of char *: some victims */
    UT_array remark;  /* of char *: what one should know ("2 sessions are missing from the user's index") */
    int64_t count;    /* things hit; -1 unknown */
    int64_t kept;     /* how many of them are kept, so that they can be put back */
    bool destructive;
    enum plan_confirm confirm;
    char *typed; /* PLAN_CONFIRM_TYPED */
    const char
        *strict; /* borrowed: what must be typed at least, where a key would do elsewhere; NULL: a key does */
    char *result; /* what stdout gets when done: the task id, a count */
};

void plan_init(struct plan *p);
void plan_release(struct plan *p);
/* The whole plan as text lines, for the shell. */
void plan_write(const struct plan *p, UT_string *out);

#endif
