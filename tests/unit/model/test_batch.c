#include "story.h"

#include <math.h>
#include <stdio.h>

static void tell_progress(struct story *s, const char *id, int current, int total)
{
    story_tell(s, "batch id=%s origin=progress current=%d total=%d percentage=%g status=%s pttl_ms=600000",
               id, current, total, 100.0 * current / total, current < total ? "in_progress" : "completed");
}

static enum batch_state state_of(const struct story *s, const char *id)
{
    const struct batch *b = story_batch(s, id);
    assert_non_null(b);
    return b->state;
}

static void batch__goes__from_queued_to_done(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "batch id=b1 origin=enqueued task_name=api.tasks.batch_generate_questions total=4");
    assert_int_equal(state_of(&s, "b1"), BATCH_QUEUED);
    story_wait(&s, 5);
    story_tell(&s, "task id=b1 state=STARTED hostname=worker1@demo");
    assert_int_equal(state_of(&s, "b1"), BATCH_RUNNING);
    tell_progress(&s, "b1", 1, 4);
    const struct batch *b = story_batch(&s, "b1");
    assert_near(b->part, 0.25);
    assert_string_equal(b->task_name, "api.tasks.batch_generate_questions");
    assert_string_equal(b->hostname, "worker1@demo");
    assert_string_equal(b->status, "in_progress");
    assert_int_equal(b->ended_us, -1);
    assert_int_equal(b->expires_us, s.now_us + 600 * SECOND);
    story_wait(&s, 3);
    tell_progress(&s, "b1", 4, 4);
    assert_int_equal(state_of(&s, "b1"), BATCH_DONE);
    assert_int_equal(story_batch(&s, "b1")->ended_us, s.now_us);
    assert_near(story_batch(&s, "b1")->part, 1);
    assert_near(story_batch(&s, "b1")->left_s, 0);
    story_tell(&s, "task id=b1 state=SUCCESS");
    assert_int_equal(state_of(&s, "b1"), BATCH_DONE);
    story_end(&s);
}

static void batch__measures__its_own_rate(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i <= 50; i++) {
        tell_progress(&s, "b", i, 100);
        story_tell(&s, "task id=b state=PROGRESS current=%d total=100 percentage=%d", i, i); /* told twice */
        story_wait_us(&s, SECOND / 2);
    }
    const struct batch *b = story_batch(&s, "b");
    assert_near(b->rate_per_s, 2);
    assert_true(fabs(b->left_s - 24.5) < 0.1); /* 50 at 2 a second, half a second ago */
    story_wait(&s, 10);
    assert_true(fabs(story_batch(&s, "b")->left_s - 14.5) < 0.1);
    story_end(&s);
}

static void batch__rate__begins_anew_with_a_retry(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_progress(&s, "b", 40, 100);
    story_wait(&s, 1);
    tell_progress(&s, "b", 50, 100);
    assert_near(story_batch(&s, "b")->rate_per_s, 10);
    story_wait(&s, 1);
    tell_progress(&s, "b", 1, 100);
    assert_true(isnan(story_batch(&s, "b")->rate_per_s));
    assert_int_equal(state_of(&s, "b"), BATCH_RUNNING);
    story_end(&s);
}

static void batch__stalls__after_exactly_a_minute(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_progress(&s, "b", 1, 4);
    for (int i = 0; i < 60; i++) {
        assert_int_equal(state_of(&s, "b"), BATCH_RUNNING);
        story_wait_us(&s, i < 59 ? SECOND : SECOND - 1);
        tell_progress(&s, "b", 1, 4); /* read again, not moved */
    }
    assert_int_equal(state_of(&s, "b"), BATCH_RUNNING);
    story_wait_us(&s, 1);
    assert_int_equal(state_of(&s, "b"), BATCH_STALLED);
    assert_true(isnan(story_batch(&s, "b")->left_s));
    tell_progress(&s, "b", 1, 4);
    assert_int_equal(state_of(&s, "b"), BATCH_STALLED);
    tell_progress(&s, "b", 2, 4);
    assert_int_equal(state_of(&s, "b"), BATCH_RUNNING);
    story_end(&s);
}

static void batch__stood_still__before_anybody_looked(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "batch id=b current=1 total=4 status=in_progress pttl_ms=500000"); /* written 100 s ago */
    assert_int_equal(story_batch(&s, "b")->moved_us, STORY_START - 100 * SECOND);
    story_wait(&s, 0);
    assert_int_equal(state_of(&s, "b"), BATCH_STALLED);
    story_tell(&s, "batch id=f status=failed error=x pttl_ms=300000");
    assert_int_equal(story_batch(&s, "f")->ended_us, STORY_START - 300 * SECOND);
    story_end(&s);
}

static void batch__does_not_stall__while_nobody_can_look(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "link role=poll state=up");
    tell_progress(&s, "b", 1, 400);
    story_tell(&s, "link role=poll state=down");
    story_wait(&s, 120);
    assert_int_equal(state_of(&s, "b"), BATCH_RUNNING);
    story_tell(&s, "link role=poll state=up");
    story_wait(&s, 1);
    assert_int_equal(state_of(&s, "b"), BATCH_RUNNING);
    tell_progress(&s, "b", 1, 400); /* now it is known */
    story_wait(&s, 0);
    assert_int_equal(state_of(&s, "b"), BATCH_STALLED);
    story_end(&s);
}

static void batch__is_not_lost__while_the_result_database_is_away(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_progress(&s, "b", 1, 4);
    story_tell(&s, "link role=result state=down");
    story_tell(&s, "batch_gone id=b");
    story_wait(&s, 30);
    assert_int_equal(state_of(&s, "b"), BATCH_RUNNING);
    story_tell(&s, "link role=result state=up");
    story_tell(&s, "task id=b state=SUCCESS");
    assert_int_equal(state_of(&s, "b"), BATCH_DONE);
    story_end(&s);
}

static void batch__that_waits__does_not_stall(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "batch id=b origin=enqueued");
    story_wait(&s, 600);
    assert_int_equal(state_of(&s, "b"), BATCH_QUEUED);
    story_end(&s);
}

static void batch__fails__and_keeps_how_far_it_came(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_progress(&s, "b", 3, 4);
    story_tell(&s, "batch id=b status=failed error=\"bad \\x1b[31mthing\" pttl_ms=600000");
    const struct batch *b = story_batch(&s, "b");
    assert_int_equal(b->state, BATCH_FAILED);
    assert_int_equal(b->current, 3);
    assert_near(b->part, 0.75);
    assert_string_equal(b->error, "bad ^[[31mthing");
    story_tell(&s, "task id=b state=FAILURE error=\"TypeError: x\"");
    assert_string_equal(story_batch(&s, "b")->error, "TypeError: x");
    story_end(&s);
}

static void batch__asks_celery__when_its_key_has_gone(void **state)
{
    (void)state;
    static const struct {
        const char *fact;
        enum batch_state expected;
    } answers[] = {
        {"task id=b state=SUCCESS", BATCH_DONE},    {"task id=b state=FAILURE error=x", BATCH_FAILED},
        {"task id=b state=REVOKED", BATCH_REVOKED}, {"task id=b", BATCH_LOST},
        {"task id=b state=STARTED", BATCH_RUNNING}, {"task id=b state=CUSTOM", BATCH_RUNNING},
    };
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct story s;
        story_begin(&s);
        tell_progress(&s, "b", 1, 4);
        story_tell(&s, "batch_gone id=b reason=expired");
        assert_int_equal(state_of(&s, "b"), BATCH_RUNNING);
        assert_true(story_batch(&s, "b")->key_gone);
        assert_int_equal(story_batch(&s, "b")->expires_us, -1);
        story_tell(&s, "%s", answers[i].fact);
        story_wait(&s, 20);
        assert_int_equal(state_of(&s, "b"), answers[i].expected);
        story_end(&s);
    }
}

static void batch__is_lost__when_nobody_answers(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_progress(&s, "b", 1, 4);
    story_tell(&s, "batch_gone id=b reason=deleted");
    story_wait_us(&s, 10 * SECOND - 1);
    assert_int_equal(state_of(&s, "b"), BATCH_RUNNING);
    story_wait_us(&s, 1);
    assert_int_equal(state_of(&s, "b"), BATCH_LOST);
    tell_progress(&s, "b", 1, 4); /* there it is again */
    assert_int_equal(state_of(&s, "b"), BATCH_RUNNING);
    assert_false(story_batch(&s, "b")->key_gone);
    story_end(&s);
}

static void batch__that_ended__goes_on_only_when_it_moves(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_progress(&s, "b", 2, 4);
    story_tell(&s, "task id=b state=FAILURE error=WorkerLostError");
    tell_progress(&s, "b", 2, 4); /* what the dead worker left */
    assert_int_equal(state_of(&s, "b"), BATCH_FAILED);
    tell_progress(&s, "b", 1, 4); /* a retry */
    assert_int_equal(state_of(&s, "b"), BATCH_RUNNING);
    assert_int_equal(story_batch(&s, "b")->ended_us, -1);
    story_end(&s);
}

static void batch__with_garbage__is_shown_as_such(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "batch id=b valid=0");
    assert_false(story_batch(&s, "b")->valid);
    assert_int_equal(state_of(&s, "b"), BATCH_RUNNING);
    assert_true(isnan(story_batch(&s, "b")->part));
    story_tell(&s, "batch id=c current=9223372036854775807 total=0 percentage=1e300 status=\"\\x1b\"");
    assert_string_equal(story_batch(&s, "c")->status, "^[");
    assert_near(story_batch(&s, "c")->part, 1);
    story_end(&s);
}

static void batches__stand__running_first_then_newest(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_progress(&s, "old", 1, 4);
    story_wait(&s, 1);
    story_tell(&s, "batch id=queued origin=enqueued");
    story_wait(&s, 1);
    tell_progress(&s, "done", 4, 4);
    story_wait(&s, 1);
    tell_progress(&s, "new", 1, 4);
    story_wait(&s, 1);
    tell_progress(&s, "done2", 4, 4);
    static const char *const expected[] = {"new", "old", "queued", "done2", "done"};
    assert_int_equal(model_batch_count(s.m), COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_string_equal(model_batch_at(s.m, i)->id, expected[i]);
    }
    assert_null(model_batch_at(s.m, COUNT_OF(expected)));
    story_end(&s);
}

static void batch__dismissed__does_not_come_back_with_the_next_read(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_progress(&s, "b", 4, 4);
    tell_progress(&s, "live", 1, 4);
    story_tell(&s, "dismiss id=live");
    assert_non_null(story_batch(&s, "live")); /* only what has ended */
    story_tell(&s, "dismiss id=b");
    assert_null(story_batch(&s, "b"));
    tell_progress(&s, "b", 4, 4);
    assert_null(story_batch(&s, "b"));
    assert_int_equal(model_batch_count(s.m), 1);
    tell_progress(&s, "b", 1, 4); /* the same task runs again */
    assert_non_null(story_batch(&s, "b"));
    tell_progress(&s, "b", 4, 4);
    story_tell(&s, "dismiss");
    assert_int_equal(model_batch_count(s.m), 1);
    story_tell(&s, "batch_gone id=b reason=expired");
    assert_int_equal(model_batch_count(s.m), 1);
    story_end(&s);
}

static void batch__ages_out__half_an_hour_after_its_end(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_progress(&s, "b", 4, 4);
    story_tell(&s, "batch_gone id=b reason=expired");
    story_wait(&s, 1799);
    assert_non_null(story_batch(&s, "b"));
    story_wait(&s, 1);
    assert_null(story_batch(&s, "b"));
    story_end(&s);
}

static void batches__are_capped__and_the_oldest_ended_gives_way(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 10000; i++) {
        char id[16];
        snprintf(id, sizeof(id), "b%d", i);
        tell_progress(&s, id, i < 3 ? 4 : 1, 4);
        s.now_us++;
    }
    tell_progress(&s, "x1", 1, 4);
    assert_int_equal(model_batch_count(s.m), 10000);
    assert_null(story_batch(&s, "b0"));
    assert_non_null(story_batch(&s, "b1"));
    tell_progress(&s, "x2", 1, 4);
    tell_progress(&s, "x3", 1, 4);
    tell_progress(&s, "x4", 1, 4); /* none left that may go */
    assert_null(story_batch(&s, "x4"));
    assert_int_equal(model_rows_cut(s.m, TOPIC_BATCHES), 1);
    story_end(&s);
}

static void task__makes_a_batch__only_of_progress(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "task id=t1 state=SUCCESS");
    story_tell(&s, "task id=t2 state=STARTED");
    assert_int_equal(model_batch_count(s.m), 0);
    story_tell(&s, "task id=t3 state=PROGRESS current=1 total=4 percentage=25");
    assert_int_equal(state_of(&s, "t3"), BATCH_RUNNING);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch__goes__from_queued_to_done),
        cmocka_unit_test(batch__measures__its_own_rate),
        cmocka_unit_test(batch__rate__begins_anew_with_a_retry),
        cmocka_unit_test(batch__stalls__after_exactly_a_minute),
        cmocka_unit_test(batch__stood_still__before_anybody_looked),
        cmocka_unit_test(batch__does_not_stall__while_nobody_can_look),
        cmocka_unit_test(batch__is_not_lost__while_the_result_database_is_away),
        cmocka_unit_test(batch__that_waits__does_not_stall),
        cmocka_unit_test(batch__fails__and_keeps_how_far_it_came),
        cmocka_unit_test(batch__asks_celery__when_its_key_has_gone),
        cmocka_unit_test(batch__is_lost__when_nobody_answers),
        cmocka_unit_test(batch__that_ended__goes_on_only_when_it_moves),
        cmocka_unit_test(batch__with_garbage__is_shown_as_such),
        cmocka_unit_test(batches__stand__running_first_then_newest),
        cmocka_unit_test(batch__dismissed__does_not_come_back_with_the_next_read),
        cmocka_unit_test(batch__ages_out__half_an_hour_after_its_end),
        cmocka_unit_test(batches__are_capped__and_the_oldest_ended_gives_way),
        cmocka_unit_test(task__makes_a_batch__only_of_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
