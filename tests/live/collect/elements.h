/* elements: messages, deliveries and results as Celery would have left them in a private Redis. */
#ifndef REDAI_TESTS_LIVE_ELEMENTS_H
#define REDAI_TESTS_LIVE_ELEMENTS_H

#include "server/server.h"

#include <stdint.h>

/* A message of that task, LPUSHed as a producer does. args: JSON, NULL for []. */
void elements_push(struct server *s, const char *queue, int priority, const char *task, const char *id,
                   const char *args);
void elements_push_later(struct server *s, const char *queue, const char *task, const char *id,
                         int64_t eta_wall_us);
/* count of them, ids "many-0" and so on, the first of them next. */
void elements_push_many(struct server *s, const char *queue, int count);
/* Taken so many seconds ago, in unacked under the tag. padding: that much more in its arguments. */
void elements_take(struct server *s, const char *tag, const char *queue, const char *id, double seconds_ago,
                   int padding);
void elements_acknowledge(struct server *s, const char *tag);
/* The form a worker writes; status "SUCCESS", value JSON. Stored, and published only if said. */
void elements_result(struct server *s, const char *id, const char *status, const char *value, int published);

#endif
