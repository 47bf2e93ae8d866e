#include "support/unit.h"

#include "redai/base/mem.h"
#include "redai/base/span.h"

static const struct span nothing = {NULL, 0};

static void span_equal__compares__bytes_and_length(void **state)
{
    (void)state;
    static const struct {
        struct span a, b;
        bool equal;
    } rows[] = {
        {SPAN_LITERAL("key"), SPAN_LITERAL("key"), true},
        {SPAN_LITERAL("key"), SPAN_LITERAL("kez"), false},
        {SPAN_LITERAL("key"), SPAN_LITERAL("ke"), false},
        {SPAN_LITERAL("a\0b"), SPAN_LITERAL("a\0c"), false},
        {SPAN_LITERAL("a\0b"), SPAN_LITERAL("a\0b"), true},
        {SPAN_LITERAL(""), {NULL, 0}, true},
        {{NULL, 0}, {NULL, 0}, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (span_equal(rows[i].a, rows[i].b) != rows[i].equal) {
            fail_msg("row %zu", i);
        }
    }
}

static void span_starts_and_ends__accept__empty_parts_and_refuse_longer_ones(void **state)
{
    (void)state;
    assert_true(span_starts(S("session:ab"), S("session:")));
    assert_false(span_starts(S("sess"), S("session:")));
    assert_true(span_starts(S("x"), nothing));
    assert_true(span_starts(nothing, S("")));
    assert_true(span_ends(S("exam:7.lock"), S(".lock")));
    assert_false(span_ends(S("lock"), S(".lock")));
    assert_true(span_ends(nothing, nothing));
}

static void span_skip__stops__at_the_end(void **state)
{
    (void)state;
    struct span s = S("abc");
    assert_true(span_equal(span_skip(s, 1), S("bc")));
    assert_int_equal(span_skip(s, 3).len, 0);
    assert_ptr_equal(span_skip(s, 99).data, s.data + 3);
    assert_int_equal(span_skip(nothing, 1).len, 0);
    assert_int_equal(span_head(s, 2).len, 2);
    assert_int_equal(span_head(s, 9).len, 3);
}

static void span_find__gives_the_length__when_absent(void **state)
{
    (void)state;
    assert_int_equal(span_find(S("a:b:c"), ':'), 1);
    assert_int_equal(span_find(S("abc"), ':'), 3);
    assert_int_equal(span_find(S("ab\0c"), '\0'), 2);
    assert_int_equal(span_find(nothing, ':'), 0);
    /* The byte just behind the span is not looked at. */
    assert_int_equal(span_find(span_make("ab:", 2), ':'), 2);
}

static void span_search__finds_the_first__whole_needle(void **state)
{
    (void)state;
    static const struct {
        struct span s, needle;
        size_t at;
    } rows[] = {
        {SPAN_LITERAL("exam:7:exam"), SPAN_LITERAL("exam"), 0},
        {SPAN_LITERAL("aab"), SPAN_LITERAL("ab"), 1},
        {SPAN_LITERAL("abc"), SPAN_LITERAL("cd"), 3},
        {SPAN_LITERAL("abc"), SPAN_LITERAL(""), 0},
        {SPAN_LITERAL("ab"), SPAN_LITERAL("abc"), 2},
        {SPAN_LITERAL("a\0b"), SPAN_LITERAL("\0b"), 1},
        {{NULL, 0}, SPAN_LITERAL("a"), 0},
        {{NULL, 0}, {NULL, 0}, 0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (span_search(rows[i].s, rows[i].needle) != rows[i].at) {
            fail_msg("row %zu: %zu", i, span_search(rows[i].s, rows[i].needle));
        }
    }
}

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void span_compare__orders__by_unsigned_bytes_then_length(void **state)
{
    (void)state;
    static const struct span sorted[] = {
        {NULL, 0},         SPAN_LITERAL("\0"),   SPAN_LITERAL("a"),    SPAN_LITERAL("a\0"),
        SPAN_LITERAL("b"), SPAN_LITERAL("\x7f"), SPAN_LITERAL("\xff"),
    };
    for (size_t i = 0; i < COUNT_OF(sorted); i++) {
        for (size_t j = 0; j < COUNT_OF(sorted); j++) {
            assert_int_equal(sign(span_compare(sorted[i], sorted[j])), (i > j) - (i < j));
        }
    }
}

static void span_dup__keeps__bytes_behind_a_nul(void **state)
{
    (void)state;
    char *copy = span_dup(S("a\0b"));
    assert_memory_equal(copy, "a\0b", 4);
    mem_free(copy);
    copy = span_dup(nothing);
    assert_string_equal(copy, "");
    mem_free(copy);
}

static void span_of__reads__null_as_empty(void **state)
{
    (void)state;
    assert_int_equal(span_of(NULL).len, 0);
    assert_non_null(span_of(NULL).data);
    assert_int_equal(span_of("four").len, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(span_equal__compares__bytes_and_length),
        cmocka_unit_test(span_starts_and_ends__accept__empty_parts_and_refuse_longer_ones),
        cmocka_unit_test(span_skip__stops__at_the_end),
        cmocka_unit_test(span_find__gives_the_length__when_absent),
        cmocka_unit_test(span_search__finds_the_first__whole_needle),
        cmocka_unit_test(span_compare__orders__by_unsigned_bytes_then_length),
        cmocka_unit_test(span_dup__keeps__bytes_behind_a_nul),
        cmocka_unit_test(span_of__reads__null_as_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
