/* requeue: what the two halves of requeue share: finding out whose worker is dead (with the plan), and
 * putting the messages back. Private to action. */
#ifndef REDAI_ACTION_REQUEUE_H
#define REDAI_ACTION_REQUEUE_H

#include "holders.h"
#include "search.h"
#include "trace.h"

struct requeue {
    struct search search;
    struct entry {
        double score;  /* when it was popped, epoch seconds by the worker's clock; NAN: not in the index */
        char *refusal; /* why it stays; NULL: it is put back */
        bool unproven; /* a worker that said nothing may have it */
    } * entry;         /* of each sought */
    struct holders holders;
    const char **id;
    size_t ids;
    int64_t victims;
    /* running */
    size_t at;
    int tries;
    UT_string element;
    char *queue; /* raw */
    double score;
    bool there, unsent, aborted, put;
    char *error;
    int64_t connects, done;
    struct trace trace;
    struct traces traces;
};

void requeue_run(struct runner *r);
/* Receipts for those that nobody named and nobody could prove to be without a worker; how many. */
size_t requeue_tell_unproven(struct runner *r);
void requeue_on_score(const struct reply *reply, double *score);

#endif
