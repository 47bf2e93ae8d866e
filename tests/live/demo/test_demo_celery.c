/* The worker as a real Celery client sees it. Without Celery the test is skipped; in CI that is a failure. */
#include "server/server.h"
#include "stage.h"
#include "support/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/clock.h"

#define PYTHON "/usr/bin/python3"
enum { CLIENT_BOUNDS = 4 };

static int status_of(const char *const *argv)
{
    pid_t pid = fork();
    int status = 0;
    if (pid == 0) {
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(SERVER_SKIP_STATUS);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void require_celery(void)
{
    const char *const argv[] = {PYTHON, "-c", "import celery, redis", NULL};
    const char *ci = getenv("CI");
    if (status_of(argv) != 0) {
        exit(ci && *ci ? EXIT_FAILURE : SERVER_SKIP_STATUS);
    }
}

struct client {
    pid_t pid;
    int status;
};

static bool has_ended(void *user)
{
    struct client *c = user;
    return waitpid(c->pid, &c->status, WNOHANG) == c->pid;
}

/* Runs the demo until the client has ended, which must be well. */
static void serve(const struct demo_options *options, const char *script, struct stage *s)
{
    const char *argv[] = {PYTHON, script, NULL, NULL};
    struct client c = {.status = -1};
    bool ended = false;

    stage_open(s, options);
    argv[2] = s->app->unix_sock.path;
    c.pid = fork();
    if (c.pid == 0) {
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    /* Several times the bound of one condition: starting Python, and many tasks. */
    for (int i = 0; i < CLIENT_BOUNDS && !ended; i++) {
        ended = stage_until(s, has_ended, &c);
    }
    if (!ended) {
        kill(c.pid, SIGKILL);
        waitpid(c.pid, &c.status, 0);
    }
    assert_true(ended);
    assert_true(WIFEXITED(c.status));
    assert_int_equal(WEXITSTATUS(c.status), 0);
}

static void celery_client__is_served__like_by_a_celery_worker(void **state)
{
    (void)state;
    static const struct demo_options options = {.conf_path = REDAI_SOURCE_DIR "/redis.conf",
                                                .seed = 7,
                                                .worker = true,
                                                .alone = true,
                                                .task_pace = 0.1};
    struct stage s;

    serve(&options, REDAI_SOURCE_DIR "/tests/live/demo/client.py", &s);
    assert_true(stage_until_idle(&s));
    stage_close(&s);
}

static void celery_client__finds_all_of_a_worker__in_the_demo(void **state)
{
    (void)state;
    static const struct demo_options options = {.conf_path = REDAI_SOURCE_DIR "/redis.conf",
                                                .seed = 7,
                                                .worker = true,
                                                .restart_us = US_PER_S,
                                                .task_pace = 0.1};
    struct stage s;

    serve(&options, REDAI_SOURCE_DIR "/tests/live/demo/life.py", &s);
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(celery_client__is_served__like_by_a_celery_worker),
        cmocka_unit_test(celery_client__finds_all_of_a_worker__in_the_demo),
    };
    server_require();
    require_celery();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
