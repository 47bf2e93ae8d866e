/* blit: a grid into the curses window. The second wall: whatever code points a grid may hold, nothing reaches
 * the terminal that it would obey, or that it would show in another width than we think. Private to tty. */
#ifndef REDAI_TTY_BLIT_H
#define REDAI_TTY_BLIT_H

#include <curses.h>

#include "redai/tty/palette.h"
#include "redai/view/grid.h"

struct blit {
    struct cell *shown; /* what the window holds, to leave untouched rows alone */
    cchar_t *row;
    int width, height;
    bool whole;    /* shown is not to be trusted: write every row */
    bool utf8;     /* the locale can encode more than ASCII */
    bool console;  /* the Linux console: its fonts have few block letters */
    bool defaults; /* the terminal knows its default colours */
    int colors;    /* 0: mono */
    attr_t attr[ROLE_COUNT];
    short pair[ROLE_COUNT];
};

void blit_release(struct blit *b);
void blit_resize(struct blit *b, int width, int height);
/* After the palette changed: looks up every role again. Needs a started curses. */
void blit_palette(struct blit *b, const struct palette *palette);
/* Writes what differs into stdscr; the caller refreshes. */
void blit_draw(struct blit *b, const struct grid *g);
/* The same for one row, the cursor left alone. False when nothing differs. */
bool blit_row(struct blit *b, const struct grid *g, int y);
void blit_cursor(const struct blit *b, const struct grid *g);
/* What is shown for a code point, in the same number of columns. */
wchar_t blit_letter(const struct blit *b, uint32_t ch);

#endif
