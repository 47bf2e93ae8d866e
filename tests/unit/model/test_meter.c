#include "model/meter.h"
#include "support/unit.h"

#include <math.h>

#define SECOND INT64_C(1000000)

static void meter__knows_nothing__from_one_sample(void **state)
{
    (void)state;
    struct meter m = {0};
    int64_t growth, span;
    meter_add(&m, SECOND, (int64_t[]){5, 0, 0});
    assert_false(meter_growth(&m, SECOND, 0, &growth, &span));
    assert_true(isnan(meter_per_s(&m, SECOND, 0)));
}

static void meter__looks_back__no_further_than_its_window(void **state)
{
    (void)state;
    struct meter m = {0};
    int64_t growth, span;
    for (int i = 0; i <= 100; i++) {
        meter_add(&m, i * SECOND, (int64_t[]){10 * i, 0, -i});
    }
    assert_true(meter_growth(&m, 30 * SECOND, 0, &growth, &span));
    assert_int_equal(growth, 300);
    assert_int_equal(span, 30 * SECOND);
    assert_true(meter_per_s(&m, 10 * SECOND, 0) == 10);
    assert_true(meter_per_s(&m, 10 * SECOND, 2) == 0); /* never negative */
}

static void meter__spans_a_minute__when_fed_four_times_a_second(void **state)
{
    (void)state;
    struct meter m = {0};
    int64_t growth, span;
    for (int i = 0; i <= 1000; i++) {
        meter_add(&m, i * SECOND / 4, (int64_t[]){i, 0, 0});
    }
    assert_true(meter_growth(&m, 60 * SECOND, 0, &growth, &span));
    assert_true(span >= 59 * SECOND && span <= 61 * SECOND);
    assert_int_equal(growth, span / (SECOND / 4));
}

static void meter__takes_the_last_pair__when_all_else_is_older(void **state)
{
    (void)state;
    struct meter m = {0};
    int64_t growth, span;
    meter_add(&m, 0, (int64_t[]){0, 0, 0});
    meter_add(&m, 60 * SECOND, (int64_t[]){100, 0, 0});
    meter_add(&m, 120 * SECOND, (int64_t[]){160, 0, 0});
    assert_true(meter_growth(&m, 10 * SECOND, 0, &growth, &span));
    assert_int_equal(growth, 60);
    assert_int_equal(span, 60 * SECOND);
    meter_clear(&m);
    assert_false(meter_growth(&m, 10 * SECOND, 0, &growth, &span));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meter__knows_nothing__from_one_sample),
        cmocka_unit_test(meter__looks_back__no_further_than_its_window),
        cmocka_unit_test(meter__spans_a_minute__when_fed_four_times_a_second),
        cmocka_unit_test(meter__takes_the_last_pair__when_all_else_is_older),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
