/* watch: collect and a model on a loop of their own, run until a condition holds. */
#ifndef REDAI_TESTS_LIVE_WATCH_H
#define REDAI_TESTS_LIVE_WATCH_H

#include "server/server.h"
#include "support/slow.h"

#include "redai/model/model.h"

#include "redai/collect/collect.h"

struct watch {
    struct ev_loop *loop;
    struct model *model;
    struct collect *collect;
    struct address address;
    struct fact_server last; /* the newest FACT_SERVER */
    int64_t servers;         /* how many came */
    size_t facts[FACT_KIND_COUNT];
    char workers_error[200]; /* of the newest FACT_POLL of the workers; "" none */
    void (*on_fact)(struct watch *w, const struct fact *f); /* may be NULL */
    void *user;                                             /* of on_fact */
};

struct watch_options {
    int64_t refresh_us, census_us, budget; /* 0: 250 ms, 1 s, 100000 */
    int64_t inspect_us;                    /* 0: workers are not asked */
    const char *url;                       /* NULL: the server's */
    void (*on_fact)(struct watch *w, const struct fact *f);
    void *user;
};

struct watch *watch_new(struct server *s, const struct watch_options *options);
void watch_free(struct watch *w);
/* Runs the loop until the condition holds; false when limit_ms passed first. */
bool watch_until(struct watch *w, bool (*condition)(struct watch *w, void *arg), void *arg, int limit_ms);
bool watch_settled(struct watch *w, void *arg); /* a condition */
bool watch_tasks_settled(struct watch *w, void *arg);
/* Waits until the model has that task in that state. */
void watch_expect_task(struct watch *w, const char *id, enum task_state state);
/* Opens a detail view and waits until it is told; the text of all its lines, a line each, freed by the
 * caller. */
char *watch_peek(struct watch *w, enum target_kind kind, const char *id);
char *watch_peek_target(struct watch *w, const struct target *target);

#define WAIT_MS (15000 * SLOW)

#endif
