#include "link/backoff.h"
#include "support/unit.h"

static void backoff_next_us__doubles_from_100_ms_to_1500_ms__when_asked_again_and_again(void **state)
{
    (void)state;
    static const int64_t steps_ms[] = {100, 200, 400, 800, 1500, 1500, 1500, 1500};
    for (uint64_t seed = 0; seed < 500; seed++) {
        struct backoff b;
        backoff_init(&b, seed);
        for (size_t i = 0; i < COUNT_OF(steps_ms); i++) {
            int64_t step_us = steps_ms[i] * US_PER_MS;
            assert_in_range(backoff_next_us(&b), step_us / 2, step_us);
        }
    }
}

static void backoff_next_us__differs__when_the_seeds_differ(void **state)
{
    (void)state;
    struct backoff a;
    struct backoff b;
    int same = 0;
    backoff_init(&a, 1);
    backoff_init(&b, 2);
    for (int i = 0; i < 100; i++) {
        same += backoff_next_us(&a) == backoff_next_us(&b);
    }
    assert_true(same < 5);
}

static void backoff_reset__starts_over__when_a_connection_stood(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, 7);
    for (int i = 0; i < 20; i++) {
        backoff_next_us(&b);
    }
    backoff_reset(&b);
    assert_in_range(backoff_next_us(&b), 50 * US_PER_MS, 100 * US_PER_MS);
}

static void backoff_slow_us__is_the_longest_and_stays_long__when_waiting_will_not_mend_it(void **state)
{
    (void)state;
    struct backoff b;
    backoff_init(&b, 7);
    assert_int_equal(backoff_slow_us(&b), 1500 * US_PER_MS);
    assert_in_range(backoff_next_us(&b), 750 * US_PER_MS, 1500 * US_PER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backoff_next_us__doubles_from_100_ms_to_1500_ms__when_asked_again_and_again),
        cmocka_unit_test(backoff_next_us__differs__when_the_seeds_differ),
        cmocka_unit_test(backoff_reset__starts_over__when_a_connection_stood),
        cmocka_unit_test(backoff_slow_us__is_the_longest_and_stays_long__when_waiting_will_not_mend_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
