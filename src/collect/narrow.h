/* narrow: a feed listens to less while more comes than it takes (shed.h says what and when), and says so.
 * Each feed for itself: those of a broker and of results on servers of their own, too. Part of
 * collect_priv.h. */
#ifndef REDAI_COLLECT_NARROW_H
#define REDAI_COLLECT_NARROW_H

#include "shed.h"

#include "redai/schema/notify.h"
#include "redai/schema/site.h"

struct collect;
struct link;
struct reply;

struct narrow {
    struct collect *c;
    struct link *feed; /* borrowed */
    enum site site;    /* the first one whose feed it is */
    struct shed shed;
    struct shed_signs signs; /* as last seen */
    unsigned widening;       /* steps whose subscription is not confirmed yet */
    unsigned deaf;           /* bits of enum notify_event: given up, or not heard again yet */
    bool looking, queue_denied, limit_asked;
    int64_t looked_us, looked_bytes; /* when the server was asked what it holds for us */
    int64_t told_us;
    int64_t unheeded[NOTIFY_EVENT_COUNT];     /* what was given up and came all the same; not told yet */
    int64_t held_bytes, cut_bytes, behind_us; /* why it became narrow: see fact_shed */
};

/* All sites have their feeds. */
void narrow_init(struct narrow *w, struct collect *c, enum site site);
/* The link is ready: subscribes to all that is not given up. False: it could not be asked for. */
bool narrow_subscribe(struct narrow *w);
void narrow_lost(struct narrow *w); /* the link was ready, and is no more */
void narrow_step(struct narrow *w, bool subscribed, int64_t now_us);
/* Of some feed more comes than was read, or did: what is to be done is not to wait. */
bool narrow_any_is_watchful(const struct collect *c);
/* Counts a message of that kind; false: it is not to be looked at, since its kind is given up. */
bool narrow_heeds(struct narrow *w, enum shed_step step);
/* Given up by whichever feed brings it, or not heard again yet. */
bool narrow_is_deaf(const struct collect *c, enum shed_step step);

#endif
