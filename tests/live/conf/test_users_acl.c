/* docs/users.acl.example in a real server: who may do what, judged by the server itself (ACL DRYRUN). */
#include "once.h"
#include "server/server.h"
#include "support/unit.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "redai/base/container.h"

#define DEV_CONF  REDAI_SOURCE_DIR "/redis.conf"
#define PROD_CONF REDAI_SOURCE_DIR "/docs/redis.prod.conf"
#define EXAMPLE   REDAI_SOURCE_DIR "/docs/users.acl.example"
#define NO_HASH   "0000000000000000000000000000000000000000000000000000000000000000"
/* of "secret" */
#define SECRET_HASH "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

/* One command a line; watching may all of these. */
static const char *const watching[] = {
    "PING",
    "SELECT 1",
    "CLIENT SETNAME redai-console:poll",
    "CLIENT ID",
    "CLIENT LIST",
    "SLOWLOG GET 128",
    "SLOWLOG LEN",
    "LATENCY LATEST",
    "INFO",
    "DBSIZE",
    "SCAN 0",
    "TYPE k",
    "PTTL k",
    "GET k",
    "STRLEN k",
    "GETRANGE k 0 10",
    "LLEN k",
    "LRANGE k 0 1",
    "LINDEX k -1",
    "HLEN k",
    "HGET k f",
    "HSTRLEN k f",
    "HSCAN k 0",
    "SCARD k",
    "SSCAN k 0",
    "ZCARD k",
    "ZSCORE k m",
    "ZRANGE k 0 1",
    "XLEN k",
    "XREVRANGE k + -",
    "MEMORY USAGE k",
    "OBJECT ENCODING k",
    "OBJECT IDLETIME k",
    "OBJECT FREQ k",
    "XINFO GROUPS k",
    "TIME",
    "COMMAND LIST",
    "ACL WHOAMI",
    "ACL DRYRUN default PING",
    "CONFIG GET notify-keyspace-events",
    "SUBSCRIBE __keyevent@0__:set",
    "SUBSCRIBE __keyevent@1__:expired",
    "PSUBSCRIBE celery-task-meta-*",
    "PSUBSCRIBE /0.celeryev/worker.*",
    "PSUBSCRIBE /0.celeryev/task.*",
    NULL,
};

static const char *const acting[] = {
    "EXISTS k",
    "LPOS k e MAXLEN 100",
    "HEXISTS k f",
    "SISMEMBER k m",
    "MULTI",
    "EXEC",
    "WATCH k",
    "UNWATCH",
    "DEL session:a",
    "UNLINK session:a",
    "CLIENT KILL ID 999999999",
    "DUMP session:a",
    "RESTORE k 0 x",
    "SADD user:1:sessions a",
    "PEXPIRE user:1:sessions 60",
    "PERSIST exam:7",
    "SREM user:1:sessions a",
    "EXPIRE redai-console.reply.1 60",
    "LPUSH celery m",
    "LREM celery 1 m",
    "RPUSH celery m",
    "HDEL unacked t",
    "ZREM unacked_index t",
    "LTRIM redai-console.reply.1 -1 -1",
    "SETEX celery-task-meta-1 60 v",
    "PUBLISH /0.celery.pidbox m",
    "PUBLISH celery-task-meta-1 m",
    "CONFIG SET notify-keyspace-events Eg$xem",
    NULL,
};

static const char *const neither[] = {
    "TTL k",
    "HGETALL k",
    "SMEMBERS k",
    "ZSCAN k 0",
    "XRANGE k - +",
    "LPOP r",
    "BRPOP r 1",
    "ACL GETUSER default",
    "ACL SETUSER x",
    "OBJECT HELP",
    "SET k v",
    "SETEX k 1 v",
    "KEYS *",
    "FLUSHALL",
    "FLUSHDB",
    "SHUTDOWN",
    "MONITOR",
    "DEBUG RELOAD",
    "EVAL x 0",
    "ACL LIST",
    "CONFIG RESETSTAT",
    "REPLICAOF a 1",
    "SAVE",
    "RENAME a b",
    "SWAPDB 0 1",
    "PSUBSCRIBE *",
    "PUBLISH elsewhere m",
    "SUBSCRIBE other",
    NULL,
};

struct with_users {
    char acl[64];
    const char *args[3];
};

static void make_users(struct with_users *w)
{
    snprintf(w->acl, sizeof(w->acl), "/tmp/redai-acl-XXXXXX");
    int fd = mkstemp(w->acl);
    assert_true(fd >= 0);
    close(fd);
    char *example = text_of_file("docs/users.acl.example");
    char *usable = text_replace(example, NO_HASH, SECRET_HASH);
    text_write(w->acl, usable);
    mem_free(example);
    mem_free(usable);
    w->args[0] = "--aclfile";
    w->args[1] = w->acl;
    w->args[2] = NULL;
}

static redisContext *login(const char *socket, const char *user)
{
    redisContext *c = redisConnectUnix(socket);
    redisReply *reply = redisCommand(c, "AUTH %s secret", user);
    assert_string_equal(reply->str, "OK");
    freeReplyObject(reply);
    return c;
}

/* The words of line behind ACL DRYRUN user. */
static bool may(redisContext *operator, const char * user, const char *line)
{
    const char *argv[16] = {"ACL", "DRYRUN", user};
    size_t lens[16] = {3, 6, strlen(user)};
    int argc = 3;

    while (*line && argc < 16) {
        argv[argc] = line;
        lens[argc] = strcspn(line, " ");
        line += lens[argc] + (line[lens[argc]] == ' ');
        argc++;
    }
    redisReply *reply = redisCommandArgv(operator, argc, argv, lens);
    assert_non_null(reply);
    if (reply->type == REDIS_REPLY_ERROR) {
        fail_msg("%s: %s", argv[3], reply->str);
    }
    bool ok = strcmp(reply->str, "OK") == 0;
    freeReplyObject(reply);
    return ok;
}

static void assert_each(redisContext *operator, const char * user, const char *const *lines, bool allowed)
{
    for (; *lines; lines++) {
        if (may(operator, user, *lines) != allowed) {
            fail_msg("%s %s '%s'", user, allowed ? "may not" : "may", *lines);
        }
    }
}

static void console_users__may__what_they_need_and_no_more(void **state)
{
    (void)state;
    struct with_users w;
    make_users(&w);
    struct server *s =
        server_start(&(struct server_options){.config = DEV_CONF, .args = w.args, .password = "secret"});
    assert_non_null(s);
    redisContext *operator= login(server_socket(s), "operator");
    assert_each(operator, "console-watch", watching, true);
    assert_each(operator, "console-watch", acting, false);
    assert_each(operator, "console-watch", neither, false);
    assert_each(operator, "console-act", watching, true);
    assert_each(operator, "console-act", acting, true);
    assert_each(operator, "console-act", neither, false);
    redisFree(operator);
    server_stop(s);
    remove(w.acl);
}

static void users__log_in__on_production(void **state)
{
    (void)state;
    struct with_users w;
    make_users(&w);
    struct once o;
    assert_true(once_run(&o, PROD_CONF, w.args, NULL));
    assert_false(o.ended);
    redisContext *c = login(o.socket, "console-watch");
    redisReply *reply = redisCommand(c, "INFO server");
    assert_int_equal(reply->type, REDIS_REPLY_STRING);
    freeReplyObject(reply);
    redisFree(c);
    once_stop(&o);
    remove(w.acl);
}

static void example_left_unchanged__lets_nobody_in(void **state)
{
    (void)state;
    static const char *const users[] = {"default", "console-watch", "console-act", "operator"};
    const char *const args[] = {"--aclfile", EXAMPLE, NULL};
    struct once o;
    assert_true(once_run(&o, PROD_CONF, args, NULL));
    assert_false(o.ended);
    redisContext *c = redisConnectUnix(o.socket);
    for (size_t i = 0; i < 4; i++) {
        const char *const tries[] = {"", NO_HASH, "secret"};
        for (size_t k = 0; k < 3; k++) {
            redisReply *reply = redisCommand(c, "AUTH %s %s", users[i], tries[k]);
            assert_int_equal(reply->type, REDIS_REPLY_ERROR);
            freeReplyObject(reply);
        }
    }
    redisReply *reply = redisCommand(c, "PING");
    assert_int_equal(reply->type, REDIS_REPLY_ERROR);
    freeReplyObject(reply);
    redisFree(c);
    once_stop(&o);
}

static void production_file__shows__the_line_of_the_example(void **state)
{
    (void)state;
    char *conf = text_of_file("docs/redis.prod.conf");
    char *example = text_of_file("docs/users.acl.example");
    char *line = strstr(example, "user console-watch");
    assert_non_null(line);
    line[strcspn(line, "\n")] = '\0';
    assert_non_null(strstr(conf, line));
    mem_free(conf);
    mem_free(example);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(console_users__may__what_they_need_and_no_more),
        cmocka_unit_test(users__log_in__on_production),
        cmocka_unit_test(example_left_unchanged__lets_nobody_in),
        cmocka_unit_test(production_file__shows__the_line_of_the_example),
    };
    server_require();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
