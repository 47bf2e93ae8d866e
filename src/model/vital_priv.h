/* vital_priv: the table of the server's signs of life and how a row is read, judged and put into words. The
 * rows: vital_table.c; readers, tones and notes: vital_read.c, vital_note.c. */
#ifndef MODEL_VITAL_PRIV_H
#define MODEL_VITAL_PRIV_H

#include "model_priv.h"

enum vital_how {
    VITAL_LEVEL, /* a number of INFO as it stands */
    VITAL_RATE,  /* its growth a second */
    VITAL_CORE,  /* the same of us of CPU time, as percent of one core */
    VITAL_READ   /* by a function */
};

struct vital_kind {
    enum vital_group group;
    const char *name, *id, *unit, *help;
    enum vital_how how;
    size_t field; /* LEVEL, RATE, CORE: offset of an int64_t in struct info */
    size_t also;  /* CORE: another one on top; 0 none */
    double scale; /* of LEVEL; 0: as it stands */
    double (*read)(const struct model *m);
    bool (*has)(const struct model *m); /* NULL: a field of INFO that this server tells; a function: always */
    enum vital_tone (*tone)(const struct model *m, double now);
    void (*note)(const struct model *m, const struct vital *v, char *out, size_t size);
    bool no_past;
};
extern const struct vital_kind vital_kinds[];
extern const size_t vital_kind_count;

struct vital_row {
    struct vital view;
    struct series series;
    bool seen; /* this server has it */
};

/* A number of INFO; NAN unknown. */
static inline double vital_known(int64_t value)
{
    return value < 0 ? UNKNOWN_REAL : (double)value; /* INFO_UNKNOWN is below 0, too */
}
const struct info *vital_info(const struct model *m);
/* By how much a row has grown since its series began; NAN unknown. */
double vital_grew(const struct model *m, const char *id);

/* Readers. */
#define VITAL_READERS(X)                                                                                     \
    X(of_limit)                                                                                              \
    X(replication_memory)                                                                                    \
    X(scripts_memory)                                                                                        \
    X(fragmentation)                                                                                         \
    X(commands)                                                                                              \
    X(hit_rate)                                                                                              \
    X(evicted)                                                                                               \
    X(expired)                                                                                               \
    X(of_maxclients)                                                                                         \
    X(save_age)                                                                                              \
    X(append_only)                                                                                           \
    X(aof_since_base)                                                                                        \
    X(is_master)                                                                                             \
    X(link_up)                                                                                               \
    X(replica_lag)                                                                                           \
    X(replica_behind)                                                                                        \
    X(round_trip)                                                                                            \
    X(round_trip_p50)                                                                                        \
    X(round_trip_p99)                                                                                        \
    X(round_trip_max)
#define VITAL_READER(name) double vital_read_##name(const struct model *m);
VITAL_READERS(VITAL_READER)
#undef VITAL_READER

/* Whether this server has it. */
bool vital_has_lookups(const struct model *m);
bool vital_has_limit(const struct model *m);
bool vital_has_replication(const struct model *m);
bool vital_has_aof(const struct model *m);
bool vital_has_saves(const struct model *m);
bool vital_has_replicas(const struct model *m);
bool vital_has_master(const struct model *m);
bool vital_has_db1(const struct model *m);
bool vital_has_db2(const struct model *m);
bool vital_has_db3(const struct model *m);
bool vital_has_db0(const struct model *m);

#define VITAL_TONES(X)                                                                                       \
    X(full)                                                                                                  \
    X(fragmentation)                                                                                         \
    X(core)                                                                                                  \
    X(any)                                                                                                   \
    X(connected)                                                                                             \
    X(rejected)                                                                                              \
    X(save)                                                                                                  \
    X(fork)                                                                                                  \
    X(aof)                                                                                                   \
    X(delayed)                                                                                               \
    X(link)                                                                                                  \
    X(lag)                                                                                                   \
    X(slow_trip)
#define VITAL_TONE(name) enum vital_tone vital_tone_##name(const struct model *m, double now);
VITAL_TONES(VITAL_TONE)
#undef VITAL_TONE

#define VITAL_NOTES(X)                                                                                       \
    X(used)                                                                                                  \
    X(of_limit)                                                                                              \
    X(of_used)                                                                                               \
    X(resident)                                                                                              \
    X(fragmentation)                                                                                         \
    X(peak)                                                                                                  \
    X(system)                                                                                                \
    X(main_thread)                                                                                           \
    X(commands)                                                                                              \
    X(hit_rate)                                                                                              \
    X(evicted)                                                                                               \
    X(errors)                                                                                                \
    X(of_maxclients)                                                                                         \
    X(blocked)                                                                                               \
    X(rejected)                                                                                              \
    X(db)                                                                                                    \
    X(save)                                                                                                  \
    X(changes)                                                                                               \
    X(fork)                                                                                                  \
    X(cow)                                                                                                   \
    X(append_only)                                                                                           \
    X(aof_size)                                                                                              \
    X(delayed)                                                                                               \
    X(role)                                                                                                  \
    X(replicas)                                                                                              \
    X(link)                                                                                                  \
    X(behind)                                                                                                \
    X(round_trips)
#define VITAL_NOTE(name)                                                                                     \
    void vital_note_##name(const struct model *m, const struct vital *v, char *out, size_t size);
VITAL_NOTES(VITAL_NOTE)
#undef VITAL_NOTE

#endif
