#include "schema/json_text.h"
#include "schema/lenient.h"
#include "unit/schema/fixture.h"

/* The tree as compact JSON, or "(none)". */
static void assert_load(json_t *json, const char *wanted)
{
    UT_string text;
    utstring_init(&text);
    if (json) {
        json_text_dump(json, JSON_TEXT_COMPACT, 0, &text);
    } else {
        text_add(&text, S("(none)"));
    }
    assert_string_equal(text.d, wanted);
    utstring_done(&text);
    json_decref(json);
}

static void lenient_load__shows_what_json_does_not_have(void **state)
{
    (void)state;
    static const struct {
        struct span text;
        const char *json;
    } cases[] = {
        {SPAN_LITERAL("NaN"), "\"NaN\""},
        {SPAN_LITERAL(" [NaN, Infinity , -Infinity]"), "[\"NaN\",\"Infinity\",\"-Infinity\"]"},
        {SPAN_LITERAL("{\"a\":NaN}"), "{\"a\":\"NaN\"}"},
        {SPAN_LITERAL("[\"NaN\",\"\\\"NaN\", NaN]"), "[\"NaN\",\"\\\"NaN\",\"NaN\"]"},
        {SPAN_LITERAL("{NaN:1}"), "(none)"},
        {SPAN_LITERAL("{99999999999999999999 : 1}"), "(none)"},
        {SPAN_LITERAL("-NaN"), "(none)"},
        {SPAN_LITERAL("+Infinity"), "(none)"},
        {SPAN_LITERAL("NaN1"), "(none)"},
        {SPAN_LITERAL("1NaN"), "(none)"},
        {SPAN_LITERAL("nan"), "(none)"},
        {SPAN_LITERAL("[9223372036854775807,-9223372036854775808,NaN]"),
         "[9223372036854775807,-9223372036854775808,\"NaN\"]"},
        {SPAN_LITERAL("[9223372036854775808,-9223372036854775809]"),
         "[\"9223372036854775808\",\"-9223372036854775809\"]"},
        {SPAN_LITERAL("1000000000000000000000000000000"), "\"1000000000000000000000000000000\""},
        {SPAN_LITERAL("[01000000000000000000000000,NaN]"), "(none)"},
        {SPAN_LITERAL("[1e999,-1e999,1E+400,0.5e500]"), "[\"1e999\",\"-1e999\",\"1E+400\",\"0.5e500\"]"},
        {SPAN_LITERAL("[1e308,1e-999,NaN]"), "[1e+308,0.0,\"NaN\"]"},
        {SPAN_LITERAL("[1.,NaN]"), "(none)"},
        {SPAN_LITERAL("[.5,NaN]"), "(none)"},
        {SPAN_LITERAL("[1e,NaN]"), "(none)"},
        {SPAN_LITERAL("[-,NaN]"), "(none)"},
        {SPAN_LITERAL("\"\\ud800\""), "\"\\\\ud800\""},
        {SPAN_LITERAL("\"\\uDC00\""), "\"\\\\uDC00\""},
        {SPAN_LITERAL("\"\\ud83d\\ude00\\ud83d\""), "\"\xf0\x9f\x98\x80\\\\ud83d\""},
        {SPAN_LITERAL("\"\\ud800\\ud83d\\ude00\""), "\"\\\\ud800\xf0\x9f\x98\x80\""},
        {SPAN_LITERAL("\"\\ud800\\n\""), "\"\\\\ud800\\n\""},
        {SPAN_LITERAL("\"\\\\ud800 \\ud800\""), "\"\\\\ud800 \\\\ud800\""},
        {SPAN_LITERAL("\"\\ud80\""), "(none)"},
        {SPAN_LITERAL("\"\\u0000\""), "\"\\u0000\""},
        {SPAN_LITERAL("{\"a\\u0000b\":\"\\u0000\"}"), "{\"a\\\\u0000b\":\"\\u0000\"}"},
        {SPAN_LITERAL("{\"a\\u0000b\" \n: [\"\\u0000\"]}"), "{\"a\\\\u0000b\":[\"\\u0000\"]}"},
        {SPAN_LITERAL("{\"\\ud800\":NaN}"), "{\"\\\\ud800\":\"NaN\"}"},
        {SPAN_LITERAL("\"\xff\""), "(none)"},
        {SPAN_LITERAL("\"a\nb\""), "(none)"},
        {SPAN_LITERAL("\"abc"), "(none)"},
        {SPAN_LITERAL("\"abc\\"), "(none)"},
        {SPAN_LITERAL("\""), "(none)"},
        {SPAN_LITERAL(""), "(none)"},
        {SPAN_LITERAL(" "), "(none)"},
        {SPAN_LITERAL("\xef\xbb\xbf{}"), "(none)"},
        {SPAN_LITERAL("{}\0"), "(none)"},
        {SPAN_LITERAL("{} {}"), "(none)"},
        {SPAN_LITERAL("null"), "null"},
        {SPAN_LITERAL("\"x\"\n"), "\"x\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_load(lenient_load(cases[i].text), cases[i].json);
    }
    assert_load(lenient_load((struct span){NULL, 0}), "(none)");
}

static void lenient_load_bytes__replaces_what_is_no_utf8(void **state)
{
    (void)state;
    assert_load(lenient_load_bytes(S("{\"a\":\"x\xff\xc3y\"}")), "{\"a\":\"x\xef\xbf\xbd\xef\xbf\xbdy\"}");
    assert_load(lenient_load_bytes(S("[NaN,\"\xed\xa0\x80\"]")),
                "[\"NaN\",\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"]");
    assert_load(lenient_load_bytes(S("\xff{}")), "(none)");
    assert_load(lenient_load_bytes(S("{}")), "{}");
}

static void lenient_load_head__gives_the_whole_members_of_a_cut_object(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum lenient_outcome outcome;
        const char *json;
    } cases[] = {
        {"{\"a\":1}", LENIENT_OK, "{\"a\":1}"},
        {"[1", LENIENT_NOT_JSON, "(none)"},
        {"{", LENIENT_CUT, "{}"},
        {" \n{\"a\":1,\"b\":[1,2", LENIENT_CUT, "{\"a\":1}"},
        {"{\"a\":\"}\",\"b\":\"x\\\"", LENIENT_CUT, "{\"a\":\"}\"}"},
        {"{\"a\":NaN,\"b\":[{},", LENIENT_CUT, "{\"a\":\"NaN\"}"},
        {"{\"a\":1,\"b\":2,", LENIENT_CUT, "{\"a\":1,\"b\":2}"},
        {"{\"a\":1,,", LENIENT_NOT_JSON, "(none)"},
        {"{a:1,", LENIENT_NOT_JSON, "(none)"},
        {"{\"a\":1}}", LENIENT_NOT_JSON, "(none)"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        enum lenient_outcome outcome;
        assert_load(lenient_load_head(span_of(cases[i].text), &outcome), cases[i].json);
        assert_int_equal(outcome, cases[i].outcome);
    }
}

static void lenient_load__ends__when_json_is_very_deep(void **state)
{
    (void)state;
    UT_string text;

    utstring_init(&text);
    for (int i = 0; i < 100000; i++) {
        text_add(&text, S("["));
    }
    assert_load(lenient_load(text_span(&text)), "(none)");
    utstring_done(&text);
}

static void json_text_real__writes_what_pythons_repr_does(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0.0"},
        {-0.0, "-0.0"},
        {1, "1.0"},
        {-2.5, "-2.5"},
        {25, "25.0"},
        {0.1, "0.1"},
        {0.30000000000000004, "0.30000000000000004"},
        {100.0 / 3, "33.333333333333336"},
        {1e15, "1000000000000000.0"},
        {1e16, "1e+16"},
        {123456789012345680.0, "1.2345678901234568e+17"},
        {9007199254740993.0, "9007199254740992.0"},
        {0.0001, "0.0001"},
        {0.00001, "1e-05"},
        {1.5e-7, "1.5e-07"},
        {1e100, "1e+100"},
        {1e308, "1e+308"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {5e-324, "5e-324"},
        {1795426381.0869076, "1795426381.0869076"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string text;
        utstring_init(&text);
        json_text_real(cases[i].value, &text);
        assert_string_equal(text.d, cases[i].text);
        utstring_done(&text);
    }
}

static void json_text_dump__writes_pythons_form(void **state)
{
    (void)state;
    static const char json[] = "{\"a\": [1, 2.5, \"gr\\u00fc\\u00dfe \\u2713 "
                               "\\ud83d\\ude00\\u007f\\u0000\\u001b\\b\\f\\n\\r\\t\\\"\\\\/\", "
                               "true, false, null], \"b\": {}, \"c\": []}";
    UT_string text;
    json_t *root = lenient_load(S(json));

    utstring_init(&text);
    assert_true(json_text_dump(root, JSON_TEXT_SPACED | JSON_TEXT_ASCII, 0, &text));
    assert_string_equal(text.d, json);
    utstring_clear(&text);
    assert_true(json_text_dump(root, JSON_TEXT_COMPACT, 0, &text));
    assert_string_equal(text.d, "{\"a\":[1,2.5,\"gr\xc3\xbc\xc3\x9f"
                                "e \xe2\x9c\x93 \xf0\x9f\x98\x80\x7f\\u0000\\u001b\\b\\f\\n\\r"
                                "\\t\\\"\\\\/\",true,false,null],\"b\":{},\"c\":[]}");
    utstring_clear(&text);
    assert_true(json_text_dump(json_object_get(root, "a"), JSON_TEXT_PRETTY | JSON_TEXT_SAFE, 0, &text));
    assert_string_equal(text.d, "[\n  1,\n  2.5,\n  \"gr\xc3\xbc\xc3\x9f"
                                "e \xe2\x9c\x93 \xf0\x9f\x98\x80\\u007f\\u0000\\u001b\\b\\f"
                                "\\n\\r\\t\\\"\\\\/\",\n  true,\n  false,\n  null\n]");
    utstring_done(&text);
    json_decref(root);
}

static void json_text_dump__keeps_its_bound_and_whole_characters(void **state)
{
    (void)state;
    json_t *root = lenient_load(S("[\"\xc3\xa9\xe2\x9c\x93\xf0\x9f\x98\x80\",{\"key\":[1,2,3]}]"));
    UT_string whole;

    utstring_init(&whole);
    json_text_dump(root, JSON_TEXT_COMPACT, 0, &whole);
    for (size_t max = 1; max <= utstring_len(&whole) + 2; max++) {
        UT_string text;
        utstring_init(&text);
        text_add(&text, S("before"));
        bool all = json_text_dump(root, JSON_TEXT_COMPACT, max, &text);
        assert_int_equal(all, max >= utstring_len(&whole));
        struct span written = span_skip(text_span(&text), 6);
        assert_true(written.len <= max);
        assert_true(written.len + 3 >= (max < utstring_len(&whole) ? max : utstring_len(&whole)));
        assert_true(span_starts(text_span(&whole), written));
        struct span next = span_skip(text_span(&whole), written.len);
        assert_true(next.len == 0 || ((unsigned char)next.data[0] & 0xC0) != 0x80);
        utstring_done(&text);
    }
    utstring_done(&whole);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lenient_load__shows_what_json_does_not_have),
        cmocka_unit_test(lenient_load_bytes__replaces_what_is_no_utf8),
        cmocka_unit_test(lenient_load_head__gives_the_whole_members_of_a_cut_object),
        cmocka_unit_test(lenient_load__ends__when_json_is_very_deep),
        cmocka_unit_test(json_text_real__writes_what_pythons_repr_does),
        cmocka_unit_test(json_text_dump__writes_pythons_form),
        cmocka_unit_test(json_text_dump__keeps_its_bound_and_whole_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
