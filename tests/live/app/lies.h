/* lies: what a hostile server says instead of an answer. */
#ifndef REDAI_TESTS_APP_LIES_H
#define REDAI_TESTS_APP_LIES_H

#include "server/liar.h"

/* Of a wrong type or count, but well formed as far as hiredis 0.14 goes: the program goes on with what it
 * has. */
extern const struct lie_text lies_odd[];
extern const size_t lies_odd_count;

/* Not the protocol, or more than is taken: the connection ends. */
struct lies_broken {
    struct lie_text text;
    const char *words; /* on the screen */
};
extern struct lies_broken lies_broken[];
extern const size_t lies_broken_count;

void lies_prepare(void); /* first: builds the long ones */

#endif
