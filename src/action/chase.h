/* chase: what the parts of revoke task share: finding where the tasks are (with the plan), telling the
 * workers, and taking messages out of their lists. Private to action. */
#ifndef REDAI_ACTION_CHASE_H
#define REDAI_ACTION_CHASE_H

#include "pidbox.h"
#include "trace.h"

enum { CHASE_DEPTH_MAX = 2000 /* elements of one list, and entries of unacked, that are looked at */ };

/* Where a task is. What a revoke does there: facts, 6.4. */
enum place { PLACE_NOWHERE, PLACE_WAITING, PLACE_HELD, PLACE_RUNNING, PLACE_ENDED, PLACE_COUNT };

/* A message that waits and is to be taken out. */
struct parcel {
    size_t task;      /* whose */
    char *key, *list; /* of its list; list: display */
    char *bytes, *tag;
    size_t len;
    int64_t removed; /* LREM's reply; -1 none */
    bool unsent;
    char *error;
    bool taken; /* it was no longer there: a worker has it, or had */
};

struct quarry {
    char *id, *shown;
    char *status; /* of its result, display; NULL none */
    char *queue;  /* of the list or of the entry in unacked, display */
    bool final, waiting, held;
    bool has_chord;
    enum place place;
    size_t parcels; /* of it, to be taken out */
    int64_t removed;
    /* REVOKED, as a worker would have written it */
    bool meta_tried, meta_written;
    char *meta_error;
    UT_hash_handle hh;
};

struct chase {
    struct quarry *task; /* an array */
    size_t count;
    struct quarry *by_id;
    UT_string cursor;
    int64_t entries; /* of unacked, looked at */
    bool cut_short;  /* not all of a list or of unacked was looked at */
    UT_array list;   /* of struct chase_list */
    step_fn then;    /* behind the look-ups, or the removal */
    UT_array parcel; /* of struct parcel, in the order of tasks */
    size_t parcel_bytes;
    bool too_large; /* a message that was to be taken out was too large to be kept */
    /* running */
    size_t at, end; /* the group */
    int64_t told, removed;
    int looks;
    struct traces traces;
    UT_array trace; /* of struct trace */
};

struct chase_list {
    char *key, *queue;
    int64_t at; /* -1: over */
};

/* Looks where the tasks are: results of the first `results` tasks, unacked, lists. */
void chase_find(struct runner *r, size_t results, step_fn then);
/* A task by its id; NULL: not meant. */
struct quarry *chase_task(struct chase *c, const char *id);
/* Reads the result of the task of index i again; step behind it. */
void chase_ask_meta(struct runner *r, size_t i);
/* Tells the workers, group by group, takes messages out, reads back, gives receipts. */
void chase_run(struct runner *r);
/* The messages of the group are taken out of their lists; where one is that had gone is looked up; REVOKED is
 * written for those taken out. */
void chase_remove(struct runner *r, step_fn then);
void chase_tell(struct runner *r, size_t i); /* the receipt of task i of the group */

#endif
