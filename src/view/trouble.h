/* trouble: what to say when Redis cannot be reached: what, since when, when it is tried again. */
#ifndef VIEW_TROUBLE_H
#define VIEW_TROUBLE_H

#include "look.h"

/* One clause: "redis unreachable: connection refused, retry in 2 s". Writes at most size bytes; returns out.
 */
const char *trouble_line(const struct look *look, char *out, size_t size);
/* The parts: why ("connection refused"; what is known when nobody said), and the link's view. */
const char *trouble_why(const struct look *look);
/* The same in at most size - 1 letters: an error's code and what it means; of several clauses the
 * first and the last ("sentinel: connection refused"); otherwise its first words. */
enum { TROUBLE_BRIEF = 30 }; /* a size that leaves room beside it */
const char *trouble_brief(const char *why, char *out, size_t size);
/* What can be done about it from here; NULL: nothing that we know of. */
const char *trouble_hint(const struct look *look);
/* Since when it has been so, monotonic; -1 unknown. */
int64_t trouble_since_us(const struct look *look);
/* True before anything was ever heard: connecting is no trouble yet. */
bool trouble_is_start(const struct look *look);

/* Of the broker or the results on a server of their own: "broker unreachable since 10:40:12Z (5 s):
 * connection refused". NULL: it is reachable, or where the application is. */
const char *trouble_site_line(const struct look *look, enum site site, char *out, size_t size);
/* The same for whoever a pane's data come from; NULL: nothing is amiss with that. */
const char *trouble_topic_line(const struct look *look, enum topic topic, char *out, size_t size);

#endif
