#include "fake_rows.h"

static void assert_shown(const char *text, const char *expected)
{
    static struct fake_row row[] = {
        {"alpha", "Anna", 5}, {"beta", "Bernd", NAN}, {"gamma", "ANNE", 700}, {"delta", "Ørsted", 0.5}};
    struct fake fake = {COUNT_OF(row), row, 0, 0};
    struct rows rows = fake_rows(&fake);
    struct table t;
    char shown[8] = "";
    table_init(&t, -1, false);
    table_filter(&t, &rows, text);
    table_recalc(&t, &rows, true, 0);
    for (size_t i = 0; i < t.ranking.count; i++) {
        shown[i] = row[t.ranking.index[i]].id[0];
    }
    if (strcmp(shown, expected) != 0) {
        fail_msg("\"%s\" shows \"%s\", expected \"%s\"", text, shown, expected);
    }
    assert_int_equal(table_hidden(&t, &rows), COUNT_OF(row) - strlen(expected));
    table_release(&t);
}

static void filter__shows_rows_with_the_letters__in_any_column_of_words(void **state)
{
    (void)state;
    assert_shown("", "abgd");
    assert_shown("   ", "abgd");
    assert_shown("ann", "ag");
    assert_shown("ANNA", "a");
    assert_shown("ta", "bd");
    assert_shown("rsted", "d");
    assert_shown("Ørsted", "d");
    assert_shown("700", ""); /* numbers are no words */
    assert_shown("nothing", "");
}

static void filter__turns_round__with_an_exclamation_mark(void **state)
{
    (void)state;
    assert_shown("!ann", "bd");
    assert_shown("!", "abgd");
    assert_shown("!nothing", "abgd");
    assert_shown("ann !anna", "g");
}

static void filter__looks_in_one_column__with_its_title(void **state)
{
    (void)state;
    assert_shown("name:ann", "ag");
    assert_shown("id:ann", "");
    assert_shown("NAME:anna", "a");
    assert_shown("!name:ann", "bd");
    assert_shown("name:", "abgd");
    assert_shown("nosuch:ann", ""); /* no column: plain letters */
    assert_shown("size:700", "g");
}

static void filter__compares_numbers__with_less_and_greater(void **state)
{
    (void)state;
    assert_shown("size:>4", "ag");
    assert_shown("size:<4", "d");
    assert_shown("size:>1m", "g"); /* a minute, in seconds */
    assert_shown("size:>1k", "");
    assert_shown("!size:>4", "bd"); /* what is not known is not more */
    assert_shown("size:>x", "");
    assert_shown("name:>1", "");
    assert_shown("size:>4 name:anna", "a");
}

static void filter__survives__what_is_too_long(void **state)
{
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_shown(text, "");
    for (size_t i = 1; i < sizeof text - 1; i += 2) {
        text[i] = ' ';
    }
    assert_shown(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter__shows_rows_with_the_letters__in_any_column_of_words),
        cmocka_unit_test(filter__turns_round__with_an_exclamation_mark),
        cmocka_unit_test(filter__looks_in_one_column__with_its_title),
        cmocka_unit_test(filter__compares_numbers__with_less_and_greater),
        cmocka_unit_test(filter__survives__what_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
