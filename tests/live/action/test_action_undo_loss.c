/* Undo while the connection is lost: nothing goes from what is kept before it is known to be there again. */
#include "stage.h"

#include <stdio.h>

#include "redai/base/clock.h"

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

static void add_many(struct stage *s, int count, int user)
{
    for (int i = 0; i < count; i++) {
        stage_do(s, "SET session:%03d-many-sessions {\"user_id\":%d,\"role\":\"student\"} EX 5000", i, user);
        stage_do(s, "SADD user:%d:sessions %03d-many-sessions", user, i);
    }
    stage_do(s, "EXPIRE user:%d:sessions 8000", user);
}

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

/* What is sent behind the plan stays without a reply until the link gives up. */
static void fall_asleep(struct stage *s)
{
    server_pause(s->server);
    ev_now_update(s->loop);
    ev_timer_init(&awake, wake_up, ASLEEP_S, 0.);
    awake.data = s;
    ev_timer_start(s->loop, &awake);
    s->at_plan = NULL;
}

static void undo__loses_nothing_from_the_bin__when_the_reply_never_comes(void **state)
{
    (void)state;
    struct stage *s = stage_new_impatient(IMPATIENT_US);
    struct bin_row row;
    stage_keep(s, NULL);
    stage_do(s, "SET exam:1 one");
    stage_do(s, "SET exam:2 two");
    stage_order(s, "invalidate exam:*");
    stage_assert_end(s, ACTION_DONE, "deleted 2 of 2");
    s->at_plan = fall_asleep;
    stage_order(s, "undo");
    /* the bytes had left: they were carried out when it woke, or went with the connection */
    assert_true(s->outcome == ACTION_UNKNOWN || s->outcome == ACTION_FAILED);
    assert_true(bin_at(s->options.bin, 0, &row));
    assert_int_equal(row.count, 2);
    stage_wait(s, stage_is_ready);
    stage_order(s, "undo");
    assert_true(s->outcome == ACTION_CHANGED || s->outcome == ACTION_DONE);
    assert_int_equal(stage_int(s, "EXISTS exam:1 exam:2"), 2);
    stage_free(s);
}

/* Strikes when the answers of the first group are in and its index entries are under way. */
struct striker {
    struct stage *s;
    ev_prepare watcher;
    bool begun, struck, kill; /* kill: the server, not the connection */
};

static void strike(struct ev_loop *loop, ev_prepare *watcher, int events)
{
    struct striker *k = watcher->data;
    size_t pending = link_pending(k->s->act);
    (void)loop;
    (void)events;
    if (runner_state(k->s->runner) != RUNNER_RUNNING || k->struck) {
        return;
    }
    k->begun = k->begun || pending >= 50;
    if (k->begun && pending > 0 && pending <= 4) {
        k->struck = true;
        if (k->kill) {
            server_kill(k->s->server);
        } else {
            stage_do(k->s, "CLIENT KILL TYPE normal");
        }
    }
}

static void undo_and_lose(struct stage *s, bool kill)
{
    struct striker k = {.s = s, .kill = kill};
    add_many(s, 150, 7);
    stage_order(s, "revoke user 7");
    ev_prepare_init(&k.watcher, strike);
    k.watcher.data = &k;
    ev_prepare_start(s->loop, &k.watcher);
    stage_order(s, "undo");
    ev_prepare_stop(s->loop, &k.watcher);
    assert_true(k.struck);
}

static void undo__writes_the_index_on_the_next_connection__when_one_is_lost(void **state)
{
    struct stage *s = *state;
    undo_and_lose(s, false);
    stage_assert_end(s, ACTION_FAILED, "put back 100 of 150: 50 left, the connection was lost");
    assert_int_equal(s->told[0].outcome, ACTION_DONE);
    assert_int_equal(stage_int(s, "SCARD user:7:sessions"), 100);
    stage_order(s, "undo");
    stage_assert_end(s, ACTION_DONE, "put back 50 of 50");
    assert_int_equal(stage_int(s, "SCARD user:7:sessions"), 150);
}

static void undo__does_not_know_the_entries__when_no_connection_comes_back(void **state)
{
    struct stage *s = *state;
    undo_and_lose(s, true);
    assert_int_equal(s->told[0].outcome, ACTION_UNKNOWN);
    assert_string_equal(s->told[0].text, "put back; whether its index names it could not be read back");
    assert_non_null(strstr(s->text, "; whether their index names 100 of them could not be read back"));
    assert_null(strstr(s->text, "failed"));
    assert_true(server_restart(s->server));
}

static void revoke__keeps_only_what_is_known_to_be_gone__when_the_reply_never_comes(void **state)
{
    (void)state;
    struct stage *s = stage_new_impatient(IMPATIENT_US);
    stage_keep(s, NULL);
    add_many(s, 1, 7);
    s->at_plan = fall_asleep;
    stage_order(s, "revoke session 000-many-sessions");
    assert_int_not_equal(s->outcome, ACTION_REFUSED);
    assert_int_equal(bin_count(s->options.bin), 0);
    stage_free(s);
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(undo__writes_the_index_on_the_next_connection__when_one_is_lost),
        TEST(undo__does_not_know_the_entries__when_no_connection_comes_back),
        cmocka_unit_test(undo__loses_nothing_from_the_bin__when_the_reply_never_comes),
        cmocka_unit_test(revoke__keeps_only_what_is_known_to_be_gone__when_the_reply_never_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
