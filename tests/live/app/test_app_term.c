/* Terminals of every name, and none: what works draws the right picture, what cannot says why and ends
 * with 2. */
#include "scan.h"
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct server *server;

static int set_up(void **state)
{
    (void)state;
    static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", NULL};
    server = stage_server(quiet);
    stage_fill(server);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    server_stop(server);
    return 0;
}

static void end(struct pty *p)
{
    pty_settle(p);
    seat_key(p, "q");
    assert_true(pty_wait_exit(p, WAIT_MS));
    struct termios modes = pty_modes(p);
    assert_true((modes.c_lflag & ICANON) && (modes.c_lflag & ECHO) && (modes.c_oflag & OPOST));
    int status = pty_stop(p);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* The virtual terminal speaks what all of these are descriptions of, so the picture must be whole. */
static void picture__is_right__whatever_TERM_says(void **state)
{
    (void)state;
    static char longest[10010] = "TERM=";
    memset(longest + 5, 'x', 10000);
    stage_write(stage_path("rubbish"), "\x1a\x01 this is no description of a terminal");
    char rubbish[300];
    snprintf(rubbish, sizeof rubbish, "TERMINFO=%s", stage_path("rubbish"));
    const char *const kinds[][3] = {
        {"TERM=vt100"},
        {"TERM=linux"},
        {"TERM=screen"},
        {"TERM=screen-256color"},
        {"TERM=tmux"},
        {"TERM=tmux-256color"},
        {"TERM=xterm"},
        {"TERM=xterm-256color"},
        {"TERM=unknown"},
        {"TERM=no-such-thing"},
        {"TERM=../../etc/passwd"},
        {"TERM=/dev/null"},
        {longest},
        {"TERM=\033[2Jx"},
        {"TERM=%s%n%s"},
        {"TERM="},
        {"TERM"},
        {"TERMINFO=/dev/null", "TERMINFO_DIRS=/nowhere"},
        {"TERMINFO=/nowhere", "TERM=xterm-256color"},
        {rubbish, "TERM=screen"},
        {"COLUMNS=0", "LINES=-7"},
        {"COLUMNS=99999999999999999999", "LINES=nonsense"},
    };
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct pty *p = seat_open(server, seat_small, NULL, kinds[i]);
        seat_see(p, "Zofia Zak");
        seat_see(p, "leaderboard");
        seat_see(p, "5 alerts");
        if (seat_row(p, "1 sessions") != 1 || seat_row(p, "? help") != 23) {
            fail_msg("%.60s\n%s", kinds[i][0], pty_screen_text(p));
        }
        seat_do(p, "?", "help: sessions");
        seat_leave(p, "help: sessions");
        seat_do(p, "\t", "i invalidate");
        end(p);
    }
}

/* One line that says what is wrong and what to do instead, on the terminal or in err; exit 2. */
static void assert_refused(const char *const argv[], const char *const env[], const char *why)
{
    struct pty *p = pty_start(argv, env, 24, 80);
    assert_non_null(p);
    if (!pty_wait_raw(p, why, WAIT_MS) || !pty_wait_raw(p, "snapshot", WAIT_MS)) {
        fail_msg("not said: %s\n%s", why, pty_screen_text(p));
    }
    assert_true(pty_wait_exit(p, WAIT_MS));
    seat_assert_restored(p);
    int status = pty_stop(p);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
}

static void dumb_terminal__is_told_so(void **state)
{
    (void)state;
    assert_refused(CONSOLE(server_url(server, 0)), ENV("TERM=dumb"),
                   "TERM=dumb: the console needs a terminal that can place the cursor");
}

/* script: with the program as $0 and the URL as $1. */
static void shell_refuses(const char *script, const char *why)
{
    assert_refused((const char *[]){"sh", "-c", script, PROGRAM, server_url(server, 0), NULL}, NULL, why);
}

static void stream_that_is_no_terminal__is_named(void **state)
{
    (void)state;
    shell_refuses("exec \"$0\" \"$1\" </dev/null", "standard input is no terminal");
    shell_refuses("echo q | \"$0\" \"$1\"", "standard input is no terminal");
    shell_refuses("exec \"$0\" \"$1\" <&-", "standard input is no terminal");
    shell_refuses("exec \"$0\" \"$1\" >/dev/null", "standard output is no terminal");
    shell_refuses("exec \"$0\" \"$1\" >&-", "standard output is no terminal");
    shell_refuses("exec 3>&1; (\"$0\" \"$1\" 3>&-; echo $? >&3) | cat; exit 2",
                  "standard output is no terminal");
    shell_refuses("exec \"$0\" \"$1\" <&- >&-", "standard input is no terminal");
    struct pty *p = pty_start(
        (const char *[]){"sh", "-c", "exec \"$0\" \"$1\" <&- >&- 2>&-", PROGRAM, server_url(server, 0), NULL},
        NULL, 24, 80);
    assert_true(pty_wait_exit(p, WAIT_MS)); /* nobody to tell */
    int status = pty_stop(p);
    assert_int_equal(WEXITSTATUS(status), 2);
}

/* The next descriptor that is opened would be 2, and what is meant for a person would go to Redis. */
static void closed_stderr__is_not_taken_for_a_connection(void **state)
{
    (void)state;
    struct pty *p = pty_start(
        (const char *[]){"sh", "-c", "exec \"$0\" \"$1\" 2>&-", PROGRAM, server_url(server, 0), NULL}, NULL,
        24, 80);
    char link[64], target[128] = "";
    assert_non_null(p);
    seat_see(p, "Zofia Zak");
    snprintf(link, sizeof link, "/proc/%d/fd/2", pty_pid(p));
    ssize_t n = readlink(link, target, sizeof target - 1);
    if (n > 0) { /* where one may look */
        assert_string_equal(target, "/dev/null");
    }
    end(p);
    struct ran r = stage_run((const char *const[]){"no-such-subcommand", NULL}, NULL, NULL);
    assert_int_equal(r.code, 2);
    ran_free(&r);
}

static void output_that_cannot_be_written__is_no_success(void **state)
{
    (void)state;
    char line[300];
    snprintf(line, sizeof line, "%s snapshot %s >&-", PROGRAM, server_url(server, 0));
    int status = system(line); /* NOLINT(cert-env33-c): the shell is what closes it */
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), 0);
}

static void letters__are_what_the_locale_can(void **state)
{
    (void)state;
    static const struct {
        const char *env[4];
        bool ascii;
    } table[] = {
        {{"LC_ALL=C", NULL}, true},
        {{"LC_ALL=POSIX", NULL}, true},
        {{"LC_ALL=xx_YY", NULL}, true}, /* one that is not there, and does not speak of UTF-8 */
        {{"LC_ALL", "LC_CTYPE", "LANG", NULL}, true},
        {{"LC_ALL=", "LANG=C", NULL}, true},
        {{"LC_ALL=xx_YY.UTF-8", NULL}, false},
        {{"LC_ALL=", "LC_CTYPE=pl_PL.utf8", NULL}, false},
        {{"LC_ALL=C.UTF-8", NULL}, false},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct pty *p = seat_open(server, seat_large, NULL, table[i].env);
        seat_see(p, "Zofia Zak");
        pty_settle(p);
        const char *found = scan_terminal(pty_raw_bytes(p), true);
        if (table[i].ascii ? found != NULL : found == NULL || scan_terminal(pty_raw_bytes(p), false)) {
            fail_msg("%s: %s", table[i].env[0], found ? found : "ASCII");
        }
        end(p);
    }
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(picture__is_right__whatever_TERM_says),
        LIVE(dumb_terminal__is_told_so),
        LIVE(stream_that_is_no_terminal__is_named),
        LIVE(closed_stderr__is_not_taken_for_a_connection),
        LIVE(output_that_cannot_be_written__is_no_success),
        LIVE(letters__are_what_the_locale_can),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
