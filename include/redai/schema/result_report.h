/* result_report: what is known of one task's end as one JSON document: the stored result as Celery wrote it,
 * and behind it, apart, what the platform's own endpoints would answer for that task. The platform calls
 * everything "pending" that has no stored result, also what never was; this document does so in its words
 * only. */
#ifndef REDAI_SCHEMA_RESULT_REPORT_H
#define REDAI_SCHEMA_RESULT_REPORT_H

#include <stdbool.h>

#include "redai/base/span.h"

struct result_report {
    const char *task_id;
    struct span stored;   /* the value of celery-task-meta-<id>; data NULL: none */
    struct span progress; /* the value of batch:progress:<id>; data NULL: none */
    struct span known;    /* a JSON object of what else is known of the task; data NULL: null */
};

/* The stored members first, in their order, then "platform" and "known"; without a stored result "task_id"
 * and "status": null stand in front, all on one line. Otherwise pretty-printed as json_pretty does. NULL when
 * what is stored is no JSON; mem_free. A stored value that is no object comes alone. "platform" holds
 *
 *   GET /tasks/test/{task_id}: {"task_id", "status": "completed", "result"} for SUCCESS, FAILURE and REVOKED,
 *     otherwise {"task_id", "status": "pending"}
 *   GET /tasks/batch/progress/{task_id}: the progress; without it {"status": "pending"} where no result is
 *     stored, the result of a PROGRESS, and null otherwise
 *
 * where the result of a failure is {}: the platform's encoder finds no fields in an exception. */
char *result_report(const struct result_report *r);

#endif
