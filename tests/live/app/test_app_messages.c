/* The verbs about messages and workers, from the shell: what they do in Redis, what they print where, and how
 * they end. No worker is there. */
#include "stage.h"
#include "support/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#define ORPHAN "33333333-3333-4333-8333-333333333333"

static int set_up(void **state)
{
    *state = stage_server(NULL);
    stage_fill(*state);
    stage_message(*state,
                  "celery\x06\x16"
                  "3",
                  "44444444-4444-4444-8444-444444444444");
    stage_in_flight(*state, "celery", ORPHAN, 4000);
    stage_do(*state, 0, "CONFIG RESETSTAT");
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

static struct ran run(struct server *s, const char *const words[], const char *more)
{
    const char *argv[24];
    size_t n = 0;
    while (words[n]) {
        argv[n] = words[n];
        n++;
    }
    argv[n++] = "-u";
    argv[n++] = server_url(s, 0);
    argv[n++] = more;
    argv[n] = NULL;
    return stage_run(argv, NULL, NULL);
}
#define VERB(s, more, ...) run(s, (const char *const[]){__VA_ARGS__, NULL}, more)

static void expect(struct ran r, int code, const char *out, const char *told)
{
    assert_ran(&r, code, told);
    assert_string_equal(r.out, out);
    ran_free(&r);
}

/* --- what they do --- */

static void remove__takes_out_the_message_alone(void **state)
{
    struct server *s = *state;
    expect(VERB(s, "--yes", "remove", TASK_ONE), 0, "1\n", "done");
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 1);
    char *left = stage_ask(s, 0, "LINDEX celery 0");
    assert_non_null(strstr(left, TASK_TWO));
    free(left);
    expect(VERB(s, "--yes", "remove", TASK_ONE), 1, "0\n", "already gone");
}

static void remove__says_the_result__when_stdout_is_full(void **state)
{
    struct server *s = *state;
    char line[1024], told[1024] = "";
    snprintf(line, sizeof line, "'%s' --yes remove " TASK_ONE " -u '%s' 2>&1 >/dev/full", PROGRAM,
             server_url(s, 0));
    FILE *said = popen(line, "r");
    assert_non_null(said);
    told[fread(told, 1, sizeof told - 1, said)] = '\0';
    int end = pclose(said);
    assert_true(WIFEXITED(end));
    assert_int_equal(WEXITSTATUS(end), 1);
    assert_non_null(strstr(told, "the result could not be written: 1\n"));
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 1);
}

static void move__puts_the_message_into_the_other_queue(void **state)
{
    struct server *s = *state;
    expect(VERB(s, "--yes", "move", TASK_ONE, "--queue", "slow"), 0, "1\n", "done");
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 1);
    assert_int_equal(stage_number(s, 0, "LLEN slow"), 1);
}

static void purge__drops_every_priority(void **state)
{
    struct server *s = *state;
    expect(VERB(s, "--yes", "purge", "celery"), 0, "3\n", "done");
    assert_int_equal(stage_number(s, 0,
                                  "EXISTS celery celery\x06\x16"
                                  "3"),
                     0);
    assert_int_equal(stage_number(s, 0, "EXISTS unacked"), 1); /* what workers hold is no business of it */
}

static void requeue__puts_back_what_no_worker_has(void **state)
{
    struct server *s = *state;
    expect(VERB(s, "--yes", "requeue", ORPHAN), 0, "1\n", "done");
    assert_int_equal(stage_number(s, 0, "EXISTS unacked unacked_index"), 0);
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 3);
    char *next = stage_ask(s, 0, "LINDEX celery -1");
    assert_non_null(strstr(next, ORPHAN));
    free(next);
}

static void retry__sends_a_failed_task_under_a_new_id(void **state)
{
    struct server *s = *state;
    static const char failed[] =
        "{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"ValueError\", "
        "\"exc_message\": [\"no\"], \"exc_module\": \"builtins\"}, \"traceback\": null, "
        "\"children\": [], \"date_done\": \"2026-11-23T09:32:52\", \"task_id\": \"failed-1\", "
        "\"name\": \"api.tasks.echo\", \"args\": [1, \"two\"], \"kwargs\": {}, "
        "\"worker\": \"w@x\", \"retries\": 0, \"queue\": \"celery\"}";
    const char *set[] = {"SET", "celery-task-meta-failed-1", failed};
    free(server_cli_argv(s, 1, 3, set, (size_t[]){strlen(set[0]), strlen(set[1]), strlen(set[2])}));
    struct ran r = VERB(s, "--yes", "retry", "failed-1");
    assert_ran(&r, 0, "done");
    assert_true(is_one_line(r.out));
    assert_int_equal(strlen(r.out), 37);
    r.out[36] = '\0';
    char *message = stage_ask(s, 0, "LINDEX celery 0");
    assert_non_null(strstr(message, r.out));
    assert_non_null(strstr(message, "api.tasks.echo"));
    assert_non_null(strstr(message, "(1, 'two')"));
    free(message);
    ran_free(&r);
}

static void retry__says_what_is_missing__without_arguments(void **state)
{
    struct server *s = *state;
    int64_t keys = stage_number(s, 0, "DBSIZE"), waiting = stage_number(s, 0, "LLEN celery");
    struct ran r = VERB(s, "--yes", "retry", "55555555-5555-4555-8555-555555555555");
    assert_ran(&r, 1, "");
    assert_string_not_equal(r.err, "");
    ran_free(&r);
    /* Workers were asked whether one has it, and the list for their answers is gone again. */
    assert_int_equal(stage_number(s, 0, "DBSIZE"), keys);
    assert_int_equal(stage_number(s, 0, "LLEN celery"), waiting);
}

static void worker__ends_with_1__when_nobody_hears(void **state)
{
    struct server *s = *state;
    struct ran r = VERB(s, "--yes", "worker", "ping");
    assert_ran(&r, 1, "no worker");
    ran_free(&r);
    char *left = stage_ask(s, 0, "KEYS redai-console*"); /* no mailbox stays behind */
    assert_string_equal(left, "");
    free(left);
}

/* --- what they do not do --- */

static const char *const orders[][4] = {
    {"remove", TASK_ONE, NULL, NULL},
    {"purge", "celery", NULL, NULL},
    {"worker", "grow", "1", NULL},
    {"revoke", "task", TASK_ONE, "--remove"},
};

static void verbs__change_nothing__without_consent(void **state)
{
    struct server *s = *state;
    static const struct {
        const char *option;
        int code;
        const char *told;
    } cases[] = {
        {"--dry-run", 0, "dry run: nothing was changed"},
        {"--read-only", 1, "read-only"},
        {NULL, 1, "no terminal to confirm this on: give --yes, or --dry-run"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t k = 0; k < COUNT_OF(orders); k++) {
            const char *words[8] = {NULL};
            memcpy(words, orders[k], sizeof orders[k]);
            expect(run(s, words, cases[i].option), cases[i].code, "", cases[i].told);
        }
    }
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 2);
    assert_int_equal(stage_number(s, 0, "HLEN unacked"), 1);
}

static void verbs__name_the_word_that_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *words[7];
        const char *wrong, *expected;
    } cases[] = {
        {{"worker", "dance"}, "dance", "grow"},
        {{"worker", "grow", "many"}, "many", "expected"},
        {{"worker", "grow"}, "grow", "expected N"},
        {{"worker", "grow", "1", "--on", "a@x", "--on", ""}, "--on", "name of a worker"},
        {{"worker", "shutdown"}, "shutdown", "--on NODE"},
        {{"move", TASK_ONE}, "move", "--queue"},
        {{"move", TASK_ONE, "--queue", ""}, "--queue", "name of a queue"},
        {{"retry", "x", "--rate", "fast"}, "fast", "rate"},
        {{"retry", "x", "--args", "{}"}, "{}", "JSON array"},
        {{"retry", "x", "--eta", "2026-11-25"}, "--eta", "unknown option"},
        {{"purge", ""}, "purge", "empty"},
        {{"enqueue", "test", "message=x", "--eta", "soon"}, "soon", "2026-"},
        {{"enqueue", "test", "message=x", "--expires", "late"}, "late", "5m"},
        {{"enqueue", "test", "message=x", "--priority", "11"}, "11", "0 to 9"},
        {{"tasks", "colour:red"}, "colour", "column"},
        {{"tasks", "state:failed", "--format", "xml"}, "xml", "text json"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *words[8] = {NULL};
        memcpy(words, cases[i].words, sizeof cases[i].words);
        assert_usage(stage_run(words, NULL, NULL), cases[i].wrong, cases[i].expected);
    }
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(remove__takes_out_the_message_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(remove__says_the_result__when_stdout_is_full, set_up, tear_down),
        cmocka_unit_test_setup_teardown(move__puts_the_message_into_the_other_queue, set_up, tear_down),
        cmocka_unit_test_setup_teardown(purge__drops_every_priority, set_up, tear_down),
        cmocka_unit_test_setup_teardown(requeue__puts_back_what_no_worker_has, set_up, tear_down),
        cmocka_unit_test_setup_teardown(retry__sends_a_failed_task_under_a_new_id, set_up, tear_down),
        cmocka_unit_test_setup_teardown(retry__says_what_is_missing__without_arguments, set_up, tear_down),
        cmocka_unit_test_setup_teardown(worker__ends_with_1__when_nobody_hears, set_up, tear_down),
        cmocka_unit_test_setup_teardown(verbs__change_nothing__without_consent, set_up, tear_down),
        cmocka_unit_test(verbs__name_the_word_that_is_wrong),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
