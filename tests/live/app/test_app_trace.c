/* A trace as people meet it: asked for, counted down, exact, over by itself, and nothing left of it. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

static struct server *serve(void)
{
    static const char *const args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    struct server *s = stage_server(args);
    stage_fill(s);
    return s;
}

/* The server takes note of a closed connection in its own time, and shows it nowhere but here. */
static void expect_no_monitor(struct server *s)
{
    for (int i = 0; i < 1000; i++) {
        char *clients = stage_ask(s, 0, "CLIENT LIST");
        bool there = strstr(clients, "cmd=monitor") || strstr(clients, "redai-console:trace");
        free(clients);
        if (!there) {
            return;
        }
    }
    fail_msg("the monitoring connection is still there");
}

static char *row_at(struct pty *p, int y)
{
    struct span rest = span_of(pty_screen_text(p));
    for (; y > 0; y--) {
        rest = span_skip(rest, span_find(rest, '\n') + 1);
    }
    return span_dup(span_head(rest, span_find(rest, '\n')));
}

static bool has_counted(struct pty *p, void *ctx)
{
    int x, y;
    (void)ctx;
    if (!pty_find(p, "exam  ", &x, &y)) {
        return false;
    }
    char *row = row_at(p, y);
    bool has = strstr(row, " 60 ") && strstr(row, " 33.3% ");
    mem_free(row);
    return has;
}

static void trace__asks_counts_down_and_counts_exactly__and_is_over(void **state)
{
    (void)state;
    struct server *s = serve();
    struct pty *p = seat_full(s, seat_large, NULL);
    seat_do(p, "2+", "hit%");
    seat_do(p, "T", "listen to every command for 3s");
    seat_see(p, "MONITOR makes the server send each command");
    seat_leave(p, "listen to every command");
    expect_no_monitor(s);
    seat_do(p, ":trace 6s\r", "listen to every command for 6s");
    seat_do(p, "y", "! trace, ");
    seat_see(p, "Esc ends it"); /* the server has taken it: from here on all is counted */
    for (int i = 0; i < 30; i++) {
        stage_do(s, 0, i % 3 ? "GET exam:traced:1" : "MGET exam:traced:2 exam:traced:3");
    }
    stage_do(s, 0, "SETEX exam:traced:1 100 x");
    for (int i = 0; i < 20; i++) {
        stage_do(s, 0, "GET exam:traced:1");
    }
    seat_see(p, "ran for 6s");
    seat_see_gone(p, "! trace, ");
    expect_no_monitor(s);
    seat_see(p, "traced 6s");
    /* 40 reads that found nothing, 20 that did */
    if (!pty_wait(p, has_counted, NULL, WAIT_MS)) {
        fail_msg("the family's row: %s", row_at(p, seat_row(p, "exam  ")));
    }
    seat_quit(p);
    server_stop(s);
}

static void trace__ends__on_esc_and_on_command(void **state)
{
    (void)state;
    static const char *const more[] = {"--read-only", NULL};
    struct server *s = serve();
    struct pty *p = seat_full(s, seat_small, more); /* it writes nothing */
    seat_do(p, ":trace 30s\r", "listen to every command for 30s");
    seat_do(p, "y", "! trace, ");
    seat_key(p, "\033");
    seat_see(p, "stopped by hand");
    seat_see_gone(p, "! trace, ");
    expect_no_monitor(s);
    seat_do(p, ":trace 30s\r", "listen to every command for 30s");
    seat_do(p, "y", "! trace, ");
    seat_do(p, ":trace 2s\r", "a trace runs already");
    seat_do(p, ":trace stop\r", "stopped by hand");
    expect_no_monitor(s);
    seat_do(p, ":trace 31s\r", "expected 1s to 30s or stop");
    seat_quit(p);
    server_stop(s);
}

static void trace__is_refused__while_the_server_is_strained(void **state)
{
    (void)state;
    struct server *s = serve();
    struct pty *p = seat_full(s, seat_large, NULL);
    stage_do(s, 0, "CONFIG SET maxmemory-policy noeviction");
    stage_do(s, 0, "CONFIG SET maxmemory 1kb");
    seat_see(p, "/1.0K"); /* the console knows */
    seat_do(p, ":trace\r", "of 1.0K of memory are used, over 95 %");
    seat_not(p, "listen to every command");
    expect_no_monitor(s);
    stage_do(s, 0, "CONFIG SET maxmemory 0");
    seat_see_gone(p, "/1.0K");
    seat_do(p, ":trace\r", "listen to every command for 3s");
    seat_leave(p, "listen to every command");
    seat_quit(p);
    server_stop(s);
}

static void trace__says_why__when_the_server_does_not_allow_it(void **state)
{
    (void)state;
    struct server *s = serve();
    struct pty *p = seat_full(s, seat_large, NULL);
    stage_do(s, 0, "ACL SETUSER default -monitor");
    seat_do(p, ":trace\r", "listen to every command for 3s");
    seat_do(p, "y", "no trace: NOPERM");
    expect_no_monitor(s);
    seat_quit(p);
    server_stop(s);
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace__asks_counts_down_and_counts_exactly__and_is_over),
        cmocka_unit_test(trace__ends__on_esc_and_on_command),
        cmocka_unit_test(trace__is_refused__while_the_server_is_strained),
        cmocka_unit_test(trace__says_why__when_the_server_does_not_allow_it),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
