/* pick_look: for the verbs of the shell: which sessions fit is known once all keys were walked, and all
 * indexes read. */
#include "app.h"
#include "look.h"
#include "pick.h"

#include <stdio.h>

#include "redai/base/clock.h"

#define WALK_MAX_US (120 * US_PER_S)

static bool knows_sessions(const struct observer *o)
{
    return collect_settled(o->collect) && model_census(o->model)->complete &&
           model_session_index(o->model)->complete;
}

static bool is_enough(void *ctx, const struct observer *o, int64_t past_us)
{
    (void)ctx;
    return knows_sessions(o) || past_us >= WALK_MAX_US || !look_is_hopeful(o, past_us);
}

static void complain_of_walk(const struct model *m)
{
    const struct census_view *census = model_census(m);
    const char *link = model_connection(m)->link[LINK_ROLE_POLL].error;
    int limit_s = (int)(WALK_MAX_US / US_PER_S);
    struct err err;
    if (!model_redis_reachable(m)) {
        err_set(&err, ERR_NETWORK, "redis could not be read%s%s: nothing was done", *link ? ": " : "", link);
    } else if (!census->complete) {
        err_set(&err, ERR_REFUSED, "only %lld of %lld keys were walked within %d s: nothing was done",
                (long long)census->walked, (long long)census->expected, limit_s);
    } else {
        err_set(&err, ERR_REFUSED, "not all sessions and indexes were read within %d s: nothing was done",
                limit_s);
    }
    complain(&err);
}

bool pick_look(struct settings *s, struct ev_loop *loop, struct order *o, int *ret_code)
{
    struct observer observer;
    struct err err;
    s->reserved = true; /* a look sends nothing: no worker is asked */
    look_until(&observer, loop, s, is_enough, NULL);
    bool ok = knows_sessions(&observer);
    *ret_code = EXIT_FAILED;
    if (!ok) {
        complain_of_walk(s->model);
    } else if (!pick_fill(s->model, o, &err)) {
        ok = false;
        complain(&err);
        if (err.code == ERR_NOT_FOUND) { /* nothing is left to do: the count that a script reads */
            *ret_code = puts("0") >= 0 && fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
        }
    }
    observer_release(&observer);
    return ok;
}
