#include "blit.h"

#include <wchar.h>

#include "redai/base/utf8.h"

void blit_release(struct blit *b)
{
    mem_free(b->shown);
    mem_free(b->row);
    *b = (struct blit){0};
}

void blit_resize(struct blit *b, int width, int height)
{
    mem_free(b->shown);
    mem_free(b->row);
    b->width = width;
    b->height = height;
    b->shown = mem_zalloc((size_t)width * (size_t)height * sizeof *b->shown);
    b->row = mem_zalloc(((size_t)width + 1) * sizeof *b->row);
    b->whole = true;
}

/* --- roles --- */

/* Pairs are few (64 on the Linux console): roles of the same colours share one. */
static short pair_for(const struct blit *b, const struct palette_entry look[], int role, short *count)
{
    short fg = look[role].fg;
    short bg = look[role].bg;
    if (fg < 0 && bg < 0) {
        return 0;
    }
    for (int i = 0; i < role; i++) {
        if (b->pair[i] && look[i].fg == fg && look[i].bg == bg) {
            return b->pair[i];
        }
    }
    if (*count + 1 >= COLOR_PAIRS) {
        return 0;
    }
    (*count)++;
    if (!b->defaults) {
        fg = fg < 0 ? COLOR_WHITE : fg;
        bg = bg < 0 ? COLOR_BLACK : bg;
    }
    init_pair(*count, fg, bg);
    return *count;
}

void blit_palette(struct blit *b, const struct palette *palette)
{
    static const struct {
        unsigned look;
        attr_t attr;
    } attributes[] = {
        {PALETTE_BOLD, A_BOLD},
        {PALETTE_DIM, A_DIM},
        {PALETTE_REVERSE, A_REVERSE},
        {PALETTE_UNDERLINE, A_UNDERLINE},
    };
    struct palette_entry look[ROLE_COUNT];
    short count = 0;
    for (int role = 0; role < ROLE_COUNT; role++) {
        look[role] = palette_look(palette, (enum role)role, b->colors);
        b->attr[role] = A_NORMAL;
        for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
            b->attr[role] |= look[role].attr & attributes[i].look ? attributes[i].attr : A_NORMAL;
        }
        b->pair[role] = b->colors > 0 ? pair_for(b, look, role, &count) : 0;
    }
    b->whole = true;
}

/* --- letters --- */

/* The Linux console's fonts have the blocks of the PC's code page only. */
static wchar_t console_letter(uint32_t ch)
{
    static const struct {
        uint32_t first, last;
        wchar_t shown;
    } blocks[] = {
        {0x2581, 0x2581, L'_'},   {0x2582, 0x2583, L'.'},   {0x2584, 0x2585, 0x2584},
        {0x2586, 0x2588, 0x2588}, {0x2589, 0x258A, 0x2588}, {0x258B, 0x258D, 0x258C},
        {0x258E, 0x258F, L'|'},
    };
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        if (ch >= blocks[i].first && ch <= blocks[i].last) {
            return blocks[i].shown;
        }
    }
    return (wchar_t)ch;
}

wchar_t blit_letter(const struct blit *b, uint32_t ch)
{
    wchar_t shown = b->console ? console_letter(ch) : (wchar_t)ch;
    bool strange = utf8_is_hostile(ch) || (!b->utf8 && ch >= 0x7F);
    if (!strange && ch >= 0x7F) {
        strange = wcwidth(shown) != utf8_width(ch); /* curses would count other columns than we do */
    }
    if (!strange) {
        return shown;
    }
    return b->utf8 && utf8_width(ch) < 2 ? (wchar_t)UTF8_REPLACEMENT : L'?';
}

static bool same(const struct cell *a, const struct cell *b)
{
    return a->ch == b->ch && a->role == b->role && a->flags == b->flags;
}

static void put(struct blit *b, cchar_t *to, wchar_t letter, const struct cell *c)
{
    wchar_t text[2] = {letter, L'\0'};
    enum role role = c->role < ROLE_COUNT ? (enum role)c->role : ROLE_TEXT;
    attr_t attr = b->attr[role];
    attr |= c->flags & CELL_BOLD ? A_BOLD : A_NORMAL;
    attr ^= c->flags & CELL_REVERSE ? A_REVERSE
                                    : A_NORMAL; /* what is reversed already stands out the other way */
    setcchar(to, text, attr, b->pair[role], NULL);
}

/* What the window's row shall hold: the grid's cells, blanks where it is smaller. */
static bool take_row(struct blit *b, const struct grid *g, int y)
{
    static const struct cell blank = {' ', ROLE_TEXT, 0};
    struct cell *shown = &b->shown[(size_t)y * (size_t)b->width];
    bool changed = b->whole;
    for (int x = 0; x < b->width; x++) {
        const struct cell *c = grid_at(g, x, y);
        c = c ? c : &blank;
        changed = changed || !same(&shown[x], c);
        shown[x] = *c;
    }
    return changed;
}

static void draw_row(struct blit *b, int y)
{
    const struct cell *shown = &b->shown[(size_t)y * (size_t)b->width];
    int n = 0;
    for (int x = 0; x < b->width; x++) {
        const struct cell *c = &shown[x];
        bool wide = c->ch && utf8_width(c->ch) == 2;
        if (c->ch == 0) {
            put(b, &b->row[n++], L' ', c); /* a right half alone */
            continue;
        }
        bool paired = wide && x + 1 < b->width && shown[x + 1].ch == 0;
        wchar_t letter = wide && !paired ? L' ' : blit_letter(b, c->ch);
        put(b, &b->row[n++], letter, c);
        if (paired) {
            x++;
            if (letter == L'?') {
                put(b, &b->row[n++], letter, c);
            }
        }
    }
    mvadd_wchnstr(y, 0, b->row, n);
}

bool blit_row(struct blit *b, const struct grid *g, int y)
{
    bool changed = take_row(b, g, y);
    if (changed) {
        draw_row(b, y);
    }
    return changed;
}

void blit_draw(struct blit *b, const struct grid *g)
{
    for (int y = 0; y < b->height; y++) {
        blit_row(b, g, y);
    }
    b->whole = false;
    blit_cursor(b, g);
}

void blit_cursor(const struct blit *b, const struct grid *g)
{
    bool cursor = g->cursor_x >= 0 && g->cursor_y >= 0 && g->cursor_x < b->width && g->cursor_y < b->height;
    leaveok(stdscr, !cursor);
    curs_set(cursor ? 1 : 0);
    if (cursor) {
        move(g->cursor_y, g->cursor_x);
    }
}
