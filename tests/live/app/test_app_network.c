/* Faults of the network between the console and a real server, one after the other: what the screen says,
 * that keys are answered meanwhile, that an action in flight is not called done, and that all is well again
 * by itself. */
#include "plight.h"
#include "support/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

#define REVOKE_ANNA  ":revoke session " SID_ANNA "\r"
#define REVOKE_MAREK ":revoke session " SID_MAREK "\r"

static bool is_there(struct plight *t, const char *sid)
{
    char command[96];
    snprintf(command, sizeof command, "EXISTS session:%s", sid);
    return stage_number(t->server, 0, command) == 1;
}

static void show(struct plight *t, const char *when)
{
    if (getenv("SHOW")) {
        printf("--- %s\n%s\n", when, pty_screen_text(t->pty));
    }
}

static void hole__is_told_and_survived__when_packets_are_dropped(void **state)
{
    (void)state;
    struct plight *t = plight_new(PROXY_PASS, 0, 1);
    seat_do(t->pty, REVOKE_ANNA, ": do it");
    plight_fault(t, PROXY_HOLE, 0);
    seat_key(t->pty, "y"); /* it is sent, and arrives nowhere */
    seat_see(t->pty, "stale");
    show(t, "stale");
    plight_answer_ms(t, "before it is noticed");
    seat_see(t->pty, "UNREACHABLE");
    seat_see(t->pty, "since ");
    seat_see(t->pty, "no reply for ");
    show(t, "noticed");
    seat_see(t->pty, "unknown");
    seat_not(t->pty, "done: ");
    plight_answer_ms(t, "while it is unreachable");
    seat_see(t->pty, "no connection for ");
    show(t, "no connection");
    seat_see(t->pty, "Zofia Zak"); /* what was known stays */
    plight_recover_ms(t);
    plight_wait_links(t);
    seat_do(t->pty, REVOKE_MAREK, ": do it");
    seat_do(t->pty, "y", "done: ");
    assert_false(is_there(t, SID_MAREK));
    plight_free(t);
}

static void swallowed__is_told_and_survived__when_nothing_comes_back(void **state)
{
    (void)state;
    struct plight *t = plight_new(PROXY_PASS, 0, 1);
    seat_do(t->pty, REVOKE_ANNA, ": do it");
    plight_fault(t, PROXY_SWALLOW, 0);
    seat_key(t->pty, "y");
    seat_see(t->pty, "stale");
    plight_answer_ms(t, "before it is noticed");
    seat_see(t->pty, "UNREACHABLE");
    seat_see(t->pty, "unknown");
    show(t, "swallowed");
    seat_not(t->pty, "done: ");
    assert_true(is_there(t, SID_ANNA));
    plight_recover_ms(t);
    seat_see(t->pty, "unknown"); /* and is not called done afterwards */
    assert_true(is_there(t, SID_ANNA));
    plight_free(t);
}

static void reset__is_told_and_survived__when_it_comes_within_a_reply(void **state)
{
    (void)state;
    struct plight *t = plight_new(PROXY_PASS, 0, 1);
    seat_do(t->pty, REVOKE_ANNA, ": do it");
    plight_fault(t, PROXY_RESET, 0);
    seat_key(t->pty, "y"); /* the reply is lost */
    seat_see(t->pty, "unknown");
    seat_not(t->pty, "done: ");
    seat_see(t->pty, "UNREACHABLE");
    seat_see(t->pty, "since ");
    seat_see(t->pty, "reset by peer");
    show(t, "reset");
    /* It depends on how much had left before the first reply came: unknown is the truth either way. */
    printf("  the session %s in Redis\n", is_there(t, SID_ANNA) ? "is still" : "is no more");
    plight_fault(t, PROXY_RESET, 200); /* connections stand, and fall within the first long reply */
    plight_answer_ms(t, "connections come and go");
    seat_see(t->pty, "stale");
    seat_see(t->pty, "reset by peer");
    show(t, "reset 200");
    plight_recover_ms(t);
    plight_free(t);
}

static void bytes__one_at_a_time__make_no_difference(void **state)
{
    (void)state;
    struct plight *t = plight_new(PROXY_BYTES, 0, 1);
    plight_answer_ms(t, "one byte at a time");
    assert_true(plight_never(t, "UNREACHABLE", 1500));
    seat_do(t->pty, REVOKE_ANNA, ": do it");
    seat_do(t->pty, "y", "done: ");
    assert_false(is_there(t, SID_ANNA));
    assert_int_equal(stage_number(t->server, 0, "EXISTS session:" SID_ZOFIA), 1);
    plight_recover_ms(t);
    plight_free(t);
}

static void latency__of_200_ms_each_way__is_shown_and_bearable(void **state)
{
    (void)state;
    struct plight *t = plight_new(PROXY_DELAY, 200 * US_PER_MS, 1);
    int64_t accepted = proxy_report(t->proxy).accepted;
    plight_answer_ms(t, "200 ms each way");
    show(t, "latency");
    seat_see(t->pty, "rtt !4");
    assert_true(plight_never(t, "UNREACHABLE", 2000));
    assert_true(plight_never(t, "stale", 2000));
    assert_int_equal(proxy_report(t->proxy).accepted, accepted); /* nothing flaps */
    int64_t begin_us = clock_mono_us();
    seat_do(t->pty, REVOKE_ANNA, ": do it");
    seat_do(t->pty, "y", "the question came only now"); /* it was waited for: nobody can have read it */
    seat_do(t->pty, "y", "done: ");
    printf("  an action, asked and done: %" PRId64 " ms\n", (clock_mono_us() - begin_us) / US_PER_MS);
    assert_false(is_there(t, SID_ANNA));
    plight_recover_ms(t);
    plight_free(t);
}

static void latency__that_begins__makes_nothing_flap(void **state)
{
    (void)state;
    struct plight *t = plight_new(PROXY_PASS, 0, 1);
    int64_t accepted = proxy_report(t->proxy).accepted;
    plight_fault(t, PROXY_DELAY, 200 * US_PER_MS);
    seat_see(t->pty, "rtt !4"); /* 400 ms and a little, and it is said to be much */
    assert_true(plight_never(t, "UNREACHABLE", 2000));
    assert_true(plight_never(t, "stale", 4000));
    show(t, "latency begins");
    plight_answer_ms(t, "200 ms each way, all at once");
    assert_int_equal(proxy_report(t->proxy).accepted, accepted);
    plight_recover_ms(t);
    plight_free(t);
}

static void trickle__of_5_kB_a_second__is_told_by_its_age(void **state)
{
    (void)state;
    struct plight *t = plight_new(PROXY_PASS, 0, 1);
    plight_fault(t, PROXY_TRICKLE, 200);
    plight_answer_ms(t, "replies trickle");
    seat_do(t->pty, REVOKE_ANNA, ": do it");
    seat_do(t->pty, "y", "done: ");
    assert_false(is_there(t, SID_ANNA));
    show(t, "trickle");
    plight_recover_ms(t);
    plight_free(t);
}

static void refused__is_told_and_survived(void **state)
{
    (void)state;
    struct plight *t = plight_new(PROXY_PASS, 0, 1);
    plight_fault(t, PROXY_REFUSE, 0);
    seat_see(t->pty, "UNREACHABLE");
    seat_see(t->pty, "since ");
    plight_answer_ms(t, "refused");
    seat_see(t->pty, "connection refused");
    show(t, "refused");
    plight_recover_ms(t);
    plight_free(t);
}

int main(void)
{
    server_require();
    stage_isolate();
    setvbuf(stdout, NULL, _IOLBF, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hole__is_told_and_survived__when_packets_are_dropped),
        cmocka_unit_test(swallowed__is_told_and_survived__when_nothing_comes_back),
        cmocka_unit_test(reset__is_told_and_survived__when_it_comes_within_a_reply),
        cmocka_unit_test(bytes__one_at_a_time__make_no_difference),
        cmocka_unit_test(latency__of_200_ms_each_way__is_shown_and_bearable),
        cmocka_unit_test(latency__that_begins__makes_nothing_flap),
        cmocka_unit_test(trickle__of_5_kB_a_second__is_told_by_its_age),
        cmocka_unit_test(refused__is_told_and_survived),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
