/* Programs that behave, and those that do not, each run by the loop. */
#include "app/hook_child.h"
#include "app/hook_command.h"
#include "support/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
#define HERE ((const char *const *)environ)

struct run {
    int ends, status;
    bool timed_out;
    char line[HOOK_LINE_MAX];
};

static void on_end(void *ctx, struct hook_child *child, const struct hook_end *end)
{
    struct run *r = ctx;
    (void)child;
    r->ends++;
    r->status = end->status;
    r->timed_out = end->timed_out;
    strcpy(r->line, end->line);
    ev_break(EV_DEFAULT_ EVBREAK_ALL);
}

/* Runs it to its end. False: it could not be started. */
static bool run(const char *const *argv, const char *const *env, struct span input, struct run *ret,
                struct err *err)
{
    struct hook_child child = {.on_end = on_end, .ctx = ret};
    *ret = (struct run){0};
    if (!hook_child_start(&child, ev_default_loop(0), argv, env, input, err)) {
        return false;
    }
    assert_true(hook_child_runs(&child));
    while (!ret->ends) {
        ev_run(EV_DEFAULT_ 0);
    }
    assert_false(hook_child_runs(&child));
    return true;
}

static struct run shell(const char *script, struct span input)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    struct err err;
    struct run r;
    if (!run(argv, HERE, input, &r, &err)) {
        fail_msg("%s", err.text);
    }
    return r;
}

static size_t descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;
    while (readdir(folder)) {
        count++;
    }
    closedir(folder);
    return count;
}

static void child__leaves_nothing_behind__after_a_thousand_runs(void **state)
{
    (void)state;
    const char *const good[] = {"true", NULL};
    const char *const missing[] = {"/nowhere/at/all", NULL};
    struct run r;
    struct err err;
    run(good, HERE, S("x"), &r, &err); /* the loop's own descriptors are open from here on */
    size_t before = descriptors();
    for (int i = 0; i < 1000; i++) {
        assert_true(run(good, HERE, S("{}\n"), &r, &err));
        assert_true(WIFEXITED(r.status) && WEXITSTATUS(r.status) == 0);
        assert_false(run(missing, HERE, S("{}\n"), &r, &err));
    }
    assert_int_equal(descriptors(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void child__gets_every_byte__and_the_end_of_file(void **state)
{
    (void)state;
    enum { SIZE = 3 << 20 };
    char *big = mem_zalloc(SIZE);
    memset(big, 'x', SIZE);
    assert_string_equal(shell("wc -c >&2", S("{\"a\": 1}\n")).line, "9");
    assert_string_equal(shell("sleep 0.1; wc -c >&2", span_make(big, SIZE)).line, "3145728");
    /* it does not read, and it closes early: neither holds us up */
    assert_int_equal(shell("exit 3", span_make(big, SIZE)).status >> 8, 3);
    assert_int_equal(shell("exec <&-; sleep 0.1; exit 4", span_make(big, SIZE)).status >> 8, 4);
    mem_free(big);
}

static void child__may_write_megabytes__and_only_its_first_error_is_kept(void **state)
{
    (void)state;
    struct run r =
        shell("head -c 20000000 /dev/zero; echo why >&2; head -c 900000 /dev/zero >&2; exit 5", S(""));
    assert_string_equal(r.line, "why");
    assert_int_equal(WEXITSTATUS(r.status), 5);
    r = shell("head -c 500000 /dev/zero | tr '\\0' y >&2", S(""));
    assert_int_equal(strlen(r.line), HOOK_LINE_MAX - 1);
    r = shell("while :; do echo more >&2 || exit 6; done", S("")); /* without end: the pipe is closed */
    assert_string_equal(r.line, "more");
    assert_true(WIFSIGNALED(r.status) || WEXITSTATUS(r.status) == 6);
}

static void child__has_nothing_of_ours__but_the_three_standard_ones(void **state)
{
    (void)state;
    int open_one = open("/dev/null", O_RDONLY); /* not closed by exec itself */
    assert_string_equal(shell("ls /proc/self/fd | wc -l >&2", S("")).line, "4"); /* ls looks by the fourth */
    assert_string_equal(shell("x=$(readlink /proc/$$/fd/1); echo $x >&2", S("")).line, "/dev/null");
    close(open_one);
    /* a session of its own, without a terminal; every signal as at birth */
    assert_string_equal(
        shell("set -- $(cut -d' ' -f6 /proc/$$/stat); test $1 = $$ && echo own >&2", S("")).line, "own");
    assert_int_equal(WEXITSTATUS(shell("( : </dev/tty ) 2>/dev/null || exit 9", S("")).status), 9);
    assert_int_equal(WTERMSIG(shell("kill -PIPE $$; exit 0", S("")).status), SIGPIPE);
    assert_string_equal(shell("grep SigBlk /proc/self/status >&2", S("")).line, "SigBlk:\t0000000000000000");
}

static void child__is_not_started__and_it_is_said_why(void **state)
{
    (void)state;
    struct run r;
    struct err err;
    const char *const missing[] = {"redai-no-such-program", NULL};
    assert_false(run(missing, HERE, S(""), &r, &err));
    assert_string_equal(err.text, "\"redai-no-such-program\": No such file or directory");
    const char *const folder[] = {"/tmp", NULL};
    assert_false(run(folder, HERE, S(""), &r, &err));
    assert_string_equal(err.text, "\"/tmp\": Permission denied");
    /* more environment than the kernel takes */
    size_t huge = 200 * 1024;
    char *text = mem_zalloc(huge + 1);
    memset(text, 'x', huge);
    text[1] = '=';
    const char *const env[] = {text, NULL};
    const char *const good[] = {"true", NULL};
    assert_false(run(good, env, S(""), &r, &err));
    assert_string_equal(err.text, "\"true\": Argument list too long");
    mem_free(text);
}

static void environment__is_passed_on__without_what_is_of_redis(void **state)
{
    (void)state;
    const char *const all[] = {"PATH=/bin",
                               "REDIS_PASSWORD=hush",
                               "REDIS_URL=redis://:hush@h",
                               "REDIS_HOST=h",
                               "HOME=/h",
                               "XREDIS_=stays",
                               NULL};
    char **env = hook_environment(all);
    assert_string_equal(env[0], "PATH=/bin");
    assert_string_equal(env[1], "HOME=/h");
    assert_string_equal(env[2], "XREDIS_=stays");
    assert_null(env[3]);
    for (char **v = env; *v; v++) {
        mem_free(*v);
    }
    mem_free(env);
}

static void children__are_ended__with_the_console(void **state)
{
    (void)state;
    const char *const polite[] = {"sleep", "1000", NULL};
    const char *const deaf[] = {"sh", "-c", "trap '' TERM; echo up >&2; while :; do sleep 1000; done", NULL};
    struct hook_child child[2] = {{.on_end = on_end}, {.on_end = on_end}};
    struct err err;
    assert_true(hook_child_start(&child[0], ev_default_loop(0), polite, HERE, S(""), &err));
    assert_true(hook_child_start(&child[1], ev_default_loop(0), deaf, HERE, S(""), &err));
    pid_t pid = child[1].pid;
    while (!child[1].line_len) { /* it is deaf by now */
        ev_run(EV_DEFAULT_ EVRUN_ONCE);
    }
    int64_t before = clock_mono_us();
    hook_children_stop(child, 2);
    assert_true(clock_mono_us() - before >= 500 * US_PER_MS);
    assert_false(hook_child_runs(&child[0]));
    assert_false(hook_child_runs(&child[1]));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    while (kill(-pid, 0) == 0) {} /* the sleep within it ends, too: init reaps it */
    hook_children_stop(child, 2); /* nothing runs: nothing happens */
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN); /* as the program does */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(child__leaves_nothing_behind__after_a_thousand_runs),
        cmocka_unit_test(child__gets_every_byte__and_the_end_of_file),
        cmocka_unit_test(child__may_write_megabytes__and_only_its_first_error_is_kept),
        cmocka_unit_test(child__has_nothing_of_ours__but_the_three_standard_ones),
        cmocka_unit_test(child__is_not_started__and_it_is_said_why),
        cmocka_unit_test(environment__is_passed_on__without_what_is_of_redis),
        cmocka_unit_test(children__are_ended__with_the_console),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
