/* The workload: what is there at the start, and that it lives. */
#include "server/server.h"
#include "stage.h"
#include "support/unit.h"

#include <stdlib.h>
#include <string.h>

#include "redai/base/container.h"

#include "redai/schema/session_value.h"

#define CONF REDAI_SOURCE_DIR "/redis.conf"

static const struct demo_options quiet = {.conf_path = CONF, .seed = 7};
static const struct demo_options busy = {.conf_path = CONF, .seed = 7, .rate = 500};

static void demo__starts_with_sessions__that_decode_and_expire(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s, &quiet);
    redisReply *scan = redisCommand(s.app, "SCAN 0 MATCH session:* COUNT 100000");
    size_t count = scan->element[1]->elements;
    assert_in_range(count, 115, 120);
    for (size_t i = 0; i < count; i++) {
        const char *key = scan->element[1]->element[i]->str;
        struct session_value v;
        long long ttl = stage_ask(s.app, "TTL %s", key);
        char *json = stage_text(s.app, "GET %s", key);
        assert_int_equal(strlen(key), strlen("session:") + 43);
        assert_in_range(ttl, 1, 86400);
        session_value_decode(&v, span_of(json));
        assert_int_equal(v.form, SESSION_FORM_OK);
        assert_true(v.created_us > 0 && v.user_id && v.name && v.role);
        assert_true(span_ends(span_of(v.email), S("@example.com")));
        session_value_release(&v);
        free(json);
    }
    freeReplyObject(scan);
    stage_close(&s);
}

static void demo__starts_with_indexes_and_cache_families(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s, &quiet);
    assert_in_range(stage_count(s.app, "user:*:sessions"), 60, 80);
    assert_in_range(stage_ask(s.app, "TTL user:1:sessions"), 1, 86400);
    assert_int_equal(stage_count(s.app, "exam:questions:*"), 80);
    assert_int_equal(stage_count(s.app, "cache:api.services.stats.daily:*"), 60);
    assert_int_equal(stage_count(s.app, "exam:db:<sqlalchemy*"), 47);
    assert_int_equal(stage_ask(s.app, "TTL exam:settings:grading"), -1);
    assert_in_range(stage_ask(s.app, "TTL exam:questions:1"), 1, 600);
    assert_in_range(stage_ask(s.app, "TTL exam:1"), 1, 3600);
    /* Nothing moves by itself at rate 0, and nobody consumes. */
    assert_int_equal(stage_ask(s.app, "EXISTS celery questions unacked"), 0);
    assert_int_equal(demo_workload_tally(demo_workload(s.demo)).requests, 0);
    stage_close(&s);
}

static bool has_lived(void *user)
{
    struct stage *s = user;
    struct demo_workload_tally t = demo_workload_tally(demo_workload(s->demo));
    return t.requests >= 600 && t.hits > 50 && t.misses > 10 && t.logins > 3 && t.logouts > 3 &&
           t.invalidations > 3 && t.tasks > 5;
}

static void users__come_and_go__through_the_cache(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s, &busy);
    assert_true(stage_until(&s, has_lived, &s));
    struct demo_workload_tally t = demo_workload_tally(demo_workload(s.demo));
    assert_true(t.hits > t.misses);
    assert_in_range(t.sessions, 60, 140);
    assert_true(stage_ask(s.app, "LLEN celery") + stage_ask(s.app, "LLEN questions") >= 5);
    assert_in_range(stage_count(s.app, "session:*"), 80, 180);
    stage_close(&s);
}

static bool is_quiet_again(void *user)
{
    struct stage *s = user;
    /* Whoever was thrown out has noticed, and comes back. */
    return demo_workload_tally(demo_workload(s->demo)).sessions > 20 && stage_count(s->app, "session:*") > 20;
}

static void users__log_in_again__after_all_sessions_were_taken(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s, &busy);
    stage_ask(s.app, "EVAL %s 0",
              "for _, k in ipairs(redis.call('keys', 'session:*')) do redis.call('del', k) end");
    assert_true(stage_until(&s, is_quiet_again, &s));
    stage_close(&s);
}

struct pace {
    struct stage *stage;
    long long enough;
};

static bool has_requests(void *user)
{
    struct pace *p = user;
    return demo_workload_tally(demo_workload(p->stage->demo)).requests >= p->enough;
}

static void rate__can_be_changed__while_it_runs(void **state)
{
    (void)state;
    struct stage s;
    stage_open(&s, &quiet);
    demo_workload_set_rate(demo_workload(s.demo), 1000);
    assert_true(stage_until(&s, has_requests, &(struct pace){&s, 200}));
    demo_workload_set_rate(demo_workload(s.demo), 0);
    long long before = demo_workload_tally(demo_workload(s.demo)).requests;
    assert_int_equal(stage_ask(s.app, "PING"), 4);
    assert_int_equal(demo_workload_tally(demo_workload(s.demo)).requests, before);
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo__starts_with_sessions__that_decode_and_expire),
        cmocka_unit_test(demo__starts_with_indexes_and_cache_families),
        cmocka_unit_test(users__come_and_go__through_the_cache),
        cmocka_unit_test(users__log_in_again__after_all_sessions_were_taken),
        cmocka_unit_test(rate__can_be_changed__while_it_runs),
    };
    server_require();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
