/* Tasks as they are seen in lists, in unacked and in the result database, without any worker. */
#include "elements.h"
#include "support/unit.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PID "{\"pid\": 1, \"hostname\": \"worker1@demo\"}"

static struct server *start(void)
{
    static const char *args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    return s;
}

static const struct task *task(struct watch *w, const char *id)
{
    const struct task *t = model_task_find(w->model, span_of(id));
    assert_non_null(t);
    return t;
}

static void a_task__is_followed__from_its_list_to_its_result(void **state)
{
    (void)state;
    struct server *s = start();
    elements_push(s, "celery", 0, "api.tasks.echo", "t1", "[1, \"two\"]");
    struct watch *w = watch_new(s, NULL);
    watch_expect_task(w, "t1", TASK_STATE_WAITING);
    assert_string_equal(task(w, "t1")->name, "api.tasks.echo");
    assert_string_equal(task(w, "t1")->queue, "celery");
    assert_string_equal(task(w, "t1")->args, "[1,\"two\"]");
    assert_int_equal(task(w, "t1")->message.kind, TARGET_MESSAGE);
    free(server_cli(s, "RPOP", "celery", NULL));
    elements_take(s, "tag-1", "celery", "t1", 5, 0);
    watch_expect_task(w, "t1", TASK_STATE_RESERVED);
    assert_int_equal(task(w, "t1")->message.kind, TARGET_DELIVERY);
    assert_memory_equal(task(w, "t1")->message.id, "tag-1", 5);
    elements_result(s, "t1", "STARTED", PID, 1);
    watch_expect_task(w, "t1", TASK_STATE_RUNNING);
    assert_string_equal(task(w, "t1")->worker, "worker1@demo");
    elements_result(s, "t1", "SUCCESS", "42", 1);
    elements_acknowledge(s, "tag-1");
    watch_expect_task(w, "t1", TASK_STATE_SUCCEEDED);
    watch_free(w);
    server_stop(s);
}

/* The write was never published, so that only a question tells. */
static void an_unheard_result__is_read__once_the_delivery_has_gone(void **state)
{
    (void)state;
    struct server *s = start();
    elements_take(s, "tag-2", "celery", "t2", 5, 0);
    elements_result(s, "t2", "STARTED", PID, 0);
    struct watch *w = watch_new(s, NULL);
    watch_expect_task(w, "t2", TASK_STATE_RUNNING);
    elements_result(
        s, "t2", "FAILURE",
        "{\"exc_type\": \"ValueError\", \"exc_message\": [\"bad\"], \"exc_module\": \"builtins\"}", 0);
    elements_acknowledge(s, "tag-2");
    watch_expect_task(w, "t2", TASK_STATE_FAILED);
    assert_string_equal(task(w, "t2")->exception, "ValueError");
    watch_free(w);
    server_stop(s);
}

static void stored_results__are_found__at_the_start(void **state)
{
    (void)state;
    struct server *s = start();
    elements_result(s, "old-1", "SUCCESS", "1", 0);
    elements_result(s, "old-2", "REVOKED",
                    "{\"exc_type\": \"TaskRevokedError\", \"exc_message\": [\"revoked\"], \"exc_module\": "
                    "\"celery.exceptions\"}",
                    0);
    struct watch *w = watch_new(s, NULL);
    watch_expect_task(w, "old-1", TASK_STATE_SUCCEEDED);
    watch_expect_task(w, "old-2", TASK_STATE_REVOKED);
    watch_free(w);
    server_stop(s);
}

static bool polled(struct watch *w, void *arg)
{
    return w->servers >= *(int64_t *)arg;
}

/* The feed is cut, and what was written meanwhile is known as soon as it is back, at the pace people use. */
static void a_cut_feed__is_healed__by_a_walk_of_the_results(void **state)
{
    (void)state;
    struct server *s = start();
    elements_result(s, "t3", "STARTED", PID, 0);
    elements_take(s, "tag-3", "celery", "t3", 1, 0);
    struct watch *w = watch_new(s, &(struct watch_options){.refresh_us = 1000000, .census_us = 60000000});
    watch_expect_task(w, "t3", TASK_STATE_RUNNING);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    free(server_cli(s, "CLIENT", "KILL", "TYPE", "pubsub", NULL));
    elements_result(s, "t3", "SUCCESS", "1", 0); /* said to nobody */
    elements_acknowledge(s, "tag-3");
    int64_t now = w->servers, limit = now + 3;
    watch_expect_task(w, "t3", TASK_STATE_SUCCEEDED);
    assert_true(w->servers <= limit);
    limit = w->servers + 1;
    assert_true(watch_until(w, polled, &limit, WAIT_MS));
    watch_free(w);
    server_stop(s);
}

static size_t metas_read(struct server *s)
{
    char *text = server_cli(s, "INFO", "commandstats", NULL);
    const char *at = strstr(text, "cmdstat_getrange:calls=");
    size_t n = at ? strtoul(at + strlen("cmdstat_getrange:calls="), NULL, 10) : 0;
    free(text);
    return n;
}

/* Each question for a key that is not there is a miss of the server's: they become rare. */
static void a_task_without_a_result__is_asked_for__ever_more_rarely(void **state)
{
    (void)state;
    struct server *s = start();
    elements_take(s, "tag-4", "celery", "t4", 1, 0);
    struct watch *w = watch_new(s, &(struct watch_options){.census_us = 60000000});
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    watch_expect_task(w, "t4", TASK_STATE_RESERVED);
    size_t before = metas_read(s);
    elements_acknowledge(s, "tag-4");
    int64_t until = w->servers + 20;
    assert_true(watch_until(w, polled, &until, WAIT_MS));
    size_t asked = metas_read(s) - before;
    print_message("asked %zu times in 20 polls\n", asked);
    assert_true(asked >= 2 && asked <= 8);
    watch_free(w);
    server_stop(s);
}

static bool told_gone(struct watch *w, void *arg)
{
    return w->facts[FACT_TASK_GONE] > *(size_t *)arg;
}

static void a_removed_result__is_told__as_gone(void **state)
{
    (void)state;
    struct server *s = start();
    elements_result(s, "t5", "SUCCESS", "1", 0);
    struct watch *w = watch_new(s, NULL);
    watch_expect_task(w, "t5", TASK_STATE_SUCCEEDED);
    size_t before = w->facts[FACT_TASK_GONE];
    free(server_cli_argv(s, 1, 2, (const char *[]){"DEL", "celery-task-meta-t5"}, (size_t[]){3, 19}));
    assert_true(watch_until(w, told_gone, &before, WAIT_MS));
    int64_t until = w->servers + 2;
    assert_true(watch_until(w, polled, &until, WAIT_MS));
    assert_int_equal(w->facts[FACT_TASK_GONE] - before, 1);
    watch_free(w);
    server_stop(s);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task__is_followed__from_its_list_to_its_result),
        cmocka_unit_test(an_unheard_result__is_read__once_the_delivery_has_gone),
        cmocka_unit_test(stored_results__are_found__at_the_start),
        cmocka_unit_test(a_cut_feed__is_healed__by_a_walk_of_the_results),
        cmocka_unit_test(a_task_without_a_result__is_asked_for__ever_more_rarely),
        cmocka_unit_test(a_removed_result__is_told__as_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
