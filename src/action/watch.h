/* watch: revoked sessions that are looked at again and again for a while, since the platform's update path
 * reads a session and then writes it: one that was revoked in between comes back. It works beside the orders,
 * on the same connection, with a timer of its own. Looks (EXISTS, up to a hundred keys in one) come half a
 * second after the deletion, then ever more rarely, and at once when a key event says that it was written.
 * Private to action; source: seed-faults 10. */
#ifndef REDAI_ACTION_WATCH_H
#define REDAI_ACTION_WATCH_H

#include "redai/link/link.h"

#include "redai/action/runner.h"

enum { WATCH_MAX = 100000 };
#define WATCH_LONGEST_US INT64_C(600000000)

struct watch;

struct watch_options {
    struct ev_loop *loop;
    struct link *act;
    int64_t period_us;
    int64_t *own_hits, *own_misses; /* where its reads are counted */
    /* The entry is no longer watched when the last three are told. */
    void (*tell)(void *ctx, const struct runner_watch *news);
    void *ctx;
};
struct watch *watch_new(const struct watch_options *options);
void watch_free(struct watch *w); /* NULL is fine */
/* From now on; one that is watched begins anew. False: there are too many. user NULL: unknown. */
bool watch_add(struct watch *w, enum verb verb, struct span id, const char *user);
void watch_forget(struct watch *w, struct span id); /* it is put back on purpose: told as lost */
void watch_hint(struct watch *w, struct span id);   /* it seems to have been written: look now */
size_t watch_count(const struct watch *w);

/* runner_watch.c: what a runner does with the news. */
void runner_watch_tell(void *runner, const struct runner_watch *news);

#endif
