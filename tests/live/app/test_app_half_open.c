/* Connections whose other end is gone without a word, for an hour. The console's clock runs 120 times faster,
 * so the hour takes half a minute; the timeouts and keepalives are those of every day. */
#include "plight.h"
#include "support/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

enum { LAPSE = 120, HOUR_MS = 3600 * 1000 / LAPSE };

static void show(struct plight *t, const char *when)
{
    if (getenv("SHOW")) {
        printf("--- %s\n%s\n", when, pty_screen_text(t->pty));
    }
}

static bool is_noticed(struct pty *p, void *ctx)
{
    (void)ctx;
    return strstr(pty_screen_text(p), "stale") != NULL;
}

/* The server's host was switched off and on again: it knows none of the connections, and what is sent into
 * them is lost. */
static void half_open__is_noticed_and_renewed__while_new_connections_are_taken(void **state)
{
    (void)state;
    struct plight *t = plight_new(PROXY_PASS, 0, LAPSE);
    int64_t begin_us = clock_mono_us();
    plight_fault(t, PROXY_ABANDON, 0);
    if (!pty_wait(t->pty, is_noticed, NULL, WAIT_MS)) {
        fail_msg("nothing is called old\n%s", pty_screen_text(t->pty));
    }
    printf("  called old after %" PRId64 " s of its time\n", (clock_mono_us() - begin_us) * LAPSE / US_PER_S);
    show(t, "noticed");
    plight_wait_links(t);
    printf("  all five connections are new after %" PRId64 " s of its time\n",
           (clock_mono_us() - begin_us) * LAPSE / US_PER_S);
    seat_see_gone(t->pty, "stale");
    stage_session(t->server, "RRRR0001-renate-token-kept-a", 21, "Renate Neu", "admin", true);
    seat_see(t->pty, "Renate Neu");
    seat_do(t->pty, ":revoke session " SID_ANNA "\r", ": do it");
    seat_do(t->pty, "y", "done: ");
    assert_int_equal(stage_number(t->server, 0, "EXISTS session:" SID_ANNA), 0);
    plight_recover_ms(t);
    plight_free(t);
}

/* And nobody answers for the whole hour. */
static void half_open__for_an_hour__is_survived(void **state)
{
    (void)state;
    struct plight *t = plight_new(PROXY_PASS, 0, LAPSE);
    plight_fault(t, PROXY_SWALLOW, 0);
    int64_t until_us = clock_mono_us() + HOUR_MS * US_PER_MS;
    seat_see(t->pty, "UNREACHABLE");
    plight_answer_ms(t, "at the beginning of the hour");
    int64_t resident_kb = plight_resident_kb(pty_pid(t->pty));
    while (clock_mono_us() < until_us) {
        assert_true(plight_never(t, "1 sessions 0", 1000));
    }
    show(t, "after the hour");
    plight_answer_ms(t, "after the hour");
    seat_see(t->pty, "UNREACHABLE");
    seat_see(t->pty, "(1h");
    int64_t more_kb = plight_resident_kb(pty_pid(t->pty)) - resident_kb;
    printf("  memory: %" PRId64 " kB more than an hour ago, %" PRId64 " connections were tried\n", more_kb,
           proxy_report(t->proxy).accepted);
    assert_memory_below(more_kb, 1024);
    plight_recover_ms(t);
    plight_free(t);
}

int main(void)
{
    server_require();
    stage_isolate();
    setvbuf(stdout, NULL, _IOLBF, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_open__is_noticed_and_renewed__while_new_connections_are_taken),
        cmocka_unit_test(half_open__for_an_hour__is_survived),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
