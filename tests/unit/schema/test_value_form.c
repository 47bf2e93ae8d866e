#include "unit/schema/fixture.h"

#include "redai/schema/value_form.h"

static void value_form__tells__what_a_value_is(void **state)
{
    (void)state;
    static const struct {
        struct span bytes;
        enum value_form whole, part;
    } cases[] = {
        {SPAN_LITERAL(""), VALUE_EMPTY, VALUE_EMPTY},
        {SPAN_LITERAL("{\"a\": 1}"), VALUE_JSON, VALUE_JSON},
        {SPAN_LITERAL("{\"a\": "), VALUE_JSON_CUT, VALUE_JSON},
        {SPAN_LITERAL(" [1, \"x"), VALUE_JSON_CUT, VALUE_JSON},
        {SPAN_LITERAL("42"), VALUE_JSON, VALUE_JSON},
        {SPAN_LITERAL("t"), VALUE_TEXT, VALUE_TEXT},
        {SPAN_LITERAL("hello\nworld"), VALUE_TEXT, VALUE_TEXT},
        {SPAN_LITERAL("{a}"), VALUE_TEXT, VALUE_TEXT},
        {SPAN_LITERAL("caf\xc3\xa9"), VALUE_TEXT, VALUE_TEXT},
        {SPAN_LITERAL("caf\xc3"), VALUE_BINARY, VALUE_TEXT},
        {SPAN_LITERAL("caf\xff"), VALUE_BINARY, VALUE_TEXT},
        {SPAN_LITERAL("\x01\x02"), VALUE_BINARY, VALUE_BINARY},
        {SPAN_LITERAL("a\0b"), VALUE_BINARY, VALUE_BINARY},
        {SPAN_LITERAL("\x1b[2J"), VALUE_BINARY, VALUE_BINARY},
        {SPAN_LITERAL("\x80\x04\x95\x0b\x00\x00"), VALUE_PICKLE, VALUE_PICKLE},
        {SPAN_LITERAL("\x80\x02]q\x00."), VALUE_PICKLE, VALUE_PICKLE},
        {SPAN_LITERAL("\x78\x9c\xab\x56"), VALUE_ZLIB, VALUE_ZLIB},
        {SPAN_LITERAL("\x78\x01\x4b\x04"), VALUE_ZLIB, VALUE_ZLIB},
        {SPAN_LITERAL("x^ is text"), VALUE_TEXT, VALUE_TEXT},
        {SPAN_LITERAL("\x1f\x8b\x08\x00\x00"), VALUE_GZIP, VALUE_GZIP},
        {SPAN_LITERAL("\x28\xb5\x2f\xfd\x04"), VALUE_ZSTD, VALUE_ZSTD},
        {SPAN_LITERAL("\x04\x22\x4d\x18\x64"), VALUE_LZ4, VALUE_LZ4},
        {SPAN_LITERAL("BZh91AY&SY\x01"), VALUE_BZIP2, VALUE_BZIP2},
        {SPAN_LITERAL("\xfd\x37\x7a\x58\x5a\x00"), VALUE_XZ, VALUE_XZ},
        {SPAN_LITERAL("HYLL"), VALUE_TEXT, VALUE_TEXT},
        {SPAN_LITERAL("HYLL\x01\0\0\0\x03\0\0\0\0\0\0\0\x60"), VALUE_HYPERLOGLOG, VALUE_HYPERLOGLOG},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (value_form(cases[i].bytes, true) != cases[i].whole ||
            value_form(cases[i].bytes, false) != cases[i].part) {
            fail_msg("case %zu: %s, %s", i, value_form_name[value_form(cases[i].bytes, true)],
                     value_form_name[value_form(cases[i].bytes, false)]);
        }
    }
}

static void value_form_cardinality__reads__what_was_computed_last(void **state)
{
    (void)state;
    assert_int_equal(value_form_cardinality(S("HYLL\x01\0\0\0\x03\0\0\0\0\0\0\0\x60")), 3);
    assert_int_equal(value_form_cardinality(S("HYLL\x00\0\0\0\x40\x42\x0f\0\0\0\0\0")), 1000000);
    assert_int_equal(value_form_cardinality(S("HYLL\x01\0\0\0\x03\0\0\0\0\0\0\x80\x60")), -1);
    assert_int_equal(value_form_cardinality(S("HYLL\x05\0\0\0\x03\0\0\0\0\0\0\0\x60")), -1);
    assert_int_equal(value_form_cardinality(S("HYLL")), -1);
}

static void value_form_hex__shows__offset_bytes_and_letters(void **state)
{
    (void)state;
    UT_string line;
    utstring_init(&line);
    value_form_hex(S("HYLL\x01\x00\xff~ 789abcdefgh"), 0x10, &line);
    assert_string_equal(utstring_body(&line),
                        "00000010  48 59 4c 4c 01 00 ff 7e 20 37 38 39 61 62 63 64  HYLL...~ 789abcd");
    utstring_clear(&line);
    value_form_hex(S("\x1b"), 0, &line);
    assert_string_equal(utstring_body(&line), "00000000  1b                                               .");
    utstring_done(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value_form__tells__what_a_value_is),
        cmocka_unit_test(value_form_cardinality__reads__what_was_computed_last),
        cmocka_unit_test(value_form_hex__shows__offset_bytes_and_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
