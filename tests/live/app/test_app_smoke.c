/* The program once through all it does, briefly: a look, the console with a page and an action, a verb of the
 * shell. With $REDAI_MEMCHECK each run is one of valgrind's, which ends with 99 on any error and any definite
 * leak. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { MEMCHECK_FAILED = 99, SMOKE_WAIT_MS = 120000, WORDS = 24 };

static struct pty *start(const char *const words[])
{
    static char log[200];
    static const char *const memcheck[] = {"valgrind",
                                           "--quiet",
                                           "--error-exitcode=99",
                                           "--leak-check=full",
                                           "--errors-for-leak-kinds=definite",
                                           "--show-leak-kinds=definite",
                                           "--track-origins=yes",
                                           "--child-silent-after-fork=yes",
                                           log};
    const char *argv[WORDS] = {NULL};
    size_t n = 0;
    if (getenv("REDAI_MEMCHECK")) {
        snprintf(log, sizeof log, "--log-file=%s", stage_path("memcheck"));
        for (size_t i = 0; i < COUNT_OF(memcheck); i++) {
            argv[n++] = memcheck[i];
        }
    }
    argv[n++] = PROGRAM;
    for (; *words; words++) {
        argv[n++] = *words;
    }
    struct pty *p = pty_start(argv, NULL, seat_large.rows, seat_large.cols);
    assert_non_null(p);
    return p;
}
#define START(...) start((const char *const[]){__VA_ARGS__, NULL})

/* valgrind is slow: what is waited for may take long. */
static void see(struct pty *p, const char *text)
{
    if (!pty_wait_text(p, text, SMOKE_WAIT_MS)) {
        fail_msg("\"%s\" does not appear\n%s", text, pty_screen_text(p));
    }
}

static void press(struct pty *p, const char *keys, const char *text)
{
    pty_settle(p);
    pty_send(p, keys);
    see(p, text);
}

static void end(struct pty *p)
{
    if (!pty_wait_exit(p, SMOKE_WAIT_MS)) {
        fail_msg("it does not end\n%s", pty_screen_text(p));
    }
    int status = pty_stop(p);
    char *said = stage_read(stage_path("memcheck"));
    if (said && *said) {
        fprintf(stderr, "%s\n", said);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) == MEMCHECK_FAILED || (said && *said)) {
        fail_msg("status %x%s", (unsigned)status, said && *said ? ", and memcheck has found something" : "");
    }
    free(said);
}

static void snapshot__runs_clean(void **state)
{
    struct pty *p = START("snapshot", "-u", server_url(*state, 0), "--inspect", "0");
    see(p, "sessions");
    end(p);
}

static void console__runs_clean__with_pages_and_an_action(void **state)
{
    struct pty *p = START("-u", server_url(*state, 0));
    see(p, "Zofia Zak");
    see(p, "leaderboard");
    press(p, "2", "i invalidate");
    press(p, "\r", "Esc back");
    press(p, "\033", "i invalidate");
    press(p, "8", "? help");
    press(p, ":pane sessions\r", "Anna");
    press(p, "/Marek\r", "Marek");
    press(p, "x", ": do it");
    press(p, "y", "done: ");
    press(p, ":doctor\r", "Esc back");
    press(p, "\033", "? help");
    pty_settle(p);
    pty_send(p, "q");
    end(p);
}

static void enqueue__runs_clean(void **state)
{
    struct pty *p = START("enqueue", "test", "message=hello", "--yes", "-u", server_url(*state, 0));
    end(p);
}

static int set_up(void **state)
{
    *state = stage_server(NULL);
    stage_fill(*state);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshot__runs_clean),
        cmocka_unit_test(console__runs_clean__with_pages_and_an_action),
        cmocka_unit_test(enqueue__runs_clean),
    };
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    stage_leave();
    return failed;
}
