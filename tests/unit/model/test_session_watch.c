/* Revoked sessions that are watched, and those that came back. */
#include "story.h"

#include "redai/model/user.h"

static void returned__is_listed__when_a_watched_session_comes_back(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session_watch phase=begin id=abcdefghij user_id=7 until_us=5000000");
    assert_int_equal(model_watched_sessions(s.m), 1);
    assert_int_equal(model_returned_count(s.m), 0);
    story_wait(&s, 2);
    story_tell(&s, "session_watch phase=back id=abcdefghij");
    assert_int_equal(model_watched_sessions(s.m), 0);
    assert_int_equal(model_returned_count(s.m), 1);
    const struct returned_session *r = model_returned_at(s.m, 0);
    assert_string_equal(r->id, "abcdefghij");
    assert_string_equal(r->short_id, "abcdef~");
    assert_string_equal(r->user_key, "7");
    assert_int_equal(r->at_us, s.now_us);
    story_end(&s);
}

static void returned__is_not_listed__when_it_stayed_away(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session_watch phase=begin id=a");
    story_tell(&s, "session_watch phase=begin id=b");
    story_tell(&s, "session_watch phase=held id=a");
    story_tell(&s, "session_watch phase=lost id=b");
    story_tell(&s, "session_watch phase=held id=never");
    assert_int_equal(model_watched_sessions(s.m), 0);
    assert_int_equal(model_returned_count(s.m), 0);
    story_end(&s);
}

static void alert__fires_and_clears__when_a_session_came_back_and_is_revoked_again(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session_watch phase=begin id=abcdefghij user_id=7");
    story_wait(&s, 1);
    assert_int_equal(story_alert(&s, "session-came-back")->state, ALERT_OK);
    story_tell(&s, "session_watch phase=back id=abcdefghij");
    story_wait(&s, 1);
    const struct alert *a = story_alert(&s, "session-came-back");
    assert_int_equal(a->state, ALERT_FIRING);
    assert_int_equal(a->rule->severity, SEVERITY_CRITICAL);
    assert_string_equal(a->object, "abcdef~");
    assert_string_equal(a->text, "1 session(s) came back: abcdef~; x revokes");
    story_tell(&s, "session_watch phase=begin id=abcdefghij user_id=7");
    story_wait(&s, 1);
    assert_int_equal(a->state, ALERT_RESOLVED);
    assert_int_equal(model_returned_count(s.m), 0);
    assert_int_equal(model_watched_sessions(s.m), 1);
    story_end(&s);
}

static void returned__leaves_the_list__when_it_is_gone_again(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session_watch phase=back id=a");
    story_tell(&s, "session_watch phase=back id=b");
    story_tell(&s, "session_gone id=a reason=deleted");
    assert_int_equal(model_returned_count(s.m), 1);
    assert_string_equal(model_returned_at(s.m, 0)->id, "b");
    story_end(&s);
}

/* The feed may tell of the deletion after the act link has told that it came back. */
static void returned__is_listed_again__when_it_is_read_behind_the_event_of_its_deletion(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session_watch phase=back id=a");
    story_tell(&s, "session_gone id=a reason=deleted");
    story_tell(&s, "session id=a user_id=7 pttl_ms=5000");
    assert_int_equal(model_returned_count(s.m), 1);
    story_wait(&s, 20); /* it expires, without a word */
    assert_int_equal(model_returned_count(s.m), 0);
    story_end(&s);
}

static void returned__leaves_the_list__when_whole_walks_do_not_meet_it(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session_watch phase=back id=a");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(model_returned_count(s.m), 1);
        story_tell(&s, "census phase=begin");
        story_wait(&s, 2);
        story_tell(&s, "census phase=end walked=0");
    }
    story_wait(&s, 2);
    assert_int_equal(model_returned_count(s.m), 0);
    story_end(&s);
}

static void receipt__is_changed_in_its_place__when_the_session_came_back(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "receipt action=\"revoke session\" subject=abcdef~ outcome=done text=revoked");
    story_tell(&s, "receipt action=\"revoke session\" subject=other~ outcome=done text=revoked");
    story_tell(&s, "receipt action=\"revoke session\" subject=abcdef~ outcome=back text=again");
    assert_int_equal(model_receipt_count(s.m), 2);
    assert_int_equal(model_receipt_at(s.m, 0)->outcome, OUTCOME_BACK);
    assert_string_equal(model_receipt_at(s.m, 0)->text, "again");
    assert_int_equal(model_receipt_at(s.m, 1)->outcome, OUTCOME_DONE);
    story_tell(&s, "receipt action=\"revoke session\" subject=abcdef~ outcome=back text=twice");
    story_tell(&s, "receipt action=\"revoke session\" subject=new~ outcome=back text=new");
    assert_int_equal(model_receipt_count(s.m), 4);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(returned__is_listed__when_a_watched_session_comes_back),
        cmocka_unit_test(returned__is_not_listed__when_it_stayed_away),
        cmocka_unit_test(alert__fires_and_clears__when_a_session_came_back_and_is_revoked_again),
        cmocka_unit_test(returned__leaves_the_list__when_it_is_gone_again),
        cmocka_unit_test(returned__is_listed_again__when_it_is_read_behind_the_event_of_its_deletion),
        cmocka_unit_test(returned__leaves_the_list__when_whole_walks_do_not_meet_it),
        cmocka_unit_test(receipt__is_changed_in_its_place__when_the_session_came_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
