/* The console itself as the users of docs/users.acl.example: whatever it sends, the server's own list of
 * refusals (ACL LOG) stays empty. */
#include "server/server.h"
#include "support/unit.h"
#include "text.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/container.h"

#define NO_HASH     "0000000000000000000000000000000000000000000000000000000000000000"
#define SECRET_HASH "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b" /* of "secret" */
#define TOKEN       "HA_jt0ARGnofjpp1IkWm1Xc8xWF8cHeK8rDRIv4pkOc"

struct console {
    struct server *server;
    redisContext *root;
    char acl[64];
    char home[64];
};

static redisReply *as_root(struct console *c, const char *line)
{
    redisReply *reply = redisCommand(c->root, line);
    assert_non_null(reply);
    if (reply->type == REDIS_REPLY_ERROR) {
        fail_msg("%s: %s", line, reply->str);
    }
    return reply;
}

static int open_console(void **state)
{
    struct console *c = mem_zalloc(sizeof(*c));
    char *example = text_of_file("docs/users.acl.example");
    char *usable = text_replace(example, NO_HASH, SECRET_HASH);

    snprintf(c->acl, sizeof(c->acl), "/tmp/redai-acl-XXXXXX");
    close(mkstemp(c->acl));
    snprintf(c->home, sizeof(c->home), "/tmp/redai-home-XXXXXX");
    assert_non_null(mkdtemp(c->home));
    text_write(c->acl, usable);
    mem_free(example);
    mem_free(usable);
    const char *const args[] = {"--aclfile", c->acl, NULL};
    c->server = server_start(&(struct server_options){
        .config = REDAI_SOURCE_DIR "/redis.conf", .args = args, .password = "secret"});
    assert_non_null(c->server);
    c->root = redisConnectUnix(server_socket(c->server));
    freeReplyObject(as_root(c, "AUTH operator secret"));
    *state = c;
    return 0;
}

static int close_console(void **state)
{
    struct console *c = *state;
    char journal[160];

    redisFree(c->root);
    server_stop(c->server);
    remove(c->acl);
    snprintf(journal, sizeof(journal), "%s/journal", c->home);
    remove(journal);
    rmdir(c->home);
    mem_free(c);
    return 0;
}

/* Things to see and to act on: every type, a broken session, a queue with a message in another list. */
static void seed(struct console *c)
{
    static const char *const lines[] = {
        "FLUSHALL",
        "SETEX session:" TOKEN " 3600 {\"user_id\":1}",
        "SETEX session:broken 3600 nothing",
        "SADD user:1:sessions " TOKEN " stale",
        "SETEX exam:1 3600 x",
        "SETEX exam:2 3600 x",
        ("SETEX batch:progress:1 600 "
         "{\"current\":1,\"total\":2,\"percentage\":50.0,\"status\":\"in_progress\"}"),
        "LPUSH celery {}",
        "HSET unacked tag []",
        "ZADD unacked_index 1 tag",
        "SADD _kombu.binding.celery celery",
        "XADD stream * a b",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        freeReplyObject(as_root(c, lines[i]));
    }
}

/* Runs the console with a user's URL; its exit code, and the first line it printed. */
static int run(struct console *c, const char *user, const char *const *words, char *out, size_t size)
{
    char url[200];
    char journal[160];
    const char *argv[16] = {REDAI_CONSOLE};
    int told[2];
    int status = 0;
    size_t n = 1;

    snprintf(url, sizeof(url), "unix://%s:secret@%s", user, server_socket(c->server));
    snprintf(journal, sizeof(journal), "%s/journal", c->home);
    for (; *words; words++) {
        argv[n++] = *words;
    }
    argv[n++] = "--yes";
    argv[n++] = "--url";
    argv[n++] = url;
    argv[n++] = "--journal";
    argv[n++] = journal;
    assert_int_equal(pipe2(told, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char *own[16] = {NULL};
        for (size_t i = 0; i < n; i++) {
            own[i] = mem_strdup(argv[i]);
        }
        dup2(open("/dev/null", O_RDWR), STDIN_FILENO);
        dup2(told[1], STDOUT_FILENO);
        execv(own[0], own);
        _exit(127);
    }
    close(told[1]);
    FILE *said = fdopen(told[0], "r");
    char line[512];
    out[0] = '\0';
    while (fgets(line, sizeof(line), said)) {
        if (!out[0]) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(out, size, "%s", line);
        }
    }
    fclose(said);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Names what the server refused. */
static void assert_nothing_refused(struct console *c)
{
    redisReply *log = as_root(c, "ACL LOG");
    if (log->elements > 0) {
        const redisReply *first = log->element[0];
        fail_msg("%s was refused %s", first->element[9]->str, first->element[7]->str);
    }
    freeReplyObject(log);
}

static void console_watch__is_enough__for_a_snapshot_and_a_result(void **state)
{
    struct console *c = *state;
    static const char *const snapshot[] = {"snapshot", "--format", "json", NULL};
    static const char *const result[] = {"result", "5681dfc2-60b0-4228-a3f4-ad64ae6c7f5a", NULL};
    char out[200];

    seed(c);
    int code = run(c, "console-watch", snapshot, out, sizeof(out));
    assert_in_range(code, 0, 2); /* it was read; an alert may well fire */
    assert_true(out[0] == '{');
    run(c, "console-watch", result, out, sizeof(out));
    assert_nothing_refused(c);
}

static void console_watch__is_enough__for_every_listing(void **state)
{
    struct console *c = *state;
    static const char *const noun[] = {"workers", "queues", "tasks"};
    char out[200];

    seed(c);
    for (size_t i = 0; i < COUNT_OF(noun); i++) {
        const char *const words[] = {noun[i], "--read-only", "--format", "json", NULL};
        assert_int_equal(run(c, "console-watch", words, out, sizeof(out)), 0);
        assert_true(out[0] == '{');
        assert_nothing_refused(c);
    }
}

static void console_watch__may_not__act(void **state)
{
    struct console *c = *state;
    static const char *const invalidate[] = {"invalidate", "exam:*", NULL};
    char out[200];

    seed(c);
    assert_int_not_equal(run(c, "console-watch", invalidate, out, sizeof(out)), 0);
    redisReply *left = as_root(c, "EXISTS exam:1 exam:2");
    assert_int_equal(left->integer, 2);
    freeReplyObject(left);
    freeReplyObject(as_root(c, "ACL LOG RESET"));
}

static void console_act__is_enough__for_every_verb_of_the_shell(void **state)
{
    struct console *c = *state;
    char task[200] = "", out[200];
    const char *const verbs[][6] = {
        {"enqueue", "batch", "exam_id=7", "count=2", NULL},
        {"revoke", "session", TOKEN, NULL},
        {"revoke", "user", "1", NULL},
        {"invalidate", "exam:*", NULL},
        {"snapshot", "--inspect", "10s", NULL},
        {"workers", NULL},
        {"queues", NULL},
        {"tasks", NULL},
        {"move", task, "--queue", "questions", NULL},
        {"retry", task, NULL},
        {"revoke", "task", task, "--remove", NULL},
        {"remove", task, NULL},
        {"requeue", NULL},
        {"worker", "ping", NULL},
        {"worker", "events", "on", NULL},
        {"repair", "sessions", "all", NULL},
        {"expire", "stream", "60s", NULL},
        {"persist", "stream", NULL},
        {"delete", "stream", NULL},
        {"kill", "client", "999999", NULL},
        {"purge", "celery", "questions", NULL},
    };

    seed(c);
    static const char *const enqueue[] = {"enqueue", "test", "message=hello", NULL};
    assert_int_equal(run(c, "console-act", enqueue, task, sizeof(task)), 0);
    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        run(c, "console-act", verbs[i], out, sizeof(out));
        assert_nothing_refused(c);
    }
    const char *const revoke[] = {"revoke", "task", task, "--terminate", "--remove", NULL};
    run(c, "console-act", revoke, out, sizeof(out)); /* nobody hears it, and it says so */
    assert_nothing_refused(c);
    redisReply *left = as_root(c, "EXISTS session:" TOKEN " exam:1 exam:2");
    assert_int_equal(left->integer, 0);
    freeReplyObject(left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(console_watch__is_enough__for_a_snapshot_and_a_result),
        cmocka_unit_test(console_watch__is_enough__for_every_listing),
        cmocka_unit_test(console_watch__may_not__act),
        cmocka_unit_test(console_act__is_enough__for_every_verb_of_the_shell),
    };
    server_require();
    return cmocka_run_group_tests(tests, open_console, close_console);
}
