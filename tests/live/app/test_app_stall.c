/* A terminal that takes nothing while Redis sends twenty thousand events a second: the server must not
 * notice, nothing may be lost, and the screen is right as soon as somebody reads again. $REDAI_STALL_S is how
 * long. */
#include "process.h"
#include "seat.h"
#include "support/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"
#include "redai/base/utf8.h"

enum { SHORT_S = 10, LONGEST_S = 3600, A_SECOND = 20000, BATCH = 200, KEYS = 100 };

static int stall_seconds(void)
{
    const char *text = getenv("REDAI_STALL_S");
    long seconds = text ? strtol(text, NULL, 10) : SHORT_S;
    return seconds >= 3 && seconds <= LONGEST_S ? (int)seconds : SHORT_S;
}

/* --- the storm --- */

static void write_batch(redisContext *c, int64_t from)
{
    for (int i = 0; i < BATCH; i++) {
        redisAppendCommand(c, "SET storm:%d %d", (int)((from + i) % KEYS), i);
    }
    for (int i = 0; i < BATCH; i++) {
        redisReply *r = NULL;
        assert_int_equal(redisGetReply(c, (void **)&r), REDIS_OK);
        assert_int_equal(r->type, REDIS_REPLY_STATUS);
        freeReplyObject(r);
    }
}

/* Writes evenly for so long and returns how many keys; the terminal is not looked at. */
static int64_t storm(redisContext *c, int64_t ms, int64_t written)
{
    int64_t begun = clock_mono_us();
    int64_t until = begun + ms * US_PER_MS;
    int64_t now;
    for (int64_t sent = 0; (now = clock_mono_us()) < until;) {
        if (sent <= (now - begun) * A_SECOND / US_PER_S) {
            write_batch(c, written);
            written += BATCH;
            sent += BATCH;
        } else {
            poll(NULL, 0, 2);
        }
    }
    return written;
}

/* --- looking --- */

/* The client that listens: the server's own line of it without what changes. */
static char *feed_client(struct server *s)
{
    char *list = stage_ask(s, 0, "CLIENT LIST");
    char *found = NULL;
    for (char *line = strtok(list, "\n"); line; line = strtok(NULL, "\n")) {
        if (strstr(line, " psub=3 ")) {
            line[strcspn(line, " ")] = '\0';
            found = mem_strdup(line);
        }
    }
    free(list);
    assert_non_null(found);
    return found;
}

/* The columns of the sparkline in the row that begins with this name: how many in a row say something,
 * counted from the right; a gap ends the count. */
static int spark_length(struct pty *p, const char *name)
{
    int x, y, columns = 0, best = 0;
    assert_true(pty_find(p, name, &x, &y));
    for (; x < 300; x++) {
        uint32_t ch = pty_cell(p, x, y).ch;
        bool bar = ch >= 0x2582 && ch <= 0x2588; /* more than the lowest, which is for next to nothing */
        columns = bar ? columns + 1 : 0;
        best = columns > best ? columns : best;
    }
    return best;
}

static bool spark_is_whole(struct pty *p, void *ctx)
{
    int x, y;
    return pty_find(p, "storm", &x, &y) && spark_length(p, "storm") >= *(const int *)ctx;
}

/* What stands on the screen, frozen so that no age changes, is what a full repaint shows. */
static void assert_right(struct pty *p)
{
    seat_do(p, "z", "FROZEN");
    pty_settle(p);
    char *before = mem_strdup(seat_below(p));
    pty_forget_raw(p);
    seat_key(p, "\014");
    assert_true(pty_wait_raw(p, "\033[?2004h", WAIT_MS)); /* all anew */
    pty_settle(p);
    if (strcmp(before, seat_below(p)) != 0) {
        fprintf(stderr, "%s\n--- repainted ---\n%s\n", before, pty_screen_text(p));
        fail_msg("the screen was not what a repaint shows");
    }
    mem_free(before);
    seat_key(p, "z");
    seat_see_gone(p, "FROZEN");
}

static void nothing_is_lost__when_the_terminal_stalls_in_a_storm(void **state)
{
    (void)state;
    int seconds = stall_seconds();
    static const char *const args[] = {"--notify-keyspace-events", "KEAm", NULL};
    struct server *s = stage_server(args);
    stage_fill(s);
    redisContext *c = server_connect(s);
    assert_non_null(c);
    struct pty *p = seat_full(s, (struct seat_size){40, 300}, NULL);
    seat_do(p, "2", "i invalidate");
    int64_t written = storm(c, 2000, 0);
    seat_see(p, "storm");
    seat_do(p, "+", "events");
    char *feed = feed_client(s);
    pty_settle(p);
    int64_t cpu = process_cpu_us(p), memory = process_memory_bytes(p), begun = clock_mono_us();
    /* From here on nobody reads. */
    for (int i = 0; !pty_is_full(p); i++) {
        assert_true(i < 200);
        seat_key(p, "\014");
        written = storm(c, 20, written);
    }
    written = storm(c, seconds * 500, written);
    int64_t half_memory = process_memory_bytes(p);
    seat_key(p, ":enqueue test message=blind\r");
    written = storm(c, 1000, written);
    pty_send(p, "y"); /* nobody has seen the question */
    written = storm(c, seconds * 500 - 1000, written);
    int64_t wall = clock_mono_us() - begun;
    cpu = process_cpu_us(p) - cpu;
    assert_true(pty_is_full(p));
    int64_t end_memory = process_memory_bytes(p);
    print_message("stalled %lld ms, %lld events; CPU %lld ms; memory %lld, %lld, %lld KiB\n",
                  (long long)wall / 1000, (long long)written, (long long)cpu / 1000, (long long)memory / 1024,
                  (long long)half_memory / 1024, (long long)end_memory / 1024);
    assert_true(cpu < wall / 2); /* nothing went round in circles */
    assert_true(end_memory - half_memory < 4 << 20);
    /* Somebody reads: the question of the key that was typed meanwhile, unanswered, and then the rest. */
    begun = clock_mono_us();
    seat_see(p, ": do it");
    print_message("the screen was there after %lld ms\n", (long long)(clock_mono_us() - begun) / 1000);
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 2);
    seat_leave(p, ": do it");
    int columns = seconds - 2 < 12 ? seconds - 2 : 12; /* the sparkline has 16 */
    if (!pty_wait(p, spark_is_whole, &columns, WAIT_MS)) {
        fail_msg("a gap: %d columns of %d\n%s", spark_length(p, "storm"), columns, pty_screen_text(p));
    }
    char *now = feed_client(s);
    assert_string_equal(now, feed);
    assert_true(stage_stat(s, "client_output_buffer_limit_disconnections") <= 0); /* -1 before Redis 7.2 */
    assert_right(p);
    char heard[64];
    snprintf(heard, sizeof heard, " %lld set, since", (long long)written);
    seat_do(p, "/storm\r", "storm");
    seat_do(p, "\r", heard);
    seat_leave(p, "since the console began");
    seat_key(p, "qq"); /* the filter, and then the console */
    mem_free(now);
    mem_free(feed);
    redisFree(c);
    pty_stop(p);
    server_stop(s);
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost__when_the_terminal_stalls_in_a_storm),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
