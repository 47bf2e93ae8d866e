/* The demo: a private Redis full of life, which leaves nothing behind, however it ends. */
#include "seat.h"
#include "support/unit.h"

#include <ctype.h>
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/clock.h"

static int set_up(void **state)
{
    (void)state;
    mkdir(stage_path("tmp"), 0700);
    setenv("TMPDIR", stage_path("tmp"), 1);
    unsetenv("XDG_RUNTIME_DIR");
    return 0;
}

static size_t count_entries(const char *path)
{
    DIR *dir = opendir(path);
    size_t count = 0;
    for (const struct dirent *e; dir && (e = readdir(dir));) {
        count += e->d_name[0] != '.';
    }
    if (dir) {
        closedir(dir);
    }
    return count;
}

/* Processes whose command line names this test's own folder: redis-server shows its socket there. */
static size_t count_servers(void)
{
    DIR *dir = opendir("/proc");
    size_t count = 0;
    for (const struct dirent *e; dir && (e = readdir(dir));) {
        char path[300], text[4096];
        snprintf(path, sizeof path, "/proc/%s/cmdline", e->d_name);
        FILE *f = e->d_name[0] >= '0' && e->d_name[0] <= '9' ? fopen(path, "r") : NULL;
        size_t len = f ? fread(text, 1, sizeof text, f) : 0;
        if (f) {
            fclose(f);
        }
        count += memmem(text, len, stage_path("tmp"), strlen(stage_path("tmp"))) != NULL;
    }
    closedir(dir);
    return count;
}

static bool is_all_gone(void)
{
    int64_t until = clock_mono_us() + WAIT_MS * US_PER_MS;
    while (clock_mono_us() < until) {
        if (count_servers() == 0 && count_entries(stage_path("tmp")) == 0) {
            return true;
        }
        poll(NULL, 0, 20);
    }
    return false;
}

static struct pty *open_demo(const char *more)
{
    struct pty *p = pty_start(CONSOLE("demo", "--seed", "7", more), NULL, 40, 120);
    assert_non_null(p);
    seat_see(p, "1 sessions ");
    seat_see_gone(p, "1 sessions 0");
    seat_see(p, "student");
    assert_true(count_servers() >= 1);
    return p;
}

static void demo__prints_the_snapshot_and_leaves_nothing__without_a_terminal(void **state)
{
    (void)state;
    struct ran r = RUN("demo");
    assert_ran(&r, 0, "");
    assert_non_null(strstr(r.out, "redis 7."));
    assert_non_null(strstr(r.out, "notifications on"));
    assert_non_null(strstr(r.out, "student"));
    assert_non_null(strstr(r.out, "exam:questions"));
    assert_non_null(strstr(r.out, "2 workers heard"));
    assert_null(strstr(r.out, "sessions  0"));
    assert_null(strstr(r.out, "batches   0"));
    ran_free(&r);
    assert_int_equal(count_servers(), 0);
    assert_int_equal(count_entries(stage_path("tmp")), 0);
}

static bool has_run_for_a_while(struct pty *p, void *ctx)
{
    const char *text = pty_screen_text(p), *firing = text;
    (void)ctx;
    while ((firing = strstr(firing, "s firing")) != NULL) {
        if (firing >= text + 2 && isdigit((unsigned char)firing[-1]) && isdigit((unsigned char)firing[-2])) {
            return true; /* the faults that it begins with, for ten seconds and more */
        }
        firing++;
    }
    return false;
}

static bool shows_hit_rate(struct pty *p, void *ctx)
{
    const char *hit = strstr(pty_screen_text(p), "  hit ");
    (void)ctx;
    return hit && isdigit((unsigned char)hit[6]);
}

static void demo__shows_life_and_runs_what_is_enqueued_to_its_end(void **state)
{
    (void)state;
    struct pty *p = open_demo(NULL);
    seat_see(p, "2 workers");
    seat_see(p, "cache:api");
    seat_do(p, "e", "api.tasks.batch_generate_questions");
    seat_do(p, "2", "enqueue batch");
    seat_key(p, "\1\v4242\t\1\v13\t\t\r");
    seat_see(p, "arguments (4242, 13)");
    seat_do(p, "y", "done: ");
    seat_see(p, "/13");
    if (!pty_wait_text(p, "13/13", 3 * WAIT_MS)) {
        fail_msg("the batch does not end:\n%s", pty_screen_text(p));
    }
    /* Its users and workers are no other console, whose look-ups nobody could tell from theirs. */
    assert_true(pty_wait(p, has_run_for_a_while, NULL, 2 * WAIT_MS));
    assert_true(pty_wait(p, shows_hit_rate, NULL, WAIT_MS));
    seat_quit(p);
    assert_int_equal(count_servers(), 0);
    assert_int_equal(count_entries(stage_path("tmp")), 0);
}

static void demo__revokes_its_own_sessions_like_any_other(void **state)
{
    (void)state;
    struct pty *p = open_demo("--rate=5");
    seat_do(p, ":pane sessions\r", "x revoke");
    seat_do(p, "x", "the curtain is drawn");
    seat_do(p, "!", ": do it");
    seat_key(p, "y");
    seat_see_gone(p, "[CURTAIN]");
    seat_do(p, "x", ": do it");
    seat_do(p, "y", "done: revoked");
    seat_quit(p);
    assert_true(is_all_gone());
}

/* The faults that the platform's code makes are there, are named, and go by the plans that are offered. */
static void demo__shows_the_platforms_faults__and_its_plans_put_them_right(void **state)
{
    (void)state;
    struct pty *p = open_demo("--rate=0"); /* nobody makes new ones */
    seat_see(p, "5 session(s) in no user's set");
    seat_see(p, "47 key(s) of exam hold an object's");
    seat_do(p, "!", ": do it");
    seat_key(p, "y");
    seat_see_gone(p, "[CURTAIN]");
    seat_do(p, ":repair sessions\r", "put 5 orphans in, take 6 stale entries out");
    seat_do(p, "y", "done: ");
    seat_see_gone(p, "in no user's set");
    seat_do(p, ":invalidate exam:4*\r", "exam:4* also hits longer numbers: 10 keys");
    seat_see(p, "1 key as exam_id:4: invalidate 'exam:*:exam_id:4'");
    seat_leave(p, "longer numbers");
    seat_do(p, ":invalidate exam:db:*\r", "47 of these hold an object's address");
    seat_do(p, "47\r", "deleted 47 of 47");
    seat_see_gone(p, "47 key(s) of exam hold");
    seat_do(p, ":memory\r", "queues are safe (no TTL), 120 sessions");
    seat_leave(p, "lost when it goes");
    seat_quit(p);
    assert_true(is_all_gone());
}

static void demo__leaves_no_server__when_it_is_killed(void **state)
{
    (void)state;
    static const int signals[] = {SIGKILL, SIGTERM, SIGHUP, SIGSEGV};
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        struct pty *p = open_demo(NULL);
        pty_signal(p, signals[i]);
        assert_true(pty_wait_exit(p, WAIT_MS));
        if (!is_all_gone()) {
            fail_msg("after signal %d: %zu servers, %zu folders", signals[i], count_servers(),
                     count_entries(stage_path("tmp")));
        }
        pty_stop(p);
    }
}

static void demo__says_what_is_missing__without_a_redis_server(void **state)
{
    (void)state;
    struct ran r = stage_run(ENV("demo"), ENV("PATH=/nowhere", "REDIS_SERVER=/nowhere/redis-server"), NULL);
    assert_ran(&r, 1, "redis-server");
    assert_true(is_one_line(r.err));
    ran_free(&r);
    assert_int_equal(count_entries(stage_path("tmp")), 0);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup(test, set_up)
    const struct CMUnitTest tests[] = {
        LIVE(demo__prints_the_snapshot_and_leaves_nothing__without_a_terminal),
        LIVE(demo__shows_life_and_runs_what_is_enqueued_to_its_end),
        LIVE(demo__revokes_its_own_sessions_like_any_other),
        LIVE(demo__shows_the_platforms_faults__and_its_plans_put_them_right),
        LIVE(demo__leaves_no_server__when_it_is_killed),
        LIVE(demo__says_what_is_missing__without_a_redis_server),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
