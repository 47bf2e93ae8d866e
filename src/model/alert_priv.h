/* alert_priv: the state of the alerts; alert*.c alone write it. A rule has a watch; a watch has a thing for
 * the whole and one for each queue, batch ... that is of interest; a thing that is shown has a row. */
#ifndef REDAI_MODEL_ALERT_PRIV_H
#define REDAI_MODEL_ALERT_PRIV_H

#include "alert_past.h"

#include "redai/base/container.h"

#include "redai/model/alert.h"
#include "redai/model/fact.h"

/* Things followed for one rule: those its condition holds for, and of rates and changes those whose past is
 * kept. What is beyond is counted only. */
#define ALERT_THINGS_MAX 4000

struct alert_watch;
struct alert_row {
    struct alert view;
    struct alert_watch *watch;
    unsigned said_edition; /* of the rules, when its text was made */
    bool said_gone;
};

/* One thing as one rule sees it; shown or not. */
struct alert_thing {
    struct alert_row *row;   /* NULL: not shown */
    struct alert_past *past; /* of a rate or a change; NULL: none is kept */
    enum alert_state state;  /* as it is, or would be, shown */
    int64_t since_us, since_wall_us;
    int64_t held_us; /* the condition holds since; -1 */
    int64_t crossed_us, crossed_wall_us;
    int64_t resolved_us, resolved_wall_us; /* when it last cleared; -1 never */
    int64_t muted_until_us;                /* this thing alone; -1 not */
    char *reason;                          /* of that */
    double value, worst;
    bool known, up, acknowledged;
    bool unmuted;      /* its own mute, or for the whole the rule's, is over just now */
    bool gone;         /* it was not there any more when it cleared */
    uint32_t pass;     /* the judging that told of it */
    UT_hash_handle hh; /* in watch.things */
    char *display;
    size_t len;
    char id[]; /* raw, NUL behind; empty: the whole */
};

struct alert_watch {
    const struct rule *rule;
    unsigned revision;
    bool enabled;
    struct alert_thing *whole; /* of a metric of things: shown while none of them is */
    struct alert_thing *things;
    size_t count, rows; /* of things; of rows of things */
    size_t beyond;      /* things that are up and have no row */
    size_t untracked;   /* of these: beyond ALERT_THINGS_MAX */
    size_t pasts;
    int64_t muted_until_us; /* the rule with all its things; -1 not */
    char *reason;
    uint32_t pass;
    bool told; /* used while the rows are put in order */
};

struct alert_log {
    struct alert_change *row; /* a ring; NULL: nothing was told yet */
    size_t first, count;
    uint64_t number;
};

struct alert_state_all {
    UT_array watch; /* of struct alert_watch *, in the rules' order */
    UT_array order; /* of struct alert_row *: of enabled ones, as they are shown */
    struct alert_log log;
    unsigned life; /* of the server, as of the last judging */
    bool moved;    /* the order is behind */
};

void alert_init(struct model *m);
void alert_release(struct model *m);
void alert_acknowledge(struct model *m, const struct fact_acknowledge *f);
void alert_mute(struct model *m, const struct fact_mute *f);
void alert_judge(struct model *m);

/* Watches; alert.c. */
struct alert_watch *alert_watch_at(const struct model *m, size_t i);
struct alert_thing *alert_thing_add(struct model *m, struct alert_watch *w, struct span id,
                                    const char *display);
/* Mutes whose time is over end; alert_hush.c. The states follow when they are settled. */
void alert_mute_over(struct model *m, struct alert_watch *w);

/* The states of a thing; alert_thing.c. */
struct alert_thing *alert_thing_new(const struct model *m, struct span id, const char *display);
void alert_thing_free(struct alert_thing *t);
bool alert_holds(const struct rule *r, double value);
/* The more, the further beyond the limit; an unknown one is least. */
double alert_badness(const struct rule *r, double value);
/* How it stands with its condition, now that its value is known to be this (NAN: not known). over: nothing
 * is amiss with it whatever the value is. */
void alert_thing_step(const struct model *m, const struct alert_watch *w, struct alert_thing *t, double value,
                      bool over);
/* The state that follows; true when it has changed. */
bool alert_thing_settle(struct model *m, struct alert_watch *w, struct alert_thing *t);
bool alert_thing_is_calm(const struct model *m, const struct alert_thing *t); /* nothing to tell of it */
/* False: there is no such queue, batch ... any more. */
bool alert_thing_exists(const struct model *m, enum target_kind kind, struct span id);

/* What is shown; alert_row.c. */
void alert_row_show(struct model *m, struct alert_watch *w, struct alert_thing *t);
/* The order is stale after it, and must not be read before it is made anew. */
void alert_row_hide(struct model *m, struct alert_watch *w, struct alert_thing *t);
void alert_row_fill(struct model *m, const struct alert_watch *w, struct alert_thing *t);
void alert_row_allot(struct model *m, struct alert_watch *w); /* rows to those that have waited for one */
void alert_row_order(struct model *m);
void alert_say(const struct model *m, const struct alert_watch *w, const struct alert_thing *t, char *out,
               size_t size);

/* The log; alert_log.c. text NULL: the message. */
void alert_log_add(struct model *m, const struct alert_watch *w, const struct alert_thing *t,
                   enum alert_state from, enum alert_state to, const char *text);
void alert_log_release(struct alert_log *log);

#endif
