/* alert: what the rules say. One row for each rule while nothing it watches is amiss, and one for each thing
 * (queue, batch, worker, family, user) for which it pends, fires, fired, is acknowledged or muted. All of it
 * is read through const; pointers are valid until the next model_apply or model_judge. */
#ifndef REDAI_MODEL_ALERT_H
#define REDAI_MODEL_ALERT_H

#include "redai/model/rule.h"

struct model;

enum alert_state {
    ALERT_OK,
    ALERT_UNKNOWN, /* its metric cannot be read: it neither fires nor clears */
    ALERT_PENDING, /* the condition holds, not yet for as long as the rule asks */
    ALERT_FIRING,
    ALERT_ACKNOWLEDGED, /* it fires, and somebody works on it: says nothing more until it has cleared */
    ALERT_MUTED,        /* it says nothing until muted_until_us, whatever happens */
    ALERT_RESOLVED,     /* it fired within the last ten minutes */
    ALERT_STATE_COUNT
};
extern const char *const alert_state_name[ALERT_STATE_COUNT];

#define ALERT_OBJECTS_MAX  50 /* things one rule has rows for: the worst; `more` counts the rest */
#define ALERT_REASON_MAX   160
#define ALERT_ID_SEPARATOR '\x1f' /* between the rule's name and a thing's raw id */

struct alert {
    const struct rule *rule;
    /* Identity, of a TARGET_ALERT: the rule's name, and for a thing the byte 1F and its raw id behind it. */
    char *id;
    size_t id_len;
    struct target about; /* the thing; TARGET_NONE: the rule as a whole */
    enum alert_state state;
    int64_t since_us; /* monotonic: in this state since (a firing one: since it fired) */
    int64_t since_wall_us;
    int64_t crossed_us, crossed_wall_us; /* when the condition began to hold, the last time; -1 never */
    double value;                        /* NAN unknown; of a rate or change: that */
    double worst;                        /* the value furthest beyond the limit since it crossed; NAN */
    char *object;                        /* display name of what it is about, "" for the server */
    size_t more;                   /* of the rule's first row: things beyond ALERT_OBJECTS_MAX that are up */
    int64_t muted_until_us;        /* monotonic; -1 not muted; INT64_MAX until :unmute */
    bool up;                       /* MUTED: it would fire */
    char reason[ALERT_REASON_MAX]; /* display: why it was muted, in somebody's words */
    char text[240];                /* the message with value and object filled in */
};
size_t model_alert_count(const struct model *m);
/* Firing first by severity, then acknowledged, resolved, pending, muted, unknown, ok. */
const struct alert *model_alert_at(const struct model *m, size_t i);
const struct alert *model_alert_find(const struct model *m, struct span id); /* NULL none */
/* The rule's rows alone, in the same order: how many (0 when it is switched off), and the i-th, NULL none. */
size_t model_alerts_of(const struct model *m, const struct rule *rule);
const struct alert *model_alert_of(const struct model *m, const struct rule *rule, size_t i);
/* Counts of firing (not acknowledged, not muted) ones. */
size_t model_alerts_firing(const struct model *m, enum severity severity);

/* --- evidence: what it stands on --- */

#define EVIDENCE_SAMPLES 60
#define EVIDENCE_MOVERS  6
/* A metric that moved together with the alert. */
struct alert_mover {
    int metric;
    double before, after; /* what was usual in the minutes before, and the mean since it moved (a minute) */
    double weight;        /* how unusual that is against its own unrest before; they are ranked by it */
    int64_t at_us;        /* monotonic: when it began to move; -1: before the window */
    char object[96];      /* display: of things there are many of, the one; "" the server */
};
struct alert_evidence {
    double sample[EVIDENCE_SAMPLES]; /* the value, oldest first; NAN unknown */
    size_t samples;
    int64_t step_us; /* between them */
    double limit, clear;
    size_t movers;
    struct alert_mover
        mover[EVIDENCE_MOVERS]; /* what moved most comes first; the rule's own metric is left out */
    int64_t from_us, to_us;     /* the window in which they were looked for; -1: it never crossed */
};
/* The graph alone: EVIDENCE_SAMPLES values. It reaches back before the crossing, at most an hour. */
void model_alert_graph(const struct model *m, const struct alert *a, double ret[EVIDENCE_SAMPLES],
                       int64_t *ret_step_us);
/* Filled for any row; movers only for those that crossed. False: no such row. */
bool model_alert_evidence(const struct model *m, const struct alert *a, struct alert_evidence *ret);

/* --- the log of transitions: newest last, the last ALERT_LOG_MAX --- */

#define ALERT_LOG_MAX 2000
struct alert_change {
    uint64_t number; /* counts up from 1 */
    int64_t at_us, wall_us;
    enum alert_state from,
        to; /* of pending ones only those that went on to fire are told: PENDING to OK is not */
    enum severity severity;
    double value;
    int metric;
    char *rule, *object; /* display; the rule's name; "" the server */
    char *text;          /* display: the message at that moment, or the reason of a mute */
    enum veil_kind veil; /* of the object */
};
size_t model_alert_log_count(const struct model *m);
const struct alert_change *model_alert_log_at(const struct model *m, size_t i);
const struct alert_change *model_alert_change(const struct model *m, uint64_t number); /* NULL none */
/* The alert it is about, as long as there is one. */
const struct alert *model_alert_of_change(const struct model *m, const struct alert_change *c);

#endif
