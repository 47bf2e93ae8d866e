#include "demo/people.h"
#include "demo/prng.h"
#include "support/unit.h"

#include <ctype.h>

#include "redai/base/utf8.h"

static void people__have_names_of_their_own__all_eighty(void **state)
{
    (void)state;
    static struct person all[PEOPLE_COUNT];
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        person_of(i + 1, &all[i]);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(all[i].name, all[k].name);
            assert_string_not_equal(all[i].email, all[k].email);
        }
    }
}

static void people__have_mails_that_reach_nobody(void **state)
{
    (void)state;
    for (int64_t id = 1; id <= 4 * PEOPLE_COUNT; id++) {
        struct person who;
        person_of(id, &who);
        assert_true(span_ends(span_of(who.email), S("@example.com")));
        for (const char *c = who.email; *c; c++) {
            assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || strchr(".@", *c));
        }
    }
}

static void people__have_names_a_terminal_can_show__in_several_scripts(void **state)
{
    (void)state;
    int wide = 0, beyond_ascii = 0;
    for (int64_t id = 1; id <= PEOPLE_COUNT; id++) {
        struct person who;
        person_of(id, &who);
        struct span rest = span_of(who.name);
        assert_true(rest.len > 0);
        while (rest.len > 0) {
            uint32_t cp;
            size_t used = utf8_decode(rest, &cp);
            assert_false(cp & UTF8_INVALID);
            assert_false(utf8_is_hostile(cp));
            wide += utf8_width(cp) == 2;
            beyond_ascii += cp > 0x7F;
            rest = span_skip(rest, used);
        }
    }
    assert_true(wide > 10);
    assert_true(beyond_ascii > wide);
}

static void people__are_students_mostly(void **state)
{
    (void)state;
    int students = 0, teachers = 0, admins = 0;
    for (int64_t id = 1; id <= PEOPLE_COUNT; id++) {
        struct person who;
        person_of(id, &who);
        students += strcmp(who.role, "student") == 0;
        teachers += strcmp(who.role, "teacher") == 0;
        admins += strcmp(who.role, "admin") == 0;
    }
    assert_int_equal(students + teachers + admins, PEOPLE_COUNT);
    assert_true(students > 60 && teachers > 0 && admins > 0);
}

static void people_token__looks_like_token_urlsafe__and_repeats(void **state)
{
    (void)state;
    struct prng a, b;
    char first[TOKEN_SIZE], again[TOKEN_SIZE], next[TOKEN_SIZE];
    prng_init(&a, 9);
    prng_init(&b, 9);
    people_token(&a, first);
    people_token(&b, again);
    people_token(&a, next);
    assert_string_equal(first, again);
    assert_string_not_equal(first, next);
    assert_int_equal(strlen(first), 43);
    for (const char *c = first; *c; c++) {
        assert_true(isalnum((unsigned char)*c) || *c == '-' || *c == '_');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people__have_names_of_their_own__all_eighty),
        cmocka_unit_test(people__have_mails_that_reach_nobody),
        cmocka_unit_test(people__have_names_a_terminal_can_show__in_several_scripts),
        cmocka_unit_test(people__are_students_mostly),
        cmocka_unit_test(people_token__looks_like_token_urlsafe__and_repeats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
