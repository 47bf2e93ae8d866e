/* index_priv: a users' set that is to be read, between index.c (when) and index_read.c (how). */
#ifndef REDAI_COLLECT_INDEX_PRIV_H
#define REDAI_COLLECT_INDEX_PRIV_H

#include "collect_priv.h"

/* MORE: between two commands of its read, until there is budget for the next. */
enum place { PLACE_READY, PLACE_LATER, PLACE_READING, PLACE_MORE };

struct index_read {
    struct collect *c;
    struct index_read *prev, *next; /* of the list it is in */
    UT_hash_handle hh;
    enum place place;
    bool must;        /* else only if something is unsure by then */
    bool again, owed; /* again: marked while it was read; owed: since the first walk */
    unsigned rounds;
    int64_t due_us;
    struct answer *answer; /* while it is read */
    size_t len;
    char user[];
};

/* What has come of it so far. Apart from the mark, of which there may be as many as users. */
struct answer {
    unsigned waiting; /* replies */
    bool begun;       /* a page is in */
    bool lost, refused;
    int64_t size, pttl, told, skipped;
    struct ask *ask; /* sessions that it is asked for by their ids; NULL: none at the moment */
    char cursor[24], error[160];
};

/* index.c */
void index_move(struct index_read *x, enum place place);
void index_forget(struct index_read *x);
void index_put_away(struct index_read *x); /* it was read */
/* index_read.c */
void index_read_ask(struct index_read *x);
void index_read_go_on(struct index_read *x); /* with one more command */
void index_read_drop(struct index_read *x);  /* what has come of it */

#endif
