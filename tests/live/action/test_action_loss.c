/* The connection or the server goes away in the middle: nothing is called done that was not seen to be done.
 */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

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

/* The server reads nothing any more, so what is sent behind the confirmation stays without a reply; then it
 * is killed. */
struct killer {
    struct stage *s;
    ev_prepare watcher;
    size_t least; /* commands in flight that make it strike */
    bool struck;
};

static void pause_now(struct stage *s)
{
    server_pause(s->server);
}

static void strike(struct ev_loop *loop, ev_prepare *watcher, int events)
{
    (void)events;
    struct killer *k = watcher->data;
    if (!k->struck && runner_state(k->s->runner) == RUNNER_RUNNING && link_pending(k->s->act) >= k->least) {
        k->struck = true;
        /* One more turn, so that the bytes have left. */
        ev_run(loop, EVRUN_NOWAIT);
        server_kill(k->s->server);
    }
}

static void arm(struct killer *k, struct stage *s, size_t least)
{
    *k = (struct killer){.s = s, .least = least};
    ev_prepare_init(&k->watcher, strike);
    k->watcher.data = k;
    ev_prepare_start(s->loop, &k->watcher);
    s->at_plan = pause_now;
}

static void enqueue__is_unknown__when_the_server_dies_before_its_reply(void **state)
{
    struct stage *s = *state;
    struct killer k;
    arm(&k, s, 1);
    stage_order(s, "enqueue test");
    ev_prepare_stop(s->loop, &k.watcher);
    assert_true(k.struck);
    assert_int_equal(s->outcome, ACTION_UNKNOWN);
    assert_non_null(
        strstr(s->text, "the reply never came and it could not be looked for: it may run or not; look for "));
    assert_non_null(s->out);
    assert_true(server_restart(s->server));
}

/* An order about a message that waits, with the server gone when so many commands are under way. */
static void lose(struct stage *s, const char *format, size_t least)
{
    struct killer k;
    char line[256];
    stage_order(s, "enqueue test");
    snprintf(line, sizeof line, "%s %s%s", format, s->out, strcmp(format, "move") ? "" : " --queue special");
    arm(&k, s, least);
    stage_order(s, line);
    ev_prepare_stop(s->loop, &k.watcher);
    assert_true(k.struck);
    assert_true(server_restart(s->server));
}

static void remove__is_unknown__when_the_server_dies_before_its_reply(void **state)
{
    struct stage *s = *state;
    lose(s, "remove", 1);
    assert_int_equal(s->outcome, ACTION_UNKNOWN);
    assert_non_null(strstr(s->text, "the reply never came"));
    assert_string_equal(s->out, "0");
}

static void move__did_nothing__when_the_server_dies_before_the_transaction(void **state)
{
    struct stage *s = *state;
    lose(s, "move", 3);
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(s->text, "not sent: the connection was lost"));
}

static void purge__did_nothing__when_the_server_dies_before_the_transaction(void **state)
{
    struct stage *s = *state;
    struct killer k;
    stage_order(s, "enqueue test");
    arm(&k, s, 4);
    stage_order(s, "purge celery");
    ev_prepare_stop(s->loop, &k.watcher);
    assert_true(k.struck);
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(s->text, "not sent: the connection was lost"));
    assert_true(server_restart(s->server));
}

static void revoke_session__is_unknown__when_the_server_dies_before_its_reply(void **state)
{
    struct stage *s = *state;
    struct killer k;
    stage_do(s, "SET session:abcdefgh {\"user_id\":7}");
    stage_do(s, "SET session:ijklmnop {\"user_id\":7}");
    arm(&k, s, 8);
    stage_order(s, "revoke session abcdefgh ijklmnop");
    ev_prepare_stop(s->loop, &k.watcher);
    assert_int_equal(stage_told(s, "abcdef~")->outcome, ACTION_UNKNOWN);
    assert_string_equal(stage_told(s, "ijklmn~")->text, "the reply never came");
    stage_assert_end(s, ACTION_UNKNOWN, "revoked 0 sessions: 2 unknown");
    assert_true(server_restart(s->server));
}

static void invalidate__is_unknown_for_what_was_sent_only__when_the_server_dies(void **state)
{
    struct stage *s = *state;
    struct killer k;
    for (int i = 0; i < 250; i++) {
        stage_do(s, "SET exam:%d x", i);
    }
    arm(&k, s, 1);
    stage_order(s, "invalidate exam:*");
    ev_prepare_stop(s->loop, &k.watcher);
    stage_assert_end(
        s, ACTION_UNKNOWN,
        "deleted 0 of 250: 100 unknown (the reply never came), 150 not sent (the connection was lost)");
    assert_true(server_restart(s->server));
}

/* The server is held until the console gives its connection up, and then goes on: it carries out what it was
 * sent, but its reply finds nobody. What became of it is read back on the next connection. */
static void resume(struct ev_loop *loop, ev_prepare *watcher, int events)
{
    (void)loop;
    (void)events;
    struct killer *k = watcher->data;
    if (!k->struck && runner_state(k->s->runner) == RUNNER_RUNNING && !link_is_ready(k->s->act)) {
        k->struck = true;
        server_resume(k->s->server);
    }
}

static int set_up_impatient(void **state)
{
    *state = stage_new_impatient(INT64_C(1500000));
    return 0;
}

static void order_with_lost_reply(struct stage *s, const char *line)
{
    struct killer k = {.s = s};
    ev_prepare_init(&k.watcher, resume);
    k.watcher.data = &k;
    ev_prepare_start(s->loop, &k.watcher);
    s->at_plan = pause_now;
    stage_order(s, line);
    s->at_plan = NULL;
    ev_prepare_stop(s->loop, &k.watcher);
    assert_true(k.struck);
    stage_wait(s, stage_is_ready);
}

static void enqueue__finds_the_message_again__when_only_the_reply_was_lost(void **state)
{
    struct stage *s = *state;
    order_with_lost_reply(s, "enqueue test");
    stage_assert_end(s, ACTION_DONE, "queued in celery at position 1 (the reply was lost; it was found)");
    assert_int_equal(stage_int(s, "LLEN celery"), 1);
}

static void revoke_session__sees_that_it_is_gone__when_only_the_reply_was_lost(void **state)
{
    struct stage *s = *state;
    stage_do(s, "SET session:abcdefgh {\"user_id\":7}");
    order_with_lost_reply(s, "revoke session abcdefgh");
    stage_assert_end(s, ACTION_DONE, "gone (the reply was lost; read back)");
    assert_string_equal(stage_told(s, "abcdef~")->text, "gone (the reply was lost; read back)");
}

static void invalidate__counts_what_is_seen_to_be_gone__when_only_the_reply_was_lost(void **state)
{
    struct stage *s = *state;
    for (int i = 0; i < 150; i++) {
        stage_do(s, "SET exam:%d x", i);
    }
    order_with_lost_reply(s, "invalidate exam:*");
    stage_assert_end(s, ACTION_FAILED, "deleted 100 of 150: 50 not sent (the connection was lost)");
    assert_int_equal(stage_int(s, "DBSIZE"), 50);
}

static void order__is_refused__when_there_is_no_connection(void **state)
{
    struct stage *s = *state;
    struct order o;
    struct err err = {0};
    server_kill(s->server);
    while (link_is_ready(s->act)) {
        ev_run(s->loop, EVRUN_ONCE);
    }
    order_init(&o, VERB_NOTIFICATIONS);
    assert_false(runner_order(s->runner, &o, &err));
    assert_int_equal(err.code, ERR_NETWORK);
    assert_non_null(strstr(err.text, "not connected: "));
    order_release(&o);
    assert_true(server_restart(s->server));
}

static void kill_and_go_on(struct stage *s, int64_t done)
{
    if (done > 0 && runner_state(s->runner) == RUNNER_PLANNING) {
        server_kill(s->server);
    }
}

static void planning__ends_as_failed__when_the_connection_is_lost(void **state)
{
    struct stage *s = *state;
    for (int i = 0; i < 3000; i++) {
        stage_do(s, "SET exam:%d x", i);
    }
    s->at_progress = kill_and_go_on;
    stage_order(s, "invalidate exam:*");
    assert_false(s->planned);
    assert_int_equal(s->outcome, ACTION_FAILED);
    assert_non_null(strstr(s->text, "the connection was lost while looking up ("));
    assert_non_null(strstr(s->text, "): nothing was done"));
    assert_true(server_restart(s->server));
}

static void runner__tells_a_running_order_as_unknown__when_it_is_freed(void **state)
{
    struct stage *s = *state;
    struct err err = {0};
    s->ask_only = true;
    stage_order(s, "enqueue test");
    assert_true(runner_confirm(s->runner, NULL, &err));
    runner_free(s->runner);
    s->runner = NULL;
    stage_assert_end(s, ACTION_UNKNOWN, "the console ended before the replies came");
    /* Answers that are still owed find nobody. */
    ev_run(s->loop, EVRUN_NOWAIT);
}

int main(void)
{
    server_require();
#define TEST(name)      cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define IMPATIENT(name) cmocka_unit_test_setup_teardown(name, set_up_impatient, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(enqueue__is_unknown__when_the_server_dies_before_its_reply),
        TEST(remove__is_unknown__when_the_server_dies_before_its_reply),
        TEST(move__did_nothing__when_the_server_dies_before_the_transaction),
        TEST(purge__did_nothing__when_the_server_dies_before_the_transaction),
        TEST(revoke_session__is_unknown__when_the_server_dies_before_its_reply),
        TEST(invalidate__is_unknown_for_what_was_sent_only__when_the_server_dies),
        IMPATIENT(enqueue__finds_the_message_again__when_only_the_reply_was_lost),
        IMPATIENT(revoke_session__sees_that_it_is_gone__when_only_the_reply_was_lost),
        IMPATIENT(invalidate__counts_what_is_seen_to_be_gone__when_only_the_reply_was_lost),
        TEST(order__is_refused__when_there_is_no_connection),
        TEST(planning__ends_as_failed__when_the_connection_is_lost),
        TEST(runner__tells_a_running_order_as_unknown__when_it_is_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
