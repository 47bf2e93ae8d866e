/* user: the sessions of one user joined with the user's index, the set user:<id>:sessions. Part of the model.
 *
 * The platform renews the set's TTL at a log-in only, a session's at every request; so a live session may
 * stand in no set (an orphan: "log out everywhere" misses it), and a set names sessions that have expired
 * (stale members: nobody removes them). Source: the platform's SessionManager. */
#ifndef REDAI_MODEL_USER_H
#define REDAI_MODEL_USER_H

#include "redai/base/container.h"

struct model;
struct session;

enum user_index_state {
    USER_INDEX_UNREAD,
    USER_INDEX_READ,   /* as it was at index_us */
    USER_INDEX_PARTLY, /* too large to be read whole: not all of its stale entries are known */
    USER_INDEX_ABSENT, /* there is no such set */
    USER_INDEX_FAILED  /* it could not be read */
};

struct user_view {
    const char *key;                 /* raw user id, NUL behind */
    const char *user_id;             /* display */
    const char *name, *email, *role; /* display, of the newest session; "" */
    size_t sessions, orphans;
    size_t stale;                 /* entries of the index whose session is gone */
    size_t foreign;               /* entries that name another user's session (user_data overwrote user_id) */
    int64_t newest_us, oldest_us; /* wall: created_us of the newest and oldest session; -1 unknown */
    int64_t seen_us;              /* wall: when any of them was last used; -1 unknown */
    size_t recent;                /* log-ins in the last 10 minutes */
    enum user_index_state index;
    int64_t index_us;         /* monotonic: when it was read; -1 never */
    int64_t index_expires_us; /* monotonic: when the set goes; -1 no TTL, INT64_MAX unknown */
    int64_t index_size;       /* SCARD; -1 unknown */
    bool unsure;              /* another read of the index will tell more */
    bool wrong_type;          /* FAILED since the key holds no set: 'log out everywhere' fails */
    bool blind;               /* read in part, and what is missing from it is not known */
};
/* Users with a session or with an index; dense, in no order. Views are good until the next model_apply. */
size_t model_user_rows(const struct model *m);
const struct user_view *model_user_at(const struct model *m, size_t i);
const struct user_view *model_user_find(const struct model *m, struct span user_key);
/* What is known of a user's index alone: nothing has to be worked out from the sessions for it. */
struct user_index_view {
    enum user_index_state state;
    int64_t read_us; /* -1 never */
    bool unsure, amiss;
};
/* False: no such user. */
bool model_user_index(const struct model *m, struct span user_key, struct user_index_view *ret);
/* Calls each for every session of that user that the read under way has not told of yet: a MEMBER, NAMED or
 * UNNAMED is awaited. */
void model_user_unmet(const struct model *m, struct span user_key, void (*each)(void *ctx, struct span id),
                      void *ctx);
/* The stale and foreign entries of a user's index: calls each with the raw session id. */
void model_user_strays(const struct model *m, struct span user_key,
                       void (*each)(void *ctx, struct span id, bool foreign), void *ctx);

struct session_index_view {
    bool complete;     /* every user that the first whole walk met was joined with its index */
    size_t unread;     /* users whose index was not read yet, or could not be */
    size_t partly;     /* users whose index is too large: stale and foreign may miss some of theirs */
    size_t blind;      /* of these, whose index could not be asked for single sessions: orphans may, too */
    size_t unreadable; /* users whose index is no set */
    size_t orphans, stale, foreign; /* over all users */
    char error[160]; /* display: why an index could not be read, of those that still are not; "" none */
    /* Of the last minute; NAN unknown. Log-ins by the time the session was made; ended: gone in any other way
     * than by its TTL. */
    double logins_per_min, expired_per_min, ended_per_min;
};
/* Good until the next call. */
const struct session_index_view *model_session_index(const struct model *m);
/* Whether an index names that session, which is known to be gone. */
bool model_stray_is_stale(const struct model *m, struct span id);
/* A session counts as an orphan when an index that was read this long after it was first seen (or first
 * missed) does not name it: a log-in writes the session first, its entry then; a log-out the other way round.
 */
#define ORPHAN_GRACE_US INT64_C(1000000)

/* Revoked sessions that are watched, and those that came back. */
size_t model_watched_sessions(const struct model *m);
struct returned_session {
    char *id; /* raw, NUL behind */
    size_t id_len;
    char short_id[12]; /* display */
    char *user_key;    /* raw; "" unknown */
    int64_t at_us;     /* monotonic: when it was seen again */
};
/* Sessions that were revoked here, came back, and are still there. */
size_t model_returned_count(const struct model *m);
const struct returned_session *model_returned_at(const struct model *m, size_t i);

#endif
