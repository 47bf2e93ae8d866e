/* pty: runs a program in a pseudo-terminal and reads its screen back through libvterm. Waiting is always for
 * a condition, with a bound.
 *
 *   struct pty *p = pty_start((const char *[]){"redai-console", NULL}, (const char *[]){"TERM=vt100", NULL},
 * 24, 80); assert_true(pty_wait_text(p, "sessions", 5000)); pty_send(p, "q"); assert_true(pty_wait_exit(p,
 * 5000)); assert_int_equal(WEXITSTATUS(pty_stop(p)), 0);
 *
 * A lone Esc is told from a sequence by time: wait for its effect before sending the next key, or the two are
 * taken for Alt and that key, as from any terminal. */
#ifndef REDAI_TESTS_SUPPORT_PTY_H
#define REDAI_TESTS_SUPPORT_PTY_H

#include <termios.h>

#include "redai/base/container.h"

struct pty;

/* env: "NAME=VALUE" is set and "NAME" unset on top of the inherited environment; NULL for none. TERM is
 * xterm-256color and LC_ALL C.UTF-8 unless env says otherwise; LINES, COLUMNS, COLORTERM, NO_COLOR and TMUX
 * are unset. The program is looked up in PATH. NULL when no terminal can be had. */
struct pty *pty_start(const char *const argv[], const char *const env[], int rows, int cols);
/* Ends the program when it still runs (hang-up, after 5 s SIGKILL), releases all; returns waitpid's status.
 */
int pty_stop(struct pty *p);

void pty_send(struct pty *p, const char *keys); /* text as typed: "\r" is Enter, "\033[A" is Up */
void pty_send_bytes(struct pty *p, struct span bytes);
void pty_resize(struct pty *p, int rows,
                int cols); /* the terminal and the virtual screen; SIGWINCH follows */
/* The terminal alone, for a size that nobody looks at. */
void pty_resize_only(struct pty *p, int rows, int cols);
void pty_signal(struct pty *p, int number);
void pty_hang_up(struct pty *p); /* the terminal is gone, with all that was not read */
/* What another program on the same terminal writes; nothing of it passes through the program. */
void pty_scribble(struct pty *p, struct span bytes);
void pty_set_modes(struct pty *p, const struct termios *modes); /* as a shell does that has the terminal */

/* Reads what is there now. Every wait below reads by itself; not calling any of them is a terminal that
 * stalls. */
void pty_read(struct pty *p);
/* Reads until nothing has come for a moment and the program sleeps, is stopped or has ended: what it was
 * drawing when a wait saw its text is whole then. A terminal hands a large frame over in parts. */
void pty_settle(struct pty *p);
bool pty_wait_text(struct pty *p, const char *text,
                   int timeout_ms); /* until it is on the screen, within one row */
bool pty_wait_text_gone(struct pty *p, const char *text, int timeout_ms);
bool pty_wait_raw(struct pty *p, const char *bytes,
                  int timeout_ms); /* until it was among the bytes received */
/* Until a signal has stopped it, and what it wrote before has been read. One that continues it sooner is
 * lost. */
bool pty_wait_stopped(struct pty *p, int timeout_ms);
bool pty_wait_exit(struct pty *p, int timeout_ms); /* and until all it wrote has been read */
bool pty_wait(struct pty *p, bool (*done)(struct pty *p, void *ctx), void *ctx, int timeout_ms);

/* Borrowed until the next call: rows joined by newlines, trailing blanks cut. */
const char *pty_screen_text(struct pty *p);
struct span pty_raw_bytes(const struct pty *p); /* everything received so far */
void pty_forget_raw(struct pty *p);             /* begins that anew */

struct pty_cell {
    uint32_t ch;                   /* 0: blank */
    int width;                     /* 1, or 2 for the left half of a wide letter */
    int fg, bg;                    /* -1 default, 0..255, or 256 for anything else */
    bool bold, underline, reverse; /* the virtual terminal knows no dim */
};
struct pty_cell pty_cell(const struct pty *p, int x, int y);
/* Where a text stands on the screen (column of its first letter); false when it does not. */
bool pty_find(struct pty *p, const char *text, int *ret_x, int *ret_y);
void pty_cursor(const struct pty *p, int *ret_x, int *ret_y, bool *ret_visible);
bool pty_alternate_screen(const struct pty *p);
const char *pty_title(const struct pty *p); /* "" when none was set */
struct termios pty_modes(const struct pty *p);
int pty_flags(const struct pty *p); /* F_GETFL of the file description the program was given */
int pty_pid(const struct pty *p);
bool pty_is_full(const struct pty *p); /* it takes no more from the program before somebody reads */

#endif
