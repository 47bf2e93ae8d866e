/* Sessions and the entries of their users' sets: which is listed, which leads nowhere. */
#include "user_story.h"

static void a_session__is_listed__when_its_users_set_names_it(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7");
    story_tell(&s, "session id=b user_id=7");
    story_tell(&s, "session id=n");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    assert_int_equal(user_story_listing(&s, "n"), SESSION_NOBODYS);
    assert_int_equal(user_story_of(&s, "7")->index, USER_INDEX_UNREAD);
    assert_true(user_story_of(&s, "7")->unsure);
    story_wait(&s, 5);
    user_story_set(&s, "7", "a b");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTED);
    assert_int_equal(user_story_listing(&s, "b"), SESSION_LISTED);
    assert_int_equal(user_story_of(&s, "7")->index, USER_INDEX_READ);
    assert_int_equal(user_story_of(&s, "7")->index_us, s.now_us);
    assert_int_equal(user_story_of(&s, "7")->index_size, 2);
    assert_int_equal(user_story_of(&s, "7")->index_expires_us, s.now_us + 86400 * SECOND);
    assert_false(user_story_of(&s, "7")->unsure);
    assert_sound(&s);
    story_end(&s);
}

static void an_orphan__is_live__and_in_no_set(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7");
    story_tell(&s, "session id=b user_id=7");
    story_tell(&s, "session id=c user_id=8");
    story_wait(&s, 2);
    user_story_set(&s, "7", "b");
    user_story_set(&s, "8", "");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_ORPHAN);
    assert_int_equal(user_story_listing(&s, "b"), SESSION_LISTED);
    assert_int_equal(user_story_listing(&s, "c"), SESSION_ORPHAN);
    assert_int_equal(user_story_of(&s, "7")->orphans, 1);
    assert_int_equal(user_story_of(&s, "8")->index, USER_INDEX_ABSENT);
    assert_int_equal(user_story_of(&s, "8")->index_size, 0);
    assert_int_equal(model_session_index(s.m)->orphans, 2);
    assert_sound(&s);
    story_tell(&s, "session_gone id=c reason=deleted");
    assert_null(model_user_find(s.m, S("8")));
    story_tell(&s, "session id=d user_id=9 name=One");
    story_wait(&s, 2);
    user_story_set(&s, "9", "");
    story_tell(&s, "session id=d user_id=9 name=Other"); /* an orphan still */
    assert_int_equal(user_story_listing(&s, "d"), SESSION_ORPHAN);
    assert_int_equal(user_story_of(&s, "9")->index, USER_INDEX_ABSENT);
    story_tell(&s, "session_gone id=d reason=expired");
    assert_null(model_user_find(s.m, S("9")));
    user_story_set(&s, "7", "a b"); /* mended */
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTED);
    assert_int_equal(model_session_index(s.m)->orphans, 0);
    assert_sound(&s);
    story_end(&s);
}

/* SETEX, SADD, EXPIRE: whenever the set is read in between, nothing flashes up. */
static void a_log_in__makes_no_orphan__while_it_is_written(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    user_story_set(&s, "7", "x"); /* asked before, answered before */
    story_tell(&s, "session id=a user_id=7");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    story_tell(&s, "user_index phase=begin user_id=7");
    story_wait_us(&s, 900000); /* a slow answer does not make it newer */
    story_tell(&s, "user_index phase=member user_id=7 id=x");
    story_tell(&s, "user_index phase=end user_id=7 size=1");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    assert_true(user_story_of(&s, "7")->unsure);
    story_wait_us(&s, 99999);
    user_story_set(&s, "7", "x");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    story_wait_us(&s, 1);
    user_story_set(&s, "7", "x");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_ORPHAN); /* a second is enough for anybody */
    user_story_set(&s, "7", "x a");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTED);
    story_end(&s);
}

/* The set may name a session before it was read itself. */
static void a_log_in__that_is_read_set_first__leaves_no_stray(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    user_story_set(&s, "7", "a");
    assert_int_equal(user_story_of(&s, "7")->stale, 0); /* nobody knows yet */
    story_tell(&s, "session id=a user_id=7");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTED);
    assert_false(user_story_of(&s, "7")->unsure);
    assert_strays(&s, "7", "");
    /* in the middle of a read */
    story_tell(&s, "user_index phase=begin user_id=7");
    story_tell(&s, "user_index phase=member user_id=7 id=a");
    story_tell(&s, "user_index phase=member user_id=7 id=b");
    story_tell(&s, "session id=b user_id=7");
    story_tell(&s, "user_index phase=end user_id=7 size=2");
    assert_int_equal(user_story_listing(&s, "b"), SESSION_LISTED);
    assert_sound(&s);
    story_end(&s);
}

/* SREM (and with the last entry the set goes), then DEL. */
static void a_log_out__makes_no_orphan__while_it_is_written(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7");
    story_tell(&s, "session id=b user_id=8");
    user_story_set(&s, "7", "a");
    user_story_set(&s, "8", "b c");
    story_wait(&s, 60);
    user_story_set(&s, "7", "");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    assert_true(user_story_of(&s, "7")->unsure);
    story_wait_us(&s, 300000);
    story_tell(&s, "session_gone id=a reason=deleted");
    assert_null(model_user_find(s.m, S("7")));
    assert_int_equal(model_session_index(s.m)->orphans, 0);
    /* one that stays is one, a second later */
    user_story_set(&s, "8", "c");
    story_wait(&s, 1);
    user_story_set(&s, "8", "c");
    assert_int_equal(user_story_listing(&s, "b"), SESSION_ORPHAN);
    assert_sound(&s);
    story_end(&s);
}

static void an_entry__is_stale_at_once__when_its_session_runs_out(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7 pttl_ms=50000");
    story_tell(&s, "session id=b user_id=7");
    story_tell(&s, "session id=c user_id=7");
    story_tell(&s, "session id=d user_id=7");
    user_story_set(&s, "7", "a b c d");
    story_tell(&s, "session_gone id=b reason=expired");
    assert_strays(&s, "7", "b");
    story_tell(&s, "session_gone id=c reason=evicted");
    story_tell(&s, "session_gone id=d reason=deleted"); /* its entry goes too, as a rule */
    assert_strays(&s, "7", "b c");
    story_wait(&s, 53); /* nobody told of it */
    assert_strays(&s, "7", "b c a");
    assert_int_equal(user_story_of(&s, "7")->stale, 3);
    assert_int_equal(user_story_of(&s, "7")->sessions, 0);
    assert_true(model_stray_is_stale(s.m, S("a")));
    assert_false(model_stray_is_stale(s.m, S("d")));
    assert_sound(&s);
    user_story_set(&s, "7", "a b c d"); /* it did not */
    assert_strays(&s, "7", "b c a");
    story_tell(&s, "session_gone id=d"); /* looked for, and not there */
    assert_strays(&s, "7", "b c a d");
    user_story_set(&s, "7", "b");
    assert_strays(&s, "7", "b");
    assert_sound(&s);
    user_story_set(&s, "7", "");
    assert_int_equal(model_user_rows(s.m), 0);
    assert_int_equal(model_session_index(s.m)->stale, 0);
    story_end(&s);
}

/* DEL, then SREM, as other tools do it. */
static void an_entry_of_a_deleted_session__may_follow_it(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7");
    story_tell(&s, "session id=b user_id=7");
    user_story_set(&s, "7", "a b");
    story_wait(&s, 60);
    story_tell(&s, "session_gone id=a reason=deleted");
    assert_int_equal(user_story_of(&s, "7")->stale, 0);
    story_wait_us(&s, 100000);
    user_story_set(&s, "7", "a b");
    story_tell(&s, "session_gone id=a");
    assert_strays(&s, "7", "a");
    assert_true(user_story_of(&s, "7")->unsure);
    story_wait(&s, 1);
    user_story_set(&s, "7", "a b");
    assert_false(user_story_of(&s, "7")->unsure);
    assert_strays(&s, "7", "a");
    user_story_set(&s, "7", "b");
    assert_strays(&s, "7", "");
    story_end(&s);
}

/* Who never came back: session and set run out together, and nothing stays. */
static void an_entry__is_not_stale__when_the_set_runs_out_with_the_session(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7 pttl_ms=10000");
    story_tell(&s, "user_index phase=begin user_id=7");
    story_tell(&s, "user_index phase=member user_id=7 id=a");
    story_tell(&s, "user_index phase=end user_id=7 size=1 pttl_ms=10005");
    story_wait(&s, 10);
    story_tell(&s, "session_gone id=a reason=expired");
    assert_int_equal(model_session_index(s.m)->stale, 0);
    assert_sound(&s);
    story_end(&s);
}

static void a_session_that_comes_back__is_no_stale_entry(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7");
    user_story_set(&s, "7", "a");
    story_tell(&s, "session_gone id=a reason=expired");
    assert_int_equal(model_session_index(s.m)->stale, 1);
    story_tell(&s, "session id=a user_id=7");
    assert_int_equal(model_session_index(s.m)->stale, 0);
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTED);
    assert_sound(&s);
    story_end(&s);
}

/* user_data may overwrite user_id: the set is the one's, the session says the other. */
static void an_entry_of_another_users_session__is_foreign(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=8");
    story_wait(&s, 2);
    user_story_set(&s, "7", "a b");
    user_story_set(&s, "8", "");
    assert_strays(&s, "7", "a!");
    assert_int_equal(user_story_of(&s, "7")->foreign, 1);
    assert_int_equal(user_story_listing(&s, "a"), SESSION_ORPHAN);
    story_tell(&s, "session id=b user_id=9"); /* the other way round: the set was first */
    assert_strays(&s, "7", "a! b!");
    assert_int_equal(model_session_index(s.m)->foreign, 2);
    story_tell(&s, "session_gone id=b reason=deleted"); /* log-out takes it off 9's set */
    assert_strays(&s, "7", "a! b");
    story_tell(&s, "session id=a user_id=7");
    assert_strays(&s, "7", "b");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTED);
    story_tell(&s, "session id=a user_id=8 name=Eve");
    assert_strays(&s, "7", "b a!");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    assert_sound(&s);
    story_end(&s);
}

static void a_session_in_two_sets__is_listed_in_the_right_one(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    user_story_set(&s, "7", "a");
    user_story_set(&s, "8", "a");
    user_story_set(&s, "9", "a");
    story_tell(&s, "session id=a user_id=8 name=Eve");
    assert_strays(&s, "7", "a!");
    assert_strays(&s, "8", "");
    assert_strays(&s, "9", "a!");
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTED);
    story_tell(&s, "session id=a user_id=8 name=Mallory"); /* other texts, same user */
    assert_int_equal(user_story_listing(&s, "a"), SESSION_LISTED);
    story_tell(&s, "session_gone id=a reason=expired");
    assert_strays(&s, "7", "a");
    assert_strays(&s, "8", "a");
    user_story_set(&s, "7", "");
    assert_strays(&s, "8", "a");
    assert_strays(&s, "9", "a");
    assert_sound(&s);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session__is_listed__when_its_users_set_names_it),
        cmocka_unit_test(an_orphan__is_live__and_in_no_set),
        cmocka_unit_test(a_log_in__makes_no_orphan__while_it_is_written),
        cmocka_unit_test(a_log_in__that_is_read_set_first__leaves_no_stray),
        cmocka_unit_test(a_log_out__makes_no_orphan__while_it_is_written),
        cmocka_unit_test(an_entry__is_stale_at_once__when_its_session_runs_out),
        cmocka_unit_test(an_entry_of_a_deleted_session__may_follow_it),
        cmocka_unit_test(an_entry__is_not_stale__when_the_set_runs_out_with_the_session),
        cmocka_unit_test(a_session_that_comes_back__is_no_stale_entry),
        cmocka_unit_test(an_entry_of_another_users_session__is_foreign),
        cmocka_unit_test(a_session_in_two_sets__is_listed_in_the_right_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
