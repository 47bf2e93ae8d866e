/* console: the whole joined on one loop: observer and actor on one side, ui and screen on the other. Private
 * to app. */
#ifndef REDAI_APP_CONSOLE_H
#define REDAI_APP_CONSOLE_H

#include "actor.h"
#include "observer.h"
#include "pacer.h"

#include <ev.h>

#include "redai/tty/screen.h"
#include "redai/view/ui.h"

struct console {
    struct settings *settings;
    struct ev_loop *loop;
    struct observer observer;
    struct actor actor;
    struct command_set commands;
    struct ui *ui;
    struct screen *screen;
    struct grid grid;

    ev_io input, output;
    ev_timer escape, frame, tick;
    ev_prepare turn;
    ev_signal on_signal[6];

    unsigned changes; /* topic bits not yet drawn */
    struct pacer pacer;
    int64_t changed_us; /* the first undrawn change; -1 none */
    bool urgent;        /* a key was pressed: draw now */
    bool suspended;
    bool woken; /* the SIGCONT that ended our own stop is still to come */
    int exit_code;
    /* the enqueue form that is open */
    const struct template *form_template;
    bool quitting;
};

/* Joins every table of commands; c is NULL when only the tables are wanted (docs). */
void console_join_commands(struct command_set *set, struct console *c, struct settings *s);

/* console_commands.c: ctx is struct console * */
extern const struct command console_commands[];
extern const size_t console_commands_count;

#endif
