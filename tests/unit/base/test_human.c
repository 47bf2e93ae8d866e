#include "support/unit.h"

#include <math.h>
#include <string.h>

#include "redai/base/human.h"

struct whole_row {
    int64_t value;
    const char *text;
};

struct real_row {
    double value;
    const char *text;
};

static void check_whole(const char *(*human)(int64_t, char *, size_t), const struct whole_row *rows,
                        size_t count, size_t max_cols)
{
    char out[32];
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(human(rows[i].value, out, sizeof(out)), out);
        if (strcmp(out, rows[i].text) != 0) {
            fail_msg("%lld gave '%s', not '%s'", (long long)rows[i].value, out, rows[i].text);
        }
    }
    /* No value is too wide, least of all where a rounding carries. */
    for (int bit = 0; bit < 63; bit++) {
        for (int64_t near = -60; near <= 60; near++) {
            int64_t value = (INT64_C(1) << bit) + near;
            assert_in_range(strlen(human(value, out, sizeof(out))), 1, max_cols);
        }
    }
    for (int64_t power = 10; power < INT64_MAX / 10; power *= 10) {
        for (int64_t near = -power / 2; near <= 0; near += power / 10) {
            assert_in_range(strlen(human(power + near, out, sizeof(out))), 1, max_cols);
            assert_in_range(strlen(human(power + near - 1, out, sizeof(out))), 1, max_cols);
        }
    }
    assert_in_range(strlen(human(INT64_MAX, out, sizeof(out))), 1, max_cols);
}

static void check_real(const char *(*human)(double, char *, size_t), const struct real_row *rows,
                       size_t count)
{
    char out[32];
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(human(rows[i].value, out, sizeof(out)), out);
        if (strcmp(out, rows[i].text) != 0) {
            fail_msg("%.17g gave '%s', not '%s'", rows[i].value, out, rows[i].text);
        }
    }
}

static void human_bytes__fits_five_columns__over_the_whole_range(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        {-1, "?"},
        {INT64_MIN, "?"},
        {0, "0B"},
        {1, "1B"},
        {999, "999B"},
        {1023, "1023B"},
        {1024, "1.0K"},
        {1536, "1.5K"},
        {102297, "99.9K"},
        {102399, "100K"},
        {1048063, "1023K"},
        {1048064, "1.0M"},
        {1048576, "1.0M"},
        {INT64_C(1610612736), "1.5G"},
        {INT64_C(1) << 40, "1.0T"},
        {INT64_MAX, "8.0E"},
    };
    check_whole(human_bytes, rows, COUNT_OF(rows), 5);
}

static void human_count__fits_five_columns__over_the_whole_range(void **state)
{
    (void)state;
    static const struct whole_row rows[] = {
        {-1, "?"},
        {0, "0"},
        {999, "999"},
        {1000, "1.0k"},
        {12345, "12.3k"},
        {99949, "99.9k"},
        {99950, "100k"},
        {999499, "999k"},
        {999500, "1.0M"},
        {4500000, "4.5M"},
        {INT64_C(7000000000), "7.0G"},
        {INT64_MAX, "9.2E"},
    };
    check_whole(human_count, rows, COUNT_OF(rows), 5);
}

static void human_duration__fits_six_columns__over_the_whole_range(void **state)
{
    (void)state;
    const int64_t ms = 1000;
    const int64_t s = 1000 * ms;
    const int64_t day = 86400 * s;
    const struct whole_row rows[] = {
        {-1, "?"},
        {0, "0s"},
        {250, "0.2ms"},
        {9999, "9.9ms"},
        {10 * ms, "10ms"},
        {250 * ms, "250ms"},
        {s - 1, "999ms"},
        {s, "1s"},
        {12 * s + 999 * ms, "12s"},
        {60 * s - 1, "59s"},
        {60 * s, "1m00s"},
        {184 * s, "3m04s"},
        {3600 * s - 1, "59m59s"},
        {7500 * s, "2h05m"},
        {day - 1, "23h59m"},
        {3 * day + 4 * 3600 * s, "3d04h"},
        {100 * day - 1, "99d23h"},
        {100 * day, "100d"},
        {9999 * day, "9999d"},
        {10000 * day, "27y"},
        {INT64_MAX, "99999y"},
    };
    check_whole(human_duration, rows, COUNT_OF(rows), 6);
}

static void human_rate__shows_tenths__only_below_ten(void **state)
{
    (void)state;
    static const struct real_row rows[] = {
        {-0.1, "?"},     {(double)NAN, "?"}, {(double)INFINITY, "?"},
        {1e30, "?"},     {0, "0"},           {0.049, "0"},
        {0.05, "0.1"},   {0.3, "0.3"},       {9.94, "9.9"},
        {9.96, "10"},    {12.4, "12"},       {999.4, "999"},
        {999.6, "1.0k"}, {1234, "1.2k"},     {300000, "300k"},
    };
    check_real(human_rate, rows, COUNT_OF(rows));
}

static void human_percent__says_100__of_all_only(void **state)
{
    (void)state;
    static const struct real_row rows[] = {
        {-1, "?"},        {(double)NAN, "?"}, {(double)INFINITY, "?"}, {0, "0.0%"},     {97.34, "97.3%"},
        {99.94, "99.9%"}, {99.99, "99.9%"},   {100, "100%"},           {100.4, "100%"}, {250, "250%"},
    };
    check_real(human_percent, rows, COUNT_OF(rows));
}

static void human__ends_within_the_room__when_it_is_small(void **state)
{
    (void)state;
    char out[8] = "#######";
    human_duration(INT64_C(184000000), out, 3);
    assert_string_equal(out, "3m");
    assert_string_equal(out + 3, "####");
    human_percent(97.3, out, 1);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(human_bytes__fits_five_columns__over_the_whole_range),
        cmocka_unit_test(human_count__fits_five_columns__over_the_whole_range),
        cmocka_unit_test(human_duration__fits_six_columns__over_the_whole_range),
        cmocka_unit_test(human_rate__shows_tenths__only_below_ten),
        cmocka_unit_test(human_percent__says_100__of_all_only),
        cmocka_unit_test(human__ends_within_the_room__when_it_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
