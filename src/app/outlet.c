#include "outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The same pipe or terminal with a description of our own; -1: not possible. */
static int reopen(int fd)
{
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return open(link, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void outlet_open(struct outlet *o, int fd)
{
    struct stat st;
    *o = (struct outlet){.fd = fd, .kind = OUTLET_FILE};
    utstring_init(&o->waiting);
    if (fstat(fd, &st) != 0) {
        o->gone = true;
        return;
    }
    o->pipe = S_ISFIFO(st.st_mode);
    if (S_ISSOCK(st.st_mode)) {
        o->kind = OUTLET_SOCKET;
    } else if (o->pipe || isatty(fd)) {
        int own = reopen(fd);
        o->gone = own < 0 && errno == ENXIO; /* a pipe that nobody reads */
        o->kind = own >= 0 ? OUTLET_OWN : OUTLET_SHARED;
        o->fd = own >= 0 ? own : fd;
    }
}

void outlet_close(struct outlet *o)
{
    if (o->kind == OUTLET_OWN) {
        close(o->fd);
    }
    utstring_done(&o->waiting);
}

bool outlet_busy(const struct outlet *o)
{
    return o->sent < utstring_len(&o->waiting);
}

static ssize_t write_some(struct outlet *o, struct span rest)
{
    if (o->kind == OUTLET_SOCKET) {
        return send(o->fd, rest.data, rest.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (o->kind == OUTLET_SHARED) { /* where poll sees room, this much does not wait */
        struct pollfd p = {.fd = o->fd, .events = POLLOUT};
        if (poll(&p, 1, 0) <= 0) {
            errno = EAGAIN;
            return -1;
        }
        rest = span_head(rest, PIPE_BUF);
    }
    return write(o->fd, rest.data, rest.len);
}

bool outlet_pump(struct outlet *o)
{
    while (!o->gone && outlet_busy(o)) {
        ssize_t n = write_some(o, span_skip(text_span(&o->waiting), o->sent));
        if (n >= 0) {
            o->sent += (size_t)n;
        } else if (errno == EAGAIN) {
            return true;
        } else if (errno != EINTR) {
            o->gone = true;
        }
    }
    utstring_clear(&o->waiting);
    o->sent = 0;
    return !o->gone;
}

void outlet_put(struct outlet *o, struct span bytes)
{
    text_add(&o->waiting, bytes);
}
