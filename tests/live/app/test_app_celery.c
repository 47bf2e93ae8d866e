/* What people push with the program runs on a real Celery worker, and what they call back does not. */
#include "live/action/celery.h"
#include "seat.h"
#include "support/unit.h"

#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

enum { TASK_MS = 60000 }; /* a worker on a busy machine takes its time */

struct scene {
    struct server *server;
    struct celery *worker;
};

static int set_up(void **state)
{
    struct scene *scene = mem_zalloc(sizeof *scene);
    scene->server = stage_server(NULL);
    scene->worker = celery_start(scene->server, "worker1@app");
    *state = scene;
    return scene->worker ? 0 : -1;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    celery_stop(scene->worker);
    server_stop(scene->server);
    mem_free(scene);
    return 0;
}

/* Runs a verb with --yes on the scene's server; the first line of stdout, freed by the caller. */
static char *verb(struct server *s, const char *const words[])
{
    const char *argv[16];
    size_t n = 0;
    while (*words) {
        argv[n++] = *words++;
    }
    argv[n++] = "--yes";
    argv[n++] = "-u";
    argv[n++] = server_url(s, 0);
    argv[n] = NULL;
    struct ran r = stage_run(argv, NULL, NULL);
    assert_ran(&r, 0, "done");
    assert_true(is_one_line(r.out));
    char *line = span_dup(span_head(span_of(r.out), strlen(r.out) - 1));
    ran_free(&r);
    return line;
}
#define VERB(s, ...) verb(s, (const char *const[]){__VA_ARGS__, NULL})

/* `redai-console result ID` until its status is this; the object, decref'd by the caller. */
static json_t *result(struct server *s, const char *id, const char *status)
{
    int64_t until = clock_mono_us() + TASK_MS * US_PER_MS;
    char *last = NULL;
    while (clock_mono_us() < until) {
        struct ran r = RUN("result", id, "-u", server_url(s, 0));
        json_t *root = json_loads(r.out, 0, NULL);
        const char *found = json_string_value(json_object_get(root, "status"));
        if (r.code == 0 && found && strcmp(found, status) == 0) {
            ran_free(&r);
            mem_free(last);
            return root;
        }
        mem_replace(&last, r.out);
        json_decref(root);
        ran_free(&r);
        poll(NULL, 0, 50);
    }
    fail_msg("%s did not become %s: %s", id, status, last ? last : "");
    return NULL;
}

static void test_task__runs_and_result_prints_it(void **state)
{
    struct scene *scene = *state;
    char *id = VERB(scene->server, "enqueue", "test", "message=hello \"w\303\266rld\"");
    json_t *root = result(scene->server, id, "SUCCESS");
    const json_t *value = json_object_get(root, "result");
    assert_string_equal(json_string_value(json_object_get(value, "message")), "hello \"w\303\266rld\"");
    assert_string_equal(json_string_value(json_object_get(value, "task_id")), id);
    json_decref(root);
    char key[128];
    snprintf(key, sizeof key, "EXISTS task:test:%s", id);
    assert_int_equal(stage_number(scene->server, 0, key), 1);
    mem_free(id);
    assert_true(celery_is_alive(scene->worker));
}

static void batch__runs_to_its_end_and_writes_progress(void **state)
{
    struct scene *scene = *state;
    char *id = VERB(scene->server, "enqueue", "batch", "exam_id=7", "count=3");
    json_t *root = result(scene->server, id, "SUCCESS");
    const json_t *value = json_object_get(root, "result");
    assert_int_equal(json_integer_value(json_object_get(value, "count")), 3);
    json_decref(root);
    char key[128];
    snprintf(key, sizeof key, "GET batch:progress:%s", id);
    char *progress = stage_ask(scene->server, 0, key);
    assert_non_null(strstr(progress, "\"completed\""));
    free(progress);
    mem_free(id);
}

static void any_task__gets_its_arguments_as_they_were_given(void **state)
{
    struct scene *scene = *state;
    char *id = VERB(scene->server, "enqueue", "api.tasks.echo", "--args", "[1, \"zwei\", null, [3.5]]",
                    "--kwargs", "{\"deep\": {\"er\": true}}");
    json_t *root = result(scene->server, id, "SUCCESS");
    char *text = json_dumps(json_object_get(root, "result"), JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(text, "{\"args\":[1,\"zwei\",null,[3.5]],\"kwargs\":{\"deep\":{\"er\":true}}}");
    free(text);
    json_decref(root);
    mem_free(id);
}

static void task_no_worker_knows__fails_and_harms_nobody(void **state)
{
    struct scene *scene = *state;
    char *id = VERB(scene->server, "enqueue", "api.tasks.nobody_knows");
    char *echo = VERB(scene->server, "enqueue", "api.tasks.echo", "--args", "[1]");
    json_decref(result(scene->server, echo, "SUCCESS"));
    assert_true(celery_is_alive(scene->worker));
    mem_free(id);
    mem_free(echo);
}

static void revoke__is_honoured__for_a_task_that_waits(void **state)
{
    struct scene *scene = *state;
    struct server *s = scene->server;
    char *blocker = VERB(s, "enqueue", "api.tasks.wait_for_release", "--args", "[\"gate\"]");
    json_decref(result(s, blocker, "STARTED"));
    char *waiting = VERB(s, "enqueue", "test", "message=never");
    mem_free(VERB(s, "revoke", "task", waiting));
    stage_do(s, 0, "LPUSH gate go");
    json_decref(result(s, blocker, "SUCCESS"));
    json_decref(result(s, waiting, "REVOKED"));
    char key[128];
    snprintf(key, sizeof key, "EXISTS task:test:%s", waiting);
    assert_int_equal(stage_number(s, 0, key), 0);
    mem_free(blocker);
    mem_free(waiting);
}

static void revoke__ends_a_running_task__with_terminate(void **state)
{
    struct scene *scene = *state;
    struct server *s = scene->server;
    char *id = VERB(s, "enqueue", "api.tasks.wait_for_release", "--args", "[\"never\"]");
    json_decref(result(s, id, "STARTED"));
    mem_free(VERB(s, "revoke", "task", id, "--terminate"));
    json_decref(result(s, id, "REVOKED"));
    assert_true(celery_is_alive(scene->worker));
    mem_free(id);
}

static void console__shows_the_worker_and_the_batch_it_started_moving_to_its_end(void **state)
{
    struct scene *scene = *state;
    struct pty *p = seat_open(scene->server, seat_large, NULL, NULL);
    seat_see(p, "1 sessions 0");
    seat_see(p, "1 worker");
    seat_do(p, ":enqueue batch exam_id=7 count=40\r", ": do it");
    seat_do(p, "y", "done: ");
    seat_see(p, "40/40");
    seat_see(p, "100%");
    seat_do(p, "4\r", "SUCCESS");
    seat_leave(p, "Esc back");
    seat_quit(p);
}

int main(void)
{
    server_require();
    celery_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_task__runs_and_result_prints_it),
        cmocka_unit_test(batch__runs_to_its_end_and_writes_progress),
        cmocka_unit_test(any_task__gets_its_arguments_as_they_were_given),
        cmocka_unit_test(task_no_worker_knows__fails_and_harms_nobody),
        cmocka_unit_test(revoke__is_honoured__for_a_task_that_waits),
        cmocka_unit_test(revoke__ends_a_running_task__with_terminate),
        cmocka_unit_test(console__shows_the_worker_and_the_batch_it_started_moving_to_its_end),
    };
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    stage_leave();
    return failed;
}
