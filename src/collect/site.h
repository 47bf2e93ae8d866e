/* site: where the application, the broker and the results are, and the links to a broker or to results that
 * are not where the application is. Sites of one server and login share a feed; a broker in the application's
 * own database shares its poll link, too, so that nothing more is asked and sent than of one place. Part of
 * collect_priv.h. */
#ifndef REDAI_COLLECT_SITE_H
#define REDAI_COLLECT_SITE_H

#include "narrow.h"

#include "redai/schema/site.h"

#include "redai/model/fact.h"

#include "redai/link/link.h"

struct collect;

/* A feed may rightly be silent for long: this is how soon it is found out when its silence is that of a
 * connection whose other end is gone. Until its answer is here nothing is called fresh on its word (poll.c).
 */
#define FEED_KEEPALIVE_US (5 * US_PER_S)

struct site_place {
    struct collect *c;
    enum site site;
    struct address address; /* with its database */
    bool apart;        /* on another server: the application's INFO counts nothing of what is asked here */
    struct link *feed; /* what is said there by itself comes by it; borrowed unless own_feed */
    bool own_feed, subscribed;
    struct narrow narrow; /* of own_feed */
    char refused[160];    /* a subscription on own_feed was, in the server's words; "" when none was */
    bool asking_again;
    int64_t ask_again_us;
    bool asking;       /* INFO is under way */
    int64_t asked_us;  /* when it was asked for; 0 never */
    int64_t pinged_us; /* when it was asked for a sign of life; 0 never */
    int64_t looked_us; /* when its link was looked at; 0 never */
    bool silent;       /* it was told that no answer comes */
};

/* The walk that looks for bindings where the census does not come: queue_walk.c. */
struct queue_walk {
    bool walking, in_flight, known;
    char refused[160]; /* in the server's words; "" when it is not */
    char cursor[24];
    int64_t next_us;
    int64_t pages; /* of this walk */
};

void sites_init(struct collect *c); /* before links are made */
void sites_open(struct collect *c); /* makes them; the application's are there */
void sites_start(struct collect *c);
void sites_close(struct collect *c);
void sites_step(struct collect *c, int64_t now_us);
/* Adds what the links of this file have cost. */
void sites_cost(const struct collect *c, struct link_cost *sum);
/* Whether a keyspace event of that database of the application's server is the broker's or of a result. */
bool sites_hear(const struct collect *c, int db);
/* The broker is not in the application's database: the census does not meet what it keeps. */
bool sites_broker_is_off(const struct collect *c);
/* Results have a database of their own on the application's server. */
bool sites_results_are_beside(const struct collect *c);
/* It has links of its own, and they are down: nothing is to be had of it. */
bool sites_is_down(const struct collect *c, enum site site);
/* What is asked there goes by this one. */
struct link *sites_link(const struct collect *c, enum site site);
/* Its feed, which is not the application's, is subscribed. */
bool sites_feed_stands(const struct collect *c, enum site site);
/* On a server of its own that gives no answers now: away, tried again, or hanging. */
bool sites_is_silent(const struct collect *c, enum site site);
/* A connection of these is that client of the application's server. */
bool sites_own_client(const struct collect *c, int64_t id);

void sites_result_state(struct collect *c, const struct link_status *s); /* of the link to the results */

/* queue_walk.c */
void queue_walk_restart(struct collect *c);
void queue_walk_step(struct collect *c, int64_t now_us);

#endif
