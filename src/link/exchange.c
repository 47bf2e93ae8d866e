#include "link_priv.h"

#include <errno.h>

enum {
    READ_BYTES = 32 * 1024,  /* as much as stays near the processor until it has been read */
    TURN_BYTES = 1024 * 1024 /* read at most so much before the keyboard gets its turn */
};
#define TURN_US (10 * US_PER_MS) /* and at most for so long */
/* Messages that come one by one cost a turn of the loop each, which is many times what they cost themselves:
 * while so many bytes come in so short a time, they are left to gather for REST_US. */
enum { MANY_BYTES = 32 * 1024 };
#define MANY_US (20 * US_PER_MS)
#define REST_US (8 * US_PER_MS)
enum { BURST_BYTES = 2 * 1024 }; /* so many in one read are a burst */

/* Anything sent while greeting must be answered as soon as a connection must stand. */
static int64_t patience_us(const struct link *l)
{
    return l->status.state == LINK_READY ? l->options.reply_timeout_us : l->options.connect_timeout_us;
}

/* When the oldest command runs out of time. On a feed its answer stands behind all messages that were there
 * first, so there any byte that comes shows that the server lives. */
static int64_t due_us(const struct link *l)
{
    int64_t from_us = l->pendings->queued_us;
    if (l->options.on_message && l->heard_at_us > from_us) {
        from_us = l->heard_at_us;
    }
    return from_us + patience_us(l);
}

void exchange_arm(struct link *l)
{
    int64_t deadline_us = l->heard_at_us + l->options.keepalive_us;
    if (l->pendings) {
        /* An answer does not set the timer anew, so it must not sleep past the next PING either. */
        int64_t idle_us = clock_mono_us() + l->options.keepalive_us;
        deadline_us = due_us(l) < idle_us ? due_us(l) : idle_us;
    }
    link_arm(l, deadline_us);
}

struct pending *exchange_queue(struct link *l, enum pending_kind kind, size_t argc, const struct span *args,
                               bool is_secret)
{
    struct pending *p = mem_zalloc(sizeof(*p));

    p->kind = kind;
    p->start = l->out.queued;
    p->queued_us = clock_mono_us();
    bool is_first = l->pendings == NULL;
    DL_APPEND(l->pendings, p);
    l->pending_count += kind != PENDING_OWN;
    l->cost.commands++;
    outbox_command(&l->out, argc, args, is_secret);
    /* Not written at once: what is queued within one turn leaves in one write. */
    ev_io_start(l->loop, &l->write_io);
    if (is_first && due_us(l) < l->deadline_us) {
        exchange_arm(l);
    }
    return p;
}

/* Off the list, still to be freed. */
static struct pending *take_oldest(struct link *l)
{
    struct pending *p = l->pendings;
    DL_DELETE(l->pendings, p);
    l->pending_count -= p->kind != PENDING_OWN;
    return p;
}

void exchange_abandon(struct link *l)
{
    int64_t sent = l->out.sent;

    outbox_clear(&l->out);
    while (l->pendings) {
        struct pending *p = take_oldest(l);
        l->is_unsent = p->start >= sent;
        if (p->fn) {
            p->fn(p->user, NULL);
        }
        mem_free(p);
    }
    l->is_unsent = false;
}

/* What a port of TLS does with a plain greeting; not the one that has answered before. */
static void hint_at_tls(const struct link *l, struct err *why)
{
    bool is_plain = l->address.kind != ADDRESS_UNIX && !l->wire.tls && l->status.connects == 0;
    if (l->status.state == LINK_GREETING && is_plain && l->cost.bytes_in == l->bytes_in_before) {
        struct err copy = *why;
        err_set(why, copy.code, "%s before any answer: does this port want rediss://?", copy.text);
    }
}

static void hung_up(struct link *l, int number)
{
    struct err why = {0};
    if (l->status.state == LINK_GREETING && l->first_word.code != ERR_NONE) {
        why = l->first_word;
    } else {
        wire_why(&l->wire, &why, number);
        hint_at_tls(l, &why);
    }
    link_down(l, DELAY_BACKOFF, &why);
}

static void broken(struct link *l, const char *what)
{
    struct err why = {0};
    err_set(&why, ERR_REPLY, "not the protocol of Redis: %s", what);
    link_down(l, DELAY_BACKOFF, &why);
}

static void answer(struct link *l, const struct reply *reply)
{
    struct pending *p = take_oldest(l);

    l->round_trip_us = clock_mono_us() - p->queued_us;
    if (p->fn) {
        p->fn(p->user, reply);
    } else if (p->kind == PENDING_SUBSCRIPTION && reply_is_error(reply) && l->options.on_refused) {
        l->options.on_refused(l->options.user, reply_error(reply));
    }
    mem_free(p);
}

static void confirm(struct link *l)
{
    struct pending *p = l->pendings;
    /* The server may drop subscriptions on its own account: that is nobody's answer. */
    if (p && p->kind == PENDING_SUBSCRIPTION && --p->left == 0) {
        answer(l, NULL);
    }
}

static void deliver(struct link *l, enum inbox_kind kind, const struct inbox_item *item)
{
    if (kind == INBOX_MESSAGE) {
        l->cost.messages++;
        l->is_listening = true;
        l->options.on_message(l->options.user, item->pattern, item->channel, item->payload);
    } else if (kind == INBOX_CONFIRMATION) {
        confirm(l);
    } else if (l->pendings) {
        answer(l, item->reply);
    } else if (reply_is_error(item->reply)) {
        greeting_refused(l, reply_error(item->reply));
    } else {
        broken(l, "a reply to no command");
    }
}

/* Everything whole that the inbox holds. False when the connection is no more. */
static bool deliver_all(struct link *l)
{
    uint64_t epoch = l->epoch;

    for (;;) {
        struct inbox_item item = {0};
        enum inbox_kind kind = inbox_next(l->in, &item);
        if (kind == INBOX_MORE) {
            return true;
        }
        if (kind == INBOX_BROKEN) {
            broken(l, inbox_error(l->in));
            return false;
        }
        deliver(l, kind, &item);
        inbox_drop(&item, l->in);
        if (l->epoch != epoch) {
            return false;
        }
    }
}

/* What a monitor link was sent: the answer to MONITOR, then lines. */
static bool consume_lines(struct link *l, struct span bytes)
{
    uint64_t epoch = l->epoch;
    struct span line;

    while (lines_next(&l->lines, &bytes, &line)) {
        const struct reply *reply =
            l->pendings || !span_starts(line, S("+")) ? lines_reply(&l->lines, line) : NULL;
        if (l->pendings && reply) {
            answer(l, reply);
        } else if (reply) {
            greeting_refused(l, reply_error(reply));
        } else if (span_starts(line, S("+"))) {
            l->cost.messages++;
            l->options.on_line(l->options.user, span_skip(line, 1));
        } else {
            broken(l, "no line of MONITOR");
        }
        if (l->epoch != epoch) {
            return false;
        }
    }
    if (lines_is_long(&l->lines)) {
        l->options.on_line(l->options.user, S(""));
    }
    return l->epoch == epoch;
}

static bool consume(struct link *l, struct span bytes)
{
    if (l->is_monitor) {
        return consume_lines(l, bytes);
    }
    uint64_t epoch = l->epoch;
    while (bytes.len > 0) {
        struct inbox_item item = {0};
        if (inbox_message(l->in, &bytes, &item)) {
            deliver(l, INBOX_MESSAGE, &item);
            if (l->epoch != epoch) {
                return false;
            }
            continue;
        }
        size_t bite = inbox_bite(l->in, bytes);
        inbox_feed(l->in, span_head(bytes, bite));
        bytes = span_skip(bytes, bite);
        if (!deliver_all(l)) {
            return false;
        }
    }
    return true;
}

static void tell_burst(struct link *l, bool begins)
{
    if (l->options.on_burst) {
        l->options.on_burst(l->options.user, begins);
    }
}

static bool consume_read(struct link *l, struct span bytes)
{
    bool burst = bytes.len >= BURST_BYTES && l->is_listening;
    if (burst) {
        tell_burst(l, true);
    }
    bool alive = consume(l, bytes);
    if (burst) {
        tell_burst(l, false);
    }
    return alive;
}

/* TLS may have to write before it can read on (a key is renewed), or to read before it can write: each waits
 * for the other's event. */
static bool waits_for_room(const struct link *l)
{
    return l->wire.tls && tls_read_wants_write(l->wire.tls);
}

static bool waits_for_bytes(const struct link *l)
{
    return l->wire.tls && tls_write_wants_read(l->wire.tls);
}

void exchange_rest_over(struct link *l)
{
    ev_timer_stop(l->loop, &l->rest);
    ev_io_start(l->loop, &l->read_io);
}

/* All there was is read: in a storm the next may gather. */
static void rest(struct link *l)
{
    if (l->heard_at_us - l->many_at_us > MANY_US) {
        l->is_storm = l->is_listening && !l->wire.tls && l->cost.bytes_in - l->many_from > MANY_BYTES;
        l->many_at_us = l->heard_at_us;
        l->many_from = l->cost.bytes_in;
    }
    if (l->is_storm) {
        ev_io_stop(l->loop, &l->read_io);
        ev_timer_stop(l->loop, &l->rest);
        ev_timer_set(&l->rest, (double)REST_US / (double)US_PER_S, 0.);
        ev_timer_start(l->loop, &l->rest);
    }
}

void exchange_readable(struct link *l)
{
    char room[READ_BYTES];
    size_t total = 0;
    int64_t ends_us = INT64_MAX;

    while (total < TURN_BYTES && l->heard_at_us < ends_us) {
        ssize_t got = l->wire.read(&l->wire, room, sizeof(room));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            if (waits_for_room(l) || waits_for_bytes(l)) {
                ev_io_start(l->loop, &l->write_io);
            }
            l->behind_at_us = -1;
            return;
        }
        if (got <= 0) {
            hung_up(l, got < 0 ? errno : 0);
            return;
        }
        total += (size_t)got;
        l->cost.bytes_in += got;
        l->heard_at_us = clock_mono_us();
        ends_us = ends_us == INT64_MAX ? l->heard_at_us + TURN_US : ends_us;
        bool drained = (size_t)got < sizeof(room) && !wire_reads_short(&l->wire);
        bool alive = consume_read(l, span_make(room, (size_t)got));
        if (alive && drained) {
            l->behind_at_us = -1;
            rest(l);
        }
        if (!alive || drained) {
            return;
        }
    }
    if (l->behind_at_us < 0) {
        l->behind_at_us = l->heard_at_us;
    }
}

void exchange_writable(struct link *l)
{
    uint64_t epoch = l->epoch;
    struct span waiting;

    if (waits_for_room(l)) {
        exchange_readable(l);
        if (l->epoch != epoch) {
            return;
        }
    }
    while ((waiting = outbox_waiting(&l->out)).len > 0) {
        ssize_t sent = l->wire.write(&l->wire, waiting.data, waiting.len);
        int number = errno;
        if (sent < 0 && number == EINTR) {
            continue;
        }
        if (sent < 0 && (number == EAGAIN || number == EWOULDBLOCK)) {
            if (waits_for_bytes(l)) {
                ev_io_stop(l->loop, &l->write_io);
            }
            return;
        }
        if (sent < 0) {
            /* The server may have said why before it hung up. */
            exchange_readable(l);
            if (l->epoch == epoch) {
                hung_up(l, number);
            }
            return;
        }
        l->cost.bytes_out += sent;
        outbox_sent(&l->out, (size_t)sent);
    }
    ev_io_stop(l->loop, &l->write_io);
}

void exchange_timeout(struct link *l)
{
    uint64_t epoch = l->epoch;

    /* After a long stop of this process the replies are here, only unread. */
    exchange_readable(l);
    if (l->epoch != epoch) {
        return;
    }
    int64_t now_us = clock_mono_us();
    if (l->pendings && now_us >= due_us(l) && l->behind_at_us < 0) {
        link_down_late(l, "no reply", patience_us(l));
        return;
    }
    if (!l->pendings && now_us >= l->heard_at_us + l->options.keepalive_us) {
        exchange_queue(l, PENDING_OWN, 1, (const struct span[]){S("PING")}, false);
    }
    exchange_arm(l);
}
