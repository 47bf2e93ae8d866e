#include "sentinel.h"

#include "replicas.h"

#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"
#include "redai/base/num.h"

#include "redai/link/link.h"

#define ASK_TIMEOUT_US                                                                                       \
    (US_PER_S + 500 * US_PER_MS) /* three sentinels that hang are passed within five seconds */

enum { COUNT_OF_PARTS = 8, LOST_MOST = 3 /* tries for a lost sentinel before another one is watched */ };

struct sentinel {
    struct ev_loop *loop;
    struct sentinel_options options;
    struct address *peer; /* one for each sentinel */
    size_t count, at;
    struct link *link; /* to peer[at]; NULL: paused */
    bool is_asking;
    bool is_settled, has_more; /* see sentinel_settled, sentinel_has_more */
    struct replicas_tried tried;
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
                .kind = a->secure ? ADDRESS_TLS : ADDRESS_TCP,
                .secure = a->secure,
                .host = span_dup(host),
                .port = (int)port,
                .user = mem_strdup(a->sentinel_user),
                .password = mem_strdup(a->sentinel_password),
            };
            address_copy_tls(&s->peer[s->count - 1].tls, &a->tls);
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

static bool wants_replica(const struct sentinel *s)
{
    return address_wants_replica(s->options.address);
}

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

static void tell_moved(struct sentinel *s, const char *what, const char *now)
{
    char why[400];
    snprintf(why, sizeof why, "%s of \"%.100s\" is %.100s:%d%s", what, s->options.address->service, s->host,
             s->port, now);
    s->options.moved(s->options.user, why);
}

static bool is_here(const struct sentinel *s, struct span host, int port)
{
    return s->host && span_equal(span_of(s->host), host) && s->port == port;
}

static void take(struct sentinel *s, struct span host, int port)
{
    bool is_new = !is_here(s, host, port);
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
        tell_moved(s, "failover: the master", " now");
    }
}

/* Why there is no address in what one answered. */
static void say_unknown(const struct sentinel *s, const struct reply *reply, char *said, size_t size)
{
    struct span error = reply_error(reply);
    if (reply_is_error(reply) && !span_starts(error, S("ERR No such master"))) {
        snprintf(said, size, "%.*s", (int)span_head(error, size - 1).len, error.data);
    } else {
        snprintf(said, size, "knows no service \"%.100s\"", s->options.address->service);
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
    if (reply_count(reply) == 2 && replicas_is_host(host) &&
        num_i64_range(reply_text(reply_at(reply, 1)), 1, 65535, &port)) {
        take(s, host, (int)port);
        return;
    }
    if (!s->is_asking) {
        return; /* it only watches: what it cannot say now ends nothing */
    }
    say_unknown(s, reply, said, sizeof said);
    pass_on(s, said);
}

static void on_replicas(void *user, const struct reply *reply)
{
    struct sentinel *s = user;
    struct replica_pick pick;
    struct err err = {0};
    char said[300];
    if (!reply) {
        return; /* on_state tells */
    }
    if (reply_type(reply) != REPLY_ARRAY) {
        say_unknown(s, reply, said, sizeof said);
        pass_on(s, said);
    } else if (!replicas_choose(reply, s->options.address->spread, &s->tried, &pick, &err)) {
        snprintf(said, sizeof said, "\"%.100s\": %.100s", s->options.address->service, err.text);
        pass_on(s, said);
    } else {
        s->has_more = pick.has_more;
        mem_free(s->host);
        s->host = span_dup(pick.host);
        s->port = pick.port;
        s->is_asking = false;
        connect_to(s, s->at); /* from here on it listens; the reply is gone */
        s->options.found(s->options.user, NULL, s->host, s->port);
    }
}

/* Blank-separated words; returns how many there are, COUNT_OF_PARTS + 1 for more than that. */
static size_t split(struct span text, struct span part[COUNT_OF_PARTS])
{
    size_t count = 0;
    for (; count < COUNT_OF_PARTS && text.len; count++) {
        size_t end = span_find(text, ' ');
        part[count] = span_head(text, end);
        text = span_skip(text, end + 1);
    }
    return count + (text.len > 0);
}

/* NAME OLD-IP OLD-PORT NEW-IP NEW-PORT */
static void on_switch(struct sentinel *s, const struct span part[COUNT_OF_PARTS], size_t count)
{
    int64_t port = 0;
    if (count != 5 || !span_equal(part[0], span_of(s->options.address->service)) ||
        !replicas_is_host(part[3]) || !num_i64_range(part[4], 1, 65535, &port)) {
        return;
    }
    if (!wants_replica(s)) {
        take(s, part[3], (int)port);
    } else if (!s->is_asking && is_here(s, part[3], (int)port)) {
        tell_moved(s, "failover: the master", " now, which was its replica");
    }
}

/* slave NAME IP PORT @ MASTER-NAME MASTER-IP MASTER-PORT */
static void on_down(struct sentinel *s, const struct span part[COUNT_OF_PARTS], size_t count)
{
    int64_t port = 0;
    if (wants_replica(s) && !s->is_asking && count == COUNT_OF_PARTS && span_equal(part[0], S("slave")) &&
        span_equal(part[5], span_of(s->options.address->service)) &&
        num_i64_range(part[3], 1, 65535, &port) && is_here(s, part[2], (int)port)) {
        tell_moved(s, "a replica", ", and down by the sentinels");
    }
}

static void on_message(void *user, struct span pattern, struct span channel, struct span payload)
{
    struct sentinel *s = user;
    struct span part[COUNT_OF_PARTS] = {{0}};
    size_t count = split(payload, part);
    (void)pattern;
    if (span_equal(channel, S("+switch-master"))) {
        on_switch(s, part, count);
    } else if (span_equal(channel, S("+sdown"))) {
        on_down(s, part, count);
    }
}

static void greet(struct sentinel *s)
{
    const struct span news[] = {SPAN_LITERAL("+switch-master"), SPAN_LITERAL("+sdown")};
    struct span service = span_of(s->options.address->service);
    if (!wants_replica(s)) {
        link_command(s->link, on_master, s, S("SENTINEL"), S("get-master-addr-by-name"), service);
    } else if (s->is_asking) {
        link_command(s->link, on_replicas, s, S("SENTINEL"), S("REPLICAS"), service);
        return; /* its answer is no flat one: who listens is another connection */
    }
    link_subscribe(s->link, wants_replica(s) ? 2 : 1, news);
}

static void on_state(void *user, const struct link_status *status)
{
    struct sentinel *s = user;
    if (status->state == LINK_READY) {
        greet(s);
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
                                    .on_message = wants_replica(s) && s->is_asking ? NULL : on_message,
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
    if (s->host && wants_replica(s) && !s->is_settled) {
        replicas_try(&s->tried, span_of(s->host), s->port);
    }
    s->is_news = s->is_settled = false;
    s->is_asking = true;
    s->asked = 0;
    s->lost = 0;
    utstring_clear(&s->why);
    connect_to(s, s->at);
}

void sentinel_settled(struct sentinel *s)
{
    s->is_settled = true;
    s->tried.count = 0;
}

bool sentinel_has_more(const struct sentinel *s)
{
    return s->has_more;
}
