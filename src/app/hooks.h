/* hooks: what leaves the console by itself when an alert changes: the terminal's bell, the window's title, a
 * local command. All off unless asked for. Fed from the model's log of transitions by number, so that nothing
 * is told twice and nothing left out. They touch nothing but this machine, so --read-only allows them.
 * Private to app. */
#ifndef REDAI_APP_HOOKS_H
#define REDAI_APP_HOOKS_H

#include "console.h"

/* False with err: an option is not understood. */
bool hooks_start(struct console *c, struct err *err);
/* After the screen is up: says what is wrong with the command. */
void hooks_check(struct console *c);
/* Once per turn, behind the judging. */
void hooks_turn(struct console *c);
void hooks_stop(struct console *c);
/* Takes an alert-* option that was changed while everything runs. */
bool hooks_set(struct console *c, enum option_id id, const char *value, struct err *err);
bool hooks_own(enum option_id id);

#endif
