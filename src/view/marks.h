/* marks: the rows a person has marked, by identity: they stay marked wherever the order takes them. */
#ifndef VIEW_MARKS_H
#define VIEW_MARKS_H

#include "rows.h"

struct mark {
    UT_hash_handle hh;
    bool seen;
    enum target_kind kind;
    size_t id_len;
    char id[]; /* raw */
};

struct marks {
    struct mark *first; /* in the order they were made */
};

/* More would make a selection nobody looked at: bulk work has patterns. */
#define MARKS_MAX 10000

void marks_clear(struct marks *m);
size_t marks_count(const struct marks *m);
bool marks_has(const struct marks *m, enum target_kind kind, struct span id);
/* Turns one round; returns whether it is marked now. */
bool marks_toggle(struct marks *m, enum target_kind kind, struct span id);
void marks_add(struct marks *m, enum target_kind kind, struct span id);
/* Forgets those whose row has gone. */
void marks_prune(struct marks *m, const struct rows *rows);
/* Owned copies of at most max; returns how many there are. */
size_t marks_copy(const struct marks *m, struct target *out, size_t max);

#endif
