/* rule: when something is worth a person's attention. A table row or a config line:
 *   alert NAME when [rate|change] METRIC [of GLOB] [over TIME] OP VALUE [for 30s] [clear VALUE]
 *         [severity info|warning|critical] [min-lookups N] [message "..."] [pane NAME] [do "COMMAND"]
 * A metric of things there are many of (rule_metric.of) is judged for each of them, or for those whose name
 * fits GLOB. `rate METRIC over 1m > 5` is about its growth a second over that time, `change METRIC over 5m >
 * 20` about how many percent it rose (above 0) or fell (below 0). Durations and the clear level keep it from
 * flapping: it fires when the condition held for `hold_us`, and clears when the value has passed the clear
 * level. A rule whose metric is unknown neither fires nor clears.
 */
#ifndef REDAI_MODEL_RULE_H
#define REDAI_MODEL_RULE_H

#include "redai/base/container.h"
#include "redai/base/err.h"
#include "redai/base/target.h"
#include "redai/base/veil.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_CRITICAL, SEVERITY_COUNT };
extern const char *const severity_name[SEVERITY_COUNT];
enum rule_op {
    RULE_ABOVE,    /* > */
    RULE_AT_LEAST, /* >= */
    RULE_BELOW,    /* < */
    RULE_AT_MOST,  /* <= */
    RULE_EQUAL,    /* == */
    RULE_OP_COUNT
};

enum rule_form {
    RULE_OF_VALUE,
    RULE_OF_RATE,   /* growth a second over window_us; in the metric's unit */
    RULE_OF_CHANGE, /* percent over window_us; unknown while the value at its beginning is 0 or unknown */
    RULE_FORM_COUNT
};

struct rule {
    char *name; /* letters, digits, - and _ */
    int metric; /* index into rule_metrics */
    enum rule_form form;
    int64_t window_us; /* of rate and change; 0 otherwise */
    char *of;          /* glob over the names of the things it is about; NULL: all */
    enum rule_op op;
    double value; /* bytes, percent, counts, seconds; below 0 for what fell */
    double clear; /* back to fine at this value; equals value when not given */
    int64_t hold_us;
    int64_t min_lookups; /* hit rate is judged above so many look-ups in its window only */
    enum severity severity;
    char *message; /* %v value, %o object, %t threshold */
    char *reason;  /* why the rule exists, for docs and detail; may be NULL for configured ones */
    char *pane;    /* the one pane that helps next, a word of :pane; NULL: the one of its metric's group */
    char *next;    /* the one command that helps next, without the colon, %o the thing; NULL none */
    bool enabled;
    unsigned revision; /* counts how often it came to be about something else */
};

struct rule_metric {
    const char *name; /* "server.used_memory", "cache.hit_rate", "queue.depth", "batch.stalled_s" ... */
    const char *unit; /* "bytes", "percent", "count", "per_s", "s", "bool" */
    const char *help;
    enum target_kind
        of; /* what it is a number of: a queue, a batch (TARGET_TASK), a worker, a family, a user; the
               rule is then judged for each of them. TARGET_NONE: of the server as a whole */
};
extern const struct rule_metric rule_metrics[];
extern const size_t rule_metric_count;
/* What the object of an alert on this metric is, for the curtain. */
enum veil_kind rule_metric_about(int metric);

/* A value of the rule as a person reads it, in its unit: "1.2 GiB", "+40.0%" of a change, "-12/s" of a
 * rate; "?" when it is unknown. */
#define RULE_VALUE_SIZE 40
void rule_format(const struct rule *r, double value, char *out, size_t size);

struct rules {
    UT_array row;     /* of struct rule * */
    unsigned edition; /* counts up when a rule is changed or added */
    /* Whether a word is the name of a pane, which the model does not know; err says what was expected. NULL:
     * any word is. */
    bool (*check_pane)(const char *word, struct err *err);
};
void rules_init(struct rules *r); /* the built-in ones */
void rules_release(struct rules *r);
/* The words of an `alert` line after the word alert; a known name is changed (only what is named), a new one
 * added; "alert NAME off" disables, "on" enables. err names the wrong word and what was expected. */
bool rules_set(struct rules *r, size_t count, const char *const *word, struct err *err);
size_t rules_count(const struct rules *r);
const struct rule *rules_at(const struct rules *r, size_t i);

#endif
