#include "redai/view/grid.h"

#include <stdarg.h>
#include <stdio.h>

#include "redai/base/utf8.h"

/* A larger terminal than this is a lie of the other side; it bounds memory and the pipe to the terminal. */
enum { GRID_SIDE_MAX = 4096 };

void grid_init(struct grid *g)
{
    *g = (struct grid){.cursor_x = -1, .cursor_y = -1};
}

void grid_release(struct grid *g)
{
    mem_free(g->cell);
    grid_init(g);
}

void grid_resize(struct grid *g, int width, int height)
{
    width = width < 0 ? 0 : width > GRID_SIDE_MAX ? GRID_SIDE_MAX : width;
    height = height < 0 ? 0 : height > GRID_SIDE_MAX ? GRID_SIDE_MAX : height;
    if (width != g->width || height != g->height || !g->cell) {
        mem_free(g->cell);
        g->cell = mem_zalloc((size_t)width * (size_t)height * sizeof *g->cell);
    }
    g->width = width;
    g->height = height;
    g->cursor_x = g->cursor_y = -1;
    grid_clear(g, (struct rect){0, 0, width, height}, ROLE_TEXT);
}

static struct cell *cell_of(struct grid *g, int x, int y)
{
    return &g->cell[(size_t)y * (size_t)g->width + (size_t)x];
}

static bool inside(const struct grid *g, int x, int y)
{
    return x >= 0 && y >= 0 && x < g->width && y < g->height;
}

const struct cell *grid_at(const struct grid *g, int x, int y)
{
    return inside(g, x, y) ? &g->cell[(size_t)y * (size_t)g->width + (size_t)x] : NULL;
}

/* Half a wide letter left over would shift everything behind it on the terminal: what loses its other half
 * becomes a blank. Called before cell x is overwritten. */
static void unpair(struct grid *g, int x, int y)
{
    struct cell *c = cell_of(g, x, y);
    if (c->ch == 0 && x > 0) {
        cell_of(g, x - 1, y)->ch = ' ';
    }
    if (x + 1 < g->width && cell_of(g, x + 1, y)->ch == 0) {
        cell_of(g, x + 1, y)->ch = ' ';
    }
}

static void set_cell(struct grid *g, int x, int y, uint32_t ch, enum role role)
{
    unpair(g, x, y);
    *cell_of(g, x, y) = (struct cell){ch, (uint8_t)role, 0};
}

/* Clips r to the grid; false when nothing is left. The sums are taken in 64 bits: callers compute rectangles.
 */
static bool clip(const struct grid *g, struct rect *r)
{
    int64_t x1 = (int64_t)r->x + r->w;
    int64_t y1 = (int64_t)r->y + r->h;
    int x0 = r->x < 0 ? 0 : r->x;
    int y0 = r->y < 0 ? 0 : r->y;
    x1 = x1 > g->width ? g->width : x1;
    y1 = y1 > g->height ? g->height : y1;
    if (x1 <= x0 || y1 <= y0) {
        return false;
    }
    *r = (struct rect){x0, y0, (int)(x1 - x0), (int)(y1 - y0)};
    return true;
}

void grid_clear(struct grid *g, struct rect r, enum role role)
{
    if (!clip(g, &r)) {
        return;
    }
    for (int y = r.y; y < r.y + r.h; y++) {
        unpair(g, r.x, y);
        unpair(g, r.x + r.w - 1, y);
        for (int x = r.x; x < r.x + r.w; x++) {
            *cell_of(g, x, y) = (struct cell){' ', (uint8_t)role, 0};
        }
    }
}

void grid_put(struct grid *g, int x, int y, uint32_t ch, enum role role)
{
    if (!inside(g, x, y)) {
        return;
    }
    if (ch == 0 || utf8_is_hostile(ch)) {
        ch = g->ascii ? '?' : UTF8_REPLACEMENT;
    }
    if (utf8_width(ch) < 2) {
        set_cell(g, x, y, ch, role);
        return;
    }
    if (x + 1 >= g->width) {
        set_cell(g, x, y, ' ', role); /* half of it would hang over the edge */
        return;
    }
    set_cell(g, x, y, ' ', role);
    set_cell(g, x + 1, y, ' ', role);
    cell_of(g, x, y)->ch = ch;
    cell_of(g, x + 1, y)->ch = 0;
}

/* Where grid_text stands. Columns are 64 bits wide so that no caller's x or max_cols can overflow. */
struct pen {
    struct grid *g;
    int64_t x, limit; /* limit: columns that may be used, counted from x */
    int64_t used;
    int64_t last; /* where the last letter began, to put the "~" over it */
    int y;
    enum role role;
    bool cut;
};

static void pen_put_at(struct pen *p, int64_t at, uint32_t cp)
{
    int64_t x = p->x + at;
    if (x == -1 && utf8_width(cp) == 2) {
        grid_put(p->g, 0, p->y, ' ', p->role); /* its right half is all that would show */
    } else if (x >= 0) {
        grid_put(p->g, (int)x, p->y, cp, p->role);
    }
}

/* One letter that is fit for the screen. False when the text is cut here. */
static bool pen_letter(struct pen *p, uint32_t cp)
{
    int width = utf8_width(cp);
    width = width < 1 ? 1 : width;
    if (p->used + width <= p->limit) {
        pen_put_at(p, p->used, cp);
        p->last = p->used;
        p->used += width;
        return true;
    }
    p->cut = true;
    int64_t at = p->used < p->limit ? p->used : p->last;
    pen_put_at(p, at, '~');
    p->used = at + 1;
    return false;
}

/* What may not reach a terminal comes as the visible mark of the one sanitiser. */
static bool pen_hostile(struct pen *p, struct span raw)
{
    UT_string mark;
    utstring_init(&mark);
    utf8_sanitise(raw, 0, &mark);
    struct span rest = text_span(&mark);
    bool room = true;
    while (rest.len && room) {
        uint32_t cp;
        size_t n = utf8_decode(rest, &cp);
        room = pen_letter(p, cp);
        rest = span_skip(rest, n);
    }
    utstring_done(&mark);
    return room;
}

int grid_text(struct grid *g, int x, int y, int max_cols, struct span text, enum role role)
{
    int64_t room = (int64_t)g->width - x;
    struct pen pen = {.g = g, .x = x, .y = y, .role = role, .limit = max_cols < room ? max_cols : room};
    if (y < 0 || y >= g->height || pen.limit <= 0) {
        return 0;
    }
    bool more = true;
    while (text.len && more) {
        uint32_t cp;
        size_t n = utf8_decode(text, &cp);
        if ((cp & UTF8_INVALID) || utf8_is_hostile(cp)) {
            more = pen_hostile(&pen, span_head(text, n));
        } else {
            more = pen_letter(&pen, cp);
        }
        text = span_skip(text, n);
    }
    return (int)pen.used;
}

int grid_printf(struct grid *g, int x, int y, int max_cols, enum role role, const char *format, ...)
{
    char brief[256];
    char *text = brief;
    va_list args;
    va_start(args, format);
    /* The analyser loses sight of va_start when all registers are taken by named arguments. */
    int len = vsnprintf(brief, sizeof brief, format, args); // NOLINT(clang-analyzer-valist.Uninitialized)
    va_end(args);
    if (len >= (int)sizeof brief) {
        text = mem_zalloc((size_t)len + 1);
        va_start(args, format);
        vsnprintf(text, (size_t)len + 1, format, args);
        va_end(args);
    }
    int used = grid_text(g, x, y, max_cols, span_make(text, len > 0 ? (size_t)len : 0), role);
    if (text != brief) {
        mem_free(text);
    }
    return used;
}

void grid_paint(struct grid *g, int x, int y, int cols, enum role role)
{
    struct rect r = {x, y, cols, 1};
    if (clip(g, &r)) {
        for (int i = 0; i < r.w; i++) {
            cell_of(g, r.x + i, r.y)->role = (uint8_t)role;
        }
    }
}

void grid_flag(struct grid *g, int x, int y, int cols, unsigned flags)
{
    struct rect r = {x, y, cols, 1};
    if (clip(g, &r)) {
        for (int i = 0; i < r.w; i++) {
            struct cell *c = cell_of(g, r.x + i, r.y);
            c->flags = (uint8_t)(c->flags | flags);
        }
    }
}

void grid_to_text(const struct grid *g, UT_string *out)
{
    for (int y = 0; y < g->height; y++) {
        int end = g->width;
        while (end > 0 && grid_at(g, end - 1, y)->ch == ' ') {
            end--;
        }
        for (int x = 0; x < end; x++) {
            char bytes[4];
            uint32_t ch = grid_at(g, x, y)->ch;
            if (ch) {
                text_add(out, span_make(bytes, utf8_encode(ch, bytes)));
            }
        }
        text_add(out, S("\n"));
    }
}
