/* The verbs of the shell: what they do in Redis, what they print where, what they write down, and how they
 * end. */
#include "server/proxy.h"
#include "stage.h"
#include "support/pty.h"
#include "support/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define JOURNAL stage_path("state/redai-console/journal")

static int set_up(void **state)
{
    *state = stage_server(NULL);
    stage_fill(*state);
    stage_do(*state, 0, "CONFIG RESETSTAT");
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    remove(JOURNAL);
    return 0;
}

static struct ran run(struct server *s, const char *const argv[], const char *more)
{
    const char *words[32];
    size_t n = 0;
    for (; argv[n]; n++) {
        words[n] = argv[n];
    }
    words[n++] = "--watch"; /* that a session comes back is another test's matter */
    words[n++] = "0";
    words[n++] = "-u";
    words[n++] = server_url(s, 0);
    words[n++] = more;
    words[n] = NULL;
    return stage_run(words, NULL, NULL);
}
#define VERB(s, more, ...) run(s, (const char *const[]){__VA_ARGS__, NULL}, more)

/* Exit 0 and exactly this on stdout. */
static void expect_result(struct ran r, const char *out)
{
    assert_ran(&r, 0, "done: ");
    assert_string_equal(r.out, out);
    ran_free(&r);
}

/* --- what they do --- */

static void enqueue__prints_the_id_of_a_message_in_the_routes_queue(void **state)
{
    struct server *s = *state;
    struct ran r = VERB(s, "--yes", "enqueue", "test", "message=good day");
    assert_ran(&r, 0, "done: queued in celery at position 3");
    assert_int_equal(strlen(r.out), 37);
    assert_true(is_one_line(r.out));
    r.out[36] = '\0';
    char *message = stage_ask(s, 0, "LINDEX celery 0");
    json_t *root = json_loads(message, 0, NULL);
    json_t *headers = json_object_get(root, "headers");
    assert_string_equal(json_string_value(json_object_get(headers, "id")), r.out);
    assert_string_equal(json_string_value(json_object_get(headers, "task")), "api.tasks.test_redis_task");
    assert_string_equal(json_string_value(json_object_get(headers, "argsrepr")), "('good day',)");
    json_decref(root);
    free(message);
    ran_free(&r);
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 3);
}

static void enqueue__takes_any_task_with_json_queue_and_countdown(void **state)
{
    struct server *s = *state;
    struct ran r = VERB(s, "--yes", "enqueue", "api.tasks.analytics.count", "--args", "[1, \"a b\"]",
                        "--kwargs", "{\"deep\": [null]}", "--countdown", "90s");
    assert_ran(&r, 0, "done: ");
    ran_free(&r);
    assert_int_equal(stage_number(s, 0, "LLEN analytics"), 1); /* the platform's own route */
    char *message = stage_ask(s, 0, "LINDEX analytics 0");
    assert_non_null(strstr(message, "\"eta\": \"20"));
    free(message);
    r = VERB(s, "--yes", "enqueue", "api.tasks.analytics.count", "--queue", "slow lane");
    assert_ran(&r, 0, "done: ");
    ran_free(&r);
    char *depth = server_cli(s, "LLEN", "slow lane", NULL);
    assert_string_equal(depth, "1");
    free(depth);
}

static void revoke_session__takes_key_and_index_entry(void **state)
{
    struct server *s = *state;
    expect_result(VERB(s, "--yes", "revoke", "session", SID_ANNA), "1\n");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA), 0);
    assert_int_equal(stage_number(s, 0, "SISMEMBER user:7:sessions " SID_ANNA), 0);
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA_2), 1); /* nobody else's */
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_MAREK), 1);
    expect_result(VERB(s, "--yes", "revoke", "session", SID_MAREK, SID_ZOFIA), "2\n");
    /* Once more: the aim is reached already, nothing was done. */
    struct ran r = VERB(s, "--yes", "revoke", "session", SID_MAREK);
    assert_ran(&r, 1, "already gone"); /* it may be a mistyped id: not "done" */
    assert_string_equal(r.out, "0\n");
    ran_free(&r);
}

static void revoke_user__finds_the_session_that_the_index_misses(void **state)
{
    struct server *s = *state;
    expect_result(VERB(s, "--yes", "revoke", "user", "7"), "2\n");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_ANNA_2), 0);
    assert_int_equal(stage_number(s, 0, "EXISTS user:7:sessions"), 0);
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_MAREK " session:" SID_ZOFIA), 2);
}

static void revoke_task__fails__when_no_worker_hears_it(void **state)
{
    struct server *s = *state;
    struct ran r = VERB(s, "--yes", "revoke", "task", "11111111-1111-4111-8111-111111111111");
    assert_ran(&r, 1, "no worker heard this");
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 2);
    ran_free(&r);
}

static void invalidate__deletes_what_matches_and_spares_sessions_and_queues(void **state)
{
    struct server *s = *state;
    expect_result(VERB(s, "--yes", "invalidate", "exam:*"), "30\n");
    assert_int_equal(stage_number(s, 0, "DBSIZE"), 23);
    struct ran r = VERB(s, "--yes", "invalidate", "exam:*");
    assert_ran(&r, 0, "no key matches");
    assert_string_equal(r.out, "0\n");
    ran_free(&r);
    r = VERB(s, "--yes", "invalidate", "*");
    assert_ran(&r, 0, "skipped");
    ran_free(&r);
    assert_int_equal(stage_number(s, 0, "EXISTS leaderboard:1"), 0);
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " celery _kombu.binding.celery"), 3);
}

static void result__prints_what_celery_stored(void **state)
{
    struct server *s = *state;
    const char *set[] = {"SET", "celery-task-meta-abc",
                         "{\"status\": \"SUCCESS\", \"result\": {\"n\": 3}, \"task_id\": \"abc\"}"};
    free(server_cli_argv(s, 1, 3, set, (size_t[]){strlen(set[0]), strlen(set[1]), strlen(set[2])}));
    struct ran r = RUN("result", "abc", "-u", server_url(s, 0));
    assert_ran(&r, 0, "");
    json_t *root = json_loads(r.out, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(root, "status")), "SUCCESS");
    json_decref(root);
    ran_free(&r);
    r = RUN("result", "abc", "-u", server_url(s, 0), "--result-db", "2");
    assert_ran(&r, 1, "no result is stored");
    assert_true(span_starts(span_of(r.out), S("{\"task_id\":\"abc\",\"status\":null,")));
    assert_true(is_one_line(r.out));
    ran_free(&r);
}

/* What the platform says stands apart, in its words; what we know stands in ours. */
static void result__tells_where_a_task_is_that_has_not_ended(void **state)
{
    struct server *s = *state;
    struct ran r = RUN("result", TASK_ONE, "-u", server_url(s, 0));
    assert_ran(&r, 1, "no result is stored");
    json_t *root = json_loads(r.out, 0, NULL);
    const json_t *known = json_object_get(root, "known"), *platform = json_object_get(root, "platform");
    assert_true(json_is_null(json_object_get(root, "status")));
    assert_string_equal(json_string_value(json_object_get(known, "state")), "waiting");
    assert_string_equal(json_string_value(json_object_get(known, "queue")), "celery");
    const json_t *answer = json_object_get(platform, "GET /tasks/test/{task_id}");
    assert_string_equal(json_string_value(json_object_get(answer, "status")), "pending");
    json_decref(root);
    ran_free(&r);

    r = RUN("result", "never-was", "-u", server_url(s, 0), "--read-only");
    assert_ran(&r, 1, "no result is stored");
    root = json_loads(r.out, 0, NULL);
    assert_true(json_is_null(json_object_get(root, "known")));
    json_decref(root);
    ran_free(&r);

    r = RUN("result", BATCH_RUNS, "-u", server_url(s, 0));
    root = json_loads(r.out, 0, NULL);
    platform = json_object_get(root, "platform");
    answer = json_object_get(platform, "GET /tasks/batch/progress/{task_id}");
    assert_int_equal(json_integer_value(json_object_get(answer, "current")), 5);
    json_decref(root);
    ran_free(&r);
}

/* --- what they do not do --- */

static const char *const orders[][4] = {
    {"enqueue", "batch", "exam_id=7", "count=3"},
    {"revoke", "session", SID_ANNA, NULL},
    {"revoke", "user", "7", NULL},
    {"revoke", "task", "11111111", NULL},
    {"invalidate", "exam:*", NULL, NULL},
};

static void assert_refused(struct server *s, const char *option, int code, const char *why)
{
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        const char *words[8] = {NULL};
        memcpy(words, orders[i], sizeof orders[i]);
        struct ran r = run(s, words, option);
        assert_ran(&r, code, why);
        assert_string_equal(r.out, "");
        ran_free(&r);
    }
    stage_untouched(s);
    assert_int_equal(stage_number(s, 0, "DBSIZE"), 53);
}

static void verb__sends_nothing__with_dry_run(void **state)
{
    assert_refused(*state, "--dry-run", 0, "dry run: nothing was changed");
    struct ran r = VERB(*state, "--dry-run", "invalidate", "exam:*");
    assert_non_null(strstr(r.err, "30 keys")); /* the plan is shown */
    assert_non_null(strstr(r.err, "UNLINK"));
    ran_free(&r);
}

static void verb__sends_nothing__with_read_only(void **state)
{
    assert_refused(*state, "--read-only", 1, "read-only");
    struct ran r = VERB(*state, "--read-only", "enqueue", "test", "--yes");
    assert_ran(&r, 1, "read-only");
    assert_true(is_one_line(r.err));
    ran_free(&r);
    stage_untouched(*state);
}

static void verb__sends_nothing__without_a_terminal_and_without_yes(void **state)
{
    assert_refused(*state, NULL, 1, "no terminal to confirm this on: give --yes, or --dry-run");
    struct ran r = stage_run(ENV("revoke", "session", SID_ANNA, "-u", server_url(*state, 0)), NULL, "y\n");
    assert_ran(&r, 1, "no terminal"); /* a y in a pipe is no person */
    ran_free(&r);
    stage_untouched(*state);
}

static void verb__ends_with_1__when_redis_cannot_be_reached(void **state)
{
    (void)state;
    struct ran r = RUN("enqueue", "test", "--yes", "-u", "unix:///nowhere/socket");
    assert_ran(&r, 1, "no such file or directory");
    assert_true(is_one_line(r.err));
    assert_string_equal(r.out, "");
    ran_free(&r);
    r = RUN("result", "x", "-u", "unix:///nowhere/socket");
    assert_ran(&r, 1, "no such file or directory");
    ran_free(&r);
}

/* --- asking --- */

static int answer(struct server *s, const char *const words[], const char *question, const char *keys,
                  const char *told)
{
    const char *argv[16] = {PROGRAM};
    size_t n = 1;
    while (*words) {
        argv[n++] = *words++;
    }
    argv[n++] = "-u";
    argv[n++] = server_url(s, 0);
    struct pty *p = pty_start(argv, NULL, 40, 120);
    assert_true(pty_wait_text(p, question, WAIT_MS));
    pty_send(p, keys);
    assert_true(pty_wait_text(p, told, WAIT_MS));
    assert_true(pty_wait_exit(p, WAIT_MS));
    int status = pty_stop(p);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void verb__asks_on_a_terminal_and_takes_y_alone(void **state)
{
    struct server *s = *state;
    const char *const revoke[] = {"revoke", "session", SID_ANNA, NULL};
    assert_int_equal(answer(s, revoke, "do it? [y/N]", "\r", "nothing was done"), 1);
    assert_int_equal(answer(s, revoke, "do it? [y/N]", "n\r", "nothing was done"), 1);
    stage_untouched(s);
    assert_int_equal(answer(s, revoke, "do it? [y/N]", "y\r", "done: "), 0);
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA), 0);
}

static void verb__wants_the_count_typed__when_many_things_are_hit(void **state)
{
    struct server *s = *state;
    const char *const invalidate[] = {"invalidate", "exam:*", NULL};
    assert_int_equal(answer(s, invalidate, "type 30 to go on", "y\r", "30"), 1);
    assert_int_equal(answer(s, invalidate, "type 30 to go on", "\r", "nothing was done"), 1);
    stage_untouched(s);
    assert_int_equal(answer(s, invalidate, "type 30 to go on", "30\r", "deleted 30 of 30"), 0);
    assert_int_equal(stage_number(s, 0, "EXISTS exam:1"), 0);
}

/* --- the journal --- */

static size_t count_events(const char *journal, const char *event, const char *action)
{
    size_t count = 0;
    for (const char *line = journal; *line;) {
        json_error_t error;
        json_t *root = json_loads(line, JSON_DISABLE_EOF_CHECK, &error);
        if (!root) {
            fail_msg("no JSON line: %.200s", line);
        }
        assert_non_null(json_string_value(json_object_get(root, "at")));
        assert_non_null(strchr(json_string_value(json_object_get(root, "who")), '@'));
        assert_non_null(json_string_value(json_object_get(root, "where")));
        assert_true(json_is_integer(json_object_get(root, "pid")));
        count += strcmp(json_string_value(json_object_get(root, "event")), event) == 0 &&
                 strcmp(json_string_value(json_object_get(root, "action")), action) == 0;
        json_decref(root);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return count;
}

static void journal__has_plan_confirmation_receipt_and_end_without_a_whole_session_id(void **state)
{
    struct server *s = *state;
    expect_result(VERB(s, "--yes", "revoke", "user", "7"), "2\n");
    struct ran r = VERB(s, "--read-only", "revoke", "session", SID_MAREK);
    ran_free(&r);
    struct stat info;
    assert_int_equal(stat(JOURNAL, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    char *journal = stage_read(JOURNAL);
    assert_int_equal(count_events(journal, "plan", "revoke user"), 1);
    assert_int_equal(count_events(journal, "confirm", "revoke user"), 1);
    assert_int_equal(count_events(journal, "receipt", "revoke user"), 2);
    assert_int_equal(count_events(journal, "finish", "revoke user"), 1);
    assert_null(strstr(journal, SID_ANNA));
    assert_null(strstr(journal, SID_ANNA_2));
    assert_null(strstr(journal, "AAAA1111"));
    free(journal);

    char path[256];
    snprintf(path, sizeof path, "%s", stage_path("elsewhere.journal"));
    r = VERB(s, "--yes", "enqueue", "test", "--journal", path);
    assert_ran(&r, 0, "done");
    ran_free(&r);
    journal = stage_read(path);
    assert_int_equal(count_events(journal, "receipt", "enqueue"), 1);
    free(journal);
}

static void action__goes_on_and_says_so__when_the_journal_cannot_be_written(void **state)
{
    struct server *s = *state;
    stage_write(stage_path("precious"), "precious\n");
    struct ran r = VERB(s, "--yes", "enqueue", "test", "--journal", stage_path("precious/journal"));
    assert_ran(&r, 0, "warning: journal folder");
    assert_ran(&r, 0, stage_path("precious"));
    ran_free(&r);
    /* A symbolic link is not followed, and not written through. */
    char link[256];
    snprintf(link, sizeof link, "%s", stage_path("link.journal"));
    assert_int_equal(symlink(stage_path("precious"), link), 0);
    r = VERB(s, "--yes", "enqueue", "test", "--journal", link);
    assert_ran(&r, 0, "symbolic link");
    ran_free(&r);
    char *text = stage_read(stage_path("precious"));
    assert_string_equal(text, "precious\n");
    free(text);
}

/* --- the outcome is unknown --- */

static void verb__ends_with_4__when_the_server_dies_between_sending_and_reply(void **state)
{
    static const struct {
        const char *command;
        bool deliver;
        const char *argv[4];
    } table[] = {
        {"LPUSH", true, {"enqueue", "test", "message=lost"}},
        {"EXEC", true, {"revoke", "session", SID_ANNA}},
        {"UNLINK\r\n", false, {"invalidate", "leaderboard:*"}},
    };
    struct server *s = *state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct proxy *p = proxy_losing(s, table[i].command, table[i].deliver);
        const char *words[8] = {NULL};
        size_t n = 0;
        for (; n < COUNT_OF(table[i].argv) && table[i].argv[n]; n++) {
            words[n] = table[i].argv[n];
        }
        words[n++] = "--yes";
        words[n++] = "-u";
        words[n++] = proxy_url(p);
        struct ran r = stage_run(words, NULL, NULL);
        assert_ran(&r, 4, "unknown");
        assert_null(strstr(r.err, "done: "));
        ran_free(&r);
        proxy_stop(p);
    }
    char *journal = stage_read(JOURNAL);
    assert_non_null(strstr(journal, "\"outcome\": \"unknown\""));
    free(journal);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(enqueue__prints_the_id_of_a_message_in_the_routes_queue),
        LIVE(enqueue__takes_any_task_with_json_queue_and_countdown),
        LIVE(revoke_session__takes_key_and_index_entry),
        LIVE(revoke_user__finds_the_session_that_the_index_misses),
        LIVE(revoke_task__fails__when_no_worker_hears_it),
        LIVE(invalidate__deletes_what_matches_and_spares_sessions_and_queues),
        LIVE(result__prints_what_celery_stored),
        LIVE(result__tells_where_a_task_is_that_has_not_ended),
        LIVE(verb__sends_nothing__with_dry_run),
        LIVE(verb__sends_nothing__with_read_only),
        LIVE(verb__sends_nothing__without_a_terminal_and_without_yes),
        cmocka_unit_test(verb__ends_with_1__when_redis_cannot_be_reached),
        LIVE(verb__asks_on_a_terminal_and_takes_y_alone),
        LIVE(verb__wants_the_count_typed__when_many_things_are_hit),
        LIVE(journal__has_plan_confirmation_receipt_and_end_without_a_whole_session_id),
        LIVE(action__goes_on_and_says_so__when_the_journal_cannot_be_written),
        LIVE(verb__ends_with_4__when_the_server_dies_between_sending_and_reply),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
