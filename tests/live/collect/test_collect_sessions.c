/* Sessions and families as a real server holds them: found by the walk, followed by notifications, and by
 * polls alone. */
#include "support/unit.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"

#define VALUE(id, name)                                                                                      \
    "{\"user_id\": " id ", \"created_at\": \"2026-11-23T09:33:22.714134\", \"email\": \"" name               \
    "@example.com\", \"role\": \"student\", \"name\": \"" name "\"}"

static void run(struct server *s, const char *a, const char *b, const char *c, const char *d)
{
    free(server_cli(s, a, b, c, d, NULL));
}

static struct server *start(const char *classes)
{
    static const char *args[] = {"--notify-keyspace-events", NULL, NULL};
    args[1] = classes;
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    return s;
}

static bool session_is(struct watch *w, void *arg)
{
    const char *const *want = arg; /* id, name; name NULL: gone */
    const struct session *s = model_session_find(w->model, span_of(want[0]));
    return want[1] ? s && strcmp(s->name, want[1]) == 0 : !s;
}

static void expect_session(struct watch *w, const char *id, const char *name)
{
    const char *want[] = {id, name};
    if (!watch_until(w, session_is, want, WAIT_MS)) {
        fail_msg("session %s is not %s", id, name ? name : "gone");
    }
}

static void follow(const char *classes)
{
    struct server *s = start(classes);
    run(s, "SETEX", "session:AAAAAAAAAA", "86400", VALUE("1", "ada"));
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    const struct session *found = model_session_find(w->model, S("AAAAAAAAAA"));
    assert_non_null(found);
    assert_string_equal(found->email, "ada@example.com");
    assert_string_equal(found->user_key, "1");
    assert_string_equal(found->short_id, "AAAAAA~");
    assert_true(found->expires_us > clock_mono_us() + 86390 * US_PER_S);

    run(s, "SETEX", "session:BBBBBBBBBB", "100", VALUE("2", "bob"));
    expect_session(w, "BBBBBBBBBB", "bob");
    run(s, "SETEX", "session:BBBBBBBBBB", "100", VALUE("2", "rob"));
    expect_session(w, "BBBBBBBBBB", "rob");
    free(server_cli(s, "DEL", "session:AAAAAAAAAA", NULL));
    expect_session(w, "AAAAAAAAAA", NULL);
    watch_free(w);
    server_stop(s);
}

enum { MANY = 300, FEW = 50 };

static bool some_wait(struct watch *w, void *arg)
{
    (void)arg;
    return collect_unread_sessions(w->collect) > FEW && model_session_count(w->model) > FEW;
}

static bool none_waits(struct watch *w, void *arg)
{
    (void)arg;
    return collect_unread_sessions(w->collect) == 0 && model_session_count(w->model) == MANY;
}

/* Many at once are read at the pace of the budget: meanwhile the console knows how many it lacks. */
static void sessions__are_counted__while_they_wait_to_be_read(void **state)
{
    struct server *s = start("KEA");
    struct watch *w = watch_new(s, &(struct watch_options){.budget = 200});
    (void)state;
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    assert_int_equal(collect_unread_sessions(w->collect), 0);
    assert_int_equal(collect_unread_sessions(NULL), 0);
    free(server_cli(s, "EVAL",
                    "for i = 1, 300 do redis.call('SETEX', 'session:' .. i .. 'abcdef', 86400, ARGV[1]) end",
                    "0", VALUE("1", "ada"), NULL));
    assert_true(watch_until(w, some_wait, NULL, WAIT_MS));
    assert_true(watch_until(w, none_waits, NULL, WAIT_MS));
    watch_free(w);
    server_stop(s);
}

static void sessions__are_followed__by_notifications(void **state)
{
    (void)state;
    follow("Eg$xem");
}

static void sessions__are_followed__with_notifications_off(void **state)
{
    (void)state;
    follow("");
}

static bool ttl_is_new(struct watch *w, void *arg)
{
    (void)arg;
    const struct session *s = model_session_find(w->model, S("CCCCCCCCCC"));
    return s && s->expires_us > clock_mono_us() + 900 * US_PER_S;
}

static void a_refreshed_ttl__is_seen__without_touching_it(void **state)
{
    (void)state;
    struct server *s = start("Eg$xem");
    run(s, "SETEX", "session:CCCCCCCCCC", "100", VALUE("3", "cyd"));
    struct watch *w = watch_new(s, NULL);
    expect_session(w, "CCCCCCCCCC", "cyd");
    free(server_cli(s, "EXPIRE", "session:CCCCCCCCCC", "1000", NULL));
    assert_true(watch_until(w, ttl_is_new, NULL, WAIT_MS));
    char *ttl = server_cli(s, "TTL", "session:CCCCCCCCCC", NULL);
    assert_in_range(atol(ttl), 900, 1000);
    free(ttl);
    watch_free(w);
    server_stop(s);
}

static void malformed_sessions__are_shown__as_what_they_are(void **state)
{
    (void)state;
    struct server *s = start("Eg$xem");
    run(s, "SET", "session:notjson", "hello", NULL);
    run(s, "SET", "session:array", "[1]", NULL);
    run(s, "LPUSH", "session:list", "x", NULL);
    char *big = malloc(50 * 1024 * 1024 + 1);
    assert_non_null(big);
    memset(big, 'x', 50 * 1024 * 1024);
    big[50 * 1024 * 1024] = '\0';
    run(s, "SET", "session:huge", big, NULL);
    free(big);
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    assert_int_equal(model_session_find(w->model, S("notjson"))->form, SESSION_FORM_NOT_JSON);
    assert_int_equal(model_session_find(w->model, S("array"))->form, SESSION_FORM_NOT_OBJECT);
    assert_int_equal(model_session_find(w->model, S("list"))->form, SESSION_FORM_WRONG_TYPE);
    assert_int_equal(model_session_find(w->model, S("huge"))->form, SESSION_FORM_TRUNCATED);
    assert_int_equal(model_session_find(w->model, S("notjson"))->expires_us, -1); /* no TTL */
    watch_free(w);
    server_stop(s);
}

static const struct family *family(struct watch *w, const char *name)
{
    for (size_t i = 0; i < model_family_count(w->model); i++) {
        if (strcmp(model_family_at(w->model, i)->name, name) == 0) {
            return model_family_at(w->model, i);
        }
    }
    return NULL;
}

static bool sampled(struct watch *w, void *arg)
{
    const struct family *f = family(w, arg);
    return f && f->sampled > 0 && f->bytes_estimate > 0;
}

static void families__are_counted__with_their_keys_without_ttl(void **state)
{
    (void)state;
    struct server *s = start("Eg$xem");
    char key[64];
    for (int i = 0; i < 300; i++) {
        snprintf(key, sizeof key, "exam:%d", i);
        run(s, "SETEX", key, "3600", "{}");
        snprintf(key, sizeof key, "exam:questions:%d", i);
        run(s, "SET", key, "[]", NULL);
    }
    for (int i = 0; i < 10; i++) {
        snprintf(key, sizeof key, "task:test:%d", i);
        run(s, i < 3 ? "SET" : "SETEX", key, i < 3 ? "x" : "300", i < 3 ? NULL : "x");
    }
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    assert_true(watch_until(w, sampled, (char[]){"task:test"}, WAIT_MS));
    assert_int_equal(family(w, "exam")->keys, 300);
    assert_int_equal(family(w, "exam:questions")->keys, 300);
    assert_int_equal(family(w, "exam")->without_ttl, 0);
    assert_int_equal(family(w, "exam:questions")->without_ttl, 300); /* all of the sample have none */
    assert_int_equal(family(w, "task:test")->keys, 10);
    assert_int_equal(family(w, "task:test")->without_ttl, 3);
    assert_true(family(w, "task:test")->without_ttl_exact);
    watch_free(w);
    server_stop(s);
}

static bool event_counted(struct watch *w, void *arg)
{
    (void)arg;
    const struct family *f = family(w, "exam");
    return f && f->events[NOTIFY_SET] == 1 && f->events[NOTIFY_KEYMISS] == 1 && f->events[NOTIFY_DEL] == 1;
}

static void key_events__are_counted__by_family(void **state)
{
    (void)state;
    struct server *s = start("Eg$xem");
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    run(s, "GET", "exam:7", NULL, NULL);
    run(s, "SETEX", "exam:7", "3600", "{}");
    run(s, "DEL", "exam:7", NULL, NULL);
    assert_true(watch_until(w, event_counted, NULL, WAIT_MS));
    watch_free(w);
    server_stop(s);
}

static bool renamed_with_its_ttl(struct watch *w, void *arg)
{
    (void)arg;
    const struct session *s = model_session_find(w->model, S("FFFFFFFFFF"));
    return s && strcmp(s->name, "new") == 0 && s->expires_us < clock_mono_us() + 60 * US_PER_S;
}

/* What happens while the feed is down is known by reading everything again. */
static void a_lost_feed__is_followed_by_a_whole_reading(void **state)
{
    (void)state;
    struct server *s = start("Eg$xem");
    run(s, "SETEX", "session:FFFFFFFFFF", "86400", VALUE("6", "old"));
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    expect_session(w, "FFFFFFFFFF", "old");
    redisContext *c = server_connect(s);
    assert_non_null(c);
    redisAppendCommand(c, "MULTI");
    redisAppendCommand(c, "CLIENT KILL TYPE pubsub");
    redisAppendCommand(c, "SETEX session:FFFFFFFFFF 50 %s", VALUE("6", "new"));
    redisAppendCommand(c, "EXEC");
    for (int i = 0; i < 4; i++) {
        void *reply = NULL;
        assert_int_equal(redisGetReply(c, &reply), REDIS_OK);
        freeReplyObject(reply);
    }
    redisFree(c);
    assert_true(watch_until(w, renamed_with_its_ttl, NULL, WAIT_MS));
    watch_free(w);
    server_stop(s);
}

static bool sessions_failed(struct watch *w, void *arg)
{
    (void)arg;
    return model_topic(w->model, TOPIC_SESSIONS)->failed && collect_settled(w->collect);
}

static void sessions_that_may_not_be_read__are_never_said_to_be_none(void **state)
{
    (void)state;
    struct server *s = start("Eg$xem");
    run(s, "SETEX", "session:GGGGGGGGGG", "100", VALUE("7", "gil"));
    free(server_cli(s, "ACL", "SETUSER", "default", "-getrange", NULL));
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, sessions_failed, NULL, WAIT_MS));
    assert_non_null(strstr(model_topic(w->model, TOPIC_SESSIONS)->error, "NOPERM"));
    free(server_cli(s, "ACL", "SETUSER", "default", "+getrange", NULL));
    collect_refresh(w->collect);
    expect_session(w, "GGGGGGGGGG", "gil");
    watch_free(w);
    server_stop(s);
}

static bool notify_is(struct watch *w, void *arg)
{
    return model_connection(w->model)->notify == *(enum notify_state *)arg;
}

static void notifications__say_what_is_missing(void **state)
{
    (void)state;
    enum notify_state partial = NOTIFY_STATE_PARTIAL, off = NOTIFY_STATE_OFF, on = NOTIFY_STATE_ON;
    struct server *s = start("Ex");
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, notify_is, &partial, WAIT_MS));
    assert_string_equal(model_connection(w->model)->notify_missing, "g$em");
    run(s, "CONFIG", "SET", "notify-keyspace-events", "");
    collect_refresh(w->collect);
    assert_true(watch_until(w, notify_is, &off, WAIT_MS));
    run(s, "CONFIG", "SET", "notify-keyspace-events", "KEAm");
    collect_refresh(w->collect);
    assert_true(watch_until(w, notify_is, &on, WAIT_MS));
    watch_free(w);
    server_stop(s);
}

static bool config_refused(struct watch *w, void *arg)
{
    (void)arg;
    return model_connection(w->model)->notify_why[0] != '\0';
}

static void config_renamed_away__is_said__and_all_else_works(void **state)
{
    (void)state;
    static const char *args[] = {"--rename-command",         "CONFIG", "",
                                 "--notify-keyspace-events", "Eg$xem", NULL};
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, config_refused, NULL, WAIT_MS));
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    run(s, "SETEX", "session:DDDDDDDDDD", "100", VALUE("4", "dee"));
    expect_session(w, "DDDDDDDDDD", "dee");
    watch_free(w);
    server_stop(s);
}

static bool reachable(struct watch *w, void *arg)
{
    return model_redis_reachable(w->model) == *(bool *)arg;
}

static void a_restarted_server__is_read_anew(void **state)
{
    (void)state;
    bool yes = true, no = false;
    struct server *s = start("Eg$xem");
    run(s, "SETEX", "session:EEEEEEEEEE", "100", VALUE("5", "eve"));
    struct watch *w = watch_new(s, NULL);
    expect_session(w, "EEEEEEEEEE", "eve");
    server_kill(s);
    assert_true(watch_until(w, reachable, &no, WAIT_MS));
    assert_non_null(model_session_find(w->model, S("EEEEEEEEEE"))); /* what was known stays, greyed */
    assert_true(server_restart(s));
    assert_true(watch_until(w, reachable, &yes, WAIT_MS));
    expect_session(w, "EEEEEEEEEE", NULL); /* the new server holds nothing */
    watch_free(w);
    server_stop(s);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions__are_counted__while_they_wait_to_be_read),
        cmocka_unit_test(sessions__are_followed__by_notifications),
        cmocka_unit_test(sessions__are_followed__with_notifications_off),
        cmocka_unit_test(a_refreshed_ttl__is_seen__without_touching_it),
        cmocka_unit_test(malformed_sessions__are_shown__as_what_they_are),
        cmocka_unit_test(families__are_counted__with_their_keys_without_ttl),
        cmocka_unit_test(key_events__are_counted__by_family),
        cmocka_unit_test(a_lost_feed__is_followed_by_a_whole_reading),
        cmocka_unit_test(sessions_that_may_not_be_read__are_never_said_to_be_none),
        cmocka_unit_test(notifications__say_what_is_missing),
        cmocka_unit_test(config_renamed_away__is_said__and_all_else_works),
        cmocka_unit_test(a_restarted_server__is_read_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
