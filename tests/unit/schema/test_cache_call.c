/* Keys as the platform's generate_cache_key has written them (it was run for these). */
#include "unit/schema/fixture.h"

#include "redai/schema/cache_call.h"

#define DB "<sqlalchemy.orm.session.Session object at 0x7f49d7889f50>"

static struct families families;

static int set_up(void **state)
{
    (void)state;
    families_init(&families);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    families_release(&families);
    return 0;
}

static void cache_argument__is_read_from_a_pattern__when_it_names_a_value(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *prefix, *name, *value;
    } cases[] = {
        {"exam:1*", "exam", "", "1"},
        {"exam:1", "exam", "", "1"},
        {"exam:1:*", "exam", "", "1"},
        {"exam:questions:1*", "exam:questions", "", "1"},
        {"exam:exam_id:1*", "exam", "exam_id", "1"},
        {"exam:*:exam_id:1", "exam", "exam_id", "1"},
        {"exam:*:exam_id:1:*", "exam", "exam_id", "1"},
        {"exam:db:*:exam_id:1", "exam", "exam_id", "1"},
        {"cache:api.services.stats.totals:1*", "cache:api.services.stats.totals", "", "1"},
        {"leaderboard:7*", "leaderboard", "", "7"},
        {"exam:a\\*b*", "exam", "", "a\\*b"},
        {"exam:a\\*", "exam", "", "a\\*"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cache_argument a;
        assert_true(cache_argument_of(&families, span_of(cases[i].pattern), &a));
        assert_span(a.prefix, cases[i].prefix);
        assert_span(a.name, cases[i].name);
        assert_span(a.value, cases[i].value);
    }
}

static void cache_argument__is_none__when_the_pattern_names_no_value(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "*",          "",         "exam", "exam*", "exam:",  "exam:*",  "exam:?",  "exam:1?",
        "exam:[12]*", "*:exam:1", ":*",   "*:*",   "[e]:1*", "exam?:1", "exam:*:*"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cache_argument a;
        if (cache_argument_of(&families, span_of(cases[i]), &a)) {
            fail_msg("%s: \"%.*s\"", cases[i], (int)a.value.len, a.value.data);
        }
    }
}

static void cache_place__tells_how_the_argument_is_spelt__when_the_key_holds_it(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        enum cache_spelling spelling;
        const char *prefix, *name;
        bool inner, more;
    } cases[] = {
        {"exam:1", CACHE_SPELLING_PLACED, "exam", "", false, false},
        {"exam:1:2", CACHE_SPELLING_PLACED, "exam", "", false, true},
        {"exam:1:" DB, CACHE_SPELLING_PLACED, "exam", "", false, true},
        {"exam:" DB ":1", CACHE_SPELLING_PLACED, "exam", "", true, false},
        {"exam:exam_id:1", CACHE_SPELLING_NAMED, "exam", "exam_id", false, false},
        {"exam:exam_id:1:page:2", CACHE_SPELLING_NAMED, "exam", "exam_id", false, true},
        {"exam:db:" DB ":exam_id:1", CACHE_SPELLING_NAMED, "exam", "exam_id", true, false},
        {"exam:db:" DB ":exam_id:1:page:2", CACHE_SPELLING_NAMED, "exam", "exam_id", true, true},
        {"exam:" DB ":exam_id:1", CACHE_SPELLING_NAMED, "exam", "exam_id", true, false},
        {"exam:exam_id:2:page:1", CACHE_SPELLING_NAMED, "exam", "page", true, false},
        {"exam:questions:1", CACHE_SPELLING_PLACED, "exam:questions", "", false, false},
        {"exam:questions:db:" DB ":exam_id:1", CACHE_SPELLING_NAMED, "exam:questions", "exam_id", true,
         false},
        {"cache:api.services.stats.totals:1", CACHE_SPELLING_PLACED, "cache:api.services.stats.totals", "",
         false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cache_place p;
        size_t at = 0;
        if (!cache_place_next(&families, span_of(cases[i].key), S("1"), &at, &p)) {
            fail_msg("%s holds it", cases[i].key);
        }
        assert_int_equal(p.spelling, cases[i].spelling);
        assert_span(p.prefix, cases[i].prefix);
        assert_span(p.name, cases[i].name);
        assert_int_equal(p.inner, cases[i].inner);
        assert_int_equal(p.more, cases[i].more);
        assert_false(cache_place_next(&families, span_of(cases[i].key), S("1"), &at, &p));
    }
}

static void cache_place__is_none__when_only_a_longer_or_another_argument_looks_like_it(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "exam:10", "exam:2:1", "exam:exam_id:11",  ("exam:db:" DB),        "exam", "exam:", "", ":",
        "1",       "1:x",      "exam:exam_id:2:7", "exam:95558f5e25d773a4"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cache_place p;
        size_t at = 0;
        if (cache_place_next(&families, span_of(cases[i]), S("1"), &at, &p)) {
            fail_msg("%s does not hold it", cases[i]);
        }
        at = 0;
        assert_false(cache_place_next(&families, span_of(cases[i]), S(""), &at, &p));
    }
}

static void cache_place__comes_for_each_name__when_two_arguments_have_the_value(void **state)
{
    (void)state;
    struct span key = S("exam:exam_id:1:page:1");
    struct cache_place p;
    size_t at = 0;
    assert_true(cache_place_next(&families, key, S("1"), &at, &p));
    assert_span(p.name, "exam_id");
    assert_true(p.more);
    assert_true(cache_place_next(&families, key, S("1"), &at, &p));
    assert_span(p.name, "page");
    assert_true(p.inner);
    assert_false(p.more);
    assert_false(cache_place_next(&families, key, S("1"), &at, &p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cache_argument__is_read_from_a_pattern__when_it_names_a_value),
        cmocka_unit_test(cache_argument__is_none__when_the_pattern_names_no_value),
        cmocka_unit_test(cache_place__tells_how_the_argument_is_spelt__when_the_key_holds_it),
        cmocka_unit_test(cache_place__is_none__when_only_a_longer_or_another_argument_looks_like_it),
        cmocka_unit_test(cache_place__comes_for_each_name__when_two_arguments_have_the_value),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
