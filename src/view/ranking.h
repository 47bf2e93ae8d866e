/* ranking: the order in which a table shows its rows, as places in their source. With many rows only those
 * about the screen are put in order, wherever it stands (of the rest it is known on which side they are), so
 * that a hundred thousand sessions cost a glance, not a sort. */
#ifndef VIEW_RANKING_H
#define VIEW_RANKING_H

#include "filter.h"
#include "tree.h"

struct ranking {
    uint32_t *index; /* of the rows that are shown */
    size_t count;
    size_t from, to; /* these are in their order; what is before comes before them, what is behind behind */
    size_t around;   /* where the row of the wish stands; SIZE_MAX: it is not shown, or none was wished */
    size_t source;   /* rows there were when it was made; their places hold until rows change */
    size_t capacity;
    uint8_t *shape; /* of each row that is shown; NULL: they are no tree */
};

/* A table shows at most so many rows of its source; the title says so. */
#define RANKING_ROWS_MAX 200000

struct ranking_wish {
    const struct filter *filter; /* may be NULL */
    int column;                  /* -1: as the source has them */
    bool descending;
    size_t from, to;    /* what must be in order; to may be SIZE_MAX */
    const void *around; /* the row about which as many must be when it is not among them; may be NULL */
    const struct marks *folds; /* of a tree; may be NULL otherwise */
};

void ranking_release(struct ranking *r);
size_t ranking_source(const struct rows *rows); /* how many of them, from the first on, it looks at */
void ranking_build(struct ranking *r, const struct rows *rows, const struct ranking_wish *wish);
/* Where the row with this identity stands; r->count when it is not shown. */
size_t ranking_find(const struct ranking *r, const struct rows *rows, enum target_kind kind, struct span id);

#endif
