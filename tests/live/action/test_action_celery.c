/* A real Celery worker: what the console enqueues runs to its end, a revoke is honoured, and the worker lives
 * on. */
#include "celery.h"
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/schema/result.h"

struct scene {
    struct stage *stage;
    struct celery *worker;
};

static int set_up(void **state)
{
    struct scene *scene = mem_zalloc(sizeof *scene);
    scene->stage = stage_new(NULL);
    stage_listen(scene->stage, STAGE_PATIENT_US);
    scene->worker = celery_start(scene->stage->server, "worker1@demo");
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

struct awaited {
    struct stage *stage;
    const char *id, *status;
    struct result result; /* as it was seen last */
};

static bool has_status(void *ctx)
{
    struct awaited *a = ctx;
    char key[128];
    snprintf(key, sizeof key, "celery-task-meta-%s", a->id);
    const char *argv[] = {"GET", key};
    char *value = server_cli_argv(a->stage->server, 1, 2, argv, NULL);
    result_release(&a->result);
    result_decode(&a->result, span_of(value));
    free(value);
    const struct result *r = &a->result;
    bool there = r->valid && r->status && strcmp(r->status, a->status) == 0;
    if (!there && r->valid && result_is_final(r)) {
        fail_msg("%s ended as %s: %s", a->id, r->status, r->error ? r->error : "");
    }
    return there;
}

/* Waits until a task's result has this status, and gives it. result_release it. */
static struct result wait_for_status(struct stage *s, const char *id, const char *status)
{
    struct awaited a = {.stage = s, .id = id, .status = status};
    result_decode(&a.result, S(""));
    if (!wait_for(has_status, &a)) {
        fail_msg("%s did not become %s", id, status);
    }
    return a.result;
}

static bool is_one_held(void *stage)
{
    return stage_int(stage, "HLEN unacked") > 0;
}

static bool is_none_held(void *stage)
{
    return stage_int(stage, "HLEN unacked") == 0;
}

static void assert_ends_well(struct stage *s, const char *id)
{
    struct result r = wait_for_status(s, id, "SUCCESS");
    result_release(&r);
}

static void enqueue__is_carried_out__when_a_worker_runs(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    stage_order(s, "enqueue test message='grüß \"dich\" \\ \xf0\x9f\x98\x80'");
    assert_int_equal(s->outcome, ACTION_DONE);
    stage_assert_plan(s, "in celery\n");
    assert_null(strstr(utstring_body(&s->plan), "no worker has a mailbox"));
    assert_null(strstr(utstring_body(&s->plan), "no binding"));
    assert_ends_well(s, s->out);
    struct result r = wait_for_status(s, s->out, "SUCCESS");
    assert_non_null(strstr(r.value, "\\\"dich\\\" \\\\ "));
    result_release(&r);
    assert_true(celery_is_alive(scene->worker));
}

static void enqueue__moves_a_batch__when_a_worker_runs(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char key[128];
    stage_order(s, "enqueue batch exam_id=3 count=4");
    assert_int_equal(s->told[0].batch_total, 4);
    assert_ends_well(s, s->out);
    snprintf(key, sizeof key, "batch:progress:%s", s->out);
    char *value = server_cli(s->server, "GET", key, NULL);
    assert_non_null(strstr(value, "\"completed\""));
    free(value);
}

/* The one template under every option: a malformed element would make the worker exit. */
static void enqueue__harms_no_worker__when_options_and_arguments_vary(void **state)
{
    static const char *const lines[] = {
        "enqueue api.tasks.echo",
        "enqueue api.tasks.echo --args '[null, true, -1.5e10, \"\\u0000\\ud83d\\ude00\", {\"a\": [[]]}]'",
        "enqueue api.tasks.echo --kwargs '{\"ключ\": \"значение\", \"x\": 1e308}'",
        "enqueue api.tasks.echo --args '[1]' --kwargs '{\"y\": 2}' --priority 5",
        "enqueue api.tasks.echo --priority 9 --countdown 1",
        "enqueue api.tasks.echo --queue celery --countdown 250ms",
    };
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        stage_order(s, lines[i]);
        assert_int_equal(s->outcome, ACTION_DONE);
        assert_ends_well(s, s->out);
        assert_true(celery_is_alive(scene->worker));
    }
    stage_order(s, "enqueue no.such.task");
    stage_assert_plan(s, "no template names this task");
    struct result r = wait_for_status(s, s->out, "FAILURE");
    assert_non_null(strstr(r.error, "NotRegistered"));
    result_release(&r);
    assert_true(celery_is_alive(scene->worker));
}

static void revoke_task__keeps_a_held_task_from_running__when_a_worker_hears_it(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char id[64], line[128];
    stage_order(s, "enqueue test --countdown 3");
    snprintf(id, sizeof id, "%s", s->out);
    assert_true(wait_for(is_one_held, s));
    snprintf(line, sizeof line, "revoke task %s", id);
    stage_order(s, line);
    stage_assert_plan(
        s, ": a worker holds it (prefetched, or until its time): it is dropped when its turn comes\n");
    stage_assert_plan(s, "1 worker has a mailbox: worker1@demo\n");
    stage_assert_plan(s, "command  PUBLISH /0.celery.pidbox revoke(task_id=");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_non_null(strstr(stage_told(s, id)->text, "1 worker heard it: worker1@demo (tasks "));
    assert_string_equal(s->out, "1");
    struct result r = wait_for_status(s, id, "REVOKED");
    result_release(&r);
    assert_true(celery_is_alive(scene->worker));
    /* The box for answers is gone again. */
    char *boxes = server_cli(s->server, "KEYS", "redai-console.reply.*", NULL);
    assert_string_equal(boxes, "");
    free(boxes);
}

static void revoke_task__ends_a_running_task__when_it_is_told_to(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    char id[64], line[128];
    stage_order(s, "enqueue api.tasks.wait_for_release --args '[\"release:me\"]'");
    snprintf(id, sizeof id, "%s", s->out);
    struct result r = wait_for_status(s, id, "STARTED");
    result_release(&r);
    snprintf(line, sizeof line, "revoke task %s", id);
    stage_order(s, line);
    stage_assert_plan(s, "STARTED: it is running and goes on to its end: only --terminate stops it\n");
    assert_non_null(strstr(stage_told(s, id)->text, "; now it goes on to its end"));
    snprintf(line, sizeof line, "revoke task --terminate %s", id);
    stage_order(s, line);
    stage_assert_plan(s, "STARTED: it is running: its process is killed\n");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_non_null(strstr(stage_told(s, id)->text, "; now REVOKED"));
    assert_true(wait_for(is_none_held, s)); /* its message goes when the end of its process is noticed */
    snprintf(line, sizeof line, "revoke task %s", id);
    stage_order(s, line);
    assert_false(s->planned);
    assert_int_equal(s->outcome, ACTION_GONE);
    assert_true(celery_is_alive(scene->worker));
    stage_order(s, "enqueue test");
    assert_ends_well(s, s->out);
}

static void revoke_task__is_heard_of_each__when_there_are_many(void **state)
{
    struct scene *scene = *state;
    struct stage *s = scene->stage;
    struct order o;
    order_init(&o, VERB_REVOKE_TASK);
    for (int i = 0; i < 45; i++) {
        char id[32];
        snprintf(id, sizeof id, "task \"%d\" \\", i);
        order_add(&o, TARGET_TASK, span_of(id));
    }
    stage_give(s, &o);
    assert_string_equal(s->typed, "45");
    assert_int_equal(s->count, 45);
    stage_assert_end(s, ACTION_DONE, "revoke: workers heard of 45 of 45 tasks");
    assert_true(celery_is_alive(scene->worker));
}

static void revoke_task__fails__when_no_worker_is_there(void **state)
{
    (void)state;
    struct stage *s = stage_new(NULL);
    stage_order(s, "enqueue api.tasks.analytics.add --args '[1]'");
    char line[128], *id = mem_strdup(s->out);
    snprintf(line, sizeof line, "revoke task %s", id);
    stage_order(s, line);
    stage_assert_plan(s, " in analytics: it stays in the list and is dropped when a worker takes it\n");
    stage_assert_plan(s, "no worker has a mailbox: it seems that nobody would hear this; --remove takes what "
                         "waits out of its list\n");
    assert_int_equal(stage_told(s, id)->outcome, ACTION_FAILED);
    assert_string_equal(
        stage_told(s, id)->text,
        "no worker heard this: it will run when they return, remove the message too? (--remove)");
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_string_equal(s->out, "0");
    mem_free(id);
    stage_free(s);
}

int main(void)
{
    server_require();
    celery_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enqueue__is_carried_out__when_a_worker_runs),
        cmocka_unit_test(enqueue__moves_a_batch__when_a_worker_runs),
        cmocka_unit_test(enqueue__harms_no_worker__when_options_and_arguments_vary),
        cmocka_unit_test(revoke_task__keeps_a_held_task_from_running__when_a_worker_hears_it),
        cmocka_unit_test(revoke_task__ends_a_running_task__when_it_is_told_to),
        cmocka_unit_test(revoke_task__is_heard_of_each__when_there_are_many),
        cmocka_unit_test(revoke_task__fails__when_no_worker_is_there),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
