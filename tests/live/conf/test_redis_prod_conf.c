/* docs/redis.prod.conf in a real server: it loads as it stands, the password comes from outside, commands are
 * gone, and the notifications are on although nobody can ask for them. */
#include "once.h"
#include "server/server.h"
#include "support/unit.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#include "redai/base/container.h"

#define PROD_CONF REDAI_SOURCE_DIR "/docs/redis.prod.conf"

static const char *const with_password[] = {"--requirepass", "secret", NULL};

static struct server *start(void)
{
    struct server *s = server_start(
        &(struct server_options){.config = PROD_CONF, .args = with_password, .password = "secret"});
    assert_non_null(s);
    return s;
}

static void assert_within(char *answer, const char *part)
{
    if (!strstr(answer, part)) {
        fail_msg("'%s' is not in '%s'", part, answer);
    }
    mem_free(answer);
}

static void assert_answer(char *answer, const char *expected)
{
    assert_string_equal(answer, expected);
    mem_free(answer);
}

static void prod_conf__loads_unchanged(void **state)
{
    (void)state;
    struct once o;
    assert_true(once_run(&o, PROD_CONF, NULL, NULL));
    assert_false(o.ended);
    once_stop(&o);
}

static void prod_conf__takes_the_password__from_standard_input(void **state)
{
    (void)state;
    const char *const args[] = {"-", NULL};
    struct once o;
    assert_true(once_run(&o, PROD_CONF, args, "requirepass \"from-outside\"\n"));
    assert_false(o.ended);
    redisContext *c = redisConnectUnix(o.socket);
    redisReply *reply = redisCommand(c, "PING");
    assert_non_null(strstr(reply->str, "NOAUTH"));
    freeReplyObject(reply);
    reply = redisCommand(c, "AUTH from-outside");
    assert_string_equal(reply->str, "OK");
    freeReplyObject(reply);
    redisFree(c);
    once_stop(&o);
}

static void prod_conf__takes_the_password__from_the_command_line(void **state)
{
    (void)state;
    struct server *s = start();
    assert_answer(server_cli(s, "PING", NULL), "PONG");
    redisContext *c = redisConnectUnix(server_socket(s));
    redisReply *reply = redisCommand(c, "PING");
    assert_non_null(strstr(reply->str, "NOAUTH"));
    freeReplyObject(reply);
    redisFree(c);
    server_stop(s);
}

static void prod_conf__holds__no_password(void **state)
{
    (void)state;
    char *text = text_of_file("docs/redis.prod.conf");
    assert_null(strstr(text, "\nrequirepass"));
    assert_null(strstr(text, "\nuser "));
    mem_free(text);
}

static void prod_conf__renames_away__flush_and_config(void **state)
{
    (void)state;
    struct server *s = start();
    assert_within(server_cli(s, "FLUSHDB", NULL), "unknown command");
    assert_within(server_cli(s, "FLUSHALL", NULL), "unknown command");
    assert_within(server_cli(s, "CONFIG", "GET", "maxmemory", NULL), "unknown command");
    server_stop(s);
}

static void prod_conf__bounds_memory__and_spares_what_has_no_ttl(void **state)
{
    (void)state;
    struct server *s = start();
    assert_within(server_cli(s, "INFO", "memory", NULL), "maxmemory:2147483648\r\n");
    assert_within(server_cli(s, "INFO", "memory", NULL), "maxmemory_policy:volatile-ttl\r\n");
    assert_within(server_cli(s, "INFO", "persistence", NULL), "aof_enabled:1\r\n");
    server_stop(s);
}

static void prod_conf__logs__slow_commands(void **state)
{
    (void)state;
    struct server *s = start();
    assert_answer(server_cli(s, "SLOWLOG", "LEN", NULL), "0");
    assert_answer(server_cli(s, "EVAL", "local n = 0 for i = 1, 2e7 do n = n + i end return 1", "0", NULL),
                  "1");
    assert_answer(server_cli(s, "SLOWLOG", "LEN", NULL), "1");
    server_stop(s);
}

/* What arrives on the subscription next, "channel key", or "nothing" after five seconds. */
static void next_message(redisContext *sub, char *out, size_t size)
{
    redisReply *reply = NULL;
    snprintf(out, size, "nothing");
    if (redisGetReply(sub, (void **)&reply) == REDIS_OK && reply->elements == 4) {
        snprintf(out, size, "%s %s", reply->element[2]->str, reply->element[3]->str);
    }
    if (reply) {
        freeReplyObject(reply);
    }
}

static void prod_conf__notifies__on_the_keyevent_channels_only(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "__keyevent@0__:keymiss nothing-here",
        "__keyevent@0__:set k",
        "__keyevent@0__:expire k",
        "__keyevent@0__:del k",
        "__keyevent@0__:set short",
        "__keyevent@0__:expire short",
        "__keyevent@0__:expired short",
    };
    struct server *s = start();
    redisContext *sub = server_connect(s);
    char got[256];

    redisSetTimeout(sub, (struct timeval){.tv_sec = 5});
    freeReplyObject(redisCommand(sub, "PSUBSCRIBE __key*"));
    mem_free(server_cli(s, "GET", "nothing-here", NULL));
    mem_free(server_cli(s, "SETEX", "k", "60", "v", NULL));
    mem_free(server_cli(s, "LPUSH", "celery", "lists are not told", NULL));
    mem_free(server_cli(s, "DEL", "k", NULL));
    mem_free(server_cli(s, "PSETEX", "short", "1", "v", NULL));
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        next_message(sub, got, sizeof(got));
        assert_string_equal(got, expected[i]);
    }
    redisFree(sub);
    server_stop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prod_conf__loads_unchanged),
        cmocka_unit_test(prod_conf__takes_the_password__from_standard_input),
        cmocka_unit_test(prod_conf__takes_the_password__from_the_command_line),
        cmocka_unit_test(prod_conf__holds__no_password),
        cmocka_unit_test(prod_conf__renames_away__flush_and_config),
        cmocka_unit_test(prod_conf__bounds_memory__and_spares_what_has_no_ttl),
        cmocka_unit_test(prod_conf__logs__slow_commands),
        cmocka_unit_test(prod_conf__notifies__on_the_keyevent_channels_only),
    };
    server_require();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
