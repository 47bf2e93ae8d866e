#include "story.h"

#include <math.h>
#include <stdio.h>

static void family__appears__with_its_first_event(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "key_event event=set key=exam:1");
    story_tell(&s, "key_event event=keymiss key=exam:2 count=3");
    const struct family *f = story_family(&s, "exam");
    assert_non_null(f);
    assert_false(f->counted);
    assert_int_equal(f->events[NOTIFY_SET], 1);
    assert_int_equal(f->events[NOTIFY_KEYMISS], 3);
    assert_int_equal(f->without_ttl, -1);
    story_end(&s);
}

static void family__has__rates_of_the_last_ten_seconds(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "notify state=on present=AKEm");
    for (int i = 0; i < 20; i++) {
        story_tell(&s, "key_event event=set key=exam:1 count=5");
        story_tell(&s, "key_event event=expired key=exam:1 count=2");
        story_wait(&s, 1);
    }
    const struct family *f = story_family(&s, "exam");
    assert_near(f->set_per_s, 5);
    assert_near(f->expired_per_s, 2);
    assert_near(f->miss_per_s, 0);
    assert_near(series_last(&f->activity), 7);
    struct event_totals all;
    model_events(s.m, &all);
    assert_near(all.per_s, 7);
    assert_int_equal(all.events[NOTIFY_SET], 100);
    story_wait(&s, 11);
    assert_near(f->set_per_s, 0);
    story_end(&s);
}

static void family__does_not_know__rates_of_classes_that_are_off(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "notify state=partial present=\"E$\" missing=gxem");
    story_tell(&s, "key_event event=set key=exam:1");
    story_wait(&s, 1);
    const struct family *f = story_family(&s, "exam");
    assert_true(!isnan(f->set_per_s));
    assert_true(isnan(f->expired_per_s) && isnan(f->evicted_per_s) && isnan(f->miss_per_s) &&
                isnan(f->del_per_s));
    story_tell(&s, "notify state=off");
    story_wait(&s, 1);
    assert_true(isnan(f->set_per_s));
    story_tell(&s, "notify state=on");
    story_tell(&s, "link role=feed state=down");
    story_wait(&s, 1);
    assert_true(isnan(f->set_per_s));
    story_end(&s);
}

static void family__shows__the_first_walk_as_it_goes_and_later_ones_when_whole(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "census phase=begin expected=1000");
    story_tell(&s, "family name=exam keys=100 sampled=10 sampled_no_ttl=2 sampled_bytes=1000");
    story_tell(&s, "census phase=progress walked=500 expected=1000");
    const struct family *f = story_family(&s, "exam");
    assert_true(f->counted);
    assert_int_equal(f->keys, 100);
    assert_int_equal(f->without_ttl, 20);
    assert_false(f->without_ttl_exact);
    assert_int_equal(f->bytes_estimate, 10000);
    assert_false(model_census(s.m)->complete);
    assert_true(model_census(s.m)->walking);
    story_tell(&s, "family name=exam keys=200 sampled=10 sampled_no_ttl=2 sampled_bytes=1000");
    story_tell(&s, "census phase=end walked=1000");
    assert_int_equal(f->keys, 200);
    assert_true(model_census(s.m)->complete);
    assert_int_equal(model_census(s.m)->keys, 1000);
    assert_int_equal(model_census(s.m)->finished_at_us, STORY_START);
    story_tell(&s, "census phase=begin expected=1000");
    story_tell(&s, "family name=exam keys=3 sampled=3 sampled_no_ttl=1 sampled_bytes=33");
    assert_int_equal(f->keys, 200);
    story_tell(&s, "census phase=end walked=3");
    assert_int_equal(f->keys, 3);
    assert_int_equal(f->without_ttl, 1);
    assert_true(f->without_ttl_exact);
    assert_int_equal(f->bytes_estimate, 33);
    story_end(&s);
}

static void family__has_no_keys__when_a_walk_does_not_tell_it(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=exam keys=5");
    story_tell(&s, "family name=task:test keys=5");
    story_tell(&s, "census phase=end walked=10");
    assert_int_equal(story_family(&s, "exam")->without_ttl, -1); /* nothing was sampled */
    story_wait(&s, 60);
    story_tell(&s, "key_event event=keymiss key=exam:1");
    story_tell(&s, "census phase=begin");
    story_tell(&s, "census phase=end walked=0");
    assert_int_equal(story_family(&s, "exam")->keys, 0); /* events flow: it stays */
    assert_int_equal(story_family(&s, "exam")->without_ttl, 0);
    assert_null(story_family(&s, "task:test"));
    story_wait(&s, 61);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "census phase=end walked=0");
    assert_null(story_family(&s, "exam"));
    story_end(&s);
}

/* Events made rows before the walk told other families; it counted those of the rows among the rest. */
static void a_family_among_those_counted_as_one__is_unknown__not_empty(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "notify state=on");
    story_tell(&s, "census phase=begin");
    for (int i = 0; i < 450; i++) {
        story_tell(&s, "key_event event=set key=e%03d:1", i);
    }
    for (int i = 0; i < 50; i++) {
        story_tell(&s, "family name=f%03d keys=10", i);
    }
    story_tell(&s, "family name=(other) keys=4500");
    story_tell(&s, "census phase=end walked=5000");
    const struct family *f = story_family(&s, "e001");
    assert_non_null(f);
    assert_false(f->counted);
    assert_int_equal(f->without_ttl, -1);
    assert_int_equal(f->bytes_estimate, -1);
    assert_int_equal(story_family(&s, "f001")->keys, 10);
    assert_true(model_census(s.m)->families_cut);
    /* a walk that tells all of them knows */
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=f001 keys=10");
    story_tell(&s, "census phase=end walked=10");
    assert_true(story_family(&s, "e001")->counted);
    assert_int_equal(story_family(&s, "e001")->keys, 0);
    assert_false(model_census(s.m)->families_cut);
    story_end(&s);
}

static void families__are_capped__and_the_rest_is_one_row(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "notify state=on");
    story_tell(&s, "census phase=begin");
    for (int i = 0; i < 700; i++) {
        story_tell(&s, "family name=f%03d keys=10", i);
        story_tell(&s, "key_event event=set key=f%03d:1", i);
    }
    story_tell(&s, "census phase=end walked=7000");
    assert_int_equal(model_family_count(s.m), 501);
    const struct family *other = story_family(&s, FAMILY_OTHER);
    assert_non_null(other);
    assert_int_equal(other->keys, 2000);
    assert_int_equal(other->events[NOTIFY_SET], 200);
    story_wait(&s, 70);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=f001 keys=10");
    story_tell(&s, "census phase=end walked=10");
    assert_null(story_family(&s, FAMILY_OTHER));
    assert_int_equal(model_family_count(s.m), 1);
    story_end(&s);
}

static void events__that_were_shed__are_counted_without_a_family(void **state)
{
    (void)state;
    struct story s;
    struct event_totals all;
    story_begin(&s);
    story_tell(&s, "key_event event=set count=1000");
    model_events(s.m, &all);
    assert_int_equal(all.shed, 1000);
    assert_int_equal(all.events[NOTIFY_SET], 1000);
    assert_int_equal(model_family_count(s.m), 0);
    story_end(&s);
}

static void family__name__is_shown_without_control_bytes(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "key_event event=set key=\"\\x1b[2J:1\"");
    story_tell(
        &s, "family name=\"\\x1b[2J\" keys=9223372036854775807 sampled=1 sampled_bytes=9223372036854775807");
    assert_int_equal(model_family_count(s.m), 1);
    assert_null(strchr(model_family_at(s.m, 0)->name, '\x1b'));
    story_end(&s);
}

static void census__is_incomplete_again__with_another_server(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "server run_id=a");
    story_tell(&s, "census phase=begin");
    story_tell(&s, "census phase=end walked=1");
    assert_true(model_census(s.m)->complete);
    story_tell(&s, "server run_id=b");
    assert_false(model_census(s.m)->complete);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(family__appears__with_its_first_event),
        cmocka_unit_test(family__has__rates_of_the_last_ten_seconds),
        cmocka_unit_test(family__does_not_know__rates_of_classes_that_are_off),
        cmocka_unit_test(family__shows__the_first_walk_as_it_goes_and_later_ones_when_whole),
        cmocka_unit_test(family__has_no_keys__when_a_walk_does_not_tell_it),
        cmocka_unit_test(a_family_among_those_counted_as_one__is_unknown__not_empty),
        cmocka_unit_test(families__are_capped__and_the_rest_is_one_row),
        cmocka_unit_test(events__that_were_shed__are_counted_without_a_family),
        cmocka_unit_test(family__name__is_shown_without_control_bytes),
        cmocka_unit_test(census__is_incomplete_again__with_another_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
