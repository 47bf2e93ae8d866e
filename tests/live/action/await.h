/* await: waiting for what real workers do with what the console sent. */
#ifndef REDAI_TESTS_ACTION_AWAIT_H
#define REDAI_TESTS_ACTION_AWAIT_H

#include "celery.h"
#include "stage.h"

/* Until the result of the task has this status; the test fails when it does not come. */
void await_status(struct stage *s, const char *id, const char *status);
/* Gives an order; what it printed. mem_free. */
char *await_order(struct stage *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The worker is alive, and runs a task that is enqueued now. */
void await_service(struct stage *s, struct celery *worker);

#endif
