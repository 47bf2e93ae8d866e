/* slow: the server's slow log, its entries grouped by the shape of the command, and the events of its latency
 * monitor. An entry's arguments are bounded and masked before they come here: schema/command_shape.h. */
#ifndef REDAI_MODEL_SLOW_H
#define REDAI_MODEL_SLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redai/base/span.h"

struct model;

#define SLOW_MAX    1000 /* entries kept, the newest; those that left the server's own log stay till then */
#define LATENCY_MAX 32

struct slow_entry {
    int64_t id;      /* the server's; counts up until it restarts */
    char number[24]; /* the same as text */
    int64_t wall_us, duration_us;
    char *shape, *text, *client, *client_name; /* display; text: the command, masked and bounded */
    int64_t argc;                              /* of the whole command; -1 unknown */
    bool is_new;                               /* came while we watch: not there at the first reading */
};
struct slow_shape {
    char *shape;         /* display: "GET exam:*"; the row's id */
    size_t count, fresh; /* fresh: of these is_new */
    int64_t total_us, max_us, last_wall_us;
    const struct slow_entry *slowest;
};
size_t model_slow_count(const struct model *m);
const struct slow_entry *model_slow_at(const struct model *m, size_t i); /* newest first */
const struct slow_entry *model_slow_find(const struct model *m, struct span number);
size_t model_slow_shapes(const struct model *m);
const struct slow_shape *model_slow_shape_at(const struct model *m, size_t i); /* by total time */
int64_t model_slow_total(const struct model *m);                               /* SLOWLOG LEN; -1 unknown */
int64_t model_slow_threshold_us(const struct model *m); /* slowlog-log-slower-than; -1 unknown or off */

struct latency_event {
    char *name; /* display: "command", "fork", "aof-fsync-always" */
    int64_t wall_us, latest_ms, max_ms;
};
size_t model_latency_count(const struct model *m);
const struct latency_event *model_latency_at(const struct model *m, size_t i);
/* Our own round trips of the last minutes, in us; NAN unknown. */
struct round_trips {
    double p50, p99, max;
    size_t samples;
};
void model_round_trips(const struct model *m, struct round_trips *ret);

#endif
