/* table: the one drawer of rows: header with the order's arrow, scrolling, a cursor that follows its row
 * wherever the order takes it, marks, filter. Where the rows come from is not its business (rows.h). */
#ifndef VIEW_TABLE_H
#define VIEW_TABLE_H

#include "marks.h"
#include "ranking.h"

struct table {
    struct filter filter;
    int sort; /* column; -1: as the source has them */
    bool descending;
    struct ranking ranking;
    int64_t ranked_us; /* when it was made; -1 never */
    int64_t first_us;  /* when there were rows at first; -1 never */
    bool dirty;        /* filter, order or source have changed: rank at once */
    bool pending;      /* rows have changed since: places in the ranking do not hold any more */
    struct marks marks;
    struct marks folds;   /* of a tree: rows that a person has folded or unfolded */
    struct target cursor; /* who is under the cursor; TARGET_NONE: no row */
    size_t at;            /* where that row stands */
    bool pinned;     /* a person has moved: the cursor follows its row. Until then it stays at the top. */
    size_t top;      /* first row on the screen */
    int page;        /* rows on the screen at the last draw */
    UT_array window; /* of struct target: who was on the screen at the last draw, from window_top on */
    size_t window_top;
    int width[COLUMNS_MAX]; /* of the columns at the last draw */
};

enum table_move {
    MOVE_UP,
    MOVE_DOWN,
    MOVE_PAGE_UP,
    MOVE_PAGE_DOWN,
    MOVE_HALF_UP,
    MOVE_HALF_DOWN,
    MOVE_HOME,
    MOVE_END,
    MOVE_COUNT
};

void table_init(struct table *t, int sort, bool descending);
void table_release(struct table *t);
/* Brings order and cursor up to date. changed: the source's rows may differ from the last call's. Many rows
 * are put in order anew at most once a second, few ones at once. */
void table_recalc(struct table *t, const struct rows *rows, bool changed, int64_t now_us);
/* Brings the order up to date at once: before a key acts on what is on the screen. */
void table_settle(struct table *t, const struct rows *rows);
/* Sees to it that these rows are in their order; to may be SIZE_MAX: all to the end. */
void table_need(struct table *t, const struct rows *rows, size_t from, size_t to);
/* Rows that are shown, as many as there are now: where nothing hides any, not as old as the order. */
size_t table_total(const struct table *t, const struct rows *rows);
/* Rows the filter (or the pane) hides. */
size_t table_hidden(const struct table *t, const struct rows *rows);

void table_move(struct table *t, const struct rows *rows, enum table_move move);
void table_filter(struct table *t, const struct rows *rows, const char *text);
/* By the next or previous of the columns on the screen (step 1 or -1), by the column of that title. */
void table_sort_step(struct table *t, const struct rows *rows, int step);
bool table_sort_title(struct table *t, const struct rows *rows, const char *title);
void table_sort_invert(struct table *t);
/* Marks the row under the cursor (or unmarks it) and moves on. */
void table_mark(struct table *t, const struct rows *rows);
/* Marks every row that is shown. */
void table_mark_all(struct table *t, const struct rows *rows);

enum table_fold { TABLE_OPEN, TABLE_CLOSE, TABLE_TOGGLE, TABLE_FOLD_ALL, TABLE_FOLD_NONE };
/* The row under the cursor, or all. Closing one that stands under another goes to that one. False: the rows
 * are no tree. */
bool table_fold(struct table *t, const struct rows *rows, enum table_fold how);

struct table_style {
    bool focused, stale, header;
    const struct look *look;
};
void table_draw(struct table *t, const struct rows *rows, struct grid *g, struct rect r,
                const struct table_style *style);

#endif
