/* Undo and the revoke that holds, from the keyboard and from the shell: what was deleted comes back when it
 * is asked for, and what comes back by itself is told. */
#include "seat.h"
#include "support/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static int set_up(void **state)
{
    static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", NULL};
    *state = stage_server(quiet);
    stage_fill(*state);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    remove(stage_path("state/redai-console/journal"));
    return 0;
}

static void undo__puts_the_session_back_with_its_index_entry__when_it_is_chosen(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, ":undo\r", "nothing is kept to undo");
    seat_key(p, "G"); /* Zofia */
    seat_see(p, ">9 ");
    seat_do(p, "x", "revoke session ZZZZ44~ of user 9");
    seat_see(p, "undo: kept for 15 min, 1 session");
    seat_see(p, "watched for 1m00s");
    seat_do(p, "y", "done: revoked");
    seat_see_gone(p, "Zofia Zak");
    seat_do(p, ":undo\r", "undo: put back what was deleted");
    seat_see(p, "1 kept");
    seat_do(p, "\r", "undo revoke session ZZZZ44~ of user 9: 1 key");
    seat_see(p, "SADD user:9:sessions ZZZZ44~");
    seat_do(p, "y", "done: put back, TTL");
    seat_see(p, "Zofia Zak");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ZOFIA), 1);
    assert_int_equal(stage_number(s, 0, "SISMEMBER user:9:sessions " SID_ZOFIA), 1);
    seat_do(p, ":undo\r", "nothing is kept to undo");
    seat_quit(p);
}

static void undo__puts_a_family_back__when_it_was_invalidated(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, ":invalidate exam:*\r", "type 30 to do it");
    seat_see(p, "undo: kept for 15 min, 30 keys");
    seat_do(p, "30\r", "done: deleted 30 of 30");
    assert_int_equal(stage_number(s, 0, "DBSIZE"), 23);
    seat_do(p, ":undo last\r", "type 30 to do it");
    seat_do(p, "30\r", "done: put back 30 of 30");
    assert_int_equal(stage_number(s, 0, "DBSIZE"), 53);
    seat_quit(p);
}

/* --- the hit rate that is shown --- */

/* What the strip says of the look-ups of others; '?': there were none. */
static bool has_hit_rate(struct pty *p)
{
    const char *at = strstr(pty_screen_text(p), "hit ");
    return at && at[4] >= '0' && at[4] <= '9';
}

static bool shows_hit_rate(struct pty *p, void *ctx)
{
    (void)ctx;
    return has_hit_rate(p);
}

static bool shows_none(struct pty *p, void *ctx)
{
    (void)ctx;
    return strstr(pty_screen_text(p), "hit ?") != NULL;
}

/* How often INFO was asked, by whomever: the two INFOs that it takes to see a rate have gone by. */
static int64_t infos(struct server *s)
{
    char *text = stage_ask(s, 0, "INFO commandstats");
    const char *at = text ? strstr(text, "cmdstat_info:calls=") : NULL;
    int64_t n = at ? strtoll(at + strlen("cmdstat_info:calls="), NULL, 10) : -1;
    free(text);
    return n;
}

static void assert_quiet(struct server *s, struct pty *p, const char *after)
{
    int64_t asked = 0, begun = infos(s);
    do {
        asked++;
        if (pty_wait(p, shows_hit_rate, NULL, 200)) {
            fprintf(stderr, "%s\n", pty_screen_text(p));
            fail_msg("our own look-ups are shown as others', after %s", after);
        }
    } while (asked < 300 && infos(s) < begun + asked + 3);
    assert_true(pty_wait(p, shows_none, NULL, WAIT_MS));
}

static void hit_rate__has_none_of_our_own_look_ups__when_nobody_else_reads(void **state)
{
    struct server *s = *state;
    for (int i = 0; i < 12; i++) {
        char id[40];
        snprintf(id, sizeof id, "TTTT%04d-twelve-sessions", i);
        stage_session(s, id, 30, "Twelve Tom", "student", i > 0);
    }
    stage_do(s, 0, "CONFIG RESETSTAT");
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_see(p, "Twelve Tom");
    seat_see(p, "leaderboard");
    assert_true(pty_wait(p, shows_none, NULL, WAIT_MS));
    assert_quiet(s, p, "the start");
    seat_do(p, ":repair sessions\r", "SADD");
    seat_do(p, "y", "done: ");
    assert_quiet(s, p, "a repair");
    for (int i = 0; i < 2; i++) {
        seat_do(p, ":revoke user 30\r", "revoke 12 sessions");
        seat_do(p, "y", "done: revoked 12");
        assert_quiet(s, p, "a revoke");
        seat_do(p, ":undo last\r", "undo revoke 12 sessions");
        seat_do(p, "y", "done: put back 12 of 12");
        assert_quiet(s, p, "an undo");
    }
    seat_do(p, ":invalidate exam:*\r", "type 30 to do it");
    seat_do(p, "30\r", "done: deleted 30 of 30");
    assert_quiet(s, p, "an invalidation");
    seat_quit(p);
}

/* The platform's update has read it before the revoke, and writes it behind it. */
static void write_back(struct server *s)
{
    stage_do(s, 0, "SETEX session:" SID_ZOFIA " 86400 {\"user_id\":9,\"name\":\"Zofia\"}");
}

static void x_on_the_alert__revokes_again__when_a_session_came_back(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, ":revoke again\r", "no revoked session has come back");
    seat_do(p, ":revoke session " SID_ZOFIA "\r", "revoke session ZZZZ44~ of user 9");
    seat_do(p, "y", "done: revoked");
    write_back(s);
    seat_see(p, "came back: session ZZZZ44~ was written again");
    seat_do(p, "5+", "session(s) came back: ZZZZ44~; x revokes"); /* the alerts, alone on the screen */
    seat_do(p, "g\r", "alert session-came-back");
    seat_see(p, "ZZZZ44~");
    seat_leave(p, "alert session-came-back");
    seat_do(p, "x", "revoke session ZZZZ44~ of user 9");
    seat_do(p, "y", "done: revoked");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ZOFIA), 0);
    seat_see(p, "resolved");
    seat_do(p, ":revoke again\r", "no revoked session has come back");
    seat_quit(p);
}

/* What comes by itself is told behind the curtain, too: that it came, not which. */
static void curtain__hides_which_session_came_back__when_it_is_told(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, ":revoke session " SID_ZOFIA "\r", "revoke session ZZZZ44~ of user 9");
    seat_do(p, "y", "done: revoked");
    seat_do(p, "!", "the curtain is drawn");
    seat_see_gone(p, "ZZZZ44");
    write_back(s);
    seat_see(p, " was written again; :revoke again takes it");
    seat_not(p, "ZZZZ44");
    seat_quit(p);
}

/* --- from the shell --- */

static void *race(void *arg)
{
    redisContext *redis = arg;
    for (bool gone = false; !gone;) {
        redisReply *there = redisCommand(redis, "EXISTS session:%s", SID_ZOFIA);
        assert_non_null(there);
        gone = there->integer == 0;
        freeReplyObject(there);
    }
    freeReplyObject(redisCommand(redis, "SETEX session:%s 86400 {\"user_id\":9}", SID_ZOFIA));
    return NULL;
}

static void shell__ends_with_failure__when_a_session_comes_back(void **state)
{
    struct server *s = *state;
    pthread_t thread;
    redisContext *redis = server_connect(s);
    assert_non_null(redis);
    assert_int_equal(pthread_create(&thread, NULL, race, redis), 0);
    struct ran r = RUN("--yes", "-u", server_url(s, 0), "revoke", "session", SID_ZOFIA);
    pthread_join(thread, NULL);
    redisFree(redis);
    assert_ran(&r, 1, "came back"); /* read back at once, or seen by the watch */
    ran_free(&r);
}

#define SID_FIRST "FFFF5555-first-of-many-to-be-revoked"

static void ask_until(redisContext *redis, const char *command, long long most)
{
    for (bool less = false; !less;) {
        redisReply *n = redisCommand(redis, command);
        assert_non_null(n);
        less = n->integer <= most;
        freeReplyObject(n);
    }
}

/* One of the first group comes back while the later ones have not had their turn; the pause is longer than
 * the watch waits before it looks. */
static void *come_back_early(void *arg)
{
    redisContext *redis = arg;
    ask_until(redis, "EXISTS session:" SID_FIRST, 0);
    ask_until(redis, "SCARD user:9:sessions", 19700);
    freeReplyObject(redisCommand(redis, "SETEX session:" SID_FIRST " 86400 %s", "{\"user_id\":8}"));
    freeReplyObject(redisCommand(redis, "DEBUG SLEEP 1"));
    return NULL;
}

static void shell__ends_with_failure__when_a_session_comes_back_before_all_are_revoked(void **state)
{
    struct server *s = *state;
    pthread_t thread;
    redisContext *redis = server_connect(s);
    assert_non_null(redis);
    freeReplyObject(redisCommand(redis, "EVAL %s 0",
                                 "for i = 1, 20000 do"
                                 " redis.call('SET', 'session:many-' .. i, '{\"user_id\":9}', 'EX', 9000)"
                                 " redis.call('SADD', 'user:9:sessions', 'many-' .. i) end"));
    stage_session(s, SID_FIRST, 8, "Filip", "student", true);
    assert_int_equal(pthread_create(&thread, NULL, come_back_early, redis), 0);
    struct ran r = RUN("--yes", "-u", server_url(s, 0), "revoke", "user", "8", "9");
    pthread_join(thread, NULL);
    redisFree(redis);
    assert_ran(&r, 1, "came back");
    ran_free(&r);
}

static void shell__says_that_there_is_no_undo_and_watches_no_longer_than_told(void **state)
{
    struct server *s = *state;
    struct ran r = RUN("--yes", "-u", server_url(s, 0), "--watch", "0", "revoke", "session", SID_ZOFIA);
    assert_ran(&r, 0, "from the shell there is none");
    assert_null(strstr(r.err, "watched for"));
    ran_free(&r);
    r = RUN("--yes", "-u", server_url(s, 0), "--watch", "700ms", "revoke", "session", SID_MAREK);
    assert_ran(&r, 0, "watched for 700ms: the platform's update may write one back");
    ran_free(&r);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(undo__puts_the_session_back_with_its_index_entry__when_it_is_chosen),
        LIVE(undo__puts_a_family_back__when_it_was_invalidated),
        LIVE(hit_rate__has_none_of_our_own_look_ups__when_nobody_else_reads),
        LIVE(x_on_the_alert__revokes_again__when_a_session_came_back),
        LIVE(curtain__hides_which_session_came_back__when_it_is_told),
        LIVE(shell__ends_with_failure__when_a_session_comes_back),
        LIVE(shell__ends_with_failure__when_a_session_comes_back_before_all_are_revoked),
        LIVE(shell__says_that_there_is_no_undo_and_watches_no_longer_than_told),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
