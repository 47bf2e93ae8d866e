/* monitor: one line of MONITOR: who sent which command about which keys. Read where it lies; nothing is
 * allocated, and an argument is copied only when it holds escapes. Source: Redis 7.0, replicationFeedMonitors
 * and sdscatrepr. */
#ifndef REDAI_SCHEMA_MONITOR_H
#define REDAI_SCHEMA_MONITOR_H

#include <stdint.h>

#include "redai/base/span.h"

enum monitor_use { MONITOR_READ = 1, MONITOR_WRITE = 2 }; /* bits */

struct monitor_line {
    int64_t at_us; /* wall, the server's clock */
    int db;
    bool lua;            /* sent by a script, not by a client */
    struct span client;  /* "127.0.0.1:49152", "[::1]:49152", "unix:/path", "lua" */
    struct span command; /* its name as it was sent */
    struct span args;    /* what stands behind it, still quoted */
};

/* The line without its end; what is lent points into it. False when it is none of MONITOR's. */
bool monitor_decode(struct monitor_line *ret, struct span line);

/* Takes the next argument off *args and undoes its escapes: lends the line's own bytes, or room when there
 * were escapes (what does not fit is left out). False at the end, and where the line was cut. */
bool monitor_next(struct span *args, char *room, size_t size, struct span *ret);

/* Calls each for every key that the command looks up for its value (MONITOR_READ: a look that Redis counts
 * as hit or miss) or writes. The key is good for the call. Keys beyond MONITOR_KEY_MAX bytes are cut when
 * they hold escapes. Commands that are not in the table, and what a script was given, have no keys: what the
 * script does has lines of its own. Returns how many. */
size_t monitor_keys(const struct monitor_line *line,
                    void (*each)(void *ctx, struct span key, enum monitor_use use), void *ctx);
#define MONITOR_KEY_MAX 1024

#endif
