/* heard: what a server was told by the program under test: each command as MONITOR wrote it down, and by INFO
 * commandstats those of the admin, which MONITOR leaves out. The program must come by TCP: what comes by the
 * socket is the test's own. */
#ifndef REDAI_TESTS_APP_HEARD_H
#define REDAI_TESTS_APP_HEARD_H

#include "server/server.h"

struct heard;

struct heard *heard_begin(struct server *s);
/* Reads up to now and fails the test unless every command from outside only looks: flagged readonly by the
 * server itself (COMMAND), or in the short list of those that have no such flag and change nothing either.
 * Returns how many there were. */
size_t heard_only_looks(struct heard *h);
/* How often that command was among them so far: "config|get". */
size_t heard_count(struct heard *h, const char *command);
void heard_end(struct heard *h);

#endif
