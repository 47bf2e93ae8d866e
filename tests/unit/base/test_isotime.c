#include "support/unit.h"

#include <string.h>
#include <time.h>

#include "redai/base/isotime.h"

#define S_TO_US INT64_C(1000000)

static void isotime_parse__reads__what_python_writes(void **state)
{
    (void)state;
    static const struct {
        struct span text;
        int64_t us;
    } rows[] = {
        {SPAN_LITERAL("1970-01-01T00:00:00"), 0},
        {SPAN_LITERAL("1970-01-01T00:00:00Z"), 0},
        {SPAN_LITERAL("1970-01-01 00:00:01.5"), 1500000},
        {SPAN_LITERAL("1969-12-31T23:59:59.999999"), -1},
        {SPAN_LITERAL("2026-11-23T09:33:22.714134"), INT64_C(1795426402714134)},
        {SPAN_LITERAL("2026-11-23T09:33:22.714134Z"), INT64_C(1795426402714134)},
        {SPAN_LITERAL("2026-11-23T09:33:22.714134+00:00"), INT64_C(1795426402714134)},
        {SPAN_LITERAL("2026-11-23T11:33:22.714134+02:00"), INT64_C(1795426402714134)},
        {SPAN_LITERAL("2026-11-23T04:03:22.714134-05:30"), INT64_C(1795426402714134)},
        {SPAN_LITERAL("2026-11-23T09:33:22.7"), INT64_C(1795426402700000)},
        {SPAN_LITERAL("2026-11-23T09:33:22.714134999"), INT64_C(1795426402714134)},
        {SPAN_LITERAL("2024-02-29T00:00:00"), INT64_C(1709164800) * S_TO_US},
        {SPAN_LITERAL("2000-02-29T12:00:00"), INT64_C(951825600) * S_TO_US},
        {SPAN_LITERAL("2100-03-01T00:00:00"), INT64_C(4107542400) * S_TO_US},
        {SPAN_LITERAL("0001-01-01T00:00:00"), INT64_C(-62135596800) * S_TO_US},
        {SPAN_LITERAL("9999-12-31T23:59:59.999999"), INT64_C(253402300799999999)},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t us = 42;
        if (!isotime_parse(rows[i].text, &us) || us != rows[i].us) {
            fail_msg("'%s' gave %lld", rows[i].text.data, (long long)us);
        }
    }
}

static void isotime_parse__leaves_the_result_alone__when_malformed(void **state)
{
    (void)state;
    static const struct span rows[] = {
        SPAN_LITERAL(""),
        SPAN_LITERAL("null"),
        SPAN_LITERAL("2026-11-23"),
        SPAN_LITERAL("2026-11-23T"),
        SPAN_LITERAL("2026-11-23T09:33"),
        SPAN_LITERAL("2026-11-23T09:33:2"),
        SPAN_LITERAL("2026-11-23T09:33:22."),
        SPAN_LITERAL("2026-11-23T09:33:22.x"),
        SPAN_LITERAL("2026-11-23T09:33:22,5"),
        SPAN_LITERAL("2026-11-23t09:33:22"),
        SPAN_LITERAL("2026-11-23T09:33:22 "),
        SPAN_LITERAL(" 2026-11-23T09:33:22"),
        SPAN_LITERAL("2026-11-23T09:33:22\0"),
        SPAN_LITERAL("2026-11-23T09:33:22ZZ"),
        SPAN_LITERAL("2026-11-23T09:33:22+"),
        SPAN_LITERAL("2026-11-23T09:33:22+02"),
        SPAN_LITERAL("2026-11-23T09:33:22+24:00"),
        SPAN_LITERAL("2026-11-23T09:33:22+02:60"),
        SPAN_LITERAL("2026-11-23T09:33:22+-2:00"),
        SPAN_LITERAL("2026-00-23T09:33:22"),
        SPAN_LITERAL("2026-13-23T09:33:22"),
        SPAN_LITERAL("2026-11-00T09:33:22"),
        SPAN_LITERAL("2026-11-31T09:33:22"),
        SPAN_LITERAL("2026-02-29T09:33:22"),
        SPAN_LITERAL("2100-02-29T09:33:22"),
        SPAN_LITERAL("0000-01-01T00:00:00"),
        SPAN_LITERAL("2026-11-23T24:00:00"),
        SPAN_LITERAL("2026-11-23T09:60:00"),
        SPAN_LITERAL("2026-11-23T09:33:60"),
        SPAN_LITERAL("-026-11-23T09:33:22"),
        SPAN_LITERAL("20261123T093322"),
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t us = 42;
        if (isotime_parse(rows[i], &us) || us != 42) {
            fail_msg("'%s' was taken", rows[i].data);
        }
    }
}

static void isotime_parse__stops__at_the_end_of_the_span(void **state)
{
    (void)state;
    const char text[] = "2026-11-23T09:33:22.714134";
    int64_t us = 0;
    assert_true(isotime_parse(span_make(text, 19), &us));
    assert_true(us == INT64_C(1795426402000000));
    for (size_t len = 0; len < 19; len++) {
        assert_false(isotime_parse(span_make(text, len), &us));
    }
}

static void isotime_format__writes__seconds_and_z(void **state)
{
    (void)state;
    char out[ISOTIME_SIZE];
    isotime_format(INT64_C(1795426402714134), out, sizeof(out));
    assert_string_equal(out, "2026-11-23T09:33:22Z");
    isotime_format(-1, out, sizeof(out));
    assert_string_equal(out, "1969-12-31T23:59:59Z");
    isotime_format(INT64_MAX, out, sizeof(out));
    assert_string_equal(out, "?");
    isotime_format(INT64_MIN, out, sizeof(out));
    assert_string_equal(out, "?");
}

static void isotime_format_celery__writes__all_six_digits_and_the_zone(void **state)
{
    (void)state;
    char out[ISOTIME_SIZE];
    isotime_format_celery(INT64_C(1795426402000007), out, sizeof(out));
    assert_string_equal(out, "2026-11-23T09:33:22.000007+00:00");
    assert_int_equal(strlen(out) + 1, ISOTIME_SIZE);
}

static void isotime_format__cuts__when_the_room_is_small(void **state)
{
    (void)state;
    char out[8] = "#######";
    isotime_format(0, out, 5);
    assert_string_equal(out, "1970");
    assert_string_equal(out + 5, "##");
}

static void isotime__agrees_with_libc__on_days_of_every_kind(void **state)
{
    (void)state;
    /* Steps of a little more than 17 days, from 1600 to 2800: leap years, centuries, year ends. */
    for (int64_t s = INT64_C(-11676096000); s < INT64_C(26192246400); s += 1500011) {
        char wanted[ISOTIME_SIZE];
        char got[ISOTIME_SIZE];
        struct tm tm;
        time_t at = (time_t)s;
        assert_non_null(gmtime_r(&at, &tm));
        strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%SZ", &tm);
        isotime_format(s * S_TO_US, got, sizeof(got));
        assert_string_equal(got, wanted);
        int64_t back = 0;
        assert_true(isotime_parse(span_of(got), &back));
        assert_true(back == s * S_TO_US);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(isotime_parse__reads__what_python_writes),
        cmocka_unit_test(isotime_parse__leaves_the_result_alone__when_malformed),
        cmocka_unit_test(isotime_parse__stops__at_the_end_of_the_span),
        cmocka_unit_test(isotime_format__writes__seconds_and_z),
        cmocka_unit_test(isotime_format_celery__writes__all_six_digits_and_the_zone),
        cmocka_unit_test(isotime_format__cuts__when_the_room_is_small),
        cmocka_unit_test(isotime__agrees_with_libc__on_days_of_every_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
