/* Users' sets of sessions as a real server holds them, written by the platform's own rules: SETEX, SADD,
 * EXPIRE at a log-in; EXPIRE of the session alone at a request; SREM and DEL at a log-out. */
#include "support/unit.h"
#include "watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"

#define NOTIFIED "Eg$xem"

static struct server *start(const char *classes)
{
    static const char *args[] = {"--notify-keyspace-events", NULL, NULL};
    args[1] = classes;
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    return s;
}

static void run(struct server *s, const char *a, const char *b, const char *c, const char *d)
{
    free(server_cli(s, a, b, c, d, NULL));
}

static void write_session(struct server *s, const char *id, const char *user, const char *ttl)
{
    char key[80], value[120];
    snprintf(key, sizeof key, "session:%s", id);
    snprintf(value, sizeof value, "{\"user_id\": %s, \"created_at\": \"2026-11-23T09:33:22.714134\"}", user);
    run(s, "SETEX", key, ttl, value);
}

static void log_in(struct server *s, const char *id, const char *user, const char *ttl, const char *set_ttl)
{
    char set[80];
    snprintf(set, sizeof set, "user:%s:sessions", user);
    write_session(s, id, user, ttl);
    run(s, "SADD", set, id, NULL);
    run(s, "EXPIRE", set, set_ttl, NULL);
}

static void log_out(struct server *s, const char *id, const char *user)
{
    char key[80], set[80];
    snprintf(key, sizeof key, "session:%s", id);
    snprintf(set, sizeof set, "user:%s:sessions", user);
    run(s, "SREM", set, id, NULL);
    run(s, "DEL", key, NULL, NULL);
}

struct counts {
    size_t sessions, orphans, stale, foreign;
};

static bool counts_are(struct watch *w, void *arg)
{
    const struct counts *want = arg;
    const struct session_index_view *v = model_session_index(w->model);
    return v->complete && v->unread == 0 && model_session_count(w->model) == want->sessions &&
           v->orphans == want->orphans && v->stale == want->stale && v->foreign == want->foreign;
}

static void expect(struct watch *w, struct counts want)
{
    if (!watch_until(w, counts_are, &want, WAIT_MS)) {
        const struct session_index_view *v = model_session_index(w->model);
        fail_msg(
            "%zu sessions, %zu orphans, %zu stale, %zu foreign, %zu unread, %s; expected %zu, %zu, %zu, %zu",
            model_session_count(w->model), v->orphans, v->stale, v->foreign, v->unread,
            v->complete ? "complete" : "not complete", want.sessions, want.orphans, want.stale, want.foreign);
    }
}

static enum session_listing listing(struct watch *w, const char *id)
{
    const struct session *s = model_session_find(w->model, span_of(id));
    assert_non_null(s);
    return s->listing;
}

static const struct user_view *user(struct watch *w, const char *id)
{
    const struct user_view *u = model_user_find(w->model, span_of(id));
    assert_non_null(u);
    return u;
}

/* Each fault there before we look, and each as it comes about. */
static void find_faults(const char *classes)
{
    struct server *s = start(classes);
    log_in(s, "healthy", "1", "86400", "86400");
    log_in(s, "orphan", "2", "86400", "86400");
    run(s, "DEL", "user:2:sessions", NULL, NULL);
    log_in(s, "stale", "3", "86400", "86400");
    log_in(s, "alive", "3", "86400", "86400");
    run(s, "DEL", "session:stale", NULL, NULL);
    write_session(s, "overwritten", "5", "86400"); /* user_data named another user */
    run(s, "SADD", "user:4:sessions", "overwritten", NULL);
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    expect(w, (struct counts){4, 2, 1, 1});
    assert_int_equal(listing(w, "healthy"), SESSION_LISTED);
    assert_int_equal(listing(w, "orphan"), SESSION_ORPHAN);
    assert_int_equal(listing(w, "alive"), SESSION_LISTED);
    assert_int_equal(listing(w, "overwritten"), SESSION_ORPHAN);
    assert_int_equal(user(w, "3")->stale, 1);
    assert_int_equal(user(w, "4")->foreign, 1);
    assert_int_equal(user(w, "2")->index, USER_INDEX_ABSENT);

    /* the set runs out while its session is renewed by requests */
    log_in(s, "busy", "6", "86400", "1");
    expect(w, (struct counts){5, 3, 1, 1});
    assert_int_equal(listing(w, "busy"), SESSION_ORPHAN);
    /* a session runs out, and another log-in renews the set */
    log_in(s, "short", "1", "1", "86400");
    expect(w, (struct counts){5, 3, 2, 1});
    assert_int_equal(user(w, "1")->stale, 1);
    /* a log-out leaves nothing */
    log_out(s, "healthy", "1");
    expect(w, (struct counts){4, 3, 2, 1});
    /* mended */
    run(s, "SADD", "user:2:sessions", "orphan", NULL);
    run(s, "EXPIRE", "user:2:sessions", "86400", NULL);
    run(s, "SADD", "user:6:sessions", "busy", NULL);
    run(s, "EXPIRE", "user:6:sessions", "86400", NULL);
    expect(w, (struct counts){4, 1, 2, 1});
    /* taking entries off is not heard; a look again finds it */
    run(s, "SREM", "user:3:sessions", "stale", NULL);
    collect_refresh(w->collect);
    expect(w, (struct counts){4, 1, 1, 1});
    watch_free(w);
    server_stop(s);
}

static void faults__are_found__by_notifications(void **state)
{
    (void)state;
    find_faults(NOTIFIED);
}

static void faults__are_found__with_notifications_off(void **state)
{
    (void)state;
    find_faults("");
}

static void note_flash(struct watch *w, const struct fact *f)
{
    (void)f;
    const struct session_index_view *v = model_session_index(w->model);
    size_t *most = w->user;
    *most = v->orphans + v->stale > *most ? v->orphans + v->stale : *most;
}

struct since {
    const char *user;
    int64_t us;
};

static bool set_was_read(struct watch *w, void *arg)
{
    const struct since *since = arg;
    const struct user_view *u = model_user_find(w->model, span_of(since->user));
    return u && u->index_us >= since->us;
}

/* So that the reading falls in the middle; not for long, as the platform is quick. */
static void dawdle(struct watch *w, const char *who)
{
    struct since since = {who, clock_mono_us()};
    (void)watch_until(w, set_was_read, &since, 400);
}

/* Log-ins and log-outs, one command after the other as the platform sends them: no reading in between may
 * call anything an orphan or stale. */
static void come_and_go(const char *classes)
{
    enum { PEOPLE = 8 };
    struct server *s = start(classes);
    size_t most = 0;
    int64_t slowest_us = 0;
    char id[32], who[16], set[64];
    log_in(s, "first", "1", "86400", "86400");
    struct watch *w = watch_new(s, &(struct watch_options){.on_fact = note_flash, .user = &most});
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    for (int i = 0; i < 2 * PEOPLE; i++) {
        int64_t begun_us = clock_mono_us();
        snprintf(id, sizeof id, "session%d", i % PEOPLE);
        snprintf(who, sizeof who, "%d", i % PEOPLE % 5 + 1);
        snprintf(set, sizeof set, "user:%s:sessions", who);
        if (i < PEOPLE) {
            write_session(s, id, who, "86400");
            dawdle(w, who);
            log_in(s, id, who, "86400", "86400");
        } else {
            run(s, "SREM", set, id, NULL);
            dawdle(w, who);
            log_out(s, id, who);
        }
        int64_t took_us = clock_mono_us() - begun_us;
        slowest_us = took_us > slowest_us ? took_us : slowest_us;
        if (i == PEOPLE - 1) {
            expect(w, (struct counts){PEOPLE + 1, 0, 0, 0});
        }
    }
    expect(w, (struct counts){1, 0, 0, 0});
    /* A platform that takes a second in between would be found out, rightly. */
    assert_true(most == 0 || slowest_us > 900 * US_PER_MS);
    watch_free(w);
    server_stop(s);
}

static void coming_and_going__flashes_nothing__by_notifications(void **state)
{
    (void)state;
    come_and_go(NOTIFIED);
}

static void coming_and_going__flashes_nothing__with_notifications_off(void **state)
{
    (void)state;
    come_and_go("");
}

static void add_members(struct server *s, const char *set, int count)
{
    redisContext *c = server_connect(s);
    assert_non_null(c);
    for (int i = 0; i < count; i++) {
        redisAppendCommand(c, "SADD %s gone%d", set, i);
    }
    for (int i = 0; i < count; i++) {
        void *reply = NULL;
        assert_int_equal(redisGetReply(c, &reply), REDIS_OK);
        freeReplyObject(reply);
    }
    redisFree(c);
}

static bool all_is_joined(struct watch *w, void *arg)
{
    (void)arg;
    return model_session_index(w->model)->complete;
}

static void large_sets__are_read__as_far_as_is_fair(void **state)
{
    (void)state;
    struct server *s = start(NOTIFIED);
    log_in(s, "a", "1", "86400", "86400");
    log_in(s, "b", "2", "86400", "86400");
    add_members(s, "user:1:sessions", 7500);
    add_members(s, "user:2:sessions", 20000);
    char *long_id = mem_zalloc(20001);
    memset(long_id, 'x', 20000); /* no session's */
    run(s, "SADD", "user:1:sessions", long_id, NULL);
    mem_free(long_id);
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, 2 * WAIT_MS));
    assert_true(watch_until(w, all_is_joined, NULL, 2 * WAIT_MS));
    assert_int_equal(user(w, "1")->index, USER_INDEX_READ);
    assert_int_equal(user(w, "1")->index_size, 7502);
    assert_int_equal(user(w, "1")->stale, 7500);
    assert_int_equal(user(w, "2")->index, USER_INDEX_PARTLY);
    assert_int_equal(user(w, "2")->index_size, 20001);
    assert_in_range(user(w, "2")->stale, 9900, 12000);
    assert_int_equal(model_session_index(w->model)->partly, 1);
    watch_free(w);
    server_stop(s);
}

/* More sessions than one question is put for; some of them are orphans. */
static void a_set_too_large__is_asked__for_each_session(void **state)
{
    enum { SESSIONS = 230, ORPHANS = 7 };
    (void)state;
    struct server *s = start(NOTIFIED);
    char id[32];
    add_members(s, "user:2:sessions", 40000);
    for (int i = 0; i < SESSIONS; i++) {
        snprintf(id, sizeof id, "s%d", i);
        write_session(s, id, "2", "86400");
        if (i >= ORPHANS) {
            run(s, "SADD", "user:2:sessions", id, NULL);
        }
    }
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, 2 * WAIT_MS));
    struct counts want = {SESSIONS, ORPHANS, user(w, "2")->stale, 0};
    expect(w, want);
    assert_int_equal(user(w, "2")->index, USER_INDEX_PARTLY);
    assert_false(user(w, "2")->blind);
    assert_int_equal(listing(w, "s0"), SESSION_ORPHAN);
    assert_int_equal(listing(w, "s200"), SESSION_LISTED);
    watch_free(w);
    /* an older server, or one that does not allow it */
    free(server_cli(s, "ACL", "SETUSER", "default", "-smismember", NULL));
    w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, 2 * WAIT_MS));
    assert_true(user(w, "2")->blind);
    assert_int_equal(listing(w, "s0"), SESSION_LISTING_UNKNOWN);
    assert_int_equal(model_session_index(w->model)->blind, 1);
    watch_free(w);
    server_stop(s);
}

static bool is_failed(struct watch *w, void *arg)
{
    const struct user_view *u = model_user_find(w->model, span_of(arg));
    return u && u->index == USER_INDEX_FAILED;
}

static void a_set_that_cannot_be_read__is_said__and_not_counted(void **state)
{
    (void)state;
    struct server *s = start(NOTIFIED);
    log_in(s, "a", "1", "86400", "86400");
    write_session(s, "b", "2", "86400");
    run(s, "SET", "user:2:sessions", "a text", NULL);
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, is_failed, (char[]){"2"}, WAIT_MS));
    assert_int_equal(listing(w, "b"), SESSION_LISTING_UNKNOWN);
    expect(w, (struct counts){2, 0, 0, 0}); /* a text is no set: that is known */
    watch_free(w);
    run(s, "DEL", "user:2:sessions", NULL, NULL);
    free(server_cli(s, "ACL", "SETUSER", "default", "-sscan", NULL));
    w = watch_new(s, NULL);
    assert_true(watch_until(w, is_failed, (char[]){"1"}, WAIT_MS));
    assert_false(model_session_index(w->model)->complete);
    assert_int_equal(model_session_index(w->model)->orphans, 0);
    free(server_cli(s, "ACL", "SETUSER", "default", "+sscan", NULL));
    expect(w, (struct counts){2, 1, 0, 0}); /* the next walk */
    watch_free(w);
    server_stop(s);
}

static bool served(struct watch *w, void *arg)
{
    return w->servers >= *(int64_t *)arg;
}

static void wait_polls(struct watch *w, int64_t count)
{
    int64_t until = w->servers + count;
    assert_true(watch_until(w, served, &until, WAIT_MS));
}

/* Found, absent, empty-handed, of another type, in several pages: all of it is taken off. */
static void reading_sets__does_not_move__the_hit_rate(void **state)
{
    (void)state;
    struct server *s = start(""); /* each walk reads all sets anew */
    log_in(s, "a", "1", "86400", "86400");
    write_session(s, "b", "2", "86400");
    write_session(s, "c", "3", "86400");
    run(s, "SET", "user:3:sessions", "a text", NULL);
    log_in(s, "d", "4", "86400", "86400");
    add_members(s, "user:4:sessions", 2500);
    add_members(s, "user:5:sessions", 20000);
    for (int i = 0; i < 120; i++) {
        char id[16];
        snprintf(id, sizeof id, "e%d", i);
        write_session(s, id, "5", "86400");
    }
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, 2 * WAIT_MS));
    wait_polls(w, 2);
    int64_t hits = w->last.info.keyspace_hits - w->last.own_hits;
    int64_t misses = w->last.info.keyspace_misses - w->last.own_misses;
    int64_t own = w->last.own_hits;
    wait_polls(w, 16); /* several walks */
    assert_true(w->last.own_hits > own);
    assert_int_equal(w->last.info.keyspace_hits - w->last.own_hits, hits);
    assert_int_equal(w->last.info.keyspace_misses - w->last.own_misses, misses);
    watch_free(w);
    server_stop(s);
}

static char *calls_of(struct server *s, const char *command)
{
    char name[40];
    char *stats = server_cli(s, "INFO", "commandstats", NULL);
    snprintf(name, sizeof name, "cmdstat_%s:", command);
    char *at = strstr(stats, name);
    char *calls = at ? strndup(at, strcspn(at, ",")) : strdup("none");
    free(stats);
    return calls;
}

static void stay_steady(const char *classes)
{
    struct server *s = start(classes);
    log_in(s, "a", "1", "86400", "86400");
    log_in(s, "b", "2", "86400", "86400");
    run(s, "SADD", "user:2:sessions", "stale", NULL);
    write_session(s, "orphan", "3", "86400");
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    expect(w, (struct counts){3, 1, 1, 0});
    wait_polls(w, 8); /* what was unsure is looked at twice */
    char *sscan = calls_of(s, "sscan");
    char *scard = calls_of(s, "scard");
    size_t walks = w->facts[FACT_CENSUS];
    run(s, "EXPIRE", "session:a", "86400", NULL); /* requests renew sessions, not sets */
    run(s, "EXPIRE", "session:orphan", "86400", NULL);
    wait_polls(w, 24);
    assert_true(w->facts[FACT_CENSUS] > walks);
    char *sscan_after = calls_of(s, "sscan");
    char *scard_after = calls_of(s, "scard");
    assert_string_equal(sscan_after, sscan);
    assert_string_equal(scard_after, scard);
    free(sscan);
    free(scard);
    free(sscan_after);
    free(scard_after);
    watch_free(w);
    server_stop(s);
}

static void a_steady_state__reads_no_set(void **state)
{
    (void)state;
    stay_steady(NOTIFIED);
}

/* "All classes" has no misses among them: what changes is heard all the same. */
static void a_steady_state__reads_no_set__with_all_classes_but_misses(void **state)
{
    (void)state;
    stay_steady("KEA");
}

struct storm {
    redisContext *link;
    int64_t at_us;
    int next;
};

/* Uses some sessions every 50 ms: more than the budget lets be read. */
static bool is_listed_in_a_storm(struct watch *w, void *arg)
{
    struct storm *storm = w->user;
    int64_t now_us = clock_mono_us();
    if (now_us - storm->at_us > 50 * US_PER_MS) {
        storm->at_us = now_us;
        storm->next = (storm->next + 100) % 2000;
        void *reply = redisCommand(storm->link, "EVAL %s 0 %d",
                                   "for i = 1, 100 do redis.call('SETEX', 'session:used' .. "
                                   "(ARGV[1] + i), 86400, '{}') end return 1",
                                   storm->next);
        assert_non_null(reply);
        freeReplyObject(reply);
    }
    const struct session *found = model_session_find(w->model, span_of(arg));
    return found && found->listing == SESSION_LISTED;
}

static void users_sets__are_read__while_more_sessions_are_used_than_can_be_read(void **state)
{
    (void)state;
    struct server *s = start(NOTIFIED);
    struct storm storm = {.link = server_connect(s)};
    assert_non_null(storm.link);
    struct watch *w = watch_new(s, &(struct watch_options){.budget = 800, .user = &storm});
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    assert_false(watch_until(w, is_listed_in_a_storm, (char[]){"nobody"}, 2000));
    log_in(s, "a", "1", "86400", "86400");
    assert_true(watch_until(w, is_listed_in_a_storm, (char[]){"a"}, 4 * WAIT_MS));
    watch_free(w);
    redisFree(storm.link);
    server_stop(s);
}

/* While nobody listened everything may have changed. */
static void a_lost_feed__is_followed_by_a_whole_reading(void **state)
{
    (void)state;
    struct server *s = start(NOTIFIED);
    log_in(s, "a", "1", "86400", "86400");
    log_in(s, "b", "2", "86400", "86400");
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    expect(w, (struct counts){2, 0, 0, 0});
    redisContext *c = server_connect(s);
    assert_non_null(c);
    redisAppendCommand(c, "MULTI");
    redisAppendCommand(c, "CLIENT KILL TYPE pubsub");
    redisAppendCommand(c, "DEL user:1:sessions");
    redisAppendCommand(c, "SADD user:2:sessions gone");
    redisAppendCommand(c, "EXEC");
    for (int i = 0; i < 5; i++) {
        void *reply = NULL;
        assert_int_equal(redisGetReply(c, &reply), REDIS_OK);
        freeReplyObject(reply);
    }
    redisFree(c);
    expect(w, (struct counts){2, 1, 1, 0});
    watch_free(w);
    server_stop(s);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults__are_found__by_notifications),
        cmocka_unit_test(faults__are_found__with_notifications_off),
        cmocka_unit_test(coming_and_going__flashes_nothing__by_notifications),
        cmocka_unit_test(coming_and_going__flashes_nothing__with_notifications_off),
        cmocka_unit_test(large_sets__are_read__as_far_as_is_fair),
        cmocka_unit_test(a_set_too_large__is_asked__for_each_session),
        cmocka_unit_test(a_set_that_cannot_be_read__is_said__and_not_counted),
        cmocka_unit_test(reading_sets__does_not_move__the_hit_rate),
        cmocka_unit_test(a_steady_state__reads_no_set),
        cmocka_unit_test(a_steady_state__reads_no_set__with_all_classes_but_misses),
        cmocka_unit_test(users_sets__are_read__while_more_sessions_are_used_than_can_be_read),
        cmocka_unit_test(a_lost_feed__is_followed_by_a_whole_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
