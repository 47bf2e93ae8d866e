/* route: which queue the platform's task_routes give a task name. Globs (fnmatch) on the whole name, first
 * match. */
#ifndef REDAI_SCHEMA_ROUTE_H
#define REDAI_SCHEMA_ROUTE_H

#include "redai/base/container.h"

struct routes {
    UT_array row; /* of struct route */
};
struct route {
    char *glob, *queue;
};

void routes_init(struct routes *r); /* the platform's three routes; all else goes to "celery" */
void routes_release(struct routes *r);
void routes_add(struct routes *r, const char *glob,
                const char *queue); /* in front of the others; same glob replaced */
const char *routes_queue(const struct routes *r, const char *task); /* borrowed */

#endif
