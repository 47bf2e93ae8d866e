/* vital: the server's signs of life as trends: what INFO tells, each with its recent past. A row is a number
 * of INFO, of our own measurement, or reckoned from them; rows come in groups, in a fixed order. */
#ifndef REDAI_MODEL_VITAL_H
#define REDAI_MODEL_VITAL_H

#include "redai/base/span.h"

#include "redai/model/series.h"

struct model;

/* clang-format off */
#define VITAL_GROUP_LIST(X)           \
    X(MEMORY, "memory")               \
    X(CPU, "cpu")                     \
    X(LATENCY, "latency")             \
    X(TRAFFIC, "traffic")             \
    X(CLIENTS, "clients")             \
    X(KEYS, "keys")                   \
    X(PERSISTENCE, "persistence")     \
    X(REPLICATION, "replication")
/* clang-format on */
enum vital_group {
#define VITAL_GROUP_ENUM(id, name) VITAL_GROUP_##id,
    VITAL_GROUP_LIST(VITAL_GROUP_ENUM)
#undef VITAL_GROUP_ENUM
        VITAL_GROUP_COUNT
};
extern const char *const vital_group_name[VITAL_GROUP_COUNT];

enum vital_tone { VITAL_PLAIN, VITAL_GOOD, VITAL_WARNING, VITAL_CRITICAL };

struct vital {
    enum vital_group group;
    const char *name; /* "dataset"; stable: it is the row's id together with the group: "memory.dataset" */
    const char *id;
    const char *unit; /* as rule_metric.unit: "bytes", "percent", "count", "per_s", "s", "bool";
                         "bytes_per_s", "ratio" */
    const char *help;
    double now, low, high;       /* of the series; NAN unknown */
    const struct series *series; /* NULL: it has no past worth showing */
    enum vital_tone tone;        /* by what is known to be bad, not by the alert rules */
    char note[120];              /* display: what the number means here: "full in 2 h 10 m at this growth" */
};
/* Rows that this server does not have (replication of a lone master, AOF when it is off) are left out. */
size_t model_vital_count(const struct model *m);
const struct vital *model_vital_at(const struct model *m, size_t i); /* group by group */
const struct vital *model_vital_find(const struct model *m, struct span id);
/* When the memory will be full at the growth of the last minutes, in seconds; NAN: it does not grow steadily,
 * has no limit, or was not watched for two minutes yet. */
double model_memory_full_s(const struct model *m);
/* Replicas of this server, as it told last. */
struct replica {
    char address[64], state[32]; /* display */
    int64_t offset, lag_s;       /* -1 unknown */
};
size_t model_replica_count(const struct model *m);
const struct replica *model_replica_at(const struct model *m, size_t i);

#endif
