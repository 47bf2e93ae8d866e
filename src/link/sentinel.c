#include "sentinel.h"

#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"
#include "redai/base/num.h"

#include "redai/link/link.h"

#define ASK_TIMEOUT_US                                                                                       \
    (US_PER_S + 500 * US_PER_MS) /* three sentinels that hang are passed within five seconds */

enum { COUNT_OF_PARTS = 5, LOST_MOST = 3 /* tries for a lost sentinel before another one is watched */ };

struct sentinel {
    struct ev_loop *loop;
    struct sentinel_options options;
    struct address *peer; /* one for each sentinel */
    size_t count, at;
    struct link *link; /* to peer[at]; NULL: paused */
    bool is_asking;
    size_t asked; /* sentinels that were asked in vain since sentinel_begin */
    int lost;
    bool is_news;  /* the answer at hand came by itself and was not yet asked for */
    UT_string why; /* what they said */
    char *host;    /* the answer */
    int port;
};

static void count_peers(struct sentinel *s)
{
    const struct address *a = s->options.address;
    struct span rest = span_of(a->sentinels);
    while (rest.len) {
        size_t end = span_find(rest, ',');
        struct span one = span_head(rest, end);
        size_t colon = one.len;
        while (colon > 0 && one.data[colon - 1] != ':') {
            colon--;
        }
        struct span host = span_head(one, colon ? colon - 1 : 0);
        int64_t port = 0;
        if (span_starts(host, S("[")) && span_ends(host, S("]"))) {
            host = span_make(host.data + 1, host.len - 2);
        }
        if (num_i64_range(span_skip(one, colon), 1, 65535, &port)) { /* address_parse has seen to it */
            s->peer = mem_realloc(s->peer, (s->count + 1) * sizeof *s->peer);
            s->peer[s->count++] = (struct address){
                .kind = ADDRESS_TCP,
                .host = span_dup(host),
                .port = (int)port,
                .user = mem_strdup(a->sentinel_user),
                .password = mem_strdup(a->sentinel_password),
            };
        }
        rest = span_skip(rest, end + 1);
    }
}

struct sentinel *sentinel_new(struct ev_loop *loop, const struct sentinel_options *options)
{
    struct sentinel *s = mem_zalloc(sizeof *s);
    s->loop = loop;
    s->options = *options;
    utstring_init(&s->why);
    count_peers(s);
    return s;
}

void sentinel_pause(struct sentinel *s)
{
    link_free(s->link);
    s->link = NULL;
    s->is_asking = false;
}

void sentinel_free(struct sentinel *s)
{
    if (!s) {
        return;
    }
    sentinel_pause(s);
    for (size_t i = 0; i < s->count; i++) {
        address_release(&s->peer[i]);
    }
    mem_free(s->peer);
    mem_free(s->host);
    utstring_done(&s->why);
    mem_free(s);
}

static void connect_to(struct sentinel *s, size_t at);

/* This one is of no use: the next, or the end of the asking. May end s->link. */
static void pass_on(struct sentinel *s, const char *said)
{
    const struct address *peer = &s->peer[s->at];
    utstring_printf(&s->why, "%s%s:%d: %s", utstring_len(&s->why) ? "; " : "", peer->host, peer->port, said);
    s->asked++;
    s->at = (s->at + 1) % s->count;
    if (s->asked < s->count) {
        connect_to(s, s->at);
        return;
    }
    struct err err = {0};
    err_set(&err, ERR_NETWORK, "sentinel: %s", utstring_body(&s->why));
    sentinel_pause(s);
    s->options.found(s->options.user, &err, NULL, 0);
}

static void take(struct sentinel *s, struct span host, int port)
{
    bool is_new = !s->host || !span_equal(span_of(s->host), host) || s->port != port;
    if (is_new) {
        mem_free(s->host);
        s->host = span_dup(host);
        s->port = port;
    }
    s->lost = 0;
    s->is_news = is_new && !s->is_asking;
    if (s->is_asking) {
        s->is_asking = false;
        s->options.found(s->options.user, NULL, s->host, s->port);
    } else if (is_new) {
        s->options.moved(s->options.user, s->host, s->port);
    }
}

static void on_master(void *user, const struct reply *reply)
{
    struct sentinel *s = user;
    int64_t port = 0;
    char said[200];
    if (!reply) {
        return; /* its connection ended: on_state tells */
    }
    struct span host = reply_text(reply_at(reply, 0));
    if (reply_count(reply) == 2 && host.len &&
        num_i64_range(reply_text(reply_at(reply, 1)), 1, 65535, &port)) {
        take(s, host, (int)port);
        return;
    }
    if (!s->is_asking) {
        return; /* it only watches: what it cannot say now ends nothing */
    }
    if (reply_is_error(reply)) {
        struct span error = reply_error(reply);
        snprintf(said, sizeof said, "%.*s", (int)span_head(error, sizeof said - 1).len, error.data);
    } else {
        snprintf(said, sizeof said, "knows no service \"%.100s\"", s->options.address->service);
    }
    pass_on(s, said);
}

/* "+switch-master": NAME OLD-IP OLD-PORT NEW-IP NEW-PORT. */
static void on_message(void *user, struct span pattern, struct span channel, struct span payload)
{
    struct sentinel *s = user;
    struct span part[COUNT_OF_PARTS] = {{0}};
    size_t count = 0;
    int64_t port = 0;
    (void)pattern;
    for (; count < COUNT_OF_PARTS && payload.len; count++) {
        size_t end = span_find(payload, ' ');
        part[count] = span_head(payload, end);
        payload = span_skip(payload, end + 1);
    }
    if (span_equal(channel, S("+switch-master")) && count == COUNT_OF_PARTS && !payload.len &&
        span_equal(part[0], span_of(s->options.address->service)) &&
        num_i64_range(part[4], 1, 65535, &port)) {
        take(s, part[3], (int)port);
    }
}

static void on_state(void *user, const struct link_status *status)
{
    struct sentinel *s = user;
    if (status->state == LINK_READY) {
        const struct span news = SPAN_LITERAL("+switch-master");
        link_command(s->link, on_master, s, S("SENTINEL"), S("get-master-addr-by-name"),
                     span_of(s->options.address->service));
        link_subscribe(s->link, 1, &news);
    } else if (status->state == LINK_WAITING && s->is_asking) {
        pass_on(s, status->error);
    } else if (status->state == LINK_WAITING && ++s->lost >= LOST_MOST) {
        s->lost = 0;
        connect_to(s, (s->at + 1) % s->count);
    }
}

static void connect_to(struct sentinel *s, size_t at)
{
    link_free(s->link);
    s->at = at;
    s->link = link_new(s->loop, &(struct link_options){
                                    .name = "sentinel",
                                    .address = &s->peer[at],
                                    .db = 0,
                                    .connect_timeout_us = ASK_TIMEOUT_US,
                                    .reply_timeout_us = ASK_TIMEOUT_US,
                                    .keepalive_us = 10 * US_PER_S,
                                    .on_state = on_state,
                                    .on_message = on_message,
                                    .user = s,
                                });
    link_start(s->link);
}

void sentinel_begin(struct sentinel *s)
{
    /* Where it sent us is of no use, or no more: one that is cut off names a dead master for ever. */
    if (s->host && !s->is_news) {
        s->at = (s->at + 1) % s->count;
    }
    s->is_news = false;
    s->is_asking = true;
    s->asked = 0;
    s->lost = 0;
    utstring_clear(&s->why);
    connect_to(s, s->at);
}
