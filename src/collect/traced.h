/* traced: what a trace has counted: reads, writes and misses by family, and the keys that were read most
 * often. Bounded, whatever is read: so many families, so many keys of each (space-saving: the key counted
 * least gives its place and its count to a new one). Part of collect. */
#ifndef REDAI_COLLECT_TRACED_H
#define REDAI_COLLECT_TRACED_H

#include "redai/base/container.h"

#include "redai/schema/keyname.h"
#include "redai/schema/monitor.h"

enum { TRACED_FAMILIES_MAX = 400, TRACED_KEYS = 64, TRACED_KEY_MAX = 112 };

struct traced_family {
    struct span name; /* in key of hh */
    int64_t reads, writes, misses;
    size_t keys;
    /* Hashes and counts apart from the texts: each read looks at all of them. A key was read count times at
     * most, and count - over times at least. */
    uint64_t hash[TRACED_KEYS];
    int64_t count[TRACED_KEYS], over[TRACED_KEYS];
    struct traced_key {
        size_t len;
        char key[TRACED_KEY_MAX]; /* its front */
    } key[TRACED_KEYS];
    UT_hash_handle hh;
    char text[];
};

struct traced {
    const struct families *families; /* borrowed */
    struct traced_family *family;
};

void traced_init(struct traced *t, const struct families *families);
void traced_release(struct traced *t);
void traced_use(struct traced *t, struct span key, enum monitor_use use);
void traced_miss(struct traced *t, struct span key, int64_t count); /* below 0: taken off */
/* The key that was read most often for sure, and how often at least; NULL none. */
const struct traced_key *traced_hottest(const struct traced_family *f, int64_t *ret_reads);

#endif
