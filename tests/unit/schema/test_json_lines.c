#include "unit/schema/fixture.h"

#include "redai/schema/json_lines.h"

struct told {
    UT_string text;
    size_t lines, most;
};

static bool take(void *ctx, struct span line, int depth)
{
    struct told *t = ctx;
    utstring_printf(&t->text, "%d|", depth);
    text_add(&t->text, line);
    text_add(&t->text, S("\n"));
    return ++t->lines < t->most;
}

static void expect(const char *json, enum json_lines_end end, const char *lines)
{
    struct told t = {.most = 1000};
    utstring_init(&t.text);
    assert_int_equal(json_lines(span_of(json), take, &t), end);
    assert_string_equal(utstring_body(&t.text), lines);
    utstring_done(&t.text);
}

static void json_lines__gives_each_member_a_line(void **state)
{
    (void)state;
    expect("{\"a\": 1,\"b\":{\"c\":[ ]},  \"d\" : [1,\n\"two\",{}]}", JSON_LINES_WHOLE,
           "0|{\n"
           "1|  \"a\": 1,\n"
           "1|  \"b\": {\n"
           "2|    \"c\": []\n"
           "2|  },\n"
           "1|  \"d\": [\n"
           "2|    1,\n"
           "2|    \"two\",\n"
           "2|    {}\n"
           "2|  ]\n"
           "1|}\n");
    expect("[]", JSON_LINES_WHOLE, "0|[]\n");
    expect(" \"text\" ", JSON_LINES_WHOLE, "0|\"text\"\n");
    expect("[[[1]]]", JSON_LINES_WHOLE, "0|[\n1|  [\n2|    [\n3|      1\n3|    ]\n2|  ]\n1|]\n");
}

static void json_lines__keeps__how_it_is_spelt(void **state)
{
    (void)state;
    expect("[123456789012345678901234567890,1.50,NaN,-Infinity,\"\\u00e9\\\"\\\\\"]", JSON_LINES_WHOLE,
           "0|[\n1|  123456789012345678901234567890,\n1|  1.50,\n1|  NaN,\n1|  -Infinity,\n"
           "1|  \"\\u00e9\\\"\\\\\"\n1|]\n");
    expect("{\"a\":1,\"a\":2}", JSON_LINES_WHOLE, "0|{\n1|  \"a\": 1,\n1|  \"a\": 2\n1|}\n");
}

static void json_lines__shows__what_was_cut_as_far_as_it_goes(void **state)
{
    (void)state;
    expect("{\"a\": [1, 2", JSON_LINES_CUT, "0|{\n1|  \"a\": [\n2|    1,\n2|    2\n");
    expect("{\"a\": \"half of a te", JSON_LINES_CUT, "0|{\n1|  \"a\": \"half of a te\n");
    expect("{\"a\": tr", JSON_LINES_CUT, "0|{\n1|  \"a\": tr\n");
    expect("{\"a\"", JSON_LINES_CUT, "0|{\n1|  \"a\"\n");
    expect("{", JSON_LINES_CUT, "0|{\n");
    expect("{\"a\": 1,", JSON_LINES_CUT, "0|{\n1|  \"a\": 1,\n1|  \n");
    expect("[\"\\", JSON_LINES_CUT, "0|[\n1|  \"\\\n");
    expect("[1.", JSON_LINES_CUT, "0|[\n1|  1.\n");
}

static void json_lines__tells__what_is_no_json(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",    "  ",    "hello", "{a: 1}", "{'a': 1}",   "[1,]",      "{\"a\": 1,}", "[1 2]", "{\"a\" 1}",
        "[1}", "{} {}", "[01]",  "[1.e]",  "[\"a\nb\"]", "[\"\\x\"]", "None",        "[tru]", "]"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        expect(texts[i], JSON_LINES_NOT_JSON, "");
    }
}

static void json_lines__ends__when_no_more_is_wanted_or_it_is_too_deep(void **state)
{
    (void)state;
    struct told t = {.most = 2};
    utstring_init(&t.text);
    assert_int_equal(json_lines(S("[1,2,3,4]"), take, &t), JSON_LINES_WHOLE);
    assert_string_equal(utstring_body(&t.text), "0|[\n1|  1,\n");
    utstring_clear(&t.text);
    for (int i = 0; i <= JSON_LINES_DEPTH_MAX; i++) {
        text_add(&t.text, S("["));
    }
    assert_int_equal(json_lines(text_span(&t.text), NULL, NULL), JSON_LINES_NOT_JSON);
    assert_int_equal(json_lines(span_skip(text_span(&t.text), 1), NULL, NULL), JSON_LINES_CUT);
    utstring_done(&t.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_lines__gives_each_member_a_line),
        cmocka_unit_test(json_lines__keeps__how_it_is_spelt),
        cmocka_unit_test(json_lines__shows__what_was_cut_as_far_as_it_goes),
        cmocka_unit_test(json_lines__tells__what_is_no_json),
        cmocka_unit_test(json_lines__ends__when_no_more_is_wanted_or_it_is_too_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
