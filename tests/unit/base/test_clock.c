#include "support/unit.h"

#include <time.h>

#include "redai/base/clock.h"

static void clock_mono__never_goes_back__over_many_readings(void **state)
{
    (void)state;
    int64_t last = clock_mono_us();
    assert_true(last > 0);
    for (int i = 0; i < 10000; i++) {
        int64_t now = clock_mono_us();
        assert_true(now >= last);
        last = now;
    }
}

static void clock_mono__counts_microseconds__of_the_monotonic_clock(void **state)
{
    (void)state;
    struct timespec before;
    struct timespec after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    int64_t now = clock_mono_us();
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true(now >= (int64_t)before.tv_sec * 1000000 + before.tv_nsec / 1000);
    assert_true(now <= (int64_t)after.tv_sec * 1000000 + after.tv_nsec / 1000);
}

static void clock_wall__counts_microseconds__since_1970(void **state)
{
    (void)state;
    struct timespec before;
    struct timespec after;
    clock_gettime(CLOCK_REALTIME, &before);
    int64_t now = clock_wall_us();
    clock_gettime(CLOCK_REALTIME, &after);
    assert_true(now >= (int64_t)before.tv_sec * 1000000 + before.tv_nsec / 1000);
    assert_true(now <= (int64_t)after.tv_sec * 1000000 + after.tv_nsec / 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_mono__never_goes_back__over_many_readings),
        cmocka_unit_test(clock_mono__counts_microseconds__of_the_monotonic_clock),
        cmocka_unit_test(clock_wall__counts_microseconds__since_1970),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
