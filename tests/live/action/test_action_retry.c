/* Retrying with real workers: from a message in unacked, from an extended result, from what was seen; what is
 * refused; and that the worker lives on. */
#include "await.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

#include "redai/schema/message.h"

static int set_up(void **state)
{
    struct stage *s = stage_new(NULL);
    stage_listen(s, STAGE_PATIENT_US);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    stage_free(*state);
    return 0;
}

/* From Celery's own side. free. */
static char *result_of(struct stage *s, const char *id)
{
    char code[512];
    snprintf(code, sizeof code,
             "from celery_app import app; import json; r = app.AsyncResult('%s'); "
             "print(json.dumps([r.get(timeout=20), r.parent and r.parent.id], sort_keys=True))",
             id);
    return celery_python(s->server, code);
}

/* Celery acknowledges a message behind its result: until then it could be copied from unacked. */
static bool all_is_acknowledged(void *stage)
{
    return stage_int(stage, "HLEN unacked") == 0;
}

static void retry__runs_it_again__when_the_result_tells_name_and_arguments(void **state)
{
    struct stage *s = *state;
    setenv("REDAI_RESULT_EXTENDED", "1", 1);
    struct celery *worker = celery_start(s->server, "worker1@demo");
    unsetenv("REDAI_RESULT_EXTENDED");
    assert_non_null(worker);
    char *old = await_order(s, "enqueue api.tasks.fail_until --args '[\"go\", 1, \"\xc3\xbc\"]' --kwargs "
                               "'{\"deep\": {\"a\": [null, true]}}'");
    await_status(s, old, "FAILURE");
    assert_true(wait_for(all_is_acknowledged, s));
    stage_do(s, "SET go 1");
    char *id = await_order(s, "retry %s", old);
    assert_int_equal(s->outcome, ACTION_DONE);
    stage_assert_plan(s, "plan     retry 1 task in celery\n");
    stage_assert_plan(s, ": api.tasks.fail_until [\"go\",1,\"\xc3\xbc\"] {\"deep\":{\"a\":[null,true]}} in "
                         "celery, from its result; it is FAILURE\n");
    stage_assert_plan(s, "1 is made anew from its name and arguments: callbacks, chain and time limits of "
                         "the original are not known\n");
    assert_non_null(id);
    assert_non_null(strstr(stage_told(s, old)->text, id));
    assert_string_equal(stage_told(s, old)->task_id, id);
    char *result = result_of(s, id);
    assert_string_equal(
        result, "[{\"args\": [1, \"\\u00fc\"], \"kwargs\": {\"deep\": {\"a\": [null, true]}}}, null]");
    free(result);
    /* A task that has succeeded may be run again, and that is said. */
    char *again = await_order(s, "retry %s", id);
    stage_assert_plan(s, "1 has succeeded: this runs it again\n");
    await_status(s, again, "SUCCESS");
    await_service(s, worker);
    celery_stop(worker);
    mem_free(old);
    mem_free(id);
    mem_free(again);
}

static void retry__keeps_the_chain__when_it_is_made_from_the_message(void **state)
{
    struct stage *s = *state;
    struct celery *first = celery_start(s->server, "worker1@demo");
    assert_non_null(first);
    char *old =
        celery_python(s->server, "from celery import chain; from celery_app import wait_for_release, echo; "
                                 "r = chain(wait_for_release.s('release:x'), echo.s('rest')).apply_async(); "
                                 "print(r.parent.id)");
    await_status(s, old, "STARTED");
    /* Not while it runs. */
    await_order(s, "retry %s", old);
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_non_null(strstr(s->text, "worker1@demo runs it"));
    celery_kill(first);
    stage_do(s, "DEL _kombu.binding.celery.pidbox");
    struct celery *second = celery_start(s->server, "worker2@demo");
    assert_non_null(second);
    char *id = await_order(s, "retry %s", old);
    assert_int_equal(s->outcome, ACTION_DONE);
    stage_assert_plan(s, "from its message in unacked; it is STARTED\n");
    stage_assert_plan(s,
                      "1 lies in unacked, left over of a dead worker: requeue puts the message itself back");
    assert_null(strstr(utstring_body(&s->plan), "made anew"));
    stage_do(s, "RPUSH release:x go");
    await_status(s, id, "SUCCESS");
    char code[512];
    snprintf(code, sizeof code,
             "from celery_app import app; import json; r = app.AsyncResult('%s'); r.get(timeout=20); "
             "print(json.dumps(r.children[0].get(timeout=20)))",
             id);
    char *rest = celery_python(s->server, code);
    assert_string_equal(rest, "{\"args\": [true, \"rest\"], \"kwargs\": {}}");
    free(rest);
    await_service(s, second);
    celery_stop(second);
    celery_stop(first);
    free(old);
    mem_free(id);
}

/* Orders a retry of a task that only the console has seen. */
static void give_seen(struct stage *s, const struct order_seen *seen, const char *args)
{
    struct order o;
    order_init(&o, VERB_RETRY);
    order_add(&o, TARGET_TASK, span_of(seen->id));
    order_add_seen(&o, seen);
    o.args = mem_strdup(args);
    stage_give(s, &o);
}

static void retry__reads_pythons_repr__when_a_worker_told_of_it(void **state)
{
    struct stage *s = *state;
    struct celery *worker = celery_start(s->server, "worker1@demo");
    assert_non_null(worker);
    struct order_seen seen = {.id = (char *)"old-1",
                              .task = (char *)"api.tasks.echo",
                              .args = (char *)"('it\\'s', 1.5, None, True, [1, (2, 3)], {'k': 'v'})",
                              .kwargs = (char *)"{'name': \"O'Hara\"}",
                              .root_id = (char *)"root-1",
                              .are_repr = true};
    give_seen(s, &seen, NULL);
    assert_int_equal(s->outcome, ACTION_DONE);
    stage_assert_plan(s, "from what its worker told\n");
    stage_assert_plan(s, "1 has no end that is known: it may have run");
    char *result = result_of(s, s->out);
    assert_string_equal(result,
                        "[{\"args\": [\"it's\", 1.5, null, true, [1, [2, 3]], {\"k\": \"v\"}], \"kwargs\": "
                        "{\"name\": \"O'Hara\"}}, null]");
    free(result);
    seen.args = (char *)"('aaaa...', ...)";
    give_seen(s, &seen, NULL);
    assert_false(s->planned);
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_non_null(strstr(s->text, "what its worker told: the arguments cannot be read back: "));
    give_seen(s, &seen, "[\"typed\"]");
    assert_int_equal(s->outcome, ACTION_DONE);
    await_status(s, s->out, "SUCCESS");
    seen.args = NULL;
    give_seen(s, &seen, NULL);
    assert_non_null(strstr(s->text, "the arguments are missing: give --args"));
    await_service(s, worker);
    celery_stop(worker);
}

static void retry__is_refused_with_the_reason__when_nothing_can_be_sent(void **state)
{
    struct stage *s = *state;
    await_order(s, "retry unknown-task");
    assert_false(s->planned);
    stage_assert_end(s, ACTION_REFUSED,
                     "retry unknown-task: its task name is not known: no message, no result that has one "
                     "(result_extended), and no event was seen (--task NAME --args JSON tell them)");
    char *id = await_order(s, "enqueue api.tasks.echo");
    await_order(s, "retry %s", id);
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_non_null(strstr(s->text, "it still waits in celery: it will run"));
    mem_free(id);
}

static void add_seen(struct order *o, int number)
{
    char id[32];
    snprintf(id, sizeof id, "old-%d", number);
    struct order_seen seen = {.id = id,
                              .task = (char *)"api.tasks.echo",
                              .args = (char *)"[1]",
                              .kwargs = (char *)"{}",
                              .queue = (char *)"celery"};
    order_add(o, TARGET_TASK, span_of(id));
    order_add_seen(o, &seen);
}

static void retry__links_the_new_task_to_the_old__when_it_is_sent(void **state)
{
    struct stage *s = *state;
    struct message m;
    struct order_seen seen = {.id = (char *)"old-1",
                              .task = (char *)"api.tasks.echo",
                              .args = (char *)"[1]",
                              .kwargs = (char *)"{}",
                              .queue = (char *)"special",
                              .root_id = (char *)"root-1"};
    give_seen(s, &seen, NULL);
    assert_int_equal(s->outcome, ACTION_DONE);
    char *element = server_cli(s->server, "LINDEX", "special", "0", NULL);
    message_decode(&m, span_of(element));
    assert_string_equal(m.id, s->out);
    assert_string_equal(m.parent_id, "old-1");
    assert_string_equal(m.root_id, "root-1");
    assert_string_equal(m.queue, "special");
    message_release(&m);
    free(element);
}

static void retry__keeps_to_the_rate__when_there_are_many(void **state)
{
    struct stage *s = *state;
    struct order o;
    order_init(&o, VERB_RETRY);
    for (int i = 0; i < 8; i++) {
        add_seen(&o, i);
    }
    o.rate_per_s = 8;
    int64_t began = clock_mono_us();
    stage_give(s, &o);
    int64_t took = clock_mono_us() - began;
    assert_true(took >= 875000);
    stage_assert_plan(s, "8 a second: 1 s in all, and it can be stopped\n");
    stage_assert_end(s, ACTION_DONE, "8 of 8 tasks sent again");
    assert_int_equal(stage_int(s, "LLEN celery"), 8);
    int lines = 1;
    for (const char *c = s->out; *c; c++) {
        lines += *c == '\n';
    }
    assert_int_equal(lines, 8);
}

static void stop_at_three(struct stage *s, int64_t done)
{
    if (done >= 3) {
        runner_stop(s->runner);
    }
}

static void retry__sends_no_more__when_it_is_stopped(void **state)
{
    struct stage *s = *state;
    struct order o;
    order_init(&o, VERB_RETRY);
    for (int i = 0; i < 60; i++) {
        add_seen(&o, i);
    }
    o.rate_per_s = 8;
    s->at_progress = stop_at_three;
    stage_give(s, &o);
    assert_int_equal(s->outcome, ACTION_REFUSED);
    assert_true(stage_int(s, "LLEN celery") < 10);
    assert_non_null(strstr(stage_told(s, "")->text, "tasks not sent: stopped"));
}

int main(void)
{
    server_require();
    celery_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(retry__runs_it_again__when_the_result_tells_name_and_arguments),
        TEST(retry__keeps_the_chain__when_it_is_made_from_the_message),
        TEST(retry__reads_pythons_repr__when_a_worker_told_of_it),
        TEST(retry__is_refused_with_the_reason__when_nothing_can_be_sent),
        TEST(retry__links_the_new_task_to_the_old__when_it_is_sent),
        TEST(retry__keeps_to_the_rate__when_there_are_many),
        TEST(retry__sends_no_more__when_it_is_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
