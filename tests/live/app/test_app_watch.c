/* `snapshot --watch` and `--format nagios`: what monitoring reads, for minutes or once. */
#include "flow.h"
#include "support/unit.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"
#include "redai/base/isotime.h"

static int set_up(void **state)
{
    *state = stage_server(NULL);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

static const char *rules(const char *text)
{
    stage_write(stage_path("rules"), text);
    return stage_path("rules");
}

#define FLOW(f, ...) flow_start(f, (const char *const[]){__VA_ARGS__, NULL})

static const json_t *at(const json_t *root, const char *member, const char *name)
{
    const json_t *found = json_object_get(json_object_get(root, member), name);
    if (!found) {
        fail_msg("%s.%s is missing", member, name);
    }
    return found;
}

static const char *status_of(const json_t *root)
{
    return json_string_value(json_object_get(root, "status"));
}

static const char *state_of(const json_t *root, const char *rule)
{
    size_t i;
    const json_t *alert;
    json_array_foreach(json_object_get(root, "alerts"), i, alert)
    {
        if (strcmp(json_string_value(json_object_get(alert, "rule")), rule) == 0) {
            return json_string_value(json_object_get(alert, "state"));
        }
    }
    fail_msg("no alert %s", rule);
    return NULL;
}

static int64_t time_of(const json_t *root)
{
    int64_t wall_us = 0;
    const char *text = json_string_value(json_object_get(root, "at"));
    assert_true(isotime_parse(span_of(text), &wall_us));
    return wall_us;
}

/* --- watch --- */

static void watch__prints_so_many_lines__at_its_pace(void **state)
{
    struct server *s = *state;
    struct flow f;
    stage_fill(s);
    int64_t begun_us = clock_mono_us();
    FLOW(&f, "snapshot", server_url(s, 0), "--watch", "1", "--count", "3", "--config",
         rules("alert batch-failed off\n"));
    int64_t before_us = 0;
    for (int i = 0; i < 3; i++) {
        json_t *root = flow_object(&f);
        assert_string_equal(status_of(root), "healthy");
        assert_int_equal(json_integer_value(json_object_get(root, "schema")), 1);
        assert_int_equal(json_integer_value(json_object_get(root, "skipped")), 0);
        assert_int_equal(json_integer_value(at(root, "sessions", "total")), 4);
        assert_true(time_of(root) >= before_us); /* whole seconds */
        before_us = time_of(root);
        json_decref(root);
    }
    assert_int_equal(flow_end(&f), 0);
    assert_true(clock_mono_us() - begun_us >= 2 * US_PER_S);
}

/* One look waits for nobody; here a rule's duration is what it says. */
static void watch__lets_rules_hold__as_long_as_they_say(void **state)
{
    struct server *s = *state;
    struct flow f;
    FLOW(&f, "snapshot", server_url(s, 0), "--watch", "1", "--count", "6", "--config",
         rules("alert held when server.clients >= 1 for 3s severity warning\n"));
    int pending = 0;
    for (int i = 0; i < 6; i++) {
        json_t *root = flow_object(&f);
        const char *now = state_of(root, "held");
        if (strcmp(now, "pending") == 0) {
            pending++;
        } else {
            assert_string_equal(now, "firing");
        }
        json_decref(root);
    }
    assert_in_range(pending, 1, 4);
    assert_int_equal(flow_end(&f), 1);
}

static void watch__goes_on__while_redis_is_away(void **state)
{
    struct server *s = *state;
    struct flow f;
    stage_fill(s);
    FLOW(&f, "snapshot", server_url(s, 0), "--watch", "1");
    json_t *root = flow_object(&f);
    assert_string_equal(status_of(root), "healthy");
    assert_true(json_is_integer(at(root, "server", "used_memory_bytes")));
    assert_true(json_array_size(json_object_get(root, "queues")) > 0);
    json_decref(root);
    server_kill(s);
    for (;;) {
        root = flow_object(&f);
        if (strcmp(status_of(root), "unhealthy") == 0) {
            break;
        }
        json_decref(root);
    }
    /* what was is not what is */
    static const char *const members[] = {"version", "uptime_seconds", "used_memory_bytes", "latency_ms"};
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        assert_true(json_is_null(at(root, "server", members[i])));
    }
    assert_true(json_is_null(at(root, "sessions", "total")));
    assert_true(json_is_null(at(root, "cache", "keys")));
    assert_true(json_is_false(at(root, "cache", "complete")));
    assert_int_equal(json_array_size(json_object_get(root, "queues")), 0);
    assert_true(json_is_null(json_object_get(root, "tasks")));
    json_decref(root);
    assert_true(server_restart(s));
    do {
        root = flow_object(&f);
        bool healthy = strcmp(status_of(root), "healthy") == 0;
        json_decref(root);
        if (healthy) {
            break;
        }
    } while (true);
    kill(f.pid, SIGTERM);
    assert_int_not_equal(flow_end(&f), 128 + SIGTERM);
}

static void watch__ends_by_its_last_reading__on_a_signal(void **state)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    struct server *s = *state;
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        struct flow f;
        FLOW(&f, "snapshot", server_url(s, 0), "--watch", "1", "--config",
             rules("alert bad when server.clients >= 1 severity critical\n"));
        json_decref(flow_object(&f));
        kill(f.pid, signals[i]);
        assert_int_equal(flow_end(&f), 2);
    }
    struct flow f; /* before any reading */
    FLOW(&f, "snapshot", "unix:///nowhere", "--watch", "1");
    json_t *root = flow_object(&f);
    assert_string_equal(status_of(root), "unhealthy");
    json_decref(root);
    kill(f.pid, SIGTERM);
    assert_int_equal(flow_end(&f), 3);
}

static void watch__ends__when_nobody_reads_any_more(void **state)
{
    struct server *s = *state;
    struct flow f;
    FLOW(&f, "snapshot", server_url(s, 0), "--watch", "600");
    json_decref(flow_object(&f));
    int64_t begun_us = clock_mono_us();
    flow_deaf(&f);
    assert_int_equal(flow_end(&f), 0);
    assert_true(clock_mono_us() - begun_us < 10 * US_PER_S); /* not at the next reading */
}

static int64_t resident_kb(pid_t pid)
{
    char path[64], line[256];
    int64_t kb = -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kb = strtoll(line + 6, NULL, 10);
        }
    }
    if (file) {
        fclose(file);
    }
    return kb;
}

/* A reader that stands still costs readings, and they are counted. */
static void watch__skips_readings__that_nobody_takes(void **state)
{
    struct server *s = *state;
    struct flow f;
    char key[64];
    for (int i = 0; i < 300; i++) { /* a line of some size, so that few fill the pipe */
        snprintf(key, sizeof key, "x\x06\x16\x06\x16queue-with-a-long-name-%03d", i);
        free(server_cli(s, "SADD", "_kombu.binding.celery", key, NULL));
    }
    FLOW(&f, "snapshot", server_url(s, 0), "--watch", "1");
    json_decref(flow_object(&f));
    int64_t before_kb = resident_kb(f.pid), begun_us = clock_mono_us();
    poll(NULL, 0, 9000); /* what stands still is the reader: it is this test's matter to let time pass */
    assert_true(resident_kb(f.pid) < before_kb + 2000);
    int64_t skipped = 0;
    for (int i = 0; i < 12 && skipped == 0; i++) {
        json_t *root = flow_object(&f);
        skipped = json_integer_value(json_object_get(root, "skipped"));
        json_decref(root);
    }
    assert_in_range(skipped, 1, (clock_mono_us() - begun_us) / US_PER_S);
    kill(f.pid, SIGTERM);
    flow_end(&f);
}

static void watch__takes_text__when_asked(void **state)
{
    struct server *s = *state;
    struct flow f;
    FLOW(&f, "snapshot", server_url(s, 0), "--watch", "1", "--count", "2", "--format", "text");
    int blocks = 0;
    while (blocks < 2) {
        blocks += strncmp(flow_line(&f), "redis ", 6) == 0;
    }
    assert_int_equal(flow_end(&f), 0);
}

static void usage__names_the_word__that_is_wrong(void **state)
{
    struct server *s = *state;
    const char *url = server_url(s, 0);
    assert_usage(RUN("snapshot", url, "--watch", "0"), "--watch \"0\"", "expected a time from 1s to 600s");
    assert_usage(RUN("snapshot", url, "--watch", "999ms"), "--watch \"999ms\"", "from 1s to 600s");
    assert_usage(RUN("snapshot", url, "--watch", "-5"), "\"-5\"", "from 0s to 600s");
    assert_usage(RUN("snapshot", url, "--watch", "601"), "\"601\"", "from 0s to 600s");
    assert_usage(RUN("snapshot", url, "--watch", "often"), "\"often\"", "expected a time");
    assert_usage(RUN("snapshot", url, "--watch", "1", "--count", "0"), "\"0\"", "from 1 to");
    assert_usage(RUN("snapshot", url, "--watch", "1", "--count", "-3"), "\"-3\"", "from 1 to");
    assert_usage(RUN("snapshot", url, "--count", "3"), "--count \"3\"", "--watch TIME");
    assert_usage(RUN("queues", "--format", "nagios", "--url", url), "\"nagios\"", "expected text or json");
}

/* The configuration's watch is about revoked sessions: a cron job must end. */
static void snapshot__is_one_look__whatever_a_configuration_says_of_watching(void **state)
{
    struct server *s = *state;
    struct ran r = RUN("snapshot", server_url(s, 0), "--config", rules("set watch 30s\nset count 3\n"));
    assert_int_equal(r.code, 0);
    ran_free(&r);
}

/* --- nagios --- */

static void nagios__is_one_line__with_state_and_figures(void **state)
{
    static const struct {
        const char *config, *begins;
        int code;
    } table[] = {
        {"", "REDAI OK - all clear: ", 0},
        {"alert a when server.clients >= 1 message \"%v clients | more\"\n", "REDAI WARNING - 1 alert: ", 1},
        {"alert a when server.clients >= 1\nalert b when server.clients >= 2 severity critical\n",
         "REDAI CRITICAL - 2 alerts: ", 2},
    };
    struct server *s = *state;
    redisContext *other = server_connect(s); /* the program's own connections come one after the other */
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct ran r =
            RUN("snapshot", server_url(s, 0), "--format", "nagios", "--config", rules(table[i].config));
        assert_ran(&r, table[i].code, NULL);
        assert_true(is_one_line(r.out));
        if (strncmp(r.out, table[i].begins, strlen(table[i].begins)) != 0) {
            fail_msg("%s", r.out);
        }
        const char *bar = strchr(r.out, '|');
        assert_non_null(bar);
        assert_null(strchr(bar + 1, '|')); /* only one, whatever a message holds */
        assert_non_null(strstr(bar, " memory="));
        assert_non_null(strstr(bar, " hit_rate=U;")); /* nothing was looked up */
        ran_free(&r);
    }
    redisFree(other);
    struct ran r = RUN("snapshot", "unix:///nowhere", "--format", "nagios");
    assert_ran(&r, 3, NULL);
    assert_int_equal(strncmp(r.out, "REDAI UNKNOWN - Redis could not be read: ", 41), 0);
    assert_non_null(strstr(r.out, " memory=U;"));
    ran_free(&r);
}

int main(void)
{
    server_require();
    stage_isolate();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(watch__prints_so_many_lines__at_its_pace),
        TEST(watch__lets_rules_hold__as_long_as_they_say),
        TEST(watch__goes_on__while_redis_is_away),
        TEST(watch__ends_by_its_last_reading__on_a_signal),
        TEST(watch__ends__when_nobody_reads_any_more),
        TEST(watch__skips_readings__that_nobody_takes),
        TEST(watch__takes_text__when_asked),
        TEST(usage__names_the_word__that_is_wrong),
        TEST(snapshot__is_one_look__whatever_a_configuration_says_of_watching),
        TEST(nagios__is_one_line__with_state_and_figures),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
