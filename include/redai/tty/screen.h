/* screen: the terminal, from start to restore. ncurses draws onto a file in memory, which takes any frame
 * whole (a pipe of 1 MiB would not: a full repaint of 500x200 can be larger, and ncurses would block on it);
 * the bytes are moved from there to the real terminal without ever blocking. While some are left the terminal
 * owes us room and frames are skipped. Raw mode is set on the real terminal; size comes from TIOCGWINSZ.
 * Restored on stop, on exit, when memory runs out, and from the crash handlers (SIGSEGV, SIGABRT, SIGBUS,
 * SIGFPE, SIGILL, SIGQUIT, SIGSYS, SIGTRAP; SIGTERM, SIGINT, SIGHUP and the like where nobody else has a
 * handler yet: terminal first, then the action that was there before). SIGTSTP and SIGCONT are the caller's:
 * screen_suspend, raise(SIGSTOP), screen_resume. Takes LC_CTYPE from the environment. */
#ifndef REDAI_TTY_SCREEN_H
#define REDAI_TTY_SCREEN_H

#include <stdint.h>

#include "redai/base/err.h"

#include "redai/view/grid.h"

struct screen;
struct palette;

struct screen_options {
    int in_fd, out_fd; /* the real terminal; usually 0 and 1 */
    const char *term;  /* TERM; NULL takes the environment's; an unknown one is taken for an xterm, "dumb" for
                          a vt100; without any terminfo on the machine a description of our own serves */
    int colors;        /* -1 auto (terminfo, COLORTERM, NO_COLOR), else 0, 8, 16, 256: at most these */
    const struct palette *palette; /* borrowed, may be NULL; may change: call screen_palette_changed */
};

/* Only one screen exists at a time. False when in_fd/out_fd is no terminal, with the reason. Started in the
 * background the process stops until it is brought to the front. */
struct screen *screen_start(const struct screen_options *options, struct err *err);
/* Gives the terminal 100 ms for what waits, drops the rest, gives it a second for the restore, frees; NULL is
 * fine. */
void screen_stop(struct screen *s);
void screen_suspend(struct screen *s); /* restore for SIGTSTP; the caller then stops itself */
/* Takes the terminal again, after screen_suspend or when the process was stopped from outside, and repaints
 * all. Keys that were typed meanwhile are dropped: they were not for us. Another job that has the terminal
 * keeps it: the process stops until it is brought to the front. False when it cannot be (its shell has gone).
 */
bool screen_resume(struct screen *s);

bool screen_utf8(const struct screen *s);  /* false: draw with grid.ascii; other letters are shown as '?' */
int screen_colors(const struct screen *s); /* as used: 0, 8, 16, 256 */
/* Asks the terminal; at least 1x1. */
void screen_size(const struct screen *s, int *ret_width, int *ret_height);
void screen_resize(struct screen *s); /* after SIGWINCH; the next draw is whole */

/* Sends the difference to what the terminal shows. Does nothing (returns false) while screen_busy. */
bool screen_draw(struct screen *s, const struct grid *g);
/* The same for a line that is slower than what changes: stops behind the row with which about most bytes are
 * full. Rows that somebody waits for come first, which are the cursor's and those that changed with a key;
 * and by_key, no others. *ret_left: what of the picture is still to be sent. A repaint is not parted. */
enum screen_left {
    SCREEN_LEFT_NOTHING,
    SCREEN_LEFT_REST, /* rows that changed by themselves, or may have */
    SCREEN_LEFT_ASKED /* rows that somebody waits for */
};
bool screen_draw_part(struct screen *s, const struct grid *g, size_t most, bool by_key,
                      enum screen_left *ret_left);
void screen_repaint(struct screen *s); /* the next draw sends everything */
/* The same after others may have written to the terminal (Ctrl-L): also the modes, and what waits is dropped.
 */
void screen_retake(struct screen *s);
bool screen_busy(const struct screen *s);  /* bytes still wait for the terminal */
int screen_out_fd(const struct screen *s); /* watch for writability while busy, then call screen_pump */
/* Moves waiting bytes to the terminal; false when the terminal has gone (EIO, EPIPE, hang-up). */
bool screen_pump(struct screen *s);
uint64_t screen_bytes_out(const struct screen *s); /* total sent, for the own-cost display and benchmarks */

int screen_in_fd(const struct screen *s); /* watch for readability, then call screen_read */
/* Reads what is there, without blocking; calls on_key for each complete key (conf/key.h codes). Lone Esc is
 * told apart from sequences by time: when *ret_again_ms > 0 call screen_flush_keys after that many ms unless
 * more came. Bracketed paste arrives through on_paste as sanitised text, capped at 64 KiB. False when the
 * input has ended. */
struct screen_input {
    void (*on_key)(void *ctx, uint32_t code);
    void (*on_paste)(void *ctx, struct span text);
    void *ctx;
};
bool screen_read(struct screen *s, const struct screen_input *input, int *ret_again_ms);
void screen_flush_keys(struct screen *s, const struct screen_input *input);

void screen_palette_changed(struct screen *s);
/* OSC 52 copy (up to 64 KiB, tmux aware), window title (sanitised; the old one comes back), bell. Copy and
 * title do nothing on terminals that would print them. */
void screen_copy(struct screen *s, struct span text);
void screen_title(struct screen *s, const char *title);
void screen_bell(struct screen *s);

#endif
