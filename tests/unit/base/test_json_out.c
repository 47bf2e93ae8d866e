#include "support/unit.h"

#include <math.h>

#include "redai/base/json_out.h"

static void expect(UT_string *out, const char *text)
{
    assert_string_equal(utstring_body(out), text);
    utstring_done(out);
}

static void json_quote__escapes__what_a_reader_or_terminal_would_obey(void **state)
{
    (void)state;
    static const struct {
        struct span raw;
        const char *quoted;
    } rows[] = {
        {SPAN_LITERAL(""), "\"\""},
        {SPAN_LITERAL("plain"), "\"plain\""},
        {SPAN_LITERAL("a\"b\\c"), "\"a\\\"b\\\\c\""},
        {SPAN_LITERAL("\n\t\x1b[31m\x7f"), "\"\\n\\t\\u001b[31m\\u007f\""},
        {SPAN_LITERAL("nul\0here"), "\"nul\\u0000here\""},
        {SPAN_LITERAL("\xc3\xbc"), "\"\xc3\xbc\""},
        {SPAN_LITERAL("\xe2\x80\xae"), "\"\\u202e\""},
        {SPAN_LITERAL("\xff\xc3"), "\"\\ufffd\\ufffd\""},
        {SPAN_LITERAL("\xf3\xa0\x80\x81"), "\"\\udb40\\udc01\""}, /* U+E0001, a language tag */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        UT_string out;
        utstring_init(&out);
        json_quote(rows[i].raw, &out);
        expect(&out, rows[i].quoted);
    }
}

static void json__puts_commas__where_they_are_due(void **state)
{
    (void)state;
    UT_string out;
    utstring_init(&out);
    json_open(&out, NULL, '{');
    json_int(&out, "a", 1, 0);
    json_open(&out, "b", '[');
    json_text(&out, NULL, "x");
    json_text(&out, NULL, NULL);
    json_open(&out, NULL, '{');
    json_close(&out, '}');
    json_close(&out, ']');
    json_bool(&out, "c", false);
    json_null(&out, "d");
    json_close(&out, '}');
    expect(&out, "{\"a\":1,\"b\":[\"x\",null,{}],\"c\":false,\"d\":null}");
}

static void json__writes_null__for_what_is_unknown(void **state)
{
    (void)state;
    UT_string out;
    utstring_init(&out);
    json_open(&out, NULL, '[');
    json_int(&out, NULL, INT64_MIN, INT64_MIN);
    json_int(&out, NULL, -1, 0);
    json_int(&out, NULL, -1, -5);
    json_real(&out, NULL, (double)NAN, 2);
    json_real(&out, NULL, (double)INFINITY, 2);
    json_real(&out, NULL, 12.345, 2);
    json_close(&out, ']');
    expect(&out, "[null,null,-1,null,null,12.35]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_quote__escapes__what_a_reader_or_terminal_would_obey),
        cmocka_unit_test(json__puts_commas__where_they_are_due),
        cmocka_unit_test(json__writes_null__for_what_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
