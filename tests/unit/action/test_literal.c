#include "action/literal.h"
#include "support/unit.h"

static void literal_is_number__follows_the_grammar_of_json__when_asked(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "-0", "10", "1.5", "-1.25e3", "1E+9", "2e-7", "0.001"};
    static const char *const bad[] = {"",    "-",   "+1",  "01", ".5",  "1.", "1e",
                                      "1e+", "0x1", "nan", "1 ", "1,5", "--1"};
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_true(literal_is_number(span_of(good[i])));
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(literal_is_number(span_of(bad[i])));
    }
}

static void literal_next_member__gives_each_member__when_texts_are_nested(void **state)
{
    (void)state;
    static const struct {
        const char *json, *keys, *values;
    } cases[] = {
        {"[]", "", ""},
        {" [ ] ", "", ""},
        {"[1, \"a,]\\\"}\" , [2,[3]], {\"k\": [4]}]", "|||", "1|\"a,]\\\"}\"|[2,[3]]|{\"k\": [4]}"},
        {"{\"a\": 1, \"b:,\" : {\"c\":2}}", "\"a\"|\"b:,\"", "1|{\"c\":2}"},
        {"{}", "", ""},
        {"[null]", "", "null"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string keys, values;
        struct span key, value;
        size_t at = 0, n = 0;
        utstring_init(&keys);
        utstring_init(&values);
        while (literal_next_member(span_of(cases[i].json), &at, &key, &value)) {
            text_add(&keys, n ? S("|") : S(""));
            text_add(&values, n ? S("|") : S(""));
            text_add(&keys, key);
            text_add(&values, value);
            n++;
        }
        assert_string_equal(utstring_body(&keys), cases[i].keys);
        assert_string_equal(utstring_body(&values), cases[i].values);
        utstring_done(&keys);
        utstring_done(&values);
    }
}

static void literal_next_member__ends__when_a_text_is_cut(void **state)
{
    (void)state;
    static const char *const cut[] = {"",        "[",   "[1", "[\"", "[\"\\", "{\"a\"",
                                      "{\"a\":", "[[[", "]",  "[1,", "   "};
    for (size_t i = 0; i < COUNT_OF(cut); i++) {
        struct span key, value;
        size_t at = 0, n = 0;
        while (n < 10 && literal_next_member(span_of(cut[i]), &at, &key, &value)) {
            n++;
        }
        assert_true(n < 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literal_is_number__follows_the_grammar_of_json__when_asked),
        cmocka_unit_test(literal_next_member__gives_each_member__when_texts_are_nested),
        cmocka_unit_test(literal_next_member__ends__when_a_text_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
