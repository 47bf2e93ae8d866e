#include "story.h"

static void trace__tells_of_each_family__what_was_counted_while_it_ran(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    const struct trace_view *v = model_trace(s.m);
    assert_false(v->running);
    assert_int_equal(v->begun_us, -1);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "family name=exam keys=10");
    story_tell(&s, "family name=task:test keys=3");
    assert_int_equal(story_family(&s, "exam")->traced_reads, -1);
    assert_string_equal(story_family(&s, "exam")->hot_key, "");
    story_tell(&s, "trace phase=begin ends_at_us=%lld bytes_max=1000", (long long)(s.now_us + 3 * SECOND));
    assert_true(v->running);
    assert_true(v->ends_at_us == s.now_us + 3 * SECOND);
    story_wait(&s, 1);
    story_tell(&s, "trace phase=progress commands=70 bytes=500");
    assert_int_equal(v->commands, 70);
    story_wait(&s, 2);
    story_tell(&s, "trace phase=family name=exam reads=100 writes=4 misses=25 hot_key=exam:7 hot_reads=60");
    story_tell(&s, "trace phase=end commands=104 bytes=900 misses=0 text=\"3 s are over\"");
    assert_false(v->running);
    assert_int_equal(v->commands, 104);
    assert_true(v->ended_us == s.now_us);
    assert_string_equal(v->text, "3 s are over");
    const struct family *exam = story_family(&s, "exam"), *quiet = story_family(&s, "task:test");
    assert_int_equal(exam->traced_reads, 100);
    assert_int_equal(exam->traced_writes, 4);
    assert_int_equal(exam->traced_misses, 25);
    assert_string_equal(exam->hot_key, "exam:7");
    assert_int_equal(exam->hot_reads, 60);
    assert_int_equal(quiet->traced_reads, 0); /* nothing was heard of it, and that is known */
    assert_int_equal(quiet->traced_misses, 0);
    /* a family that comes later was in no trace; the next trace begins with none */
    story_tell(&s, "key_event event=set key=shop:1");
    assert_int_equal(story_family(&s, "shop")->traced_reads, -1);
    story_tell(&s, "trace phase=begin ends_at_us=%lld", (long long)(s.now_us + SECOND));
    assert_int_equal(story_family(&s, "exam")->traced_reads, -1);
    assert_string_equal(story_family(&s, "exam")->hot_key, "");
    story_end(&s);
}

static void trace__does_not_know_misses__that_nobody_could_hear(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "family name=quiet keys=1");
    story_tell(&s, "trace phase=begin ends_at_us=%lld", (long long)(s.now_us + SECOND));
    story_wait(&s, 1);
    story_tell(&s, "trace phase=family name=exam reads=5 writes=0");
    story_tell(&s, "trace phase=end text=over");
    assert_int_equal(story_family(&s, "exam")->traced_reads, 5);
    assert_int_equal(story_family(&s, "exam")->traced_misses, -1);
    assert_int_equal(story_family(&s, "quiet")->traced_misses, -1);
    story_end(&s);
}

static void trace__shows_why__when_it_could_not_begin(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "family name=exam keys=1");
    story_tell(&s, "trace phase=end text=\"no trace: NOPERM \\x1b[2J\"");
    const struct trace_view *v = model_trace(s.m);
    assert_false(v->running);
    assert_true(v->ended_us == s.now_us);
    assert_null(strchr(v->text, 0x1b));
    assert_true(strncmp(v->text, "no trace: NOPERM", 16) == 0);
    assert_int_equal(story_family(&s, "exam")->traced_reads, -1);
    story_end(&s);
}

static void trace__shows_no_session_id__as_the_key_read_most(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "trace phase=begin ends_at_us=%lld", (long long)(s.now_us + SECOND));
    story_tell(&s, "trace phase=family name=session reads=5 hot_key=session:AAAA1111-secret hot_reads=5");
    assert_string_equal(story_family(&s, "session")->hot_key, "session:AAAA11~");
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace__tells_of_each_family__what_was_counted_while_it_ran),
        cmocka_unit_test(trace__does_not_know_misses__that_nobody_could_hear),
        cmocka_unit_test(trace__shows_why__when_it_could_not_begin),
        cmocka_unit_test(trace__shows_no_session_id__as_the_key_read_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
