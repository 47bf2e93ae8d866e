/* Revoking tasks together with their messages, beside a real Celery worker: what Celery says of them. */
#include "await.h"

#include <stdio.h>
#include <stdlib.h>

#define NODE "worker1@demo"

struct scene {
    struct stage *stage;
    struct celery *worker;
};

static int set_up(void **state)
{
    struct scene *scene = mem_zalloc(sizeof *scene);
    scene->stage = stage_new(NULL);
    stage_listen(scene->stage, STAGE_PATIENT_US);
    scene->worker = celery_start(scene->stage->server, NODE);
    *state = scene;
    return scene->worker ? 0 : -1;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    celery_stop(scene->worker);
    stage_free(scene->stage);
    mem_free(scene);
    return 0;
}

/* "REVOKED TaskRevokedError": what a producer that asks gets. */
static void assert_celery_says(struct stage *s, const char *id, const char *expected)
{
    char code[512];
    snprintf(
        code, sizeof code,
        "from celery_app import app; r = app.AsyncResult('%s'); print(r.status, type(r.result).__name__, "
        "r.result)",
        id);
    char *said = celery_python(s->server, code);
    assert_string_equal(said, expected);
    free(said);
}

/* It waits where nobody takes it; when somebody does, there is nothing to be taken. */
static void revoke_task__keeps_a_waiting_task_from_ever_running__when_it_is_removed(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char line[128];
    char *id = await_order(s, "enqueue api.tasks.test_redis_task message=never --queue analytics");
    char *next = await_order(s, "enqueue api.tasks.test_redis_task message=next --queue analytics");
    snprintf(line, sizeof line, "revoke task --remove %s", id);
    stage_order(s, line);
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_non_null(strstr(stage_told(s, id)->text,
                           "taken out of analytics: it will not run from there; REVOKED is "
                           "written for who waits for its result; 1 worker heard it: "));
    assert_celery_says(s, id, "REVOKED TaskRevokedError revoked");
    stage_order(s, "worker consume analytics");
    await_status(s, next, "SUCCESS");
    assert_celery_says(s, id, "REVOKED TaskRevokedError revoked");
    char key[128];
    snprintf(key, sizeof key, "task:test:%s", id);
    assert_int_equal(stage_int(s, "EXISTS %s", key), 0);
    stage_order(s, "worker cancel analytics");
    await_service(s, scene->worker);
    mem_free(id);
    mem_free(next);
}

/* Who waits already is told by the message that goes with the result. */
static void revoke_task__frees_who_waits_for_the_result__when_the_message_is_removed(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char code[512], line[128];
    char *id = await_order(s, "enqueue api.tasks.echo --queue analytics");
    snprintf(line, sizeof line, "revoke task --remove %s", id);
    stage_order(s, line);
    assert_int_equal(s->outcome, ACTION_DONE);
    snprintf(code, sizeof code,
             "from celery_app import app\ntry:\n  app.AsyncResult('%s').get(timeout=20)\n"
             "except Exception as e:\n  print(type(e).__name__)",
             id);
    char *said = celery_python(s->server, code);
    assert_string_equal(said, "TaskRevokedError");
    free(said);
    mem_free(id);
    await_service(s, scene->worker);
}

static void revoke_task__ends_a_running_task__when_there_is_no_message_to_remove(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char line[128];
    char *id = await_order(s, "enqueue api.tasks.wait_for_release --args '[\"release:me\"]'");
    await_status(s, id, "STARTED");
    snprintf(line, sizeof line, "revoke task --remove --terminate %s", id);
    stage_order(s, line);
    stage_assert_plan(s, "no message of these was found waiting: there is nothing to take out\n");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_celery_says(s, id, "REVOKED TaskRevokedError terminated");
    mem_free(id);
    await_service(s, scene->worker);
}

static bool is_one_held(void *stage)
{
    return stage_int(stage, "HLEN unacked") > 0;
}

static void revoke_task__leaves_a_held_task_to_its_worker__when_it_waits_for_its_time(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char line[128];
    char *id = await_order(s, "enqueue test --countdown 3");
    assert_true(wait_for(is_one_held, s));
    snprintf(line, sizeof line, "revoke task --remove %s", id);
    stage_order(s, line);
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_non_null(strstr(stage_told(s, id)->text, "1 worker heard it: " NODE));
    await_status(s, id, "REVOKED");
    mem_free(id);
    await_service(s, scene->worker);
    char *boxes = server_cli(s->server, "KEYS", "redai-console.reply.*", NULL);
    assert_string_equal(boxes, "");
    free(boxes);
}

int main(void)
{
    server_require();
    celery_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(revoke_task__keeps_a_waiting_task_from_ever_running__when_it_is_removed),
        cmocka_unit_test(revoke_task__frees_who_waits_for_the_result__when_the_message_is_removed),
        cmocka_unit_test(revoke_task__ends_a_running_task__when_there_is_no_message_to_remove),
        cmocka_unit_test(revoke_task__leaves_a_held_task_to_its_worker__when_it_waits_for_its_time),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
