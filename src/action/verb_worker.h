/* verb_worker: what the halves of the verb worker share: the workers that are asked, and what each is known
 * to have. Private to action. */
#ifndef REDAI_ACTION_VERB_WORKER_H
#define REDAI_ACTION_VERB_WORKER_H

#include "pidbox.h"

#include "redai/schema/message.h"

struct worker_row {
    char *name, *shown;
    bool has_mailbox;
    bool left_out; /* it is not asked: asking might do harm */
    /* what its stats say: before, and behind it; -1 unknown */
    int64_t processes, prefetch;
    int64_t now_processes, now_prefetch;
    /* what became of it */
    char *said; /* display; NULL: nothing */
    bool refused, left;
};

struct worker_ask {
    UT_array row; /* of struct worker_row: who is meant */
    bool named;   /* by the order; else all */
    UT_string arguments;
    int64_t n; /* grow, shrink: processes; else 0 */
    /* consume: the queue's lists */
    char *trouble; /* why it is refused */
    struct worker_list {
        int64_t length, bytes; /* LLEN and MEMORY USAGE; -1 */
    } list[MESSAGE_PRIORITY_STEPS];
    size_t looked, poison;   /* elements of all four together */
    char *poison_reason;     /* of the first */
    bool is_dropped, is_cut; /* is_cut: the elements are too big to look at as many as else */
    /* running */
    int64_t heard_us, until_us;
    int64_t moved;  /* processes that were seen to start or end */
    bool stats_now; /* stats are read behind it, not before */
    /* of the request */
    int64_t receivers;
    bool unsent;
    char *error;
    size_t answers, expected;
    size_t done;
};

bool verb_worker_is(const struct runner *r, const char *method);
struct worker_row *verb_worker_row(struct worker_ask *w, const char *name); /* NULL: none of these */
struct worker_row *verb_worker_add(struct worker_ask *w, const char *name, bool has_mailbox);
/* One round that asks for stats, of those meant; fills the rows. */
void verb_worker_stats(struct runner *r, step_fn then);
/* The names of those that are asked, for a request: *ret_count of them; mem_free the array. */
const char **verb_worker_names(const struct worker_ask *w, size_t *ret_count);
void verb_worker_run(struct runner *r);

#endif
