/* sgr: says less of how text looks. curses names foreground and background anew with each change, and takes
 * everything back before and after bold; here only what differs from what the terminal has is sent, and only
 * once text follows. Other sequences pass as they are. The codes are those of ECMA-48, 8.3.117, with 38;5 and
 * 48;5 as xterm has them; from a sequence with any other on, all passes. Private to tty. */
#ifndef REDAI_TTY_SGR_H
#define REDAI_TTY_SGR_H

#include <stdbool.h>

#include "redai/base/container.h"
#include "redai/base/span.h"

enum { SGR_SEQUENCE_MAX = 64 };

struct sgr_pen {
    int fg, bg;     /* codes: 39, 30..37, 90..97 (49 ...), or SGR_INDEX + number behind 38;5 (48;5) */
    unsigned attrs; /* bits of codes 1 to 9 */
};

struct sgr {
    bool on;    /* the terminal speaks so; else all passes as it is */
    bool known; /* what the terminal has is has */
    /* Its charsets: G0 is ASCII, and G0 is what is shown. Neither needs to be said again. */
    bool ascii, shifted_in;
    struct sgr_pen has, wants;
    size_t len; /* of the sequence that has begun */
    char sequence[SGR_SEQUENCE_MAX];
};

/* Asks curses' description of the terminal, which has been read. */
void sgr_init(struct sgr *s);
/* Others have written: nothing is known of the terminal. */
void sgr_forget(struct sgr *s);
/* Appends to out what the terminal needs to hear of these bytes of curses. */
void sgr_pass(struct sgr *s, struct span bytes, UT_string *out);
/* What was held back goes to out: the terminal is as curses believes. */
void sgr_settle(struct sgr *s, UT_string *out);

#endif
