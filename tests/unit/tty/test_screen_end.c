/* How the screen gives the terminal back, and what it does with one that takes no bytes. */
#include "demo.h"
#include "support/unit.h"
#include "tty/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/tty/palette.h"
#include "redai/tty/screen.h"

enum { TURNS = 1000 };

static struct termios fresh_modes(void)
{
    struct pty *p = pty_start((const char *[]){"true", NULL}, NULL, 24, 80);
    assert_non_null(p);
    assert_true(pty_wait_exit(p, WAIT_MS));
    struct termios modes = pty_modes(p);
    pty_stop(p);
    return modes;
}

static bool same_modes(struct termios a, struct termios b)
{
    return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag &&
           a.c_lflag == b.c_lflag && memcmp(a.c_cc, b.c_cc, sizeof a.c_cc) == 0;
}

/* Behind the last time it was switched on it was switched off. */
static bool switched_off(struct span raw, struct span on, struct span off)
{
    size_t last = raw.len;
    for (size_t at = 0; at < raw.len; at++) {
        if (span_starts(span_skip(raw, at), on)) {
            last = at;
        }
    }
    struct span rest = span_skip(raw, last);
    return last < raw.len && span_search(rest, off) < rest.len;
}

static void assert_restored(struct pty *p)
{
    int x;
    int y;
    bool visible;
    pty_cursor(p, &x, &y, &visible);
    assert_true(visible);
    assert_false(pty_alternate_screen(p));
    assert_true(same_modes(pty_modes(p), fresh_modes()));
    assert_false(pty_flags(p) & O_NONBLOCK);
    assert_true(switched_off(pty_raw_bytes(p), S("\033[?2004h"), S("\033[?2004l")));
    assert_true(switched_off(pty_raw_bytes(p), S("\033[?1h"), S("\033[?1l")));
    assert_true(switched_off(pty_raw_bytes(p), S("\033[22;"), S("\033[23;")));
}

static void screen__gives_the_terminal_back__however_the_program_ends(void **state)
{
    (void)state;
    static const struct {
        const char *keys; /* NULL: the signal is sent */
        int number;       /* 0: it ends by itself */
        int status;
    } cases[] = {
        {"q", 0, 0},        {"E", 0, 5},        {"B", SIGABRT, 0},  {"F", SIGSEGV, 0},
        {"K", SIGSEGV, 0},  {NULL, SIGTERM, 0}, {NULL, SIGSEGV, 0}, {NULL, SIGBUS, 0},
        {NULL, SIGQUIT, 0}, {NULL, SIGHUP, 0},  {NULL, SIGINT, 0},  {NULL, SIGFPE, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_message("%s %d\n", cases[i].keys ? cases[i].keys : "signal", cases[i].number);
        struct pty *p = demo_start(24, 80, NULL);
        wait_seed(p, 0, 24, 80);
        assert_true(pty_alternate_screen(p));
        assert_false(same_modes(pty_modes(p), fresh_modes()));
        if (cases[i].keys) {
            pty_send(p, cases[i].keys);
        } else {
            pty_signal(p, cases[i].number);
        }
        assert_true(pty_wait_exit(p, WAIT_MS));
        assert_restored(p);
        int status = pty_stop(p);
        if (cases[i].number == 0) {
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), cases[i].status);
        } else if (WIFSIGNALED(status)) {
            assert_int_equal(WTERMSIG(status), cases[i].number);
        } else {
            assert_int_not_equal(WEXITSTATUS(status), 0); /* a sanitizer had the last word */
        }
    }
}

static bool is_empty(struct pty *p, void *ctx)
{
    (void)ctx;
    const char *text = pty_screen_text(p);
    bool reported = strstr(text, "AddressSanitizer") != NULL; /* a sanitizer had the last word */
    return text[strspn(text, " \n")] == '\0' || (reported && !strstr(text, "seed "));
}

/* Whoever comes to the terminal next reads nothing of what was shown. */
static void screen__leaves_nothing_behind__where_it_had_none_of_its_own(void **state)
{
    (void)state;
    static const char *const terms[] = {"TERM=linux", "TERM=vt100", "TERM=dumb"};
    for (size_t i = 0; i < 2 * COUNT_OF(terms); i++) {
        const char *const env[] = {terms[i / 2], NULL};
        print_message("%s %s\n", terms[i / 2], i % 2 ? "crashes" : "quits");
        struct pty *p = demo_start(24, 80, env);
        wait_seed(p, 0, 24, 80);
        assert_false(pty_alternate_screen(p));
        if (i % 2) {
            pty_signal(p, SIGSEGV);
        } else {
            pty_send(p, "q");
        }
        assert_true(pty_wait_exit(p, WAIT_MS));
        assert_true(pty_wait(p, is_empty, NULL, 0));
        pty_stop(p);
    }
}

static bool is_given_back(struct pty *p, void *modes)
{
    return !pty_alternate_screen(p) && same_modes(pty_modes(p), *(struct termios *)modes);
}

static void screen_suspend__gives_the_terminal_back_until_resumed(void **state)
{
    (void)state;
    struct termios fresh = fresh_modes();
    struct pty *p = demo_start(24, 80, NULL);
    wait_seed(p, 0, 24, 80);
    for (unsigned round = 1; round <= 2; round++) {
        pty_send(p, "Z");
        assert_true(pty_wait_stopped(p, WAIT_MS)); /* which it is a moment after the terminal is back */
        assert_true(pty_wait(p, is_given_back, &fresh, WAIT_MS));
        assert_true(switched_off(pty_raw_bytes(p), S("\033[?2004h"), S("\033[?2004l")));
        pty_resize(p, 24, 80 + (int)round);
        pty_signal(p, SIGCONT);
        wait_seed(p, 0, 24, 80 + (int)round);
        assert_picture(p, 24, 80 + (int)round, 0, false);
        assert_true(pty_alternate_screen(p));
        assert_false(same_modes(pty_modes(p), fresh));
    }
    pty_send(p, "q");
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_restored(p);
    pty_stop(p);
}

/* --- a terminal that does not take its bytes --- */

/* Reads at least that many reports without ever reading the terminal; false at the end or after a long
 * silence. */
static bool reports(int fd, size_t count)
{
    for (size_t seen = 0; seen < count;) {
        char bytes[4096];
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, WAIT_MS) != 1) {
            return false;
        }
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n <= 0) {
            return false;
        }
        seen += (size_t)n;
    }
    return true;
}

static struct pty *flooding_demo(int *ret_report)
{
    int report[2];
    char env[32];
    assert_int_equal(pipe(report), 0);
    fcntl(report[0], F_SETFD, FD_CLOEXEC);
    snprintf(env, sizeof env, "REPORT_FD=%d", report[1]);
    struct pty *p = demo_start(50, 200, (const char *[]){env, NULL});
    close(report[1]);
    wait_seed(p, 0, 50, 200);
    pty_send(p, "N");
    *ret_report = report[0];
    return p;
}

static void screen_draw__skips_frames_and_never_blocks__when_the_terminal_stalls(void **state)
{
    (void)state;
    int report;
    struct pty *p = flooding_demo(&report);
    assert_true(reports(report, TURNS)); /* far more turns than the terminal has room for frames */
    pty_send(p, "N");
    close(report); /* the program goes on without a listener: SIGPIPE would end it, so it ignores that */
    wait_for(p, "key 2 N");
    unsigned seed = 0;
    assert_int_equal(sscanf(strstr(pty_screen_text(p), "seed"), "seed %u", &seed), 1);
    wait_seed(p, seed, 50, 200);
    pty_send(p, "l");
    wait_for(p, "key 3 l");
    assert_int_equal(sscanf(strstr(pty_screen_text(p), "seed"), "seed %u", &seed), 1);
    assert_picture(p, 50, 200, seed, false);
    demo_quit(p);
}

static void screen_stop__ends_soon_with_the_modes_restored__when_the_terminal_stalls(void **state)
{
    (void)state;
    struct termios fresh = fresh_modes();
    int report;
    struct pty *p = flooding_demo(&report);
    assert_true(reports(report, TURNS));
    pty_send(p, "q");
    while (reports(report, 1)) {}
    close(report);
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_true(same_modes(pty_modes(p), fresh));
    int status = pty_stop(p);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void terminal_write__leaves_the_shared_flags_and_never_blocks__when_it_cannot_reopen(void **state)
{
    (void)state;
    int master;
    int slave;
    assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
    struct terminal t = {.in_fd = slave, .out_fd = slave};
    char block[8192];
    memset(block, 'x', sizeof block);
    size_t total = 0;
    ssize_t n;
    do { /* the kernel passes bytes on by itself: a full pty may have room again a moment later */
        while ((n = terminal_write(&t, span_make(block, sizeof block))) > 0) {
            total += (size_t)n;
            assert_true(total < 16 << 20);
        }
        assert_int_equal(n, 0);
    } while (terminal_wait_writable(&t, 100));
    assert_false(fcntl(slave, F_GETFL) & O_NONBLOCK);
    close(master);
    assert_int_equal(terminal_write(&t, S("x")), -1);
    char in[8];
    assert_int_equal(terminal_read(&t, in, sizeof in), -1);
    close(slave);
}

static void screen_start__says_why__when_there_is_no_terminal(void **state)
{
    (void)state;
    struct palette palette;
    struct err err = {0};
    palette_init(&palette);
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    assert_null(screen_start(&(struct screen_options){fd, fd, NULL, -1, &palette}, &err));
    assert_string_equal(err.text, "standard input is no terminal");
    screen_stop(NULL);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screen__gives_the_terminal_back__however_the_program_ends),
        cmocka_unit_test(screen__leaves_nothing_behind__where_it_had_none_of_its_own),
        cmocka_unit_test(screen_suspend__gives_the_terminal_back_until_resumed),
        cmocka_unit_test(screen_draw__skips_frames_and_never_blocks__when_the_terminal_stalls),
        cmocka_unit_test(screen_stop__ends_soon_with_the_modes_restored__when_the_terminal_stalls),
        cmocka_unit_test(terminal_write__leaves_the_shared_flags_and_never_blocks__when_it_cannot_reopen),
        cmocka_unit_test(screen_start__says_why__when_there_is_no_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
