/* `redai-console snapshot`: what scripts read. Every field of the contract is there with its type, unknown is
 * null, and the exit code tells how bad it is. */
#include "stage.h"
#include "support/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", NULL};

static int set_up(void **state)
{
    *state = stage_server(quiet);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

/* --- the shape --- */

enum { T = 1, I = 2, R = 4, B = 8, A = 16, O = 32, N = 64 }; /* text integer real bool array object null */

struct field {
    const char *path; /* "server.version"; "queues[].name" is a member of every element */
    int types;
};

static const struct field contract[] = {
    {"schema", I},
    {"at", T},
    {"status", T},
    {"server.address", T},
    {"server.version", T | N},
    {"server.role", T | N},
    {"server.master_link", T | N},
    {"server.master_last_io_seconds", I | N},
    {"server.uptime_seconds", I | N},
    {"server.connected_clients", I | N},
    {"server.max_clients", I | N},
    {"server.used_memory_bytes", I | N},
    {"server.used_memory_human", T | N},
    {"server.max_memory_bytes", I | N},
    {"server.eviction_policy", T | N},
    {"server.ops_per_second", R | I | N},
    {"server.hit_rate_lifetime", R | I | N},
    {"server.hit_rate_window", R | I | N},
    {"server.evicted_keys", I | N},
    {"server.expired_keys", I | N},
    {"server.latency_ms", R | I | N},
    {"server.notifications", T},
    {"sessions.total", I | N},
    {"sessions.users", I | N},
    {"sessions.orphans", I | N},
    {"sessions.stale_members", I | N},
    {"sessions.complete", B},
    {"cache.keys", I | N},
    {"cache.families", A},
    {"cache.families[].name", T},
    {"cache.families[].keys", I | N},
    {"cache.families[].without_ttl", I | N},
    {"cache.families[].bytes_estimate", I | N},
    {"cache.families[].bytes_margin", I | N},
    {"cache.families[].object_reprs", I},
    {"cache.complete", B},
    {"queues", A},
    {"queues[].name", T},
    {"queues[].depth", I | N},
    {"queues[].by_priority", O},
    {"queues[].unacked", I | N},
    {"workers", A},
    {"workers[].name", T},
    {"workers[].last_heartbeat_seconds", R | I | N},
    {"batches", A},
    {"batches[].task_id", T},
    {"batches[].current", I | N},
    {"batches[].total", I | N},
    {"batches[].percentage", R | I | N},
    {"batches[].status", T | N},
    {"batches[].error", T | N},
    {"alerts", A},
    {"alerts[].rule", T},
    {"alerts[].severity", T},
    {"alerts[].state", T},
    {"alerts[].value", R | I | N},
    {"alerts[].threshold", R | I | N},
    {"alerts[].message", T},
};

static int type_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return T;
    case JSON_INTEGER:
        return I;
    case JSON_REAL:
        return R;
    case JSON_TRUE:
    case JSON_FALSE:
        return B;
    case JSON_ARRAY:
        return A;
    case JSON_OBJECT:
        return O;
    default:
        return N;
    }
}

static void check_field(const json_t *at, const char *path, const struct field *field)
{
    size_t len = strcspn(path, ".[");
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)len, path);
    const json_t *value = json_object_get(at, name);
    if (!value) {
        fail_msg("%s is missing", field->path);
    } else if (path[len] == '.') {
        check_field(value, path + len + 1, field);
    } else if (path[len] == '[') {
        size_t i;
        const json_t *element;
        json_array_foreach(value, i, element)
        {
            check_field(element, path + len + 3, field);
        }
    } else if (!(type_of(value) & field->types)) {
        fail_msg("%s has a wrong type", field->path);
    }
}

static json_t *read_object(const struct ran *r)
{
    json_error_t error;
    json_t *root = json_loads(r->out, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        fail_msg("not JSON: %s\n%s", error.text, r->out);
    }
    assert_true(is_one_line(r->out));
    for (size_t i = 0; i < COUNT_OF(contract); i++) {
        check_field(root, contract[i].path, &contract[i]);
    }
    return root;
}

/* The value at "server.version"; JSON null gives the text "null". Freed by the caller. */
static char *text_at(const json_t *root, const char *path)
{
    char name[64];
    const json_t *at = root;
    while (*path && at) {
        size_t len = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)len, path);
        at = json_is_array(at) ? json_array_get(at, (size_t)strtoul(name, NULL, 10))
                               : json_object_get(at, name);
        path += len + (path[len] == '.');
    }
    return at ? json_dumps(at, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS) : NULL;
}

static void expect(const json_t *root, const char *path, const char *value)
{
    char *found = text_at(root, path);
    if (!found || strcmp(found, value) != 0) {
        fail_msg("%s is %s, not %s", path, found ? found : "missing", value);
    }
    free(found);
}

/* The element of an array whose member has this text; it stays the root's. */
static json_t *element(const json_t *array, const char *member, const char *text)
{
    size_t i;
    json_t *value;
    json_array_foreach(array, i, value)
    {
        const char *found = json_string_value(json_object_get(value, member));
        if (found && strcmp(found, text) == 0) {
            return value;
        }
    }
    fail_msg("no element with %s \"%s\"", member, text);
    return NULL;
}

/* --- json --- */

static void json__tells_what_is_in_redis__when_it_is_full_of_life(void **state)
{
    struct server *s = *state;
    stage_fill(s);
    struct ran r = RUN("snapshot", server_url(s, 0), "--format", "json");
    assert_ran(&r, 1, NULL); /* a batch has failed: a warning */
    json_t *root = read_object(&r);
    expect(root, "schema", "1");
    expect(root, "status", "\"healthy\"");
    expect(root, "server.notifications", "\"on\"");
    expect(root, "server.role", "\"master\"");
    expect(root, "server.max_memory_bytes", "0");
    expect(root, "server.eviction_policy", "\"noeviction\"");
    expect(root, "sessions.total", "4");
    expect(root, "sessions.users", "3");
    expect(root, "sessions.complete", "true");
    expect(root, "cache.keys", "53");
    expect(root, "cache.complete", "true");
    const json_t *families = json_object_get(json_object_get(root, "cache"), "families");
    expect(element(families, "name", "exam"), "keys", "30");
    expect(element(families, "name", "exam"), "without_ttl", "0");
    expect(element(families, "name", "leaderboard"), "without_ttl", "12");
    const json_t *queue = element(json_object_get(root, "queues"), "name", "celery");
    expect(queue, "depth", "2");
    expect(queue, "by_priority", "{\"0\":2,\"3\":0,\"6\":0,\"9\":0}");
    expect(queue, "unacked", "0");
    const json_t *batches = json_object_get(root, "batches");
    expect(element(batches, "task_id", BATCH_RUNS), "current", "5");
    expect(element(batches, "task_id", BATCH_RUNS), "total", "20");
    expect(element(batches, "task_id", BATCH_RUNS), "percentage", "25.0");
    expect(element(batches, "task_id", BATCH_RUNS), "status", "\"in_progress\"");
    expect(element(batches, "task_id", BATCH_RUNS), "error", "null");
    expect(element(batches, "task_id", BATCH_FAIL), "error", "\"model is gone\"");
    expect(element(batches, "task_id", BATCH_FAIL), "current", "null");
    const json_t *alert = element(json_object_get(root, "alerts"), "rule", "batch-failed");
    expect(alert, "severity", "\"warning\"");
    expect(alert, "state", "\"firing\"");
    expect(alert, "threshold", "1.0");
    expect(alert, "object", "\"" BATCH_FAIL "\"");
    expect(element(json_object_get(root, "alerts"), "rule", "memory"), "object", "null");
    json_decref(root);
    ran_free(&r);
}

/* Entries of sessions that are no more are known once all of them were asked for, and not before. */
static void json__counts_stale_entries__of_all_users(void **state)
{
    struct server *s = *state;
    stage_session(s, "aaaaaaaaaaaaaaaaaaaa", 1, "Ada", "admin", true);
    for (int i = 0; i < 200; i++) {
        char key[40], id[40];
        snprintf(key, sizeof key, "user:%d:sessions", i);
        snprintf(id, sizeof id, "gone%d", i);
        free(server_cli(s, "SADD", key, id, NULL));
    }
    struct ran r = RUN("snapshot", server_url(s, 0), "--format", "json");
    json_t *root = read_object(&r);
    expect(root, "sessions.total", "1");
    expect(root, "sessions.stale_members", "200");
    json_decref(root);
    ran_free(&r);
}

static void json__says_null__when_a_value_is_unknown(void **state)
{
    struct server *s = *state;
    struct ran r = RUN("snapshot", server_url(s, 0), "--format", "json");
    assert_ran(&r, 0, NULL);
    json_t *root = read_object(&r);
    expect(root, "server.hit_rate_lifetime", "null"); /* nothing was looked up yet */
    expect(root, "server.hit_rate_window", "null");
    expect(root, "sessions.total", "0"); /* but an empty Redis is known to be empty */
    expect(root, "cache.keys", "0");
    expect(root, "queues", "[]");
    expect(root, "workers", "[]");
    expect(root, "batches", "[]");
    json_decref(root);
    ran_free(&r);
}

static void json__is_whole_with_nulls__when_redis_cannot_be_reached(void **state)
{
    (void)state;
    struct ran r = RUN("snapshot", "unix:///nowhere/socket", "--format", "json");
    assert_ran(&r, 3, NULL);
    json_t *root = read_object(&r);
    expect(root, "status", "\"unhealthy\"");
    expect(root, "server.version", "null");
    expect(root, "server.used_memory_bytes", "null");
    expect(root, "server.latency_ms", "null");
    expect(root, "server.notifications", "\"unknown\"");
    expect(root, "sessions.total", "null");
    expect(root, "sessions.complete", "false");
    expect(root, "cache.keys", "null");
    expect(root, "cache.complete", "false");
    expect(element(json_object_get(root, "alerts"), "rule", "redis-unreachable"), "state", "\"firing\"");
    json_decref(root);
    ran_free(&r);
}

static void json__reads_the_database_that_the_url_names(void **state)
{
    struct server *s = *state;
    stage_do(s, 3, "SETEX session:DB3DB3DB3 600 {\"user_id\":1}");
    stage_do(s, 3, "SADD user:1:sessions DB3DB3DB3");
    stage_do(s, 3, "EXPIRE user:1:sessions 600"); /* as the platform does; without it a rule fires */
    struct ran r = RUN("snapshot", "--format=json", server_url(s, 3));
    assert_ran(&r, 0, NULL);
    json_t *root = read_object(&r);
    expect(root, "sessions.total", "1");
    json_decref(root);
    ran_free(&r);
}

static void json__says_partial__when_classes_are_missing(void **state)
{
    struct server *s = *state;
    stage_do(s, 0, "CONFIG SET notify-keyspace-events Ex");
    struct ran r = RUN("snapshot", server_url(s, 0), "--format", "json");
    json_t *root = read_object(&r);
    expect(root, "server.notifications", "\"partial\"");
    json_decref(root);
    ran_free(&r);
    stage_do(s, 0, "CONFIG SET notify-keyspace-events g");
    r = RUN("snapshot", server_url(s, 0), "--format", "json");
    root = read_object(&r);
    expect(root, "server.notifications", "\"off\"");
    json_decref(root);
    ran_free(&r);
}

/* --- exit codes --- */

static void exit_code__is_that_of_the_worst_rule_that_fires(void **state)
{
    static const struct {
        const char *config;
        int code;
    } table[] = {
        {"alert one when server.clients >= 1 for 1h severity info\n", 0},
        {"alert one when server.clients >= 1 for 1h severity warning\n",
         1}, /* a single look waits for nobody */
        {"alert one when server.clients >= 1 severity warning\nalert two when server.clients >= 1 severity "
         "critical\n",
         2},
        {"alert one when server.clients >= 100000 severity critical\n", 0},
    };
    struct server *s = *state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        stage_write(stage_path("alerts"), table[i].config);
        struct ran r = RUN("snapshot", server_url(s, 0), "--config", stage_path("alerts"));
        assert_ran(&r, table[i].code, NULL);
        ran_free(&r);
    }
}

static void exit_code__is_3_and_says_why__when_redis_lets_nobody_in(void **state)
{
    (void)state;
    static const char *const locked[] = {"--requirepass", "geheim", NULL};
    struct server *s = server_start(&(struct server_options){.args = locked, .password = "geheim"});
    assert_non_null(s);
    struct ran r = RUN("snapshot", server_url(s, 0));
    assert_ran(&r, 3, NULL);
    assert_non_null(strstr(r.out, "redis could not be read: "));
    assert_non_null(strstr(r.out, "NOAUTH"));
    ran_free(&r);
    server_stop(s);
}

/* --- text --- */

static void text__has_every_pane__when_redis_is_full_of_life(void **state)
{
    static const char *const wanted[] = {
        "redis 7.",       "master",  "notifications on",  "sessions  4 of 3 users",
        "student",        "teacher", "cache     53 keys", "leaderboard",
        "queues",         "celery",  "2 waiting",         "batches   2",
        "5/20",           "failed",  "model is gone",     "alerts",
        "batch b81e44d0-"};
    struct server *s = *state;
    stage_fill(s);
    struct ran r = RUN("snapshot", server_url(s, 0));
    assert_ran(&r, 1, NULL);
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        if (!strstr(r.out, wanted[i])) {
            fail_msg("\"%s\" is missing in\n%s", wanted[i], r.out);
        }
    }
    assert_string_equal(r.err, "");
    ran_free(&r);
}

static void snapshot__shows_no_session_id_and_changes_nothing(void **state)
{
    struct server *s = *state;
    stage_fill(s);
    stage_do(s, 0, "CONFIG RESETSTAT");
    struct ran r = RUN("snapshot", server_url(s, 0));
    assert_null(strstr(r.out, SID_ANNA));
    ran_free(&r);
    assert_int_equal(stage_number(s, 0, "DBSIZE"), 53);
    char *stats = stage_ask(s, 0, "INFO commandstats");
    static const char *const writing[] = {
        "cmdstat_set:",       "cmdstat_del:", "cmdstat_unlink:", "cmdstat_expire:",    "cmdstat_lpush",
        "cmdstat_config|set", "cmdstat_keys", "cmdstat_flush",   "cmdstat_client|kill"};
    for (size_t i = 0; i < COUNT_OF(writing); i++) {
        if (strstr(stats, writing[i])) {
            fail_msg("%s was sent", writing[i]);
        }
    }
    free(stats);
}

/* --- how long it waits --- */

static void within__says_how_long_the_walk_is_waited_for(void **state)
{
    struct server *s = *state;
    const char *url = server_url(s, 0);
    free(server_cli(s, "EVAL", "for i = 1, 60000 do redis.call('SET', 'exam:' .. i, 'x') end", "0", NULL));
    struct ran r = RUN("snapshot", url, "--budget", "8", "--within", "1s");
    assert_non_null(strstr(r.out, "keys (the walk was not complete: a longer --within"));
    ran_free(&r);
    r = RUN("snapshot", url, "--budget", "1000000", "--within", "60s");
    assert_non_null(strstr(r.out, "cache     60"));
    assert_null(strstr(r.out, "not complete"));
    ran_free(&r);
    assert_usage(RUN("snapshot", url, "--within", "0"), "within", "from 1s");
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(json__tells_what_is_in_redis__when_it_is_full_of_life),
        LIVE(json__counts_stale_entries__of_all_users),
        LIVE(json__says_null__when_a_value_is_unknown),
        cmocka_unit_test(json__is_whole_with_nulls__when_redis_cannot_be_reached),
        LIVE(json__reads_the_database_that_the_url_names),
        LIVE(json__says_partial__when_classes_are_missing),
        LIVE(exit_code__is_that_of_the_worst_rule_that_fires),
        cmocka_unit_test(exit_code__is_3_and_says_why__when_redis_lets_nobody_in),
        LIVE(text__has_every_pane__when_redis_is_full_of_life),
        LIVE(snapshot__shows_no_session_id_and_changes_nothing),
        LIVE(within__says_how_long_the_walk_is_waited_for),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
