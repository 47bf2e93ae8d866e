/* pick_look: for the verbs of the shell: which sessions fit is known once all keys were walked, and all
 * indexes read. */
#include "app.h"
#include "look.h"
#include "pick.h"

#include <stdio.h>
#include <unistd.h>

#include "redai/base/clock.h"

#define WALK_MAX_US (900 * US_PER_S)
#define TELL_US     (500 * US_PER_MS)

struct looking {
    bool indexes; /* they are needed, too */
    int64_t told_us;
    bool told;
};

/* The server's words where it refuses what the look needs; NULL: nothing is known to be refused. What a
 * person may not read does not come by waiting. */
static const char *refusal(const struct model *m, bool indexes)
{
    static const enum topic needed[] = {TOPIC_SESSIONS, TOPIC_CACHE}; /* the values; the walk */
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        const struct topic_view *topic = model_topic(m, needed[i]);
        if (topic->failed) {
            return topic->error;
        }
    }
    const char *index = model_session_index(m)->error;
    return indexes && *index ? index : NULL;
}

static bool knows_sessions(const struct observer *o, bool indexes)
{
    return collect_settled(o->collect) && model_census(o->model)->complete && !refusal(o->model, indexes) &&
           (!indexes || model_session_index(o->model)->complete);
}

/* A large keyspace takes minutes at the pace of the budget: a person sees that it goes on. */
static void tell(struct looking *l, const struct model *m, int64_t past_us)
{
    const struct census_view *census = model_census(m);
    if (past_us - l->told_us < TELL_US || past_us < 2 * TELL_US || !isatty(STDERR_FILENO)) {
        return;
    }
    l->told_us = past_us;
    l->told = true;
    if (!census->complete) {
        fprintf(stderr, "\rwalking the keys: %lld of %lld\033[K", (long long)census->walked,
                (long long)census->expected);
    } else {
        fprintf(stderr, "\rreading indexes: %zu users to go\033[K", model_session_index(m)->unread);
    }
    fflush(stderr);
}

static bool is_enough(void *ctx, const struct observer *o, int64_t past_us)
{
    struct looking *l = ctx;
    tell(l, o->model, past_us);
    return knows_sessions(o, l->indexes) || refusal(o->model, l->indexes) || past_us >= WALK_MAX_US ||
           !look_is_hopeful(o, past_us);
}

static void complain_of_walk(const struct model *m, bool indexes)
{
    const struct census_view *census = model_census(m);
    const char *link = model_connection(m)->link[LINK_ROLE_POLL].error;
    const char *why = refusal(m, indexes);
    int limit_s = (int)(WALK_MAX_US / US_PER_S);
    struct err err;
    if (!model_redis_reachable(m)) {
        err_set(&err, ERR_NETWORK, "redis could not be read%s%s: nothing was done", *link ? ": " : "", link);
    } else if (why) {
        err_set(&err, ERR_REFUSED, "%.200s: nothing was done", why);
    } else if (!census->complete) {
        err_set(
            &err, ERR_REFUSED,
            "only %lld of %lld keys were walked within %d s: nothing was done; --budget lets it go faster",
            (long long)census->walked, (long long)census->expected, limit_s);
    } else {
        err_set(&err, ERR_REFUSED,
                "not all sessions and indexes were read within %d s: nothing was done; --budget lets it go "
                "faster",
                limit_s);
    }
    complain(&err);
}

bool pick_look(struct settings *s, struct ev_loop *loop, struct order *o, int *ret_code)
{
    struct observer observer;
    struct looking looking = {.indexes = o->verb == VERB_REPAIR || strstr(o->filter, "index")};
    struct err err;
    s->reserved = true; /* a look sends nothing: no worker is asked */
    look_until(&observer, loop, s, is_enough, &looking);
    if (looking.told) {
        fprintf(stderr, "\r\033[K");
    }
    bool ok = knows_sessions(&observer, looking.indexes);
    *ret_code = EXIT_FAILED;
    if (!ok) {
        complain_of_walk(s->model, looking.indexes);
    } else if (!pick_fill(s->model, collect_unread_sessions(observer.collect), o, &err)) {
        ok = false;
        complain(&err);
        if (err.code == ERR_NOT_FOUND) { /* nothing is left to do: the count that a script reads */
            *ret_code = puts("0") >= 0 && fflush(stdout) == 0 ? EXIT_OK : EXIT_FAILED;
        }
    }
    observer_release(&observer);
    return ok;
}
