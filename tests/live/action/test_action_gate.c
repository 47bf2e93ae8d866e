/* The one gate: what is refused sends nothing at all, and a dry run sends nothing but its look-ups. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *line, *refusal;
} orders[] = {
    {"enqueue test", "read-only: enqueue is refused"},
    {"enqueue batch", "read-only: enqueue is refused"},
    {"revoke session abc", "read-only: revoke session is refused"},
    {"revoke user 7", "read-only: revoke user is refused"},
    {"revoke task 1", "read-only: revoke task is refused"},
    {"revoke task 1 --terminate", "read-only: revoke task is refused"},
    {"revoke task 1 --remove", "read-only: revoke task is refused"},
    {"worker ping", "read-only: worker is refused"},
    {"events on", "read-only: worker is refused"},
    {"worker shutdown --on worker1@demo", "read-only: worker is refused"},
    {"invalidate exam:*", "read-only: invalidate is refused"},
    {"notifications on", "read-only: notifications on is refused"},
};

static int set_up(void **state)
{
    struct stage *s = stage_new(NULL);
    stage_do(s, "SET session:abc {\"user_id\":7}");
    stage_do(s, "SADD user:7:sessions abc");
    stage_do(s, "SET exam:1 x");
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    stage_free(*state);
    return 0;
}

static char *journal_text(struct stage *s)
{
    char *text = calloc(1, 65536);
    FILE *f = fopen(s->journal_path, "r");
    assert_non_null(f);
    assert_true(fread(text, 1, 65535, f) > 0);
    fclose(f);
    return text;
}

/* MONITOR hides CONFIG, so the setting itself is looked at. */
static void assert_setting_untouched(struct stage *s)
{
    char *value = server_cli(s->server, "CONFIG", "GET", "notify-keyspace-events", NULL);
    assert_string_equal(value, "notify-keyspace-events\n");
    free(value);
}

static void runner__sends_nothing__when_it_is_read_only(void **state)
{
    struct stage *s = *state;
    stage_options(s, true, false);
    stage_watch(s);
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        stage_refused(s, orders[i].line, orders[i].refusal);
        assert_int_equal(runner_state(s->runner), RUNNER_IDLE);
    }
    char *heard = stage_heard(s);
    assert_string_equal(heard, "");
    free(heard);
    assert_setting_untouched(s);
    char *journal = journal_text(s);
    assert_non_null(strstr(journal,
                           "\"event\": \"refused\", \"action\": \"revoke user\", \"outcome\": \"refused\", "
                           "\"text\": \"read-only: revoke user is refused\"}\n"));
    free(journal);
}

static void runner__asks_for_the_role_and_nothing_else__on_a_replica(void **state)
{
    static const char *const line[] = {"REPLICAOF 127.0.0.1 1", "CONFIG SET replica-read-only no"};
    struct stage *s = *state;
    for (size_t k = 0; k < COUNT_OF(line); k++) {
        stage_do(s, "%s", line[k]);
        stage_watch(s);
        for (size_t i = 0; i < COUNT_OF(orders); i++) {
            stage_order(s, orders[i].line);
            assert_false(s->planned);
            stage_assert_end(s, ACTION_REFUSED,
                             k == 0
                                 ? "this is a replica, read-only: redis://127.0.0.1:1/0 is its master "
                                   "(127.0.0.1:1)"
                                 : "this is a replica, what it is told is lost: redis://127.0.0.1:1/0 is its "
                                   "master (127.0.0.1:1)");
            assert_null(s->out);
        }
        char *heard = stage_heard(s);
        assert_string_equal(heard, "");
        assert_int_equal(s->gate_asked, COUNT_OF(orders));
        free(heard);
    }
    stage_do(s, "REPLICAOF NO ONE");
    stage_watch(s);
    stage_order(s, "invalidate exam:1");
    stage_assert_end(s, ACTION_DONE, "deleted 1 of 1");
    free(stage_heard(s));
    assert_int_equal(s->gate_asked, 1); /* its answer is fresh enough for the confirmation at once */
}

static void runner__changes_nothing__when_it_is_a_dry_run(void **state)
{
    static const char *const changing[] = {"LPUSH",   "UNLINK", "SREM",    "DEL\"",
                                           "PUBLISH", "EXPIRE", "\"SET\"", "EXEC\"\n\"UNLINK"};
    struct stage *s = *state;
    stage_options(s, false, true);
    stage_watch(s);
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        stage_order(s, orders[i].line);
        assert_true(s->planned);
        assert_int_equal(s->count, 0);
        stage_assert_end(s, ACTION_DONE, "dry run: nothing was changed");
        assert_null(s->out);
    }
    char *heard = stage_heard(s);
    for (size_t i = 0; i < COUNT_OF(changing); i++) {
        assert_null(strstr(heard, changing[i]));
    }
    free(heard);
    assert_setting_untouched(s);
}

static void runner__refuses_a_second_order__when_one_is_under_way(void **state)
{
    struct stage *s = *state;
    struct err err = {0};
    s->ask_only = true;
    stage_order(s, "revoke session abc");
    assert_int_equal(runner_state(s->runner), RUNNER_ASKING);
    assert_non_null(runner_plan(s->runner));
    struct order o;
    order_init(&o, VERB_NOTIFICATIONS);
    assert_false(runner_order(s->runner, &o, &err));
    assert_string_equal(err.text, "busy: revoke session is still under way");
    order_release(&o);
    runner_cancel(s->runner);
    stage_assert_end(s, ACTION_REFUSED, "cancelled: nothing was done");
    assert_null(runner_plan(s->runner));
    assert_int_equal(stage_int(s, "EXISTS session:abc"), 1);
    assert_false(runner_confirm(s->runner, NULL, &err));
    assert_string_equal(err.text, "there is nothing to confirm");
}

static void runner__writes_each_step_down__when_an_order_is_carried_out(void **state)
{
    struct stage *s = *state;
    stage_order(s, "invalidate exam:*");
    char *journal = journal_text(s);
    const char *plan =
        strstr(journal, "\"event\": \"plan\", \"action\": \"invalidate\", \"text\": \"invalidate exam:*: 1 "
                        "key (1)\"}\n");
    assert_non_null(plan);
    const char *confirm =
        strstr(plan, "\"event\": \"confirm\", \"action\": \"invalidate\", \"text\": \"y\"}\n");
    assert_non_null(confirm);
    const char *receipt =
        strstr(confirm, "\"event\": \"receipt\", \"action\": \"invalidate\", \"subject\": \"exam:*\", "
                        "\"outcome\": \"done\", \"text\": \"deleted 1 of 1\"}\n");
    assert_non_null(receipt);
    assert_non_null(
        strstr(receipt, "\"event\": \"finish\", \"action\": \"invalidate\", \"outcome\": \"done\", \"text\": "
                        "\"deleted 1 of 1\"}\n"));
    free(journal);
}

static void runner__says_that_nothing_was_written_down__when_the_journal_is_full(void **state)
{
    struct stage *s = *state;
    struct err err = {0};
    journal_close(s->journal);
    s->journal = journal_open("/dev/full", "redis://test:6379/0", &err);
    assert_non_null(s->journal);
    stage_options(s, false, false);
    stage_order(s, "invalidate exam:*");
    stage_assert_plan(s, "this cannot be written down: journal \"/dev/full\": No space left on device\n");
    stage_assert_end(s, ACTION_DONE,
                     "deleted 1 of 1; not in the journal: journal \"/dev/full\": No space left on device");
    journal_close(s->journal);
    s->journal = NULL;
    stage_options(s, false, false);
    stage_order(s, "notifications on");
    stage_assert_plan(s, "there is no journal: this will not be written down\n");
    assert_int_equal(s->outcome, ACTION_DONE);
}

static void assert_counts_as_the_server(struct stage *s)
{
    int64_t hits, misses;
    runner_own_reads(s->runner, &hits, &misses);
    char *info = server_cli(s->server, "INFO", "stats", NULL);
    const char *at = strstr(info, "keyspace_hits:");
    assert_non_null(at);
    assert_int_equal(hits, strtoll(at + strlen("keyspace_hits:"), NULL, 10));
    at = strstr(info, "keyspace_misses:");
    assert_int_equal(misses, strtoll(at + strlen("keyspace_misses:"), NULL, 10));
    free(info);
}

static void runner__counts_its_own_look_ups__when_it_plans(void **state)
{
    struct stage *s = *state;
    stage_do(s, "CONFIG RESETSTAT");
    stage_order(s, "revoke session abc nobody");
    assert_counts_as_the_server(s);
}

/* A SCAN by type looks at every key that matches, and the server counts each as a hit. */
static void runner__counts_its_own_look_ups__when_it_walks_by_type(void **state)
{
    struct stage *s = *state;
    int64_t hits, misses;
    for (int i = 0; i < 100; i++) {
        stage_do(s, "SET exam:walk:%d x", i);
    }
    stage_do(s, "LPUSH exam:walk:list x");
    stage_do(s, "SET other x");
    stage_options(s, false, true);
    stage_do(s, "CONFIG RESETSTAT");
    stage_order(s, "invalidate exam:walk:*");
    stage_assert_plan(s, "exam:walk:*: 100 keys\n");
    runner_own_reads(s->runner, &hits, &misses);
    assert_int_equal(hits, 101);
    assert_counts_as_the_server(s);
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(runner__sends_nothing__when_it_is_read_only),
        TEST(runner__asks_for_the_role_and_nothing_else__on_a_replica),
        TEST(runner__changes_nothing__when_it_is_a_dry_run),
        TEST(runner__refuses_a_second_order__when_one_is_under_way),
        TEST(runner__writes_each_step_down__when_an_order_is_carried_out),
        TEST(runner__says_that_nothing_was_written_down__when_the_journal_is_full),
        TEST(runner__counts_its_own_look_ups__when_it_plans),
        TEST(runner__counts_its_own_look_ups__when_it_walks_by_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
