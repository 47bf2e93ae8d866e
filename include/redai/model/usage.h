/* usage: who uses the memory of a shared Redis, and what the server may throw away now. Part of the model. */
#ifndef REDAI_MODEL_USAGE_H
#define REDAI_MODEL_USAGE_H

#include "redai/model/fact.h"

struct model;

struct usage_view {
    enum usage usage;
    int64_t keys;        /* over all databases that are walked; -1 unknown */
    int64_t bytes;       /* estimated; -1 unknown */
    double margin;       /* half the width of the 95 % interval, in bytes; NAN unknown */
    int64_t without_ttl; /* estimated; -1 unknown */
    bool evictable;      /* maxmemory-policy may take some of it */
    bool vital;          /* losing it loses work or logs people out */
    const char *loss;    /* what is lost when it goes: "waiting tasks", "people are logged out" */
};
/* One row an owner, the largest first; good until the next model_apply. */
size_t model_usage(const struct model *m, const struct usage_view **ret_rows);
/* One sentence on maxmemory and maxmemory-policy for what is stored: display. "" when INFO is not known.
 * *ret_bad: something vital can be evicted, or writes will be refused. */
const char *model_usage_verdict(const struct model *m, bool *ret_bad);

#endif
