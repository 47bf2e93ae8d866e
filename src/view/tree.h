/* tree: rows that stand under others: which are shown, in what order, what may be folded away. Part of the
 * ranking of a table whose source has such rows. */
#ifndef VIEW_TREE_H
#define VIEW_TREE_H

#include "marks.h"
#include "rows.h"

/* What stands in front of a row's name. */
enum tree_shape {
    TREE_ALONE,  /* stands under nothing, and nothing under it */
    TREE_OPEN,   /* its rows follow */
    TREE_CLOSED, /* they are folded away */
    TREE_BRANCH, /* stands under the row above */
    TREE_LAST,   /* the last that does */
};
enum { TREE_COLS = 2 };

struct tree_rows {
    uint32_t *index; /* all rows of the source in their order; those that are shown in the end */
    size_t count;
    const bool *fits; /* by place in the source: the filter lets it through; NULL: there is no filter */
    uint8_t *shape;   /* of those that are shown */
    bool grown;       /* one stands under another */
};

/* Puts each row behind the one it stands under. Of a row that the filter lets through the one above it is
 * shown, too; what is folded away is found by a filter all the same. folds: rows that a person has folded or
 * unfolded. */
void tree_arrange(struct tree_rows *t, const struct rows *rows, const struct marks *folds);

#endif
