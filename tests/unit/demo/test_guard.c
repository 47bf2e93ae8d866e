/* The guardian with a harmless program in the place of the server. */
#include "demo/folder.h"
#include "demo/guard.h"
#include "support/unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/clock.h"

static const char *const sleeper[] = {"sleep", "1000", NULL};
enum { LIMIT_MS = 10000, STEP_MS = 2 };

/* A zombie is gone: whose parent has died waits for the first process of the machine, which may take its
 * time. */
static bool is_gone(pid_t pid)
{
    char path[40];
    char state = 'Z';

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *stat_file = fopen(path, "r");
    if (stat_file) {
        (void)!fscanf(stat_file, "%*d (%*[^)]) %c", &state);
        fclose(stat_file);
    }
    return state == 'Z' || state == 'X';
}

static bool folder_is_gone(const char *folder)
{
    return access(folder, F_OK) != 0;
}

/* Until the process is gone and, with a folder, that too. */
static bool wait_gone(pid_t pid, const char *folder)
{
    int64_t until_us = clock_mono_us() + LIMIT_MS * US_PER_MS;
    while (!is_gone(pid) || (folder && !folder_is_gone(folder))) {
        if (clock_mono_us() > until_us) {
            return false;
        }
        poll(NULL, 0, STEP_MS);
    }
    return true;
}

static void start(struct guard *g, char folder[FOLDER_SIZE], const char *const *argv)
{
    struct err err = {0};
    char path[FOLDER_SIZE + 8];

    if (!folder_make(folder, &err)) {
        fail_msg("%s", err.text);
    }
    snprintf(path, sizeof(path), "%s/log", folder);
    if (!guard_start(g, folder, path, argv, &err)) {
        fail_msg("%s", err.text);
    }
}

static void folder__is_private__and_short_enough_for_a_socket(void **state)
{
    (void)state;
    char folder[FOLDER_SIZE];
    struct stat info;
    assert_true(folder_make(folder, NULL));
    assert_int_equal(stat(folder, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    assert_true(strlen(folder) + strlen("/redis.sock") < 108);
    folder_remove(folder);
    assert_true(folder_is_gone(folder));
    folder_remove(folder);
}

static void folder__is_made_elsewhere__when_the_first_place_is_no_good(void **state)
{
    (void)state;
    char folder[FOLDER_SIZE];
    char *before = getenv("XDG_RUNTIME_DIR");
    char *kept = before ? strdup(before) : NULL;
    char longer[200];

    memset(longer, 'x', sizeof(longer) - 1);
    longer[0] = '/';
    longer[sizeof(longer) - 1] = '\0';
    const char *const bad[] = {"/nonexistent", "relative", longer};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        setenv("XDG_RUNTIME_DIR", bad[i], 1);
        assert_true(folder_make(folder, NULL));
        folder_remove(folder);
    }
    if (kept) {
        setenv("XDG_RUNTIME_DIR", kept, 1);
    } else {
        unsetenv("XDG_RUNTIME_DIR");
    }
    free(kept);
}

static void guard_stop__ends_the_server__and_removes_the_folder(void **state)
{
    (void)state;
    struct guard g;
    char folder[FOLDER_SIZE];
    start(&g, folder, sleeper);
    pid_t server = g.server_pid;
    assert_false(is_gone(server));
    assert_false(guard_server_ended(&g, 0));
    guard_stop(&g);
    assert_true(is_gone(server));
    assert_true(folder_is_gone(folder));
}

static void guard__kills__a_server_that_will_not_end(void **state)
{
    (void)state;
    static const char *const deaf[] = {"sh", "-c", "trap '' TERM; echo deaf; exec sleep 1000", NULL};
    struct guard g;
    char folder[FOLDER_SIZE];
    char path[FOLDER_SIZE + 8];
    struct stat info = {0};

    start(&g, folder, deaf);
    snprintf(path, sizeof(path), "%s/log", folder);
    while (stat(path, &info) != 0 || info.st_size == 0) {
        poll(NULL, 0, STEP_MS); /* until it has said that it is deaf; the test's own limit bounds this */
    }
    pid_t server = g.server_pid;
    guard_stop(&g);
    assert_true(is_gone(server));
    assert_true(folder_is_gone(folder));
}

static void guard__tells__when_the_server_ends_by_itself(void **state)
{
    (void)state;
    static const char *const quick[] = {"true", NULL};
    static const char *const missing[] = {"/nonexistent/redis-server", NULL};
    const char *const *const rows[] = {quick, missing};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct guard g;
        char folder[FOLDER_SIZE];
        start(&g, folder, rows[i]);
        assert_true(guard_server_ended(&g, LIMIT_MS));
        assert_false(folder_is_gone(folder)); /* its log is still wanted */
        guard_stop(&g);
        assert_true(folder_is_gone(folder));
    }
}

static void killed_guardian__takes_the_server_with_it(void **state)
{
    (void)state;
    struct guard g;
    char folder[FOLDER_SIZE];
    start(&g, folder, sleeper);
    kill(g.pid, SIGKILL);
    assert_true(wait_gone(g.server_pid, NULL));
    assert_true(guard_server_ended(&g, LIMIT_MS));
    guard_stop(&g);
    assert_true(folder_is_gone(folder));
}

/* A child that starts a guardian, tells its pids and waits to be killed by a signal. */
static void die_by(int signal_number)
{
    int told[2];
    struct told {
        pid_t guardian, server;
        char folder[FOLDER_SIZE];
    } t;

    assert_int_equal(pipe(told), 0);
    pid_t child = fork();
    if (child == 0) {
        struct guard g;
        start(&g, t.folder, sleeper);
        t.guardian = g.pid;
        t.server = g.server_pid;
        if (write(told[1], &t, sizeof(t)) != sizeof(t)) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    close(told[1]);
    assert_int_equal(read(told[0], &t, sizeof(t)), sizeof(t));
    /* The guardian holds no end of the pipe open: else whoever reads the console's output would wait for it.
     */
    char byte;
    kill(child, signal_number);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(read(told[0], &byte, 1), 0);
    close(told[0]);
    assert_true(wait_gone(t.server, t.folder));
    assert_true(wait_gone(t.guardian, t.folder));
}

static void guard__cleans_up__after_kill_9_of_the_console(void **state)
{
    (void)state;
    die_by(SIGKILL);
}

static void guard__cleans_up__after_a_crash_of_the_console(void **state)
{
    (void)state;
    die_by(SIGABRT);
}

static void guard__outlives__the_signals_of_a_terminal(void **state)
{
    (void)state;
    static const int signals[] = {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGTSTP};
    struct guard g;
    char folder[FOLDER_SIZE];
    start(&g, folder, sleeper);
    assert_int_not_equal(getsid(g.pid), getsid(0));
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        kill(g.pid, signals[i]);
    }
    pid_t server = g.server_pid;
    guard_stop(&g);
    assert_true(is_gone(server));
    assert_true(folder_is_gone(folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folder__is_private__and_short_enough_for_a_socket),
        cmocka_unit_test(folder__is_made_elsewhere__when_the_first_place_is_no_good),
        cmocka_unit_test(guard_stop__ends_the_server__and_removes_the_folder),
        cmocka_unit_test(guard__kills__a_server_that_will_not_end),
        cmocka_unit_test(guard__tells__when_the_server_ends_by_itself),
        cmocka_unit_test(killed_guardian__takes_the_server_with_it),
        cmocka_unit_test(guard__cleans_up__after_kill_9_of_the_console),
        cmocka_unit_test(guard__cleans_up__after_a_crash_of_the_console),
        cmocka_unit_test(guard__outlives__the_signals_of_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
