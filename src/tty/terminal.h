/* terminal: the real one at the other end of the file descriptors: its modes, its size, and bytes to it that
 * never block. The descriptors are shared with the shell (one file description), so O_NONBLOCK is never left
 * on them: the terminal is opened anew where that can be done. Private to tty. */
#ifndef REDAI_TTY_TERMINAL_H
#define REDAI_TTY_TERMINAL_H

#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#include "redai/base/err.h"
#include "redai/base/span.h"

enum { TERMINAL_SIDE_MAX = 2048 /* columns or rows; more is a lie */ };

struct terminal {
    int in_fd;
    int out_fd;   /* where to write: our own, or the shared one */
    bool own_out; /* out_fd is ours and non-blocking */
    struct termios saved;
    bool raw;
};

/* False when in_fd or out_fd is no terminal. Modes are unchanged. */
bool terminal_open(struct terminal *t, int in_fd, int out_fd, struct err *err);
void terminal_close(struct terminal *t);
bool terminal_raw(struct terminal *t);     /* keys one by one, no echo, no signals, no output translation */
void terminal_restore(struct terminal *t); /* the modes found by terminal_open; safe in a signal handler */
void terminal_size(const struct terminal *t, int *ret_width, int *ret_height);
/* Waits, stopped, while another job has the terminal: until `fg`. False when nobody is there to stop for (the
 * shell has gone) or to go on for. */
bool terminal_await_front(const struct terminal *t);
void terminal_drop_input(const struct terminal *t); /* what was typed and not read yet */
/* Writes what the terminal takes now. Returns bytes written (0: it is full), or -1 when it has gone. Safe in
 * a signal handler. */
ssize_t terminal_write(const struct terminal *t, struct span bytes);
/* Waits until the terminal takes bytes; false after timeout_ms. Safe in a signal handler. */
bool terminal_wait_writable(const struct terminal *t, int timeout_ms);
/* Reads what is there. Returns bytes (0: nothing now), or -1 when the input has ended. */
ssize_t terminal_read(const struct terminal *t, char *out, size_t size);

#endif
