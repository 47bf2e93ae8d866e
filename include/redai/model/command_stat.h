/* command_stat: what the server's commands cost (INFO commandstats), and the errors it gave (errorstats),
 * since the counters began and within the window of the last readings. */
#ifndef REDAI_MODEL_COMMAND_STAT_H
#define REDAI_MODEL_COMMAND_STAT_H

#include <stddef.h>
#include <stdint.h>

#include "redai/base/span.h"

struct model;

#define COMMAND_STATS_MAX                                                                                    \
    600 /* a server has about 400 with sub-commands; the rest is left out and counted                        \
         */
#define ERROR_STATS_MAX 128

struct command_stat {
    char *name;                            /* display: "get", "config|get" */
    int64_t calls, usec, rejected, failed; /* totals of the server; -1 unknown */
    double calls_per_s;                    /* in the window; NAN: one reading only */
    double us_per_call;                    /* in the window; NAN: not called in it, or one reading only */
    double share; /* percent of the time of all commands in the window; NAN: one reading only, or no time */
    double rejected_per_s, failed_per_s; /* in the window; NAN unknown */
    double us_per_call_ever;             /* since the counters began; NAN */
};
struct error_stat {
    char *name;  /* display: "NOAUTH", "WRONGTYPE" */
    char id[88]; /* "error.NOAUTH": a vital's */
    int64_t count;
    double per_s;    /* in the window; NAN: one reading only */
    int64_t grew_us; /* monotonic: when it last grew while watched; -1 */
};
size_t model_command_count(const struct model *m);
const struct command_stat *model_command_at(const struct model *m,
                                            size_t i); /* costliest in the window first */
const struct command_stat *model_command_find(const struct model *m, struct span name); /* raw */
size_t model_error_count(const struct model *m);
const struct error_stat *model_error_at(const struct model *m, size_t i); /* what grew last first */
int64_t model_command_window_us(const struct model *m); /* how long it is; -1: fewer than two readings */

#endif
