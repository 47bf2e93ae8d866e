/* What the idle console costs, in counts: commands to Redis, bytes to the terminal, wake-ups, each a second.
 * The bounds are those of the design, or well above what was measured; a slow machine only lowers the counts.
 */
#include "server/server.h"
#include "support/pty.h"
#include "support/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"
#include "redai/base/num.h"

enum { WIDTH = 120, HEIGHT = 40, SETTLE_MS = 3000, WINDOW_MS = 5000 };
enum { COMMANDS_MAX = 8, TERMINAL_BYTES_MAX = 600, WAKE_UPS_MAX = 25 };

static bool never(struct pty *p, void *ctx)
{
    (void)p;
    (void)ctx;
    return false;
}

static int64_t number_after(const char *text, const char *name)
{
    struct span s = span_of(text);
    s = span_skip(s, span_search(s, span_of(name)) + strlen(name));
    int64_t n = -1;
    while (s.len && (*s.data == ' ' || *s.data == '\t')) {
        s = span_skip(s, 1);
    }
    size_t digits = 0;
    while (digits < s.len && s.data[digits] >= '0' && s.data[digits] <= '9') {
        digits++;
    }
    num_i64(span_head(s, digits), &n);
    return n;
}

static int64_t commands_done(struct server *s)
{
    char *text = server_cli(s, "INFO", "stats", NULL);
    int64_t n = number_after(text, "total_commands_processed:");
    free(text);
    return n;
}

static int64_t wake_ups(int pid)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    (void)fclose(f);
    return number_after(text, "\nvoluntary_ctxt_switches:");
}

static void fill(struct server *s)
{
    for (int i = 0; i < 200; i++) {
        char key[64];
        snprintf(key, sizeof key, i % 2 ? "session:%043d" : "exam:questions:%d", i);
        free(server_cli(s, "SETEX", key, "86400",
                        "{\"user_id\": 1, \"name\": \"User 1\", \"role\": \"student\"}", NULL));
    }
    free(server_cli(s, "SADD", "_kombu.binding.celery",
                    "celery\x06\x16\x06\x16"
                    "celery",
                    NULL));
}

static void the_idle_console__stays__within_its_counts(void **state)
{
    (void)state;
    static const char *const args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    fill(s);
    struct pty *p = pty_start((const char *[]){REDAI_CONSOLE, server_url(s, 0), NULL},
                              (const char *[]){"XDG_CONFIG_HOME=/nonexistent", NULL}, HEIGHT, WIDTH);
    assert_non_null(p);
    assert_true(pty_wait_text(p, "User 1", 10000));
    pty_wait(p, never, NULL, SETTLE_MS);

    pty_forget_raw(p);
    int64_t commands = commands_done(s), wakes = wake_ups(pty_pid(p)), begun_us = clock_mono_us();
    pty_wait(p, never, NULL, WINDOW_MS);
    double seconds = (double)(clock_mono_us() - begun_us) / 1e6;
    wakes = wake_ups(pty_pid(p)) - wakes;
    commands = commands_done(s) - commands - 1; /* our own INFO */
    size_t bytes = pty_raw_bytes(p).len;
    print_message("a second: %.1f commands, %.0f bytes to the terminal, %.1f wake-ups\n",
                  (double)commands / seconds, (double)bytes / seconds, (double)wakes / seconds);
    assert_true(commands > 0 && bytes > 0 && wakes > 0);
    assert_true((double)commands / seconds <= COMMANDS_MAX);
    assert_true((double)bytes / seconds <= TERMINAL_BYTES_MAX);
    assert_true((double)wakes / seconds <= WAKE_UPS_MAX);
    pty_send(p, "q");
    pty_stop(p);
    server_stop(s);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_idle_console__stays__within_its_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
