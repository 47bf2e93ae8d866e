/* narrow: the feed listens to less while more comes than it takes (shed.h says what and when), and says so.
 * Part of collect_priv.h. */
#ifndef REDAI_COLLECT_NARROW_H
#define REDAI_COLLECT_NARROW_H

#include "shed.h"

#include "redai/schema/notify.h"

struct collect;
struct reply;

struct narrow {
    struct shed shed;
    struct shed_signs signs; /* as last seen */
    unsigned widening;       /* steps whose subscription is not confirmed yet */
    unsigned deaf;           /* bits of enum notify_event: given up, or not heard again yet */
    bool looking, queue_denied, limit_asked;
    int64_t looked_us, looked_bytes; /* when the server was asked what it holds for us */
    int64_t told_us;
    int64_t unheeded[NOTIFY_EVENT_COUNT]; /* what was given up and came all the same; not told yet */
    char why[160];
};

void narrow_init(struct collect *c);
/* The link is ready: subscribes to all that is not given up. False: it could not be asked for. */
bool narrow_subscribe(struct collect *c);
void narrow_lost(struct collect *c); /* the link was ready, and is no more */
void narrow_step(struct collect *c, int64_t now_us);
/* Given up, or not heard again yet. */
bool narrow_is_deaf(const struct collect *c, enum shed_step step);

#endif
