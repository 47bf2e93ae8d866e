/* repair: sessions and the indexes of their users brought together again: orphans (live, missing from the
 * index) are put in, stale entries (their session has ended) are taken out. Each is looked up for the plan,
 * and again under WATCH when it is done. Private to action. */
#ifndef REDAI_ACTION_REPAIR_H
#define REDAI_ACTION_REPAIR_H

#include "verb.h"

/* What the platform gives an index at each log-in (its SESSION_TTL). */
#define REPAIR_INDEX_TTL_S INT64_C(86400)

enum repair_fate {
    REPAIR_OPEN, /* to be done */
    REPAIR_DONE,
    REPAIR_NEEDLESS, /* it is in order already */
    REPAIR_CHANGED,  /* it is not as it was: left alone */
    REPAIR_FAILED,
    REPAIR_UNKNOWN,
    REPAIR_FATES
};

struct repair_entry {
    char *id;
    size_t id_len;
    size_t user; /* of repair.user */
    bool orphan; /* to be put in; else to be taken out */
    /* as it was last looked up */
    bool indexed, unread;
    char *owner;     /* user_id of its value; NULL: it names none */
    int64_t pttl_ms; /* -2 no such session, -1 it never expires, -3 not known */
    char *error;
    enum repair_fate fate;
    const char *why; /* of what is left alone */
};

struct repair_user {
    char *id, *shown;
    size_t end;         /* entries of this and of earlier users */
    int64_t pttl_ms;    /* of the index: -2 there is none, -1 never expires, -3 not known */
    int64_t expire_s;   /* to be given to it; 0: it lives long enough */
    int64_t put, taken; /* done */
    int64_t lives_ms;   /* of the index afterwards; as pttl_ms */
    bool told;
};

struct repair {
    UT_array entry; /* of struct repair_entry, those of a user together */
    UT_array user;  /* of struct repair_user */
    size_t at, end; /* the group under way */
    int tries;
    bool aborted, executed, unsent;
    char *error;      /* of the group */
    int64_t connects; /* WATCH holds for one connection */
    int64_t left_alone[REPAIR_FATES];
};

struct repair *repair_new(const struct order *o);
void repair_release(void *repair);
size_t repair_count(const struct repair *v);
struct repair_entry *repair_at(const struct repair *v, size_t i);
struct repair_user *repair_user_at(const struct repair *v, size_t i);
static inline struct span repair_id(const struct repair_entry *e)
{
    return (struct span){e->id, e->id_len};
}

/* Looks up the entries from at to end; their fates are REPAIR_OPEN afterwards where they are still to be
 * done. */
void repair_look(struct runner *r, step_fn then);
/* Decides from what was looked up. A longer life that an index needs is only ever raised (expire_s). */
void repair_judge(struct repair *v);
/* What is not to be done leaves the list. */
void repair_keep_open(struct repair *v);
/* Writes title, commands, sample and remarks; how many entries it would change (none: nothing but remarks).
 */
int64_t repair_plan(const struct repair *v, struct plan *p);
void repair_run(struct runner *r);

#endif
