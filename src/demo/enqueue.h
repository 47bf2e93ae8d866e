/* enqueue: a message onto its queue's list, as Celery's producers do it. */
#ifndef REDAI_DEMO_ENQUEUE_H
#define REDAI_DEMO_ENQUEUE_H

#include "demo/login.h"

/* SADD of the queue's binding, as each producer's first publish has it. */
void enqueue_bind(const struct command_sink *sink, const char *queue);
/* SADD of the binding and LPUSH on the list of the priority. */
void enqueue(const struct command_sink *sink, const char *queue, int priority, struct span element);

#endif
