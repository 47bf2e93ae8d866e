/* terminfo: starts curses for a TERM, or for the nearest description this machine has, and gives the few
 * strings we send ourselves. Private to tty. */
#ifndef REDAI_TTY_TERMINFO_H
#define REDAI_TTY_TERMINFO_H

#include <curses.h>
#include <stdio.h>

#include "redai/base/container.h"

enum { TERMINFO_NAME_SIZE = 64, TERMINFO_CANDIDATES = 8 };

extern const char terminfo_fallback_name[];
extern const char terminfo_fallback[]; /* a value of $TERMINFO */

/* The descriptions to try for a TERM, best first. many_colors: the user or COLORTERM says that the terminal
 * can show more than its name does. Returns how many; the built-in fallback is always the last. */
size_t terminfo_candidates(const char *term, bool many_colors,
                           char out[TERMINFO_CANDIDATES][TERMINFO_NAME_SIZE]);

/* newterm() for the first candidate that works, drawing onto draft, for a terminal of that size. Leaves
 * environment and signal handlers as they were. NULL when even the fallback fails; ret_name gets the
 * description's name. */
SCREEN *terminfo_newterm(const char *term, bool many_colors, FILE *draft, int width, int height,
                         char ret_name[TERMINFO_NAME_SIZE]);

/* Appends a string capability without its padding; nothing when the terminal has none. */
void terminfo_string(const char *capability, UT_string *out);
/* The same for one with two parameters. */
void terminfo_string2(const char *capability, int a, int b, UT_string *out);
bool terminfo_has(const char *capability);

/* Whether a terminal of this name understands operating system commands: title and clipboard. Others would
 * print them. */
bool terminfo_speaks_osc(const char *term);

#endif
