/* Detail views of every kind and type: bounded, and session ids never whole. */
#include "support/unit.h"
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-abcde"

static void has(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fail_msg("'%s' is not in:\n%s", part, text);
    }
}

static void has_not(const char *text, const char *part)
{
    if (strstr(text, part)) {
        fail_msg("'%s' is in:\n%s", part, text);
    }
}

static void expect(struct watch *w, enum target_kind kind, const char *id, const char *const *parts)
{
    char *text = watch_peek(w, kind, id);
    for (; *parts; parts++) {
        has(text, *parts);
    }
    has_not(text, TOKEN);
    free(text);
}
#define EXPECT(w, kind, id, ...) expect((w), (kind), (id), (const char *const[]){__VA_ARGS__, NULL})

static void a_detail_view__shows__every_type_of_key(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    assert_non_null(s);
    struct watch *w = watch_new(s, NULL);
    free(server_cli(s, "SETEX", "exam:1", "3600", "{\"id\": 1, \"title\": \"Algebra\"}", NULL));
    free(server_cli(s, "RPUSH", "a:list", "one", "two", NULL));
    free(server_cli(s, "HSET", "a:hash", "field", "value", NULL));
    free(server_cli(s, "SADD", "a:set", "member", NULL));
    free(server_cli(s, "ZADD", "a:zset", "2.5", "scored", NULL));
    free(server_cli(s, "XADD", "a:stream", "1-1", "k", "v", NULL));
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    EXPECT(w, TARGET_KEY, "exam:1", "type|string", "TTL|", "encoding|embstr", "memory|", "length|29 bytes",
           "\"title\": \"Algebra\"");
    EXPECT(w, TARGET_KEY, "a:list", "type|list", "items|2", "0|one", "1|two", "TTL|none");
    EXPECT(w, TARGET_KEY, "a:hash", "type|hash", "field|value");
    EXPECT(w, TARGET_KEY, "a:set", "type|set", "0|member");
    EXPECT(w, TARGET_KEY, "a:zset", "type|zset", "2.5|scored");
    EXPECT(w, TARGET_KEY, "a:stream", "type|stream", "1-1|k: v");
    EXPECT(w, TARGET_KEY, "a:none", "type|none", "does not exist");
    EXPECT(w, TARGET_FAMILY, "exam", "exam:1|TTL ", "1 key");
    watch_free(w);
    server_stop(s);
}

static void big_values__are_shown__by_their_first_part(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    assert_non_null(s);
    struct watch *w = watch_new(s, NULL);
    free(server_cli(s, "SETRANGE", "a:big", "52428800", "x", NULL));
    for (int i = 0; i < 30; i++) {
        char *item = calloc(1, 1024 * 1024 + 1);
        memset(item, 'y', 1024 * 1024);
        free(server_cli(s, "RPUSH", "a:fat", item, NULL));
        free(item);
    }
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    EXPECT(w, TARGET_KEY, "a:big", "first 4.0K of 50.0M; more at the end");
    EXPECT(w, TARGET_KEY, "a:fat", "items|30", "first 2 of 30: they are large");
    watch_free(w);
    server_stop(s);
}

static void a_session__is_shown_in_full__but_never_its_id(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    assert_non_null(s);
    struct watch *w = watch_new(s, NULL);
    free(server_cli(s, "SETEX", "session:" TOKEN, "86400",
                    "{\"user_id\": 7, \"name\": \"Ada\", \"extra\": [1, 2]}", NULL));
    free(server_cli(s, "SADD", "user:7:sessions", "zzzzzzzzzz", NULL));
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    EXPECT(w, TARGET_SESSION, TOKEN, "session AbCdEf~", "\"extra\":", "\"name\": \"Ada\"",
           "does NOT list this session", "|zzzzzz~");
    free(server_cli(s, "SADD", "user:7:sessions", TOKEN, NULL));
    EXPECT(w, TARGET_SESSION, TOKEN, "lists this session");
    EXPECT(w, TARGET_FAMILY, "session", "session:AbCdEf~|");
    EXPECT(w, TARGET_KEY, "session:" TOKEN, "key session:AbCdEf~");
    EXPECT(w, TARGET_KEY, "user:7:sessions", "AbCdEf~");
    watch_free(w);
    server_stop(s);
}

static void a_queue__lists_its_messages__next_one_first(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    assert_non_null(s);
    struct watch *w = watch_new(s, NULL);
    free(server_cli(s, "LPUSH", "celery",
                    "{\"body\":\"[[2,3],{},{}]\",\"content-type\":\"application/"
                    "json\",\"headers\":{\"task\":\"first.task\",\"id\":\"id-1\"},"
                    "\"properties\":{\"delivery_tag\":\"t1\",\"delivery_info\":{\"exchange\":\"\",\"routing_"
                    "key\":\"celery\"}}}",
                    NULL));
    free(server_cli(s, "LPUSH", "celery", "rubbish", NULL));
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    EXPECT(w, TARGET_QUEUE, "celery", "1|first.task  id-1", "[2,3]", "2|POISON, a worker exits on it");
    EXPECT(w, TARGET_TASK, "id-1", "task|id-1", "no progress key", "no result is stored");
    watch_free(w);
    server_stop(s);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_detail_view__shows__every_type_of_key),
        cmocka_unit_test(big_values__are_shown__by_their_first_part),
        cmocka_unit_test(a_session__is_shown_in_full__but_never_its_id),
        cmocka_unit_test(a_queue__lists_its_messages__next_one_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
