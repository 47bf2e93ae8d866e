/* chase: what the two halves of revoke task share: finding where the tasks are (with the plan), and telling
 * the workers. Private to action. */
#ifndef REDAI_ACTION_CHASE_H
#define REDAI_ACTION_CHASE_H

#include "verb.h"

#include "redai/base/uuid.h"

/* Where a task is. What a revoke does there: facts, 6.4. */
enum place { PLACE_NOWHERE, PLACE_WAITING, PLACE_HELD, PLACE_RUNNING, PLACE_ENDED, PLACE_COUNT };

struct quarry {
    char *id, *shown;
    char *status; /* of its result, display; NULL none */
    char *queue;  /* of the list or of the entry in unacked, display */
    bool final, waiting, held;
    enum place place;
    UT_hash_handle hh;
    /* what became of it */
    int64_t receivers; /* PUBLISH's reply; -1 none */
    bool unsent;
    char *error;
    size_t heard, refused; /* workers that answered ok, or with an error */
    UT_string answers;     /* "worker1@demo: tasks .. flagged as revoked" */
};

struct chase {
    struct quarry *task; /* an array */
    size_t count;
    struct quarry *by_id;
    UT_string cursor;
    int64_t entries; /* of unacked, looked at */
    bool cut_short;  /* not all of a list or of unacked was looked at */
    UT_array list;   /* of struct chase_list */
    UT_array worker; /* of char *: who has a mailbox, display */
    int64_t workers; /* how many have; -1 unknown */
    /* running */
    char box[sizeof "redai-console.reply." + UUID_TEXT_SIZE];
    size_t at, end, read; /* the group; replies read so far */
    int64_t until_us, told;
    int looks;
    bool all_answered, broken;
    char *box_error;
};

struct chase_list {
    char *key, *queue;
    int64_t at; /* -1: over */
};

size_t chase_expected(const struct chase *c);
void chase_take_meta(struct quarry *q, const struct reply *reply);
void chase_run(struct runner *r);

#endif
