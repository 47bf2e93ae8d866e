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
};
enum doctor_state { DOCTOR_IDLE, DOCTOR_ASKING, DOCTOR_DONE, DOCTOR_FAILED };
enum doctor_state model_doctor_state(const struct model *m);
int64_t model_doctor_at_us(const struct model *m); /* monotonic: when it ended; -1 */
/* Judged as of now: worst first, then unknown, then good. */
size_t model_finding_count(const struct model *m);
const struct finding *model_finding_at(const struct model *m, size_t i);

/* What was asked: a setting's value, NULL when it could not be read (ret_why then says why, display). */
const char *model_setting(const struct model *m, const char *name, const char **ret_why);

#endif
