/* shed: what the feed gives up when more comes than is taken, before the server cuts it off, and when it
 * takes it back. Pure: signs in, one step out. Who applies it: narrow.c. */
#ifndef REDAI_COLLECT_SHED_H
#define REDAI_COLLECT_SHED_H

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they are given up: what costs much and says little first. What workers say of
 * themselves is kept. */
enum shed_step {
    SHED_MISSES,  /* keymiss */
    SHED_WRITES,  /* set, expire, persist, restore, rename: sessions and batches live by polls then */
    SHED_RESULTS, /* stored results as they are published */
    SHED_TASKS,   /* task events of workers */
    SHED_ENDS,    /* del, expired, evicted */
    SHED_STEPS
};
extern const unsigned shed_events[SHED_STEPS]; /* bits 1u << enum notify_event */

/* What Redis has when nobody changed it: client-output-buffer-limit of pubsub. */
enum { SHED_HARD_BYTES = 32 * 1024 * 1024, SHED_SOFT_BYTES = 8 * 1024 * 1024 };

struct shed_signs {
    int64_t now_us;
    int64_t behind_us;         /* for so long the socket was not once read empty; 0: it was */
    int64_t queued;            /* bytes that the server holds for us; -1 unknown */
    int64_t hard, soft;        /* beyond which it cuts us off (soft: after a while); 0 never */
    int64_t ops;               /* commands a second of the server; -1 unknown */
    int64_t heard[SHED_STEPS]; /* messages so far */
    unsigned absent;           /* bits 1u << enum shed_step: what this feed never brings */
    bool settled;              /* what was asked for last is confirmed: all that was queued before is read */
};

struct shed {
    unsigned given_up;   /* bits 1u << enum shed_step */
    int64_t since_us;    /* when the first of them was given up */
    int64_t narrowed_us; /* the last time; 0 never */
    int64_t widened_us;
    int64_t settled_us; /* since when nothing is unconfirmed; -1: something is */
    int64_t calm_us;    /* since when; -1 */
    int64_t patience_us;
    int64_t queued, ops; /* when it was narrowed last */
    int64_t times;       /* how often it began */
    int64_t mark_us, mark[2][SHED_STEPS];
};

enum shed_move { SHED_STAY, SHED_NARROW, SHED_WIDEN };

void shed_init(struct shed *s);
/* SHED_NARROW, SHED_WIDEN: the step that is given up or taken back; *s says so already. */
enum shed_move shed_judge(struct shed *s, const struct shed_signs *g, enum shed_step *ret_step);
/* The connection was lost. When it was being narrowed, or should have been, it comes back with as little as
 * there is. Returns whether anything is given up. */
bool shed_lost(struct shed *s, const struct shed_signs *last);

#endif
