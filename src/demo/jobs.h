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

enum { JOBS_BAD_BATCH_EVERY = 7 };

struct jobs {
    struct prng prng;
    struct routes routes;
    int64_t batches, sent;
};

void jobs_init(struct jobs *j, uint64_t seed);
void jobs_release(struct jobs *j);

void jobs_send_test(struct jobs *j, const struct command_sink *sink);
void jobs_send_question(struct jobs *j, const struct command_sink *sink);
/* Each JOBS_BAD_BATCH_EVERY-th is for the exam that fails midway. */
void jobs_send_batch(struct jobs *j, const struct command_sink *sink);
/* One or some of them, as it comes. */
void jobs_send_any(struct jobs *j, const struct command_sink *sink);

/* A version 4 UUID out of the repeatable numbers. */
void jobs_uuid(struct prng *p, char out[UUID_TEXT_SIZE]);

#endif
