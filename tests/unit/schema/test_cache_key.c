#include "unit/schema/fixture.h"

#include "redai/schema/cache_key.h"

enum { WORDS_MAX = 8 };

/* What the platform's own function gave for these calls. */
static const struct {
    const char *prefix, *word[WORDS_MAX], *key;
} calls[] = {
    {"exam", {"exam_id=7"}, "exam:exam_id:7"},
    {"exam", {"7"}, "exam:7"},
    {"exam", {NULL}, "exam"},
    {"exam:questions",
     {"zeta=1", "1", "alpha=True", "a b", "Beta=None", "_x=2.5"},
     "exam:questions:1:a b:Beta:None:_x:2.5:alpha:True:zeta:1"},
    {"exam",
     {"\xc3\xa9=1", "z=2", "\xf0\x9f\x98\x80=3", "\xef\xbf\xae=4"},
     "exam:z:2:\xc3\xa9:1:\xef\xbf\xae:4:\xf0\x9f\x98\x80:3"},
    {"exam", {"q="}, "exam:q:"},
    {"exam", {"a-b=c:d"}, "exam:a-b=c:d"},
    {"exam", {"7up=c"}, "exam:7up=c"},
    {"exam", {"=c"}, "exam:=c"},
};

static char *made(const char *prefix, size_t count, const struct span *word)
{
    UT_string out;
    struct err err = {0};
    utstring_init(&out);
    assert_true(cache_key_make(span_of(prefix), count, word, &out, &err));
    char *text = span_dup(text_span(&out));
    utstring_done(&out);
    return text;
}

static void cache_key_make__names_a_call__as_the_platform_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct span word[WORDS_MAX];
        size_t n = 0;
        for (; n < WORDS_MAX && calls[i].word[n]; n++) {
            word[n] = span_of(calls[i].word[n]);
        }
        char *key = made(calls[i].prefix, n, word);
        assert_string_equal(key, calls[i].key);
        mem_free(key);
    }
}

/* So many times a character as the only argument; the key with the prefix in front. */
static char *repeated(const char *prefix, const char *character, size_t times, const char *more)
{
    UT_string text;
    utstring_init(&text);
    for (size_t i = 0; i < times; i++) {
        text_add(&text, span_of(character));
    }
    const struct span word[] = {text_span(&text), span_of(more)};
    char *key = made(prefix, more ? 2 : 1, word);
    utstring_done(&text);
    return key;
}

static void cache_key_make__hashes__beyond_200_characters(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *character;
        size_t times;
        const char *more, *key; /* NULL: as it is */
    } cases[] = {
        {"exam", "x", 195, NULL, NULL},
        {"exam", "x", 196, NULL, "exam:1209aadf8ded9272"},
        {"exam", "\xc3\xa9", 195, NULL, NULL}, /* 395 bytes, and yet 200 characters */
        {"exam", "\xc3\xa9", 196, NULL, "exam:9a6da3f1808181d7"},
        {"exam", "\xf0\x9f\x98\x80", 196, NULL, "exam:ce3b2b2c755fdc76"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *key = repeated(cases[i].prefix, cases[i].character, cases[i].times, cases[i].more);
        if (cases[i].key) {
            assert_string_equal(key, cases[i].key);
            assert_true(cache_key_is_hashed(span_of(key)));
        } else {
            assert_int_equal(strlen(key), 5 + cases[i].times * strlen(cases[i].character));
            assert_false(cache_key_is_hashed(span_of(key)));
        }
        mem_free(key);
    }
}

static void cache_key_make__hashes__named_arguments_too(void **state)
{
    (void)state;
    UT_string text;
    utstring_init(&text);
    text_add(&text, S("text="));
    for (int i = 0; i < 300; i++) {
        text_add(&text, S("y"));
    }
    const struct span word[] = {text_span(&text), S("n=3"), S("7")};
    char *key = made("cache:api.reports.summary", 3, word);
    assert_string_equal(key, "cache:api.reports.summary:50475bff51c79808");
    mem_free(key);
    utstring_done(&text);
}

static void cache_key_make__refuses__what_python_cannot_call(void **state)
{
    (void)state;
    static const struct {
        struct span word[2];
        const char *why;
    } cases[] = {
        {{SPAN_LITERAL("a=1"), SPAN_LITERAL("a=2")}, "given twice"},
        {{SPAN_LITERAL("a=1"), SPAN_LITERAL("prefix=2")}, "prefix"},
        {{SPAN_LITERAL("a=1"), SPAN_LITERAL("\xff")}, "UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        UT_string out;
        struct err err = {0};
        utstring_init(&out);
        assert_false(cache_key_make(S("exam"), 2, cases[i].word, &out, &err));
        assert_non_null(strstr(err.text, cases[i].why));
        assert_int_equal(utstring_len(&out), 0);
        utstring_done(&out);
    }
}

static void cache_key_has_part__compares__whole_parts(void **state)
{
    (void)state;
    struct span key = S("exam:db:<Session object at 0x7f>:exam_id:7");
    assert_true(cache_key_has_part(key, 0, S("7")));
    assert_true(cache_key_has_part(key, 5, S("exam_id")));
    assert_false(cache_key_has_part(key, 5, S("exam")));
    assert_false(cache_key_has_part(S("exam:70"), 0, S("7")));
    assert_false(cache_key_has_part(S("exam:17"), 0, S("7")));
    assert_true(cache_key_has_part(S("exam:"), 0, S("")));
    assert_true(span_equal(cache_key_last_part(key), S("7")));
    assert_true(span_equal(cache_key_last_part(S("exam")), S("")));
    assert_false(cache_key_is_hashed(S("0123456789abcdef")));
    assert_false(cache_key_is_hashed(S("exam:0123456789abcdeF")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cache_key_make__names_a_call__as_the_platform_does),
        cmocka_unit_test(cache_key_make__hashes__beyond_200_characters),
        cmocka_unit_test(cache_key_make__hashes__named_arguments_too),
        cmocka_unit_test(cache_key_make__refuses__what_python_cannot_call),
        cmocka_unit_test(cache_key_has_part__compares__whole_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
