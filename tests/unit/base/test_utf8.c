#include "base/utf8_ranges.h"
#include "support/unit.h"

#include <locale.h>

#include "redai/base/utf8.h"

struct code_row {
    struct span bytes;
    uint32_t cp;
};

static const struct code_row well_formed[] = {
    {SPAN_LITERAL("\0"), 0},
    {SPAN_LITERAL("A"), 'A'},
    {SPAN_LITERAL("\x7f"), 0x7F},
    {SPAN_LITERAL("\xc2\x80"), 0x80},
    {SPAN_LITERAL("\xc3\xa9"), 0xE9},
    {SPAN_LITERAL("\xdf\xbf"), 0x7FF},
    {SPAN_LITERAL("\xe0\xa0\x80"), 0x800},
    {SPAN_LITERAL("\xed\x9f\xbf"), 0xD7FF},
    {SPAN_LITERAL("\xee\x80\x80"), 0xE000},
    {SPAN_LITERAL("\xef\xbf\xbf"), 0xFFFF},
    {SPAN_LITERAL("\xf0\x90\x80\x80"), 0x10000},
    {SPAN_LITERAL("\xf0\x9f\x98\x80"), 0x1F600},
    {SPAN_LITERAL("\xf4\x8f\xbf\xbf"), 0x10FFFF},
};

static void utf8_decode__reads__the_ends_of_every_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(well_formed); i++) {
        uint32_t cp = 0xDEAD;
        char out[4];
        size_t len = well_formed[i].bytes.len;
        assert_int_equal(utf8_decode(well_formed[i].bytes, &cp), len);
        assert_int_equal(cp, well_formed[i].cp);
        assert_int_equal(utf8_encode(cp, out), len);
        assert_memory_equal(out, well_formed[i].bytes.data, len);
    }
}

static void utf8_decode__uses_one_byte__when_malformed(void **state)
{
    (void)state;
    static const struct span rows[] = {
        SPAN_LITERAL("\x80"),             /* continuation alone */
        SPAN_LITERAL("\xbf\xbf"),         /* two of them */
        SPAN_LITERAL("\xc0\x80"),         /* over-long NUL */
        SPAN_LITERAL("\xc1\xbf"),         /* over-long DEL */
        SPAN_LITERAL("\xe0\x9f\xbf"),     /* over-long, three bytes */
        SPAN_LITERAL("\xf0\x8f\xbf\xbf"), /* over-long, four bytes */
        SPAN_LITERAL("\xed\xa0\x80"),     /* first surrogate */
        SPAN_LITERAL("\xed\xbf\xbf"),     /* last surrogate */
        SPAN_LITERAL("\xf4\x90\x80\x80"), /* behind U+10FFFF */
        SPAN_LITERAL("\xf5\x80\x80\x80"),
        SPAN_LITERAL("\xff"),
        SPAN_LITERAL("\xc3"), /* cut */
        SPAN_LITERAL("\xe2\x82"),
        SPAN_LITERAL("\xf0\x9f\x98"),
        SPAN_LITERAL("\xc3("), /* no continuation */
        SPAN_LITERAL("\xe2(\xa1"),
        SPAN_LITERAL("\xf0\x9f\x98("),
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint32_t cp = 0;
        if (utf8_decode(rows[i], &cp) != 1 || cp != (UTF8_INVALID | (unsigned char)rows[i].data[0])) {
            fail_msg("row %zu gave %x", i, cp);
        }
    }
}

static void utf8_decode__uses_nothing__when_empty(void **state)
{
    (void)state;
    uint32_t cp = 7;
    assert_int_equal(utf8_decode((struct span){NULL, 0}, &cp), 0);
    assert_int_equal(cp, 7);
}

static void utf8_encode_and_decode__give_back__every_code_point(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char out[4];
        uint32_t back = 0;
        size_t len = utf8_encode(cp, out);
        bool surrogate = cp >= 0xD800 && cp <= 0xDFFF;
        assert_int_equal(utf8_decode(span_make(out, len), &back), len);
        assert_int_equal(back, surrogate ? UTF8_REPLACEMENT : cp);
    }
}

static void utf8_encode__writes_the_replacement__for_what_is_no_code_point(void **state)
{
    (void)state;
    static const uint32_t rows[] = {0xD800, 0xDFFF, 0x110000, UTF8_INVALID | 0x41, UINT32_MAX};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char out[4];
        assert_int_equal(utf8_encode(rows[i], out), 3);
        assert_memory_equal(out, "\xef\xbf\xbd", 3);
    }
}

static void check_widths(void)
{
    static const struct {
        uint32_t cp;
        int width;
    } rows[] = {
        {0, 1},        {'\n', 1},
        {' ', 1},      {'~', 1},
        {0x7F, 1},     {0x9B, 1},
        {0xA0, 1},     {0xE9, 1},
        {0x416, 1},    {0x2500, 1},
        {0x2588, 1},   {0x20AC, 1},
        {0x1100, 2},   {0x3042, 2},
        {0x4E2D, 2},   {0xAC00, 2},
        {0xD7A3, 2},   {0xFF01, 2},
        {0xFF61, 1},   {0x20000, 2},
        {0x1F600, 2},  {0x1F680, 2},
        {0x2705, 2},   {0x10FFFF, 1},
        {0x110000, 1}, {UTF8_INVALID | 0xFF, 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (utf8_width(rows[i].cp) != rows[i].width) {
            fail_msg("U+%04X is %d wide", rows[i].cp, utf8_width(rows[i].cp));
        }
    }
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        assert_in_range(utf8_width(cp), 0, 2);
    }
}

static void utf8_width__is_the_same__in_the_c_and_a_utf8_locale(void **state)
{
    (void)state;
    setlocale(LC_ALL, "C");
    check_widths();
    if (setlocale(LC_ALL, "C.UTF-8") || setlocale(LC_ALL, "en_US.UTF-8")) {
        check_widths();
    }
    setlocale(LC_ALL, "C");
}

static void utf8_text_width__adds_up__the_columns(void **state)
{
    (void)state;
    assert_int_equal(utf8_text_width(S("")), 0);
    assert_int_equal(utf8_text_width(S("exam:7")), 6);
    assert_int_equal(utf8_text_width(S("\xe4\xb8\xad\xe6\x96\x87!")), 5);
    assert_int_equal(utf8_text_width(S("\xc3\xa9t\xc3\xa9")), 3);
    assert_int_equal(utf8_text_width(S("\xff\xfe")), 2);
}

static void utf8_is_hostile__names__each_kind(void **state)
{
    (void)state;
    static const struct {
        uint32_t first, last;
    } rows[] = {
        {0x00, 0x1F},       {0x7F, 0x9F},         {0xAD, 0xAD},     {0x300, 0x36F},   {0x61C, 0x61C},
        {0x180E, 0x180E},   {0x200B, 0x200F},     {0x2028, 0x202E}, {0x2060, 0x206F}, {0x20D0, 0x20F0},
        {0x115F, 0x1160},   {0x3164, 0x3164},     {0xFFA0, 0xFFA0}, {0xD800, 0xDFFF}, {0xFDD0, 0xFDEF},
        {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},     {0xFFF0, 0xFFFB}, {0xFFFE, 0xFFFF}, {0x1FFFE, 0x1FFFF},
        {0xE0000, 0xE0FFF}, {0x10FFFE, 0x10FFFF},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (uint32_t cp = rows[i].first; cp <= rows[i].last; cp++) {
            if (!utf8_is_hostile(cp)) {
                fail_msg("U+%04X passes", cp);
            }
        }
    }
    assert_true(utf8_is_hostile(0x110000));
    assert_true(utf8_is_hostile(UTF8_INVALID | 'A'));
}

static void utf8_is_hostile__spares__what_people_write(void **state)
{
    (void)state;
    static const struct {
        uint32_t first, last;
    } rows[] = {
        {0x20, 0x7E},     {0xA0, 0xAC},     {0xAE, 0x2FF},    {0x391, 0x3A1},
        {0x410, 0x44F},   {0x5D0, 0x5EA},   {0x2010, 0x2027}, {0x20A0, 0x20BF},
        {0x2500, 0x25FF}, {0x2800, 0x28FF}, {0x3041, 0x3096}, {0x4E00, 0x9FFF},
        {0xAC00, 0xD7A3}, {0xFF01, 0xFF5E}, {0xFFFC, 0xFFFD}, {0x1F600, 0x1F64F},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (uint32_t cp = rows[i].first; cp <= rows[i].last; cp++) {
            if (utf8_is_hostile(cp)) {
                fail_msg("U+%04X is held back", cp);
            }
        }
    }
}

static void utf8_ranges__are_sorted__and_apart(void **state)
{
    (void)state;
    const struct utf8_ranges *tables[] = {&utf8_hostile_ranges, &utf8_wide_ranges};
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        assert_true(tables[t]->count > 50);
        for (size_t i = 0; i < tables[t]->count; i++) {
            assert_true(tables[t]->at[i].first <= tables[t]->at[i].last);
            assert_true(i == 0 || tables[t]->at[i].first > tables[t]->at[i - 1].last);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_decode__reads__the_ends_of_every_length),
        cmocka_unit_test(utf8_decode__uses_one_byte__when_malformed),
        cmocka_unit_test(utf8_decode__uses_nothing__when_empty),
        cmocka_unit_test(utf8_encode_and_decode__give_back__every_code_point),
        cmocka_unit_test(utf8_encode__writes_the_replacement__for_what_is_no_code_point),
        cmocka_unit_test(utf8_width__is_the_same__in_the_c_and_a_utf8_locale),
        cmocka_unit_test(utf8_text_width__adds_up__the_columns),
        cmocka_unit_test(utf8_is_hostile__names__each_kind),
        cmocka_unit_test(utf8_is_hostile__spares__what_people_write),
        cmocka_unit_test(utf8_ranges__are_sorted__and_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
