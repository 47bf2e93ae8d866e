/* place: every pane, face and page of the console, and the keys that lead there, for tests that do something
 * in all of them. */
#ifndef REDAI_TESTS_APP_PLACE_H
#define REDAI_TESTS_APP_PLACE_H

#include "seat.h"

#define PLACE_BACK "\033[15~"               /* F5 */
#define PLACE_KEYS "bind all F5 \"back\"\n" /* which the console's configuration must bind so */
#define PLACE_NODE "w1@host"

/* What the places are about: stage_fill, and a delivery, a worker, a stale entry and a failed task. */
void place_fill(struct server *s);

struct place {
    const char *pane;
    const char *line[3]; /* typed behind the pane's name at the prompt, up to a NULL */
    bool is_page;
};
extern const struct place places[];
extern const size_t places_count;

/* Whatever is open. Does not wait. */
void place_go(struct pty *p, const struct place *at);

#endif
