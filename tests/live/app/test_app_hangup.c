/* The terminal goes away: closed, its ssh gone with everything unread, its hang-up ignored. The program ends
 * at once, says in the journal what it does not know, and leaves nothing behind. */
#include "process.h"
#include "seat.h"
#include "support/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/clock.h"

enum { AT_ONCE_MS = 3000 /* on a loaded machine; seen: a few */ };

static int set_up(void **state)
{
    static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", NULL};
    *state = stage_server(quiet);
    stage_fill(*state);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

/* Closes the terminal and gives waitpid's status of the program; it must do so by itself, soon, and idle
 * until then. */
static int hung_up(struct pty *p, const char *what)
{
    int64_t begun = clock_mono_us(), cpu = process_cpu_us(p);
    pty_hang_up(p);
    if (!pty_wait_exit(p, WAIT_MS)) {
        fail_msg("%s: it goes on, after %lld ms of CPU", what, (long long)(process_cpu_us(p) - cpu) / 1000);
    }
    int64_t ms = (clock_mono_us() - begun) / 1000;
    int status = pty_stop(p);
    print_message("%s: ended after %lld ms, %s %d\n", what, (long long)ms,
                  WIFEXITED(status) ? "exit" : "signal",
                  WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    assert_true(ms < AT_ONCE_MS);
    return status;
}

/* No core, nothing half done, and the exit code that says why. */
static void assert_gone(int status)
{
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 128 + SIGHUP);
}

/* script: what a shell does, with the program as $0 and the URL as $1. */
static struct pty *through_shell(struct server *s, const char *script)
{
    const char *const argv[] = {"sh", "-c", script, PROGRAM, server_url(s, 0), NULL};
    struct pty *p = pty_start(argv, NULL, 24, 80);
    assert_non_null(p);
    seat_see(p, "Zofia Zak");
    return p;
}

/* Only the test itself is still connected. */
static void assert_nobody_left(struct server *s)
{
    int64_t until = clock_mono_us() + WAIT_MS * US_PER_MS;
    for (;;) {
        char *list = stage_ask(s, 0, "CLIENT LIST");
        bool alone = strstr(list, "name=redai-console") == NULL && strchr(list, '\n') == strrchr(list, '\n');
        if (!alone && clock_mono_us() > until) {
            fail_msg("still connected: %s", list);
        }
        free(list);
        if (alone) {
            return;
        }
    }
}

static void program__ends_at_once__when_the_terminal_is_closed(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    assert_gone(hung_up(p, "closed"));
    p = seat_full(s, seat_small, NULL);
    seat_do(p, "x", ": do it");
    assert_gone(hung_up(p, "closed with a question open"));
    p = through_shell(s, "\"$0\" \"$1\"; exit 7");
    hung_up(p, "closed under a shell"); /* the shell's own end is by the signal */
    assert_nobody_left(s);
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_ANNA_2), 2);
}

static void program__ends_at_once__when_its_hang_up_is_not_heard(void **state)
{
    struct server *s = *state;
    struct pty *p = through_shell(s, "trap '' HUP; exec \"$0\" \"$1\""); /* as after nohup */
    assert_gone(hung_up(p, "closed, SIGHUP ignored"));
    p = through_shell(s, "trap '' HUP; exec setsid -w \"$0\" \"$1\""); /* a terminal that controls nobody */
    assert_gone(hung_up(p, "closed, in a session of its own"));
    assert_nobody_left(s);
}

static void program__ends_at_once__when_the_line_is_full_and_then_gone(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, (struct seat_size){100, 300}, NULL);
    seat_fill(p);
    assert_gone(hung_up(p, "full and closed"));
    assert_nobody_left(s);
}

static void journal__says_that_the_end_is_unknown__when_an_action_was_under_way(void **state)
{
    struct server *s = *state;
    const char *journal = stage_path("hung-up.jsonl");
    unlink(journal);
    struct pty *p = seat_full(s, seat_small, (const char *const[]){"--journal", journal, NULL});
    seat_do(p, ":enqueue test message=late\r", ": do it");
    server_pause(s);
    seat_key(p, "y");
    seat_see_gone(p, ": do it");
    assert_gone(hung_up(p, "closed with an action under way"));
    server_resume(s);
    char *text = stage_read(journal);
    assert_non_null(text);
    char *last = text;
    for (char *at = text; (at = strchr(at, '\n')) && at[1];) {
        last = ++at;
    }
    if (!strstr(last, "unknown")) {
        fail_msg("the journal ends in: %s", last);
    }
    free(text);
    assert_nobody_left(s);
}

static void list_of_answers__goes_with_the_console(void **state)
{
    struct server *s = *state;
    free(server_cli(s, "SADD", "_kombu.binding.celery.pidbox", "\x06\x16\x06\x16w1@QZnode.celery.pidbox",
                    NULL));
    struct pty *p = seat_full(s, seat_small, NULL);
    int64_t until = clock_mono_us() + WAIT_MS * US_PER_MS;
    bool made = false;
    while (!made) {
        char *keys = stage_ask(s, 0, "KEYS redai-console.reply.*");
        made = strstr(keys, "redai-console.reply.") != NULL;
        free(keys);
        pty_read(p);
        assert_true(clock_mono_us() < until);
    }
    pty_settle(p);
    assert_gone(hung_up(p, "closed with a list of answers"));
    assert_true(stage_wait(s, 0, "KEYS redai-console.reply.*", ""));
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(program__ends_at_once__when_the_terminal_is_closed),
        LIVE(program__ends_at_once__when_its_hang_up_is_not_heard),
        LIVE(program__ends_at_once__when_the_line_is_full_and_then_gone),
        LIVE(journal__says_that_the_end_is_unknown__when_an_action_was_under_way),
        LIVE(list_of_answers__goes_with_the_console),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
