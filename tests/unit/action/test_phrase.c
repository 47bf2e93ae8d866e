#include "action/phrase.h"
#include "support/unit.h"

#define TOKEN "AbCdEf-0123456789012345678901234567890123_1"

static void phrase_key__never_shows_a_whole_session_id__when_a_key_or_pattern_has_one(void **state)
{
    (void)state;
    static const struct {
        const char *key, *shown;
    } cases[] = {
        {"session:" TOKEN, "session:AbCdEf~"},
        {"session:" TOKEN "*", "session:AbCdEf~"},
        {"session:*", "session:*"},
        {"exam:7*", "exam:7*"},
        {"exam:\x1b[2J", "exam:^[[2J"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *shown = phrase_key(span_of(cases[i].key)), *tag = phrase_key_tag(span_of(cases[i].key));
        assert_string_equal(shown, cases[i].shown);
        assert_null(strstr(tag, "0123456789"));
        mem_free(shown);
        mem_free(tag);
    }
}

static void phrase_session__cannot_carry_an_escape_sequence__when_an_id_has_one(void **state)
{
    (void)state;
    char *shown = phrase_session(S("\x1b[2Jabcdef"));
    assert_string_equal(shown, "^[[2Jab~");
    mem_free(shown);
    shown = phrase_session_tag(S(TOKEN));
    assert_int_equal(strlen(shown), 9);
    mem_free(shown);
}

static void phrase_count__takes_the_right_noun__when_there_is_one_or_more(void **state)
{
    (void)state;
    static const struct {
        int64_t n;
        const char *noun, *plural, *text;
    } cases[] = {
        {0, "key", NULL, "0 keys"},
        {1, "key", NULL, "1 key"},
        {2, "stale entry", "stale entries", "2 stale entries"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *text = phrase_count(cases[i].n, cases[i].noun, cases[i].plural);
        assert_string_equal(text, cases[i].text);
        mem_free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phrase_key__never_shows_a_whole_session_id__when_a_key_or_pattern_has_one),
        cmocka_unit_test(phrase_session__cannot_carry_an_escape_sequence__when_an_id_has_one),
        cmocka_unit_test(phrase_count__takes_the_right_noun__when_there_is_one_or_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
