/* The server pane on a real server: what clients do to it is seen in each of its faces, and what this user
 * may not read is said. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct server *server_of(void)
{
    const char *const args[] = {"--slowlog-log-slower-than",
                                "2000",
                                "--latency-monitor-threshold",
                                "1",
                                "--enable-debug-command",
                                "local",
                                "--maxmemory",
                                "200mb",
                                "--maxmemory-policy",
                                "noeviction",
                                NULL};
    struct server *s = stage_server(args);
    assert_non_null(s);
    return s;
}

/* Enough that the windows have something in them; the last one is wrong each time. */
static void work(struct server *s)
{
    static const char *const commands[] = {"SET exam:7 one", "GET exam:7", "LPUSH exam:7 x"};
    redisContext *c = server_connect(s);
    assert_non_null(c);
    for (size_t i = 0; i < 300; i++) {
        freeReplyObject(redisCommand(c, commands[i % COUNT_OF(commands)]));
    }
    redisFree(c);
}

static void signs_of_life__are_there__group_by_group(void **state)
{
    (void)state;
    struct server *s = server_of();
    stage_fill(s);
    struct pty *p = seat_open(s, seat_small, NULL, NULL);
    seat_do(p, "8", "server 7");
    static const char *const groups[] = {"memory",  "cpu",  "latency",    "traffic",
                                         "clients", "keys", "persistence"};
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        char row[40];
        snprintf(row, sizeof row, "▸ %s", groups[i]);
        seat_see(p, row);
    }
    seat_see(p, "of memory"); /* in the title */
    seat_do(p, "\r", "├ dataset");
    seat_see(p, "of 200M, when full: noeviction");
    seat_do(p, "j\r", "all that Redis has allocated"); /* the page of a row */
    seat_leave(p, "all that Redis has allocated");
    seat_do(p, ":filter main\r", "main thread");
    seat_quit(p);
    server_stop(s);
}

static void commands_and_errors__are_counted__while_one_looks(void **state)
{
    (void)state;
    struct server *s = server_of();
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_do(p, "8:group commands\r", "server commands ");
    seat_do(p, "/command:lpush\r", "nothing matches"); /* it was not called yet */
    work(s);
    seat_see(p, "in the last ");
    seat_see(p, "failed/s");
    seat_see(p, "lpush  ");
    seat_do(p, "\r", "since the server's counters began");
    seat_leave(p, "since the server's counters began");
    seat_do(p, ":group errors\r", "WRONGTYPE");
    seat_see(p, "a command on a key of another type");
    seat_quit(p);
    server_stop(s);
}

static void slow_log__shows_what_comes__by_shape_and_entry(void **state)
{
    (void)state;
    struct server *s = server_of();
    stage_do(s, 0, "DEBUG SLEEP 0.004"); /* before one looks: not new */
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_do(p, "8:group slowlog\r", "DEBUG SLEEP");
    seat_see(p, "slower than 2ms is logged");
    seat_not(p, "+1 new");
    stage_do(s, 0, "DEBUG SLEEP 0.006");
    seat_see(p, "+1 new");
    seat_do(p, "\r", "entries, the newest first");
    seat_see(p, "2, 1 of them new");
    seat_do(p, "\r", "its arguments cut and masked");
    seat_see(p, "it came while you watch");
    seat_leave(p, "it came while you watch");
    seat_leave(p, "entries, the newest first");
    seat_do(p, ":group entries\r", "server slow log 2");
    seat_do(p, ":group none\r", "server 7");
    seat_do(p, "/monitor\r", "latency monitor: last at"); /* threshold 1 ms: the sleeps were events */
    seat_quit(p);
    server_stop(s);
}

static void clients__are_listed__by_kind_and_name_and_ended(void **state)
{
    (void)state;
    struct server *s = server_of();
    redisContext *named = server_connect(s);
    redisContext *waits = server_connect(s);
    freeReplyObject(redisCommand(named, "CLIENT SETNAME exam-api"));
    assert_int_equal(redisAppendCommand(waits, "BRPOP questions 0"), REDIS_OK);
    int done = 0;
    while (!done) {
        assert_int_equal(redisBufferWrite(waits, &done), REDIS_OK);
    }
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_do(p, "8:group clients\r", "exam-api");
    seat_see(p, "brpop");
    seat_see(p, "own ");
    seat_do(p, "/kind:worker\r", "1 shown");
    seat_see(p, "worker  ");
    seat_not(p, "exam-api");
    seat_leave(p, "1 shown");
    seat_do(p, "/name:exam-api\r", "1 shown");
    seat_do(p, "\r", "a client that gives commands");
    seat_do(p, "x", "CLIENT KILL ID "); /* of whom the page is about */
    seat_do(p, "y", "its connection has ended");
    seat_see(p, "it is not connected any more");
    seat_leave(p, "it is not connected any more");
    seat_quit(p);
    redisFree(named);
    redisFree(waits);
    server_stop(s);
}

static void pane__says_what_this_user_may_not_read(void **state)
{
    (void)state;
    struct server *s = server_of();
    stage_do(s, 0, "ACL SETUSER default -client|list -slowlog");
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_do(p, "8", "▸ memory");
    seat_do(p, ":group clients\r", "? cannot be read");
    seat_see(p, "no permissions to run the 'client|list' command");
    seat_do(p, ":group slowlog\r", "'slowlog|get' command");
    seat_do(p, ":group commands\r", "calls/s");
    seat_see_gone(p, "no permissions");
    seat_quit(p);
    server_stop(s);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_of_life__are_there__group_by_group),
        cmocka_unit_test(commands_and_errors__are_counted__while_one_looks),
        cmocka_unit_test(slow_log__shows_what_comes__by_shape_and_entry),
        cmocka_unit_test(clients__are_listed__by_kind_and_name_and_ended),
        cmocka_unit_test(pane__says_what_this_user_may_not_read),
    };
    stage_isolate();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
