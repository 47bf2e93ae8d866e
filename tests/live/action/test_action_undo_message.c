/* Undo of messages: what a purge or a removal takes out of its list goes back to where it is taken next. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"
#include "redai/base/mem.h"

#include "redai/schema/message.h"

static int set_up(void **state)
{
    struct stage *s = stage_new(NULL);
    stage_keep(s, NULL);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    stage_free(*state);
    return 0;
}

/* As the platform's producer does: a message that a worker could run. */
static void push(struct stage *s, const char *list, int first, int count)
{
    redisContext *redis = server_connect(s->server);
    assert_non_null(redis);
    for (int i = first; i < first + count; i++) {
        char id[40], args[32];
        struct err err = {0};
        UT_string element;
        snprintf(id, sizeof id, "00000000-0000-4000-8000-%012d", i);
        snprintf(args, sizeof args, "[\"number %d\"]", i);
        utstring_init(&element);
        const struct task_spec spec = {.task = "api.tasks.test_redis_task",
                                       .id = id,
                                       .args = args,
                                       .queue = "celery",
                                       .eta_wall_us = -1,
                                       .expires_wall_us = -1,
                                       .origin = "test",
                                       .delivery_tag = id};
        if (!message_encode(&spec, &element, &err)) {
            fail_msg("%s", err.text);
        }
        freeReplyObject(redisCommand(redis, "LPUSH %s %b", list, utstring_body(&element),
                                     (size_t)utstring_len(&element)));
        utstring_done(&element);
    }
    redisFree(redis);
}

static char *whole(struct stage *s, const char *list)
{
    return server_cli(s->server, "LRANGE", list, "0", "-1", NULL);
}

static void undo__puts_all_messages_back_in_their_order__when_a_queue_was_purged(void **state)
{
    struct stage *s = *state;
    push(s, "celery", 0, 1100); /* three slices */
    push(s,
         "celery\x06\x16"
         "3",
         0, 2);
    char *before = whole(s, "celery");
    stage_order(s, "purge celery");
    stage_assert_plan(s, "undo: kept for 15 min, 1102 messages, ");
    stage_assert_end(s, ACTION_DONE, "purge celery: 1102 messages removed");
    assert_int_equal(stage_int(s, "DBSIZE"), 0);
    push(s, "celery", 2000, 1);
    while (stage_int(s, "LLEN celery") > 0) {
        stage_do(s, "RPOP celery");
    }
    struct bin_row row;
    assert_true(bin_at(s->options.bin, 0, &row));
    assert_int_equal(row.count, 1102);
    s->quiet = true;
    stage_order(s, "undo");
    stage_assert_plan(s, "messages go to the end that is taken next");
    stage_assert_end(s, ACTION_DONE, "put back 1102 of 1102");
    char *after = whole(s, "celery");
    assert_string_equal(before, after);
    assert_int_equal(stage_int(s, "LLEN celery\x06\x16"
                                  "3"),
                     2);
    free(before);
    free(after);
}

static void stop_now(struct stage *s, int64_t done)
{
    if (runner_state(s->runner) == RUNNER_RUNNING && done > 0) {
        runner_stop(s->runner);
    }
}

static void purge__keeps_what_went__when_it_is_stopped_between_slices(void **state)
{
    struct stage *s = *state;
    struct bin_row row;
    push(s, "celery", 0, 700);
    s->at_progress = stop_now;
    stage_order(s, "purge celery");
    s->at_progress = NULL;
    assert_int_equal(s->outcome, ACTION_REFUSED);
    long long left = stage_int(s, "LLEN celery");
    assert_true(left > 0 && left < 700);
    assert_true(bin_at(s->options.bin, 0, &row));
    assert_int_equal(row.count, 700 - left);
    s->quiet = true;
    stage_order(s, "undo");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_int_equal(stage_int(s, "LLEN celery"), 700);
    char *next = server_cli(s->server, "LINDEX", "celery", "-1", NULL);
    assert_non_null(strstr(next, "00000000-0000-4000-8000-000000000000"));
    free(next);
}

static void push_more(struct stage *s)
{
    push(s, "celery", 9000, 3);
}

static void purge__keeps_no_newer_message__when_producers_push_on(void **state)
{
    struct stage *s = *state;
    push(s, "celery", 0, 600);
    s->at_plan = push_more;
    stage_order(s, "purge celery");
    s->at_plan = NULL;
    stage_assert_end(s, ACTION_DONE, "purge celery: 600 messages removed; 3 came meanwhile and wait");
    s->quiet = true;
    stage_order(s, "undo");
    stage_assert_end(s, ACTION_DONE, "put back 600 of 600");
    assert_int_equal(stage_int(s, "LLEN celery"), 603);
}

static void undo__puts_the_message_back__when_it_was_removed(void **state)
{
    struct stage *s = *state;
    stage_order(s, "enqueue test message=one");
    char *first = mem_strdup(s->out);
    stage_order(s, "enqueue test message=two");
    char line[256];
    char *before = whole(s, "celery");
    snprintf(line, sizeof line, "remove %s", first);
    stage_order(s, line);
    stage_assert_plan(s, "undo: kept for 15 min, 1 message, ");
    stage_assert_plan(s, "count    1 (can be undone)\n");
    assert_int_equal(s->outcome, ACTION_DONE);
    assert_int_equal(stage_int(s, "LLEN celery"), 1);
    stage_order(s, "undo");
    stage_assert_plan(s, "RPUSH celery <its ");
    stage_assert_end(s, ACTION_DONE, "the message waits again");
    char *after = whole(s, "celery");
    assert_string_equal(before, after);
    free(before);
    free(after);
    mem_free(first);
}

static void undo__puts_no_poison_back__when_a_worker_would_exit_on_it(void **state)
{
    struct stage *s = *state;
    stage_do(s, "RPUSH celery poison");
    stage_order(s, "purge celery");
    assert_int_equal(s->outcome, ACTION_DONE);
    stage_order(s, "undo");
    stage_assert_end(s, ACTION_REFUSED, "undo: a worker that takes this message exits: it is not put back");
    assert_int_equal(stage_int(s, "EXISTS celery"), 0);
}

static void undo__says_that_workers_remember__when_a_task_was_revoked_and_removed(void **state)
{
    struct stage *s = *state;
    char line[256];
    stage_order(s, "enqueue test message=one");
    snprintf(line, sizeof line, "revoke task %s --remove", s->out);
    stage_order(s, line);
    stage_assert_plan(s, "undo puts messages back; workers that hear this revoke drop them all the same");
    assert_int_equal(stage_int(s, "LLEN celery"), 0);
    stage_order(s, "undo");
    stage_assert_plan(s, "workers that heard the revocation drop these tasks when they come");
    stage_assert_end(s, ACTION_DONE, "the message waits again");
    assert_int_equal(stage_int(s, "LLEN celery"), 1);
}

/* --- the connection is lost --- */

/* Long enough for what a slow machine answers, and not for who sleeps. */
#define IMPATIENT_US (1500 * US_PER_MS)
#define ASLEEP_S     4.5
static ev_timer awake;
static void wake_up(struct ev_loop *loop, ev_timer *timer, int events)
{
    struct stage *s = timer->data;
    (void)loop;
    (void)events;
    server_resume(s->server);
}

static void fall_asleep(struct stage *s)
{
    server_pause(s->server);
    ev_now_update(s->loop);
    ev_timer_init(&awake, wake_up, ASLEEP_S, 0.);
    awake.data = s;
    ev_timer_start(s->loop, &awake);
    s->at_plan = NULL;
}

static void undo__warns_of_running_it_twice__when_an_earlier_reply_never_came(void **state)
{
    (void)state;
    struct stage *s = stage_new_impatient(IMPATIENT_US);
    stage_keep(s, NULL);
    push(s, "celery", 0, 1);
    stage_order(s, "purge celery");
    assert_int_equal(s->outcome, ACTION_DONE);
    s->at_plan = fall_asleep;
    stage_order(s, "undo");
    assert_null(strstr(utstring_body(&s->plan), "runs twice"));
    stage_assert_end(s, ACTION_UNKNOWN, "the reply never came");
    stage_wait(s, stage_is_ready);
    stage_order(s, "undo");
    stage_assert_plan(s, "1 was put back before and the reply never came");
    stage_free(s);
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(undo__puts_all_messages_back_in_their_order__when_a_queue_was_purged),
        TEST(purge__keeps_what_went__when_it_is_stopped_between_slices),
        TEST(purge__keeps_no_newer_message__when_producers_push_on),
        TEST(undo__puts_the_message_back__when_it_was_removed),
        cmocka_unit_test(undo__warns_of_running_it_twice__when_an_earlier_reply_never_came),
        TEST(undo__puts_no_poison_back__when_a_worker_would_exit_on_it),
        TEST(undo__says_that_workers_remember__when_a_task_was_revoked_and_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
