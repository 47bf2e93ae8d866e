/* bin: what actions deleted, kept for a while so that it can be put back: values of keys (DUMP) with the time
 * they had left, the index entries of sessions, messages with their list. In memory only, never on disk;
 * wiped when it is dropped, since a session's value is a secret. Bounded in bytes, keys and time: the oldest
 * goes first. */
#ifndef REDAI_ACTION_BIN_H
#define REDAI_ACTION_BIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bin;

struct bin_limits {
    size_t bytes;     /* of all that is kept, with what it takes to keep it */
    size_t key_bytes; /* of one key, as MEMORY USAGE tells: DUMP of a larger one would hold the server up */
    size_t keys;      /* of one action */
    int64_t keep_us;
};
extern const struct bin_limits bin_limits_default;

struct bin *bin_new(const struct bin_limits *limits); /* NULL: the default */
void bin_free(struct bin *b);                         /* NULL is fine */
const struct bin_limits *bin_limits(const struct bin *b);
/* Drops what is over its time; to be called now and then. */
void bin_sweep(struct bin *b, int64_t now_us);

/* One action's leavings. */
struct bin_row {
    uint64_t number;  /* as `undo` takes it */
    const char *what; /* display: the plan's title, session ids shortened; borrowed */
    size_t count, bytes;
    int64_t of;              /* so many were to be deleted; 0: not known */
    int64_t at_us, until_us; /* monotonic */
    int64_t at_wall_us;
};
size_t bin_count(const struct bin *b);
bool bin_at(const struct bin *b, size_t i, struct bin_row *ret); /* newest first */

#endif
