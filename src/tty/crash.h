/* crash: gives the terminal back however the process ends: by a fault, by a signal nobody handles, by exit()
 * out of the depths, for want of memory. It keeps the one writable global of tty, since a signal handler can
 * reach nothing else. What it calls in a handler is async-signal-safe. Private to tty. */
#ifndef REDAI_TTY_CRASH_H
#define REDAI_TTY_CRASH_H

#include "terminal.h"

/* From now on, restore t in an emergency by sending the bytes of `restore` (copied) and setting its old
 * modes. Only the process that armed does it, never its forked children. */
void crash_arm(struct terminal *t, struct span restore);
bool crash_armed(void);
void crash_disarm(void); /* puts the signal actions back as they were found */
/* Whether a sequence may be half sent: then it is cancelled first. */
void crash_mid_sequence(bool pending);
/* Restores now, once. Safe in a signal handler; nothing happens when not armed. */
void crash_restore(void);

#endif
