#include "table.h"

#include "texts.h"

#include "redai/base/clock.h"

enum { SMALL_ROWS = 50, RANK_AGAIN_US = 1000000, RANK_IN_TIME_US = 10000000 };

static void release_target(void *slot)
{
    target_release(slot);
}

static const UT_icd target_icd = {sizeof(struct target), NULL, NULL, release_target};

void table_init(struct table *t, int sort, bool descending)
{
    *t = (struct table){
        .sort = sort, .descending = descending, .ranked_us = -1, .first_us = -1, .dirty = true};
    utarray_init(&t->window, &target_icd);
}

void table_release(struct table *t)
{
    ranking_release(&t->ranking);
    marks_clear(&t->marks);
    marks_clear(&t->folds);
    target_release(&t->cursor);
    utarray_done(&t->window);
}

static void rank(struct table *t, const struct rows *rows, size_t from, size_t to, const void *around)
{
    struct ranking_wish wish = {&t->filter, t->sort, t->descending, from, to, around, &t->folds};
    ranking_build(&t->ranking, rows, &wish);
}

static void take_cursor(struct table *t, const struct rows *rows, size_t at)
{
    if (t->ranking.count == 0) {
        target_release(&t->cursor);
        t->at = 0;
        return;
    }
    t->at = at < t->ranking.count ? at : t->ranking.count - 1;
    struct span id = {"", 0};
    const void *row = rows->row(rows->ctx, t->ranking.index[t->at]);
    enum target_kind kind = rows->identify(rows->ctx, row, &id);
    if (kind != t->cursor.kind || !span_equal(id, target_id(&t->cursor))) {
        target_set(&t->cursor, kind, id);
    }
}

static bool cursor_is_at(const struct table *t, const struct rows *rows, size_t at)
{
    if (at >= t->ranking.count) {
        return false;
    }
    struct span id = {"", 0};
    enum target_kind kind = rows->identify(rows->ctx, rows->row(rows->ctx, t->ranking.index[at]), &id);
    return kind == t->cursor.kind && span_equal(id, target_id(&t->cursor));
}

static void clamp_top(struct table *t)
{
    size_t page = t->page > 0 ? (size_t)t->page : 1;
    if (t->top > t->at) {
        t->top = t->at;
    }
    if (t->at >= t->top + page) {
        t->top = t->at - page + 1;
    }
    if (t->top + page > t->ranking.count) {
        t->top = t->ranking.count > page ? t->ranking.count - page : 0;
    }
}

/* The cursor goes where its row went; when the row has gone, its neighbour takes its place. */
static void follow(struct table *t, const struct rows *rows)
{
    if (!t->pinned || t->cursor.kind == TARGET_NONE) {
        t->top = 0;
        take_cursor(t, rows, 0);
        return;
    }
    if (cursor_is_at(t, rows, t->at)) {
        clamp_top(t);
        return;
    }
    size_t at = t->ranking.around;
    if (at == SIZE_MAX) {
        at = ranking_find(&t->ranking, rows, t->cursor.kind, target_id(&t->cursor));
        if (at < t->ranking.count && (at < t->ranking.from || at >= t->ranking.to)) {
            rank(t, rows, 0, SIZE_MAX, NULL);
            at = ranking_find(&t->ranking, rows, t->cursor.kind, target_id(&t->cursor));
        }
    }
    if (at >= t->ranking.count) {
        take_cursor(t, rows, t->at);
        clamp_top(t);
        return;
    }
    /* The row keeps its line on the screen where that can be. */
    size_t line = t->at > t->top ? t->at - t->top : 0;
    t->top = at > line ? at - line : 0;
    t->at = at;
    clamp_top(t);
}

/* While a table fills for the first time it is ordered often, then once a second. */
static bool rank_is_due(struct table *t, size_t count, int64_t now_us)
{
    if (t->ranked_us < 0 || t->first_us < 0 || count <= SMALL_ROWS || now_us < t->ranked_us) {
        return true;
    }
    int64_t gap_us = (now_us - t->first_us) / 2;
    return now_us - t->ranked_us >= (gap_us < RANK_AGAIN_US ? gap_us : RANK_AGAIN_US);
}

/* What no fact tells: a filter by age lets others in from second to second, and a rate of the last minutes is
 * another one by and by. */
static bool time_moves(const struct table *t, int64_t now_us)
{
    int64_t most_us = filter_is_set(&t->filter) ? RANK_AGAIN_US : RANK_IN_TIME_US;
    return t->ranked_us >= 0 && now_us - t->ranked_us >= most_us;
}

/* The screen, and so many rows before and behind it: keys move within them without another order. */
enum { MARGIN = 200 };

static void rank_now(struct table *t, const struct rows *rows)
{
    size_t page = t->page > 0 ? (size_t)t->page : 1;
    size_t first = t->top < t->at ? t->top : t->at;
    size_t last = t->top < t->at ? t->at : t->top;
    size_t margin = 2 * page + MARGIN;
    bool follows = t->pinned && t->cursor.kind != TARGET_NONE;
    size_t from = follows && first > margin ? first - margin : 0;
    size_t to = follows ? last + margin : margin;
    const void *around = follows && rows->find ? rows->find(rows->ctx, target_id(&t->cursor)) : NULL;
    rank(t, rows, from, to, around);
    if (t->pending) {
        marks_prune(&t->marks, rows);
    }
    t->dirty = t->pending = false;
    follow(t, rows);
}

void table_recalc(struct table *t, const struct rows *rows, bool changed, int64_t now_us)
{
    size_t count = rows->count(rows->ctx);
    t->pending = t->pending || changed || (rows->find && time_moves(t, now_us));
    /* Between two rankings the rows on the screen are found by who they are. */
    if (t->dirty || (t->pending && (!rows->find || rank_is_due(t, count, now_us)))) {
        rank_now(t, rows);
        t->ranked_us = now_us;
        t->first_us = t->first_us < 0 && count ? now_us : t->first_us;
    }
}

void table_settle(struct table *t, const struct rows *rows)
{
    /* A pane behind a zoomed one hears of no change: rows may have come since it was ranked. Where a filter
     * shows none of them there is nothing to be missed. */
    size_t source = ranking_source(rows);
    bool missed = t->ranking.count == 0 && t->ranking.source != source;
    /* A key may come behind the news that rows have gone and before the frame that shows it: places are of
     * rows that are no longer there. */
    missed = missed || t->ranking.source > source;
    if (t->dirty || t->pending || missed) {
        rank_now(t, rows);
    }
}

void table_need(struct table *t, const struct rows *rows, size_t from, size_t to)
{
    size_t end = to < t->ranking.count ? to : t->ranking.count;
    if (end > t->ranking.to || (from < end && from < t->ranking.from)) {
        rank(t, rows, from > MARGIN ? from - MARGIN : 0, to < SIZE_MAX - MARGIN ? to + MARGIN : to, NULL);
    }
}

size_t table_total(const struct table *t, const struct rows *rows)
{
    if (filter_is_set(&t->filter) || rows->shows || rows->under) {
        return t->ranking.count;
    }
    return ranking_source(rows);
}

size_t table_hidden(const struct table *t, const struct rows *rows)
{
    size_t count = rows->count(rows->ctx);
    return count > t->ranking.count ? count - t->ranking.count : 0;
}

/* Rows have changed since they were put in order, and the cursor moves between rows of the screen: those are
 * known by who they are. */
static bool move_in_window(struct table *t, const struct rows *rows, enum table_move move)
{
    size_t at = move == MOVE_DOWN ? t->at + 1 : t->at - 1;
    bool one = move == MOVE_DOWN || (move == MOVE_UP && t->at > 0);
    if (!one || !t->pending || t->dirty || !rows->find || t->window_top != t->top || at < t->top ||
        at - t->top >= utarray_len(&t->window) || at >= t->top + (size_t)t->page) {
        return false;
    }
    const struct target *kept = (const struct target *)utarray_eltptr(&t->window, (unsigned)(at - t->top));
    if (kept->kind == TARGET_NONE || !rows->find(rows->ctx, target_id(kept))) {
        return false;
    }
    t->at = at;
    t->pinned = true;
    target_set(&t->cursor, kept->kind, target_id(kept));
    return true;
}

void table_move(struct table *t, const struct rows *rows, enum table_move move)
{
    if (move_in_window(t, rows, move)) {
        return;
    }
    table_settle(t, rows);
    size_t page = t->page > 1 ? (size_t)t->page : 1;
    size_t half = page / 2 ? page / 2 : 1;
    size_t last = t->ranking.count ? t->ranking.count - 1 : 0;
    size_t up = move == MOVE_UP ? 1 : move == MOVE_PAGE_UP ? page : move == MOVE_HALF_UP ? half : 0;
    size_t down = move == MOVE_DOWN ? 1 : move == MOVE_PAGE_DOWN ? page : move == MOVE_HALF_DOWN ? half : 0;
    size_t at = move == MOVE_HOME ? 0 : move == MOVE_END ? last : t->at > up ? t->at - up : 0;
    at = at + down < last ? at + down : last;
    table_need(t, rows, at > page ? at - page : 0, at + page);
    t->pinned = true;
    take_cursor(t, rows, at);
    clamp_top(t);
}

void table_filter(struct table *t, const struct rows *rows, const char *text)
{
    filter_set(&t->filter, text, rows->column, rows->columns);
    t->dirty = true;
}

static bool sortable(const struct table *t, const struct rows *rows, size_t i)
{
    return t->width[i] > 0 && rows->column[i].key;
}

static void sort_by(struct table *t, const struct rows *rows, int column)
{
    t->sort = column;
    t->descending = column >= 0 && (rows->column[column].flags & COLUMN_DESCENDING);
    t->dirty = true;
}

void table_sort_step(struct table *t, const struct rows *rows, int step)
{
    int count = (int)rows->columns;
    for (int i = 1; i <= count; i++) {
        int column = ((t->sort < 0 && step < 0 ? 0 : t->sort) + step * i + count * 2) % count;
        if (sortable(t, rows, (size_t)column)) {
            sort_by(t, rows, column);
            return;
        }
    }
}

bool table_sort_title(struct table *t, const struct rows *rows, const char *title)
{
    for (size_t i = 0; i < rows->columns; i++) {
        if (rows->column[i].key && strcmp(rows->column[i].title, title) == 0) {
            sort_by(t, rows, (int)i);
            return true;
        }
    }
    return false;
}

void table_sort_invert(struct table *t)
{
    t->descending = !t->descending;
    t->dirty = true;
}

void table_mark(struct table *t, const struct rows *rows)
{
    if (t->cursor.kind != TARGET_NONE) {
        marks_toggle(&t->marks, t->cursor.kind, target_id(&t->cursor));
        table_move(t, rows, MOVE_DOWN);
    }
}

void table_mark_all(struct table *t, const struct rows *rows)
{
    table_settle(t, rows);
    for (size_t i = 0; i < t->ranking.count; i++) {
        struct span id = {"", 0};
        enum target_kind kind = rows->identify(rows->ctx, rows->row(rows->ctx, t->ranking.index[i]), &id);
        marks_add(&t->marks, kind, id);
    }
}

/* --- a tree --- */

static enum tree_shape shape_at(const struct table *t, size_t at)
{
    return t->ranking.shape && at < t->ranking.count ? (enum tree_shape)t->ranking.shape[at] : TREE_ALONE;
}

static void turn(struct table *t, const struct rows *rows, size_t at)
{
    struct span id = {"", 0};
    enum target_kind kind = rows->identify(rows->ctx, rows->row(rows->ctx, t->ranking.index[at]), &id);
    marks_toggle(&t->folds, kind, id);
    t->dirty = true;
}

static void fold_all(struct table *t, const struct rows *rows, bool close)
{
    for (size_t i = 0; i < t->ranking.count; i++) {
        if (shape_at(t, i) == (close ? TREE_OPEN : TREE_CLOSED)) {
            turn(t, rows, i);
        }
    }
}

bool table_fold(struct table *t, const struct rows *rows, enum table_fold how)
{
    if (!rows->under) {
        return false;
    }
    table_settle(t, rows);
    if (how == TABLE_FOLD_ALL || how == TABLE_FOLD_NONE) {
        fold_all(t, rows, how == TABLE_FOLD_ALL);
        table_settle(t, rows);
        return true;
    }
    enum tree_shape shape = shape_at(t, t->at);
    bool below = shape == TREE_BRANCH || shape == TREE_LAST;
    t->pinned = true;
    if (below && how != TABLE_OPEN) {
        size_t at = t->at;
        while (at > 0 && (shape_at(t, at) == TREE_BRANCH || shape_at(t, at) == TREE_LAST)) {
            at--;
        }
        take_cursor(t, rows, at);
        clamp_top(t);
        if (how == TABLE_CLOSE) {
            return true;
        }
        shape = shape_at(t, t->at);
    }
    if ((shape == TREE_OPEN && how != TABLE_OPEN) || (shape == TREE_CLOSED && how != TABLE_CLOSE)) {
        turn(t, rows, t->at);
        table_settle(t, rows);
    }
    return true;
}
