/* palette: the look of each role, from theme files. A theme is a file of `role NAME FG BG ATTR` lines;
 * colours are default, black red green yellow blue magenta cyan white, bright-<those>, 0..255, or #rrggbb
 * (nearest of 256). With fewer colours the nearest is taken; with none the mono attributes of role.h hold.
 * Roles without a line inherit from their parent. */
#ifndef REDAI_TTY_PALETTE_H
#define REDAI_TTY_PALETTE_H

#include "redai/conf/command.h"

#include "redai/view/role.h"

struct palette_entry {
    short fg, bg;  /* -1: the terminal's default; 0..255 */
    unsigned attr; /* enum palette_attr */
    bool set;
};

enum palette_attr { PALETTE_BOLD = 1, PALETTE_DIM = 2, PALETTE_REVERSE = 4, PALETTE_UNDERLINE = 8 };

struct palette {
    struct palette_entry entry[ROLE_COUNT];
};

/* Nothing set: everything is the terminal's default with mono attributes. */
void palette_init(struct palette *p);
/* The entry after inheritance, fit for that many colours (0 = mono). */
struct palette_entry palette_look(const struct palette *p, enum role role, int colors);
/* Loads a theme by name ("dark") or by path: the user's own in $XDG_CONFIG_HOME/redai-console/themes
 * (~/.config without it) before one of the binary's. err names file, line and word. p is unchanged on
 * failure. */
bool palette_load(struct palette *p, const char *theme, struct err *err);

extern const struct command palette_commands[]; /* role NAME FG BG ATTR: ctx is struct palette * */
extern const size_t palette_commands_count;

#endif
