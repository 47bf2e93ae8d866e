/* celery: a real Celery worker (Debian's package) with tests/live/celery_app.py on a private server. It dies
 * with the test. */
#ifndef REDAI_TESTS_CELERY_H
#define REDAI_TESTS_CELERY_H

#include "server/server.h"

#include <stdbool.h>

struct celery;

/* Looks again and again until something holds; false when it does not within a minute. For what gives nothing
 * to block on: a worker's coming up, a process's end, a value in Redis. */
bool wait_for(bool (*holds)(void *ctx), void *ctx);
/* First thing in main: without Celery the process ends, skipped; as a failure when $CI is set. */
void celery_require(void);
/* Returns when the worker takes tasks and hears control messages. NULL when it did not come up; its log is on
 * stderr then. name: "worker1@demo". */
struct celery *celery_start(struct server *server, const char *name);
/* The same, taking tasks of these queues alone ("special,celery"; NULL: of celery). */
struct celery *celery_start_on(struct server *server, const char *name, const char *queues);
/* Runs Python with celery_app at hand (`from celery_app import app`); what it prints, without the line end.
 * free() it. The test fails when Python does. */
char *celery_python(struct server *server, const char *code);
/* SIGKILL of all its processes, as a machine that fails: it says nothing and leaves everything behind. */
void celery_kill(struct celery *c);
/* Stopped and going on (SIGSTOP, SIGCONT): it is there and answers nobody. */
void celery_pause(struct celery *c);
void celery_resume(struct celery *c);
bool celery_is_alive(struct celery *c);
void celery_stop(struct celery *c); /* SIGTERM, at last SIGKILL; NULL is fine */

#endif
