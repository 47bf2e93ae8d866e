/* jobs: tasks as the platform's endpoints enqueue them: delay() of Celery, by message_encode. */
#ifndef REDAI_DEMO_JOBS_H
#define REDAI_DEMO_JOBS_H

#include "demo/login.h"
#include "demo/prng.h"

#include "redai/base/uuid.h"

#include "redai/schema/route.h"

#define JOB_TEST     "api.tasks.test_redis_task"
#define JOB_BATCH    "api.tasks.batch_generate_questions"
#define JOB_QUESTION "api.tasks.generate_questions.generate_one"
#define JOB_ADD      "api.tasks.analytics.add_scores"
#define JOB_TOTAL    "api.tasks.analytics.total_scores"
#define JOB_REPORT   "api.tasks.analytics.slow_report"
#define JOB_VALIDATE "api.tasks.validate_citations.validate_citation"
#define JOB_FETCH    "api.tasks.validate_citations.fetch_source"

enum { JOBS_BAD_BATCH_EVERY = 7, JOBS_BAD_CITATION_EVERY = 9, JOBS_REPORT_PRIORITY = 6 };

struct jobs {
    struct prng prng;
    struct routes routes;
    int64_t (*now_wall_us)(void); /* of etas: the clock, unless a test has another */
    int64_t batches, citations, sources, sent;
};

void jobs_init(struct jobs *j, uint64_t seed);
void jobs_release(struct jobs *j);

void jobs_send_test(struct jobs *j, const struct command_sink *sink);
void jobs_send_question(struct jobs *j, const struct command_sink *sink);
/* Each JOBS_BAD_BATCH_EVERY-th is for the exam that fails midway. */
void jobs_send_batch(struct jobs *j, const struct command_sink *sink);
/* Three tasks, one after the other. */
void jobs_send_chain(struct jobs *j, const struct command_sink *sink);
/* Each JOBS_BAD_CITATION_EVERY-th fails. */
void jobs_send_citation(struct jobs *j, const struct command_sink *sink);
/* Each second one is tried again once. */
void jobs_send_source(struct jobs *j, const struct command_sink *sink);
/* With an eta, 20 to 60 s from now. */
void jobs_send_later(struct jobs *j, const struct command_sink *sink);
/* With JOBS_REPORT_PRIORITY. */
void jobs_send_report(struct jobs *j, const struct command_sink *sink);
/* One or some of them, as it comes. */
void jobs_send_any(struct jobs *j, const struct command_sink *sink);

/* A version 4 UUID out of the repeatable numbers. */
void jobs_uuid(struct prng *p, char out[UUID_TEXT_SIZE]);

#endif
