/* body: what the platform's tasks do, as far as Redis sees it. */
#include "demo/jobs.h"
#include "demo/worker_priv.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "redai/base/clock.h"
#include "redai/base/json_out.h"

#include "redai/schema/progress.h"
#include "redai/schema/request.h"
#include "redai/schema/result_write.h"

enum { PROGRESS_TTL_S = 600, TEST_TTL_S = 300, COUNT_DEFAULT = 10 };

int64_t body_time_us(struct task *t, int64_t least_ms, int64_t most_ms)
{
    int64_t ms = prng_between(&t->worker->prng, least_ms, most_ms);
    return (int64_t)((double)(ms * US_PER_MS) * t->worker->pace);
}

static void fail_type(struct task *t, const char *text)
{
    UT_string message;

    utstring_init(&message);
    text_add(&message, S("["));
    json_quote(span_of(text), &message);
    text_add(&message, S("]"));
    const struct failure f = {
        .type = "TypeError", .module = "builtins", .message_json = utstring_body(&message)};
    task_fail(t, &f);
    utstring_done(&message);
}

void body_fail_missing(struct task *t, const char *function, const char *argument)
{
    char text[160];
    snprintf(text, sizeof(text), "%s() missing 1 required positional argument: '%s'", function, argument);
    fail_type(t, text);
}

/* --- api.tasks.test_redis_task --- */

static void test_done(struct task *t)
{
    UT_string key;
    UT_string json;

    utstring_init(&key);
    utstring_init(&json);
    utstring_printf(&key, "task:test:%s", t->message.id);
    sink_setex(&t->worker->sink, text_span(&key), TEST_TTL_S, span_of(t->text));
    json_open(&json, NULL, '{');
    json_text(&json, "task_id", t->message.id);
    json_text(&json, "message", t->text);
    json_text(&json, "redis_key", utstring_body(&key));
    json_close(&json, '}');
    task_succeed(t, utstring_body(&json));
    utstring_done(&key);
    utstring_done(&json);
}

static void test_start(struct task *t)
{
    static const struct failure data_error = {
        .type = "DataError",
        .module = "redis.exceptions",
        .message_json = "[\"Invalid input of type: convert to a bytes, string, int or float first.\"]",
        .file = "example_tasks.py",
        .line = 61,
        .code = "redis_client.setex(key, 300, message)"};
    switch (message_argument_text(&t->message, 0, "message", &t->text)) {
    case ARGUMENT_OK:
        task_wait(t, body_time_us(t, 20, 80), test_done);
        return;
    case ARGUMENT_ABSENT:
        body_fail_missing(t, "test_redis_task", "message");
        return;
    default:
        task_fail(t, &data_error);
        return;
    }
}

/* --- api.tasks.batch_generate_questions --- */

static char *progress_text(const struct task *t, char *status, char *error)
{
    struct progress p = {
        .valid = true, .current = -1, .total = -1, .percentage = NAN, .status = status, .error = error};
    if (!error) {
        p.current = t->step;
        p.total = t->count;
        p.percentage = t->count > 0 ? (double)t->step / (double)t->count * 100 : 100;
    }
    return progress_encode(&p);
}

/* SETEX batch:progress:<id>; gives the JSON, to be freed. */
static char *progress_store(struct task *t, const char *status, const char *error)
{
    char *own_status = mem_strdup(status);
    char *own_error = mem_strdup(error);
    char *json = progress_text(t, own_status, own_error);
    UT_string key;

    utstring_init(&key);
    utstring_printf(&key, "batch:progress:%s", t->message.id);
    sink_setex(&t->worker->sink, text_span(&key), PROGRESS_TTL_S, span_of(json));
    utstring_done(&key);
    mem_free(own_status);
    mem_free(own_error);
    return json;
}

static void batch_break(struct task *t)
{
    static const struct failure ways[] = {
        {"RuntimeError", "builtins",
         "[\"Gemini API: 429 RESOURCE_EXHAUSTED, quota of the project is used up\"]", "example_tasks.py", 38,
         "question = gemini.generate(exam_id, i)"},
        {"TimeoutError", "builtins", "[\"Gemini API: no answer within 30 s\"]", "example_tasks.py", 38,
         "question = gemini.generate(exam_id, i)"},
        {"ValueError", "builtins", "[\"model answered with 3 options instead of 4\"]", "example_tasks.py", 41,
         "check_options(question)"},
    };
    const struct failure *f = &ways[prng_between(&t->worker->prng, 0, sizeof(ways) / sizeof(ways[0]) - 1)];
    UT_string text;

    utstring_init(&text);
    result_exception_text(f->message_json, &text);
    mem_free(progress_store(t, "failed", utstring_body(&text)));
    utstring_done(&text);
    task_fail(t, f);
}

static void batch_next(struct task *t);

static void batch_step(struct task *t)
{
    if (t->step == t->breaks_at) {
        batch_break(t);
        return;
    }
    t->step++;
    char *json = progress_store(t, "in_progress", NULL);
    task_progress(t, json, batch_next);
    mem_free(json);
}

static void batch_next(struct task *t)
{
    char json[64];

    if (t->state != TASK_RUNNING) {
        return;
    }
    if (t->step < t->count) {
        task_wait(t, body_time_us(t, 200, 1000), batch_step);
        return;
    }
    mem_free(progress_store(t, "completed", NULL));
    snprintf(json, sizeof(json), "{\"status\": \"completed\", \"count\": %" PRId64 "}", t->count);
    task_succeed(t, json);
}

static void batch_start(struct task *t)
{
    enum argument_found exam = message_argument_int(&t->message, 0, "exam_id", &t->exam_id);
    t->count = COUNT_DEFAULT;
    enum argument_found count = message_argument_int(&t->message, 1, "count", &t->count);

    t->breaks_at = -1;
    if (exam == ARGUMENT_ABSENT) {
        body_fail_missing(t, "batch_generate_questions", "exam_id");
        return;
    }
    if (count == ARGUMENT_WRONG) {
        static const char no_integer[] = "'str' object cannot be interpreted as an integer";
        mem_free(progress_store(t, "failed", no_integer));
        fail_type(t, no_integer);
        return;
    }
    t->count = t->count < 0 ? 0 : t->count;
    if (exam == ARGUMENT_OK && t->exam_id == DEMO_WORKER_BAD_EXAM) {
        t->breaks_at = t->count / 2;
    }
    batch_next(t);
}

/* --- api.tasks.generate_questions.generate_one --- */

static void question_done(struct task *t)
{
    char json[96];
    snprintf(json, sizeof(json), "{\"exam_id\": %" PRId64 ", \"question_id\": %" PRId64 "}", t->exam_id,
             prng_between(&t->worker->prng, 1000, 9999));
    task_succeed(t, json);
}

static void question_start(struct task *t)
{
    if (message_argument_int(&t->message, 0, "exam_id", &t->exam_id) == ARGUMENT_ABSENT) {
        body_fail_missing(t, "generate_one", "exam_id");
        return;
    }
    task_wait(t, body_time_us(t, 300, 1200), question_done);
}

/* --- the table --- */

const struct body body_table[] = {
    {JOB_ADD, body_add_scores},
    {"api.tasks.analytics.on_error", body_on_error},
    {"api.tasks.analytics.record_event", body_on_error},
    {"api.tasks.analytics.refuse", body_refuse},
    {JOB_REPORT, body_slow_report},
    {JOB_TOTAL, body_total_scores},
    {JOB_BATCH, batch_start},
    {JOB_QUESTION, question_start},
    {JOB_TEST, test_start},
    {JOB_FETCH, body_fetch},
    {JOB_VALIDATE, body_validate},
};
const size_t body_count = sizeof(body_table) / sizeof(body_table[0]);

int body_index(const char *task_name)
{
    for (size_t i = 0; task_name && i < body_count; i++) {
        if (strcmp(body_table[i].name, task_name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

struct kind *body_kind(const struct task *t)
{
    return &t->worker->kinds[body_index(t->message.task)];
}
