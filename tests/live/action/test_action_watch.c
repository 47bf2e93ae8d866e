/* A revoke that holds: the platform's update reads a session and then writes it; one that was revoked in
 * between is there again, and is told so as long as it is watched. */
#include "stage.h"

#include <pthread.h>
#include <stdlib.h>

#include "redai/base/clock.h"
#include "redai/base/hash.h"

#define ONE "AbCdEf-0123456789012345678901234567890123_1"
#define TWO "GhIjKl-0123456789012345678901234567890123_2"

static void add_session(struct stage *s, const char *id, int user)
{
    stage_do(s, "SETEX session:%s 86400 {\"user_id\":%d,\"role\":\"student\"}", id, user);
    stage_do(s, "SADD user:%d:sessions %s", user, id);
}

static int set_up(void **state)
{
    struct stage *s = stage_new(NULL);
    stage_watch_sessions(s, 60 * US_PER_S);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    stage_free(*state);
    return 0;
}

static bool has_come_back(struct stage *s)
{
    return s->watched[RUNNER_WATCH_BACK] > 0;
}

static bool nothing_is_watched(struct stage *s)
{
    return runner_watched(s->runner) == 0;
}

/* The last receipt of a subject: one that came back is told anew. */
static const struct told *last_told(struct stage *s, const char *subject)
{
    const struct told *last = NULL;
    for (size_t i = 0; i < s->count; i++) {
        last = strcmp(s->told[i].subject, subject) == 0 ? &s->told[i] : last;
    }
    assert_non_null(last);
    return last;
}

static void revoke__says_how_long_it_watches__when_it_is_planned(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7);
    stage_order(s, "revoke session " ONE);
    stage_assert_plan(s, "watched for 1m00s: the platform's update may write one back\n");
    assert_int_equal(s->watched[RUNNER_WATCH_BEGIN], 1);
    assert_int_equal(runner_watched(s->runner), 1);
}

static void watch__tells_that_it_came_back__when_it_is_written_after_the_end(void **state)
{
    struct stage *s = *state;
    char line[4096], tag[9];
    bool found = false;
    add_session(s, ONE, 7);
    add_session(s, TWO, 7);
    stage_order(s, "revoke session " ONE " " TWO);
    stage_assert_end(s, ACTION_DONE, "revoked 2 sessions");
    stage_do(s, "SETEX session:%s 86400 {\"user_id\":7}", ONE);
    stage_wait(s, has_come_back);
    assert_string_equal(s->came_back, ONE);
    assert_int_equal(s->watched[RUNNER_WATCH_BACK], 1);
    assert_int_equal(runner_watched(s->runner), 1);
    assert_int_equal(last_told(s, "AbCdEf~")->outcome, ACTION_BACK);
    assert_non_null(strstr(last_told(s, "AbCdEf~")->text, "something wrote it again"));
    assert_int_equal(last_told(s, "GhIjKl~")->outcome, ACTION_DONE);
    hash_tag(span_of(ONE), tag);
    FILE *f = fopen(s->journal_path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        assert_null(strstr(line, ONE));
        found = found || (strstr(line, tag) && strstr(line, "came back"));
    }
    fclose(f);
    assert_true(found);
}

static void watch__ends_by_itself__when_the_session_stays_away(void **state)
{
    struct stage *s = *state;
    stage_watch_sessions(s, 1200 * US_PER_MS);
    add_session(s, ONE, 7);
    add_session(s, TWO, 8);
    stage_order(s, "revoke session " ONE " " TWO);
    stage_watch(s);
    stage_wait(s, nothing_is_watched);
    char *heard = stage_heard(s);
    assert_int_equal(s->watched[RUNNER_WATCH_HELD], 2);
    /* After half a second, after one, and at the end; on a machine that is late, fewer. */
    static const char look[] = "\"EXISTS\" \"session:" ONE "\" \"session:" TWO "\"\n";
    size_t looks = strlen(heard) / strlen(look);
    assert_true(looks >= 1 && looks <= 3);
    for (size_t i = 0; i < looks; i++) {
        assert_memory_equal(heard + i * strlen(look), look, strlen(look));
    }
    assert_int_equal(strlen(heard), looks * strlen(look));
    free(heard);
}

static void watch__looks_at_once__when_it_is_hinted_at(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7);
    stage_order(s, "revoke session " ONE);
    stage_pass(s, 5.2); /* the next look by itself would come after ten seconds */
    int64_t begun = clock_mono_us();
    stage_do(s, "SETEX session:%s 86400 {\"user_id\":7}", ONE);
    runner_written(s->runner, S("somebody else"));
    runner_written(s->runner, S(ONE));
    stage_wait(s, has_come_back);
    assert_true(clock_mono_us() - begun < 4 * US_PER_S);
    assert_int_equal(runner_watched(s->runner), 0);
}

static void watch__goes_on__when_another_order_runs(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7);
    stage_order(s, "revoke session " ONE);
    stage_do(s, "SET exam:1 x");
    stage_do(s, "SETEX session:%s 86400 {\"user_id\":7}", ONE);
    stage_order(s, "invalidate exam:1");
    assert_int_equal(s->outcome, ACTION_DONE);
    stage_wait(s, has_come_back);
    assert_string_equal(s->came_back, ONE);
}

static void watch__is_silent__when_the_session_is_put_back_on_purpose(void **state)
{
    struct stage *s = *state;
    stage_keep(s, NULL);
    add_session(s, ONE, 7);
    stage_order(s, "revoke session " ONE);
    stage_order(s, "undo");
    assert_int_equal(stage_int(s, "EXISTS session:" ONE), 1);
    stage_pass(s, 0.8);
    assert_int_equal(s->watched[RUNNER_WATCH_BACK], 0);
    assert_int_equal(s->watched[RUNNER_WATCH_LOST], 1);
    assert_int_equal(runner_watched(s->runner), 0);
}

static void watch__ends_as_lost__when_it_cannot_look(void **state)
{
    struct stage *s = *state;
    stage_watch_sessions(s, 1200 * US_PER_MS);
    add_session(s, ONE, 7);
    stage_order(s, "revoke session " ONE);
    stage_do(s, "ACL SETUSER default -exists");
    stage_wait(s, nothing_is_watched);
    stage_do(s, "ACL SETUSER default +@all");
    assert_int_equal(s->watched[RUNNER_WATCH_LOST], 1);
    assert_int_equal(s->watched[RUNNER_WATCH_HELD], 0);
}

static void watch__begins_anew__when_the_session_is_revoked_again(void **state)
{
    struct stage *s = *state;
    add_session(s, ONE, 7);
    stage_order(s, "revoke session " ONE);
    stage_do(s, "SETEX session:%s 86400 {\"user_id\":7}", ONE);
    stage_wait(s, has_come_back);
    stage_order(s, "revoke session " ONE);
    stage_assert_end(s, ACTION_DONE, "revoked; no index named it");
    assert_int_equal(runner_watched(s->runner), 1);
    assert_int_equal(stage_int(s, "EXISTS session:" ONE), 0);
}

static long long info(struct stage *s, const char *field)
{
    const char *words[] = {"INFO", "stats"};
    char *text = server_cli_argv(s->server, 0, 2, words, NULL);
    const char *at = strstr(text, field);
    assert_non_null(at);
    long long n = strtoll(at + strlen(field) + 1, NULL, 10);
    free(text);
    return n;
}

static void watch__tallies_its_own_reads__when_many_are_watched(void **state)
{
    struct stage *s = *state;
    int64_t hits, misses;
    struct order o;
    stage_watch_sessions(s, 4 * US_PER_S);
    order_init(&o, VERB_REVOKE_SESSION);
    for (int i = 0; i < 250; i++) {
        char id[64];
        snprintf(id, sizeof id, "%03d-many-sessions", i);
        add_session(s, id, i);
        order_add(&o, TARGET_SESSION, span_of(id));
    }
    stage_do(s, "CONFIG RESETSTAT");
    stage_give(s, &o);
    stage_do(s, "SETEX session:100-many-sessions 100 {}");
    stage_wait(s, nothing_is_watched);
    assert_int_equal(s->watched[RUNNER_WATCH_BACK], 1);
    assert_int_equal(s->watched[RUNNER_WATCH_HELD], 249);
    runner_own_reads(s->runner, &hits, &misses);
    assert_int_equal(info(s, "keyspace_hits"), hits);
    assert_int_equal(info(s, "keyspace_misses"), misses);
}

/* --- the platform's update path --- */

struct racer {
    struct stage *s;
    redisContext *redis;
    pthread_barrier_t read, revoked;
};

/* SessionManager.update_session: get_session (GET, EXPIRE), then SETEX. What the thread reads before the
 * revoke it writes behind it. */
static void *update_session(void *arg)
{
    struct racer *r = arg;
    redisReply *value = redisCommand(r->redis, "GET session:%s", ONE);
    freeReplyObject(redisCommand(r->redis, "EXPIRE session:%s 86400", ONE));
    pthread_barrier_wait(&r->read);
    pthread_barrier_wait(&r->revoked);
    freeReplyObject(redisCommand(r->redis, "SETEX session:%s 86400 %b", ONE, value->str, (size_t)value->len));
    freeReplyObject(value);
    return NULL;
}

static void watch__sees_the_platforms_update__when_it_races_with_the_revoke(void **state)
{
    struct stage *s = *state;
    struct racer r = {.s = s, .redis = server_connect(s->server)};
    pthread_t thread;
    assert_non_null(r.redis);
    pthread_barrier_init(&r.read, NULL, 2);
    pthread_barrier_init(&r.revoked, NULL, 2);
    add_session(s, ONE, 7);
    assert_int_equal(pthread_create(&thread, NULL, update_session, &r), 0);
    pthread_barrier_wait(&r.read);
    stage_order(s, "revoke session " ONE);
    stage_assert_end(s, ACTION_DONE, "revoked, and its entry in the index of user 7");
    pthread_barrier_wait(&r.revoked);
    pthread_join(thread, NULL);
    stage_wait(s, has_come_back);
    assert_int_equal(last_told(s, "AbCdEf~")->outcome, ACTION_BACK);
    /* in no index, as the platform leaves it: a revoke of the user finds it by walking */
    assert_int_equal(stage_int(s, "SISMEMBER user:7:sessions " ONE), 0);
    stage_order(s, "revoke user 7");
    assert_int_equal(s->outcome, ACTION_DONE);
    stage_pass(s, 1.2);
    assert_int_equal(s->watched[RUNNER_WATCH_BACK], 1);
    assert_int_equal(stage_int(s, "EXISTS session:" ONE), 0);
    pthread_barrier_destroy(&r.read);
    pthread_barrier_destroy(&r.revoked);
    redisFree(r.redis);
}

int main(void)
{
    server_require();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(revoke__says_how_long_it_watches__when_it_is_planned),
        TEST(watch__tells_that_it_came_back__when_it_is_written_after_the_end),
        TEST(watch__ends_by_itself__when_the_session_stays_away),
        TEST(watch__looks_at_once__when_it_is_hinted_at),
        TEST(watch__goes_on__when_another_order_runs),
        TEST(watch__is_silent__when_the_session_is_put_back_on_purpose),
        TEST(watch__ends_as_lost__when_it_cannot_look),
        TEST(watch__begins_anew__when_the_session_is_revoked_again),
        TEST(watch__tallies_its_own_reads__when_many_are_watched),
        TEST(watch__sees_the_platforms_update__when_it_races_with_the_revoke),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
