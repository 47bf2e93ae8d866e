#include "unit/schema/fixture.h"

#include "redai/schema/monitor.h"

/* "r:key w:key " of a line's keys; bytes that are not printable as they are. */
struct keys {
    UT_string text;
};

static void add_key(void *ctx, struct span key, enum monitor_use use)
{
    struct keys *k = ctx;
    utstring_printf(&k->text, "%s%s:%.*s ", use & MONITOR_READ ? "r" : "", use & MONITOR_WRITE ? "w" : "",
                    (int)key.len, key.data);
}

static void monitor_decode__reads__the_head_of_a_line(void **state)
{
    (void)state;
    static const struct {
        const char *line, *client, *command, *args;
        int db;
        bool lua;
    } cases[] = {
        {"1700000000.000042 [0 127.0.0.1:49152] \"GET\" \"exam:1\"", "127.0.0.1:49152", "GET", " \"exam:1\"",
         0, false},
        {"1700000000.000042 [15 [::1]:49152] \"get\" \"a\" \"b\"", "[::1]:49152", "get", " \"a\" \"b\"", 15,
         false},
        {"1700000000.000042 [1 unix:/tmp/a] b/redis.sock] \"PING\"", "unix:/tmp/a] b/redis.sock", "PING", "",
         1, false},
        {"1700000000.000042 [0 lua] \"get\" \"x\"", "lua", "get", " \"x\"", 0, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct monitor_line m;
        assert_true(monitor_decode(&m, span_of(cases[i].line)));
        assert_true(m.at_us == INT64_C(1700000000000042));
        assert_int_equal(m.db, cases[i].db);
        assert_int_equal(m.lua, cases[i].lua);
        assert_true(span_equal(m.client, span_of(cases[i].client)));
        assert_true(span_equal(m.command, span_of(cases[i].command)));
        assert_true(span_equal(m.args, span_of(cases[i].args)));
    }
}

static void monitor_decode__refuses__what_is_no_line_of_monitor(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "OK",
        "PONG",
        "1700000000.000042",
        "1700000000.000042 [0 127.0.0.1:1]",
        "1700000000.000042 [0 127.0.0.1:1] \"GE",
        "1700000000.000042 [0 127.0.0.1:1] GET \"a\"",
        "1700000000.000042 [x 127.0.0.1:1] \"GET\"",
        "1700000000.0000421 [0 127.0.0.1:1] \"GET\"",
        "170000000000.000042 [0 127.0.0.1:1] \"GET\"",
        "1700000000,000042 [0 127.0.0.1:1] \"GET\"",
        "-5.000042 [0 127.0.0.1:1] \"GET\"",
        "1700000000.000042 [9999999999 127.0.0.1:1] \"GET\"",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct monitor_line m;
        assert_false(monitor_decode(&m, span_of(lines[i])));
    }
}

static void monitor_next__undoes__every_escape(void **state)
{
    (void)state;
    struct span args = S(" \"plain\" \"q\\\"b\\\\n\\n\\r\\t\\a\\b\\x00\\xfF\" \"\" \"cut\\");
    const struct span plain = args;
    char room[32];
    struct span arg;

    assert_true(monitor_next(&args, room, sizeof room, &arg));
    assert_true(span_equal(arg, S("plain")));
    assert_true(arg.data > plain.data && arg.data < plain.data + plain.len); /* not copied */
    assert_true(monitor_next(&args, room, sizeof room, &arg));
    assert_true(span_equal(arg, S("q\"b\\n\n\r\t\a\b\0\xff")));
    assert_true(monitor_next(&args, room, sizeof room, &arg));
    assert_int_equal(arg.len, 0);
    assert_false(monitor_next(&args, room, sizeof room, &arg));
    assert_false(monitor_next(&args, room, sizeof room, &arg));
}

static void monitor_next__keeps_to_the_room__it_is_given(void **state)
{
    (void)state;
    struct span args = S(" \"\\x41\\x42\\x43\\x44\" \"next\"");
    char room[3];
    struct span arg;
    assert_true(monitor_next(&args, room, sizeof room, &arg));
    assert_true(span_equal(arg, S("ABC")));
    assert_true(monitor_next(&args, room, sizeof room, &arg));
    assert_true(span_equal(arg, S("next")));
}

static void monitor_keys__finds_the_keys__of_each_form_of_command(void **state)
{
    (void)state;
    static const struct {
        const char *line, *keys;
    } cases[] = {
        {"\"GET\" \"exam:1\"", "r:exam:1 "},
        {"\"get\" \"exam:1\"", "r:exam:1 "},
        {"\"GET\"", ""},
        {"\"MGET\" \"a\" \"b\" \"c\"", "r:a r:b r:c "},
        {"\"MSET\" \"a\" \"1\" \"b\" \"2\"", "w:a w:b "},
        {"\"SETEX\" \"a\" \"10\" \"value\"", "w:a "},
        {"\"SET\" \"a\" \"v\" \"EX\" \"10\"", "w:a "},
        {"\"GETDEL\" \"a\"", "rw:a "},
        {"\"GETRANGE\" \"a\" \"0\" \"9\"", "r:a "},
        {"\"BRPOP\" \"q\" \"q\\x06\\x163\" \"1\"", "w:q w:q\x06\x16\x33 "},
        {"\"BRPOP\" \"q\"", ""},
        {"\"COPY\" \"a\" \"b\"", "r:a w:b "},
        {"\"BITOP\" \"AND\" \"d\" \"a\" \"b\"", "w:d r:a r:b "},
        {"\"ZUNION\" \"2\" \"a\" \"b\" \"WITHSCORES\"", "r:a r:b "},
        {"\"ZUNIONSTORE\" \"d\" \"2\" \"a\" \"b\" \"AGGREGATE\" \"MAX\"", "w:d r:a r:b "},
        {"\"ZUNION\" \"nonsense\" \"a\"", ""},
        {"\"ZUNION\" \"99999\" \"a\"", ""},
        {"\"ZUNION\" \"9\" \"a\"", "r:a "},
        {"\"OBJECT\" \"ENCODING\" \"a\"", "r:a "},
        {"\"EVAL\" \"return redis.call('get', KEYS[1])\" \"1\" \"a\"", ""},
        {"\"PUBLISH\" \"channel\" \"text\"", ""},
        {"\"INFO\"", ""},
        {"\"GETT\" \"a\"", ""},
        {"\"ACOMMANDTHATISLONGERTHANANYTHATREDISHAS\" \"a\"", ""},
        {"\"EXISTS\" \"a\" \"a\"", "r:a r:a "},
        {"\"DEL\" \"a\" \"b cut", "w:a "},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string line;
        struct keys k;
        struct monitor_line m;
        utstring_init(&line);
        utstring_init(&k.text);
        utstring_printf(&line, "1700000000.000042 [0 127.0.0.1:1] %s", cases[i].line);
        assert_true(monitor_decode(&m, text_span(&line)));
        monitor_keys(&m, add_key, &k);
        assert_string_equal(utstring_body(&k.text), cases[i].keys);
        utstring_done(&k.text);
        utstring_done(&line);
    }
}

/* The table is searched by halves: a row out of order would never be found. */
static void monitor_keys__knows__every_command_it_names(void **state)
{
    (void)state;
    static const char *const reads[] = {
        "BITCOUNT",
        "DUMP",
        "EXISTS",
        "EXPIRETIME",
        "GET",
        "GETBIT",
        "GETRANGE",
        "HEXISTS",
        "HGET",
        "HGETALL",
        "HKEYS",
        "HLEN",
        "HMGET",
        "HSCAN",
        "HSTRLEN",
        "HVALS",
        "LINDEX",
        "LLEN",
        "LPOS",
        "LRANGE",
        "MGET",
        "PFCOUNT",
        "PTTL",
        "SCARD",
        "SINTER",
        "SISMEMBER",
        "SMEMBERS",
        "SMISMEMBER",
        "SRANDMEMBER",
        "SSCAN",
        "STRLEN",
        "TOUCH",
        "TTL",
        "TYPE",
        "XLEN",
        "XRANGE",
        "ZCARD",
        "ZCOUNT",
        "ZRANGE",
        "ZRANGEBYSCORE",
        "ZREVRANGEBYSCORE",
        "ZSCAN",
        "ZSCORE",
    };
    static const char *const writes[] = {"APPEND",  "DEL",    "EXPIRE", "HDEL", "HSET", "INCR",   "LPUSH",
                                         "PERSIST", "PSETEX", "RPUSH",  "SADD", "SET",  "SETEX",  "SETNX",
                                         "SREM",    "UNLINK", "XADD",   "ZADD", "ZREM", "ZINCRBY"};
    for (size_t i = 0; i < COUNT_OF(reads) + COUNT_OF(writes); i++) {
        bool is_read = i < COUNT_OF(reads);
        char line[128];
        struct keys k;
        struct monitor_line m;
        utstring_init(&k.text);
        snprintf(line, sizeof line, "1.000000 [0 a:1] \"%s\" \"k\"",
                 is_read ? reads[i] : writes[i - COUNT_OF(reads)]);
        assert_true(monitor_decode(&m, span_of(line)));
        assert_int_equal(monitor_keys(&m, add_key, &k), 1);
        assert_string_equal(utstring_body(&k.text), is_read ? "r:k " : "w:k ");
        utstring_done(&k.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monitor_decode__reads__the_head_of_a_line),
        cmocka_unit_test(monitor_decode__refuses__what_is_no_line_of_monitor),
        cmocka_unit_test(monitor_next__undoes__every_escape),
        cmocka_unit_test(monitor_next__keeps_to_the_room__it_is_given),
        cmocka_unit_test(monitor_keys__finds_the_keys__of_each_form_of_command),
        cmocka_unit_test(monitor_keys__knows__every_command_it_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
