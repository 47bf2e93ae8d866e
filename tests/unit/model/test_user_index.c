/* The join of sessions with the sets of their users. */
#include "story.h"

#include <math.h>
#include <stdio.h>

static const struct user_view *user(const struct story *s, const char *id)
{
    const struct user_view *u = model_user_find(s->m, span_of(id));
    if (!u) {
        fail_msg("no user %s", id);
    }
    return u;
}

static enum session_listing listing(const struct story *s, const char *id)
{
    const struct session *row = model_session_find(s->m, span_of(id));
    if (!row) {
        fail_msg("no session %s", id);
    }
    return row->listing;
}

/* A set is read: its members are separated by blanks; "" there is none. */
static void read_set(struct story *s, const char *user_id, const char *members)
{
    char text[400];
    int count = 0;
    story_tell(s, "user_index phase=begin user_id=%s", user_id);
    snprintf(text, sizeof(text), "%s", members);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        story_tell(s, "user_index phase=member user_id=%s id=%s", user_id, word);
        count++;
    }
    if (count == 0) {
        story_tell(s, "user_index phase=gone user_id=%s", user_id);
    } else {
        story_tell(s, "user_index phase=end user_id=%s size=%d pttl_ms=86400000", user_id, count);
    }
}

struct found {
    char text[400];
};

static void add_stray(void *ctx, struct span id, bool foreign)
{
    struct found *f = ctx;
    size_t len = strlen(f->text);
    snprintf(f->text + len, sizeof(f->text) - len, "%s%.*s%s", len ? " " : "", (int)id.len, id.data,
             foreign ? "!" : "");
}

static void assert_strays(const struct story *s, const char *user_id, const char *expected)
{
    struct found f = {""};
    model_user_strays(s->m, span_of(user_id), add_stray, &f);
    assert_string_equal(f.text, expected);
}

/* Every count can be had by counting. */
static void assert_sound(const struct story *s)
{
    size_t orphans = 0, stale = 0, foreign = 0, unread = 0, partly = 0, sessions = 0, with = 0;
    for (size_t i = 0; i < model_user_rows(s->m); i++) {
        const struct user_view *u = model_user_at(s->m, i);
        size_t of_user = 0, missing = 0;
        struct found f = {""};
        const struct session *first = model_user_sessions(s->m, span_of(u->key), &of_user);
        assert_int_equal(of_user, u->sessions);
        for (; first; first = first->same_user_next) {
            missing += first->listing == SESSION_ORPHAN;
            assert_string_equal(first->user_key, u->key);
        }
        assert_int_equal(missing, u->orphans);
        model_user_strays(s->m, span_of(u->key), add_stray, &f);
        size_t strays = f.text[0] != '\0';
        size_t marked = 0;
        for (const char *p = f.text; *p; p++) {
            strays += *p == ' ';
            marked += *p == '!';
        }
        assert_int_equal(strays, u->stale + u->foreign);
        assert_int_equal(marked, u->foreign);
        assert_ptr_equal(model_user_find(s->m, span_of(u->key)), u);
        struct user_index_view index;
        assert_true(model_user_index(s->m, span_of(u->key), &index));
        assert_int_equal(index.state, u->index);
        assert_int_equal(index.read_us, u->index_us);
        assert_int_equal(index.unsure, u->unsure);
        assert_int_equal(index.amiss, u->orphans + u->stale + u->foreign > 0);
        orphans += u->orphans;
        stale += u->stale;
        foreign += u->foreign;
        sessions += u->sessions;
        with += u->sessions > 0;
        unread += u->index == USER_INDEX_UNREAD || u->index == USER_INDEX_FAILED;
        partly += u->index == USER_INDEX_PARTLY;
    }
    const struct session_index_view *v = model_session_index(s->m);
    assert_int_equal(v->orphans, orphans);
    assert_int_equal(v->stale, stale);
    assert_int_equal(v->foreign, foreign);
    assert_int_equal(v->unread, unread);
    assert_int_equal(v->partly, partly);
    assert_int_equal(model_user_count(s->m), with);
    for (size_t i = 0; i < model_session_count(s->m); i++) {
        const struct session *row = model_session_at(s->m, i);
        assert_true((row->listing == SESSION_NOBODYS) == (row->user_key[0] == '\0'));
        sessions -= row->user_key[0] != '\0';
    }
    assert_int_equal(sessions, 0);
}

static void a_session__is_listed__when_its_users_set_names_it(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "session id=a user_id=7");
    story_tell(&s, "session id=b user_id=7");
    story_tell(&s, "session id=n");
    assert_int_equal(listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    assert_int_equal(listing(&s, "n"), SESSION_NOBODYS);
    assert_int_equal(user(&s, "7")->index, USER_INDEX_UNREAD);
    assert_true(user(&s, "7")->unsure);
    story_wait(&s, 5);
    read_set(&s, "7", "a b");
    assert_int_equal(listing(&s, "a"), SESSION_LISTED);
    assert_int_equal(listing(&s, "b"), SESSION_LISTED);
    assert_int_equal(user(&s, "7")->index, USER_INDEX_READ);
    assert_int_equal(user(&s, "7")->index_us, s.now_us);
    assert_int_equal(user(&s, "7")->index_size, 2);
    assert_int_equal(user(&s, "7")->index_expires_us, s.now_us + 86400 * SECOND);
    assert_false(user(&s, "7")->unsure);
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
    read_set(&s, "7", "b");
    read_set(&s, "8", "");
    assert_int_equal(listing(&s, "a"), SESSION_ORPHAN);
    assert_int_equal(listing(&s, "b"), SESSION_LISTED);
    assert_int_equal(listing(&s, "c"), SESSION_ORPHAN);
    assert_int_equal(user(&s, "7")->orphans, 1);
    assert_int_equal(user(&s, "8")->index, USER_INDEX_ABSENT);
    assert_int_equal(user(&s, "8")->index_size, 0);
    assert_int_equal(model_session_index(s.m)->orphans, 2);
    assert_sound(&s);
    story_tell(&s, "session_gone id=c reason=deleted");
    assert_null(model_user_find(s.m, S("8")));
    story_tell(&s, "session id=d user_id=9 name=One");
    story_wait(&s, 2);
    read_set(&s, "9", "");
    story_tell(&s, "session id=d user_id=9 name=Other"); /* an orphan still */
    assert_int_equal(listing(&s, "d"), SESSION_ORPHAN);
    assert_int_equal(user(&s, "9")->index, USER_INDEX_ABSENT);
    story_tell(&s, "session_gone id=d reason=expired");
    assert_null(model_user_find(s.m, S("9")));
    read_set(&s, "7", "a b"); /* mended */
    assert_int_equal(listing(&s, "a"), SESSION_LISTED);
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
    read_set(&s, "7", "x"); /* asked before, answered before */
    story_tell(&s, "session id=a user_id=7");
    assert_int_equal(listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    story_tell(&s, "user_index phase=begin user_id=7");
    story_wait_us(&s, 900000); /* a slow answer does not make it newer */
    story_tell(&s, "user_index phase=member user_id=7 id=x");
    story_tell(&s, "user_index phase=end user_id=7 size=1");
    assert_int_equal(listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    assert_true(user(&s, "7")->unsure);
    story_wait_us(&s, 99999);
    read_set(&s, "7", "x");
    assert_int_equal(listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    story_wait_us(&s, 1);
    read_set(&s, "7", "x");
    assert_int_equal(listing(&s, "a"), SESSION_ORPHAN); /* a second is enough for anybody */
    read_set(&s, "7", "x a");
    assert_int_equal(listing(&s, "a"), SESSION_LISTED);
    story_end(&s);
}

/* The set may name a session before it was read itself. */
static void a_log_in__that_is_read_set_first__leaves_no_stray(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    read_set(&s, "7", "a");
    assert_int_equal(user(&s, "7")->stale, 0); /* nobody knows yet */
    story_tell(&s, "session id=a user_id=7");
    assert_int_equal(listing(&s, "a"), SESSION_LISTED);
    assert_false(user(&s, "7")->unsure);
    assert_strays(&s, "7", "");
    /* in the middle of a read */
    story_tell(&s, "user_index phase=begin user_id=7");
    story_tell(&s, "user_index phase=member user_id=7 id=a");
    story_tell(&s, "user_index phase=member user_id=7 id=b");
    story_tell(&s, "session id=b user_id=7");
    story_tell(&s, "user_index phase=end user_id=7 size=2");
    assert_int_equal(listing(&s, "b"), SESSION_LISTED);
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
    read_set(&s, "7", "a");
    read_set(&s, "8", "b c");
    story_wait(&s, 60);
    read_set(&s, "7", "");
    assert_int_equal(listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    assert_true(user(&s, "7")->unsure);
    story_wait_us(&s, 300000);
    story_tell(&s, "session_gone id=a reason=deleted");
    assert_null(model_user_find(s.m, S("7")));
    assert_int_equal(model_session_index(s.m)->orphans, 0);
    /* one that stays is one, a second later */
    read_set(&s, "8", "c");
    story_wait(&s, 1);
    read_set(&s, "8", "c");
    assert_int_equal(listing(&s, "b"), SESSION_ORPHAN);
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
    read_set(&s, "7", "a b c d");
    story_tell(&s, "session_gone id=b reason=expired");
    assert_strays(&s, "7", "b");
    story_tell(&s, "session_gone id=c reason=evicted");
    story_tell(&s, "session_gone id=d reason=deleted"); /* its entry goes too, as a rule */
    assert_strays(&s, "7", "b c");
    story_wait(&s, 53); /* nobody told of it */
    assert_strays(&s, "7", "b c a");
    assert_int_equal(user(&s, "7")->stale, 3);
    assert_int_equal(user(&s, "7")->sessions, 0);
    assert_true(model_stray_is_stale(s.m, S("a")));
    assert_false(model_stray_is_stale(s.m, S("d")));
    assert_sound(&s);
    read_set(&s, "7", "a b c d"); /* it did not */
    assert_strays(&s, "7", "b c a");
    story_tell(&s, "session_gone id=d"); /* looked for, and not there */
    assert_strays(&s, "7", "b c a d");
    read_set(&s, "7", "b");
    assert_strays(&s, "7", "b");
    assert_sound(&s);
    read_set(&s, "7", "");
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
    read_set(&s, "7", "a b");
    story_wait(&s, 60);
    story_tell(&s, "session_gone id=a reason=deleted");
    assert_int_equal(user(&s, "7")->stale, 0);
    story_wait_us(&s, 100000);
    read_set(&s, "7", "a b");
    story_tell(&s, "session_gone id=a");
    assert_strays(&s, "7", "a");
    assert_true(user(&s, "7")->unsure);
    story_wait(&s, 1);
    read_set(&s, "7", "a b");
    assert_false(user(&s, "7")->unsure);
    assert_strays(&s, "7", "a");
    read_set(&s, "7", "b");
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
    read_set(&s, "7", "a");
    story_tell(&s, "session_gone id=a reason=expired");
    assert_int_equal(model_session_index(s.m)->stale, 1);
    story_tell(&s, "session id=a user_id=7");
    assert_int_equal(model_session_index(s.m)->stale, 0);
    assert_int_equal(listing(&s, "a"), SESSION_LISTED);
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
    read_set(&s, "7", "a b");
    read_set(&s, "8", "");
    assert_strays(&s, "7", "a!");
    assert_int_equal(user(&s, "7")->foreign, 1);
    assert_int_equal(listing(&s, "a"), SESSION_ORPHAN);
    story_tell(&s, "session id=b user_id=9"); /* the other way round: the set was first */
    assert_strays(&s, "7", "a! b!");
    assert_int_equal(model_session_index(s.m)->foreign, 2);
    story_tell(&s, "session_gone id=b reason=deleted"); /* log-out takes it off 9's set */
    assert_strays(&s, "7", "a! b");
    story_tell(&s, "session id=a user_id=7");
    assert_strays(&s, "7", "b");
    assert_int_equal(listing(&s, "a"), SESSION_LISTED);
    story_tell(&s, "session id=a user_id=8 name=Eve");
    assert_strays(&s, "7", "b a!");
    assert_int_equal(listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    assert_sound(&s);
    story_end(&s);
}

static void a_session_in_two_sets__is_listed_in_the_right_one(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    read_set(&s, "7", "a");
    read_set(&s, "8", "a");
    read_set(&s, "9", "a");
    story_tell(&s, "session id=a user_id=8 name=Eve");
    assert_strays(&s, "7", "a!");
    assert_strays(&s, "8", "");
    assert_strays(&s, "9", "a!");
    assert_int_equal(listing(&s, "a"), SESSION_LISTED);
    story_tell(&s, "session id=a user_id=8 name=Mallory"); /* other texts, same user */
    assert_int_equal(listing(&s, "a"), SESSION_LISTED);
    story_tell(&s, "session_gone id=a reason=expired");
    assert_strays(&s, "7", "a");
    assert_strays(&s, "8", "a");
    read_set(&s, "7", "");
    assert_strays(&s, "8", "a");
    assert_strays(&s, "9", "a");
    assert_sound(&s);
    story_end(&s);
}

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
    assert_int_equal(user(&s, "7")->index, USER_INDEX_PARTLY);
    assert_int_equal(user(&s, "7")->index_size, 90000);
    assert_int_equal(listing(&s, "a"), SESSION_LISTED);
    assert_int_equal(listing(&s, "b"), SESSION_LISTING_UNKNOWN);
    assert_false(user(&s, "7")->unsure); /* another read tells no more */
    assert_int_equal(model_session_index(s.m)->partly, 1);
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
    read_set(&s, "7", "a x");
    story_tell(&s, "session_gone id=x");
    story_tell(&s, "census phase=begin");
    story_tell(&s, "session_ttl id=a");
    story_tell(&s, "session_ttl id=b");
    story_tell(&s, "user_index phase=seen user_id=7");
    story_tell(&s, "user_index phase=seen user_id=8");
    story_tell(&s, "census phase=end");
    story_tell(&s, "user_index phase=begin user_id=8");
    story_tell(&s, "user_index phase=end user_id=8 size=-1 error=\"NOPERM no permissions\"");
    assert_int_equal(user(&s, "8")->index, USER_INDEX_FAILED);
    assert_int_equal(listing(&s, "b"), SESSION_LISTING_UNKNOWN);
    assert_false(model_session_index(s.m)->complete);
    assert_int_equal(model_session_index(s.m)->unread, 1);
    /* a key of another type is no set at all: that much is known */
    story_tell(&s, "user_index phase=begin user_id=8");
    story_tell(&s, "user_index phase=end user_id=8 size=-1 error=\"WRONGTYPE Operation against a key\"");
    assert_int_equal(user(&s, "8")->index, USER_INDEX_FAILED);
    assert_int_equal(listing(&s, "b"), SESSION_LISTING_UNKNOWN);
    assert_true(model_session_index(s.m)->complete);
    /* what was known is known no more */
    story_tell(&s, "user_index phase=begin user_id=7");
    story_tell(&s, "user_index phase=member user_id=7 id=a");
    story_tell(&s, "user_index phase=end user_id=7 size=-1 error=\"NOPERM no permissions\"");
    assert_int_equal(listing(&s, "a"), SESSION_LISTING_UNKNOWN);
    assert_int_equal(user(&s, "7")->stale, 0);
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
    read_set(&s, "7", "a");
    read_set(&s, "8", "x");
    read_set(&s, "9", "y");
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
    assert_int_equal(user(&s, "9")->stale, 1);
    assert_int_equal(user(&s, "7")->index, USER_INDEX_ABSENT);
    assert_sound(&s);
    story_wait(&s, 2);
    read_set(&s, "7", "");
    assert_int_equal(listing(&s, "a"), SESSION_ORPHAN);
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
    read_set(&s, "7", "a");
    assert_false(model_session_index(s.m)->complete); /* a user without a session has a set */
    read_set(&s, "8", "x");
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
    assert_int_equal(listing(&s, "a"), SESSION_LISTING_UNKNOWN);
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
        read_set(&s, "7", "a");
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
    const struct user_view *u = user(&s, "\x1b\xff:7");
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
    read_set(&s, "7", "a");
    story_tell(&s, "user_index phase=member user_id=7 id=z");
    story_tell(&s, "user_index phase=end user_id=7 size=1");
    assert_int_equal(listing(&s, "a"), SESSION_LISTED);
    assert_strays(&s, "7", "");
    assert_false(user(&s, "7")->unsure);
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
    const struct user_view *u = user(&s, "7");
    assert_string_equal(u->name, "New");
    assert_string_equal(u->email, "n@example.com");
    assert_string_equal(u->role, "admin");
    assert_int_equal(u->newest_us, wall - 590 * SECOND);
    assert_int_equal(u->oldest_us, wall - 3600 * SECOND);
    assert_int_equal(u->seen_us, wall - 100 * SECOND);
    assert_int_equal(u->recent, 1);
    story_wait(&s, 10);
    assert_int_equal(user(&s, "7")->recent, 0); /* ten minutes are over */
    story_tell(&s, "session_ttl id=a pttl_ms=86400000");
    assert_int_equal(user(&s, "7")->seen_us, wall + 10 * SECOND);
    story_tell(&s, "session_gone id=b reason=deleted");
    assert_string_equal(user(&s, "7")->name, "Old");
    assert_string_equal(user(&s, "7")->email, "");
    story_tell(&s, "session id=a user_id=7 name=Other");
    assert_string_equal(user(&s, "7")->name, "Other");
    assert_int_equal(user(&s, "7")->sessions, 1);
    story_end(&s);
}

/* Many random facts. */
static void the_join__stays_sound__whatever_happens(void **state)
{
    (void)state;
    static const char *const phases[] = {"begin", "member", "member", "member", "end", "gone", "seen"};
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
            story_tell(&s, "user_index phase=%s user_id=%u id=%u size=%d", phases[(r >> 17) % 7], who, id,
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
        cmocka_unit_test(a_huge_set__proves_nothing_missing),
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
