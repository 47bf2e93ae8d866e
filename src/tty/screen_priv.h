/* The screen's inside, shared by screen.c and outband.c. Private to tty. */
#ifndef REDAI_TTY_SCREEN_PRIV_H
#define REDAI_TTY_SCREEN_PRIV_H

#include "blit.h"
#include "input.h"
#include "part.h"
#include "sgr.h"
#include "terminal.h"
#include "terminfo.h"

#include <stdio.h>

#include "redai/tty/screen.h"

enum screen_multiplexer { SCREEN_BARE, SCREEN_IN_TMUX, SCREEN_IN_SCREEN };

struct screen {
    struct terminal terminal;
    FILE *draft; /* a file in memory: where curses draws */
    SCREEN *curses;
    const struct palette *palette; /* borrowed */
    struct blit blit;
    struct part part;
    struct sgr sgr;
    struct input input;
    UT_string queue; /* bytes on their way to the terminal; [sent..) still wait */
    size_t sent;
    uint64_t bytes_out;
    UT_string enter, leave; /* our own modes on and off */
    UT_string retake;       /* from whatever others have made of the terminal to what curses takes it for */
    char *title;
    enum screen_multiplexer multiplexer;
    bool osc;  /* title and clipboard commands are understood */
    bool dumb; /* even private modes might be printed */
    bool gone; /* the terminal has hung up */
    bool suspended;
    bool repaint, retaken;
};

void screen_queue(struct screen *s, struct span bytes);
void screen_send_title(struct screen *s); /* the present one, when there is one */

#endif
