/* console: the whole joined on one loop: observer and actor on one side, ui and screen on the other. Private
 * to app. */
#ifndef REDAI_APP_CONSOLE_H
#define REDAI_APP_CONSOLE_H

#include "actor.h"
#include "haste.h"
#include "hook_command.h"
#include "observer.h"
#include "pacer.h"

#include <ev.h>

#include "redai/tty/screen.h"
#include "redai/view/ui.h"

/* Fields of the form for any task. */
enum enqueue_field {
    ENQUEUE_TASK,
    ENQUEUE_ARGS,
    ENQUEUE_KWARGS,
    ENQUEUE_QUEUE,
    ENQUEUE_PRIORITY,
    ENQUEUE_COUNTDOWN,
    ENQUEUE_ETA,
    ENQUEUE_EXPIRES,
    ENQUEUE_FIELDS
};

#define ALERTS_CHOSEN_MAX 64

struct console {
    struct settings *settings;
    struct ev_loop *loop;
    struct observer observer;
    struct actor actor;
    struct bin *bin; /* NULL: nothing that is deleted is kept */
    struct command_set commands;
    struct ui *ui;
    struct screen *screen;
    struct grid grid;

    ev_io input, output;
    ev_timer escape, frame, tick;
    ev_timer leave; /* a key that leaves is alone, or what follows at once says that it was pasted */
    ev_prepare turn;
    ev_signal on_signal[6];

    unsigned changes; /* topic bits not yet drawn */
    struct pacer pacer;
    struct {
        struct hook_command command;
        uint64_t seen; /* number of the last change that was taken */
        int64_t rung_us, titled_us;
    } hooks;
    int64_t changed_us; /* the first undrawn change; -1 none */
    bool urgent;        /* a key was pressed: draw now */
    struct veil veil;
    bool curtain;     /* it is drawn */
    enum verb verb;   /* of the order that is at work */
    int64_t order_us; /* when it was given */
    bool moved_on;    /* keys were pressed since */
    bool asking;      /* its plan is the question that is open */
    bool held;        /* its plan came too late to be asked by itself: plan shows it */
    int64_t late_us;  /* when a question came that had been waited for; 0: it did not keep anybody waiting */
    bool tracing;     /* a trace that was begun here runs, or its end was not told yet */
    int64_t trace_us; /* how long the one that is asked about would take */
    struct haste haste; /* of the keys */
    uint32_t key;       /* the newest; 0 none */
    bool awaited;       /* what the key has opened is still being read */
    bool suspended;
    bool woken; /* the SIGCONT that ended our own stop is still to come */
    int exit_code;
    /* of the form or menu that is open */
    const struct template *form_template;
    const struct worker_method *form_method;
    struct order revoke;
    struct target form_key;                        /* whose TTL the form is about */
    struct target alert_chosen[ALERTS_CHOSEN_MAX]; /* that a form mutes */
    size_t alerts_chosen;
    size_t revoke_choice[3];
    uint64_t undo_choice[20];
    char *enqueued[ENQUEUE_FIELDS]; /* the last order of this run, as the form has it; NULL: as it begins */
    bool quitting;
    struct login_lack lack; /* whose password is asked for, and */
    char *lack_url;         /* what :connect was told; NULL: nobody's */
};

/* Whether the console can be shown here: both streams are a terminal that can place a cursor. err says why
 * not and what to do instead. */
bool console_possible(struct err *err);

void console_end(struct console *c, int code); /* leaves the loop, with that exit code */

/* Joins every table of commands; c is NULL when only the tables are wanted (docs). */
void console_join_commands(struct command_set *set, struct console *c, struct settings *s);

/* completion.c: what the model knows that a word may become; ctx is struct console *. The last word of a line
 * for the prompt, whole values for fields of forms. */
void completion_line(void *ctx, const char *line, UT_array *out);
bool completion_task(void *ctx, const char *text, UT_array *out);
bool completion_queue(void *ctx, const char *text, UT_array *out);
bool completion_worker(void *ctx, const char *text, UT_array *out);

/* key_command.c: `key`; ctx is struct console * */
bool key_command_open(void *ctx, const struct words *w, struct err *err);

/* console_commands.c: ctx is struct console * */
extern const struct command console_commands[];
extern const size_t console_commands_count;

#endif
