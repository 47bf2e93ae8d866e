/* The verbs about messages and workers, from the shell: what they do in Redis, what they print where, and how
 * they end. No worker is there. */
#include "stage.h"
#include "support/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

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

/* --- what they do not do --- */

static const char *const orders[][4] = {
    {"remove", TASK_ONE, NULL, NULL},
    {"purge", "celery", NULL, NULL},
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
        {{"move", TASK_ONE}, "move", "--queue"},
        {{"move", TASK_ONE, "--queue", ""}, "--queue", "name of a queue"},
        {{"purge", ""}, "purge", "empty"},
        {{"enqueue", "test", "message=x", "--eta", "soon"}, "soon", "2026-"},
        {{"enqueue", "test", "message=x", "--expires", "late"}, "late", "5m"},
        {{"enqueue", "test", "message=x", "--priority", "11"}, "11", "0 to 9"},
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
        cmocka_unit_test_setup_teardown(move__puts_the_message_into_the_other_queue, set_up, tear_down),
        cmocka_unit_test_setup_teardown(purge__drops_every_priority, set_up, tear_down),
        cmocka_unit_test_setup_teardown(requeue__puts_back_what_no_worker_has, set_up, tear_down),
        cmocka_unit_test_setup_teardown(verbs__change_nothing__without_consent, set_up, tear_down),
        cmocka_unit_test(verbs__name_the_word_that_is_wrong),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
