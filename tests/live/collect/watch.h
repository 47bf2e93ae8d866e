/* watch: collect and a model on a loop of their own, run until a condition holds. */
#ifndef REDAI_TESTS_LIVE_WATCH_H
#define REDAI_TESTS_LIVE_WATCH_H

#include "server/server.h"

#include "redai/model/model.h"

#include "redai/collect/collect.h"

struct watch {
    struct ev_loop *loop;
    struct model *model;
    struct collect *collect;
    struct address address;
    struct fact_server last; /* the newest FACT_SERVER */
    int64_t servers;         /* how many came */
};

struct watch_options {
    int64_t refresh_us, census_us, budget; /* 0: 250 ms, 1 s, 100000 */
};

struct watch *watch_new(struct server *s, const struct watch_options *options);
void watch_free(struct watch *w);
/* Runs the loop until the condition holds; false when limit_ms passed first. */
bool watch_until(struct watch *w, bool (*condition)(struct watch *w, void *arg), void *arg, int limit_ms);
bool watch_settled(struct watch *w, void *arg); /* a condition */
/* Opens a detail view and waits until it is told; the text of all its lines, a line each, freed by the
 * caller. */
char *watch_peek(struct watch *w, enum target_kind kind, const char *id);

#define WAIT_MS 15000

#endif
