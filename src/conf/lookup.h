/* lookup: finding what a word of the user means, and saying which word was not understood. Private to conf.
 */
#ifndef REDAI_CONF_LOOKUP_H
#define REDAI_CONF_LOOKUP_H

#include "redai/base/container.h"

/* A word of the user as an error message may show it: without anything a terminal would obey, cut to
 * what a line can bear. */
struct shown {
    char text[161];
};
struct shown conf_shown(const char *word);

/* Finds the known name nearest to a mistyped word. */
struct nearest {
    const char *word;
    const char *name; /* the best so far, NULL when none is near enough to be meant */
    size_t distance;
};
struct nearest nearest_to(const char *word);
void nearest_offer(struct nearest *n, const char *name);

/* Blank-separated lists within table rows: walks item by item; false behind the last one. */
bool conf_next_item(const char **list, struct span *ret_item);

/* Arrays of char * which own their strings. */
extern const UT_icd conf_string_icd;

#endif
