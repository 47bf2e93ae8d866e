/* Who uses the memory, and what the server throws away when it is full: with an allkeys policy the broker's
 * queues and the sessions go like any cached value, and nobody is told. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct server *server_of(const char *policy)
{
    const char *const args[] = {"--maxmemory", "0", "--maxmemory-policy", policy, "--maxmemory-samples",
                                "64",          NULL};
    struct server *s = stage_server(args);
    assert_non_null(s);
    stage_session(s, SID_ANNA, 7, "Anna Example", "teacher", true);
    for (int i = 0; i < 50; i++) {
        char id[40];
        snprintf(id, sizeof id, "00000000-0000-4000-8000-%012d", i);
        stage_message(s, "celery", id);
    }
    stage_do(s, 0,
             "SADD _kombu.binding.celery celery\x06\x16\x06\x16"
             "celery");
    return s;
}

/* Little more than what is used now. */
static void limit(struct server *s)
{
    char line[64];
    char *info = stage_ask(s, 0, "INFO memory");
    const char *used = strstr(info, "used_memory:");
    assert_non_null(used);
    snprintf(line, sizeof line, "CONFIG SET maxmemory %lld", strtoll(used + 12, NULL, 10) + 1500000);
    free(info);
    stage_do(s, 0, line);
}

/* The cache is filled until the queue has been thrown out, or the server refuses. */
static void fill_cache(struct server *s, const char *until_gone)
{
    redisContext *c = server_connect(s);
    static char value[10000];
    long long left = 1;
    memset(value, 'x', sizeof value - 1);
    for (int i = 0; left && i < 3000; i++) {
        redisReply *r = redisCommand(c, "SETEX exam:%d 3600 %s", i, value);
        bool refused = r->type == REDIS_REPLY_ERROR;
        freeReplyObject(r);
        if (refused) {
            break;
        }
        if (i % 20 == 0) {
            r = redisCommand(c, "EXISTS %s", until_gone);
            left = r->integer;
            freeReplyObject(r);
        }
    }
    redisFree(c);
}

static void memory__warns_of_the_queue__before_the_server_throws_it_away(void **state)
{
    (void)state;
    struct server *s = server_of("allkeys-lru");
    limit(s);
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_see(p, "allkeys-lru may evict queues and ");
    seat_do(p, ":memory\r", "! allkeys-lru at ");
    seat_see(p, "anything can be evicted, also the queue celery (50 tasks) and 1 session");
    seat_see(p, "! may go");
    seat_see(p, "waiting tasks");
    seat_not(p, "been evicted");
    fill_cache(s, "celery");
    assert_int_equal(stage_number(s, 0, "EXISTS celery"), 0); /* it has happened */
    seat_see(p, "been evicted since");
    seat_see_gone(p, "(50 tasks)");
    seat_leave(p, "lost when it goes");
    seat_quit(p);
    server_stop(s);
}

static void memory__says_that_queues_are_safe__when_only_what_expires_may_go(void **state)
{
    (void)state;
    struct server *s = server_of("volatile-lru");
    limit(s);
    struct pty *p = seat_open(s, seat_small, NULL, NULL);
    seat_do(p, ":memory\r", "! volatile-lru at ");
    seat_see(p, "queues are safe (no TTL)");
    seat_see(p, "people are logged out");
    fill_cache(s, "session:" SID_ANNA);
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA), 0);
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 50);
    seat_see(p, "been evicted since");
    seat_see(p, "evicted: cache, results, progress"); /* nobody is left to be logged out */
    seat_leave(p, "lost when it goes");
    seat_not(p, "may evict queues");
    seat_quit(p);
    server_stop(s);
}

static void memory__says_that_writes_are_refused__when_nothing_may_go(void **state)
{
    (void)state;
    struct server *s = server_of("noeviction");
    struct pty *p = seat_open(s, seat_small, NULL, NULL);
    seat_do(p, ":memory\r", "noeviction with no limit: nothing is evicted");
    limit(s);
    seat_see(p, "full, log-ins and new tasks are refused");
    fill_cache(s, "celery");
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 50);
    seat_see(p, "! noeviction at ");
    seat_see(p, "refused");
    seat_leave(p, "lost when it goes");
    seat_quit(p);
    server_stop(s);
}

/* As the platform is started without a limit: nothing goes yet, and that is said as what it is. */
static void alert__is_a_hint__when_there_is_no_limit_yet(void **state)
{
    (void)state;
    struct server *s = server_of("allkeys-lru");
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_see(p, "with a limit allkeys-lru would evict");
    seat_not(p, "may evict queues");
    seat_do(p, "2m", "allkeys-lru with no limit: nothing is evicted");
    seat_see(p, "stays");
    seat_not(p, "may go");
    seat_leave(p, "lost when it goes");
    limit(s);
    seat_see(p, "allkeys-lru may evict queues and ");
    seat_quit(p);
    struct ran r = RUN("snapshot", server_url(s, 0), "--format", "json");
    assert_int_equal(r.code, 1);
    assert_non_null(strstr(r.out, "\"eviction-policy\",\"severity\":\"warning\",\"state\":\"firing\""));
    ran_free(&r);
    server_stop(s);
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory__warns_of_the_queue__before_the_server_throws_it_away),
        cmocka_unit_test(memory__says_that_queues_are_safe__when_only_what_expires_may_go),
        cmocka_unit_test(memory__says_that_writes_are_refused__when_nothing_may_go),
        cmocka_unit_test(alert__is_a_hint__when_there_is_no_limit_yet),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
