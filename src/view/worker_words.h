/* worker_words: how a worker's state is put into words, in the pane and on its page. */
#ifndef VIEW_WORKER_WORDS_H
#define VIEW_WORKER_WORDS_H

#include "column.h"

struct worker_sign {
    const char *mark; /* one letter, another one for each state */
    enum role role;
};
const struct worker_sign *worker_sign(enum worker_state state);
/* How it is known and what the state means, in plain words; "" when the state says all. */
const char *worker_explain(const struct worker *w);
/* Its clock ahead (+) or behind: "+1.2s", "-30s", "0"; "?" unknown. */
const char *worker_clock(const struct worker *w, char *out, size_t size);

#endif
