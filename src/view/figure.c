/* The figures a grid can draw: boxes, bars and sparklines, in Unicode or in plain ASCII. */
#include <math.h>

#include "redai/view/grid.h"

enum { EIGHTHS = 8 };

struct figures {
    uint32_t horizontal, vertical, top_left, top_right, bottom_left, bottom_right;
    uint32_t bar[EIGHTHS + 1]; /* [n]: n eighths from the left; [0] is the empty track */
    int bar_steps;             /* how many parts of a cell the terminal can show */
    uint32_t spark[EIGHTHS];   /* [0]: zero, [7]: the largest */
};

static const struct figures unicode_figures = {
    .horizontal = 0x2500,
    .vertical = 0x2502,
    .top_left = 0x250C,
    .top_right = 0x2510,
    .bottom_left = 0x2514,
    .bottom_right = 0x2518,
    .bar = {0x00B7, 0x258F, 0x258E, 0x258D, 0x258C, 0x258B, 0x258A, 0x2589, 0x2588},
    .bar_steps = EIGHTHS,
    .spark = {0x2581, 0x2582, 0x2583, 0x2584, 0x2585, 0x2586, 0x2587, 0x2588},
};

static const struct figures ascii_figures = {
    .horizontal = '-',
    .vertical = '|',
    .top_left = '+',
    .top_right = '+',
    .bottom_left = '+',
    .bottom_right = '+',
    .bar = {'.', '#', '#', '#', '#', '#', '#', '#', '#'},
    .bar_steps = 1,
    .spark = {'_', '.', ':', '-', '=', '+', '*', '#'},
};

static const struct figures *figures_of(const struct grid *g)
{
    return g->ascii ? &ascii_figures : &unicode_figures;
}

/* Runs of a box may be far longer than the grid when a caller computes them; walk only what shows. */
static int first_shown(int from)
{
    return from < 0 ? 0 : from;
}

static int last_shown(int from, int count, int size)
{
    int64_t end = (int64_t)from + count;
    return end > size ? size : (int)end;
}

static bool run_shows(const struct grid *g, int x, int w)
{
    return x < g->width && last_shown(x, w, g->width) > 0;
}

void grid_box(struct grid *g, struct rect r, enum role role)
{
    const struct figures *f = figures_of(g);
    if (r.w <= 0 || r.h <= 0) {
        return;
    }
    int right = last_shown(r.x, r.w, INT32_MAX) - 1;
    int bottom = last_shown(r.y, r.h, INT32_MAX) - 1;
    for (int x = first_shown(r.x); x < last_shown(r.x, r.w, g->width); x++) {
        grid_put(g, x, r.y, f->horizontal, role);
        grid_put(g, x, bottom, f->horizontal, role);
    }
    if (r.h == 1) {
        return;
    }
    for (int y = first_shown(r.y); y < last_shown(r.y, r.h, g->height); y++) {
        grid_put(g, r.x, y, f->vertical, role);
        grid_put(g, right, y, f->vertical, role);
    }
    if (r.w == 1) {
        return;
    }
    grid_put(g, r.x, r.y, f->top_left, role);
    grid_put(g, right, r.y, f->top_right, role);
    grid_put(g, r.x, bottom, f->bottom_left, role);
    grid_put(g, right, bottom, f->bottom_right, role);
}

void grid_bar(struct grid *g, int x, int y, int w, double part, enum role filled, enum role empty)
{
    const struct figures *f = figures_of(g);
    if (w <= 0 || !run_shows(g, x, w)) {
        return;
    }
    part = part > 0 ? (part > 1 ? 1 : part) : 0; /* NAN, too, is nothing filled */
    int64_t all = (int64_t)w * f->bar_steps;
    int64_t steps = (int64_t)(part * (double)all + 0.5);
    /* Full and empty are statements of their own: rounding must not make them. */
    if (all > 1 && part > 0 && steps == 0) {
        steps = 1;
    } else if (all > 1 && part < 1 && steps == all) {
        steps--;
    }
    for (int i = x < 0 ? -x : 0; i < w && x + i < g->width; i++) {
        int64_t here = steps - (int64_t)i * f->bar_steps;
        if (here <= 0) {
            grid_put(g, x + i, y, f->bar[0], empty);
        } else {
            grid_put(g, x + i, y, f->bar[here >= f->bar_steps ? EIGHTHS : here], filled);
        }
    }
}

void grid_spark(struct grid *g, int x, int y, int w, const double *values, size_t count, double max,
                enum role role)
{
    const struct figures *f = figures_of(g);
    if (w <= 0 || !run_shows(g, x, w)) {
        return;
    }
    size_t shown = count < (size_t)w ? count : (size_t)w;
    const double *value = count ? values + (count - shown) : NULL;
    if (!(max > 0)) {
        max = 0;
        for (size_t i = 0; i < shown; i++) {
            max = value[i] > max ? value[i] : max;
        }
    }
    for (int i = x < 0 ? -x : 0; i < w && x + i < g->width; i++) {
        ptrdiff_t at = (ptrdiff_t)i - ((ptrdiff_t)w - (ptrdiff_t)shown);
        if (!value || at < 0 || isnan(value[at])) {
            grid_put(g, x + i, y, ' ', role);
            continue;
        }
        int level = 0;
        if (value[at] > 0) { /* what is not zero never looks like zero */
            double scaled = value[at] / max * (EIGHTHS - 1);
            level = scaled < EIGHTHS - 1 ? (int)scaled : EIGHTHS - 1;
            level += level < scaled && level < EIGHTHS - 1 ? 1 : 0;
        }
        grid_put(g, x + i, y, f->spark[level], role);
    }
}
