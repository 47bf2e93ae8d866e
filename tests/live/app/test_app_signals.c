/* However it is ended from outside, and whenever: the terminal is given back first. */
#include "seat.h"
#include "support/unit.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "redai/base/clock.h"

static const int deadly[] = {SIGTERM, SIGHUP,  SIGINT,  SIGQUIT,   SIGSEGV, SIGABRT,
                             SIGBUS,  SIGFPE,  SIGILL,  SIGSYS,    SIGTRAP, SIGXCPU,
                             SIGXFSZ, SIGALRM, SIGUSR1, SIGVTALRM, SIGPROF, SIGUSR2};

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

/* It has ended, as the signal says or by the exit code for it, and the terminal is a shell's. */
static void assert_ended(struct pty *p, int number, const char *when)
{
    if (!pty_wait_exit(p, WAIT_MS)) {
        fail_msg("signal %d %s: it goes on", number, when);
    }
    print_message("signal %d %s\n", number, when);
    seat_assert_restored(p);
    int status = pty_stop(p);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), number);
        assert_false(WCOREDUMP(status));
    } else { /* a sanitizer may end it by a code of its own */
        assert_int_not_equal(WEXITSTATUS(status), 0);
    }
}

static void terminal__is_given_back__with_a_question_open(void **state)
{
    struct server *s = *state;
    for (size_t i = 0; i < COUNT_OF(deadly); i++) {
        struct pty *p = seat_open(s, seat_small, NULL, NULL);
        seat_see(p, "Zofia Zak");
        if (i % 2) {
            seat_do(p, "x", ": do it");
        } else {
            seat_do(p, ":revoke", "Esc cancel"); /* with the cursor shown */
        }
        pty_signal(p, deadly[i]);
        assert_ended(p, deadly[i], "with a question open");
    }
}

/* In the middle of a frame: the terminal has taken a part of it and holds the rest up. */
static void terminal__is_given_back__in_the_middle_of_a_frame(void **state)
{
    struct server *s = *state;
    static const int some[] = {SIGSEGV, SIGABRT, SIGTERM, SIGQUIT, SIGHUP};
    for (size_t i = 0; i < COUNT_OF(some); i++) {
        struct pty *p = seat_open(s, seat_large, NULL, NULL);
        seat_see(p, "Zofia Zak");
        seat_fill(p);
        pty_signal(p, some[i]);
        assert_ended(p, some[i], "in the middle of a frame");
    }
}

static bool is_zombie_or_gone(struct pty *p)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)pty_pid(p), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

/* Nobody reads any more: the modes come back all the same, and soon. */
static void modes__are_given_back__to_a_terminal_that_takes_nothing(void **state)
{
    struct server *s = *state;
    static const int some[] = {SIGSEGV, SIGTERM};
    for (size_t i = 0; i < COUNT_OF(some); i++) {
        struct pty *p = seat_open(s, seat_large, NULL, NULL);
        seat_see(p, "Zofia Zak");
        seat_fill(p);
        int64_t begun = clock_mono_us();
        pty_signal(p, some[i]);
        while (!is_zombie_or_gone(p)) {
            assert_true(clock_mono_us() - begun < 10 * US_PER_S);
            poll(NULL, 0, 10);
        }
        print_message("signal %d, stalled: ended after %lld ms\n", some[i],
                      (long long)(clock_mono_us() - begun) / 1000);
        struct termios modes = pty_modes(p);
        assert_true((modes.c_lflag & ICANON) && (modes.c_lflag & ECHO) && (modes.c_oflag & OPOST));
        pty_stop(p);
    }
}

static void terminal__is_given_back__at_any_moment_of_the_start(void **state)
{
    struct server *s = *state;
    enum { MOMENTS = 60 };
    for (int i = 0; i < MOMENTS; i++) {
        struct pty *p = seat_open(s, seat_small, NULL, NULL);
        poll(NULL, 0, i / 2);
        int number = deadly[(size_t)i % COUNT_OF(deadly)];
        pty_signal(p, number);
        assert_ended(p, number, "at the start");
    }
}

static void terminal__is_given_back__when_it_ends_by_itself_at_the_same_time(void **state)
{
    struct server *s = *state;
    enum { MOMENTS = 30 };
    for (int i = 0; i < MOMENTS; i++) {
        struct pty *p = seat_open(s, seat_small, NULL, NULL);
        seat_see(p, "Zofia Zak");
        seat_key(p, "q");
        poll(NULL, 0, i % 3);
        pty_signal(p, i % 2 ? SIGTERM : SIGHUP);
        assert_true(pty_wait_exit(p, WAIT_MS));
        seat_assert_restored(p);
        pty_stop(p);
    }
}

static void terminal__stays_the_shells__when_it_ends_while_stopped(void **state)
{
    struct server *s = *state;
    static const int some[] = {SIGTERM, SIGHUP, SIGSEGV, SIGQUIT, SIGABRT};
    for (size_t i = 0; i < COUNT_OF(some); i++) {
        struct pty *p = seat_open(s, seat_small, NULL, NULL);
        seat_see(p, "Zofia Zak");
        pty_signal(p, SIGTSTP);
        assert_true(pty_wait_stopped(p, WAIT_MS));
        seat_assert_restored(p);
        pty_signal(p, some[i]);
        pty_signal(p, SIGCONT);
        assert_ended(p, some[i], "while stopped");
    }
}

static void program__goes_on__when_a_pipe_breaks(void **state)
{
    struct pty *p = seat_open(*state, seat_small, NULL, NULL);
    seat_see(p, "Zofia Zak");
    pty_signal(p, SIGPIPE);
    seat_do(p, "?", "help: sessions");
    seat_leave(p, "help: sessions");
    seat_quit(p);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(terminal__is_given_back__with_a_question_open),
        LIVE(terminal__is_given_back__in_the_middle_of_a_frame),
        LIVE(modes__are_given_back__to_a_terminal_that_takes_nothing),
        LIVE(terminal__is_given_back__at_any_moment_of_the_start),
        LIVE(terminal__is_given_back__when_it_ends_by_itself_at_the_same_time),
        LIVE(terminal__stays_the_shells__when_it_ends_while_stopped),
        LIVE(program__goes_on__when_a_pipe_breaks),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
