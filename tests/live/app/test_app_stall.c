/* A terminal that takes nothing while Redis sends twenty thousand events a second: the server must not
 * notice, nothing may be lost, and the screen is right as soon as somebody reads again. For a
 * minute, or $REDAI_STALL_S. */
#include "process.h"
#include "seat.h"
#include "support/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"
#include "redai/base/utf8.h"

enum { USUAL_S = 60, LONGEST_S = 3600, A_SECOND = 20000, BATCH = 200, KEYS = 100 };

static int stall_seconds(void)
{
    const char *text = getenv("REDAI_STALL_S");
    long seconds = text ? strtol(text, NULL, 10) : USUAL_S;
    return seconds >= 3 && seconds <= LONGEST_S ? (int)seconds : USUAL_S;
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

/* --- the stall --- */

struct stall {
    struct server *server;
    redisContext *writer;
    struct pty *pty;
    char *feed;      /* the client that listened before */
    int64_t written; /* keys so far */
};

static struct stall *stall_open(void)
{
    static const char *const args[] = {"--notify-keyspace-events", "KEAm", NULL};
    struct stall *t = mem_zalloc(sizeof *t);
    t->server = stage_server(args);
    stage_fill(t->server);
    t->writer = server_connect(t->server);
    assert_non_null(t->writer);
    t->pty = seat_full(t->server, (struct seat_size){40, 300}, NULL);
    seat_do(t->pty, "2", "i invalidate");
    t->written = storm(t->writer, 2000, 0);
    seat_see(t->pty, "storm");
    seat_do(t->pty, "+", "events");
    t->feed = feed_client(t->server);
    pty_settle(t->pty);
    return t;
}

static void stall_close(struct stall *t)
{
    seat_key(t->pty, "qq"); /* the filter, and then the console */
    mem_free(t->feed);
    redisFree(t->writer);
    pty_stop(t->pty);
    server_stop(t->server);
    mem_free(t);
}

/* From here on nobody reads, for so long; a task is ordered in the middle, and what asks is answered blindly.
 */
static void stall_for(struct stall *t, int seconds)
{
    struct pty *p = t->pty;
    int64_t cpu = process_cpu_us(p), memory = process_memory_bytes(p), begun = clock_mono_us();
    for (int i = 0; !pty_is_full(p); i++) {
        assert_true(i < 200);
        seat_key(p, "\014");
        t->written = storm(t->writer, 20, t->written);
    }
    t->written = storm(t->writer, seconds * 500, t->written);
    int64_t half_memory = process_memory_bytes(p);
    seat_key(p, ":enqueue test message=blind\r");
    t->written = storm(t->writer, 1000, t->written);
    pty_send(p, "y"); /* nobody has seen the question */
    t->written = storm(t->writer, seconds * 500 - 1000, t->written);
    int64_t wall = clock_mono_us() - begun;
    cpu = process_cpu_us(p) - cpu;
    assert_true(pty_is_full(p));
    int64_t end_memory = process_memory_bytes(p);
    print_message("stalled %lld ms, %lld events; CPU %lld ms; memory %lld, %lld, %lld KiB\n",
                  (long long)wall / 1000, (long long)t->written, (long long)cpu / 1000,
                  (long long)memory / 1024, (long long)half_memory / 1024, (long long)end_memory / 1024);
    assert_true(cpu < wall / 2); /* nothing went round in circles */
    assert_true(end_memory - half_memory < 4 << 20);
}

static void assert_no_gap(struct stall *t, int seconds)
{
    int columns = seconds - 2 < 12 ? seconds - 2 : 12; /* the sparkline has 16 */
    if (!pty_wait(t->pty, spark_is_whole, &columns, WAIT_MS)) {
        fail_msg("a gap: %d columns of %d\n%s", spark_length(t->pty, "storm"), columns,
                 pty_screen_text(t->pty));
    }
}

static void assert_same_connection(struct stall *t)
{
    char *now = feed_client(t->server);
    assert_string_equal(now, t->feed);
    mem_free(now);
    /* -1 before Redis 7.2 */
    assert_true(stage_stat(t->server, "client_output_buffer_limit_disconnections") <= 0);
}

static void nothing_is_lost__when_the_terminal_stalls_in_a_storm(void **state)
{
    (void)state;
    int seconds = stall_seconds();
    struct stall *t = stall_open();
    stall_for(t, seconds);
    /* Somebody reads: the question of the key that was typed meanwhile, unanswered, and then the rest. */
    int64_t begun = clock_mono_us();
    seat_see(t->pty, ": do it");
    print_message("the screen was there after %lld ms\n", (long long)(clock_mono_us() - begun) / 1000);
    assert_int_equal(stage_number(t->server, 0, "LLEN celery"), 2);
    seat_leave(t->pty, ": do it");
    assert_no_gap(t, seconds);
    assert_same_connection(t);
    assert_right(t->pty);
    char heard[64];
    snprintf(heard, sizeof heard, " %lld set, since", (long long)t->written);
    seat_do(t->pty, "/storm\r", "storm");
    seat_do(t->pty, "\r", heard);
    seat_leave(t->pty, "since the console began");
    stall_close(t);
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
