/* retry: what the parts of retry share: what is left of a task (retry_source.c), the plan (verb_retry.c) and
 * the sending (retry_run.c). Private to action. */
#ifndef REDAI_ACTION_RETRY_H
#define REDAI_ACTION_RETRY_H

#include "holders.h"
#include "search.h"
#include "trace.h"

#include "redai/base/uuid.h"

struct retry_item {
    char id[UUID_TEXT_SIZE], tag[UUID_TEXT_SIZE]; /* the new ones */
    char *refusal;                                /* why it is not sent; NULL: it is */
    const char *source;                           /* "its message in unacked" */
    bool whole;                                   /* from its message: callbacks and chain too */
    bool lone;                                /* it was a part of a group or chord, and is none any more */
    bool unproven, succeeded, orphan, unseen; /* unseen: nothing tells what became of it */
    /* for a message that is made anew; task also for one that is copied, for showing */
    char *task, *args, *kwargs, *root_id;
    char *queue; /* raw; where it goes */
    char *queue_shown;
    int priority;
    UT_string key, element;
    /* running */
    int64_t length; /* LPUSH's reply; -1 none */
    bool unsent, lost;
    char *error;
};

struct retry {
    struct search search;
    struct retry_item *item; /* of each sought */
    struct holders holders;
    const char **id;
    size_t ids;
    int64_t count;
    /* running */
    size_t at, end;
    int64_t began_us, sent, done;
    struct trace *trace; /* of the group */
    size_t traced, group;
    struct traces traces;
    UT_string out; /* new ids, a line each */
};

/* Fills the item: what is sent and where, or why nothing is. */
void retry_choose(struct runner *r, const struct sought *one, struct retry_item *item);
/* Makes the element; also again when the time it shall be held until counts from now. */
bool retry_build(struct runner *r, const struct sought *one, struct retry_item *item, struct err *err);
void retry_run(struct runner *r);

#endif
