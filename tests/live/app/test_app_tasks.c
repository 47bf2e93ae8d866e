/* Tasks, messages and queues from the keyboard: each action ends in Redis as its dialog said, or not at all.
 * No worker is there. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define FAILED "66666666-6666-4666-8666-666666666666"

static int set_up(void **state)
{
    *state = stage_server(NULL);
    stage_fill(*state);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

/* The console with the tasks in front, alone on the screen. */
static struct pty *seat_tasks(struct server *s, const char *const more[])
{
    struct pty *p = seat_full(s, seat_large, more);
    seat_do(p, "6", "6 tasks ");
    seat_do(p, "+", "2 waiting");
    return p;
}

static void six__lists_what_waits__and_x_takes_the_message_out(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_tasks(s, NULL);
    seat_do(p, ":filter " TASK_TWO "\r", ": 1 shown");
    seat_do(p, "x", "revoke and remove");
    seat_do(p, "j\r", "no worker"); /* the plan says what a revocation will do */
    seat_see(p, ": do it");
    seat_key(p, "y");
    seat_see_gone(p, ": do it");
    assert_true(stage_wait(s, 0, "LLEN celery", "1"));
    char *left = stage_ask(s, 0, "LINDEX celery 0");
    assert_non_null(strstr(left, TASK_ONE));
    free(left);
    seat_quit(p);
}

static void v__groups_by_name_and_by_exception(void **state)
{
    struct pty *p = seat_tasks(*state, NULL);
    seat_do(p, "v", "6 tasks by name");
    seat_see(p, "| 2 tasks"); /* both have been read */
    seat_see(p, ">api.tasks.test_redis_task");
    seat_do(p, "r", "retry what failed");
    seat_do(p, "\r\r", "has failed or was lost");
    seat_leave(p, "retry what failed");
    seat_do(p, "x", "revoke 2 tasks"); /* the whole group */
    seat_leave(p, "revoke 2 tasks");
    seat_do(p, "v", "6 tasks by exception");
    seat_key(p, "v");
    seat_see_gone(p, "by exception");
    seat_quit(p);
}

static void p__purges_the_queue__when_the_count_is_typed(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_key(p, "3");
    seat_do(p, "p", "purge");
    seat_see(p, "type ");
    seat_key(p, "\r\r");
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 2);
    seat_do(p, "2\r", "done: ");
    assert_int_equal(stage_number(s, 0, "EXISTS celery"), 0);
    seat_quit(p);
}

static void queue_page__lists_messages__and_x_removes_what_no_worker_survives(void **state)
{
    struct server *s = *state;
    stage_do(s, 0, "LPUSH celery {\"poison\":1}");
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, "3\r", "queue celery");
    seat_see(p, "POISON");                     /* the list is there, not only the head */
    seat_do(p, "x", "a queue is not revoked"); /* the page's head is about the queue */
    seat_key(p, "G");                          /* the last message */
    seat_do(p, "x", ": do it");
    seat_do(p, "y", "done: ");
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 2);
    char *left = stage_ask(s, 0, "LRANGE celery 0 -1");
    assert_null(strstr(left, "poison"));
    free(left);
    seat_leave(p, "Esc back");
    seat_quit(p);
}

static void capital_m__moves_the_selected_message(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_tasks(s, NULL);
    seat_do(p, ":filter " TASK_ONE "\r", ": 1 shown");
    seat_do(p, "M", "move 1 message");
    seat_do(p, "slow\r", ": do it");
    seat_do(p, "y", "done: ");
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 1);
    assert_int_equal(stage_number(s, 0, "LLEN slow"), 1);
    seat_quit(p);
}

static void capital_e__opens_the_last_one_with_all_it_had(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, "E", "nothing was enqueued");
    seat_do(p, ":enqueue api.tasks.echo --args '[42]' --queue slow --priority 4 --expires 10m\r", ": do it");
    seat_do(p, "y", "done: ");
    assert_int_equal(stage_number(s, 0,
                                  "LLEN slow\x06\x16"
                                  "3"),
                     1);
    seat_do(p, "E", "enqueue again");
    seat_see(p, "api.tasks.echo");
    seat_see(p, "[42]");
    seat_see(p, "600s");
    seat_key(p, "\r\r\r\r\r\r\r\r");
    seat_see(p, ": do it");
    seat_do(p, "y", "done: ");
    assert_int_equal(stage_number(s, 0,
                                  "LLEN slow\x06\x16"
                                  "3"),
                     2);
    seat_quit(p);
}

static void r__sends_a_failed_task_anew(void **state)
{
    struct server *s = *state;
    static const char failed[] =
        "{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"ValueError\", \"exc_message\": [\"no\"], "
        "\"exc_module\": \"builtins\"}, \"traceback\": null, \"children\": [], \"date_done\": "
        "\"2026-11-23T09:32:52\", \"task_id\": \"" FAILED "\", \"name\": \"api.tasks.echo\", \"args\": [1, "
        "\"two\"], \"kwargs\": {}, \"worker\": \"w@x\", \"retries\": 0, \"queue\": \"celery\"}";
    const char *set[] = {"SET", "celery-task-meta-" FAILED, failed};
    free(server_cli_argv(s, 1, 3, set, (size_t[]){strlen(set[0]), strlen(set[1]), strlen(set[2])}));
    struct pty *p = seat_tasks(s, NULL);
    seat_see(p, "1 failed");
    seat_do(p, ":filter state:failed\r", ": 1 shown");
    seat_do(p, "r", ": do it");
    seat_do(p, "y", "done: ");
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 3);
    seat_quit(p);
}

static void tab__completes_names_of_queues_and_tasks(void **state)
{
    struct pty *p = seat_full(*state, seat_large, NULL);
    seat_do(p, ":purge cel\t", ":purge celery");
    seat_leave(p, ":purge celery");
    seat_do(p, ":revoke task 1111\t", ":revoke task " TASK_ONE);
    seat_leave(p, ":revoke task");
    seat_quit(p);
}

static void console__sends_nothing__with_read_only(void **state)
{
    struct server *s = *state;
    static const char *const keys[] = {"x",
                                       "r",
                                       "M",
                                       "e",
                                       "E",
                                       ":purge celery\r",
                                       ":worker ping\r",
                                       ":events on\r",
                                       ":requeue\r",
                                       ":retry " TASK_ONE "\r"};
    stage_do(s, 0, "CONFIG RESETSTAT");
    static const char *const more[] = {"--read-only", NULL};
    struct pty *p = seat_tasks(s, more);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        seat_do(p, keys[i], "read-only");
        seat_key(p, "\014");
        seat_see_gone(p, "read-only"); /* or the next one would be judged by what is left of this one */
    }
    seat_key(p, "7");
    seat_see(p, "no worker has a mailbox");
    seat_do(p, "m", "read-only");
    seat_quit(p);
    stage_untouched(s); /* neither by an action nor by asking workers */
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(six__lists_what_waits__and_x_takes_the_message_out, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(v__groups_by_name_and_by_exception, set_up, tear_down),
        cmocka_unit_test_setup_teardown(p__purges_the_queue__when_the_count_is_typed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(queue_page__lists_messages__and_x_removes_what_no_worker_survives,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(capital_m__moves_the_selected_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(capital_e__opens_the_last_one_with_all_it_had, set_up, tear_down),
        cmocka_unit_test_setup_teardown(r__sends_a_failed_task_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tab__completes_names_of_queues_and_tasks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(console__sends_nothing__with_read_only, set_up, tear_down),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
