/* desk: a link before a fake server, and a written record of all that the link tells its owner. */
#ifndef REDAI_TESTS_DESK_H
#define REDAI_TESTS_DESK_H

#include "support/unit.h"
#include "wire/fake.h"

#include "redai/base/clock.h"
#include "redai/base/container.h"

#include "redai/link/link.h"

/* What a link without password and database says first, and what a server answers. */
#define GREETING                                                                                             \
    "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$17\r\nredai-console:act\r\n*2\r\n$6\r\nCLIENT\r\n$2\r\nID\r\n*" \
    "1\r\n$4\r\nPING\r\n"
#define GREETING_ANSWER "+OK\r\n:7\r\n+PONG\r\n"

struct desk {
    struct ev_loop *loop;
    struct fake *fake;
    struct link *link;
    UT_string record;
    void (*on_ready)(struct desk *d); /* what a test wants to do from within a callback */
    void (*on_waiting)(struct desk *d);
    void (*on_message)(struct desk *d);
};

static inline void desk_write(struct desk *d, const char *text, struct span more)
{
    utstring_printf(&d->record, "%s", text);
    text_add(&d->record, more);
    utstring_printf(&d->record, "\n");
}

static inline void desk_on_state(void *user, const struct link_status *status)
{
    struct desk *d = user;
    if (status->state == LINK_READY) {
        desk_write(d, "ready", S(""));
        if (d->on_ready) {
            d->on_ready(d);
        }
    } else if (status->state == LINK_WAITING) {
        desk_write(d, "waiting: ", span_of(status->error));
        if (d->on_waiting) {
            d->on_waiting(d);
        }
    }
}

static inline void desk_on_message(void *user, struct span pattern, struct span channel, struct span payload)
{
    struct desk *d = user;
    utstring_printf(&d->record, "message [%.*s] [%.*s] [", (int)pattern.len, pattern.data, (int)channel.len,
                    channel.data);
    text_add(&d->record, payload);
    utstring_printf(&d->record, "]\n");
    if (d->on_message) {
        d->on_message(d);
    }
}

static inline void desk_on_refused(void *user, struct span error)
{
    desk_write(user, "refused: ", error);
}

static inline void desk_on_reply(void *user, const struct reply *reply)
{
    struct desk *d = user;
    int64_t integer = 0;
    switch (reply_type(reply)) {
    case REPLY_NONE:
        desk_write(d, link_unsent(d->link) ? "none, unsent" : "none, unknown", S(""));
        break;
    case REPLY_ERROR:
        desk_write(d, "error ", reply_error(reply));
        break;
    case REPLY_INTEGER:
        reply_int(reply, &integer);
        utstring_printf(&d->record, "integer %lld\n", (long long)integer);
        break;
    case REPLY_NIL:
        desk_write(d, "nil", S(""));
        break;
    case REPLY_ARRAY:
        utstring_printf(&d->record, "array of %zu\n", reply_count(reply));
        for (size_t i = 0; i < reply_count(reply); i++) {
            desk_on_reply(d, reply_at(reply, i));
        }
        break;
    default:
        desk_write(d, "text ", reply_text(reply));
        break;
    }
}

static inline bool desk_is_ready(void *user)
{
    return link_is_ready(((struct desk *)user)->link);
}

static inline bool desk_is_waiting(void *user)
{
    return link_status(((struct desk *)user)->link)->state == LINK_WAITING;
}

static inline bool desk_has_record(void *user)
{
    return utstring_len(&((struct desk *)user)->record) > 0;
}

/* The record so far is just this; it is started anew. */
static inline void desk_expect(struct desk *d, const char *expected)
{
    if (*expected) {
        fake_wait(d->fake, desk_has_record, d);
    }
    fake_settle(d->fake);
    if (strcmp(utstring_body(&d->record), expected) != 0) {
        print_error("recorded:\n%s\nexpected:\n%s\n", utstring_body(&d->record), expected);
        fail();
    }
    utstring_clear(&d->record);
}

/* url NULL: the fake's. Zeroed fields of more are the usual ones. */
static inline struct desk *desk_new(const char *url, struct link_options more)
{
    struct desk *d = mem_zalloc(sizeof(*d));
    struct address address;
    struct err err = {0};

    d->loop = ev_loop_new(EVFLAG_AUTO);
    d->fake = fake_new(d->loop);
    utstring_init(&d->record);
    if (!address_parse(&address, url ? url : d->fake->url, &err)) {
        fail_msg("%s", err.text);
    }
    more.name = "act";
    more.address = &address;
    more.db = -1;
    more.on_state = desk_on_state;
    more.user = d;
    d->link = link_new(d->loop, &more);
    address_release(&address);
    return d;
}

static inline void desk_free(struct desk *d)
{
    link_free(d->link);
    fake_free(d->fake);
    utstring_done(&d->record);
    ev_loop_destroy(d->loop);
    mem_free(d);
}

/* A link that is ready, with the greeting behind it. */
static inline struct desk *desk_new_ready(struct link_options more)
{
    struct desk *d = desk_new(NULL, more);
    link_start(d->link);
    fake_expect_client(d->fake, 1);
    fake_expect(d->fake, S(GREETING));
    fake_send(d->fake, S(GREETING_ANSWER));
    fake_wait(d->fake, desk_is_ready, d);
    desk_expect(d, "ready\n");
    return d;
}

static inline struct desk *desk_new_feed(void)
{
    return desk_new_ready(
        (struct link_options){.on_message = desk_on_message, .on_refused = desk_on_refused});
}

#endif
