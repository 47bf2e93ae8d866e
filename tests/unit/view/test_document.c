#include "support/unit.h"
#include "view/document.h"

static void fill(struct document *d, const char *name)
{
    static const struct {
        const char *label, *text;
        int depth;
    } rows[] = {
        {"type", "string", 0}, {"", "{", 0},          {"", "  \"a\": {", 1},     {"", "    \"x\": 1", 2},
        {"", "  },", 2},       {"", "  \"b\": {", 1}, {"", "    \"y\": 1", 2},   {"", "  }", 2},
        {"", "}", 1},          {"0", "long ...", 0},  {"", "long and longer", 1}};
    document_begin(d);
    document_add(d, "name", ROLE_VALUE, name);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        document_add(d, rows[i].label, ROLE_VALUE, rows[i].text)->depth = rows[i].depth;
    }
    document_fit(d, 80, 40);
}

static size_t rows_of(const struct document *d)
{
    return utarray_len(&d->row);
}

static const char *at_cursor(struct document *d)
{
    size_t line;
    assert_true(document_cursor_line(d, &line));
    return ((struct document_line *)(void *)d->line.d)[line].text;
}

static void items_are_closed__members_are_open__at_first(void **state)
{
    (void)state;
    struct document d;
    document_init(&d);
    fill(&d, "first");
    assert_int_equal(document_lines(&d), 12);
    assert_int_equal(rows_of(&d), 11);
    document_move(&d, MOVE_END);
    assert_string_equal(at_cursor(&d), "long ...");
    assert_true(document_fold(&d, DOCUMENT_OPEN));
    assert_false(document_fold(&d, DOCUMENT_OPEN));
    assert_int_equal(rows_of(&d), 12);
    document_release(&d);
}

static void what_was_closed__stays_closed__when_it_is_read_again(void **state)
{
    (void)state;
    struct document d;
    document_init(&d);
    fill(&d, "first");
    document_search(&d, "\"b\"");
    document_search(&d, "");
    assert_true(document_fold(&d, DOCUMENT_CLOSE));
    assert_int_equal(rows_of(&d), 9);
    fill(&d, "second");
    assert_int_equal(rows_of(&d), 9);
    assert_string_equal(at_cursor(&d), "  \"b\": {");
    assert_true(document_fold(&d, DOCUMENT_TOGGLE));
    fill(&d, "third");
    assert_int_equal(rows_of(&d), 11);
    document_release(&d);
}

/* Two lines with the same words: only the one that was closed is. */
static void the_same_words__are_told_apart__by_their_order(void **state)
{
    (void)state;
    struct document d;
    document_init(&d);
    for (int round = 0; round < 2; round++) {
        document_begin(&d);
        for (int i = 0; i < 3; i++) {
            document_add(&d, "", ROLE_VALUE, "{");
            document_add(&d, "", ROLE_VALUE, i == 0 ? "  0" : i == 1 ? "  1" : "  2")->depth = 1;
        }
        document_fit(&d, 80, 40);
        if (round == 0) {
            document_search(&d, "1");
            document_search(&d, "");
            assert_true(document_fold(&d, DOCUMENT_CLOSE)); /* a step up */
            assert_true(document_fold(&d, DOCUMENT_CLOSE));
        }
        assert_int_equal(rows_of(&d), 5);
        assert_true(document_search(&d, "0"));
        assert_int_equal(rows_of(&d), 5);
    }
    assert_true(document_search(&d, "1"));
    assert_int_equal(rows_of(&d), 6);
    document_release(&d);
}

static void a_search__opens_what_hides_the_hit(void **state)
{
    (void)state;
    struct document d;
    document_init(&d);
    fill(&d, "first");
    document_fold_all(&d, true);
    document_fit(&d, 80, 40);
    assert_int_equal(rows_of(&d), 4);
    assert_true(document_search(&d, "\"y\""));
    assert_string_equal(at_cursor(&d), "    \"y\": 1");
    assert_int_equal(rows_of(&d), 9);
    assert_true(document_search(&d, "and longer"));
    assert_int_equal(rows_of(&d), 10);
    assert_false(document_search(&d, "not there"));
    document_release(&d);
}

static void closing__takes_the_cursor_along__when_it_stood_below(void **state)
{
    (void)state;
    struct document d;
    document_init(&d);
    fill(&d, "first");
    document_search(&d, "\"x\"");
    document_fold_all(&d, true);
    document_fit(&d, 80, 40);
    assert_string_equal(at_cursor(&d), "{");
    document_fold_all(&d, false);
    document_fit(&d, 80, 40);
    assert_int_equal(rows_of(&d), 12);
    document_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_closed__members_are_open__at_first),
        cmocka_unit_test(what_was_closed__stays_closed__when_it_is_read_again),
        cmocka_unit_test(the_same_words__are_told_apart__by_their_order),
        cmocka_unit_test(a_search__opens_what_hides_the_hit),
        cmocka_unit_test(closing__takes_the_cursor_along__when_it_stood_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
