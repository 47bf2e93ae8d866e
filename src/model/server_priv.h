/* server_priv: what is kept of the server besides the newest INFO: its signs of life, what its commands cost,
 * who is connected, what was slow. Each struct is written by its noun's .c alone. Part of model_priv.h. */
#ifndef MODEL_SERVER_PRIV_H
#define MODEL_SERVER_PRIV_H

#include "redai/base/container.h"

#include "redai/model/client.h"
#include "redai/model/command_stat.h"
#include "redai/model/fact.h"
#include "redai/model/series.h"
#include "redai/model/slow.h"
#include "redai/model/vital.h"

struct model;

/* Counters of the server that are read as a list; growth.h. */
enum { GROWTH_VALUES = 4 };
struct growth {
    int64_t told[GROWTH_VALUES]; /* in the reading under way; -1 unknown, as all */
    int64_t now[GROWTH_VALUES];  /* at the last reading */
    int64_t mid[GROWTH_VALUES];  /* where the next window begins */
    int64_t base[GROWTH_VALUES]; /* where the window begins */
};
struct growth_times {
    int64_t now_us, mid_us, base_us; /* of these readings; -1: there was none */
    uint32_t pass;                   /* of the reading under way; 1 is the first */
    bool anew;                       /* the server's counters began again */
};

/* What commands cost, and errors. */
struct command_row {
    struct command_stat view;
    struct growth growth;
    double cost; /* us in the window; NAN */
    uint32_t pass;
    bool shown; /* a reading with it was whole */
    UT_hash_handle hh;
    size_t len;
    char key[]; /* raw name */
};
struct error_row {
    struct error_stat view;
    struct growth growth;
    uint32_t pass;
    UT_hash_handle hh;
    size_t len;
    char key[];
};
struct command_all {
    struct command_row *by_name;
    struct error_row *error_by_name;
    UT_array sorted; /* of struct command_row *, the costliest first */
    UT_array errors; /* of struct error_row *, those that grew last first */
    struct growth_times times, error_times;
    size_t cut, cut_now;
};

/* Who is connected. */
struct client_row {
    struct client view;
    uint32_t pass;
    UT_hash_handle hh;
};
struct client_all {
    struct client_row *by_id;
    UT_array row;   /* of struct client_row *, as they were told first */
    UT_array group; /* of struct client_group, largest first */
    uint32_t pass;
    int64_t read_us;
    size_t told;         /* in the reading under way */
    size_t cut, cut_now; /* left out here and where they were read */
};

/* What was slow. */
struct slow_all {
    UT_array entry; /* of struct slow_entry *, newest first */
    UT_array shape; /* of struct slow_shape, by total time */
    bool watched;   /* the log was read once: what comes now is new */
    int64_t total, threshold_us;
    UT_array latency, latency_told; /* of struct latency_event; those of the reading under way */
};

/* Our own round trips: one a reading of INFO, those of the last minutes. */
#define ROUND_TRIPS 300
struct round_trip_all {
    struct {
        int64_t at_us;
        float us;
    } sample[ROUND_TRIPS];
    unsigned count, next;
};

/* Replicas of this server. */
#define REPLICAS_MAX 64
struct replica_all {
    struct replica row[REPLICAS_MAX], told[REPLICAS_MAX];
    size_t count, telling, cut;
    bool known;
};

/* Its signs of life. */
struct vital_row;
struct vital_event {
    struct vital view;
    char id[80];
};
struct vital_all {
    struct vital_row *row; /* as the table has them */
    size_t rows;
    struct vital_event event[LATENCY_MAX];
    UT_array shown; /* of struct vital *: what this server has; made when it is looked at */
    bool stale;     /* it is behind */
};

void command_init(struct model *m);
void command_release(struct model *m);
void command_apply(struct model *m, const struct fact_command_stat *f);
void error_apply(struct model *m, const struct fact_error_stat *f);
void command_anew(struct model *m); /* another process: its counters begin again */

void client_init(struct model *m);
void client_release(struct model *m);
void client_apply(struct model *m, const struct fact_client *f);

void slow_init(struct model *m);
void slow_release(struct model *m);
void slow_apply(struct model *m, const struct fact_slow *f);
void latency_apply(struct model *m, const struct fact_latency *f);
void round_trip_add(struct model *m, int64_t us);

void vital_init(struct model *m);
void vital_release(struct model *m);
/* After an INFO; before: the one before it, NULL when no growth may be reckoned from it. */
void vital_apply(struct model *m, const struct info *before, double seconds);
void vital_changed(struct model *m); /* what rows tell differs: another reading of the latency monitor */
void replica_apply(struct model *m, const struct fact_replica *f);

#endif
