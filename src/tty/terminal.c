#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "redai/base/num.h"

enum { DEFAULT_WIDTH = 80, DEFAULT_HEIGHT = 24, CHUNK_BYTES = 4096 };

/* Opens the same terminal again, with a file description of our own. By the kernel's link first: within a
 * container the terminal's name may not exist. -1 when it cannot be opened (after su, say, it belongs to
 * somebody else). */
static int reopen(int fd)
{
    char link[32];
    struct stat wanted;
    struct stat got;
    const int flags = O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (fstat(fd, &wanted) != 0) {
        return -1;
    }
    int own = open(link, flags);
    if (own < 0) {
        char name[256];
        own = ttyname_r(fd, name, sizeof name) == 0 ? open(name, flags) : -1;
    }
    if (own >= 0 && (fstat(own, &got) != 0 || got.st_rdev != wanted.st_rdev || !isatty(own))) {
        close(own);
        own = -1;
    }
    return own;
}

bool terminal_open(struct terminal *t, int in_fd, int out_fd, struct err *err)
{
    *t = (struct terminal){.in_fd = in_fd, .out_fd = out_fd};
    if (!isatty(in_fd)) {
        return err_set(err, ERR_IO, "standard input is no terminal");
    }
    if (!isatty(out_fd)) {
        return err_set(err, ERR_IO, "standard output is no terminal");
    }
    if (tcgetattr(in_fd, &t->saved) != 0) {
        return err_set(err, ERR_IO, "the terminal's modes cannot be read: %m");
    }
    int own = reopen(out_fd);
    if (own >= 0) {
        t->out_fd = own;
        t->own_out = true;
    }
    return true;
}

void terminal_close(struct terminal *t)
{
    if (t->own_out) {
        close(t->out_fd);
    }
    *t = (struct terminal){.in_fd = -1, .out_fd = -1};
}

/* From the background, setting modes would stop the process with SIGTTOU; a restore must happen all the same.
 */
static bool set_modes(int fd, const struct termios *modes)
{
    sigset_t stop;
    sigset_t before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTTOU);
    sigprocmask(SIG_BLOCK, &stop, &before);
    int result;
    do {
        result = tcsetattr(fd, TCSANOW, modes); /* never TCSADRAIN: it waits for a stalled terminal */
    } while (result != 0 && errno == EINTR);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return result == 0;
}

/* tcgetpgrp fails where the terminal is not the one that controls us: then there are no jobs either. */
static bool is_behind(const struct terminal *t)
{
    pid_t front = tcgetpgrp(t->in_fd);
    return front > 0 && front != getpgrp();
}

bool terminal_await_front(const struct terminal *t)
{
    enum { WAKES_MAX = 100 }; /* without a shell that could bring it forward the kernel stops nobody */
    int wakes = 0;
    while (is_behind(t) && wakes++ < WAKES_MAX) {
        raise(SIGTTOU);
    }
    return !is_behind(t);
}

void terminal_drop_input(const struct terminal *t)
{
    tcflush(t->in_fd, TCIFLUSH);
}

bool terminal_raw(struct terminal *t)
{
    struct termios modes = t->saved;
    modes.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF);
    modes.c_oflag &= ~(tcflag_t)OPOST;
    modes.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN | TOSTOP);
    modes.c_cc[VMIN] = 0; /* a read never waits, whatever poll has said */
    modes.c_cc[VTIME] = 0;
    t->raw = set_modes(t->in_fd, &modes);
    return t->raw;
}

void terminal_restore(struct terminal *t)
{
    if (t->raw) {
        t->raw = false;
        terminal_drop_input(t); /* keys meant for us are no commands for the shell */
        set_modes(t->in_fd, &t->saved);
    }
}

static int side(unsigned short told, const char *variable, int standard)
{
    int64_t size = told;
    if (size == 0) { /* a serial line knows no size */
        const char *text = getenv(variable);
        size = text && num_i64_range(span_of(text), 1, TERMINAL_SIDE_MAX, &size) ? size : standard;
    }
    return size > TERMINAL_SIDE_MAX ? TERMINAL_SIDE_MAX : (int)size;
}

void terminal_size(const struct terminal *t, int *ret_width, int *ret_height)
{
    struct winsize size = {0};
    if (ioctl(t->out_fd, TIOCGWINSZ, &size) != 0) {
        size = (struct winsize){0};
    }
    *ret_width = side(size.ws_col, "COLUMNS", DEFAULT_WIDTH);
    *ret_height = side(size.ws_row, "LINES", DEFAULT_HEIGHT);
}

bool terminal_wait_writable(const struct terminal *t, int timeout_ms)
{
    struct pollfd p = {.fd = t->out_fd, .events = POLLOUT};
    return poll(&p, 1, timeout_ms) == 1 && (p.revents & POLLOUT);
}

/* The shared description gets O_NONBLOCK for the moment of the write only: even a terminal that poll calls
 * writable may take less than a chunk and make the rest wait. */
static ssize_t write_shared(int fd, struct span bytes)
{
    int flags = fcntl(fd, F_GETFL);
    bool blocking = flags >= 0 && !(flags & O_NONBLOCK);
    if (blocking && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) {
        return -1;
    }
    ssize_t n = write(fd, bytes.data, bytes.len);
    int why = errno;
    if (blocking) {
        fcntl(fd, F_SETFL, flags);
    }
    errno = why;
    return n;
}

ssize_t terminal_write(const struct terminal *t, struct span bytes)
{
    size_t done = 0;
    while (done < bytes.len) {
        struct span chunk = span_head(span_skip(bytes, done), CHUNK_BYTES);
        ssize_t n = t->own_out ? write(t->out_fd, chunk.data, chunk.len) : write_shared(t->out_fd, chunk);
        if (n > 0) {
            done += (size_t)n;
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n == 0 || errno == EAGAIN) {
            break;
        } else {
            return -1;
        }
    }
    return (ssize_t)done;
}

ssize_t terminal_read(const struct terminal *t, char *out, size_t size)
{
    struct pollfd p = {.fd = t->in_fd, .events = POLLIN};
    if (poll(&p, 1, 0) <= 0) {
        return 0;
    }
    ssize_t n = read(t->in_fd, out, size);
    if (n > 0) {
        return n;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return 0;
    }
    /* Without a hang-up, no bytes are what VMIN 0 gives when somebody else has read them. */
    return n == 0 && !(p.revents & (POLLHUP | POLLERR | POLLNVAL)) ? 0 : -1;
}
