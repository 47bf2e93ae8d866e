#include "story.h"

#include <math.h>
#include <stdio.h>

static void tell(struct story *s, const char *name, long calls, long usec)
{
    story_tell(s, "command_stat phase=row name=%s calls=%ld usec=%ld rejected=0 failed=0", name, calls, usec);
}
static void end(struct story *s)
{
    story_tell(s, "command_stat phase=end");
}

static const struct command_stat *find(const struct story *s, const char *name)
{
    const struct command_stat *c = model_command_find(s->m, span_of(name));
    assert_non_null(c);
    return c;
}

static void commands__know_totals_only__after_one_reading(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell(&s, "get", 100, 500);
    assert_int_equal(model_command_count(s.m), 0); /* the list is not whole yet */
    assert_null(model_command_find(s.m, S("get")));
    end(&s);
    assert_int_equal(model_command_count(s.m), 1);
    const struct command_stat *get = model_command_at(s.m, 0);
    assert_string_equal(get->name, "get");
    assert_int_equal(get->calls, 100);
    assert_near(get->us_per_call_ever, 5);
    assert_true(isnan(get->calls_per_s) && isnan(get->us_per_call) && isnan(get->share));
    assert_int_equal(model_command_window_us(s.m), -1);
    assert_null(model_command_at(s.m, 1));
    story_end(&s);
}

static void commands__are_measured__in_the_window_of_the_last_readings(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell(&s, "get", 100, 500);
    tell(&s, "set", 10, 9000);
    end(&s);
    story_wait(&s, 2);
    tell(&s, "get", 300, 3500);
    tell(&s, "set", 10, 9000);
    tell(&s, "lpush", 4, 1000); /* called for the first time: it counted from 0 */
    end(&s);
    assert_int_equal(model_command_window_us(s.m), 2 * SECOND);
    const struct command_stat *get = find(&s, "get");
    assert_near(get->calls_per_s, 100);
    assert_near(get->us_per_call, 15);
    assert_near(get->share, 75);
    assert_near(find(&s, "lpush")->calls_per_s, 2);
    assert_near(find(&s, "lpush")->share, 25);
    assert_near(find(&s, "set")->calls_per_s, 0);
    assert_true(isnan(find(&s, "set")->us_per_call));
    assert_near(find(&s, "set")->share, 0);
    /* The costliest in the window first, not ever. */
    assert_string_equal(model_command_at(s.m, 0)->name, "get");
    assert_string_equal(model_command_at(s.m, 1)->name, "lpush");
    story_end(&s);
}

static void window__spans_five_to_ten_seconds__when_read_each_second(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i <= 30; i++) {
        tell(&s, "get", 100 + 7 * i, 500 + 70 * i);
        end(&s);
        int64_t window = model_command_window_us(s.m);
        if (i >= 5) {
            assert_true(window >= 5 * SECOND && window < 10 * SECOND);
            assert_near(find(&s, "get")->calls_per_s, 7);
            assert_near(find(&s, "get")->us_per_call, 10);
        }
        story_wait(&s, 1);
    }
    story_end(&s);
}

static void window__reaches_to_the_reading_before__when_read_seldom(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 4; i++) {
        tell(&s, "get", 1000 * i, 0);
        end(&s);
        if (i > 0) {
            assert_int_equal(model_command_window_us(s.m), 60 * SECOND);
            assert_near(find(&s, "get")->calls_per_s, 1000.0 / 60);
        }
        story_wait(&s, 60);
    }
    story_end(&s);
}

static void counters__that_begin_again__make_no_rates(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell(&s, "get", 1000, 5000);
    tell(&s, "set", 1000, 5000);
    end(&s);
    story_wait(&s, 1);
    /* CONFIG RESETSTAT: get was called 3 times since, set was not */
    tell(&s, "get", 3, 30);
    end(&s);
    assert_int_equal(model_command_count(s.m), 1);
    assert_true(isnan(find(&s, "get")->calls_per_s));
    assert_int_equal(model_command_window_us(s.m), -1);
    story_wait(&s, 1);
    tell(&s, "get", 5, 50);
    tell(&s, "set", 1, 10);
    end(&s);
    assert_near(find(&s, "get")->calls_per_s, 2);
    assert_near(find(&s, "set")->calls_per_s, 1);
    story_end(&s);
}

static void restart__ends_the_window__though_counters_are_higher_already(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "server run_id=a uptime_in_seconds=9000");
    tell(&s, "get", 10, 50);
    end(&s);
    story_wait(&s, 1);
    story_tell(&s, "server run_id=b uptime_in_seconds=1");
    tell(&s, "get", 5000, 50000);
    end(&s);
    assert_true(isnan(find(&s, "get")->calls_per_s));
    story_end(&s);
}

static void reading__that_came_to_no_end__leaves_what_was_known(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell(&s, "get", 100, 1000);
    end(&s);
    story_wait(&s, 1);
    tell(&s, "get", 110, 1100);
    story_tell(&s, "poll topic=commands ok=no error=\"LOADING\"");
    assert_int_equal(find(&s, "get")->calls, 100);
    assert_true(model_topic(s.m, TOPIC_COMMANDS)->failed);
    story_wait(&s, 1);
    tell(&s, "get", 120, 1200);
    end(&s);
    assert_near(find(&s, "get")->calls_per_s, 10);
    assert_false(model_topic(s.m, TOPIC_COMMANDS)->failed);
    story_end(&s);
}

static void rows__are_capped__and_those_left_out_counted(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < COMMAND_STATS_MAX + 5; i++) {
        char name[20];
        snprintf(name, sizeof name, "c%d", i);
        tell(&s, name, 1, 1);
    }
    end(&s);
    assert_int_equal(model_command_count(s.m), COMMAND_STATS_MAX);
    assert_int_equal(model_rows_cut(s.m, TOPIC_COMMANDS), 5);
    for (int i = 0; i < ERROR_STATS_MAX + 5; i++) {
        story_tell(&s, "error_stat phase=row name=E%d count=1", i);
    }
    story_tell(&s, "error_stat phase=end");
    assert_int_equal(model_error_count(s.m), ERROR_STATS_MAX);
    story_end(&s);
}

static void numbers__from_a_hostile_server__do_not_overflow(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s,
               "command_stat phase=row name=get calls=-5 usec=-9223372036854775808 rejected=-1 failed=-1");
    end(&s);
    assert_int_equal(find(&s, "get")->calls, -1);
    story_wait(&s, 1);
    story_tell(&s, "command_stat phase=row name=get calls=9223372036854775807 usec=9223372036854775807 "
                   "rejected=9223372036854775807 failed=0");
    end(&s);
    assert_true(isnan(find(&s, "get")->calls_per_s)); /* it was not known before */
    story_wait(&s, 1);
    story_tell(&s, "command_stat phase=row name=\"\\x1b[2Jx\" calls=1 usec=1 rejected=0 failed=0");
    end(&s);
    assert_int_equal(model_command_count(s.m), 1);
    assert_null(strchr(model_command_at(s.m, 0)->name, '\x1b'));
    story_end(&s);
}

static void errors__tell_their_growth__and_when_they_last_grew(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "error_stat phase=row name=ERR count=1000");
    story_tell(&s, "error_stat phase=row name=NOAUTH count=3");
    story_tell(&s, "error_stat phase=end");
    assert_string_equal(model_error_at(s.m, 0)->name, "ERR");
    assert_true(isnan(model_error_at(s.m, 0)->per_s));
    assert_int_equal(model_error_at(s.m, 0)->grew_us, -1);
    story_wait(&s, 2);
    int64_t grew_us = s.now_us;
    story_tell(&s, "error_stat phase=row name=ERR count=1000");
    story_tell(&s, "error_stat phase=row name=NOAUTH count=7");
    story_tell(&s, "error_stat phase=end");
    /* What grows comes first. */
    assert_string_equal(model_error_at(s.m, 0)->name, "NOAUTH");
    assert_near(model_error_at(s.m, 0)->per_s, 2);
    assert_int_equal(model_error_at(s.m, 0)->grew_us, grew_us);
    assert_near(model_error_at(s.m, 1)->per_s, 0);
    story_wait(&s, 1);
    story_tell(&s, "error_stat phase=row name=ERR count=1"); /* RESETSTAT */
    story_tell(&s, "error_stat phase=end");
    assert_int_equal(model_error_count(s.m), 1);
    assert_true(isnan(model_error_at(s.m, 0)->per_s));
    assert_int_equal(model_error_at(s.m, 0)->grew_us, -1);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands__know_totals_only__after_one_reading),
        cmocka_unit_test(commands__are_measured__in_the_window_of_the_last_readings),
        cmocka_unit_test(window__spans_five_to_ten_seconds__when_read_each_second),
        cmocka_unit_test(window__reaches_to_the_reading_before__when_read_seldom),
        cmocka_unit_test(counters__that_begin_again__make_no_rates),
        cmocka_unit_test(restart__ends_the_window__though_counters_are_higher_already),
        cmocka_unit_test(reading__that_came_to_no_end__leaves_what_was_known),
        cmocka_unit_test(rows__are_capped__and_those_left_out_counted),
        cmocka_unit_test(numbers__from_a_hostile_server__do_not_overflow),
        cmocka_unit_test(errors__tell_their_growth__and_when_they_last_grew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
