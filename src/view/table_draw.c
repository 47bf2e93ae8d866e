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

static void draw_row(const struct table *t, const struct rows *rows, struct grid *g, struct rect r, size_t at,
                     const struct table_style *style)
{
    const void *row = rows->row(rows->ctx, t->ranking.index[at]);
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
            field.cols = t->width[i];
            rows->field(rows->ctx, row, i, &field);
            draw_field(g, x, r.y, t->width[i], &rows->column[i], &field, style->stale);
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
        table_need(t, rows, t->top + (size_t)r.h);
    }
    for (int i = 0; i < r.h && t->top + (size_t)i < t->ranking.count; i++) {
        draw_row(t, rows, g, (struct rect){r.x, r.y + i, r.w, 1}, t->top + (size_t)i, style);
    }
}
