/* The server ends connections: each of the console's in turn, all of them, idle ones by its `timeout`, the
 * feed by its output buffer; and 200 rounds of it without a descriptor or a page of memory left over. */
#include "fault.h"
#include "support/unit.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"

enum { ROUNDS = 200, RESTARTS = 20, GROWTH_KIB = 1024 };

/* The client id of one of the console's links by its name; -1 when it is not connected. */
static long long id_of(struct stand *t, const char *name)
{
    char wanted[64];
    long long id = -1;
    redisReply *reply = redisCommand(t->held, "CLIENT LIST");
    assert_non_null(reply);
    snprintf(wanted, sizeof wanted, " name=redai-console:%s ", name);
    for (const char *line = reply->str; line && *line;) {
        const char *end = strchrnul(line, '\n');
        const char *at = strstr(line, wanted);
        if (at && at < end) {
            sscanf(line, "id=%lld", &id);
        }
        line = *end ? end + 1 : end;
    }
    freeReplyObject(reply);
    return id;
}

static long long wait_for(struct stand *t, const char *name, long long other)
{
    int64_t until = clock_mono_us() + WAIT_MS * US_PER_MS;
    long long id;
    while (((id = id_of(t, name)) < 0 || id == other) && clock_mono_us() < until) {
        poll(NULL, 0, 10);
        pty_read(t->pty);
    }
    if (id < 0 || id == other) {
        fail_msg("%s is not connected again", name);
    }
    return id;
}

/* R does not wait for the next try. */
static long long wait_for_now(struct stand *t, const char *name, long long other)
{
    for (int i = 0; i < WAIT_MS / 50; i++) {
        long long id = id_of(t, name);
        if (id >= 0 && id != other) {
            return id;
        }
        seat_key(t->pty, "R");
        poll(NULL, 0, 20);
        pty_read(t->pty);
    }
    fail_msg("%s is not connected again", name);
    return -1;
}

static void each_link_that_is_killed__is_there_again(void **state)
{
    (void)state;
    static const char *const names[] = {"poll", "feed", "result", "act", "act-result"};
    struct stand *t = stand_open(NULL, NULL);
    stand_fresh_ms(t);
    int descriptors = stand_descriptors(t);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char line[64];
        long long id = wait_for(t, names[i], -1);
        snprintf(line, sizeof line, "CLIENT KILL ID %lld", id);
        stand_do(t, line);
        int64_t key_ms = stand_key_ms(t);
        int64_t fresh_ms = stand_fresh_ms(t);
        wait_for(t, names[i], id);
        fprintf(stderr, "%s killed: a key in %lld ms, fresh after %lld ms\n", names[i], (long long)key_ms,
                (long long)fresh_ms);
    }
    seat_do(t->pty, ":enqueue test message=again\r", ": do it");
    seat_do(t->pty, "y", "done: queued");
    assert_int_equal(stand_descriptors(t), descriptors);
    stand_close(t);
}

static void server_that_cuts_idle_clients__makes_nothing_flap(void **state)
{
    (void)state;
    static const char *const args[] = {"--timeout", "5", NULL};
    struct stand *t = stand_open(args, NULL);
    stand_fresh_ms(t);
    long long poll_id = wait_for(t, "poll", -1), feed_id = wait_for(t, "feed", -1);
    int64_t until = clock_mono_us() + 14 * US_PER_S; /* two cuts of those who say nothing */
    while (clock_mono_us() < until) {
        poll(NULL, 0, 20);
        pty_read(t->pty);
        const char *screen = pty_screen_text(t->pty);
        if (strstr(screen, "UNREACHABLE") || strstr(screen, "stale") || strstr(screen, "feed down")) {
            fprintf(stderr, "%s\n", screen);
            fail_msg("the screen flaps");
        }
        stand_do(t, "PING");
    }
    assert_int_equal(wait_for(t, "poll", -1), poll_id);
    assert_int_equal(wait_for(t, "feed", -1), feed_id);
    stand_show(t, "timeout 5");
    seat_do(t->pty, ":enqueue test message=again\r", ": do it");
    seat_do(t->pty, "y", "done: queued");
    stand_close(t);
}

/* More events than the server keeps for one who does not read: it hangs up on the feed. */
static void feed_that_is_cut__leaves_nothing_counted_wrong(void **state)
{
    (void)state;
    struct stand *t = stand_open(NULL, NULL);
    enum { EVENTS = 40000, NEW = 2 };
    stand_fresh_ms(t);
    free(server_cli(t->server, "CONFIG", "SET", "client-output-buffer-limit", "pubsub 65536 65536 1", NULL));
    long long id = wait_for(t, "feed", -1);
    seat_see(t->pty, "1 sessions 5");
    pty_signal(t->pty, SIGSTOP);
    for (int i = 0; i < EVENTS; i++) {
        redisAppendCommand(t->held, "SET exam:storm x EX 100");
    }
    for (int i = 0; i < EVENTS; i++) {
        redisReply *reply = NULL;
        assert_int_equal(redisGetReply(t->held, (void **)&reply), REDIS_OK);
        freeReplyObject(reply);
    }
    for (int i = 0; i < NEW; i++) { /* nobody hears of these */
        char session[64];
        snprintf(session, sizeof session, "NNNN%04d-nora-token-kept-secret", i);
        stage_session(t->server, session, 400 + i, "Nora Neu", "student", true);
    }
    stand_do(t, "DEL session:" SID_ZOFIA " user:9:sessions");
    assert_int_equal(id_of(t, "feed"), -1); /* the server has hung up */
    pty_signal(t->pty, SIGCONT);
    int64_t fresh_ms = stand_fresh_ms(t);
    wait_for(t, "feed", id);
    seat_see(t->pty, "1 sessions 6");
    fprintf(stderr, "feed cut: fresh after %lld ms\n", (long long)fresh_ms);
    stand_close(t);
}

static void two_hundred_rounds__leave_nothing_behind(void **state)
{
    (void)state;
    struct stand *t = stand_open(NULL, NULL);
    stand_fresh_ms(t);
    long long id = wait_for(t, "poll", -1);
    int descriptors = stand_descriptors(t);
    int64_t kib = 0, begun_us = clock_mono_us();
    for (int i = 0; i < ROUNDS; i++) {
        stand_do(t, "CLIENT KILL TYPE normal");
        stand_do(t, "CLIENT KILL TYPE pubsub");
        id = wait_for_now(t, "poll", id);
        if (i == ROUNDS / 4) { /* what is kept for good has been taken by then */
            stand_fresh_ms(t);
            kib = stand_rss_kib(t);
        }
    }
    int64_t fresh_ms = stand_fresh_ms(t);
    int64_t grown = stand_rss_kib(t) - kib;
    wait_for(t, "act-result", -1);
    fprintf(stderr, "%d rounds in %lld s: fresh after %lld ms, %d descriptors, %d before, %lld KiB more\n",
            ROUNDS, (long long)((clock_mono_us() - begun_us) / US_PER_S), (long long)fresh_ms,
            stand_descriptors(t), descriptors, (long long)grown);
    assert_true(stand_descriptors(t) <= descriptors);
#ifndef __SANITIZE_ADDRESS__
    assert_true(grown < GROWTH_KIB);
#endif
    for (int i = 0; i < RESTARTS; i++) {
        server_kill(t->server);
        assert_true(server_restart(t->server));
        seat_key(t->pty, "R");
    }
    stand_fresh_ms(t);
    redisFree(t->held);
    t->held = server_connect(t->server);
    wait_for(t, "act-result", -1);
    assert_true(stand_descriptors(t) <= descriptors);
    stand_close(t);
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_link_that_is_killed__is_there_again),
        cmocka_unit_test(server_that_cuts_idle_clients__makes_nothing_flap),
        cmocka_unit_test(feed_that_is_cut__leaves_nothing_counted_wrong),
        cmocka_unit_test(two_hundred_rounds__leave_nothing_behind),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
