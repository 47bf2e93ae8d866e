#include "support/unit.h"

#include <math.h>
#include <string.h>

#include "redai/model/series.h"

#define SECOND INT64_C(1000000)

static void series__keeps__one_sample_a_second(void **state)
{
    (void)state;
    struct series s = {0};
    double out[8];
    series_add(&s, 10 * SECOND, 1);
    series_add(&s, 10 * SECOND + 900000, 2); /* the same second: the later one counts */
    series_add(&s, 11 * SECOND, 3);
    assert_int_equal(series_tail(&s, out, 8), 2);
    assert_true(out[0] == 2 && out[1] == 3);
    assert_true(series_last(&s) == 3);
}

static void series__fills__missing_seconds_with_unknown(void **state)
{
    (void)state;
    struct series s = {0};
    double out[8];
    series_add(&s, 10 * SECOND, 1);
    series_add(&s, 14 * SECOND, 5);
    assert_int_equal(series_tail(&s, out, 8), 5);
    assert_true(out[0] == 1 && isnan(out[1]) && isnan(out[2]) && isnan(out[3]) && out[4] == 5);
    assert_true(series_mean(&s, 5) == 3);
    assert_true(isnan(series_mean(&(struct series){0}, 5)));
    assert_true(isnan(series_last(&(struct series){0})));
}

static void series__has__no_hole_when_a_poll_is_a_little_late(void **state)
{
    (void)state;
    struct series s = {0};
    double out[8];
    series_add(&s, 10 * SECOND + 990000, 1);
    series_add(&s, 12 * SECOND + 10000, 2);
    assert_int_equal(series_tail(&s, out, 8), 3);
    assert_true(out[0] == 1 && out[1] == 2 && out[2] == 2);
}

static void series__holds__the_newest_five_minutes(void **state)
{
    (void)state;
    struct series s = {0};
    static double out[SERIES_SAMPLES + 10];
    for (int i = 0; i < 1000; i++) {
        series_add(&s, i * SECOND, i);
    }
    assert_int_equal(series_tail(&s, out, SERIES_SAMPLES + 10), SERIES_SAMPLES);
    assert_true(out[0] == 700 && out[SERIES_SAMPLES - 1] == 999);
    assert_int_equal(series_tail(&s, out, 2), 2);
    assert_true(out[0] == 998 && out[1] == 999);
}

static void series__is_all_unknown__after_a_gap_longer_than_itself(void **state)
{
    (void)state;
    struct series s = {0};
    static double out[SERIES_SAMPLES];
    series_add(&s, 0, 1);
    series_add(&s, INT64_C(1) << 59, 2);
    assert_int_equal(series_tail(&s, out, SERIES_SAMPLES), SERIES_SAMPLES);
    assert_true(isnan(out[0]) && isnan(out[SERIES_SAMPLES - 2]) && out[SERIES_SAMPLES - 1] == 2);
}

static void series__overwrites__when_time_goes_back(void **state)
{
    (void)state;
    struct series s = {0};
    series_add(&s, 10 * SECOND, 1);
    series_add(&s, 5 * SECOND, 2);
    assert_int_equal(s.count, 1);
    assert_int_equal(s.last_us, 10 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(series__keeps__one_sample_a_second),
        cmocka_unit_test(series__fills__missing_seconds_with_unknown),
        cmocka_unit_test(series__has__no_hole_when_a_poll_is_a_little_late),
        cmocka_unit_test(series__holds__the_newest_five_minutes),
        cmocka_unit_test(series__is_all_unknown__after_a_gap_longer_than_itself),
        cmocka_unit_test(series__overwrites__when_time_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
