#include "story.h"

#include <math.h>

static const struct family *row(const struct story *s, const char *name)
{
    return model_family_find(s->m, span_of(name));
}

static void a_group__sums_up__families_with_the_same_first_part(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "notify state=on");
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=exam keys=100 sampled=10 sampled_no_ttl=1 sampled_bytes=1000 "
                   "sampled_squares=100090 ttl=1,2,3,3 largest=exam:9 largest_bytes=130 reprs=4");
    story_tell(&s, "family name=exam:questions keys=10 sampled=10 sampled_bytes=500 sampled_squares=25000 "
                   "ttl=10,0,0,0 largest=exam:questions:1 largest_bytes=90");
    story_tell(&s, "family name=session keys=7 sampled=7 sampled_bytes=70 sampled_squares=700");
    story_tell(&s, "census phase=end walked=117");
    for (int i = 0; i < 12; i++) {
        story_tell(&s, "key_event event=set key=exam:1 count=2");
        story_tell(&s, "key_event event=set key=exam:questions:1 count=3");
        story_wait(&s, 1);
    }
    assert_int_equal(model_family_count(s.m), 3);
    assert_int_equal(model_family_rows(s.m), 4);
    const struct family *group = model_family_row(s.m, 0);
    assert_string_equal(group->name, "exam:*");
    assert_int_equal(group->below, 2);
    assert_int_equal(group->keys, 110);
    assert_int_equal(group->without_ttl, 10);
    assert_false(group->without_ttl_exact);
    assert_int_equal(group->bytes_estimate, 10500);
    assert_near(group->bytes_margin, row(&s, "exam")->bytes_margin);
    assert_true(group->bytes_margin > 0);
    assert_int_equal(group->ttl[0], 20); /* reckoned for all its keys */
    assert_int_equal(group->ttl[3], 30);
    assert_int_equal(group->largest_bytes, 130);
    assert_int_equal(group->reprs, 4);
    assert_near(group->set_per_s, 5);
    assert_near(series_last(&group->activity), 5);
    assert_ptr_equal(row(&s, "exam")->under, group);
    assert_ptr_equal(row(&s, "exam:questions")->under, group);
    assert_null(row(&s, "session")->under);
    assert_null(row(&s, "session:*"));
    story_end(&s);
}

static void a_group__does_not_know__what_one_of_its_families_does_not_know(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=exam keys=100");
    story_tell(&s, "family name=exam:questions keys=10 sampled=10 sampled_bytes=500 sampled_squares=25000");
    story_tell(&s, "census phase=end walked=110");
    assert_int_equal(row(&s, "exam:*")->keys, 110);
    assert_int_equal(row(&s, "exam:*")->bytes_estimate, -1);
    assert_int_equal(row(&s, "exam:*")->without_ttl, -1);
    assert_true(isnan(row(&s, "exam:*")->bytes_margin));
    assert_true(isnan(row(&s, "exam:*")->set_per_s));
    story_end(&s);
}

static void groups__follow__the_families(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "key_event event=set key=shop:basket:1");
    assert_int_equal(model_family_rows(s.m), 1);
    story_tell(&s, "key_event event=set key=shop:order:1");
    assert_int_equal(model_family_rows(s.m), 3);
    assert_int_equal(row(&s, "shop:*")->below, 2);
    story_wait(&s, 70);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=shop:order keys=1");
    story_tell(&s, "census phase=end walked=1");
    assert_int_equal(model_family_rows(s.m), 1);
    assert_null(row(&s, "shop:*"));
    story_tell(&s, "family name=(other) keys=1");
    story_tell(&s, "family name=\"(no prefix)\" keys=1");
    assert_int_equal(model_family_rows(s.m), 3);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group__sums_up__families_with_the_same_first_part),
        cmocka_unit_test(a_group__does_not_know__what_one_of_its_families_does_not_know),
        cmocka_unit_test(groups__follow__the_families),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
