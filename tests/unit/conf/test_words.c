#include "support/unit.h"

#include "redai/conf/words.h"

static void words_parse__splits_by_the_rules_of_the_language__when_a_line_is_sound(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *word[5];
    } cases[] = {
        {"", {NULL}},
        {" \t\r\n", {NULL}},
        {"# all of it", {NULL}},
        {"set theme dark", {"set", "theme", "dark"}},
        {"  set\ttheme  dark # calm", {"set", "theme", "dark"}},
        {"a#b '#' \"#c\"", {"a#b", "#", "#c"}},
        {"role dim #8a8A8a #1234567 no", {"role", "dim", "#8a8A8a"}},
        {"role dim #12345 no", {"role", "dim"}},
        {"role dim #abcdef", {"role", "dim", "#abcdef"}},
        {"#facade of a comment", {NULL}},
        {"\"\" ''", {"", ""}},
        {"note=\"two words\"' and'\\n", {"note=two words and\\n"}},
        {"\"a\\\"b\\\\c\\nd\\te\\x41\\xfF\"", {"a\"b\\c\nd\teA\xff"}},
        {"'\\x41 \"'", {"\\x41 \""}},
        {"exam\\[7*", {"exam\\[7*"}},
        {"s\xc3\xa9", {"s\xc3\xa9"}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct words w;
        struct err err = {0};
        words_init(&w);
        assert_true(words_parse(&w, cases[i].line, &err));
        size_t n = 0;
        for (; cases[i].word[n]; n++) {
            assert_non_null(words_at(&w, n));
            assert_string_equal(words_at(&w, n), cases[i].word[n]);
        }
        assert_int_equal(words_count(&w), n);
        assert_null(words_at(&w, n));
        words_release(&w);
    }
}

static void words_parse__names_the_column__when_a_line_is_broken(void **state)
{
    (void)state;
    static const struct {
        const char *line, *message;
    } cases[] = {
        {"set \"theme", "column 5: this quote is not closed"},
        {"'", "column 1: this quote is not closed"},
        {"\"a\\", "column 1: this quote is not closed"},
        {"a \"\\q\"", "column 4: unknown escape, expected \\\" \\\\ \\n \\t or \\xHH"},
        {"\"\\x4\"", "column 2: unknown escape, expected \\\" \\\\ \\n \\t or \\xHH"},
        {"\"\\x", "column 2: unknown escape, expected \\\" \\\\ \\n \\t or \\xHH"},
        {"\"\\x00\"", "column 2: a word cannot hold a zero byte"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct words w;
        struct err err = {0};
        words_init(&w);
        assert_false(words_parse(&w, cases[i].line, &err));
        assert_string_equal(err.text, cases[i].message);
        assert_false(words_parse(&w, cases[i].line, NULL));
        assert_true(words_parse(&w, "fine again", &err));
        assert_int_equal(words_count(&w), 2);
        words_release(&w);
    }
}

static void words_value__finds_the_named_value__when_it_stands_behind_from(void **state)
{
    (void)state;
    struct words w;
    words_init(&w);
    assert_true(words_parse(&w, "enqueue a=1 ab=2 a=3 b=", NULL));
    assert_string_equal(words_value(&w, 1, "a"), "1");
    assert_string_equal(words_value(&w, 2, "a"), "3");
    assert_string_equal(words_value(&w, 1, "b"), "");
    assert_null(words_value(&w, 1, "c"));
    assert_null(words_value(&w, 9, "a"));
    words_release(&w);
}

static void words_quote__comes_back_as_one_word__when_any_bytes_are_quoted(void **state)
{
    (void)state;
    unsigned seed = 3;
    for (int round = 0; round < 5000; round++) {
        char text[12];
        size_t len = (size_t)round % sizeof text;
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1103515245u + 12345u;
            text[i] = (char)((seed >> 16) % (round % 2 ? 255 : 40) + 1);
        }
        text[len] = '\0';
        UT_string line;
        utstring_init(&line);
        words_quote(text, &line);
        utstring_printf(&line, " ");
        words_quote("next", &line);
        struct words w;
        words_init(&w);
        assert_true(words_parse(&w, utstring_body(&line), NULL));
        assert_int_equal(words_count(&w), 2);
        assert_string_equal(words_at(&w, 0), text);
        words_release(&w);
        utstring_done(&line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_parse__splits_by_the_rules_of_the_language__when_a_line_is_sound),
        cmocka_unit_test(words_parse__names_the_column__when_a_line_is_broken),
        cmocka_unit_test(words_value__finds_the_named_value__when_it_stands_behind_from),
        cmocka_unit_test(words_quote__comes_back_as_one_word__when_any_bytes_are_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
