/* command_stats: the lines of INFO commandstats and errorstats (Redis 6.2 to 7.4; errorstats since 6.2; the
 * counts of rejected and failed calls, too). Pure bytes in, spans of them out. */
#ifndef REDAI_SCHEMA_COMMAND_STATS_H
#define REDAI_SCHEMA_COMMAND_STATS_H

#include <stdint.h>

#include "redai/base/span.h"

struct command_stats_line {
    struct span name;    /* "get", "config|get" */
    int64_t calls, usec; /* since the counters began; -1 absent */
    int64_t rejected;    /* refused before they ran (ACL, arity, out of memory); -1 absent */
    int64_t failed;      /* ran into an error; -1 absent */
};
struct error_stats_line {
    struct span name; /* "WRONGTYPE" */
    int64_t count;    /* -1 absent */
};
/* The next line of that kind, whatever stands between; *text is moved behind it. False: no more. */
bool command_stats_next(struct span *text, struct command_stats_line *ret);
bool error_stats_next(struct span *text, struct error_stats_line *ret);

#endif
