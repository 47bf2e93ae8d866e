#include "collect_priv.h"

#include <stdio.h>

#define INFO_US   (5 * US_PER_S)
#define PING_US   US_PER_S       /* what hangs is to be known before its data are called stale */
#define SILENT_US (2 * US_PER_S) /* no answer for so long is none */
#define STILL_US  US_PER_S       /* looked at more seldom, we stood still ourselves: what came was not read */

static const enum link_role feed_role[SITE_COUNT] = {
    [SITE_APP] = LINK_ROLE_FEED,
    [SITE_BROKER] = LINK_ROLE_BROKER_FEED,
    [SITE_RESULTS] = LINK_ROLE_RESULT_FEED,
};
static const enum link_role poll_role[SITE_COUNT] = {
    [SITE_APP] = LINK_ROLE_POLL,
    [SITE_BROKER] = LINK_ROLE_BROKER,
    [SITE_RESULTS] = LINK_ROLE_RESULT,
};

/* --- what is where --- */

void sites_init(struct collect *c)
{
    const struct collect_options *o = &c->options;
    const struct address *said[SITE_COUNT] = {o->address, o->broker, o->results};
    for (int i = 0; i < SITE_COUNT; i++) {
        struct site_place *p = &c->site[i];
        *p = (struct site_place){.c = c, .site = (enum site)i};
        address_copy(&p->address, said[i] ? said[i] : o->address);
        p->apart = !address_same_server(&p->address, o->address);
    }
    if (!o->results) {
        c->site[SITE_RESULTS].address.db = o->result_db;
    }
    c->options.result_db = c->site[SITE_RESULTS].address.db;
}

static bool same_login(const struct site_place *a, const struct site_place *b)
{
    return address_same_server(&a->address, &b->address) && address_same_user(&a->address, &b->address);
}

bool sites_broker_is_off(const struct collect *c)
{
    return c->broker != c->poll;
}

bool sites_results_are_beside(const struct collect *c)
{
    const struct site_place *p = &c->site[SITE_RESULTS];
    return !p->apart && p->address.db != c->address.db;
}

bool sites_hear(const struct collect *c, int db)
{
    const struct site_place *b = &c->site[SITE_BROKER], *r = &c->site[SITE_RESULTS];
    return (!r->apart && r->address.db == db) || (!b->apart && b->address.db == db);
}

struct link *sites_link(const struct collect *c, enum site site)
{
    return site == SITE_BROKER ? c->broker : site == SITE_RESULTS ? c->result : c->poll;
}

bool sites_is_down(const struct collect *c, enum site site)
{
    const struct link *l = sites_link(c, site);
    return l != c->poll && c->site[site].apart && link_status(l)->state == LINK_WAITING;
}

bool sites_is_silent(const struct collect *c, enum site site)
{
    return c->site[site].apart && (!link_is_ready(sites_link(c, site)) || c->site[site].silent);
}

bool sites_own_client(const struct collect *c, int64_t id)
{
    for (int i = 0; i < SITE_COUNT; i++) {
        const struct site_place *p = &c->site[i];
        if (!p->apart && (id == link_client_id(sites_link(c, p->site)) || id == link_client_id(p->feed))) {
            return true;
        }
    }
    return false;
}

/* --- what is said there --- */

/* Who has the feed that this site's news come by. */
static const struct site_place *owner(const struct collect *c, enum site site)
{
    for (int i = 0; i < SITE_COUNT; i++) {
        if (c->site[i].own_feed && c->site[i].feed == c->site[site].feed) {
            return &c->site[i];
        }
    }
    return NULL;
}

bool sites_feed_stands(const struct collect *c, enum site site)
{
    const struct site_place *p = owner(c, site);
    return p && p->subscribed && link_is_ready(p->feed);
}

static void on_message(void *user, struct span pattern, struct span channel, struct span payload)
{
    struct site_place *p = user;
    feed_apart(p->c, &p->narrow, pattern, channel, payload);
}

static void tell_refusal(const struct site_place *p, enum fact_link_state state)
{
    for (int i = 0; i < SITE_COUNT; i++) {
        if (p->c->site[i].feed == p->feed) {
            struct fact f = {
                .kind = FACT_LINK,
                .link = {
                    .role = feed_role[i], .state = state, .error = span_of(p->refused), .retry_at_us = -1}};
            collect_emit(p->c, &f);
        }
    }
}

/* As with the application's (feed.c): the connection stands and is silent, which is as good as none. */
static void on_refused(void *user, struct span error)
{
    struct site_place *p = user;
    bool known = p->refused[0] != '\0';
    p->subscribed = false;
    p->ask_again_us = clock_mono_us() + collect_pause_us(error);
    collect_deny(p->refused, error);
    if (!known) {
        tell_refusal(p, FACT_LINK_DOWN);
    }
}

static void heard_again(struct site_place *p)
{
    struct collect *c = p->c;
    p->refused[0] = '\0';
    tell_refusal(p, FACT_LINK_UP);
    if (c->site[SITE_RESULTS].feed == p->feed) {
        results_restart(c);
    }
    if (c->site[SITE_BROKER].feed == p->feed) {
        c->inspect.next_us = c->inspect.denied ? c->inspect.next_us : 0;
    }
}

static void ask_again(struct site_place *p, int64_t now_us)
{
    if (!p->own_feed || !p->refused[0] || !link_is_ready(p->feed)) {
        return;
    }
    if (!p->asking_again && now_us >= p->ask_again_us) {
        p->asking_again = true;
        p->subscribed = narrow_subscribe(&p->narrow);
    } else if (p->asking_again && link_pending(p->feed) == 0) {
        p->asking_again = false;
        if (p->subscribed) {
            heard_again(p);
        }
    }
}

static void on_feed_state(void *user, const struct link_status *s)
{
    struct site_place *p = user;
    struct collect *c = p->c;
    if (p->subscribed && s->state != LINK_READY) {
        narrow_lost(&p->narrow);
    }
    p->subscribed = p->asking_again = false;
    p->refused[0] = '\0';
    for (int i = 0; i < SITE_COUNT; i++) {
        if (c->site[i].feed == p->feed) {
            collect_tell_link(c, feed_role[i], s);
        }
    }
    if (s->state == LINK_READY) {
        p->subscribed = narrow_subscribe(&p->narrow);
        if (c->site[SITE_RESULTS].feed == p->feed) {
            results_restart(c); /* what happened while nobody listened is known by a walk only */
        }
    }
}

/* --- what is asked there --- */

static void tell_down(struct collect *c, enum site site, const char *why)
{
    static const enum topic of_broker[] = {TOPIC_QUEUES, TOPIC_TASKS, TOPIC_WORKERS};
    char text[300];
    snprintf(text, sizeof text, "the %s: %s", site == SITE_BROKER ? "broker" : "results' server",
             *why ? why : "no answer");
    for (size_t i = 0; site == SITE_BROKER && i < sizeof of_broker / sizeof of_broker[0]; i++) {
        collect_poll_result(c, of_broker[i], false, span_of(text));
    }
    if (site == SITE_RESULTS) {
        collect_poll_result(c, TOPIC_TASKS, false, span_of(text));
    }
}

static bool is_of_broker(enum target_kind kind)
{
    return kind == TARGET_QUEUE || kind == TARGET_WORKER || kind == TARGET_MESSAGE ||
           kind == TARGET_DELIVERY || kind == TARGET_TASK;
}

static void on_broker_state(void *user, const struct link_status *s)
{
    struct collect *c = user;
    collect_tell_link(c, LINK_ROLE_BROKER, s);
    if (s->state == LINK_READY) {
        collect_broker_up(c);
        queue_walk_restart(c);
        collect_soon(c, 0);
    } else if (s->state == LINK_WAITING) {
        c->site[SITE_BROKER].asking = false;
        c->peek.busy = c->peek.busy && !is_of_broker(c->peek.subject.kind);
        tell_down(c, SITE_BROKER, s->error);
    }
}

void sites_result_state(struct collect *c, const struct link_status *s)
{
    collect_tell_link(c, poll_role[SITE_RESULTS], s);
    if (s->state == LINK_READY) {
        results_restart(c);
    } else if (s->state == LINK_WAITING && c->site[SITE_RESULTS].apart) {
        c->site[SITE_RESULTS].asking = false;
        tell_down(c, SITE_RESULTS, s->error);
    }
}

/* --- the links --- */

static struct link *open_feed(struct site_place *p, const char *name)
{
    struct collect *c = p->c;
    for (int i = 0; i < (int)p->site; i++) {
        if (same_login(&c->site[i], p)) {
            return c->site[i].feed;
        }
    }
    p->own_feed = true;
    return link_new(c->options.loop, &(struct link_options){.name = name,
                                                            .address = &p->address,
                                                            .db = -1,
                                                            .keepalive_us = FEED_KEEPALIVE_US,
                                                            .on_state = on_feed_state,
                                                            .on_message = on_message,
                                                            .on_refused = on_refused,
                                                            .user = p});
}

void sites_open(struct collect *c)
{
    struct site_place *b = &c->site[SITE_BROKER];
    bool shared = same_login(b, &c->site[SITE_APP]) && b->address.db == c->address.db;
    c->broker = shared ? c->poll
                       : link_new(c->options.loop, &(struct link_options){.name = "broker",
                                                                          .address = &b->address,
                                                                          .db = -1,
                                                                          .no_touch = true,
                                                                          .on_state = on_broker_state,
                                                                          .user = c});
    c->site[SITE_APP].feed = c->feed_link;
    b->feed = open_feed(b, "broker-feed");
    c->site[SITE_RESULTS].feed = open_feed(&c->site[SITE_RESULTS], "result-feed");
    for (int i = 0; i < SITE_COUNT; i++) {
        if (c->site[i].own_feed) {
            narrow_init(&c->site[i].narrow, c, (enum site)i);
        }
    }
    queue_walk_restart(c);
}

void sites_start(struct collect *c)
{
    if (c->broker != c->poll) {
        link_start(c->broker);
    }
    for (int i = 0; i < SITE_COUNT; i++) {
        if (c->site[i].own_feed) {
            link_start(c->site[i].feed);
        }
    }
}

void sites_close(struct collect *c)
{
    if (c->broker != c->poll) {
        link_free(c->broker);
    }
    for (int i = 0; i < SITE_COUNT; i++) {
        if (c->site[i].own_feed) {
            link_free(c->site[i].feed);
        }
        address_release(&c->site[i].address);
    }
}

static void add_cost(const struct link *l, struct link_cost *sum)
{
    struct link_cost cost = link_cost(l);
    sum->commands += cost.commands;
    sum->bytes_out += cost.bytes_out;
    sum->bytes_in += cost.bytes_in;
}

void sites_cost(const struct collect *c, struct link_cost *sum)
{
    if (c->broker != c->poll) {
        add_cost(c->broker, sum);
    }
    for (int i = 0; i < SITE_COUNT; i++) {
        if (c->site[i].own_feed) {
            add_cost(c->site[i].feed, sum);
        }
    }
}

/* --- INFO of another server --- */

static void on_info(void *user, const struct reply *r)
{
    struct site_place *p = user;
    struct collect *c = p->c;
    struct span text;
    p->asking = false;
    if (!reply_string(r, &text)) {
        return; /* not allowed: how it is stays unknown */
    }
    struct fact f = {.kind = FACT_SITE, .site = {.site = p->site}};
    info_clear(&f.site.info);
    info_decode(&f.site.info, text);
    collect_emit(c, &f);
    struct site_place *r_place = &c->site[SITE_RESULTS];
    if (p->site == SITE_BROKER && r_place->apart && address_same_server(&p->address, &r_place->address)) {
        f.site.site = SITE_RESULTS;
        collect_emit(c, &f);
    }
}

static bool is_asked_for(const struct collect *c, const struct site_place *p)
{
    const struct site_place *b = &c->site[SITE_BROKER];
    bool with_broker = p->site == SITE_RESULTS && b->apart && address_same_server(&p->address, &b->address);
    return p->apart && !with_broker;
}

/* --- whether another server answers --- */

static void tell_silence(struct site_place *p, const struct link *l, bool silent)
{
    p->silent = silent;
    struct fact f = {.kind = FACT_LINK,
                     .link = {.role = poll_role[p->site],
                              .state = silent ? FACT_LINK_SILENT : FACT_LINK_UP,
                              .error = silent ? S("no answer") : S(""),
                              .retry_at_us = -1,
                              .heard_us = link_heard_us(l)}};
    collect_emit(p->c, &f);
}

static void listen_for_life(struct site_place *p, struct link *l, int64_t now_us)
{
    bool stood_still = now_us - p->looked_us >= STILL_US;
    p->looked_us = now_us;
    if (!link_is_ready(l)) {
        p->silent = false; /* its state was told */
        return;
    }
    if (now_us - p->pinged_us >= PING_US && !link_pending(l)) {
        p->pinged_us = now_us;
        link_command(l, NULL, NULL, S("PING"));
    }
    bool silent = link_silent_us(l) >= SILENT_US;
    if (silent != p->silent && !(silent && stood_still)) {
        tell_silence(p, l, silent);
    }
}

void sites_step(struct collect *c, int64_t now_us)
{
    if (sites_broker_is_off(c) && link_is_ready(c->broker)) {
        queue_walk_step(c, now_us);
    }
    for (int i = SITE_BROKER; i < SITE_COUNT; i++) {
        struct site_place *p = &c->site[i];
        ask_again(p, now_us);
        if (p->own_feed) {
            narrow_step(&p->narrow, p->subscribed, now_us);
        }
        struct link *l = sites_link(c, p->site);
        if (p->apart) {
            listen_for_life(p, l, now_us);
        }
        if (is_asked_for(c, p) && !p->asking && link_is_ready(l) &&
            (!p->asked_us || now_us - p->asked_us >= INFO_US)) {
            p->asked_us = now_us;
            p->asking = link_command(l, on_info, p, S("INFO"));
        }
    }
}
