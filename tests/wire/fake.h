/* fake: a stand-in for a server that says exactly what the test tells it to, on a unix socket, run by the
 * loop of the code under test. Anything waited for that does not come fails the test after a bound. */
#ifndef REDAI_TESTS_FAKE_H
#define REDAI_TESTS_FAKE_H

#include <ev.h>
#include <stdbool.h>

#include "redai/base/container.h"

struct fake {
    struct ev_loop *loop;
    struct ev_io accept_io, read_io;
    struct ev_timer bound;
    bool is_over; /* the bound has been reached */
    bool is_deaf; /* what comes is not read */
    int listening, fd;
    int connects;
    char folder[40], path[48], url[64];
    UT_string got; /* bytes that came and were not yet expected */
};

struct fake *fake_new(struct ev_loop *loop);
void fake_free(struct fake *f);

/* Runs the loop until the condition holds. */
void fake_wait(struct fake *f, bool (*holds)(void *user), void *user);
/* Runs the loop until nothing is left to do just now. */
void fake_settle(struct fake *f);
void fake_expect(struct fake *f, struct span bytes); /* just these come next */
void fake_expect_client(struct fake *f, int connects);
void fake_send(struct fake *f, struct span bytes);
void fake_hear(struct fake *f, bool hears); /* whether it reads what comes */
void fake_hang_up(struct fake *f);          /* what came and was not heard makes it a reset */
void fake_leave(struct fake *f);            /* hangs up, and the address is gone */

#endif
