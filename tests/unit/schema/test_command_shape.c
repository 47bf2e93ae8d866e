#include "unit/schema/fixture.h"

#include "redai/schema/command_shape.h"

enum { ARGS = 40 };
static struct families families;

/* "GET|exam:7" as words. */
static size_t words(const char *text, struct span *argv)
{
    size_t count = 0;
    struct span rest = span_of(text);
    while (rest.len && count < ARGS) {
        size_t end = span_find(rest, '|');
        argv[count++] = span_head(rest, end);
        rest = span_skip(rest, end + 1);
    }
    return count;
}

static void assert_command(const char *text, const char *shape, const char *shown)
{
    struct span argv[ARGS];
    UT_string out;
    size_t count = words(text, argv);

    utstring_init(&out);
    command_shape(count, argv, &families, &out);
    assert_string_equal(utstring_body(&out), shape);
    utstring_clear(&out);
    command_text(count, argv, &out);
    assert_string_equal(utstring_body(&out), shown);
    assert_true(out.i <= COMMAND_TEXT_MAX);
    utstring_done(&out);
}

static void command__names_the_family_of_its_first_key(void **state)
{
    (void)state;
    assert_command("get|exam:7", "GET exam:*", "GET exam:7");
    assert_command("MGET|exam:7|exam:8", "MGET exam:*", "MGET exam:7 exam:8");
    assert_command("GET|exam:questions:7", "GET exam:questions:*", "GET exam:questions:7");
    assert_command("SMEMBERS|user:5:sessions", "SMEMBERS user:sessions", "SMEMBERS user:5:sessions");
    assert_command("GET|celery-task-meta-1f", "GET celery-task-meta-*", "GET celery-task-meta-1f");
    assert_command("LRANGE|celery|0|-1", "LRANGE celery", "LRANGE celery 0 -1");
    assert_command("BRPOP|grading|grading\x06\x16"
                   "3|1",
                   "BRPOP grading",
                   "BRPOP grading grading\x06\x16"
                   "3 1");
    assert_command("LLEN|grading\x06\x16"
                   "9",
                   "LLEN grading",
                   "LLEN grading\x06\x16"
                   "9");
    assert_command("HSET|unacked|tag|body", "HSET unacked", "HSET unacked <3 B> <4 B>");
    assert_command("GET|tom", "GET (no prefix)", "GET tom");
    assert_command("ZUNIONSTORE|a:1|2|b:1|b:2|WEIGHTS|1", "ZUNIONSTORE a:*",
                   "ZUNIONSTORE a:1 2 b:1 b:2 <7 B> <1 B>");
    assert_command("PING", "PING", "PING");
    assert_command("keys|*", "KEYS", "KEYS *");
    assert_command("scan|0|match|session:3f2a9c0123|count|100", "SCAN",
                   "SCAN 0 match session:3f2a9c~ count 100");
    assert_command("memory|usage|exam:1|samples|0", "MEMORY USAGE exam:*", "MEMORY USAGE exam:1 samples 0");
    assert_command("config|get|maxmemory", "CONFIG GET", "CONFIG GET maxmemory");
    assert_command("publish|celery-task-meta-77|{}", "PUBLISH celery-task-meta-*",
                   "PUBLISH celery-task-meta-77 <2 B>");
}

static void command__keeps_values_back(void **state)
{
    (void)state;
    assert_command("SET|session:3f2a9c01234567|{\"token\":1}|EX|3600", "SET session:*",
                   "SET session:3f2a9c~ <11 B> EX 3600");
    assert_command("GET|session:3f2a9", "GET session:*", "GET session:3f2a9");
    assert_command("SREM|user:5:sessions|3f2a9c01234567", "SREM user:sessions",
                   "SREM user:5:sessions <14 B>");
    assert_command("setex|exam:1|300|1234", "SETEX exam:*", "SETEX exam:1 300 <4 B>");
    assert_command("SET|pin:5|1234", "SET pin:*", "SET pin:5 <4 B>");
    assert_command("ZRANGE|z:1|[tom|(anna|BYLEX", "ZRANGE z:*", "ZRANGE z:1 <4 B> <5 B> BYLEX");
    assert_command("ZRANGEBYSCORE|unacked_index|-inf|(1700000000.5|WITHSCORES", "ZRANGEBYSCORE unacked_index",
                   "ZRANGEBYSCORE unacked_index -inf (1700000000.5 WITHSCORES");
    assert_command("SET|exam:1|xx... (1024 more bytes)", "SET exam:*", "SET exam:1 <1.0 KiB>");
    assert_command("SET|exam:1|... (52428800 more bytes)", "SET exam:*", "SET exam:1 <50.0 MiB>");
    assert_command("nonsense|hush|exam:1", "NONSENSE", "NONSENSE <4 B> <6 B>");
    assert_command("a b|hush", "(unknown)", "(unknown) <4 B>");
}

static void command__never_shows_secrets_or_scripts(void **state)
{
    (void)state;
    assert_command("AUTH|tom|hush", "AUTH", "AUTH <hidden> <hidden>");
    assert_command("auth|(redacted)", "AUTH", "AUTH (redacted)");
    assert_command("HELLO|3|AUTH|tom|hush", "HELLO", "HELLO <hidden> <hidden> <hidden> <hidden>");
    assert_command("config|set|requirepass|hush", "CONFIG SET", "CONFIG SET requirepass <hidden>");
    assert_command("acl|setuser|tom|>hush", "ACL SETUSER", "ACL SETUSER <hidden> <hidden>");
    assert_command("acl|nonsense|hush", "ACL", "ACL <hidden> <hidden>");
    assert_command("migrate|h|6379|session:abcdefghi|0|9|AUTH|hush", "MIGRATE",
                   "MIGRATE <hidden> <hidden> <hidden> <hidden> <hidden> <hidden> <hidden>");
    assert_command("eval|return redis.call('get', KEYS[1])|1|session:abcdefghi|hush", "EVAL session:*",
                   "EVAL <script, 33 B> 1 session:abcdef~ <4 B>");
    assert_command("evalsha|0123456789abcdef0123456789abcdef01234567|0|hush", "EVALSHA",
                   "EVALSHA 01234567~ 0 <4 B>");
    assert_command("eval|return 1|x|hush", "EVAL", "EVAL <script, 8 B> x <4 B>");
    assert_command("script|load|return 1", "SCRIPT LOAD", "SCRIPT LOAD <script, 8 B>");
}

/* Wherever it stands: in a channel, in a pattern, under a prefix that nobody knows. */
static void command__cuts_tokens__wherever_they_stand(void **state)
{
    static const struct {
        const char *words, *text;
    } rows[] = {
        {"PUBLISH|__keyspace@0__:session:3f2b8c1e-9d4a-4c77-8e21-5ec4e7aa77ab|del",
         "PUBLISH __keyspace@0__:session:3f2b8c~ <3 B>"},
        {"SUBSCRIBE|__keyspace@0__:session:abcdefghijkl", "SUBSCRIBE __keyspace@0__:session:abcdef~"},
        {"SSCAN|user:1:sessions|0|MATCH|*kJ8sLq", "SSCAN user:1:sessions 0 MATCH <7 B>"},
        {"GET|jwt:kJ8sLq2Zx9TokenTailSEq1", "GET jwt:kJ8sLq~"},
        {"GET|sess:0123456789abcdef0123456789abcdef", "GET sess:012345~"},
        {"GET|celery-task-meta-714d507f-3425-46b5-9d9e-3e65c025afba",
         "GET celery-task-meta-714d507f-3425-46b5-9d9e-3e65c025afba"},
        {"GET|cache:batch_generate_questions_2024", "GET cache:batch_generate_questions_2024"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct span argv[ARGS];
        UT_string out;
        utstring_init(&out);
        command_text(words(rows[i].words, argv), argv, &out);
        assert_string_equal(utstring_body(&out), rows[i].text);
        utstring_done(&out);
    }
}

static void command_text__is_bounded(void **state)
{
    (void)state;
    char key[200];
    struct span argv[ARGS];
    UT_string out;

    assert_command("MSET|1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22|23|24|25|26|27|28|29|30|"
                   "... (30 more arguments)",
                   "MSET (no prefix)", "MSET 1 <1 B> 3 <1 B> 5 <1 B> 7 <1 B> 9 <2 B> 11 <2 B> ... 48 more");
    assert_command("DEL|a|... (9 more arguments)", "DEL (no prefix)", "DEL a ... 9 more");
    assert_command("DEL|x... (9 more arguments)", "DEL (no prefix)",
                   "DEL x... (9 more arguments)"); /* a key of that name */

    memset(key, 'k', sizeof key);
    argv[0] = S("MGET");
    for (size_t i = 1; i < 12; i++) {
        argv[i] = span_make(key, sizeof key);
    }
    utstring_init(&out);
    command_text(12, argv, &out);
    assert_true(out.i <= COMMAND_TEXT_MAX);
    assert_non_null(strstr(utstring_body(&out), "k~ k"));
    assert_non_null(strstr(utstring_body(&out), " ... 9 more"));
    utstring_clear(&out);
    command_text(0, argv, &out);
    command_shape(0, argv, &families, &out);
    assert_int_equal(out.i, 0);
    utstring_done(&out);
}

static void command_argc__counts_what_the_server_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t argc;
    } cases[] = {
        {"PING", 1},
        {"GET|a", 2},
        {"MSET|1|2|... (30 more arguments)", 33},
        {"MSET|1|2|... (-3 more arguments)", 4},
        {"MSET|1|2|... (99999999999999999999 more arguments)", 4},
        {"... (3 more arguments)", 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span argv[ARGS];
        assert_int_equal(command_argc(words(cases[i].text, argv), argv), cases[i].argc);
    }
}

int main(void)
{
    families_init(&families);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command__names_the_family_of_its_first_key),
        cmocka_unit_test(command__keeps_values_back),
        cmocka_unit_test(command__never_shows_secrets_or_scripts),
        cmocka_unit_test(command__cuts_tokens__wherever_they_stand),
        cmocka_unit_test(command_text__is_bounded),
        cmocka_unit_test(command_argc__counts_what_the_server_left_out),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    families_release(&families);
    return failed;
}
