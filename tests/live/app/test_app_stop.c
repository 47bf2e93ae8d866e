/* Stopped and continued, by whom and as often as it may be; a terminal that others have written on; and a
 * shell that has the terminal meanwhile. */
#include "seat.h"
#include "support/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "redai/base/clock.h"

enum { ROUNDS = 50, LOOK_MS = 500 };

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

static void stop(struct pty *p)
{
    pty_signal(p, SIGSTOP);
    assert_true(pty_wait_stopped(p, WAIT_MS));
}

static bool is_raw(const struct pty *p)
{
    struct termios modes = pty_modes(p);
    return !(modes.c_lflag & (ICANON | ECHO | ISIG)) && !(modes.c_oflag & OPOST);
}

static bool has_taken_it(struct pty *p, void *text)
{
    return is_raw(p) && pty_alternate_screen(p) && strstr(pty_screen_text(p), text);
}

/* What a shell makes of the terminal that it was left with, and a person of the screen. */
static void play_shell(struct pty *p, const struct termios *cooked)
{
    pty_set_modes(p, cooked);
    pty_scribble(p, S("\r\n[1]+  Stopped   redai-console\r\n$ vi notes\r\n"
                      "\033[?1049h\033[2J\033[?25h\033[5;10r\033[4h\033[1;7m\033(0\033[?2004l"
                      "lorem ipsum\033[?1049l\033[?1l\033>$ fg\r\n"));
}

static void keys__typed_while_it_was_stopped_are_not_for_it(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, "x", ": do it");
    for (int i = 0; i < ROUNDS; i++) {
        stop(p);
        pty_send(p, "y"); /* into the shell, or at a screen that seems to hang */
        pty_send(p, "yy\r");
        pty_signal(p, SIGCONT);
        seat_key(p, "\014");
        pty_settle(p);
        seat_see(p, ": do it");
    }
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_ANNA_2), 2);
    pty_signal(p, SIGTSTP);
    assert_true(pty_wait_stopped(p, WAIT_MS));
    pty_send(p, "y\r");
    pty_signal(p, SIGCONT);
    seat_see(p, ": do it");
    pty_settle(p);
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_ANNA_2), 2);
    seat_leave(p, ": do it");
    seat_quit(p);
}

static void screen__is_taken_again__after_a_stop_from_outside(void **state)
{
    struct server *s = *state;
    struct pty *blank = pty_start((const char *[]){"true", NULL}, NULL, 24, 80);
    assert_non_null(blank);
    struct termios cooked = pty_modes(blank);
    pty_stop(blank);
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, "z", "FROZEN"); /* so that the picture stays the same but for the way it came */
    pty_settle(p);
    char *before = mem_strdup(seat_below(p));
    for (int i = 0; i < ROUNDS; i++) {
        stop(p);
        if (i % 5 == 0) {
            play_shell(p, &cooked);
        }
        pty_signal(p, SIGCONT);
        if (!pty_wait(p, has_taken_it, (void *)(uintptr_t) "FROZEN", WAIT_MS)) {
            fail_msg("round %d: raw %d, alternate %d\n%s", i, is_raw(p), pty_alternate_screen(p),
                     pty_screen_text(p));
        }
        int x, y;
        bool visible;
        pty_settle(p);
        pty_cursor(p, &x, &y, &visible);
        assert_false(visible);
        if (strcmp(before, seat_below(p)) != 0) {
            fail_msg("round %d: another picture\n%s", i, pty_screen_text(p));
        }
    }
    mem_free(before);
    seat_key(p, "z");
    seat_see_gone(p, "FROZEN");
    seat_quit(p);
}

static void data__is_stale_and_then_fresh__after_a_long_stop(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    stop(p);
    int64_t until = clock_mono_us() + 4 * US_PER_S; /* three refresh times make it stale */
    while (clock_mono_us() < until) {
        free(stage_ask(s, 0, "PING"));
        pty_settle(p);
    }
    stage_session(s, "RRRR0001-renate-token-kept-a", 21, "Renate Neu", "admin", true);
    pty_forget_raw(p);
    pty_signal(p, SIGCONT);
    assert_true(pty_wait_raw(p, "stale", WAIT_MS)); /* the first picture says it */
    seat_see(p, "Renate Neu");
    seat_see_gone(p, "stale");
    seat_quit(p);
}

/* --- others write --- */

static void repaint__heals_what_others_wrote(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, "z", "FROZEN");
    pty_settle(p);
    char *before = mem_strdup(seat_below(p));
    static const char *const scribbles[] = {
        "\r\n\aBroadcast message from root@db1 (pts/3) (Thu Nov 26 03:12:44 2026):\r\n\r\nreboot at four\r\n",
        "\033[2J\033[Hgone",
        "\033[5;10r\033[?6h\033[4h\033[7m\033[?7l", /* region, origin, insert, reverse, no wrap */
        "\033[?1049l back in the shell's screen",
        "\016\033(0lqqqk\033[?25h",
        "\033]2;half a title and no end",
        "\033P half a string",
        "\033[38;5",
    };
    for (size_t i = 0; i < COUNT_OF(scribbles); i++) {
        pty_scribble(p, span_of(scribbles[i]));
        pty_forget_raw(p);
        seat_key(p, "\014");
        assert_true(pty_wait_raw(p, "\033[?2004h", WAIT_MS));
        pty_settle(p);
        if (strcmp(before, seat_below(p)) != 0 || !pty_alternate_screen(p)) {
            fail_msg("not healed: %zu\n%s", i, pty_screen_text(p));
        }
    }
    mem_free(before);
    seat_key(p, "z");
    seat_see_gone(p, "FROZEN");
    seat_quit(p);
}

/* --- a real shell with jobs --- */

static bool shell_has_it(struct pty *p, void *ctx)
{
    (void)ctx;
    return !is_raw(p) && !pty_alternate_screen(p);
}

/* The shell's job is stopped; a program that has only just begun says "Running" for a moment. */
static bool says_stopped(struct pty *p)
{
    int64_t until = clock_mono_us() + WAIT_MS * US_PER_MS;
    bool stopped = false;
    while (!stopped && clock_mono_us() < until) {
        seat_key(p, "\rclear; jobs\r");
        stopped = pty_wait_text(p, "Stopped", LOOK_MS);
    }
    return stopped;
}

static void background_job__leaves_the_terminal_to_the_shell(void **state)
{
    struct server *s = *state;
    char line[400];
    struct pty *p =
        pty_start((const char *[]){"bash", "--norc", "-i", NULL}, ENV("PS1=ready> ", "HISTFILE="), 24, 80);
    assert_non_null(p);
    seat_see(p, "ready>");
    snprintf(line, sizeof line, "%s %s &\r", PROGRAM, server_url(s, 0));
    seat_key(p, line); /* begun in the background */
    seat_see(p, "[1]");
    assert_true(says_stopped(p));
    assert_true(shell_has_it(p, NULL));
    seat_do(p, "clear; fg\r", "Zofia Zak");
    assert_true(pty_alternate_screen(p));
    for (int i = 0; i < 3; i++) {
        pty_settle(p);
        seat_key(p, "\032");
        assert_true(pty_wait(p, shell_has_it, NULL, WAIT_MS));
        seat_see(p, "ready>");
        seat_key(p, "clear; bg\r");
        pty_settle(p);
        assert_true(says_stopped(p)); /* again: it does not paint over the shell */
        assert_true(shell_has_it(p, NULL));
        seat_do(p, "clear; echo still $((6 * 7))\r", "still 42");
        seat_do(p, "clear; fg\r", "Zofia Zak");
        assert_true(pty_alternate_screen(p));
    }
    pty_settle(p);
    seat_key(p, "q");
    assert_true(pty_wait(p, shell_has_it, NULL, WAIT_MS));
    seat_do(p, "echo code $?\r", "code 0");
    seat_key(p, "exit\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_stop(p);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(keys__typed_while_it_was_stopped_are_not_for_it),
        LIVE(screen__is_taken_again__after_a_stop_from_outside),
        LIVE(data__is_stale_and_then_fresh__after_a_long_stop),
        LIVE(repaint__heals_what_others_wrote),
        LIVE(background_job__leaves_the_terminal_to_the_shell),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
