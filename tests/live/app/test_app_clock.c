/* The clock is set while the console watches: hours forward and hours back (a machine that slept, a time
 * server that was wrong). What has lasted for so long lasts for so long, nothing is called old or lost, and
 * nothing is asked or drawn more often than before. */
#include "plight.h"
#include "process.h"
#include "support/unit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "redai/base/clock.h"

enum { HOUR_S = 3600, LOOK_MS = 3000 };

/* Where the clock of the console is read from: tests/preload/lapse.c. */
static int clock_fd = -1;

static void set_clock(int64_t ahead_s)
{
    printf("the clock is %+" PRId64 " h\n", ahead_s / HOUR_S);
    fflush(stdout);
    assert_int_equal(pwrite(clock_fd, &ahead_s, sizeof ahead_s, 0), sizeof ahead_s);
}

/* The row that begins so: its text up to the end of the line. */
static bool row_has(struct pty *p, const char *row, const char *text)
{
    const char *at = strstr(pty_screen_text(p), row);
    const char *found = at ? strstr(at, text) : NULL;
    return found && found < strchrnul(at, '\n');
}

/* What a look of some seconds costs: commands at the server, time of the console, frames. */
struct cost {
    int64_t commands, cpu_us, bytes;
};

/* Nothing is called old or lost meanwhile, a key is answered, and the time that is left of a key is what it
 * was. */
static struct cost look(struct plight *t, const char *when)
{
    int64_t commands = stage_stat(t->server, "total_commands_processed"), cpu_us = process_cpu_us(t->pty);
    pty_forget_raw(t->pty);
    assert_true(plight_never(t, "UNREACHABLE", LOOK_MS / 2));
    assert_true(plight_never(t, "stale", LOOK_MS / 2));
    struct cost cost = {stage_stat(t->server, "total_commands_processed") - commands,
                        process_cpu_us(t->pty) - cpu_us, (int64_t)pty_raw_bytes(t->pty).len};
    printf("  %s: in %d s %" PRId64 " commands, %" PRId64 " ms of CPU, %" PRId64 " bytes to the terminal\n",
           when, LOOK_MS / 1000, cost.commands, cost.cpu_us / US_PER_MS, cost.bytes);
    plight_answer_ms(t, when);
    pty_settle(t->pty);
    if (!row_has(t->pty, "Zofia Zak", " 23h ")) {
        fail_msg("%s the TTL is another\n%s", when, pty_screen_text(t->pty));
    }
    return cost;
}

static void assert_no_burst(struct cost usual, struct cost now)
{
    assert_true(now.commands <= 2 * usual.commands + 30); /* one more walk may fall into it */
    assert_true(now.cpu_us <= 2 * usual.cpu_us + LOOK_MS * US_PER_MS / 4);
    assert_true(now.bytes <= 2 * usual.bytes + 20000);
}

static const int64_t jumps_s[] = {5 * HOUR_S, 0, -3 * HOUR_S, 0};

static void clock__that_jumps__makes_nothing_old_and_nothing_busy(void **state)
{
    (void)state;
    set_clock(0);
    struct plight *t = plight_new(PROXY_PASS, 0, 1);
    stage_in_flight(t->server, "celery", "33333333-3333-4333-8333-333333333333", 900);
    plight_wait_links(t);
    int64_t accepted = proxy_report(t->proxy).accepted;
    struct cost usual = look(t, "as it is");
    for (size_t i = 0; i < COUNT_OF(jumps_s); i++) {
        set_clock(jumps_s[i]);
        assert_no_burst(usual, look(t, "after the jump"));
        /* Still firing for seconds, not for hours, nor since a time to come. */
        if (row_has(t->pty, "firing   batch", "h firing") || !row_has(t->pty, "!  ", "s firing")) {
            fail_msg("an alert's duration\n%s", pty_screen_text(t->pty));
        }
    }
    assert_int_equal(proxy_report(t->proxy).accepted, accepted); /* the same connections */
    stage_session(t->server, "RRRR0001-renate-token-kept-a", 1, "Renate Neu", "admin", true);
    seat_see(t->pty, "Renate Neu"); /* and what is told is still heard */
    plight_free(t);
}

/* "since 18:56:12": by the clock as it is set now. The outage began about then; at the end of an hour either.
 */
static bool is_since(struct pty *p, int64_t wall_us, int64_t ahead_s)
{
    enum { ABOUT_S = 3 };
    for (int64_t s = -ABOUT_S; s <= ABOUT_S; s += ABOUT_S) {
        char text[32];
        int64_t hour = (wall_us / US_PER_S + ahead_s + s) / HOUR_S % 24;
        snprintf(text, sizeof text, "since %02d:", (int)hour);
        if (row_has(p, "UNREACHABLE", text)) {
            return true;
        }
    }
    return false;
}

static void clock__that_jumps_in_an_outage__keeps_its_length(void **state)
{
    (void)state;
    set_clock(0);
    struct plight *t = plight_new(PROXY_PASS, 0, 1);
    plight_fault(t, PROXY_REFUSE, 0);
    seat_see(t->pty, "UNREACHABLE");
    int64_t wall_us = clock_wall_us();
    for (size_t i = 0; i < COUNT_OF(jumps_s); i++) {
        int64_t cpu_us = process_cpu_us(t->pty);
        set_clock(jumps_s[i]);
        assert_true(plight_never(t, "rtt ", LOOK_MS));
        pty_settle(t->pty);
        /* "since 18:56:12 UTC (7 s)": seconds, whatever the hour is. */
        if (!row_has(t->pty, "UNREACHABLE", " s)") || !is_since(t->pty, wall_us, jumps_s[i])) {
            fail_msg("the length of the outage\n%s", pty_screen_text(t->pty));
        }
        printf("  %" PRId64 " ms of CPU\n", (process_cpu_us(t->pty) - cpu_us) / US_PER_MS);
        assert_true(process_cpu_us(t->pty) - cpu_us < LOOK_MS * US_PER_MS / 2);
    }
    plight_answer_ms(t, "in the outage");
    plight_recover_ms(t);
    plight_free(t);
}

int main(void)
{
    server_require();
    stage_isolate();
    setvbuf(stdout, NULL, _IOLBF, 0);
    setenv("REDAI_JUMP", stage_path("clock"), 1);
    clock_fd = open(stage_path("clock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock__that_jumps__makes_nothing_old_and_nothing_busy),
        cmocka_unit_test(clock__that_jumps_in_an_outage__keeps_its_length),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    close(clock_fd);
    stage_leave();
    return failed;
}
