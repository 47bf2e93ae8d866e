/* own_sent: the commands our own links were given of late, to leave them out of what MONITOR shows. The
 * address of a client does not tell: behind a proxy it is another one, and on a unix socket all have the
 * same. So each command that is sent is noted by what it says, and the next line that says just this is taken
 * for it. The server shows each command once and in some order; whichever of two that say the same is left
 * out, what is counted is the same. What was noted and is not shown within a second (it was run before
 * MONITOR was) is forgotten. Part of collect. */
#ifndef REDAI_COLLECT_OWN_SENT_H
#define REDAI_COLLECT_OWN_SENT_H

#include "redai/schema/monitor.h"

enum { OWN_SENT_SETS = 512, OWN_SENT_WAYS = 8 };

struct own_sent {
    struct own_command {
        uint64_t hash; /* 0: none */
        int64_t at_us;
    } set[OWN_SENT_SETS][OWN_SENT_WAYS];
    size_t count; /* noted and not yet met or overwritten */
};

void own_sent_note(struct own_sent *o, int db, size_t argc, const struct span *args, int64_t now_us);
/* Whether the line is one of ours; then it is not noted any more. */
bool own_sent_take(struct own_sent *o, const struct monitor_line *line, int64_t now_us);

#endif
