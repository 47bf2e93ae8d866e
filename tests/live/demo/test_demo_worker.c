/* The worker: what is enqueued really runs, and leaves in Redis what a Celery worker would leave. */
#include "server/server.h"
#include "stage.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"
#include "redai/base/container.h"

#define BATCH    "api.tasks.batch_generate_questions"
#define TEST     "api.tasks.test_redis_task"
#define QUESTION "api.tasks.generate_questions.generate_one"

static int open_stage(void **state)
{
    static const struct demo_options options = {.conf_path = REDAI_SOURCE_DIR "/redis.conf",
                                                .seed = 7,
                                                .worker = true,
                                                .alone = true,
                                                .task_pace = 0.02};
    struct stage *s = calloc(1, sizeof(*s));
    stage_open(s, &options);
    *state = s;
    return 0;
}

static int close_stage(void **state)
{
    stage_close(*state);
    free(*state);
    return 0;
}

static char *text_of(const char *json, const char *from, const char *to)
{
    const char *at = strstr(json, from);
    assert_non_null(at);
    at += strlen(from);
    const char *end = strstr(at, to);
    assert_non_null(end);
    return strndup(at, (size_t)(end - at));
}

static redisContext *listen_to(struct stage *s, const char *channel)
{
    redisContext *sub = redisConnectUnix(s->app->unix_sock.path);
    freeReplyObject(redisCommand(sub, "SUBSCRIBE %s", channel));
    redisSetTimeout(sub, (struct timeval){.tv_sec = 5});
    return sub;
}

static char *heard(redisContext *sub)
{
    redisReply *reply = NULL;
    assert_int_equal(redisGetReply(sub, (void **)&reply), REDIS_OK);
    assert_int_equal(reply->elements, 3);
    char *text = strdup(reply->element[2]->str);
    freeReplyObject(reply);
    return text;
}

static void assert_states(redisContext *sub, const char *const *states)
{
    for (; *states; states++) {
        char *json = heard(sub);
        char *status = text_of(json, "{\"status\": \"", "\"");
        assert_string_equal(status, *states);
        free(status);
        free(json);
    }
}

static void batch__runs_to_success__with_progress_on_the_way(void **state)
{
    struct stage *s = *state;
    static const char *const states[] = {"STARTED", "PROGRESS", "PROGRESS", "PROGRESS", "SUCCESS", NULL};
    char id[40], channel[80];
    struct result r;

    /* The id is known only afterwards: listen to all. */
    redisContext *sub = redisConnectUnix(s->app->unix_sock.path);
    freeReplyObject(redisCommand(sub, "PSUBSCRIBE celery-task-meta-*"));
    stage_enqueue(s, &(struct stage_task){.name = BATCH, .kwargs = "{\"exam_id\": 7, \"count\": 3}"}, id);
    assert_true(stage_until_status(s, id, "SUCCESS"));
    assert_true(stage_until_idle(s));

    snprintf(channel, sizeof(channel), "celery-task-meta-%s", id);
    for (size_t i = 0; states[i]; i++) {
        redisReply *reply = NULL;
        assert_int_equal(redisGetReply(sub, (void **)&reply), REDIS_OK);
        assert_string_equal(reply->element[2]->str, channel);
        char *status = text_of(reply->element[3]->str, "{\"status\": \"", "\"");
        assert_string_equal(status, states[i]);
        free(status);
        freeReplyObject(reply);
    }
    redisFree(sub);

    stage_result(s, id, &r);
    assert_string_equal(r.value, "{\"status\":\"completed\",\"count\":3}");
    assert_string_equal(r.task_id, id);
    assert_true(r.date_done_us > 0);
    result_release(&r);
    char *progress = stage_text(s->app, "GET batch:progress:%s", id);
    assert_string_equal(progress,
                        "{\"current\": 3, \"total\": 3, \"percentage\": 100, \"status\": \"completed\"}");
    free(progress);
    assert_in_range(stage_ask(s->app, "TTL batch:progress:%s", id), 1, 600);
    assert_in_range(stage_ask(s->results, "TTL celery-task-meta-%s", id), 1, 3600);
}

static void batch__writes__the_bytes_a_real_worker_writes(void **state)
{
    struct stage *s = *state;
    char id[40], expected[400];

    stage_enqueue(s, &(struct stage_task){.name = BATCH, .args = "[7, 2]"}, id);
    assert_true(stage_until_status(s, id, "SUCCESS"));
    char *json = stage_text(s->results, "GET celery-task-meta-%s", id);
    char *done = text_of(json, "\"date_done\": \"", "\"");
    snprintf(expected, sizeof(expected),
             "{\"status\": \"SUCCESS\", \"result\": {\"status\": \"completed\", \"count\": 2}, "
             "\"traceback\": null, "
             "\"children\": [], \"date_done\": \"%s\", \"task_id\": \"%s\"}",
             done, id);
    assert_string_equal(json, expected);
    free(done);
    free(json);
}

static void batch_of_the_bad_exam__fails_midway__and_says_why(void **state)
{
    struct stage *s = *state;
    char id[40];
    struct result r;

    stage_enqueue(s, &(struct stage_task){.name = BATCH, .args = "[13, 4]"}, id);
    assert_true(stage_until_status(s, id, "FAILURE"));
    assert_true(stage_until_idle(s));
    stage_result(s, id, &r);
    assert_non_null(strstr(r.error, "Error: "));
    assert_true(span_starts(span_of(r.traceback), S("Traceback (most recent call last):\n")));
    char *progress = stage_text(s->app, "GET batch:progress:%s", id);
    assert_true(span_starts(span_of(progress), S("{\"status\": \"failed\", \"error\": \"")));
    free(progress);
    result_release(&r);
}

static void batch_with_wrong_arguments__fails__as_python_would(void **state)
{
    struct stage *s = *state;
    static const struct {
        const char *args, *error;
    } rows[] = {
        {"[7, \"ten\"]", "TypeError: 'str' object cannot be interpreted as an integer"},
        {"[]", "TypeError: batch_generate_questions() missing 1 required positional argument: 'exam_id'"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char id[40];
        struct result r;
        stage_enqueue(s, &(struct stage_task){.name = BATCH, .args = rows[i].args}, id);
        assert_true(stage_until_status(s, id, "FAILURE"));
        stage_result(s, id, &r);
        assert_string_equal(r.error, rows[i].error);
        result_release(&r);
    }
}

static void test_task__leaves_its_message__for_five_minutes(void **state)
{
    struct stage *s = *state;
    char id[40];
    stage_enqueue(s, &(struct stage_task){.name = TEST, .args = "[\"gr\\u00fc\\u00dfe\"]"}, id);
    assert_true(stage_until_status(s, id, "SUCCESS"));
    char *message = stage_text(s->app, "GET task:test:%s", id);
    assert_string_equal(message, "gr\xc3\xbc\xc3\x9f"
                                 "e");
    assert_in_range(stage_ask(s->app, "TTL task:test:%s", id), 1, 300);
    free(message);
}

static void unknown_task__is_not_registered(void **state)
{
    struct stage *s = *state;
    char id[40];
    struct result r;
    stage_enqueue(s, &(struct stage_task){.name = "api.tasks.nope"}, id);
    assert_true(stage_until_status(s, id, "FAILURE"));
    assert_true(stage_until_idle(s));
    stage_result(s, id, &r);
    assert_string_equal(r.error, "NotRegistered: api.tasks.nope");
    assert_null(r.traceback);
    result_release(&r);
}

static void worker__serves__every_queue_and_priority(void **state)
{
    struct stage *s = *state;
    static const struct stage_task rows[] = {
        {.name = TEST, .args = "[\"a\"]", .queue = "validation"},
        {.name = TEST, .args = "[\"a\"]", .queue = "analytics", .priority = 9},
        {.name = QUESTION, .args = "[5]", .queue = "questions", .priority = 3},
        {.name = TEST, .args = "[\"a\"]", .queue = "celery", .priority = 6},
    };
    char id[COUNT_OF(rows)][40];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        stage_enqueue(s, &rows[i], id[i]);
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(stage_until_status(s, id[i], "SUCCESS"));
    }
    assert_true(stage_until_idle(s));
}

struct most {
    struct stage *stage;
    const char *last;
    long long most;
};

static bool is_drained(void *user)
{
    struct most *m = user;
    struct result r;
    long long held = stage_ask(m->stage->app, "HLEN unacked");
    m->most = held > m->most ? held : m->most;
    stage_result(m->stage, m->last, &r);
    bool done = result_is_final(&r);
    result_release(&r);
    return done;
}

static void worker__holds__no_more_than_it_prefetches(void **state)
{
    struct stage *s = *state;
    struct most m = {.stage = s};
    char id[40];
    for (int i = 0; i < 30; i++) {
        stage_enqueue(s, &(struct stage_task){.name = QUESTION, .args = "[5]", .queue = "questions"}, id);
    }
    m.last = id;
    assert_true(stage_until(s, is_drained, &m));
    assert_true(stage_until_idle(s));
    assert_in_range(m.most, 1, 4);
}

static bool is_held(void *user)
{
    struct stage *s = user;
    return stage_ask(s->app, "HLEN unacked") == 1;
}

static void unacked__holds_element_exchange_and_queue__while_it_runs(void **state)
{
    struct stage *s = *state;
    char id[40];
    stage_enqueue(s, &(struct stage_task){.name = BATCH, .args = "[7, 20]"}, id);
    assert_true(stage_until(s, is_held, s));
    redisReply *entry = redisCommand(s->app, "HGETALL unacked");
    redisReply *index = redisCommand(s->app, "ZRANGE unacked_index 0 -1 WITHSCORES");
    assert_int_equal(entry->elements, 2);
    const char *value = entry->element[1]->str;
    assert_true(span_starts(span_of(value), S("[{\"body\": \"")));
    assert_true(span_ends(span_of(value), S("}, \"\", \"celery\"]")));
    assert_non_null(strstr(value, id));
    assert_int_equal(index->elements, 2);
    assert_string_equal(index->element[0]->str, entry->element[0]->str);
    assert_true(strtod(index->element[1]->str, NULL) > 1.7e9);
    freeReplyObject(entry);
    freeReplyObject(index);
    assert_true(stage_until_status(s, id, "SUCCESS"));
    assert_true(stage_until_idle(s));
}

static void expired_task__is_revoked__and_never_runs(void **state)
{
    struct stage *s = *state;
    char id[40];
    struct result r;
    stage_enqueue(s, &(struct stage_task){.name = TEST, .args = "[\"late\"]", .expires_us = US_PER_S}, id);
    assert_true(stage_until_status(s, id, "REVOKED"));
    stage_result(s, id, &r);
    assert_string_equal(r.error, "TaskRevokedError: expired");
    result_release(&r);
    assert_int_equal(stage_ask(s->app, "EXISTS task:test:%s", id), 0);
}

static void task_with_eta__waits_in_unacked__and_then_runs(void **state)
{
    struct stage *s = *state;
    char id[40];
    stage_enqueue(
        s,
        &(struct stage_task){.name = TEST, .args = "[\"later\"]", .eta_us = clock_wall_us() + 3 * US_PER_S},
        id);
    assert_true(stage_until(s, is_held, s));
    assert_int_equal(stage_ask(s->results, "EXISTS celery-task-meta-%s", id), 0);
    assert_true(stage_until_status(s, id, "SUCCESS"));
    assert_true(stage_until_idle(s));
}

static bool has_dropped(void *user)
{
    struct stage *s = user;
    return demo_worker_tally(demo_worker(s->demo)).dropped >= 3;
}

static void poison__is_dropped__and_the_worker_lives(void **state)
{
    struct stage *s = *state;
    char id[40];
    stage_ask(s->app, "LPUSH celery %s", "not JSON");
    stage_ask(s->app, "LPUSH celery %s", "{}");
    stage_ask(s->app, "LPUSH celery %s", "{\"body\": 1, \"headers\": {}, \"properties\": {}}");
    assert_true(stage_until(s, has_dropped, s));
    stage_enqueue(s, &(struct stage_task){.name = TEST, .args = "[\"still here\"]"}, id);
    assert_true(stage_until_status(s, id, "SUCCESS"));
    assert_true(stage_until_idle(s));
}

static void started__names_pid_and_host__before_the_result(void **state)
{
    struct stage *s = *state;
    char id[40] = "";
    char channel[80];
    static const char *const states[] = {"STARTED", "SUCCESS", NULL};
    stage_enqueue(s, &(struct stage_task){.name = TEST, .args = "[\"x\"]"}, id);
    snprintf(channel, sizeof(channel), "celery-task-meta-%s", id);
    redisContext *sub = listen_to(s, channel); /* the loop has not run since */
    assert_true(stage_until_status(s, id, "SUCCESS"));
    char *started = heard(sub);
    assert_non_null(strstr(started, "{\"status\": \"STARTED\", \"result\": {\"pid\": "));
    assert_non_null(strstr(started, "\"hostname\": \"worker1@demo\"}"));
    free(started);
    assert_states(sub, states + 1);
    redisFree(sub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch__runs_to_success__with_progress_on_the_way),
        cmocka_unit_test(batch__writes__the_bytes_a_real_worker_writes),
        cmocka_unit_test(batch_of_the_bad_exam__fails_midway__and_says_why),
        cmocka_unit_test(batch_with_wrong_arguments__fails__as_python_would),
        cmocka_unit_test(test_task__leaves_its_message__for_five_minutes),
        cmocka_unit_test(unknown_task__is_not_registered),
        cmocka_unit_test(worker__serves__every_queue_and_priority),
        cmocka_unit_test(worker__holds__no_more_than_it_prefetches),
        cmocka_unit_test(unacked__holds_element_exchange_and_queue__while_it_runs),
        cmocka_unit_test(expired_task__is_revoked__and_never_runs),
        cmocka_unit_test(task_with_eta__waits_in_unacked__and_then_runs),
        cmocka_unit_test(poison__is_dropped__and_the_worker_lives),
        cmocka_unit_test(started__names_pid_and_host__before_the_result),
    };
    server_require();
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
