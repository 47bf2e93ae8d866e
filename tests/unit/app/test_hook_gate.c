#include "app/hook_gate.h"
#include "support/unit.h"

#define SECOND US_PER_S

static void gate__lets_the_same_thing_start__once_in_ten_seconds(void **state)
{
    (void)state;
    struct hook_gate g = {0};
    assert_int_equal(hook_gate_wait_us(&g, 7, 0), 0);
    hook_gate_started(&g, 7, 0);
    assert_int_equal(hook_gate_wait_us(&g, 7, 1 * SECOND), 9 * SECOND);
    assert_int_equal(hook_gate_wait_us(&g, 8, 1 * SECOND), 0);
    assert_int_equal(hook_gate_wait_us(&g, 7, 10 * SECOND - 1), 1);
    assert_int_equal(hook_gate_wait_us(&g, 7, 10 * SECOND), 0);
}

static void gate__lets_twenty_start__in_a_minute(void **state)
{
    (void)state;
    struct hook_gate g = {0};
    int64_t now = 5 * SECOND;
    for (uint64_t key = 0; key < HOOK_STARTS_MAX; key++) {
        assert_int_equal(hook_gate_wait_us(&g, key, now), 0);
        hook_gate_started(&g, key, now);
        now += SECOND;
    }
    assert_int_equal(hook_gate_wait_us(&g, 99, now), 40 * SECOND);
    assert_int_equal(hook_gate_wait_us(&g, 99, 65 * SECOND), 0);
    hook_gate_started(&g, 99, 65 * SECOND);
    assert_int_equal(hook_gate_wait_us(&g, 98, 65 * SECOND), SECOND); /* the next of the minute before */
    /* whoever waits longest decides */
    assert_int_equal(hook_gate_wait_us(&g, 99, 65 * SECOND), 10 * SECOND);
}

/* However wildly something flaps, in no minute there are more than twenty. */
static void gate__holds__over_an_hour_of_flapping(void **state)
{
    (void)state;
    static int64_t at[3600];
    struct hook_gate g = {0};
    size_t count = 0;
    for (int64_t now = 0; now < 3600 * SECOND; now += SECOND / 10) {
        uint64_t key = (uint64_t)(now / SECOND % 5 ? now / 100000 : 1);
        if (hook_gate_wait_us(&g, key, now) == 0) {
            hook_gate_started(&g, key, now);
            assert_true(count < COUNT_OF(at));
            at[count++] = now;
        }
    }
    for (size_t i = HOOK_STARTS_MAX; i < count; i++) {
        assert_true(at[i] - at[i - HOOK_STARTS_MAX] >= HOOK_STARTS_US);
    }
    assert_in_range(count, 1180, 1200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gate__lets_the_same_thing_start__once_in_ten_seconds),
        cmocka_unit_test(gate__lets_twenty_start__in_a_minute),
        cmocka_unit_test(gate__holds__over_an_hour_of_flapping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
