/* runs: what each worker runs now, gathered in one walk over the tasks, so that a worker's row costs a
 * look-up. */
#ifndef VIEW_RUNS_H
#define VIEW_RUNS_H

#include "look.h"

struct run {
    UT_hash_handle hh;
    size_t tasks;
    char text[200]; /* display: "batch_generate_questions 12s, x 3s"; those that have no room are counted */
    char worker[];  /* display name */
};

struct runs {
    struct run *first;
    int64_t at_us; /* when it was gathered; 0 never */
};

void runs_release(struct runs *r);
void runs_gather(struct runs *r, const struct look *look);
/* NULL when that worker runs nothing that is known. */
const struct run *runs_find(const struct runs *r, const char *worker);

#endif
