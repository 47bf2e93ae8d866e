/* own_reads: what our own look-ups did to keyspace_hits and keyspace_misses, so that the hit rate that is
 * shown can be freed of it. Private to action. Source: design section 4, "Truth". */
#ifndef REDAI_ACTION_OWN_READS_H
#define REDAI_ACTION_OWN_READS_H

#include "redai/link/reply.h"

enum own_read { OWN_READ_NONE, OWN_READ_ONE, OWN_READ_PLACE, OWN_READ_KEYS, OWN_READ_TTL };

enum own_read own_reads_kind(struct span command);
/* Whether a reading command looks at a key of Celery's own: by the key's name, or because nobody else has
 * lists or hashes here. */
bool own_reads_of_celery(struct span command, struct span key);
/* Adds a command's look-ups. keys: how many it named. A set or list read that finds nothing counts as a miss,
 * which is wrong only for a member that an existing set lacks. */
void own_reads_count(enum own_read kind, int64_t keys, const struct reply *reply, int64_t *hits,
                     int64_t *misses);
/* Adds a SCAN with MATCH and TYPE: it looks at each key that matches, whatever its type, and each look is a
 * hit (Redis 7.0, scanGenericCommand). all: the reply of the same SCAN without TYPE, which names these keys.
 * A key that has expired and is not yet removed is a miss of its own that no reply shows. */
void own_reads_scan_by_type(const struct reply *by_type, const struct reply *all, int64_t *hits);

#endif
