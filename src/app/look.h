/* look: watches until what was asked for is known, for the calls that print once and end. Private to app. */
#ifndef REDAI_APP_LOOK_H
#define REDAI_APP_LOOK_H

#include "observer.h"

#include <ev.h>

/* Judged some fifty times a second; past_us: since the look began. */
typedef bool (*look_enough)(void *ctx, const struct observer *o, int64_t past_us);

/* Starts the observer and runs the loop until it is enough. The caller reads the model, then releases o. */
void look_until(struct observer *o, struct ev_loop *loop, struct settings *s, look_enough enough, void *ctx);
/* False: Redis did not answer, and three seconds are over, six while the first attempt lasts: there is
 * nothing to wait for. */
bool look_is_hopeful(const struct observer *o, int64_t past_us);
/* Every known worker has answered, let its time pass or said goodbye; where none is asked, a heartbeat will
 * do. Without any worker: false. */
bool look_heard_workers(const struct model *m, bool asked);
/* Prints and flushes; false, told on stderr, when it could not be written. */
bool look_print(const UT_string *out);
bool look_wants_json(const struct settings *s); /* --format */

#endif
