/* undo: what the two halves of it share: what of a lot can be put back (with the plan), and putting it back.
 * Private to action. */
#ifndef REDAI_ACTION_UNDO_H
#define REDAI_ACTION_UNDO_H

#include "lot.h"
#include "verb.h"

struct undone {
    struct kept *kept; /* in the lot; NULL once it has left it */
    bool exists;       /* when it was looked at: somebody wrote it anew */
    bool expired;      /* its time has run out meanwhile */
    bool poison;       /* a worker that took it would exit */
    /* what became of it */
    bool done, unsent, unanswered, read_back, there, busy;
    size_t listed, looked, entries; /* index entries that are back, of so many that were looked at, of all */
    char *error, *index_error;
};

/* An index to which entries of the group go back. */
struct undo_index {
    const char *user; /* borrowed from the kept entry */
    int64_t ttl_ms;   /* for the set when there is none: -1 none, 0 not known */
    bool absent, done;
};

struct undo {
    struct bin *bin;
    struct lot *lot;
    struct undone *one;
    size_t count;
    int64_t can, expired, exist, poison, messages, unsure, entries;
    /* running */
    size_t at, end; /* the group */
    UT_array index; /* of struct undo_index */
    int tries;
    bool aborted, again; /* the indexes are written anew, on the connection after the one that was lost */
    int64_t back, tally[ACTION_OUTCOME_COUNT];
    int64_t unlisted, unlooked;           /* of those that are back: no entry, perhaps none */
    char *unlisted_user, *unlisted_error; /* the user of all of these (NULL: of several), the first error */
};

static inline bool undo_can(const struct undone *u)
{
    return u->kept && !u->exists && !u->expired && !u->poison;
}
/* How it is named to a person, and in the journal: a session by its id, anything else by its key. mem_free.
 */
char *undo_shown(const struct kept *k);
char *undo_tag(const struct kept *k);
/* The id of a session's key; empty for anything else. */
struct span undo_session(const struct kept *k);
void undo_release(void *work);
void undo_run(struct runner *r);

#endif
