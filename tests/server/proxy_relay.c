/* The process of a proxy: one poll loop; each direction of each connection has a queue, whose parts have a
 * time before which they do not leave. */
#include "server/proxy_priv.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PAIRS_MAX = 64, STUFFING = 2, READ_BYTES = 65536, QUEUE_PARTS_MAX = 64, BACKLOG = 64 };

struct part {
    int64_t due_us;
    size_t at, len;
    struct part *next;
    char bytes[];
};

struct way {
    struct part *first, *last;
    int count;
    int64_t next_us; /* PROXY_TRICKLE: when the next byte may leave */
    bool is_full;    /* the socket it leads to takes nothing now */
};

struct pair {
    int client, server; /* -1: no more */
    bool is_dead;       /* whatever comes is thrown away, and none is told */
    int64_t down;       /* bytes to the client since the mode was set */
    struct way up, back;
};

static struct relay {
    struct proxy_place place;
    enum proxy_mode mode;
    int64_t number, now_us;
    struct pair pair[PAIRS_MAX];
    int count;
    int stuffing[STUFFING];
    int64_t accepted;
} r;

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void shut(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

static void reset(int *fd)
{
    if (*fd >= 0) {
        setsockopt(*fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
        shut(fd);
    }
}

static void drop_first(struct way *w)
{
    struct part *p = w->first;
    w->first = p->next;
    w->last = w->first ? w->last : NULL;
    w->count--;
    free(p);
}

static void empty(struct way *w)
{
    while (w->first) {
        drop_first(w);
    }
    w->is_full = false;
}

static void end(struct pair *p)
{
    shut(&p->server);
    shut(&p->client);
    empty(&p->up);
    empty(&p->back);
}

static void add(struct way *w, const char *bytes, size_t len)
{
    struct part *p = malloc(sizeof *p + len);
    if (!p) {
        _exit(1);
    }
    *p = (struct part){.due_us = r.now_us + (r.mode == PROXY_DELAY ? r.number : 0), .len = len};
    memcpy(p->bytes, bytes, len);
    if (w->last) {
        w->last->next = p;
    } else {
        w->first = p;
    }
    w->last = p;
    w->count++;
}

/* --- connections --- */

static int dial(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    snprintf(at.sun_path, sizeof at.sun_path, "%s", r.place.target);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        shut(&fd);
    }
    return fd;
}

static struct pair *free_pair(void)
{
    for (int i = 0; i < r.count; i++) {
        if (r.pair[i].client < 0) {
            return &r.pair[i];
        }
    }
    return r.count < PAIRS_MAX ? &r.pair[r.count++] : NULL;
}

static void take_client(void)
{
    int one = 1;
    int fd = accept4(r.place.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct pair *p = fd >= 0 ? free_pair() : NULL;
    if (!p) {
        shut(&fd);
        return;
    }
    r.accepted++;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    *p = (struct pair){.client = fd, .server = -1, .is_dead = r.mode == PROXY_SWALLOW};
    if (!p->is_dead && (p->server = dial()) < 0) {
        reset(&p->client);
    }
}

/* --- orders --- */

static void listen_again(void)
{
    for (int i = 0; r.place.listener < 0; i++) {
        r.place.listener = proxy_bind(r.place.port);
        if (i > 1000) {
            _exit(1);
        }
    }
    listen(r.place.listener, BACKLOG);
}

/* Own connections take the places of the queue; with none left the kernel drops every SYN. */
static void stuff(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)r.place.port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    listen(r.place.listener, 0);
    for (int i = 0; i < STUFFING; i++) {
        r.stuffing[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        connect(r.stuffing[i], (struct sockaddr *)&at, sizeof at);
    }
}

static void unstuff(void)
{
    for (int i = 0; i < STUFFING; i++) {
        reset(&r.stuffing[i]);
    }
    listen(r.place.listener, BACKLOG);
}

static void obey(const struct proxy_order *order)
{
    if (r.mode == PROXY_HOLE) {
        unstuff();
    } else if (r.mode == PROXY_REFUSE) {
        listen_again();
    }
    r.mode = order->mode;
    r.number = order->number;
    for (int i = 0; i < r.count; i++) {
        struct pair *p = &r.pair[i];
        p->down = 0;
        if (p->client < 0) {
            continue;
        }
        if (r.mode == PROXY_SWALLOW || r.mode == PROXY_ABANDON) {
            p->is_dead = true;
            shut(&p->server);
            empty(&p->up);
            empty(&p->back);
        } else if (r.mode == PROXY_REFUSE) {
            reset(&p->client);
            end(p);
        }
    }
    if (r.mode == PROXY_HOLE) {
        stuff();
    } else if (r.mode == PROXY_REFUSE) {
        shut(&r.place.listener);
    }
}

static void take_order(void)
{
    struct proxy_order order;
    struct proxy_report report = {.accepted = r.accepted};
    if (read(r.place.orders, &order, sizeof order) != (ssize_t)sizeof order) {
        _exit(0);
    }
    if (!order.report_only) {
        obey(&order);
    }
    for (int i = 0; i < r.count; i++) {
        report.open += r.pair[i].client >= 0;
    }
    if (write(r.place.reports, &report, sizeof report) != (ssize_t)sizeof report) {
        _exit(0);
    }
}

/* --- bytes --- */

/* The command was sent: the reply is lost, the connections are cut, nobody comes back. */
static void lose_reply(struct pair *p, const char *bytes, size_t len)
{
    if (r.place.deliver) {
        char reply[READ_BYTES];
        ssize_t n = send(p->server, bytes, len, MSG_NOSIGNAL);
        n = n > 0 ? read(p->server, reply, sizeof reply) : n; /* it has been done now */
        (void)n;
    }
    _exit(0);
}

/* One read; the pair may have ended afterwards. */
static void take(struct pair *p, bool from_client)
{
    char bytes[READ_BYTES];
    ssize_t n = recv(from_client ? p->client : p->server, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        if (!from_client) {
            for (struct part *part = p->back.first; part; part = part->next) {
                send(p->client, part->bytes + part->at, part->len - part->at, MSG_NOSIGNAL | MSG_DONTWAIT);
            }
        }
        end(p);
        return;
    }
    if (p->is_dead) {
        return;
    }
    if (from_client && r.place.command &&
        memmem(bytes, (size_t)n, r.place.command, strlen(r.place.command))) {
        lose_reply(p, bytes, (size_t)n);
    }
    size_t len = (size_t)n;
    if (!from_client && r.mode == PROXY_RESET) {
        int64_t rest = r.number - p->down;
        if ((int64_t)len > rest) {
            send(p->client, bytes, (size_t)rest, MSG_NOSIGNAL | MSG_DONTWAIT);
            reset(&p->client);
            end(p);
            return;
        }
        p->down += n;
    }
    add(from_client ? &p->up : &p->back, bytes, len);
}

static size_t share(const struct way *w, const struct part *part, bool to_client)
{
    size_t rest = part->len - part->at;
    bool single = r.mode == PROXY_BYTES || (r.mode == PROXY_TRICKLE && to_client);
    (void)w;
    return single ? 1 : rest;
}

/* Sends what is due. Returns when to look again, -1: not by the clock. */
static int64_t give(struct pair *p, struct way *w, int fd, bool to_client)
{
    bool slow = r.mode == PROXY_TRICKLE && to_client;
    w->is_full = false;
    while (w->first && fd >= 0) {
        struct part *part = w->first;
        if (part->due_us > r.now_us) {
            return part->due_us;
        }
        if (slow && w->next_us > r.now_us) {
            return w->next_us;
        }
        ssize_t n = send(fd, part->bytes + part->at, share(w, part, to_client), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            w->is_full = true;
            return -1;
        }
        if (n <= 0) {
            end(p);
            return -1;
        }
        w->next_us = r.now_us + r.number;
        part->at += (size_t)n;
        if (part->at == part->len) {
            drop_first(w);
        }
    }
    return -1;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int64_t give_all(void)
{
    int64_t again = -1;
    for (int i = 0; i < r.count && r.mode != PROXY_HOLE; i++) {
        struct pair *p = &r.pair[i];
        if (p->client >= 0 && !p->is_dead) {
            again = sooner(again, give(p, &p->up, p->server, false));
            again = sooner(again, give(p, &p->back, p->client, true));
        }
    }
    return again;
}

static short wanted(const struct way *in, const struct way *out)
{
    return (short)((in->count < QUEUE_PARTS_MAX ? POLLIN : 0) | (out->is_full ? POLLOUT : 0));
}

/* A turn: waits until something comes or is due, and takes what came. */
static void turn(int64_t again_us)
{
    struct pollfd fd[2 + 2 * PAIRS_MAX] = {
        {.fd = r.place.orders, .events = POLLIN},
        {.fd = r.mode == PROXY_HOLE ? -1 : r.place.listener, .events = POLLIN}};
    for (int i = 0; i < r.count; i++) {
        const struct pair *p = &r.pair[i];
        bool is_deaf = r.mode == PROXY_HOLE;
        fd[2 + 2 * i] = (struct pollfd){.fd = is_deaf ? -1 : p->client, .events = wanted(&p->up, &p->back)};
        fd[3 + 2 * i] = (struct pollfd){.fd = is_deaf ? -1 : p->server, .events = wanted(&p->back, &p->up)};
    }
    int count = r.count;
    int64_t wait_us = again_us < 0 ? -1 : again_us > r.now_us ? again_us - r.now_us : 0;
    struct timespec wait = {wait_us / 1000000, (wait_us % 1000000) * 1000};
    ppoll(fd, (nfds_t)(2 + 2 * count), wait_us < 0 ? NULL : &wait, NULL);
    r.now_us = now();
    if (fd[0].revents) {
        take_order();
        return; /* what was polled may be no more */
    }
    for (int i = 0; i < count; i++) {
        struct pair *p = &r.pair[i];
        if (p->client >= 0 && (fd[2 + 2 * i].revents & (POLLIN | POLLHUP | POLLERR))) {
            take(p, true);
        }
        if (p->server >= 0 && (fd[3 + 2 * i].revents & (POLLIN | POLLHUP | POLLERR))) {
            take(p, false);
        }
    }
    if (fd[1].revents) {
        take_client();
    }
}

_Noreturn void proxy_relay(const struct proxy_place *place)
{
    r.place = *place;
    for (int i = 0; i < STUFFING; i++) {
        r.stuffing[i] = -1;
    }
    listen(r.place.listener, BACKLOG);
    r.now_us = now();
    for (;;) {
        turn(give_all());
    }
}
