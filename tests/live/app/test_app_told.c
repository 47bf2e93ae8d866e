/* What the console says while things go wrong under a person's hands: a server that hangs behind an order,
 * goes under a question, is flushed; a paste that says quit; another console beside it. */
#include "seat.h"
#include "support/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"

static struct server *server;

static int set_up(void **state)
{
    (void)state;
    server = stage_server(NULL);
    stage_session(server, SID_ANNA, 7, "Anna", "student", true);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    server_stop(server);
    return 0;
}

static struct pty *open_console(void)
{
    const char *const more[] = {"--journal", stage_path("journal-told"), NULL};
    struct pty *p = seat_open(server, seat_small, more, NULL);
    seat_see(p, "Anna");
    return p;
}

static void server_that_hangs_behind_y__is_said_at_once(void **state)
{
    (void)state;
    struct pty *p = open_console();
    seat_do(p, "x", "y: do it");
    server_pause(server);
    seat_do(p, "y", "revoke session: no answer for ");
    seat_see(p, "may still happen");
    server_resume(server);
    seat_see(p, "done: revoked");
    seat_not(p, "no answer for");
    seat_quit(p);
}

static void server_that_goes_under_a_question__leaves_nothing_to_answer(void **state)
{
    (void)state;
    struct pty *p = open_console();
    seat_do(p, "x", "y: do it");
    server_kill(server);
    seat_see(p, "there is nothing to answer any more");
    seat_see(p, "was done"); /* nothing, in the line before */
    seat_not(p, "y: do it");
    seat_key(p, "y");
    seat_see_gone(p, "there is nothing to answer any more");
    seat_see(p, "failed: the connection was lost"); /* it stays below, and gets its time */
    seat_see(p, "(said at ");
    assert_true(server_restart(server));
    seat_quit(p);
}

static void plan_that_comes_late__takes_no_keys(void **state)
{
    (void)state;
    struct pty *p = open_console();
    server_pause(server);
    seat_do(p, "x", "nothing was done yet");
    seat_do(p, "/", "Enter keep");
    seat_do(p, "an", "/an");
    server_resume(server);
    seat_see(p, ":plan shows it");
    seat_key(p, "y"); /* into the filter */
    seat_see(p, "any");
    seat_key(p, "\033");
    assert_int_equal(stage_number(server, 0, "EXISTS session:" SID_ANNA), 1);
    seat_do(p, ":plan\r", "y: do it");
    seat_do(p, "y", "done: revoked");
    seat_quit(p);
}

static void paste_that_is_not_marked__does_not_quit(void **state)
{
    (void)state;
    static const char *const pastes[] = {"quick", "faq", "a query of the queue"};
    for (size_t i = 0; i < sizeof pastes / sizeof pastes[0]; i++) {
        struct pty *p = open_console();
        pty_send(p, pastes[i]);
        pty_settle(p);
        assert_false(pty_wait_exit(p, 200)); /* ten times as long as a key is waited for */
        pty_send(p, "\003");
        assert_true(pty_wait_exit(p, 10000));
        pty_stop(p);
    }
}

static void flush__is_said_and_walked_at_once(void **state)
{
    (void)state;
    char command[64];
    for (int i = 0; i < 40; i++) {
        snprintf(command, sizeof command, "SET exam:%d x EX 1000", i);
        stage_do(server, 0, command);
    }
    struct pty *p = open_console();
    seat_see(p, "exam");
    stage_do(server, 0, "FLUSHALL");
    seat_see(p, "most keys went at once");
    seat_see(p, "no sessions");
    seat_see(p, "cache 0 keys");
    seat_quit(p);
}

static void another_console__makes_the_hit_rate_unknown(void **state)
{
    (void)state;
    struct pty *p = open_console();
    stage_do(server, 0, "GET session:" SID_ANNA);
    seat_see(p, "hit 100");
    struct pty *other = open_console();
    seat_see(p, "hit ?");
    seat_quit(other);
    seat_quit(p);
}

static void read_only__says_by_what(void **state)
{
    (void)state;
    const char *const more[] = {"--read-only", NULL};
    struct pty *p = seat_open(server, seat_large, more, NULL);
    seat_see(p, "Anna");
    seat_do(p, "x", "is refused: read-only (--read-only)");
    seat_do(p, ":pane info\r", "Esc back");
    seat_do(p, "G", "read-only: --read-only");
    seat_leave(p, "read-only: --read-only");
    seat_quit(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(server_that_hangs_behind_y__is_said_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(server_that_goes_under_a_question__leaves_nothing_to_answer, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(plan_that_comes_late__takes_no_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(paste_that_is_not_marked__does_not_quit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(flush__is_said_and_walked_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_console__makes_the_hit_rate_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(read_only__says_by_what, set_up, tear_down),
    };
    server_require();
    stage_isolate();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
