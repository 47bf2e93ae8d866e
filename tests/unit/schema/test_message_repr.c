#include "unit/schema/fixture.h"

#include "redai/schema/message.h"

/* Each text as Python 3.11 shows it. */
static void message_args_repr__shows_a_tuple(void **state)
{
    (void)state;
    static const struct {
        const char *json, *repr;
    } cases[] = {
        {"[]", "()"},
        {"[\"hello\"]", "('hello',)"},
        {"[1, 2]", "(1, 2)"},
        {"[true, false, null]", "(True, False, None)"},
        {"[[], {}, [1], [1, 2]]", "([], {}, [1], [1, 2])"},
        {"[{\"a\": 1, \"b\": \"x\"}]", "({'a': 1, 'b': 'x'},)"},
        {"[\"it's\"]", "(\"it's\",)"},
        {"[\"say \\\"hi\\\"\"]", "('say \"hi\"',)"},
        {"[\"it's \\\"both\\\"\"]", "('it\\'s \"both\"',)"},
        {"[\"a\\nb\\tc\\rd\\\\e\"]", "('a\\nb\\tc\\rd\\\\e',)"},
        {"[\"\\u0000\\u001b\\u007f\\u0085\"]", "('\\x00\\x1b\\x7f\\x85',)"},
        {"[\"\\u00a0\\u00ad\\u200b\\u202e\\ufeff\"]", "('\\xa0\\xad\\u200b\\u202e\\ufeff',)"},
        {"[\"\\u2028\\u3000\"]", "('\\u2028\\u3000',)"},
        {"[\"gr\xc3\xbc\xc3\x9f"
         "e \xe2\x9c\x93 \xf0\x9f\x98\x80\"]",
         "('gr\xc3\xbc\xc3\x9f"
         "e \xe2\x9c\x93 \xf0\x9f\x98\x80',)"},
        {"[1.0, 0.1, 1e16, 1e-5, -0.0, 1e308]", "(1.0, 0.1, 1e+16, 1e-05, -0.0, 1e+308)"},
        {"[9223372036854775807]", "(9223372036854775807,)"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string out;
        utstring_init(&out);
        assert_true(message_args_repr(cases[i].json, &out));
        assert_string_equal(out.d, cases[i].repr);
        utstring_done(&out);
    }
}

static void message_kwargs_repr__shows_a_dict(void **state)
{
    (void)state;
    UT_string out;
    utstring_init(&out);
    assert_true(message_kwargs_repr("{}", &out));
    assert_string_equal(out.d, "{}");
    utstring_clear(&out);
    assert_true(message_kwargs_repr("{\"a\": 1, \"it's\": [null], \"\": {\"b\": 2.5}}", &out));
    assert_string_equal(out.d, "{'a': 1, \"it's\": [None], '': {'b': 2.5}}");
    utstring_done(&out);
}

static void message_args_repr__refuses_what_is_no_array(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "{}", "null", "5", "[1", "[NaN]"};
    UT_string out;
    utstring_init(&out);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(message_args_repr(cases[i], &out));
    }
    assert_false(message_args_repr(NULL, &out));
    assert_false(message_kwargs_repr("[]", &out));
    assert_int_equal(utstring_len(&out), 0);
    utstring_done(&out);
}

static void message_args_repr__is_cut_at_a_thousand_characters(void **state)
{
    (void)state;
    UT_string json, out;
    utstring_init(&json);
    utstring_init(&out);
    text_add(&json, S("[\""));
    for (int i = 0; i < 3000; i++) {
        text_add(&json, S("\xc3\xbc"));
    }
    text_add(&json, S("\", 1]"));
    assert_true(message_args_repr(json.d, &out));
    assert_int_equal(utstring_len(&out), 2 + 2 * 998 + 3);
    assert_true(span_ends(text_span(&out), S("\xc3\xbc...")));
    utstring_done(&out);
    utstring_done(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_args_repr__shows_a_tuple),
        cmocka_unit_test(message_kwargs_repr__shows_a_dict),
        cmocka_unit_test(message_args_repr__refuses_what_is_no_array),
        cmocka_unit_test(message_args_repr__is_cut_at_a_thousand_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
