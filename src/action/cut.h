/* cut: the sessions an order would end, and ending them. Both revoke verbs collect victims here; the same
 * transaction takes a session's key and its entry in its user's index. Private to action. */
#ifndef REDAI_ACTION_CUT_H
#define REDAI_ACTION_CUT_H

#include "keyset.h"
#include "verb.h"

/* A further user whose index names a session. */
struct cut_also {
    char *user;
    struct cut_also *next;
};

struct victim {
    char *id;
    size_t id_len;
    char *user;            /* whose index names it, or would: raw; NULL unknown */
    struct cut_also *also; /* of revoke user: the others whose index names it too */
    char *owner;           /* user_id of its value; NULL unknown */
    int64_t bytes;         /* of its value; -1 unknown, or not looked at to its end */
    bool exists, indexed;
    bool looked; /* exists and owner are known */
    bool walked; /* found by the walk or known to the console: the index did not name it */
    bool skip;   /* left alone after all */
    /* what became of it */
    int64_t unlinked, removed; /* replies, of all indexes; -1 none */
    bool unsent, read_back, back, still_indexed;
    bool kept; /* its value was asked for in the transaction */
    char *error, *index_error;
    UT_hash_handle hh;
};

struct cut_user {
    char *id, *shown;
    char *error;           /* why its index could not be read */
    int64_t spared;        /* entries of its index that name somebody else's sessions: they stay */
    int64_t removed, kept; /* entries that were to be taken out of it: that went, that stayed */
    int64_t left;          /* further entries of its index afterwards */
};

/* What a revoke of users found of their sessions. */
struct cut_found {
    int64_t indexed, missing, foreign, unread;
};

struct cut {
    struct victim *set;
    UT_array list;                       /* of struct victim *, the same, in order */
    UT_array user;                       /* of struct cut_user; only for revoke user */
    struct keyset wanted;                /* the ids of these */
    size_t at, end;                      /* the group under way */
    step_fn then;                        /* what follows the look-up, or the cutting */
    int64_t done, untouched;             /* sessions ended; victims that no group took along */
    int64_t unwatched;                   /* ended, and there are too many to watch this one as well */
    int64_t tally[ACTION_OUTCOME_COUNT]; /* of victims */
    /* the walk of revoke user */
    UT_array pending; /* of char *: session ids whose owner is to be read */
    UT_string cursor, key;
    size_t scanning; /* which user's index */
    struct cut_found found;
    int64_t expected, walked, page_us;
    bool too_many;
};

struct cut *cut_new(void);
void cut_release(void *cut);
/* Borrowed; a second time the same. */
struct victim *cut_add(struct cut *c, struct span id);
struct victim *cut_find(const struct cut *c, struct span id);
struct victim *cut_at(const struct cut *c, size_t i);
size_t cut_count(const struct cut *c);
static inline struct span victim_id(const struct victim *v)
{
    return (struct span){v->id, v->id_len};
}
/* A user's index names it; once is enough. */
void cut_indexed_by(struct victim *v, const char *user);
bool cut_is_indexed_by(const struct victim *v, const char *user);
/* The users whose index names it, or would: NULL behind the last one. */
const char *cut_user(const struct victim *v, size_t i);
/* "7, 8": whose index names it, or would; display, "" when that is unknown. mem_free. */
char *cut_users(const struct victim *v);
void cut_session_key(struct span id, UT_string *out); /* replaces out */
void cut_index_key(const char *user, UT_string *out);

/* Takes what a session's value says. False when there is no such key (an empty value tells nothing: look with
 * EXISTS). */
void cut_take_value(struct victim *v, const struct reply *value);
/* Reads the values of all victims and whether their index names them, then goes on. */
void cut_look(struct runner *r, step_fn then);
/* Finds out what can be kept of the victims, then goes on. */
void cut_keep(struct runner *r, step_fn then);
/* The plan's remark on how long the sessions are watched. */
void cut_say_watch(struct runner *r);
/* The commands and the sample of a plan; gives how many live sessions and how many stale entries it would
 * hit. */
void cut_plan(struct runner *r, int64_t *ret_live, int64_t *ret_stale);
/* The run step of both verbs. */
void cut_run(struct runner *r);

#endif
