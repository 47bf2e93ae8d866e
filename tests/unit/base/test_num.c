#include "support/unit.h"

#include <float.h>
#include <locale.h>

#include "redai/base/mem.h"
#include "redai/base/num.h"

#define UNTOUCHED INT64_C(-424242)

struct i64_row {
    struct span text;
    bool good;
    int64_t value;
};

static void check_i64(bool (*parse)(struct span, int64_t *), const struct i64_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        /* A heap copy without a NUL lets the sanitizer see a step too far. */
        char *bytes = mem_zalloc(rows[i].text.len);
        if (rows[i].text.len) {
            memcpy(bytes, rows[i].text.data, rows[i].text.len);
        }
        int64_t got = UNTOUCHED;
        bool good = parse(span_make(bytes, rows[i].text.len), &got);
        mem_free(bytes);
        if (good != rows[i].good || got != (good ? rows[i].value : UNTOUCHED)) {
            fail_msg("'%.*s' gave %d, %lld", (int)rows[i].text.len, rows[i].text.data, good, (long long)got);
        }
    }
}

static void num_i64__takes_whole_decimal_numbers__and_nothing_else(void **state)
{
    (void)state;
    static const struct i64_row rows[] = {
        {SPAN_LITERAL("0"), true, 0},
        {SPAN_LITERAL("-0"), true, 0},
        {SPAN_LITERAL("+7"), true, 7},
        {SPAN_LITERAL("007"), true, 7},
        {SPAN_LITERAL("-12"), true, -12},
        {SPAN_LITERAL("9223372036854775807"), true, INT64_MAX},
        {SPAN_LITERAL("-9223372036854775808"), true, INT64_MIN},
        {SPAN_LITERAL("9223372036854775808"), false, 0},
        {SPAN_LITERAL("-9223372036854775809"), false, 0},
        {SPAN_LITERAL("99999999999999999999999"), false, 0},
        {SPAN_LITERAL(""), false, 0},
        {SPAN_LITERAL("-"), false, 0},
        {SPAN_LITERAL("+"), false, 0},
        {SPAN_LITERAL("+-1"), false, 0},
        {SPAN_LITERAL(" 1"), false, 0},
        {SPAN_LITERAL("1 "), false, 0},
        {SPAN_LITERAL("1\n"), false, 0},
        {SPAN_LITERAL("1\0"), false, 0},
        {SPAN_LITERAL("1.0"), false, 0},
        {SPAN_LITERAL("0x10"), false, 0},
        {SPAN_LITERAL("1e3"), false, 0},
        {SPAN_LITERAL("1_000"), false, 0},
        {SPAN_LITERAL("\xd9\xa1"), false, 0}, /* an Arabic digit */
    };
    check_i64(num_i64, rows, COUNT_OF(rows));
}

static void num_i64_range__includes__both_ends(void **state)
{
    (void)state;
    int64_t got = UNTOUCHED;
    assert_true(num_i64_range(S("0"), 0, 15, &got) && got == 0);
    assert_true(num_i64_range(S("15"), 0, 15, &got) && got == 15);
    got = UNTOUCHED;
    assert_false(num_i64_range(S("16"), 0, 15, &got));
    assert_false(num_i64_range(S("-1"), 0, 15, &got));
    assert_false(num_i64_range(S("x"), 0, 15, &got));
    assert_int_equal(got, UNTOUCHED);
}

struct f64_row {
    struct span text;
    bool good;
    double value;
};

static void check_f64(const struct f64_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double got = -42.5;
        bool good = num_f64(rows[i].text, &got);
        double wanted = good ? rows[i].value : -42.5;
        if (good != rows[i].good || memcmp(&got, &wanted, sizeof(got)) != 0) {
            fail_msg("'%.*s' gave %d, %.17g", (int)rows[i].text.len, rows[i].text.data, good, got);
        }
    }
}

static const struct f64_row f64_rows[] = {
    {SPAN_LITERAL("1.5"), true, 1.5},
    {SPAN_LITERAL("-0.25"), true, -0.25},
    {SPAN_LITERAL("-0"), true, -0.0},
    {SPAN_LITERAL(".5"), true, 0.5},
    {SPAN_LITERAL("5."), true, 5.0},
    {SPAN_LITERAL("1e3"), true, 1000},
    {SPAN_LITERAL("+1E-3"), true, 0.001},
    {SPAN_LITERAL("1700000000.123456"), true, 1700000000.123456},
    {SPAN_LITERAL("1.7976931348623157e308"), true, DBL_MAX},
    {SPAN_LITERAL("1e-400"), true, 0.0},
    {SPAN_LITERAL("1e400"), false, 0},
    {SPAN_LITERAL("-1e400"), false, 0},
    {SPAN_LITERAL("inf"), false, 0},
    {SPAN_LITERAL("nan"), false, 0},
    {SPAN_LITERAL("NaN(1)"), false, 0},
    {SPAN_LITERAL("0x1p3"), false, 0},
    {SPAN_LITERAL("1,5"), false, 0},
    {SPAN_LITERAL("1.5 "), false, 0},
    {SPAN_LITERAL(" 1.5"), false, 0},
    {SPAN_LITERAL("1.5\0"), false, 0},
    {SPAN_LITERAL("1.2.3"), false, 0},
    {SPAN_LITERAL("."), false, 0},
    {SPAN_LITERAL("-"), false, 0},
    {SPAN_LITERAL("-."), false, 0},
    {SPAN_LITERAL("e5"), false, 0},
    {SPAN_LITERAL("1e"), false, 0},
    {SPAN_LITERAL("1e+"), false, 0},
    {SPAN_LITERAL("1e5x"), false, 0},
    {SPAN_LITERAL(""), false, 0},
};

static void num_f64__takes_finite_numbers__and_nothing_else(void **state)
{
    (void)state;
    check_f64(f64_rows, COUNT_OF(f64_rows));
}

static void num_f64__reads_a_point__where_the_locale_has_a_comma(void **state)
{
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "es_ES.UTF-8", "ru_RU.UTF-8",
                                          "de_DE"};
    const char *found = NULL;
    for (size_t i = 0; i < COUNT_OF(locales) && !found; i++) {
        found = setlocale(LC_ALL, locales[i]);
    }
    if (!found || localeconv()->decimal_point[0] != ',') {
        setlocale(LC_ALL, "C");
        skip();
    }
    check_f64(f64_rows, COUNT_OF(f64_rows));
    setlocale(LC_ALL, "C");
}

static void num_f64__bounds__the_length(void **state)
{
    (void)state;
    char zeroes[600];
    double got = 0;
    memset(zeroes, '0', sizeof(zeroes));
    zeroes[510] = '7';
    assert_true(num_f64(span_make(zeroes, 511), &got));
    assert_true(got > 6.5 && got < 7.5);
    assert_false(num_f64(span_make(zeroes, 512), &got));
    assert_false(num_f64(span_make(zeroes, 600), &got));
}

static void num_bytes__reads_powers_of_1024__in_either_case(void **state)
{
    (void)state;
    static const struct i64_row rows[] = {
        {SPAN_LITERAL("0"), true, 0},
        {SPAN_LITERAL("512"), true, 512},
        {SPAN_LITERAL("512b"), true, 512},
        {SPAN_LITERAL("64k"), true, 65536},
        {SPAN_LITERAL("64KB"), true, 65536},
        {SPAN_LITERAL("1.5gb"), true, INT64_C(1610612736)},
        {SPAN_LITERAL("2M"), true, 2097152},
        {SPAN_LITERAL(".5k"), true, 512},
        {SPAN_LITERAL("0.0001k"), true, 0},
        {SPAN_LITERAL("1t"), true, INT64_C(1) << 40},
        {SPAN_LITERAL("8388607t"), true, INT64_C(8388607) << 40},
        {SPAN_LITERAL("8388608t"), false, 0},
        {SPAN_LITERAL("8388608.5t"), false, 0},
        {SPAN_LITERAL("9223372036854775807"), true, INT64_MAX},
        {SPAN_LITERAL("9223372036854775807k"), false, 0},
        {SPAN_LITERAL("9223372036854775808"), false, 0},
        {SPAN_LITERAL("-1"), false, 0},
        {SPAN_LITERAL("+1k"), false, 0},
        {SPAN_LITERAL("1.5"), false, 0},
        {SPAN_LITERAL("1.5b"), false, 0},
        {SPAN_LITERAL("1e3"), false, 0},
        {SPAN_LITERAL("1 k"), false, 0},
        {SPAN_LITERAL("k"), false, 0},
        {SPAN_LITERAL(".k"), false, 0},
        {SPAN_LITERAL("1kk"), false, 0},
        {SPAN_LITERAL("1.2.3k"), false, 0},
        {SPAN_LITERAL("1k\0"), false, 0},
        {SPAN_LITERAL(""), false, 0},
    };
    check_i64(num_bytes, rows, COUNT_OF(rows));
}

static void num_duration__counts_seconds__unless_a_unit_is_named(void **state)
{
    (void)state;
    static const struct i64_row rows[] = {
        {SPAN_LITERAL("30"), true, 30000000},
        {SPAN_LITERAL("0"), true, 0},
        {SPAN_LITERAL("30s"), true, 30000000},
        {SPAN_LITERAL("0.5"), true, 500000},
        {SPAN_LITERAL("250ms"), true, 250000},
        {SPAN_LITERAL("7us"), true, 7},
        {SPAN_LITERAL("5m"), true, 300000000},
        {SPAN_LITERAL("2H"), true, INT64_C(7200000000)},
        {SPAN_LITERAL("1d"), true, INT64_C(86400000000)},
        {SPAN_LITERAL("1.5h"), true, INT64_C(5400000000)},
        {SPAN_LITERAL("106751991d"), true, INT64_C(106751991) * INT64_C(86400000000)},
        {SPAN_LITERAL("106751992d"), false, 0},
        {SPAN_LITERAL("-5s"), false, 0},
        {SPAN_LITERAL("0.5us"), false, 0},
        {SPAN_LITERAL("1w"), false, 0},
        {SPAN_LITERAL("5 m"), false, 0},
        {SPAN_LITERAL("s"), false, 0},
        {SPAN_LITERAL(""), false, 0},
    };
    check_i64(num_duration_us, rows, COUNT_OF(rows));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(num_i64__takes_whole_decimal_numbers__and_nothing_else),
        cmocka_unit_test(num_i64_range__includes__both_ends),
        cmocka_unit_test(num_f64__takes_finite_numbers__and_nothing_else),
        cmocka_unit_test(num_f64__reads_a_point__where_the_locale_has_a_comma),
        cmocka_unit_test(num_f64__bounds__the_length),
        cmocka_unit_test(num_bytes__reads_powers_of_1024__in_either_case),
        cmocka_unit_test(num_duration__counts_seconds__unless_a_unit_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
