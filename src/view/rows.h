/* rows: where a table's rows come from: a pane's part of the model, or the copy a frozen screen keeps. The
 * table, its filter and its order know nothing else of them. A row pointer is good until the next call with
 * the model changed. */
#ifndef VIEW_ROWS_H
#define VIEW_ROWS_H

#include "column.h"

/* What of a tree is folded at first: what has many rows below it, nothing, all. */
enum rows_fold { ROWS_FOLD_LONG, ROWS_FOLD_NONE, ROWS_FOLD_ALL };

struct rows {
    const void *ctx;
    const struct column *column;
    size_t columns;
    size_t (*count)(const void *ctx);
    const void *(*row)(const void *ctx, size_t i);
    /* The row with this identity, or NULL; NULL as a whole: rows cannot be found, only walked. */
    const void *(*find)(const void *ctx, struct span id);
    bool (*shows)(const void *ctx, const void *row); /* NULL: all */
    /* The place in the source of the row it stands under; SIZE_MAX: none. NULL: they are no tree. One level.
     */
    size_t (*under)(const void *ctx, const void *row);
    enum rows_fold folds;
    /* Who the row is: what the cursor follows and what marks and actions carry. Borrowed from the row. */
    enum target_kind (*identify)(const void *ctx, const void *row, struct span *ret_id);
    /* As they are, without regard to the curtain: rows_field and rows_key are for everybody else. */
    void (*raw_field)(const void *ctx, const void *row, size_t column, struct field *out);
    void (*raw_key)(const void *ctx, const void *row, size_t column, struct sort_key *out);
    const struct veil *veil; /* NULL: the curtain is lifted */
};

/* What a cell shows; out->cols is set. */
void rows_field(const struct rows *rows, const void *row, size_t column, struct field *out);
/* The same for who only looks for letters in it (out->cols is 0): kinds whose pseudonyms cannot hold them
 * (veil_may_hold; a bit for each that can) are left empty. */
void rows_field_holding(const struct rows *rows, const void *row, size_t column, unsigned kinds,
                        struct field *out);
/* What a row sorts and compares by: behind the curtain what is shown, so that neither order nor filter tells
 * more than the screen does. */
void rows_key(const struct rows *rows, const void *row, size_t column, struct sort_key *out);

#endif
