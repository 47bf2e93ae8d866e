#include "link_priv.h"

#include <sys/un.h>

/* While there is another address to try, one that swallows packets must not use up all the patience. */
#define NEXT_CANDIDATE_US (2 * US_PER_S)

void attempt_end(struct link *l)
{
    ev_io_stop(l->loop, &l->read_io);
    ev_io_stop(l->loop, &l->write_io);
    ev_timer_stop(l->loop, &l->rest);
    l->is_listening = l->is_storm = false;
    if (l->resolver) {
        resolver_pause(l->resolver);
    }
    if (l->sentinel) {
        sentinel_pause(l->sentinel);
    }
    wire_close(&l->wire);
}

/* Begins to connect; the answer comes as attempt_writable. */
static bool connect_to(struct link *l, const struct sockaddr *to, socklen_t to_len, int64_t patience_us,
                       struct err *err)
{
    if (!wire_connect(&l->wire, to, to_len, err)) {
        return false;
    }
    ev_io_set(&l->write_io, l->wire.fd, EV_WRITE);
    ev_io_set(&l->read_io, l->wire.fd, EV_READ);
    ev_io_start(l->loop, &l->write_io);
    link_arm(l, clock_mono_us() + patience_us);
    return true;
}

/* Tries the addresses from l->candidate on; the error of the last one counts. */
static void connect_candidates(struct link *l, const struct err *last)
{
    struct err err = last ? *last : (struct err){0};
    socklen_t len = 0;
    const struct sockaddr *to;

    while ((to = resolver_address(l->resolver, l->candidate, &len)) != NULL) {
        socklen_t next_len = 0;
        bool is_last = resolver_address(l->resolver, l->candidate + 1, &next_len) == NULL;
        int64_t patience_us = l->options.connect_timeout_us;
        if (!is_last && patience_us > NEXT_CANDIDATE_US) {
            patience_us = NEXT_CANDIDATE_US;
        }
        if (connect_to(l, to, len, patience_us, &err)) {
            return;
        }
        l->candidate++;
    }
    link_down(l, DELAY_BACKOFF, &err);
}

static void begin_unix(struct link *l)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct err err = {0};
    size_t len = strlen(l->address.host);

    if (len >= sizeof(to.sun_path)) {
        err_set(&err, ERR_NETWORK, "socket path is too long");
        link_down(l, DELAY_LONG, &err);
        return;
    }
    memcpy(to.sun_path, l->address.host, len);
    if (!connect_to(l, (const struct sockaddr *)&to, sizeof(to), l->options.connect_timeout_us, &err)) {
        link_down(l, DELAY_BACKOFF, &err);
    }
}

/* LINK_CONNECTING is told before the first connect, whose failure is told too. */
static void connect_resolved(struct link *l)
{
    uint64_t epoch = l->epoch;
    l->candidate = 0;
    link_change(l, LINK_CONNECTING);
    if (l->epoch == epoch) {
        connect_candidates(l, NULL);
    }
}

static void on_resolved(void *user, const struct err *err)
{
    struct link *l = user;
    link_enter(l);
    if (err) {
        link_down(l, DELAY_BACKOFF, err);
    } else {
        connect_resolved(l);
    }
    link_leave(l);
}

static void look_up(struct link *l, const char *host, int port)
{
    struct err err = {0};

    if (!l->host || strcmp(l->host, host) != 0 || l->port != port) {
        resolver_free(l->resolver);
        mem_replace(&l->host, host);
        l->port = port;
        l->resolver = resolver_new(l->loop, l->host, l->port, on_resolved, l);
    }
    switch (resolver_begin(l->resolver, &err)) {
    case RESOLVE_DONE:
        connect_resolved(l);
        break;
    case RESOLVE_WAITING:
        link_arm(l, clock_mono_us() + l->options.connect_timeout_us);
        break;
    case RESOLVE_FAILED:
        link_down(l, DELAY_BACKOFF, &err);
        break;
    }
}

static void on_found(void *user, const struct err *err, const char *host, int port)
{
    struct link *l = user;
    link_enter(l);
    if (err) {
        link_down(l, DELAY_BACKOFF, err);
    } else {
        look_up(l, host, port);
    }
    link_leave(l);
}

static void on_moved(void *user, const char *why)
{
    struct link *l = user;
    struct err err = {0};
    err_set(&err, ERR_NETWORK, "%s", why);
    link_enter(l);
    link_down(l, DELAY_BACKOFF, &err);
    link_leave(l);
}

static void begin_network(struct link *l)
{
    uint64_t epoch = l->epoch;

    link_change(l, LINK_RESOLVING);
    if (l->epoch != epoch) {
        return;
    }
    if (l->address.kind != ADDRESS_SENTINEL) {
        look_up(l, l->address.host, l->address.port);
        return;
    }
    if (!l->sentinel) {
        l->sentinel = sentinel_new(
            l->loop, &(struct sentinel_options){
                         .address = &l->address, .found = on_found, .moved = on_moved, .user = l});
    }
    ev_timer_stop(l->loop, &l->timer); /* it has bounds of its own */
    sentinel_begin(l->sentinel);
}

void attempt_begin(struct link *l)
{
    uint64_t epoch = l->epoch;

    inbox_free(l->in);
    l->in = inbox_new(l->options.on_message != NULL);
    lines_release(&l->lines);
    l->is_monitor = false;
    l->first_word = (struct err){0};
    if (l->address.kind != ADDRESS_UNIX) {
        begin_network(l);
        return;
    }
    link_change(l, LINK_CONNECTING);
    if (l->epoch == epoch) {
        begin_unix(l);
    }
}

/* The address at hand will not do: the next one, or the end of the attempt. */
static void next_candidate(struct link *l, const struct err *of_the_wire)
{
    struct err copy = *of_the_wire; /* it goes with the connection */
    const struct err *why = &copy;
    attempt_end(l);
    if (l->address.kind == ADDRESS_UNIX) {
        link_down(l, DELAY_BACKOFF, why);
        return;
    }
    l->candidate++;
    connect_candidates(l, why);
}

static void shake_hands(struct link *l)
{
    ev_io_stop(l->loop, &l->write_io);
    switch (tls_handshake(l->wire.tls)) {
    case TLS_DONE:
        greeting_begin(l);
        break;
    case TLS_WANTS_READ:
        break;
    case TLS_WANTS_WRITE:
        ev_io_start(l->loop, &l->write_io);
        break;
    case TLS_FAILED:
        next_candidate(l, tls_error(l->wire.tls));
        break;
    }
}

void attempt_writable(struct link *l)
{
    struct err err = {0};

    if (l->wire.tls) {
        shake_hands(l);
        return;
    }
    ev_io_stop(l->loop, &l->write_io);
    if (!wire_connected(&l->wire, &err) ||
        (l->address.secure && !wire_secure(&l->wire, &l->address.tls, l->host, &err))) {
        next_candidate(l, &err);
        return;
    }
    ev_io_start(l->loop, &l->read_io);
    if (l->wire.tls) {
        shake_hands(l);
    } else {
        greeting_begin(l);
    }
}

void attempt_readable(struct link *l)
{
    if (l->wire.tls) {
        shake_hands(l);
    }
}

void attempt_timeout(struct link *l)
{
    struct err err = {0};
    socklen_t len = 0;

    if (l->status.state == LINK_RESOLVING) {
        err_set(&err, ERR_NETWORK, "host \"%s\": no answer from the name service", l->host);
        link_down(l, DELAY_BACKOFF, &err);
    } else if (l->address.kind != ADDRESS_UNIX && resolver_address(l->resolver, l->candidate + 1, &len)) {
        next_candidate(l, &err);
    } else {
        link_down_late(
            l, l->wire.tls ? "TLS: no answer to the handshake (does this port speak TLS?)" : "no connection",
            l->options.connect_timeout_us);
    }
}
