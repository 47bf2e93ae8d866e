#include "support/unit.h"

#include <locale.h>

#include "redai/base/utf8.h"

static const struct span nothing = {NULL, 0};

struct shown_row {
    struct span raw;
    int max_cols;
    const char *shown;
};

static void check(const struct shown_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        UT_string out;
        utstring_init(&out);
        text_add(&out, S("before|"));
        utf8_sanitise(rows[i].raw, rows[i].max_cols, &out);
        if (strcmp(utstring_body(&out) + 7, rows[i].shown) != 0 ||
            utstring_len(&out) != 7 + strlen(rows[i].shown)) {
            fail_msg("row %zu: '%s', not '%s'", i, utstring_body(&out) + 7, rows[i].shown);
        }
        utstring_done(&out);
    }
}

static void utf8_sanitise__shows_marks__for_what_a_terminal_would_obey(void **state)
{
    (void)state;
    static const struct shown_row rows[] = {
        {{NULL, 0}, 0, ""},
        {SPAN_LITERAL("session:7"), 0, "session:7"},
        {SPAN_LITERAL("a\0b"), 0, "a^@b"},
        {SPAN_LITERAL("\x1b[2J\r\n\t\x7f"), 0, "^[[2J^M^J^I^?"},
        {SPAN_LITERAL("\x1f"), 0, "^_"},
        {SPAN_LITERAL("\xc2\x9b"
                      "2J"),
         0, "\\x9b2J"},
        {SPAN_LITERAL("\x9b"
                      "2J"),
         0, "\\x9b2J"},
        {SPAN_LITERAL("\xff\xc3("), 0, "\\xff\\xc3("},
        {SPAN_LITERAL("\xed\xa0\x80"), 0, "\\xed\\xa0\\x80"},
        {SPAN_LITERAL("a\xe2\x80\xae"
                      "b"),
         0, "a\\u202eb"},
        {SPAN_LITERAL("e\xcc\x81"), 0, "e\\u0301"},
        {SPAN_LITERAL("\xe2\x80\x8b\xef\xbb\xbf"), 0, "\\u200b\\ufeff"},
        {SPAN_LITERAL("\xf3\xa0\x80\x81"), 0, "\\U000e0001"},
        {SPAN_LITERAL("\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"), 0, "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"},
    };
    check(rows, COUNT_OF(rows));
}

static void utf8_sanitise__ends_in_a_tilde__only_when_cut(void **state)
{
    (void)state;
    static const struct shown_row rows[] = {
        {SPAN_LITERAL("abcdef"), 7, "abcdef"},
        {SPAN_LITERAL("abcdef"), 6, "abcdef"},
        {SPAN_LITERAL("abcdef"), 5, "abcd~"},
        {SPAN_LITERAL("abcdef"), 2, "a~"},
        {SPAN_LITERAL("abcdef"), 1, "~"},
        {SPAN_LITERAL("a"), 1, "a"},
        {SPAN_LITERAL("\n"), 1, "~"},
        {SPAN_LITERAL("ab\n"), 4, "ab^J"},
        {SPAN_LITERAL("ab\n"), 3, "ab~"},
        {SPAN_LITERAL("ab\nc"), 4, "ab~"}, /* a mark is shown whole or not at all */
        {SPAN_LITERAL("a\xe2\x80\xae"), 6, "a~"},
        {SPAN_LITERAL("\xe4\xb8\xad\xe6\x96\x87"), 4, "\xe4\xb8\xad\xe6\x96\x87"},
        {SPAN_LITERAL("\xe4\xb8\xad\xe6\x96\x87"), 3, "\xe4\xb8\xad~"},
        {SPAN_LITERAL("\xe4\xb8\xad\xe6\x96\x87"), 2, "~"},
        {SPAN_LITERAL("\xe4\xb8\xad"), 1, "~"},
        {SPAN_LITERAL("x\xe4\xb8\xad\xe6\x96\x87"), 4, "x\xe4\xb8\xad~"},
        {{NULL, 0}, 1, ""},
    };
    check(rows, COUNT_OF(rows));
}

static void utf8_sanitise_dup__gives__a_string_of_its_own(void **state)
{
    (void)state;
    char *copy = utf8_sanitise_dup(S("k\n"), 0);
    assert_string_equal(copy, "k^J");
    mem_free(copy);
    copy = utf8_sanitise_dup(nothing, 5);
    assert_string_equal(copy, "");
    mem_free(copy);
}

/* What every display copy promises, whatever the bytes were. */
static void check_promises(struct span raw, int max_cols)
{
    UT_string out;
    utstring_init(&out);
    utf8_sanitise(raw, max_cols, &out);
    struct span shown = text_span(&out);
    if (max_cols > 0) {
        assert_in_range(utf8_text_width(shown), 0, max_cols);
    }
    assert_int_equal(shown.data[shown.len], '\0');
    while (shown.len > 0) {
        uint32_t cp;
        shown = span_skip(shown, utf8_decode(shown, &cp));
        if (utf8_is_hostile(cp) || utf8_width(cp) < 1) {
            fail_msg("U+%04X reached the screen", cp);
        }
    }
    utstring_done(&out);
}

static void check_every_code_point(void)
{
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char bytes[4];
        check_promises(span_make(bytes, utf8_encode(cp, bytes)), 0);
    }
}

static void utf8_sanitise__lets_no_hostile_code_point_through__in_either_locale(void **state)
{
    (void)state;
    setlocale(LC_ALL, "C");
    check_every_code_point();
    if (setlocale(LC_ALL, "C.UTF-8") || setlocale(LC_ALL, "en_US.UTF-8")) {
        check_every_code_point();
    }
    setlocale(LC_ALL, "C");
}

static void utf8_sanitise__keeps_its_promises__for_random_bytes(void **state)
{
    (void)state;
    uint64_t seed = 0x9e3779b97f4a7c15u; /* the same bytes in every run */
    for (int round = 0; round < 20000; round++) {
        char bytes[24];
        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            bytes[i] = (char)(seed >> 32);
        }
        check_promises(span_make(bytes, (size_t)(seed % (sizeof(bytes) + 1))), round % 30);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_sanitise__shows_marks__for_what_a_terminal_would_obey),
        cmocka_unit_test(utf8_sanitise__ends_in_a_tilde__only_when_cut),
        cmocka_unit_test(utf8_sanitise_dup__gives__a_string_of_its_own),
        cmocka_unit_test(utf8_sanitise__lets_no_hostile_code_point_through__in_either_locale),
        cmocka_unit_test(utf8_sanitise__keeps_its_promises__for_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
