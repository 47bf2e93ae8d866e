/* Purging a queue: what was counted goes, in all its priority lists; what came later, and what workers hold,
 * stays. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

#define SEP "\x06\x16"

static int set_up(void **state)
{
    *state = stage_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    stage_free(*state);
    return 0;
}

static void push(struct stage *s, const char *key, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        stage_do(s, "LPUSH %s {\"headers\":{\"task\":\"t.%d\",\"id\":\"%d\"}}", key, i, i);
    }
}

static void push_more(struct stage *s)
{
    push(s, "celery", 100, 2);
    push(s, "celery" SEP "9", 200, 1);
}

static void purge__removes_what_was_counted__when_producers_push_on(void **state)
{
    struct stage *s = *state;
    push(s, "celery", 0, 3);
    push(s, "celery" SEP "3", 10, 2);
    push(s, "celery" SEP "9", 20, 1);
    push(s, "other", 30, 1);
    stage_do(s,
             "HSET unacked tag "
             "[{\"headers\":{\"task\":\"t\",\"id\":\"x\",\"eta\":\"2030-01-01T00:00:00\"}},\"\",\"celery\"]");
    s->at_plan = push_more;
    stage_order(s, "purge celery");
    stage_assert_plan(s, "plan     purge celery: 6 messages\n");
    stage_assert_plan(s, "count    6 (cannot be undone)\n");
    stage_assert_plan(s, "what     celery: 6 wait (3 at priority 0, 2 at priority 3, 1 at priority 9)\n");
    stage_assert_plan(s, "1 message in flight of this queue stay: workers hold them\n");
    stage_assert_plan(s, "1 of them are held until their time (eta), and run then\n");
    stage_assert_plan(s, "no worker has a mailbox");
    stage_assert_plan(s, "confirm  type 6\n");
    stage_assert_end(s, ACTION_DONE, "purge celery: 6 messages removed; 3 came meanwhile and wait");
    assert_string_equal(s->out, "6");
    assert_int_equal(stage_int(s, "LLEN celery"), 2);
    assert_int_equal(stage_int(s, "LLEN celery" SEP "3"), 0);
    assert_int_equal(stage_int(s, "LLEN celery" SEP "9"), 1);
    assert_int_equal(stage_int(s, "LLEN other"), 1);
    assert_int_equal(stage_int(s, "HLEN unacked"), 1);
}

static void take_and_push(struct stage *s)
{
    push(s, "celery", 100, 2);
    stage_do(s, "RPOP celery");
    stage_do(s, "RPOP celery");
}

static void purge__leaves_newer_messages__when_workers_took_some(void **state)
{
    struct stage *s = *state;
    push(s, "celery", 0, 5);
    s->at_plan = take_and_push;
    stage_order(s, "purge celery");
    stage_assert_end(
        s, ACTION_DONE,
        "purge celery: 3 messages removed; 2 had gone since it was counted; 2 came meanwhile and wait");
    assert_int_equal(stage_int(s, "LLEN celery"), 2);
    char *newest = server_cli(s->server, "LINDEX", "celery", "-1", NULL);
    assert_non_null(strstr(newest, "t.100"));
    free(newest);
}

static void take_all(struct stage *s)
{
    stage_do(s, "DEL celery");
    push(s, "celery", 100, 1);
}

static void purge__touches_nothing__when_all_that_was_counted_is_gone(void **state)
{
    struct stage *s = *state;
    push(s, "celery", 0, 2);
    s->at_plan = take_all;
    stage_order(s, "purge celery");
    stage_assert_end(
        s, ACTION_GONE,
        "purge celery: 0 messages removed; 2 had gone since it was counted; 1 came meanwhile and wait");
    assert_int_equal(stage_int(s, "LLEN celery"), 1);
}

static void purge__asks_nothing__when_nothing_waits(void **state)
{
    struct stage *s = *state;
    stage_order(s, "purge celery");
    assert_false(s->planned);
    stage_assert_end(s, ACTION_GONE, "purge: nothing waits in celery");
}

static void purge__refuses__when_the_key_is_no_list(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET celery x");
    stage_order(s, "purge celery");
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(s->text, "WRONGTYPE"));
    char *value = server_cli(s->server, "GET", "celery", NULL);
    assert_string_equal(value, "x");
    free(value);
}

static void purge__tells_each_queue__when_there_are_several(void **state)
{
    struct stage *s = *state;
    push(s, "celery", 0, 2);
    push(s, "questions", 0, 1);
    stage_order(s, "purge celery questions celery idle");
    stage_assert_plan(s, "plan     purge 3 queues: 3 messages\n");
    assert_int_equal(s->count, 3);
    assert_string_equal(stage_told(s, "celery")->text, "2 messages removed");
    assert_string_equal(stage_told(s, "questions")->text, "1 message removed");
    assert_int_equal(stage_told(s, "idle")->outcome, ACTION_GONE);
    stage_assert_end(s, ACTION_DONE, "purge: 3 messages removed from 3 queues");
}

static void purge__wants_the_count_typed__when_it_is_one(void **state)
{
    struct stage *s = *state;
    struct err err = {0};
    push(s, "celery", 0, 1);
    s->ask_only = true;
    stage_order(s, "purge celery");
    assert_false(runner_confirm(s->runner, NULL, &err));
    assert_int_equal(stage_int(s, "LLEN celery"), 1);
}

static void purge__leaves_its_reads_out_of_the_hit_rate__when_it_looks(void **state)
{
    struct stage *s = *state;
    int64_t hits, misses;
    push(s, "celery", 0, 2);
    stage_do(s, "CONFIG RESETSTAT");
    stage_order(s, "purge celery");
    runner_own_reads(s->runner, &hits, &misses);
    char *info = server_cli(s->server, "INFO", "stats", NULL);
    assert_int_equal(hits, strtoll(strstr(info, "keyspace_hits:") + 14, NULL, 10));
    assert_int_equal(misses, strtoll(strstr(info, "keyspace_misses:") + 16, NULL, 10));
    free(info);
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(purge__removes_what_was_counted__when_producers_push_on),
        TEST(purge__leaves_newer_messages__when_workers_took_some),
        TEST(purge__touches_nothing__when_all_that_was_counted_is_gone),
        TEST(purge__asks_nothing__when_nothing_waits),
        TEST(purge__refuses__when_the_key_is_no_list),
        TEST(purge__tells_each_queue__when_there_are_several),
        TEST(purge__wants_the_count_typed__when_it_is_one),
        TEST(purge__leaves_its_reads_out_of_the_hit_rate__when_it_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
