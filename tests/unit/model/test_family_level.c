/* Second levels: told apart up to a bound, by the walk and by events alike. */
#include "story.h"

static void events__go_to__the_second_level(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "key_event event=set key=shop:basket:1");
    story_tell(&s, "key_event event=set key=shop:order:1");
    story_tell(&s, "key_event event=set key=shop:17:1");
    assert_int_equal(story_family(&s, "shop:basket")->events[NOTIFY_SET], 1);
    assert_int_equal(story_family(&s, "shop:order")->events[NOTIFY_SET], 1);
    assert_int_equal(story_family(&s, "shop")->events[NOTIFY_SET], 1);
    story_end(&s);
}

static void name_of(int i, char out[3])
{
    out[0] = (char)('a' + i / 26);
    out[1] = (char)('a' + i % 26);
    out[2] = '\0';
}

static void events__of_many_second_levels__make_a_bounded_number_of_rows(void **state)
{
    (void)state;
    struct story s;
    char name[3];
    story_begin(&s);
    for (int i = 0; i < 300; i++) {
        name_of(i, name);
        story_tell(&s, "key_event event=set key=shop:%s:1", name);
    }
    assert_int_equal(model_family_count(s.m), FAMILY_LEVELS_MAX + 1);
    assert_int_equal(story_family(&s, "shop")->events[NOTIFY_SET], 300 - FAMILY_LEVELS_MAX);
    assert_int_equal(story_family(&s, "shop:aa")->events[NOTIFY_SET], 1);
    story_tell(&s, "key_event event=set key=shop:aa:2"); /* those that have a row keep it */
    assert_int_equal(story_family(&s, "shop:aa")->events[NOTIFY_SET], 2);
    story_end(&s);
}

static void a_folded_family__takes_up__what_its_second_levels_had(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=shop:basket keys=5");
    story_tell(&s, "key_event event=set key=shop:basket:1 count=3");
    story_tell(&s, "key_event event=set key=shopping:basket:1");
    story_tell(&s, "family name=shop keys=40 folded=yes");
    assert_null(story_family(&s, "shop:basket"));
    assert_true(story_family(&s, "shop")->folded);
    assert_int_equal(story_family(&s, "shop")->events[NOTIFY_SET], 3);
    assert_non_null(story_family(&s, "shopping:basket"));
    story_tell(&s, "census phase=end walked=40");
    story_tell(&s, "key_event event=set key=shop:basket:1");
    story_tell(&s, "key_event event=set key=shop:order:1");
    assert_int_equal(story_family(&s, "shop")->events[NOTIFY_SET], 5);
    assert_null(story_family(&s, "shop:order"));
    assert_int_equal(model_family_count(s.m), 2);
    story_end(&s);
}

static void a_later_walk__folds_and_unfolds__at_its_end(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=shop:basket keys=5");
    story_tell(&s, "family name=exam keys=5");
    story_tell(&s, "census phase=end walked=10");
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=shop keys=40 folded=yes");
    story_tell(&s, "family name=exam keys=5");
    assert_non_null(story_family(&s, "shop:basket"));
    story_tell(&s, "census phase=end walked=45");
    assert_null(story_family(&s, "shop:basket"));
    assert_int_equal(story_family(&s, "shop")->keys, 40);
    assert_int_equal(story_family(&s, "exam")->keys, 5);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=shop:basket keys=6");
    story_tell(&s, "family name=shop:order keys=7");
    story_tell(&s, "census phase=end walked=13");
    assert_int_equal(story_family(&s, "shop:basket")->keys, 6);
    story_tell(&s, "key_event event=set key=shop:order:1");
    assert_int_equal(story_family(&s, "shop:order")->events[NOTIFY_SET], 1);
    story_end(&s);
}

static void families_with_a_name_of_their_own__never_fold(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=exam:questions keys=5");
    story_tell(&s, "family name=batch:progress keys=5");
    story_tell(&s, "family name=cache:m.f keys=5");
    story_tell(&s, "family name=exam keys=5 folded=yes");
    story_tell(&s, "family name=batch keys=5 folded=yes");
    story_tell(&s, "family name=cache keys=5 folded=yes");
    story_tell(&s, "census phase=end walked=30");
    assert_non_null(story_family(&s, "exam:questions"));
    assert_non_null(story_family(&s, "batch:progress"));
    assert_non_null(story_family(&s, "cache:m.f"));
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events__go_to__the_second_level),
        cmocka_unit_test(events__of_many_second_levels__make_a_bounded_number_of_rows),
        cmocka_unit_test(a_folded_family__takes_up__what_its_second_levels_had),
        cmocka_unit_test(a_later_walk__folds_and_unfolds__at_its_end),
        cmocka_unit_test(families_with_a_name_of_their_own__never_fold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
