/* grid: a rectangle of cells, the only thing panes draw into and the only thing a terminal gets. A cell is
 * one code point of width 1 or 2 (a wide one is followed by a cell with ch 0) and a role. All drawing is
 * clipped. */
#ifndef REDAI_VIEW_GRID_H
#define REDAI_VIEW_GRID_H

#include <stdint.h>

#include "redai/base/container.h"

#include "redai/view/role.h"

struct cell {
    uint32_t ch;  /* code point; 0: the right half of a wide one */
    uint8_t role; /* enum role */
    uint8_t flags;
};

enum cell_flag { CELL_BOLD = 1, CELL_REVERSE = 2 }; /* on top of the role */

struct grid {
    int width, height;
    struct cell *cell;      /* height rows of width cells */
    int cursor_x, cursor_y; /* where the terminal's cursor shows; -1: hidden */
    bool ascii;             /* lines, bars and sparks in plain ASCII */
};

struct rect {
    int x, y, w, h;
};

void grid_init(struct grid *g);
void grid_release(struct grid *g);
void grid_resize(struct grid *g, int width, int height); /* contents are blank afterwards; 0x0 is fine */
void grid_clear(struct grid *g, struct rect r, enum role role);
/* Writes sanitised text from column x on, at most max_cols columns, never outside the grid; returns columns
 * used. A text that does not fit ends in "~". */
int grid_text(struct grid *g, int x, int y, int max_cols, struct span text, enum role role);
int grid_printf(struct grid *g, int x, int y, int max_cols, enum role role, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
void grid_put(struct grid *g, int x, int y, uint32_t ch, enum role role);
/* Changes role or adds flags over a stretch, letters kept. */
void grid_paint(struct grid *g, int x, int y, int cols, enum role role);
void grid_flag(struct grid *g, int x, int y, int cols, unsigned flags);
void grid_box(struct grid *g, struct rect r, enum role role);
/* A horizontal bar of `part` (0..1) over w columns, in eighths where the terminal has them. */
void grid_bar(struct grid *g, int x, int y, int w, double part, enum role filled, enum role empty);
/* A sparkline of the newest values on the right; NAN values leave a gap; max <= 0 scales by the largest. */
void grid_spark(struct grid *g, int x, int y, int w, const double *values, size_t count, double max,
                enum role role);
const struct cell *grid_at(const struct grid *g, int x, int y); /* NULL outside */
/* The grid as text lines (trailing blanks cut), for tests and --dump. */
void grid_to_text(const struct grid *g, UT_string *out);

#endif
