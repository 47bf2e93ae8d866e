/* redis.conf in a real server: what is in effect, why the platform's first file did not load, and that a full
 * cache leaves the queues alone. */
#include "once.h"
#include "server/server.h"
#include "support/unit.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "redai/base/container.h"

#include "redai/schema/notify.h"

#define DEV_CONF REDAI_SOURCE_DIR "/redis.conf"

/* The platform's first redis.conf, as it was written. */
static const char first_file[] = "# redis.conf\n"
                                 "\n"
                                 "# Network\n"
                                 "bind 0.0.0.0\n"
                                 "port 6379\n"
                                 "timeout 300\n"
                                 "\n"
                                 "# Persistence\n"
                                 "appendonly yes\n"
                                 "appendfsync everysec\n"
                                 "save 900 1\n"
                                 "save 300 10\n"
                                 "save 60 10000\n"
                                 "\n"
                                 "# Memory\n"
                                 "maxmemory 512mb\n"
                                 "maxmemory-policy allkeys-lru\n"
                                 "\n"
                                 "# Logging\n"
                                 "loglevel notice\n"
                                 "logfile \"\"\n"
                                 "\n"
                                 "# Security\n"
                                 "requirepass ${REDIS_PASSWORD:-}  # Set via environment variable\n"
                                 "\n"
                                 "# Performance\n"
                                 "tcp-backlog 511\n"
                                 "tcp-keepalive 300\n";

static void assert_config(const struct server *s, const char *name, const char *value)
{
    char expected[256];
    snprintf(expected, sizeof(expected), "%s\n%s", name, value);
    char *answer = server_cli(s, "CONFIG", "GET", name, NULL);
    assert_string_equal(answer, expected);
    mem_free(answer);
}

static void assert_answer(char *answer, const char *expected)
{
    assert_string_equal(answer, expected);
    mem_free(answer);
}

static void dev_conf__loads_unchanged(void **state)
{
    (void)state;
    struct once o;
    assert_true(once_run(&o, DEV_CONF, NULL, NULL));
    assert_false(o.ended);
    once_stop(&o);
}

static void dev_conf__sets__what_the_platform_wanted(void **state)
{
    (void)state;
    struct server *s = server_start(&(struct server_options){.config = DEV_CONF});
    assert_non_null(s);
    assert_config(s, "appendonly", "yes");
    assert_config(s, "appendfsync", "everysec");
    assert_config(s, "save", "900 1 300 10 60 10000");
    assert_config(s, "maxmemory", "536870912");
    assert_config(s, "tcp-backlog", "511");
    assert_config(s, "tcp-keepalive", "300");
    assert_config(s, "loglevel", "notice");
    assert_config(s, "requirepass", "");
    assert_config(s, "protected-mode", "yes");
    assert_config(s, "timeout", "0");
    assert_config(s, "maxmemory-policy", "volatile-ttl");
    server_stop(s);
}

static void dev_conf__binds__the_loopback_only(void **state)
{
    (void)state;
    struct once o;
    /* server_start would bind by itself. */
    assert_true(once_run(&o, DEV_CONF, NULL, NULL));
    redisContext *c = redisConnectUnix(o.socket);
    redisReply *reply = redisCommand(c, "CONFIG GET bind");
    assert_non_null(reply);
    assert_int_equal(reply->elements, 2);
    assert_string_equal(reply->element[1]->str, "127.0.0.1 -::1");
    freeReplyObject(reply);
    redisFree(c);
    once_stop(&o);
}

static void dev_conf__notifies__exactly_what_the_console_needs(void **state)
{
    (void)state;
    struct server *s = server_start(&(struct server_options){.config = DEV_CONF});
    assert_non_null(s);
    char *answer = server_cli(s, "CONFIG", "GET", "notify-keyspace-events", NULL);
    const char *letters = strchr(answer, '\n');
    assert_non_null(letters);
    letters++;
    assert_int_equal(strlen(letters), strlen(NOTIFY_NEEDED));
    for (const char *need = NOTIFY_NEEDED; *need; need++) {
        assert_non_null(strchr(letters, *need));
    }
    mem_free(answer);
    server_stop(s);
}

static void first_file__is_refused__with_the_error_our_comment_quotes(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "Reading the configuration file, at line 24",
        ">>> 'requirepass ${REDIS_PASSWORD:-}  # Set via environment variable'",
        "wrong number of arguments",
    };
    char path[] = "/tmp/redai-first-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    text_write(path, first_file);
    char *ours = text_of_file("redis.conf");
    struct once o;
    assert_true(once_run(&o, path, NULL, NULL));
    assert_true(o.ended);
    assert_int_equal(WEXITSTATUS(o.status), 1);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_non_null(strstr(o.text, lines[i]));
        assert_non_null(strstr(ours, lines[i]));
    }
    once_stop(&o);
    mem_free(ours);
    remove(path);
}

static void first_file__without_its_comment__has_a_literal_password(void **state)
{
    (void)state;
    char path[] = "/tmp/redai-first-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    char *text = text_replace(first_file, "  # Set via environment variable", "");
    text_write(path, text);
    mem_free(text);
    struct server *s =
        server_start(&(struct server_options){.config = path, .password = "${REDIS_PASSWORD:-}"});
    assert_non_null(s);
    assert_answer(server_cli(s, "PING", NULL), "PONG");
    server_stop(s);
    remove(path);
}

static int64_t count_keys(redisContext *c, const char *pattern)
{
    redisReply *reply = redisCommand(c, "EVAL %s 0 %s", "return #redis.call('keys', ARGV[1])", pattern);
    int64_t n = reply && reply->type == REDIS_REPLY_INTEGER ? reply->integer : -1;
    freeReplyObject(reply);
    return n;
}

static void fill(redisContext *c, int count, const char *format)
{
    char value[600];
    redisReply *reply = NULL;

    memset(value, 'x', sizeof(value));
    for (int i = 0; i < count; i++) {
        redisAppendCommand(c, format, i, value, sizeof(value));
    }
    for (int i = 0; i < count; i++) {
        assert_int_equal(redisGetReply(c, (void **)&reply), REDIS_OK);
        assert_true(reply->type != REDIS_REPLY_ERROR);
        freeReplyObject(reply);
    }
}

static void full_cache__evicts__neither_queues_nor_sessions(void **state)
{
    (void)state;
    const char *const small[] = {"--maxmemory", "16mb", NULL};
    struct server *s = server_start(&(struct server_options){.config = DEV_CONF, .args = small});
    assert_non_null(s);
    redisContext *c = server_connect(s);
    fill(c, 300, "LPUSH celery message-%d:%b");
    fill(c, 20, "HSET unacked tag-%d %b");
    fill(c, 500, "SETEX session:%d 86400 %b");
    assert_answer(server_cli(s, "SADD", "_kombu.binding.celery",
                             "celery\x06\x16\x06\x16"
                             "celery",
                             NULL),
                  "1");
    fill(c, 40000, "SETEX exam:%d 3600 %b");

    char *stats = server_cli(s, "INFO", "stats", NULL);
    const char *evicted = strstr(stats, "evicted_keys:");
    assert_non_null(evicted);
    assert_true(strtol(evicted + strlen("evicted_keys:"), NULL, 10) > 10000);
    mem_free(stats);
    assert_answer(server_cli(s, "LLEN", "celery", NULL), "300");
    assert_answer(server_cli(s, "HLEN", "unacked", NULL), "20");
    assert_answer(server_cli(s, "SCARD", "_kombu.binding.celery", NULL), "1");
    /* Redis samples, so "sessions last" is a strong tendency and no promise. */
    assert_true(count_keys(c, "session:*") >= 475);
    redisFree(c);
    server_stop(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dev_conf__loads_unchanged),
        cmocka_unit_test(dev_conf__sets__what_the_platform_wanted),
        cmocka_unit_test(dev_conf__binds__the_loopback_only),
        cmocka_unit_test(dev_conf__notifies__exactly_what_the_console_needs),
        cmocka_unit_test(first_file__is_refused__with_the_error_our_comment_quotes),
        cmocka_unit_test(first_file__without_its_comment__has_a_literal_password),
        cmocka_unit_test(full_cache__evicts__neither_queues_nor_sessions),
    };
    server_require();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
