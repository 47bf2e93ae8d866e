#include "wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

enum { KEEPALIVE_IDLE_S = 30, KEEPALIVE_INTERVAL_S = 10, KEEPALIVE_COUNT = 3 };

static ssize_t plain_read(struct wire *w, void *data, size_t bytes)
{
    return recv(w->fd, data, bytes, 0);
}

static ssize_t plain_write(struct wire *w, const void *data, size_t bytes)
{
    return send(w->fd, data, bytes, MSG_NOSIGNAL);
}

static ssize_t secure_read(struct wire *w, void *data, size_t bytes)
{
    return tls_read(w->tls, data, bytes);
}

static ssize_t secure_write(struct wire *w, const void *data, size_t bytes)
{
    return tls_write(w->tls, data, bytes);
}

void wire_init(struct wire *w)
{
    *w = (struct wire){.fd = -1, .read = plain_read, .write = plain_write};
}

bool wire_error(struct err *err, int number)
{
    char room[128];
    if (number == EAGAIN) {
        /* Only a unix socket says so, and only to a connect. */
        return err_set(err, ERR_NETWORK, "server is too busy to take connections");
    }
    const char *text = strerror_r(number, room, sizeof(room)); /* the GNU one */
    char first = *text >= 'A' && *text <= 'Z' ? (char)(*text | 0x20) : *text;
    return err_set(err, ERR_NETWORK, "%c%s", first, *text ? text + 1 : "");
}

/* None of these is worth giving up a connection for. */
static void tune(int fd)
{
    static const struct {
        int level, name, value;
    } settings[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S},
        {IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT},
    };
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        setsockopt(fd, settings[i].level, settings[i].name, &settings[i].value, sizeof(settings[i].value));
    }
}

bool wire_connect(struct wire *w, const struct sockaddr *to, socklen_t to_len, struct err *err)
{
    w->fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (w->fd < 0) {
        return wire_error(err, errno);
    }
    if (to->sa_family != AF_UNIX) {
        tune(w->fd);
    }
    /* An interrupted connect goes on by itself. */
    if (connect(w->fd, to, to_len) != 0 && errno != EINPROGRESS && errno != EINTR) {
        wire_error(err, errno);
        wire_close(w);
        return false;
    }
    return true;
}

bool wire_connected(struct wire *w, struct err *err)
{
    int number = 0;
    socklen_t size = sizeof(number);
    if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &number, &size) != 0) {
        number = errno;
    }
    return number == 0 || wire_error(err, number);
}

void wire_close(struct wire *w)
{
    int fd = w->fd;
    tls_free(w->tls);
    wire_init(w);
    if (fd >= 0) {
        close(fd);
    }
}

bool wire_secure(struct wire *w, const struct address_tls *a, const char *host, struct err *err)
{
    w->tls = tls_new(a, host, w->fd, err);
    if (w->tls) {
        w->read = secure_read;
        w->write = secure_write;
    }
    return w->tls != NULL;
}

bool wire_reads_short(const struct wire *w)
{
    return w->tls != NULL;
}

bool wire_why(const struct wire *w, struct err *err, int number)
{
    if (w->tls && tls_error(w->tls)->code != ERR_NONE) {
        *err = *tls_error(w->tls);
        return false;
    }
    return number ? wire_error(err, number) : err_set(err, ERR_NETWORK, "connection closed by the server");
}
