#include "link_priv.h"

#include <stdio.h>

#define NAME_PREFIX "redai-console"

void greeting_refused(struct link *l, struct span error)
{
    static const struct span for_a_human[] = {
        /* A wrong or missing password does not get better by asking fast, and fills the server's log. */
        SPAN_LITERAL("NOAUTH"),
        SPAN_LITERAL("WRONGPASS"),
        SPAN_LITERAL("ERR invalid password"), /* before Redis 6 */
        SPAN_LITERAL("ERR AUTH"),
        SPAN_LITERAL("ERR Client sent AUTH"), /* before Redis 6 */
        SPAN_LITERAL("NOPERM"),
        SPAN_LITERAL("DENIED"),
    };
    enum link_delay delay = DELAY_BACKOFF;
    struct err why = {0};

    for (size_t i = 0; i < sizeof(for_a_human) / sizeof(for_a_human[0]); i++) {
        if (span_starts(error, for_a_human[i])) {
            delay = DELAY_SLOW;
        }
    }
    err_set(&why, ERR_AUTH, "%.*s", (int)span_head(error, sizeof(why.text)).len, error.data);
    link_down(l, delay, &why);
}

/* AUTH and SELECT must be granted. */
static void on_must(void *user, const struct reply *reply)
{
    if (reply_is_error(reply)) {
        greeting_refused(user, reply_error(reply));
    }
}

/* CLIENT SETNAME and NO-TOUCH need not. But a server that takes no connection answers the first command,
 * whatever it is, and hangs up: "max number of clients reached". */
static void on_may(void *user, const struct reply *reply)
{
    struct link *l = user;
    struct span error = reply_error(reply);
    if (error.len > 0 && l->first_word.code == ERR_NONE) {
        err_set(&l->first_word, ERR_REFUSED, "%.*s", (int)span_head(error, sizeof(l->first_word.text)).len,
                error.data);
    }
}

/* Redis 5 or newer tells; whoever is refused is known by no number. */
static void on_id(void *user, const struct reply *reply)
{
    struct link *l = user;
    int64_t id;
    if (reply_type(reply) == REPLY_INTEGER && reply_int(reply, &id)) {
        l->client_id = id;
    }
}

static void on_ping(void *user, const struct reply *reply)
{
    struct link *l = user;
    struct span error = reply_error(reply);

    if (!reply) {
        return;
    }
    /* A user who may not PING is known and welcome none the less; and a server that cannot save refuses PING
     * along with all writes, but answers who reads. */
    if (error.len > 0 && !span_starts(error, S("NOPERM")) && !span_starts(error, S("MISCONF"))) {
        greeting_refused(l, error);
        return;
    }
    link_ready(l);
}

static bool says(struct span text, struct span words)
{
    return span_search(text, words) < text.len;
}

/* A sentinel may be behind: who calls itself a replica is not the master that was asked for, and the other
 * way round. Who may not be asked is believed. */
static void on_role(void *user, const struct reply *reply)
{
    struct link *l = user;
    struct span text = reply_text(reply);
    bool wants_replica = address_wants_replica(&l->address);
    struct err why = {0};
    if (!wants_replica && says(text, S("role:slave"))) {
        err_set(&why, ERR_NETWORK,
                "%s:%d, the master of \"%s\" by its sentinels, is a replica: a failover goes on", l->host,
                l->port, l->address.service);
    } else if (wants_replica && says(text, S("role:master"))) {
        err_set(&why, ERR_NETWORK,
                "%s:%d, a replica of \"%s\" by its sentinels, is a master: a failover goes on", l->host,
                l->port, l->address.service);
    } else if (wants_replica && says(text, S("master_link_status:down")) && sentinel_has_more(l->sentinel)) {
        err_set(&why, ERR_NETWORK, "%s:%d, a replica of \"%s\", has lost its master: another one is asked",
                l->host, l->port, l->address.service);
    }
    if (why.code != ERR_NONE) {
        link_down(l, DELAY_BACKOFF, &why);
    }
}

static void say(struct link *l, link_reply_fn fn, bool is_secret, size_t argc, const struct span *args)
{
    struct pending *p = exchange_queue(l, PENDING_OWN, argc, args, is_secret);
    p->fn = fn;
    p->user = l;
}

#define SAY(l, fn, is_secret, ...)                                                                           \
    say((l), (fn), (is_secret), sizeof((struct span[]){__VA_ARGS__}) / sizeof(struct span),                  \
        (const struct span[]){__VA_ARGS__})

/* All of it in one write: a connection costs one round trip. */
void greeting_begin(struct link *l)
{
    const struct address *a = &l->address;
    const char *name = l->options.name;
    const char *program = l->options.program ? l->options.program : NAME_PREFIX;
    uint64_t epoch = l->epoch;
    char text[64];

    l->heard_at_us = clock_mono_us();
    l->bytes_in_before = l->cost.bytes_in;
    link_change(l, LINK_GREETING);
    if (l->epoch != epoch) {
        return;
    }
    if (a->user) { /* who is named never becomes the default user */
        SAY(l, on_must, true, S("AUTH"), span_of(a->user), span_of(a->password));
    } else if (a->password) {
        SAY(l, on_must, true, S("AUTH"), span_of(a->password));
    }
    if (l->options.db != 0) {
        snprintf(text, sizeof(text), "%d", l->options.db);
        SAY(l, on_must, false, S("SELECT"), span_of(text));
    }
    snprintf(text, sizeof(text), "%s%s%s", program, name ? ":" : "", name ? name : "");
    SAY(l, on_may, false, S("CLIENT"), S("SETNAME"), span_of(text));
    if (l->options.no_touch) {
        SAY(l, on_may, false, S("CLIENT"), S("NO-TOUCH"), S("ON"));
    }
    l->client_id = -1;
    SAY(l, on_id, false, S("CLIENT"), S("ID"));
    if (a->kind == ADDRESS_SENTINEL) {
        SAY(l, on_role, false, S("INFO"), S("replication"));
    }
    SAY(l, on_ping, false, S("PING"));
    exchange_arm(l);
}
