/* The demo's redis-server: private, from the repository's redis.conf, and gone whatever happens. */
#include "server/server.h"
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

#include "redai/demo/server.h"

#define CONF REDAI_SOURCE_DIR "/redis.conf"
enum { LIMIT_S = 10, STEP_MS = 2, PATH_SIZE = 200 };

static struct demo_server *start(void)
{
    struct err err = {0};
    struct demo_server *s = demo_server_start(CONF, &err);
    if (!s) {
        fail_msg("%s", err.text);
    }
    return s;
}

static redisContext *connect_to(const struct demo_server *s)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof(path), "%s/redis.sock", demo_server_folder(s));
    redisContext *c = redisConnectUnix(path);
    assert_non_null(c);
    assert_int_equal(c->err, 0);
    return c;
}

static void assert_config(redisContext *c, const char *name, const char *value)
{
    redisReply *reply = redisCommand(c, "CONFIG GET %s", name);
    assert_non_null(reply);
    assert_int_equal(reply->elements, 2);
    assert_string_equal(reply->element[1]->str, value);
    freeReplyObject(reply);
}

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

static bool wait_gone(pid_t pid, const char *folder)
{
    int64_t until_us = clock_mono_us() + LIMIT_S * US_PER_S;
    while (!is_gone(pid) || access(folder, F_OK) == 0) {
        if (clock_mono_us() > until_us) {
            return false;
        }
        poll(NULL, 0, STEP_MS);
    }
    return true;
}

static void demo_server__answers__on_a_private_socket_only(void **state)
{
    (void)state;
    struct demo_server *s = start();
    redisContext *c = connect_to(s);
    struct stat info;
    char path[PATH_SIZE];

    assert_config(c, "port", "0");
    assert_config(c, "appendonly", "no");
    assert_config(c, "save", "");
    assert_config(c, "dir", demo_server_folder(s));
    assert_config(c, "maxmemory-policy", "volatile-ttl"); /* of the file */
    assert_int_equal(stat(demo_server_folder(s), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    snprintf(path, sizeof(path), "%s/redis.sock", demo_server_folder(s));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0077, 0);
    snprintf(path, sizeof(path), "unix://%s/redis.sock?db=0", demo_server_folder(s));
    assert_string_equal(demo_server_address(s), path);
    assert_true(demo_server_is_alive(s));
    redisFree(c);
    demo_server_stop(s);
}

static void demo_server_stop__leaves__no_process_and_no_folder(void **state)
{
    (void)state;
    struct demo_server *s = start();
    char folder[PATH_SIZE];
    pid_t pid = demo_server_pid(s);

    snprintf(folder, sizeof(folder), "%s", demo_server_folder(s));
    redisContext *c = connect_to(s);
    freeReplyObject(redisCommand(c, "BGSAVE")); /* even with a file more in the folder */
    redisFree(c);
    demo_server_stop(s);
    assert_true(is_gone(pid));
    assert_int_not_equal(access(folder, F_OK), 0);
}

static void demo_server__is_gone__after_kill_9_of_the_console(void **state)
{
    (void)state;
    struct told {
        pid_t pid;
        char folder[PATH_SIZE];
    } t;
    int told[2];

    assert_int_equal(pipe(told), 0);
    pid_t child = fork();
    if (child == 0) {
        struct demo_server *s = start();
        t.pid = demo_server_pid(s);
        snprintf(t.folder, sizeof(t.folder), "%s", demo_server_folder(s));
        if (write(told[1], &t, sizeof(t)) != sizeof(t)) {
            _exit(1);
        }
        for (;;) {
            pause();
        }
    }
    assert_int_equal(read(told[0], &t, sizeof(t)), sizeof(t));
    assert_int_equal(kill(t.pid, 0), 0);
    assert_int_equal(access(t.folder, F_OK), 0);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(wait_gone(t.pid, t.folder));
    close(told[0]);
    close(told[1]);
}

static void demo_server__says_so__when_it_was_ended(void **state)
{
    (void)state;
    struct demo_server *s = start();
    int64_t until_us = clock_mono_us() + LIMIT_S * US_PER_S;
    kill(demo_server_pid(s), SIGKILL);
    while (demo_server_is_alive(s) && clock_mono_us() < until_us) {
        poll(NULL, 0, STEP_MS);
    }
    assert_false(demo_server_is_alive(s));
    demo_server_stop(s);
}

static void demo_server__names_the_line__of_a_file_that_is_refused(void **state)
{
    (void)state;
    struct err err = {0};
    char path[] = "/tmp/redai-conf-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_true(dprintf(fd, "maxmemory 1mb\nmaxmemory-polizy nope\n") > 0);
    close(fd);
    assert_null(demo_server_start(path, &err));
    assert_non_null(strstr(err.text, "maxmemory-polizy nope"));
    assert_non_null(strstr(err.text, "Bad directive"));
    remove(path);
}

static void demo_server__names__what_is_missing(void **state)
{
    (void)state;
    struct err err = {0};
    assert_null(demo_server_start("/nonexistent/redis.conf", &err));
    assert_non_null(strstr(err.text, "'/nonexistent/redis.conf'"));

    char *before = getenv("REDIS_SERVER");
    char *kept = before ? strdup(before) : NULL;
    setenv("REDIS_SERVER", "/nonexistent/redis-server", 1);
    assert_null(demo_server_start(CONF, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_non_null(strstr(err.text, "'/nonexistent/redis-server'"));
    if (kept) {
        setenv("REDIS_SERVER", kept, 1);
    } else {
        unsetenv("REDIS_SERVER");
    }
    free(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo_server__answers__on_a_private_socket_only),
        cmocka_unit_test(demo_server_stop__leaves__no_process_and_no_folder),
        cmocka_unit_test(demo_server__is_gone__after_kill_9_of_the_console),
        cmocka_unit_test(demo_server__says_so__when_it_was_ended),
        cmocka_unit_test(demo_server__names_the_line__of_a_file_that_is_refused),
        cmocka_unit_test(demo_server__names__what_is_missing),
    };
    server_require();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
