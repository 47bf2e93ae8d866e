/* frozen: the copy of a pane's rows that a frozen screen keeps: the words as they stood, and what they sort
 * by. */
#ifndef VIEW_FROZEN_H
#define VIEW_FROZEN_H

#include "rows.h"

struct frozen;

/* More rows are not kept; the pane's title says how many of how many. */
#define FROZEN_ROWS_MAX 20000

/* Copies the rows: all of them, or the first of the given order (places in the source) when there are too
 * many. width: the columns' widths on the screen, since what a cell says may depend on its room. */
struct frozen *frozen_take(const struct rows *rows, const int *width, const uint32_t *order, size_t count,
                           size_t *ret_left_out);
void frozen_free(struct frozen *f);
struct rows frozen_rows(const struct frozen *f, const struct veil *veil);

#endif
