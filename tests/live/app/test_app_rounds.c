/* The connection is lost two hundred times: no descriptor and no memory more than before. The console's clock
 * runs ten times faster, so that its pauses do not make the test long. */
#include "plight.h"
#include "support/unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

enum { LAPSE = 10, ROUNDS = 200, WARM = 20, MORE_KB = 768 };

/* Reset at once, refused, or reset within a reply, in turn. */
static void lose(struct plight *t, int round)
{
    static const struct {
        enum proxy_mode mode;
        int64_t number;
    } way[] = {{PROXY_RESET, 0}, {PROXY_REFUSE, 0}, {PROXY_RESET, 100}, {PROXY_RESET, 1000}};
    proxy_set(t->proxy, way[round % (int)COUNT_OF(way)].mode, way[round % (int)COUNT_OF(way)].number);
}

static bool is_lost(struct pty *p, void *ctx)
{
    (void)ctx;
    return strstr(pty_screen_text(p), "UNREACHABLE") != NULL;
}

static bool is_back(struct pty *p, void *ctx)
{
    return !is_lost(p, ctx) && strstr(pty_screen_text(p), "rtt ");
}

static void rounds__of_loss_leave_nothing_behind(void **state)
{
    (void)state;
    struct plight *t = plight_new(PROXY_PASS, 0, LAPSE);
    int pid = pty_pid(t->pty);
    int64_t warm_kb = 0;
    int64_t longest_us = 0;
    int64_t begin_us = clock_mono_us();
    for (int round = 0; round < ROUNDS; round++) {
        lose(t, round);
        assert_true(pty_wait(t->pty, is_lost, NULL, WAIT_MS));
        int64_t end_us = clock_mono_us();
        proxy_set(t->proxy, PROXY_PASS, 0);
        assert_true(pty_wait(t->pty, is_back, NULL, WAIT_MS));
        int64_t took_us = (clock_mono_us() - end_us) * LAPSE;
        longest_us = took_us > longest_us ? took_us : longest_us;
        pty_forget_raw(t->pty);
        warm_kb = round == WARM ? plight_resident_kb(pid) : warm_kb;
    }
    plight_recover_ms(t); /* descriptors as at the start */
    int64_t more_kb = plight_resident_kb(pid) - warm_kb;
    printf("  %d losses in %" PRId64 " ms, %" PRId64 " connections, the longest recovery %" PRId64
           " ms of its time; %d descriptors as before; resident %" PRId64 " kB, %" PRId64
           " kB more than after %d rounds\n",
           ROUNDS, (clock_mono_us() - begin_us) / US_PER_MS, proxy_report(t->proxy).accepted,
           longest_us / US_PER_MS, plight_descriptors(pid), warm_kb + more_kb, more_kb, WARM);
    assert_memory_below(more_kb, MORE_KB);
    seat_see(t->pty, "Zofia Zak");
    plight_free(t);
}

int main(void)
{
    server_require();
    stage_isolate();
    setvbuf(stdout, NULL, _IOLBF, 0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(rounds__of_loss_leave_nothing_behind)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
