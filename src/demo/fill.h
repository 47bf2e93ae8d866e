/* fill: what the platform would have in Redis after a working day: sessions of all ages, some of them without
 * a place in the user's index (older than the index lives), some members of an index without a session, a
 * cache half warm, and the few keys somebody forgot to give a TTL. */
#ifndef REDAI_DEMO_FILL_H
#define REDAI_DEMO_FILL_H

#include "demo/login.h"
#include "demo/prng.h"

enum {
    FILL_SESSIONS = 120,
    FILL_ORPHANS = 5, /* among them */
    FILL_STALE = 6,   /* members of indexes besides */
    FILL_DETAILS = 110,
    FILL_QUESTIONS = 80,
    FILL_STATS = 60,
    FILL_REPRS = 47,
    FILL_CACHE_KEYS = FILL_DETAILS + FILL_QUESTIONS + FILL_STATS + FILL_REPRS + 3
};

/* Gives the commands to sink, and appends to logins (of struct login) those that are still in use. */
void fill_run(struct prng *p, int64_t now_wall_us, const struct command_sink *sink, UT_array *logins);

#endif
