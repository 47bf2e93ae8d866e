/* rows_json: rows of the model as JSON objects, the same in a snapshot and in a listing. Unknown is null,
 * never 0; times are ISO 8601 UTC, ages and durations seconds. Private to app. */
#ifndef REDAI_APP_ROWS_JSON_H
#define REDAI_APP_ROWS_JSON_H

#include "redai/model/model.h"

void rows_json_queue(const struct model *m, const struct queue *q, UT_string *out);
void rows_json_worker(const struct model *m, const struct worker *w, UT_string *out);
void rows_json_task(const struct model *m, const struct task *t, UT_string *out);
/* The member "tasks" as counts by state; null before they were read. */
void rows_json_task_counts(const struct model *m, UT_string *out);

/* Members. Empty and NULL texts, negative moments and counts are null. */
void rows_json_text(UT_string *out, const char *name, const char *text);
void rows_json_moment(UT_string *out, const char *name, int64_t wall_us);
void rows_json_age(UT_string *out, const char *name, const struct model *m, int64_t mono_us);
/* An array of texts from one text with a separator between them. */
void rows_json_split(UT_string *out, const char *name, const char *joined, const char *separator);

#endif
