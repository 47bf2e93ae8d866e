#include "link_priv.h"

#include <sys/socket.h>

#include "redai/base/utf8.h"

/* With the longest backoff behind it still less than the 5 s within which an outage that is over is noticed.
 */
#define DEFAULT_CONNECT_TIMEOUT_US (3 * US_PER_S)
#define DEFAULT_REPLY_TIMEOUT_US   (10 * US_PER_S)
#define DEFAULT_KEEPALIVE_US       (60 * US_PER_S)
/* What no waiting will mend: tried again now and then all the same, so that the state machine has no dead
 * end. */
#define LONG_DELAY_US (3600 * US_PER_S)
/* A connection that lived shorter than this was no success: a server that hangs up on everybody is not
 * hammered. */
#define PROVEN_US US_PER_S

/* libev counts from the start of the turn, so a timer may be a little early. */
#define EARLY_US US_PER_MS

static void on_timer(struct ev_loop *loop, struct ev_timer *w, int events)
{
    struct link *l = w->data;

    (void)loop;
    (void)events;
    if (clock_mono_us() + EARLY_US < l->deadline_us) {
        link_arm(l, l->deadline_us);
        return;
    }
    link_enter(l);
    switch (l->status.state) {
    case LINK_IDLE:
    case LINK_WAITING:
        attempt_begin(l);
        break;
    case LINK_RESOLVING:
    case LINK_CONNECTING:
        attempt_timeout(l);
        break;
    case LINK_GREETING:
    case LINK_READY:
        exchange_timeout(l);
        break;
    case LINK_CLOSED:
        break;
    }
    link_leave(l);
}

static void on_rest(struct ev_loop *loop, struct ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    exchange_rest_over(w->data);
}

static void on_readable(struct ev_loop *loop, struct ev_io *w, int events)
{
    struct link *l = w->data;
    (void)loop;
    (void)events;
    link_enter(l);
    if (l->status.state == LINK_CONNECTING) {
        attempt_readable(l);
    } else {
        exchange_readable(l);
    }
    link_leave(l);
}

static void on_writable(struct ev_loop *loop, struct ev_io *w, int events)
{
    struct link *l = w->data;
    (void)loop;
    (void)events;
    link_enter(l);
    if (l->status.state == LINK_CONNECTING) {
        attempt_writable(l);
    } else {
        exchange_writable(l);
    }
    link_leave(l);
}

struct link *link_new(struct ev_loop *loop, const struct link_options *options)
{
    struct link *l = mem_zalloc(sizeof(*l));
    struct link_options *o = &l->options;

    l->loop = loop;
    *o = *options;
    address_copy(&l->address, options->address);
    l->name = mem_strdup(options->name);
    o->address = &l->address;
    o->name = l->name;
    o->db = o->db < 0 ? l->address.db : o->db;
    o->connect_timeout_us = o->connect_timeout_us > 0 ? o->connect_timeout_us : DEFAULT_CONNECT_TIMEOUT_US;
    o->reply_timeout_us = o->reply_timeout_us > 0 ? o->reply_timeout_us : DEFAULT_REPLY_TIMEOUT_US;
    o->keepalive_us = o->keepalive_us > 0 ? o->keepalive_us : DEFAULT_KEEPALIVE_US;

    l->round_trip_us = l->client_id = l->behind_at_us = -1;
    l->status.since_us = clock_mono_us();
    backoff_init(&l->backoff, (uint64_t)clock_mono_us() ^ (uint64_t)(uintptr_t)l);
    wire_init(&l->wire);
    ev_init(&l->timer, on_timer);
    ev_init(&l->rest, on_rest);
    ev_init(&l->read_io, on_readable);
    ev_init(&l->write_io, on_writable);
    l->timer.data = l->rest.data = l->read_io.data = l->write_io.data = l;
    return l;
}

void link_start(struct link *l)
{
    if (l->status.state != LINK_IDLE && l->status.state != LINK_CLOSED) {
        return;
    }
    l->status.state = LINK_IDLE;
    l->status.since_us = clock_mono_us();
    l->status.error[0] = '\0';
    backoff_reset(&l->backoff);
    /* From the loop, since the owner is told of each state and must not be called from here. */
    link_arm(l, l->status.since_us);
}

static void destroy(struct link *l)
{
    sentinel_free(l->sentinel);
    resolver_free(l->resolver);
    mem_free(l->host);
    inbox_free(l->in);
    lines_release(&l->lines);
    outbox_release(&l->out);
    address_release(&l->address);
    mem_free(l->name);
    mem_free(l);
}

void link_enter(struct link *l)
{
    l->depth++;
}

void link_leave(struct link *l)
{
    if (--l->depth == 0 && l->is_dead) {
        destroy(l);
    }
}

static void close_connection(struct link *l)
{
    l->epoch++;
    l->behind_at_us = -1;
    ev_timer_stop(l->loop, &l->timer);
    attempt_end(l);
}

void link_stop(struct link *l)
{
    if (l->status.state == LINK_CLOSED) {
        return;
    }
    close_connection(l);
    l->status.state = LINK_CLOSED;
    l->status.since_us = clock_mono_us();
    link_enter(l);
    exchange_abandon(l);
    link_leave(l);
}

void link_free(struct link *l)
{
    if (!l || l->is_dead) {
        return;
    }
    link_enter(l);
    l->options.on_state = NULL;
    l->options.on_message = NULL;
    l->options.on_burst = NULL;
    l->options.on_refused = NULL;
    l->options.on_line = NULL;
    l->on_sent = NULL;
    link_stop(l);
    l->is_dead = true;
    link_leave(l);
}

void link_flush(struct link *l)
{
    if (l->status.state == LINK_READY) {
        link_enter(l);
        exchange_writable(l);
        link_leave(l);
    }
}

void link_arm(struct link *l, int64_t deadline_us)
{
    int64_t wait_us = deadline_us - clock_mono_us();

    l->deadline_us = deadline_us;
    ev_timer_stop(l->loop, &l->timer);
    ev_timer_set(&l->timer, wait_us > 0 ? (double)wait_us / (double)US_PER_S : 0., 0.);
    ev_timer_start(l->loop, &l->timer);
}

void link_change(struct link *l, enum link_state state)
{
    l->status.state = state;
    if (l->options.on_state) {
        link_enter(l);
        l->options.on_state(l->options.user, &l->status);
        link_leave(l);
    }
}

void link_ready(struct link *l)
{
    l->ready_at_us = clock_mono_us();
    l->status.since_us = l->ready_at_us;
    l->status.error[0] = '\0';
    l->status.connects++;
    l->status.state = LINK_READY; /* before the timer is set, whose meaning depends on it */
    exchange_arm(l);
    if (l->sentinel) {
        sentinel_settled(l->sentinel);
    }
    link_change(l, LINK_READY);
}

static int64_t delay_us(struct link *l, enum link_delay delay)
{
    switch (delay) {
    case DELAY_SLOW:
        return backoff_slow_us(&l->backoff);
    case DELAY_LONG:
        return LONG_DELAY_US;
    case DELAY_BACKOFF:
        break;
    }
    return backoff_next_us(&l->backoff);
}

/* Servers and resolvers wrote some of it, and it goes to the screen. */
static void set_error(struct link_status *status, const char *text)
{
    UT_string clean;
    size_t room = sizeof(status->error) - 1;

    utstring_init(&clean);
    utf8_sanitise(span_of(text), (int)room, &clean);
    size_t len = utstring_len(&clean) < room ? utstring_len(&clean) : room;
    while (len < utstring_len(&clean) && len > 0 &&
           ((unsigned char)utstring_body(&clean)[len] & 0xC0) == 0x80) {
        len--;
    }
    memcpy(status->error, utstring_body(&clean), len);
    status->error[len] = '\0';
    utstring_done(&clean);
}

void link_down(struct link *l, enum link_delay delay, const struct err *why)
{
    int64_t now_us = clock_mono_us();

    if (l->status.state == LINK_READY) {
        l->status.since_us = now_us;
        if (now_us - l->ready_at_us >= PROVEN_US) {
            backoff_reset(&l->backoff);
        }
    }
    close_connection(l);
    set_error(&l->status, why->text);
    l->status.retry_at_us = now_us + delay_us(l, delay);
    l->status.state = LINK_WAITING;
    link_arm(l, l->status.retry_at_us);

    uint64_t epoch = l->epoch;
    link_enter(l);
    exchange_abandon(l);
    if (l->epoch == epoch && l->status.state == LINK_WAITING) {
        link_change(l, LINK_WAITING);
    }
    link_leave(l);
}

void link_down_late(struct link *l, const char *what, int64_t after_us)
{
    struct err why = {0};
    if (after_us % US_PER_S == 0) {
        err_set(&why, ERR_NETWORK, "%s for %lld s", what, (long long)(after_us / US_PER_S));
    } else {
        err_set(&why, ERR_NETWORK, "%s for %lld ms", what, (long long)(after_us / US_PER_MS));
    }
    link_down(l, DELAY_BACKOFF, &why);
}

const struct link_status *link_status(const struct link *l)
{
    return &l->status;
}

bool link_is_ready(const struct link *l)
{
    return l->status.state == LINK_READY;
}

void link_retry_now(struct link *l)
{
    if (l->status.state == LINK_WAITING) {
        l->status.retry_at_us = clock_mono_us();
        link_arm(l, l->status.retry_at_us);
    }
}

void link_distrust(struct link *l, const char *why)
{
    struct err err = {0};
    if (l->status.state == LINK_READY) {
        err_set(&err, ERR_REPLY, "%s", why);
        link_enter(l);
        link_down(l, DELAY_BACKOFF, &err);
        link_leave(l);
    }
}

size_t link_pending(const struct link *l)
{
    return l->pending_count;
}

bool link_unsent(const struct link *l)
{
    return l->is_unsent;
}

struct link_cost link_cost(const struct link *l)
{
    return l->cost;
}

int64_t link_heard_us(const struct link *l)
{
    return l->status.state == LINK_READY ? l->heard_at_us : -1;
}

void link_where(const struct link *l, char *out, size_t size)
{
    bool named = l->sentinel && l->host && l->status.state == LINK_READY;
    bool v6 = named && strchr(l->host, ':');
    out[0] = '\0';
    if (named) {
        snprintf(out, size, "%s%s%s:%d", v6 ? "[" : "", l->host, v6 ? "]" : "", l->port);
    }
}

int64_t link_silent_us(const struct link *l)
{
    if (l->status.state != LINK_READY || !l->pendings) {
        return 0;
    }
    int64_t asked_us = l->pendings->queued_us;
    return clock_mono_us() - (l->heard_at_us > asked_us ? l->heard_at_us : asked_us);
}

int64_t link_client_id(const struct link *l)
{
    return l->status.state == LINK_READY ? l->client_id : -1;
}

static bool peer_of(const struct link *l, struct sockaddr_storage *ret, socklen_t *ret_len)
{
    memset(ret, 0, sizeof *ret);
    *ret_len = sizeof *ret;
    return l->wire.fd >= 0 && getpeername(l->wire.fd, (struct sockaddr *)ret, ret_len) == 0;
}

bool link_same_peer(const struct link *a, const struct link *b)
{
    struct sockaddr_storage x, y;
    socklen_t x_len, y_len;
    return peer_of(a, &x, &x_len) && peer_of(b, &y, &y_len) && x_len == y_len && memcmp(&x, &y, x_len) == 0;
}

int64_t link_behind_us(const struct link *l)
{
    bool behind = l->status.state == LINK_READY && l->behind_at_us >= 0;
    return behind ? clock_mono_us() - l->behind_at_us : 0;
}

int64_t link_round_trip_us(const struct link *l)
{
    return l->round_trip_us;
}

bool link_send(struct link *l, link_reply_fn fn, void *user, size_t argc, const struct span *args)
{
    if (!link_is_ready(l) || argc == 0 || l->is_monitor) {
        return false;
    }
    struct pending *p = exchange_queue(l, PENDING_COMMAND, argc, args, false);
    p->fn = fn;
    p->user = user;
    if (l->on_sent) {
        l->on_sent(l->sent_user, argc, args);
    }
    return true;
}

void link_tap(struct link *l, link_sent_fn fn, void *user)
{
    l->on_sent = fn;
    l->sent_user = user;
}

bool link_monitor(struct link *l, link_reply_fn fn, void *user)
{
    const struct span monitor = SPAN_LITERAL("MONITOR");
    if (!l->options.on_line || l->is_monitor || l->pendings || !link_send(l, fn, user, 1, &monitor)) {
        return false;
    }
    l->is_monitor = true;
    return true;
}

static bool subscribe(struct link *l, struct span verb, size_t count, const struct span *names)
{
    if (!link_is_ready(l) || !l->options.on_message || count == 0) {
        return false;
    }
    struct span *args = mem_zalloc((count + 1) * sizeof(*args));
    args[0] = verb;
    memcpy(args + 1, names, count * sizeof(*args));
    inbox_expect_messages(l->in);
    exchange_queue(l, PENDING_SUBSCRIPTION, count + 1, args, false)->left = count;
    mem_free(args);
    return true;
}

bool link_subscribe(struct link *l, size_t count, const struct span *channels)
{
    return subscribe(l, S("SUBSCRIBE"), count, channels);
}

bool link_psubscribe(struct link *l, size_t count, const struct span *patterns)
{
    return subscribe(l, S("PSUBSCRIBE"), count, patterns);
}

bool link_unsubscribe(struct link *l, size_t count, const struct span *channels)
{
    return subscribe(l, S("UNSUBSCRIBE"), count, channels);
}

bool link_punsubscribe(struct link *l, size_t count, const struct span *patterns)
{
    return subscribe(l, S("PUNSUBSCRIBE"), count, patterns);
}
