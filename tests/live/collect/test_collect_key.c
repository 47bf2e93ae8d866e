/* One key's detail against everything that may lie under a key: of any size, of any bytes, changing while it
 * is read, or not there at all. */
#include "support/unit.h"
#include "watch.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
    struct server *s;
    struct watch *w;
};

static void open_place(struct place *p, const char *const args[])
{
    p->s = server_start(&(struct server_options){.args = args});
    assert_non_null(p->s);
    p->w = watch_new(p->s, NULL);
    assert_true(watch_until(p->w, watch_settled, NULL, WAIT_MS));
}

static void close_place(struct place *p)
{
    watch_free(p->w);
    server_stop(p->s);
}

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

static void expect(struct place *p, const char *key, const char *const *parts)
{
    char *text = watch_peek(p->w, TARGET_KEY, key);
    for (; *parts; parts++) {
        has(text, *parts);
    }
    free(text);
}
#define EXPECT(p, key, ...) expect((p), (key), (const char *const[]){__VA_ARGS__, NULL})

static char *shown(struct watch *w)
{
    UT_string out;
    utstring_init(&out);
    const struct peek *p = model_peek(w->model);
    for (unsigned i = 0; i < utarray_len(&p->line); i++) {
        const struct peek_line *l = (const struct peek_line *)utarray_eltptr(&p->line, i);
        utstring_printf(&out, "%s|%s\n", l->label, l->text);
    }
    utstring_printf(&out, "%s\n", p->remark);
    return utstring_body(&out);
}

static bool shows(struct watch *w, void *part)
{
    const struct peek *p = model_peek(w->model);
    char *text = p->complete ? shown(w) : NULL;
    bool found = text && strstr(text, part);
    free(text);
    return found;
}

static void await_text(struct place *p, const char *part)
{
    char *copy = strdup(part);
    if (!watch_until(p->w, shows, copy, WAIT_MS)) {
        char *text = shown(p->w);
        fail_msg("'%s' does not come:\n%s", part, text);
    }
    free(copy);
}

static void run(struct place *p, const char *script)
{
    char *text = server_cli(p->s, "EVAL", script, "0", NULL);
    assert_null(strstr(text, "(error)"));
    free(text);
}

static int64_t stat_of(struct place *p, const char *name)
{
    char *info = server_cli(p->s, "INFO", "stats", NULL);
    const char *at = strstr(info, name);
    assert_non_null(at);
    int64_t value = strtoll(at + strlen(name) + 1, NULL, 10);
    free(info);
    return value;
}

static void each_form__is_shown_as_what_it_is(void **state)
{
    (void)state;
    struct place p;
    open_place(&p, NULL);
    run(&p, "redis.call('SET','v:json','{\"a\": [1, {\"b\": null}]}')"
            "redis.call('SET','v:cut','{\"a\": [1')"
            "redis.call('SET','v:text','two\\nlines')"
            "redis.call('SET','v:pickle','\\128\\4\\149\\0\\0')"
            "redis.call('SET','v:zlib','x\\156\\171V')"
            "redis.call('SET','v:binary','\\0\\1\\2ABC')"
            "redis.call('SET','v:number','12')"
            "redis.call('PFADD','v:hyll','a','b','c') redis.call('PFCOUNT','v:hyll')");
    EXPECT(&p, "v:json", "value|JSON\n", "|{\n", "|  \"a\": [\n", "|      \"b\": null\n", "family|v\n");
    EXPECT(&p, "v:cut", "value|JSON that ends too early\n", "|    1\n");
    EXPECT(&p, "v:text", "value|text\n", "|two\n|lines\n");
    EXPECT(&p, "v:pickle", "value|a Python pickle: it is not opened", "|00000000  80 04 95 00 00 ");
    EXPECT(&p, "v:zlib", "value|compressed (zlib)");
    EXPECT(&p, "v:binary", "value|binary\n", "|00000000  00 01 02 41 42 43 ", "...ABC\n");
    EXPECT(&p, "v:number", "encoding|int\n", "|12\n");
    EXPECT(&p, "v:hyll", "type|string (HyperLogLog)\n", "counts|3, as it was last counted\n");
    free(server_cli(p.s, "PFADD", "v:hyll", "d", NULL));
    EXPECT(&p, "v:hyll", "counts|? it has changed");
    close_place(&p);
}

static void a_stream__tells_its_groups(void **state)
{
    (void)state;
    struct place p;
    open_place(&p, NULL);
    run(&p, "for i=1,3 do redis.call('XADD','st',i..'-1','k',i) end "
            "redis.call('XGROUP','CREATE','st','workers','0') "
            "redis.call('XREADGROUP','GROUP','workers','w1','COUNT','2','STREAMS','st','>')");
    EXPECT(&p, "st", "type|stream\n", "items|3\n",
           "group|workers: 1 consumers, 2 pending, 1 not yet read, read up to 2-1\n", "3-1|k: 3\n",
           "1-1|k: 1\n");
    close_place(&p);
}

/* All that is read of a key counts in the server's figures, and is taken off. */
static void opening_keys__does_not_move__the_hit_rate(void **state)
{
    (void)state;
    static const char *const keys[] = {"t:string", "t:list", "t:hash", "t:set", "t:zset",
                                       "t:stream", "t:hyll", "t:none", "t:big", "user:7:sessions"};
    static const char *const policies[] = {"allkeys-lru", "allkeys-lfu"};
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        struct place p;
        open_place(&p, (const char *const[]){"--maxmemory-policy", policies[i], NULL});
        run(&p, "redis.call('SET','t:string','x') redis.call('HSET','t:hash','a','b')"
                "redis.call('SADD','t:set','a') redis.call('ZADD','t:zset','1','a')"
                "redis.call('XADD','t:stream','1-1','a','b') redis.call('XGROUP','CREATE','t:stream','g','0')"
                "redis.call('PFADD','t:hyll','a') redis.call('RPUSH','t:list','a','b')"
                "redis.call('SADD','user:7:sessions','abcdefghijkl')"
                "for i=1,1000 do redis.call('HSET','t:big',i,i) end");
        collect_refresh(p.w->collect);
        assert_true(watch_until(p.w, watch_settled, NULL, WAIT_MS));
        int64_t polls = p.w->servers + 4;
        while (p.w->servers < polls) {
            watch_until(p.w, watch_settled, NULL, 100);
        }
        int64_t hits = p.w->last.info.keyspace_hits - p.w->last.own_hits;
        int64_t misses = p.w->last.info.keyspace_misses - p.w->last.own_misses;
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
            char *text = watch_peek(p.w, TARGET_KEY, keys[k]);
            has(text, i ? k == 7 ? "type|none" : "use|" : k == 7 ? "type|none" : "idle|");
            free(text);
        }
        polls = p.w->servers + 3;
        while (p.w->servers < polls) {
            watch_until(p.w, watch_settled, NULL, 100);
        }
        assert_int_equal(p.w->last.info.keyspace_hits - p.w->last.own_hits, hits);
        assert_int_equal(p.w->last.info.keyspace_misses - p.w->last.own_misses, misses);
        close_place(&p);
    }
}

/* Of what is huge no more leaves the server than a page. */
static void what_is_huge__opens_by_its_first_part(void **state)
{
    (void)state;
    struct place p;
    open_place(&p, NULL);
    free(server_cli(p.s, "SETRANGE", "h:string", "209715199", "x", NULL));
    for (int i = 0; i < 10; i++) {
        char script[200];
        snprintf(
            script, sizeof script,
            "for i=%d,%d do redis.call('HSET','h:hash','field:'..i,i) redis.call('RPUSH','h:list',i) end",
            i * 100000, i * 100000 + 99999);
        run(&p, script);
    }
    run(&p, "redis.call('HSET','h:fat','a','1','b',string.rep('y',30*1024*1024))");
    int64_t before = stat_of(&p, "total_net_output_bytes");
    EXPECT(&p, "h:string", "length|209715200 bytes\n", "memory|", "first 4.0K of 200M; more at the end\n");
    EXPECT(&p, "h:hash", "items|1000000\n", " of 1000000; more at the end\n", "\nfield:");
    EXPECT(&p, "h:list", "items|1000000\n", "0|0\n", "99|99\n", "first 100 of 1000000; more at the end\n");
    EXPECT(&p, "h:fat", "items|2\n", "too large to be read\n");
    assert_in_range(stat_of(&p, "total_net_output_bytes") - before, 0, 4 * 1024 * 1024);
    close_place(&p);
}

static void more_is_read__when_its_end_was_reached(void **state)
{
    (void)state;
    struct place p;
    open_place(&p, NULL);
    run(&p, "for i=0,249 do redis.call('RPUSH','m:list',i) redis.call('XADD','m:stream',(i+1)..'-1','n',i) "
            "redis.call('ZADD','m:zset',i,'member'..i) redis.call('SADD','m:set','member'..i) end "
            "redis.call('SET','m:string',string.rep('0123456789',2000))");
    EXPECT(&p, "m:list", "99|99\n", "first 100 of 250; more at the end\n");
    collect_more(p.w->collect);
    await_text(&p, "first 200 of 250; more at the end\n");
    collect_more(p.w->collect);
    await_text(&p, "249|249\n");
    await_text(&p, "0|0\n");
    EXPECT(&p, "m:stream", "250-1|n: 249\n", "first 100 of 250; more at the end\n");
    collect_more(p.w->collect);
    collect_more(p.w->collect); /* while it is still read: nothing more happens */
    await_text(&p, "first 200 of 250; more at the end\n");
    collect_more(p.w->collect);
    await_text(&p, "\n1-1|n: 0\n");
    EXPECT(&p, "m:zset", "0|member0\n", "first 100 of 250; more at the end\n");
    EXPECT(&p, "m:set", " of 250; more at the end\n");
    EXPECT(&p, "m:string", "first 4.0K of 19.5K; more at the end\n");
    collect_more(p.w->collect);
    await_text(&p, "first 16.0K of 19.5K; more at the end\n");
    collect_more(p.w->collect);
    assert_true(watch_until(p.w, shows, (void *)"length|20000 bytes", WAIT_MS));
    close_place(&p);
}

static void names_and_fields__may_hold_any_bytes(void **state)
{
    (void)state;
    struct place p;
    struct target key = {.kind = TARGET_NONE};
    open_place(&p, NULL);
    run(&p, "redis.call('HSET','n:\\0\\27[31m\\255','f\\0\\27[2J','v\\0\\27[2J','ok','fine')");
    target_set(&key, TARGET_KEY, span_make("n:\0\x1b[31m\xff", 9));
    char *text = watch_peek_target(p.w, &key);
    has(text, "key|n:^@^[[31m\\xff\n");
    has(text, "f^@^[[2J|binary, 6B\n");
    has(text, "|00000000  76 00 1b 5b 32 4a ");
    has(text, "ok|fine\n");
    has_not(text, "\x1b");
    free(text);
    target_release(&key);
    close_place(&p);
}

/* While one process makes the key anew with another type all the time, each reading comes to an end. */
static void a_key_that_changes_under_the_reader__never_stops_it(void **state)
{
    (void)state;
    enum { ROUNDS = 100 };
    struct place p;
    open_place(&p, NULL);
    pid_t child = fork();
    if (child == 0) {
        redisContext *c = server_connect(p.s);
        for (unsigned i = 0; c && !c->err; i++) {
            static const char *const makes[] = {"SET r:x value",      "RPUSH r:x a b c", "HSET r:x f v",
                                                "SADD r:x m",         "ZADD r:x 1 m",    "XADD r:x * f v",
                                                "SETRANGE r:x 9000 y"};
            freeReplyObject(redisCommand(c, "DEL r:x"));
            freeReplyObject(redisCommand(c, makes[i % (sizeof makes / sizeof makes[0])]));
        }
        _exit(0);
    }
    size_t types = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char *text = watch_peek(p.w, TARGET_KEY, "r:x");
        has(text, "key r:x\n");
        has(text, "type|");
        types += strstr(text, "type|none") == NULL;
        free(text);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_true(types > 0);
    close_place(&p);
}

static void what_is_not_there__is_said__with_what_is_there_instead(void **state)
{
    (void)state;
    struct place p;
    open_place(&p, NULL);
    run(&p, "redis.call('MSET','exam:7',1,'exam:db:<Session object at "
            "0x7f12>:exam_id:7',1,'exam:70',1,'exam:17',1,"
            "'exam:questions:7',1,'other:7',1,'exam:q:[x]*',1,'exam:q:x',1)");
    free(watch_peek(p.w, TARGET_KEY, "exam:exam_id:7"));
    await_text(&p, "instead|2 keys begin with exam and hold 7\n");
    await_text(&p, "|exam:7\n");
    await_text(&p, "|exam:db:<Session object at 0x7f12>:exam_id:7\n");
    char *text = shown(p.w);
    has(text, "this key does not exist");
    has_not(text, "exam:70");
    has_not(text, "exam:17");
    free(text);
    free(watch_peek(p.w, TARGET_KEY, "exam:[x]*"));
    await_text(&p, "instead|1 key begins with exam and holds [x]*\n");
    await_text(&p, "|exam:q:[x]*\n");
    EXPECT(&p, "exam:0123456789abcdef", "type|none\n",
           "name|the form of a call with more than 200 characters");
    EXPECT(&p, "session:AbCdEfGhIjKlMnOp", "key session:AbCdEf~\n", "type|none\n");
    /* It comes into being while its page is open. */
    free(watch_peek(p.w, TARGET_KEY, "exam:exam_id:8"));
    free(server_cli(p.s, "SET", "exam:exam_id:8", "there", NULL));
    collect_refresh(p.w->collect);
    await_text(&p, "type|string\n");
    free(server_cli(p.s, "DEL", "exam:exam_id:8", NULL));
    collect_refresh(p.w->collect);
    await_text(&p, "type|none\n");
    close_place(&p);
}

static void what_an_acl_forbids__is_unknown__and_the_rest_is_shown(void **state)
{
    (void)state;
    struct place p;
    open_place(&p, NULL);
    free(server_cli(p.s, "HSET", "a:hash", "field", "value", NULL));
    free(server_cli(p.s, "ACL", "SETUSER", "default", "-memory", "-object", NULL));
    EXPECT(&p, "a:hash", "encoding|?\n", "memory|?\n", "idle|? NOPERM", "field|value\n");
    free(server_cli(p.s, "ACL", "SETUSER", "default", "-hscan", NULL));
    EXPECT(&p, "a:hash", "type|hash\n", "NOPERM");
    close_place(&p);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form__is_shown_as_what_it_is),
        cmocka_unit_test(a_stream__tells_its_groups),
        cmocka_unit_test(opening_keys__does_not_move__the_hit_rate),
        cmocka_unit_test(what_is_huge__opens_by_its_first_part),
        cmocka_unit_test(more_is_read__when_its_end_was_reached),
        cmocka_unit_test(names_and_fields__may_hold_any_bytes),
        cmocka_unit_test(a_key_that_changes_under_the_reader__never_stops_it),
        cmocka_unit_test(what_is_not_there__is_said__with_what_is_there_instead),
        cmocka_unit_test(what_an_acl_forbids__is_unknown__and_the_rest_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
