/* What a pattern really matches and what it misses, with keys as the platform's own generate_cache_key makes
 * them (it was run for these). */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

/* One exam in each spelling, its neighbours in number, and others. */
static int set_up(void **state)
{
    struct stage *s = stage_new(NULL);
    static const char *const keys[] = {"exam:1",
                                       "exam:1:2",
                                       "exam:10",
                                       "exam:11",
                                       "exam:100",
                                       "exam:100:2",
                                       "exam:2",
                                       "exam:2:1",
                                       "exam:exam_id:1",
                                       "exam:exam_id:10",
                                       "exam:exam_id:2:page:11",
                                       "exam:questions:1",
                                       "exam:questions:10",
                                       "exam:95558f5e25d773a4",
                                       "leaderboard:1"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *argv[] = {"SET", keys[i], "{}"};
        free(server_cli_argv(s->server, 0, 3, argv, NULL));
    }
    static const char *const places[][2] = {
        {"exam:db:", ":exam_id:1"}, {"exam:db:", ":exam_id:2"}, {"exam:questions:db:", ":exam_id:1"}};
    for (size_t i = 0; i < 27; i++) {
        char key[160];
        snprintf(key, sizeof key, "%s<sqlalchemy.orm.session.Session object at 0x7f49d7889f%zu0>%s",
                 places[i % 3][0], i, places[i % 3][1]);
        const char *argv[] = {"SET", key, "{}"};
        free(server_cli_argv(s->server, 0, 3, argv, NULL));
    }
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    stage_free(*state);
    return 0;
}

static void assert_unsaid(struct stage *s, const char *part)
{
    if (strstr(utstring_body(&s->plan), part)) {
        fail_msg("\"%s\" is in the plan:\n%s", part, utstring_body(&s->plan));
    }
}

#define ALL "invalidate exam:1 'exam:1:*' exam:exam_id:1 'exam:*:exam_id:1' exam:questions:1"

static void plan__names_what_the_platforms_pattern_hits_and_misses__before_anything_goes(void **state)
{
    struct stage *s = *state;
    long long before = stage_int(s, "DBSIZE");
    stage_options(s, false, true);
    stage_order(s, "invalidate exam:1*");
    stage_assert_plan(s, "plan     invalidate exam:1*: 6 keys\n");
    stage_assert_plan(s, "family exam: 6 keys\n");
    stage_assert_plan(s, "           exam:100:2\n");
    stage_assert_plan(s, "exam:1* also hits longer numbers: 4 keys: exam:100 (2), exam:10, exam:11\n");
    stage_assert_plan(
        s, "missed: 20 other keys of exam with 1, as the cache spells it otherwise; to take them:\n");
    stage_assert_plan(s, "  19 keys as exam_id:1: invalidate exam:exam_id:1 'exam:*:exam_id:1'\n");
    stage_assert_plan(s, "  1 key as exam:questions:1: invalidate exam:questions:1\n");
    stage_assert_plan(s, "all of exam with 1 and nothing else is 22 keys: " ALL "\n");
    stage_assert_plan(s, "1 key of exam: hashes of longer calls, which do not tell what they hold\n");
    assert_int_equal(stage_int(s, "DBSIZE"), before);
}

/* The offered order does what it says: all of exam 1, and no key of another. */
static void offered_order__takes_all_of_the_exam_and_nothing_else__when_it_is_given(void **state)
{
    struct stage *s = *state;
    long long before = stage_int(s, "DBSIZE");
    s->at_plan = NULL;
    stage_order(s, ALL);
    stage_assert_plan(s, "exam:1 exam:1:* exam:exam_id:1 exam:*:exam_id:1 exam:questions:1: 22 keys\n");
    stage_assert_plan(s, "family exam: 12 keys\n");
    stage_assert_plan(s, "family exam:questions: 10 keys\n");
    stage_assert_plan(s, "18 of these hold an object's address");
    assert_unsaid(s, "missed");
    assert_unsaid(s, "longer numbers");
    stage_assert_end(s, ACTION_DONE, "deleted 22 of 22");
    assert_int_equal(stage_int(s, "DBSIZE"), before - 22);
    assert_int_equal(stage_int(s, "EXISTS exam:10 exam:100:2 exam:2 exam:2:1 exam:exam_id:10 leaderboard:1"),
                     6);
}

static void refusal__tells_where_the_argument_is__when_the_pattern_matches_nothing(void **state)
{
    struct stage *s = *state;
    stage_do(s, "DEL exam:1 exam:1:2 exam:10 exam:11 exam:100 exam:100:2 exam:questions:1");
    stage_order(s, "invalidate exam:1*");
    assert_false(s->planned);
    stage_assert_end(s, ACTION_GONE,
                     "exam:1*: no key matches, nothing to delete\n"
                     "missed: 19 other keys of exam with 1, as the cache spells it otherwise; to take them:\n"
                     "  19 keys as exam_id:1: invalidate exam:exam_id:1 'exam:*:exam_id:1'\n"
                     "1 key of exam: hashes of longer calls, which do not tell what they hold");
    stage_order(s, "invalidate exam:3*"); /* there is no such exam in any spelling */
    stage_assert_end(s, ACTION_GONE,
                     "exam:3*: no key matches, nothing to delete\n"
                     "1 key of exam: hashes of longer calls, which do not tell what they hold");
    stage_order(s, "invalidate nothing:1");
    stage_assert_end(s, ACTION_GONE, "nothing:1: no key matches, nothing to delete");
}

/* Two arguments with the same value: which is meant is for the person to say. */
static void plan__offers_each_name_for_itself__when_two_arguments_have_the_value(void **state)
{
    struct stage *s = *state;
    stage_do(s, "MSET exam:exam_id:7:page:1 a exam:exam_id:8:page:1 a exam:exam_id:9:page:1:size:5 a");
    stage_options(s, false, true);
    stage_order(s, "invalidate exam:1:*");
    stage_assert_plan(s, "  19 keys as exam_id:1: invalidate exam:exam_id:1 'exam:*:exam_id:1'\n");
    stage_assert_plan(s, "  3 keys as page:1: invalidate 'exam:*:page:1' 'exam:*:page:1:*'\n");
    assert_unsaid(s, "nothing else");
    stage_order(s, "invalidate 'exam:*:page:1'");
    stage_assert_plan(s, "  1 key as page:1: invalidate 'exam:*:page:1:*'\n");
    assert_unsaid(s, "exam_id:1:");
}

/* A key that somebody pointed at costs one look, not a walk; bytes that are no text stay harmless. */
static void plan__stays_short__when_one_key_is_named_or_the_value_is_odd(void **state)
{
    struct stage *s = *state;
    stage_options(s, false, true);
    stage_watch(s);
    stage_order(s, "invalidate exam:1");
    char *heard = stage_heard(s);
    assert_null(strstr(heard, "SCAN"));
    free(heard);
    assert_unsaid(s, "missed");
    stage_do(s, "SET exam:page:%s a", "\x1b[2J*");
    stage_do(s, "SET exam:%s:x a", "\x1b[2J*");
    stage_order(s, "invalidate \"exam:\x1b\\\\[2J\\\\*:*\"");
    stage_assert_plan(s, "  1 key as page:^[[2J*: invalidate \"exam:page:\\x1b\\\\[2J\\\\*\"\n");
    assert_null(strchr(utstring_body(&s->plan), '\x1b'));
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(plan__names_what_the_platforms_pattern_hits_and_misses__before_anything_goes),
        TEST(offered_order__takes_all_of_the_exam_and_nothing_else__when_it_is_given),
        TEST(refusal__tells_where_the_argument_is__when_the_pattern_matches_nothing),
        TEST(plan__offers_each_name_for_itself__when_two_arguments_have_the_value),
        TEST(plan__stays_short__when_one_key_is_named_or_the_value_is_odd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
