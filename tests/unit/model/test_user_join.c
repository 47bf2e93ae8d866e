/* The join of sessions with the sets of their users: how far it is known, and that it stays sound. */
#include "user_story.h"

static void a_huge_set__proves_nothing_missing(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7");
    story_tell(&s, "session id=b user_id=7");
    story_wait(&s, 5);
    story_tell(&s, "user_index phase=begin user_id=7");
    story_tell(&s, "user_index phase=member user_id=7 id=a");
    story_tell(&s, "user_index phase=end user_id=7 size=90000");
    assert_int_equal(user_story_of(&s, "7")->index, USER_INDEX_PARTLY);
    assert_int_equal(user_story_of(&s, "7")->index_size, 90000);
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTED);
    assert_int_equal(user_story_listing(&s, "b"), SESSION_LISTING_UNKNOWN);
    assert_false(user_story_of(&s, "7")->unsure); /* another read tells no more */
    assert_int_equal(model_session_index(s.m)->partly, 1);
    assert_sound(&s);
    story_end(&s);
}

static void tell_part(struct story *s, const char *of_b)
{
    story_tell(s, "user_index phase=begin user_id=7");
    story_tell(s, "user_index phase=member user_id=7 id=a");
    story_tell(s, "user_index phase=%s user_id=7 id=b", of_b);
    story_tell(s, "user_index phase=end user_id=7 size=90000");
}

static void a_huge_set__names_or_misses__what_it_was_asked_for(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7");
    story_tell(&s, "session id=b user_id=7");
    tell_part(&s, "unnamed"); /* too early to be sure: a log-in adds the entry last */
    assert_int_equal(user_story_listing(&s, "b"), SESSION_LISTING_UNKNOWN);
    assert_true(user_story_of(&s, "7")->unsure);
    story_wait(&s, 2);
    tell_part(&s, "unnamed");
    assert_int_equal(user_story_listing(&s, "b"), SESSION_ORPHAN);
    assert_int_equal(user_story_of(&s, "7")->index, USER_INDEX_PARTLY);
    assert_int_equal(user_story_of(&s, "7")->orphans, 1);
    assert_false(user_story_of(&s, "7")->blind);
    assert_false(user_story_of(&s, "7")->unsure);
    assert_int_equal(model_session_index(s.m)->partly, 1);
    assert_int_equal(model_session_index(s.m)->blind, 0);
    assert_sound(&s);
    tell_part(&s, "named");
    assert_int_equal(user_story_listing(&s, "b"), SESSION_LISTED);
    assert_int_equal(user_story_of(&s, "7")->orphans, 0);
    assert_sound(&s);
    /* one that comes meanwhile is for the next read */
    story_tell(&s, "user_index phase=begin user_id=7");
    story_tell(&s, "user_index phase=member user_id=7 id=a");
    story_wait(&s, 1);
    story_tell(&s, "session id=c user_id=7");
    story_tell(&s, "user_index phase=named user_id=7 id=b");
    story_tell(&s, "user_index phase=end user_id=7 size=90000");
    assert_int_equal(user_story_listing(&s, "c"), SESSION_LISTING_UNKNOWN);
    assert_true(user_story_of(&s, "7")->unsure);
    story_end(&s);
}

static void an_entry_that_no_session_can_have__does_not_make_a_set_too_large(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7");
    story_tell(&s, "user_index phase=begin user_id=7");
    story_tell(&s, "user_index phase=member user_id=7 id=a");
    story_tell(&s, "user_index phase=end user_id=7 size=2 skipped=1");
    assert_int_equal(user_story_of(&s, "7")->index, USER_INDEX_READ);
    assert_int_equal(user_story_of(&s, "7")->index_size, 2);
    story_end(&s);
}

static void an_entry__is_stale_at_once__when_another_set_knows_its_session_gone(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7");
    user_story_set(&s, "7", "a x");
    story_tell(&s, "session_gone id=x");
    user_story_set(&s, "8", "x");
    assert_strays(&s, "8", "x");
    assert_int_equal(user_story_of(&s, "8")->stale, 1);
    assert_sound(&s);
    story_end(&s);
}

static void a_set_that_cannot_be_read__says_nothing(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7");
    story_tell(&s, "session id=b user_id=8");
    user_story_set(&s, "7", "a x");
    story_tell(&s, "session_gone id=x");
    story_tell(&s, "census phase=begin");
    story_tell(&s, "session_ttl id=a");
    story_tell(&s, "session_ttl id=b");
    story_tell(&s, "user_index phase=seen user_id=7");
    story_tell(&s, "user_index phase=seen user_id=8");
    story_tell(&s, "census phase=end");
    story_tell(&s, "user_index phase=begin user_id=8");
    story_tell(&s, "user_index phase=end user_id=8 size=-1 error=\"NOPERM no permissions\"");
    assert_int_equal(user_story_of(&s, "8")->index, USER_INDEX_FAILED);
    assert_int_equal(user_story_listing(&s, "b"), SESSION_LISTING_UNKNOWN);
    assert_false(model_session_index(s.m)->complete);
    assert_int_equal(model_session_index(s.m)->unread, 1);
    /* a key of another type is no set at all: that much is known */
    story_tell(&s, "user_index phase=begin user_id=8");
    story_tell(&s, "user_index phase=end user_id=8 size=-1 error=\"WRONGTYPE Operation against a key\"");
    assert_int_equal(user_story_of(&s, "8")->index, USER_INDEX_FAILED);
    assert_int_equal(user_story_listing(&s, "b"), SESSION_LISTING_UNKNOWN);
    assert_true(user_story_of(&s, "8")->wrong_type);
    assert_int_equal(model_session_index(s.m)->unreadable, 1);
    assert_true(model_session_index(s.m)->complete);
    assert_sound(&s);
    /* what was known is known no more */
    story_tell(&s, "user_index phase=begin user_id=7");
    story_tell(&s, "user_index phase=member user_id=7 id=a");
    story_tell(&s, "user_index phase=end user_id=7 size=-1 error=\"NOPERM no permissions\"");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    assert_int_equal(user_story_of(&s, "7")->stale, 0);
    assert_false(model_session_index(s.m)->complete);
    story_end(&s);
}

static void a_set__is_gone__when_a_whole_walk_did_not_meet_it(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7");
    story_wait(&s, 2);
    user_story_set(&s, "7", "a");
    user_story_set(&s, "8", "x");
    user_story_set(&s, "9", "y");
    story_tell(&s, "session_gone id=x");
    story_tell(&s, "session_gone id=y");
    assert_int_equal(model_session_index(s.m)->stale, 2);
    story_wait(&s, 2);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "census phase=abandoned"); /* half a walk says nothing */
    assert_int_equal(model_session_index(s.m)->stale, 2);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "session_ttl id=a");
    story_tell(&s, "user_index phase=seen user_id=9");
    story_tell(&s, "census phase=end");
    assert_null(model_user_find(s.m, S("8")));
    assert_int_equal(user_story_of(&s, "9")->stale, 1);
    assert_int_equal(user_story_of(&s, "7")->index, USER_INDEX_ABSENT);
    assert_sound(&s);
    story_wait(&s, 2);
    user_story_set(&s, "7", "");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_ORPHAN);
    story_end(&s);
}

static void the_join__is_complete__when_all_that_the_walk_met_was_read(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "session id=a user_id=7");
    story_tell(&s, "user_index phase=seen user_id=7");
    story_tell(&s, "user_index phase=seen user_id=8");
    story_tell(&s, "census phase=end");
    assert_false(model_session_index(s.m)->complete);
    assert_int_equal(model_session_index(s.m)->unread, 2);
    user_story_set(&s, "7", "a");
    assert_false(model_session_index(s.m)->complete); /* a user without a session has a set */
    user_story_set(&s, "8", "x");
    assert_false(model_session_index(s.m)->complete); /* is x a session? */
    story_tell(&s, "session_gone id=x");
    assert_true(model_session_index(s.m)->complete);
    assert_int_equal(model_session_index(s.m)->stale, 1);
    story_tell(&s, "session id=n user_id=99"); /* who comes now does not undo it */
    assert_true(model_session_index(s.m)->complete);
    assert_int_equal(model_session_index(s.m)->unread, 1);
    assert_sound(&s);
    /* another server */
    story_tell(&s, "server run_id=one uptime_in_seconds=500");
    story_tell(&s, "server run_id=two uptime_in_seconds=1");
    assert_false(model_session_index(s.m)->complete);
    assert_int_equal(model_session_index(s.m)->stale, 0);
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    assert_sound(&s);
    story_end(&s);
}

/* Somebody who logs in all the time must not keep the rest from being known. */
static void the_join__is_complete__though_one_user_never_comes_to_rest(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "census phase=begin");
    story_tell(&s, "session id=a user_id=7");
    story_tell(&s, "census phase=end");
    for (int i = 0; i < 5; i++) {
        story_wait_us(&s, 300000);
        story_tell(&s, "session id=n%d user_id=7", i);
        user_story_set(&s, "7", "a");
    }
    assert_true(model_session_index(s.m)->complete);
    story_end(&s);
}

static void user_ids__may_have_odd_bytes(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=\"\\x00a\" user_id=\"\\x1b\\xff:7\"");
    story_wait(&s, 2);
    story_tell(&s, "user_index phase=begin user_id=\"\\x1b\\xff:7\"");
    story_tell(&s, "user_index phase=member user_id=\"\\x1b\\xff:7\" id=\"\\x00a\"");
    story_tell(&s, "user_index phase=member user_id=\"\\x1b\\xff:7\" id=\"\"");
    story_tell(&s, "user_index phase=end user_id=\"\\x1b\\xff:7\" size=2");
    assert_int_equal(model_session_at(s.m, 0)->listing, SESSION_LISTED);
    const struct user_view *u = user_story_of(&s, "\x1b\xff:7");
    assert_string_equal(u->key, "\x1b\xff:7");
    assert_null(strpbrk(u->user_id, "\x1b\xff"));
    /* no session could name these */
    story_tell(&s, "user_index phase=seen user_id=\"\"");
    story_tell(&s, "user_index phase=seen user_id=\"7\\x00b\"");
    assert_int_equal(model_user_rows(s.m), 1);
    assert_sound(&s);
    story_end(&s);
}

static void facts_out_of_order__change_nothing(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "user_index phase=member user_id=7 id=a");
    story_tell(&s, "user_index phase=end user_id=7 size=1");
    story_tell(&s, "user_index phase=gone user_id=7");
    assert_int_equal(model_user_rows(s.m), 0);
    story_tell(&s, "session id=a user_id=7");
    user_story_set(&s, "7", "a");
    story_tell(&s, "user_index phase=member user_id=7 id=z");
    story_tell(&s, "user_index phase=end user_id=7 size=1");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTED);
    assert_strays(&s, "7", "");
    assert_false(user_story_of(&s, "7")->unsure);
    story_end(&s);
}

static void a_user__shows__the_newest_session_and_the_times_of_all(void **state)
{
    (void)state;
    struct story s;
    long long wall = STORY_WALL_US + STORY_START;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7 name=Old role=student created_us=%lld pttl_ms=86000000",
               wall - 3600 * SECOND);
    story_tell(
        &s, "session id=b user_id=7 name=New email=n@example.com role=admin created_us=%lld pttl_ms=86300000",
        wall - 590 * SECOND);
    const struct user_view *u = user_story_of(&s, "7");
    assert_string_equal(u->name, "New");
    assert_string_equal(u->email, "n@example.com");
    assert_string_equal(u->role, "admin");
    assert_int_equal(u->newest_us, wall - 590 * SECOND);
    assert_int_equal(u->oldest_us, wall - 3600 * SECOND);
    assert_int_equal(u->seen_us, wall - 100 * SECOND);
    assert_int_equal(u->recent, 1);
    story_wait(&s, 10);
    assert_int_equal(user_story_of(&s, "7")->recent, 0); /* ten minutes are over */
    story_tell(&s, "session_ttl id=a pttl_ms=86400000");
    assert_int_equal(user_story_of(&s, "7")->seen_us, wall + 10 * SECOND);
    story_tell(&s, "session_gone id=b reason=deleted");
    assert_string_equal(user_story_of(&s, "7")->name, "Old");
    assert_string_equal(user_story_of(&s, "7")->email, "");
    story_tell(&s, "session id=a user_id=7 name=Other");
    assert_string_equal(user_story_of(&s, "7")->name, "Other");
    assert_int_equal(user_story_of(&s, "7")->sessions, 1);
    story_end(&s);
}

/* Many random facts. */
static void the_join__stays_sound__whatever_happens(void **state)
{
    (void)state;
    static const char *const phases[] = {"begin", "member", "member", "member", "end",
                                         "gone",  "seen",   "named",  "unnamed"};
    static const char *const reasons[] = {"unknown", "deleted", "expired", "evicted"};
    struct story s;
    uint64_t seed = 11;
    story_begin(&s);
    for (int i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        unsigned r = (unsigned)(seed >> 33);
        unsigned id = r % 41;
        unsigned who = (r >> 7) % 9;
        switch ((r >> 12) % 9) {
        case 0:
            story_tell(&s, "session_gone id=%u reason=%s", id, reasons[(r >> 20) % 4]);
            break;
        case 1:
            story_tell(&s, "session id=%u user_id=%u name=n%u pttl_ms=%d", id, who, (r >> 20) % 2,
                       (int)((r >> 10) % 20000) - 2);
            break;
        case 2:
            story_wait_us(&s, r % 900000);
            break;
        case 3:
            story_tell(&s, "census phase=%s", (r >> 20) % 4 ? "begin" : "end");
            break;
        case 4:
            if (i % 50 == 0) {
                story_tell(&s, "server run_id=r%d uptime_in_seconds=1", i);
            }
            break;
        default:
            story_tell(&s, "user_index phase=%s user_id=%u id=%u size=%d", phases[(r >> 17) % 9], who, id,
                       (int)((r >> 20) % 6) - 1);
        }
        if (i % 20 == 0) {
            assert_sound(&s);
        }
    }
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_huge_set__proves_nothing_missing),
        cmocka_unit_test(a_huge_set__names_or_misses__what_it_was_asked_for),
        cmocka_unit_test(an_entry_that_no_session_can_have__does_not_make_a_set_too_large),
        cmocka_unit_test(an_entry__is_stale_at_once__when_another_set_knows_its_session_gone),
        cmocka_unit_test(a_set_that_cannot_be_read__says_nothing),
        cmocka_unit_test(a_set__is_gone__when_a_whole_walk_did_not_meet_it),
        cmocka_unit_test(the_join__is_complete__when_all_that_the_walk_met_was_read),
        cmocka_unit_test(the_join__is_complete__though_one_user_never_comes_to_rest),
        cmocka_unit_test(user_ids__may_have_odd_bytes),
        cmocka_unit_test(facts_out_of_order__change_nothing),
        cmocka_unit_test(a_user__shows__the_newest_session_and_the_times_of_all),
        cmocka_unit_test(the_join__stays_sound__whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
