#include "unit/schema/fixture.h"

#include "redai/schema/message_copy.h"

static void python_repr__becomes_json(void **state)
{
    (void)state;
    static const struct {
        const char *repr, *json;
        char expect;
    } rows[] = {
        {"()", "[]", '['},
        {"('hello',)", "[\"hello\"]", '['},
        {"(29, -3, 1.5, 1e+16, 1e-05)", "[29,-3,1.5,1e+16,1e-05]", '['},
        {"[True, False, None]", "[true,false,null]", '['},
        {"{}", "{}", '{'},
        {"{'a': {'b': [(1,), ()]}}", "{\"a\":{\"b\":[[1],[]]}}", '{'},
        {"('it\\'s \"x\"',)", "[\"it's \\\"x\\\"\"]", '['},
        {"(\"it's \\x41\\u00fc\\U0001f600\\n\\101\\\\\",)", "[\"it's A\\u00fc\\ud83d\\ude00\\nA\\\\\"]", '['},
        {"('\xc3\xbc...',)", "[\"\\u00fc...\"]", '['},
        {"('a\nb',)", "[\"a\\nb\"]", '['},
        {"(1000000000000000000000000000000,)", "[1000000000000000000000000000000]", '['},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        UT_string out;
        utstring_init(&out);
        assert_true(python_repr_to_json(span_of(rows[i].repr), rows[i].expect, &out, NULL));
        assert_string_equal(out.d, rows[i].json);
        utstring_done(&out);
    }
}

static void python_repr__names_what_cannot_be(void **state)
{
    (void)state;
    static const struct {
        const char *repr, *says;
        char expect;
    } rows[] = {
        {"", "ends too early", '['},
        {"{}", "no list", '['},
        {"()", "no dict", '{'},
        {"(1", "ends too early", '['},
        {"(1, ", "ends too early", '['},
        {"('aaa...', ...)", "cut at '...", '['},
        {"({...},)", "cut at '...", '['},
        {"{'k': 1, ...}", "cut at '...", '{'},
        {"('aaa", "ends too early", '['},
        {"(nan,)", "at 'nan", '['},
        {"(-inf,)", "at '-inf", '['},
        {"(b'x',)", "bytes", '['},
        {"({1, 2},)", "a set", '['},
        {"({'a'},)", "a set", '['},
        {"{1: 2}", "no text", '{'},
        {"(<Exam object (1)>,)", "object, which cannot be rebuilt from its text, at '<Exam", '['},
        {"(Decimal('1'),)", "at 'Decimal(", '['},
        {"(set(),)", "at 'set(", '['},
        {"(1)", "no tuple", '['},
        {"(1,2)", "no tuple", '['},
        {"(1, 2,)", "no comma", '['},
        {"(01,)", "no number", '['},
        {"(1.,)", "no number", '['},
        {"(1j,)", "no number", '['},
        {"(1_0,)", "no number", '['},
        {"(-,)", "no number", '['},
        {"(Trueish,)", "at 'Trueish", '['},
        {"('a' 'b',)", "no tuple", '['},
        {"() ()", "more than one value", '['},
        {"('C:\\new',)", "backslash", '['},
        {"(\"\\N{DASH}\",)", "unknown escape", '['},
        {"(\"\\ud800\",)", "no character", '['},
        {"(\"\\U00110000\",)", "no character", '['},
        {"(\"\\x4\",)", "broken escape", '['},
        {"('\xff',)", "no UTF-8", '['},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        UT_string out;
        struct err err = {0};
        utstring_init(&out);
        assert_false(python_repr_to_json(span_of(rows[i].repr), rows[i].expect, &out, &err));
        assert_int_equal(utstring_len(&out), 0);
        if (!strstr(err.text, rows[i].says)) {
            fail_msg("%s: %s", rows[i].repr, err.text);
        }
        utstring_done(&out);
    }
}

static void python_repr__is_bounded_in_depth(void **state)
{
    (void)state;
    UT_string repr, out;
    utstring_init(&repr);
    utstring_init(&out);
    for (int i = 0; i < 100000; i++) {
        utstring_printf(&repr, "[");
    }
    assert_false(python_repr_to_json(text_span(&repr), '[', &out, NULL));
    utstring_done(&out);
    utstring_done(&repr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(python_repr__becomes_json),
        cmocka_unit_test(python_repr__names_what_cannot_be),
        cmocka_unit_test(python_repr__is_bounded_in_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
