/* workers, queues and tasks, printed once: what stands in them, what is said to be missing, and the exit
 * codes. No worker is there. */
#include "stage.h"
#include "support/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define FLYING "33333333-3333-4333-8333-333333333333"

static int set_up(void **state)
{
    *state = stage_server(NULL);
    stage_fill(*state);
    stage_in_flight(*state, "celery", FLYING, 5);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

/* The object that was printed, exit 0; decref'd by the caller. */
static json_t *list(struct server *s, const char *noun, const char *filter)
{
    struct ran r = RUN(noun, "-u", server_url(s, 0), "--format", "json", filter);
    assert_ran(&r, 0, "");
    assert_string_equal(r.err, "");
    json_t *root = json_loads(r.out, 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_integer_value(json_object_get(root, "schema")), 1);
    assert_non_null(json_string_value(json_object_get(root, "at")));
    assert_true(json_is_boolean(json_object_get(root, "complete")));
    ran_free(&r);
    return root;
}

static const json_t *find(const json_t *root, const char *array, const char *member, const char *value)
{
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(root, array), i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, member)), value) == 0) {
            return row;
        }
    }
    fail_msg("no %s among the %s", value, array);
    return NULL;
}

static const char *text(const json_t *row, const char *member)
{
    return json_string_value(json_object_get(row, member));
}

static void queues__tell_depth_and_flight(void **state)
{
    json_t *root = list(*state, "queues", NULL);
    const json_t *q = find(root, "queues", "name", "celery");
    assert_int_equal(json_integer_value(json_object_get(q, "depth")), 2);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(q, "by_priority"), "0")), 2);
    assert_int_equal(json_integer_value(json_object_get(q, "unacked")), 1);
    assert_string_equal(text(q, "next_id"), TASK_ONE);
    assert_true(json_is_null(json_object_get(q, "consumers"))); /* nobody told: that is not "none" */
    assert_true(json_is_null(json_object_get(q, "drain_seconds")));
    json_decref(root);
}

static void queues__are_not_complete__where_flight_cannot_be_read(void **state)
{
    stage_do(*state, 0, "ACL SETUSER default -hscan");
    json_t *root = list(*state, "queues", NULL);
    struct ran r = RUN("queues", "-u", server_url(*state, 0));
    stage_do(*state, 0, "ACL SETUSER default +hscan");
    assert_true(json_is_null(json_object_get(find(root, "queues", "name", "celery"), "unacked")));
    assert_true(json_is_false(json_object_get(root, "complete")));
    json_decref(root);
    assert_ran(&r, 0, "how much is in flight is not known");
    ran_free(&r);
}

static void tasks__tell_what_waits_and_what_flies(void **state)
{
    json_t *root = list(*state, "tasks", NULL);
    const json_t *t = find(root, "tasks", "id", TASK_ONE);
    assert_string_equal(text(t, "state"), "waiting");
    assert_string_equal(text(t, "source"), "list");
    assert_string_equal(text(t, "name"), "api.tasks.test_redis_task");
    assert_string_equal(text(t, "queue"), "celery");
    assert_true(json_is_null(json_object_get(t, "worker")));
    assert_true(json_is_null(json_object_get(t, "runtime_seconds")));
    assert_true(json_is_null(json_object_get(t, "started_at")));
    t = find(root, "tasks", "id", FLYING);
    assert_string_not_equal(text(t, "state"), "waiting");
    assert_string_equal(text(t, "source"), "unacked");
    assert_non_null(text(t, "delivered_at"));
    assert_int_equal(json_integer_value(json_object_get(root, "unlisted")), 0);
    json_decref(root);
    root = list(*state, "tasks", "state:waiting");
    assert_int_equal(json_array_size(json_object_get(root, "tasks")), 2);
    json_decref(root);
}

static void workers__are_none__and_that_is_said_on_stderr(void **state)
{
    json_t *root = list(*state, "workers", NULL);
    assert_int_equal(json_array_size(json_object_get(root, "workers")), 0);
    json_decref(root);
    struct ran r = RUN("workers", "-u", server_url(*state, 0));
    assert_ran(&r, 0, "no workers");
    assert_string_equal(r.out, "");
    ran_free(&r);
}

static void text__has_the_columns_of_the_pane(void **state)
{
    struct ran r = RUN("tasks", "-u", server_url(*state, 0), "state:waiting");
    assert_ran(&r, 0, "");
    assert_non_null(strstr(r.out, "api.tasks.test_redis_task"));
    assert_null(strstr(r.out, "\033"));
    size_t lines = 0;
    for (const char *p = r.out; *p; p++) {
        lines += *p == '\n';
    }
    assert_int_equal(lines, 3); /* a header and two rows */
    ran_free(&r);
}

static void listing__sends_nothing__with_read_only(void **state)
{
    static const char *const noun[] = {"workers", "queues", "tasks"};
    stage_do(*state, 0, "CONFIG RESETSTAT");
    for (size_t i = 0; i < COUNT_OF(noun); i++) {
        struct ran r = RUN(noun[i], "-u", server_url(*state, 0), "--read-only");
        assert_ran(&r, 0, "");
        ran_free(&r);
    }
    stage_untouched(*state);
}

static void listing__ends_with_3__when_redis_cannot_be_read(void **state)
{
    (void)state;
    static const char *const noun[] = {"workers", "queues", "tasks"};
    for (size_t i = 0; i < COUNT_OF(noun); i++) {
        struct ran r = RUN(noun[i], "-u", "unix:///nowhere/socket");
        assert_ran(&r, 3, "could not be read");
        assert_string_equal(r.out, "");
        ran_free(&r);
    }
}

static void an_empty_redis__has_no_tasks__which_is_no_failure(void **state)
{
    (void)state;
    struct server *s = stage_server(NULL);
    static const char *const noun[] = {"queues", "tasks"};
    for (size_t i = 0; i < COUNT_OF(noun); i++) {
        json_t *root = list(s, noun[i], NULL);
        assert_int_equal(json_array_size(json_object_get(root, noun[i])), 0);
        assert_true(json_is_true(json_object_get(root, "complete")));
        json_decref(root);
    }
    server_stop(s);
}

static void snapshot__counts_tasks_by_state(void **state)
{
    struct ran r = RUN("snapshot", server_url(*state, 0), "--format", "json");
    json_t *root = json_loads(r.out, 0, NULL);
    assert_non_null(root);
    const json_t *tasks = json_object_get(root, "tasks");
    assert_int_equal(json_integer_value(json_object_get(tasks, "waiting")), 2);
    assert_int_equal(json_integer_value(json_object_get(tasks, "failed")), 0);
    const json_t *q = find(root, "queues", "name", "celery");
    assert_int_equal(json_integer_value(json_object_get(q, "unacked")), 1);
    json_decref(root);
    ran_free(&r);
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queues__tell_depth_and_flight),
        cmocka_unit_test(queues__are_not_complete__where_flight_cannot_be_read),
        cmocka_unit_test(tasks__tell_what_waits_and_what_flies),
        cmocka_unit_test(workers__are_none__and_that_is_said_on_stderr),
        cmocka_unit_test(text__has_the_columns_of_the_pane),
        cmocka_unit_test(listing__sends_nothing__with_read_only),
        cmocka_unit_test(listing__ends_with_3__when_redis_cannot_be_read),
        cmocka_unit_test(an_empty_redis__has_no_tasks__which_is_no_failure),
        cmocka_unit_test(snapshot__counts_tasks_by_state),
    };
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    stage_leave();
    return failed;
}
