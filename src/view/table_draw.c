/* How a table looks: one column of marks at the left, columns with one blank between, the order's arrow. */
#include "table.h"
#include "texts.h"

#include "redai/base/utf8.h"

enum { GUTTER = 1, GAP = 1 };

static void draw_header(const struct table *t, const struct rows *rows, struct grid *g, struct rect r)
{
    int x = r.x + GUTTER;
    grid_clear(g, (struct rect){r.x, r.y, r.w, 1}, ROLE_HEADER);
    for (size_t i = 0; i < rows->columns; i++) {
        int w = t->width[i];
        if (!w) {
            continue;
        }
        const struct column *c = &rows->column[i];
        bool sorted = t->sort == (int)i;
        int len = (c->flags & COLUMN_MARK) ? 0 : utf8_text_width(span_of(c->title));
        int shift = c->align == ALIGN_RIGHT && len + sorted < w ? w - len - sorted : 0;
        int used = len ? grid_text(g, x + shift, r.y, w - shift, span_of(c->title),
                                   sorted ? ROLE_HEADER_SORT : ROLE_HEADER)
                       : 0;
        if (sorted && shift + used < w) {
            uint32_t arrow = g->ascii ? (t->descending ? '-' : '+') : (t->descending ? 0x25BC : 0x25B2);
            grid_put(g, x + shift + used, r.y, arrow, ROLE_HEADER_SORT);
        }
        x += w + GAP;
    }
}

static void draw_bar(struct grid *g, int x, int y, int w, const struct field *f, bool stale)
{
    enum { WORD = 5 }; /* " 100%" */
    int bar = w > WORD + 3 ? w - WORD : 0;
    enum role filled = stale ? ROLE_STALE : f->bar_role;
    if (bar) {
        grid_bar(g, x, y, bar, f->part, filled, ROLE_BAR_EMPTY);
    }
    int len = utf8_text_width(f->text);
    int shift = w - bar > len ? w - bar - len : 0;
    grid_text(g, x + bar + shift, y, w - bar - shift, f->text, stale ? ROLE_STALE : f->role);
}

static void draw_field(struct grid *g, int x, int y, int w, const struct column *c, const struct field *f,
                       bool stale)
{
    if (f->figure == FIELD_BAR) {
        draw_bar(g, x, y, w, f, stale);
    } else if (f->figure == FIELD_SPARK) {
        size_t n = f->sparks < (size_t)w ? f->sparks : (size_t)w;
        grid_spark(g, x, y, w, f->spark + (f->sparks - n), n, 0, stale ? ROLE_STALE : f->role);
    } else {
        int len = c->align == ALIGN_RIGHT ? utf8_text_width(f->text) : w;
        int shift = len < w ? w - len : 0;
        grid_text(g, x + shift, y, w - shift, f->text, stale ? ROLE_STALE : f->role);
    }
}

/* What a tree has in front of a row's name. Returns the columns it took. */
static int draw_shape(const struct table *t, struct grid *g, int x, int y, int w, size_t at, bool stale)
{
    static const uint32_t fine[] = {' ', 0x25BE, 0x25B8, 0x251C, 0x2514};
    static const uint32_t plain[] = {' ', 'v', '>', '|', '`'};
    if (!t->ranking.shape || at >= t->ranking.count || w <= TREE_COLS) {
        return 0;
    }
    uint8_t shape = t->ranking.shape[at];
    enum role role = stale ? ROLE_STALE : shape == TREE_OPEN || shape == TREE_CLOSED ? ROLE_KEY : ROLE_DIM;
    grid_put(g, x, y, g->ascii ? plain[shape] : fine[shape], role);
    return TREE_COLS;
}

static void draw_row(const struct table *t, const struct rows *rows, const void *row, struct grid *g,
                     struct rect r, size_t at, const struct table_style *style)
{
    struct span id = {"", 0};
    enum target_kind kind = rows->identify(rows->ctx, row, &id);
    bool marked = marks_has(&t->marks, kind, id);
    bool cursor = style->focused && at == t->at;
    int x = r.x + GUTTER;
    for (size_t i = 0; i < rows->columns; i++) {
        if (t->width[i]) {
            struct field field;
            field.figure = FIELD_TEXT;
            field.role = ROLE_TEXT;
            field.text = S("");
            int shape = (rows->column[i].flags & COLUMN_TREE)
                            ? draw_shape(t, g, x, r.y, t->width[i], at, style->stale)
                            : 0;
            field.cols = t->width[i] - shape;
            rows_field(rows, row, i, &field);
            draw_field(g, x + shape, r.y, field.cols, &rows->column[i], &field, style->stale);
            x += t->width[i] + GAP;
        }
    }
    if (cursor) {
        /* What a cell means stays visible under the cursor: roles are kept where they warn. */
        for (int i = 0; i < r.w; i++) {
            const struct cell *c = grid_at(g, r.x + i, r.y);
            bool loud = c && (c->role == ROLE_WARNING || c->role == ROLE_CRITICAL);
            if (!loud) {
                grid_paint(g, r.x + i, r.y, 1, ROLE_SELECTED);
            } else {
                grid_flag(g, r.x + i, r.y, 1, CELL_BOLD);
            }
        }
    } else if (marked) {
        grid_flag(g, r.x, r.y, r.w, CELL_BOLD);
    }
    if (marked || cursor) {
        grid_put(g, r.x, r.y, marked ? '*' : '>', cursor ? ROLE_SELECTED : ROLE_MARKED);
    }
}

static struct target *window_at(struct table *t, size_t i)
{
    return &((struct target *)(void *)t->window.d)[i];
}

/* Remembers who stands in the i-th row of the screen. */
static void keep_in_window(struct table *t, const struct rows *rows, size_t i, const void *row)
{
    struct span id = {"", 0};
    enum target_kind kind = rows->identify(rows->ctx, row, &id);
    if (i >= utarray_len(&t->window)) {
        struct target none = {0};
        utarray_push_back(&t->window, &none);
    }
    struct target *kept = window_at(t, i);
    if (kept->kind != kind || !span_equal(target_id(kept), id)) {
        target_set(kept, kind, id);
    }
}

static void draw_rows(struct table *t, const struct rows *rows, struct grid *g, struct rect r,
                      const struct table_style *style)
{
    bool found =
        t->pending && rows->find && t->window_top == t->top && utarray_len(&t->window) > 0 &&
        (utarray_len(&t->window) >= (size_t)r.h || t->ranking.count <= t->top + utarray_len(&t->window));
    if (!found) {
        table_settle(t, rows);
        table_need(t, rows, t->top, t->top + (size_t)r.h);
        t->window_top = t->top;
    }
    size_t shown = 0;
    for (; shown < (size_t)r.h && t->top + shown < t->ranking.count; shown++) {
        size_t at = t->top + shown;
        const void *row;
        if (found) {
            /* One that has gone since leaves its row blank until the order is made anew. */
            row = shown < utarray_len(&t->window) ? rows->find(rows->ctx, target_id(window_at(t, shown)))
                                                  : NULL;
        } else {
            row = rows->row(rows->ctx, t->ranking.index[at]);
            keep_in_window(t, rows, shown, row);
        }
        if (row) {
            draw_row(t, rows, row, g, (struct rect){r.x, r.y + (int)shown, r.w, 1}, at, style);
        }
    }
    while (!found && utarray_len(&t->window) > shown) {
        utarray_pop_back(&t->window);
    }
}

void table_draw(struct table *t, const struct rows *rows, struct grid *g, struct rect r,
                const struct table_style *style)
{
    columns_fit(rows->column, rows->columns, r.w - GUTTER, GAP, t->width);
    if (style->header && r.h > 1) {
        draw_header(t, rows, g, (struct rect){r.x, r.y, r.w, 1});
        r.y++;
        r.h--;
    }
    if (t->page != r.h) {
        /* The screen was resized: the cursor stays in sight, and no gap is left at the end. */
        t->page = r.h;
        size_t page = r.h > 0 ? (size_t)r.h : 1;
        size_t lowest = t->ranking.count > page ? t->ranking.count - page : 0;
        t->top = t->top < lowest ? t->top : lowest;
        t->top = t->at < t->top ? t->at : t->at >= t->top + page ? t->at - page + 1 : t->top;
    }
    if (r.h > 0) {
        draw_rows(t, rows, g, r, style);
    }
}
