/* purge: what the two halves of purge share: counting (with the plan) and removing. Private to action. */
#ifndef REDAI_ACTION_PURGE_H
#define REDAI_ACTION_PURGE_H

#include "own_reads.h"
#include "verb.h"

#include "redai/schema/message.h"

enum { PURGE_QUEUES_MAX = 100 };

struct purge_list {
    UT_string key, newest;  /* newest: the element at the end where producers push, when it was counted */
    char *sample;           /* the next in line, display; NULL none */
    int64_t counted, bytes; /* bytes: MEMORY USAGE of the list; 0 unknown */
    /* running */
    int64_t slice;            /* so many of them go in the transaction under way */
    int64_t length, position; /* now; of newest from the left, -1: it is not there */
};

struct purge_queue {
    char *name, *shown;
    struct purge_list list[MESSAGE_PRIORITY_STEPS];
    int64_t counted;
    int64_t held, timed; /* in unacked: all, and those with an eta */
    /* running */
    char *error;
};

struct purge {
    struct purge_queue *queue;
    size_t count;
    int64_t counted, workers; /* workers: -1 unknown */
    UT_string cursor;
    int64_t entries;
    bool held_cut;
    char *error;
    /* running */
    size_t at;
    int tries;
    bool watched, unsent, aborted, known, no_lpos;
    bool keeping, more; /* what goes is kept, and so goes in slices: more of them are to follow */
    int64_t removed, left, all_removed; /* of this queue: gone, and waiting behind it */
    int64_t connects;
};

void purge_release(void *work);
void purge_run(struct runner *r);

#endif
