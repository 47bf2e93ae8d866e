/* observer: a model kept true by collect. The console, snapshots and the demo share it. Private to app. */
#ifndef REDAI_APP_OBSERVER_H
#define REDAI_APP_OBSERVER_H

#include "settings.h"

#include "redai/collect/collect.h"

struct observer {
    struct settings *settings; /* borrowed */
    struct model *model;       /* the settings' own */
    struct collect *collect;
    int64_t clock_us;
    /* Each key event, before the model hears it; NULL: nobody listens. Called very often. */
    void (*on_key_event)(void *ctx, const struct fact_key_event *event);
    void *ctx;
};

void observer_init(struct observer *o, struct ev_loop *loop, struct settings *settings);
void observer_start(struct observer *o);
void observer_release(struct observer *o);
/* Facts that app itself knows (links of its own, receipts, notes): stamped and applied. */
void observer_fact(struct observer *o, struct fact *f);
/* A link's state as a fact, for links that app owns. */
void observer_link(struct observer *o, enum link_role role, const struct link_status *status);
/* Time passes: a FACT_CLOCK at most every 250 ms, and the rules are judged. */
void observer_tick(struct observer *o);

#endif
