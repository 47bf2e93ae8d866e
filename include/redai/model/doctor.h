/* doctor: the preflight. What was asked of the server (settings, permissions) is told as facts; the findings
 * are judged from these and from all else that the model knows, by a table of checks. */
#ifndef REDAI_MODEL_DOCTOR_H
#define REDAI_MODEL_DOCTOR_H

#include "redai/model/rule.h"

struct model;

enum finding_verdict {
    FINDING_GOOD,    /* looked at, nothing wrong */
    FINDING_BAD,     /* severity says how bad */
    FINDING_UNKNOWN, /* could not be looked at; text says why */
    FINDING_VERDICT_COUNT
};
struct finding {
    const char *check; /* the check's id: "eviction-policy"; stable, for scripts */
    const char *group; /* "permissions", "server", "celery", "data", "console" */
    enum finding_verdict verdict;
    enum severity severity;
    char *text;          /* display: what was found, with values: "maxmemory-policy is allkeys-lru" */
    char *why;           /* display: one line; "" when good */
    char *fix;           /* display: one line; "" when good */
    char *object;        /* display: what it is about (a queue, a worker); "" */
    enum veil_kind veil; /* of the object */
    struct target about; /* where Enter leads; TARGET_NONE: nowhere */
};
enum doctor_state { DOCTOR_IDLE, DOCTOR_ASKING, DOCTOR_DONE, DOCTOR_FAILED };
enum doctor_state model_doctor_state(const struct model *m);
const char *model_doctor_error(const struct model *m); /* of a failed one; display; "" */
int64_t model_doctor_at_us(const struct model *m);     /* monotonic: when it ended; -1 */
/* Judged as of now: worst first, then unknown, then good. */
size_t model_finding_count(const struct model *m);
const struct finding *model_finding_at(const struct model *m, size_t i);

/* The table of checks, for the documentation. */
struct doctor_check {
    const char *id, *group;
    enum severity severity; /* when it is bad; some are milder in some cases */
    const char *faults;     /* numbers of the platform's own faults that it sees; "" */
    const char *looks;      /* what is looked at */
    const char *why, *fix;  /* why that is wrong, and the way out, where no values are known */
};
extern const struct doctor_check doctor_checks[];
extern const size_t doctor_check_count;
/* Of bad findings the worst severity; -1: nothing is wrong. */
int model_doctor_worst(const struct model *m);

/* What was asked: a setting's value, NULL when it could not be read (ret_why then says why, display). */
const char *model_setting(const struct model *m, const char *name, const char **ret_why);

#endif
