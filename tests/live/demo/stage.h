/* stage: a demo on a loop, and two plain connections beside it to look with. Nothing waits for a time: a
 * condition is waited for, with a bound. */
#ifndef REDAI_TESTS_DEMO_STAGE_H
#define REDAI_TESTS_DEMO_STAGE_H

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "redai/schema/result.h"

#include "redai/demo/demo.h"

struct stage {
    struct ev_loop *loop;
    struct demo *demo;
    redisContext *app, *results; /* databases 0 and 1 */
};

/* Ends the test when it does not come up. */
void stage_open(struct stage *s, const struct demo_options *options);
void stage_close(struct stage *s);
/* Runs the loop until condition(user) holds; false after 20 s. */
bool stage_until(struct stage *s, bool (*condition)(void *user), void *user);

/* One command with arguments parted by blanks as hiredis has it; its reply as an integer (of a string: its
 * length; of an array: its count; -1 nil; -2 error). */
long long stage_ask(redisContext *c, const char *format, ...);
/* The reply as text; NULL when it is none. free. */
char *stage_text(redisContext *c, const char *format, ...);
/* SCAN, counted. */
long long stage_count(redisContext *c, const char *pattern);

/* Enqueues a task with a new id, which is written to out; eta and expires -1 or wall time. */
struct stage_task {
    const char *name, *args, *kwargs, *queue;
    int priority;
    long long eta_us, expires_us; /* 0: none */
};
void stage_enqueue(struct stage *s, const struct stage_task *task, char out[40]);
/* What stands in the result database; result_release. */
void stage_result(struct stage *s, const char *id, struct result *ret);
/* Runs the loop until the task has reached a status. */
bool stage_until_status(struct stage *s, const char *id, const char *status);
/* Runs the loop until nothing is in unacked. */
bool stage_until_idle(struct stage *s);

#endif
