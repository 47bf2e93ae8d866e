/* seat: a person in front of the console: opens it in a terminal, presses keys, and looks until the screen
 * shows what is expected. Every miss ends the test with the screen as it stood. */
#ifndef REDAI_TESTS_APP_SEAT_H
#define REDAI_TESTS_APP_SEAT_H

#include "stage.h"
#include "support/pty.h"

struct seat_size {
    int rows, cols;
};
extern const struct seat_size seat_small, seat_large; /* 80x24, 120x40 */

/* The console on the server's database 0, in a terminal; more: further arguments, env: as for pty_start; both
 * may be NULL. Returns at once. */
struct pty *seat_open(struct server *s, struct seat_size size, const char *const more[],
                      const char *const env[]);
/* The same, and waits until the panes are filled with what stage_fill has put there. */
struct pty *seat_full(struct server *s, struct seat_size size, const char *const more[]);

void seat_see(struct pty *p, const char *text);      /* until it is on the screen */
void seat_see_gone(struct pty *p, const char *text); /* until it is not */
void seat_not(struct pty *p, const char *text);      /* now, with all that is being drawn drawn */
void seat_key(struct pty *p, const char *keys);
/* Keys, and then what they lead to. */
void seat_do(struct pty *p, const char *keys, const char *text);
/* Esc, alone: waits for its effect. */
void seat_leave(struct pty *p, const char *gone);
/* q, exit 0, and the terminal is as it was found. */
void seat_quit(struct pty *p);
/* The terminal's modes, screen and cursor are a shell's again, and all was switched off in the bytes. */
void seat_assert_restored(struct pty *p);
/* The row (0 from the top) of the first line with this text, or a failure. */
int seat_row(struct pty *p, const char *text);

/* Makes the terminal one that takes no more: has it repainted until all the system keeps for it is full. */
void seat_fill(struct pty *p);
/* The screen below its first row, which has a clock when the screen is frozen; borrowed. */
const char *seat_below(struct pty *p);

#endif
