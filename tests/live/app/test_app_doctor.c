/* `redai-console doctor` against servers that are set up wrongly: it names exactly what is wrong on each, and
 * nothing that is right. What is named is a list of "check" and "check:object". */
#include "stage.h"
#include "support/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "redai/base/mem.h"

/* What is right with all of them but where a test says otherwise. */
#define RIGHT                                                                                                \
    "--notify-keyspace-events", "Eg$xem", "--maxmemory", "2gb", "--maxmemory-policy", "volatile-ttl",        \
        "--latency-monitor-threshold", "100", "--appendonly", "yes"

static const char *const right[] = {RIGHT, NULL};

/* --- what was found --- */

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The bad findings, sorted, joined by blanks; free() it. A version with known trouble is the machine's
 * matter.
 */
static char *bad_of(const char *json)
{
    enum { MOST = 100 };
    char *name[MOST];
    size_t count = 0;
    json_error_t error;
    json_t *root = json_loads(json, 0, &error);
    assert_non_null(root);
    assert_int_equal(json_integer_value(json_object_get(root, "schema")), 1);
    assert_true(json_is_string(json_object_get(root, "at")));
    json_t *findings = json_object_get(root, "findings"), *f;
    size_t i;
    json_array_foreach(findings, i, f)
    {
        const char *check = json_string_value(json_object_get(f, "check"));
        const char *object = json_string_value(json_object_get(f, "object"));
        const char *verdict = json_string_value(json_object_get(f, "verdict"));
        assert_true(check && verdict && json_is_string(json_object_get(f, "text")));
        if (strcmp(verdict, "bad") == 0) {
            assert_true(json_is_string(json_object_get(f, "why")) &&
                        json_is_string(json_object_get(f, "fix")));
            assert_true(json_is_string(json_object_get(f, "severity")));
        }
        if (strcmp(verdict, "bad") == 0 && strcmp(check, "version") != 0 && count < MOST) {
            size_t size = strlen(check) + (object ? strlen(object) : 0) + 2;
            name[count] = malloc(size);
            snprintf(name[count], size, "%s%s%s", check, object ? ":" : "", object ? object : "");
            count++;
        }
    }
    qsort(name, count, sizeof name[0], compare);
    UT_string all;
    utstring_init(&all);
    for (i = 0; i < count; i++) {
        utstring_printf(&all, "%s%s", i ? " " : "", name[i]);
        free(name[i]);
    }
    json_decref(root);
    char *text = strdup(utstring_body(&all));
    utstring_done(&all);
    return text;
}

static void expect_url(const char *url, int code, const char *bad)
{
    struct ran r = stage_run((const char *const[]){"doctor", url, "--format", "json", NULL}, NULL, NULL);
    char *found = bad_of(r.out);
    if (strcmp(found, bad) != 0 || r.code != code) {
        fail_msg("expected %d \"%s\"\n     got %d \"%s\"\n%s\n%s", code, bad, r.code, found, r.out, r.err);
    }
    free(found);
    ran_free(&r);
}

static void expect(struct server *s, int code, const char *bad)
{
    expect_url(server_url(s, 0), code, bad);
}

/* As another user. */
static void expect_as(struct server *s, const char *user, const char *password, int code, const char *bad)
{
    char url[300];
    snprintf(url, sizeof url, "unix://%s:%s@%s?db=0", user, password, server_socket(s));
    expect_url(url, code, bad);
}

#define WRONG(...) stage_server((const char *const[]){RIGHT, __VA_ARGS__, NULL})

/* --- settings --- */

static void nothing_is_wrong__on_a_server_as_it_should_be(void **state)
{
    (void)state;
    struct server *s = stage_server(right);
    expect(s, 0, "");
    server_stop(s);
}

static void the_repositorys_own_file__has_what_is_expected_alone(void **state)
{
    (void)state;
    struct server *s = server_start(&(struct server_options){.config = REDAI_SOURCE_DIR "/redis.conf"});
    assert_non_null(s);
    expect(s, 0, "latency-monitor memory-alert");
    server_stop(s);
}

static void wrong_settings__are_named_one_and_all(void **state)
{
    (void)state;
    struct server *s = WRONG("--timeout", "5");
    expect(s, 1, "idle-timeout");
    server_stop(s);
    s = WRONG("--notify-keyspace-events", "Ex");
    expect(s, 1, "notifications");
    server_stop(s);
    s = WRONG("--slowlog-log-slower-than", "-1", "--tcp-keepalive", "0", "--client-output-buffer-limit",
              "pubsub 1mb 512kb 60");
    expect(s, 1, "pubsub-buffer slowlog tcp-keepalive");
    server_stop(s);
    s = WRONG("--maxmemory", "0", "--latency-monitor-threshold", "0");
    expect(s, 1, "latency-monitor maxmemory");
    server_stop(s);
    s = WRONG("--maxclients", "60");
    expect(s, 1, "maxclients");
    server_stop(s);
}

static void memory_that_is_too_small__is_named(void **state)
{
    (void)state;
    struct server *s = WRONG("--maxmemory", "1mb");
    expect(s, 2, "memory-alert memory-full");
    server_stop(s);
}

static void a_server_without_persistence__is_named(void **state)
{
    (void)state;
    struct server *s = WRONG("--appendonly", "no", "--save", "");
    expect(s, 1, "persistence");
    server_stop(s);
}

static void a_save_that_fails__is_named(void **state)
{
    (void)state;
    struct server *s = WRONG("--appendonly", "no", "--save", "900 1", "--enable-protected-configs", "yes");
    char line[400], folder[300];
    snprintf(folder, sizeof folder, "%s/gone", server_folder(s));
    assert_int_equal(mkdir(folder, 0700), 0);
    snprintf(line, sizeof line, "CONFIG SET dir %s", folder);
    stage_do(s, 0, line);
    assert_int_equal(rmdir(folder), 0);
    stage_do(s, 0, "BGSAVE");
    bool failed = false;
    for (int i = 0; i < 1000 && !failed; i++) {
        char *info = stage_ask(s, 0, "INFO persistence");
        failed = strstr(info, "rdb_last_bgsave_status:err") != NULL;
        free(info);
        usleep(failed ? 0 : 10000);
    }
    assert_true(failed);
    expect(s, 2, "save-failed");
    stage_do(s, 0, "CONFIG SET dir /tmp");
    server_stop(s);
}

/* --- who comes in --- */

static void a_server_open_to_everybody__is_critical(void **state)
{
    (void)state;
    struct server *s = server_start(&(struct server_options){
        /* The second address is not this machine's: it is configured, and nobody can come in by it. */
        .args = (const char *const[]){RIGHT, "--bind", "127.0.0.1", "-10.255.255.254", "--protected-mode",
                                      "no", NULL},
        .with_tcp = true});
    assert_non_null(s);
    expect(s, 2, "password protected-mode");
    server_stop(s);
}

static void a_literal_password__is_found_and_said(void **state)
{
    (void)state;
    static const char *const literals[] = {"${REDIS_PASSWORD}", "${REDIS_PASSWORD:-}"};
    for (int i = 0; i < 2; i++) {
        struct server *s = server_start(
            &(struct server_options){.args = (const char *const[]){RIGHT, "--requirepass", literals[i], NULL},
                                     .password = literals[i]});
        assert_non_null(s);
        expect(s, 2, "health-check password-literal");
        struct ran r = RUN("doctor", server_url(s, 0));
        assert_ran(&r, 2, "was tried as the password, once, and was taken");
        assert_non_null(strstr(r.out, literals[i]));
        ran_free(&r);
        server_stop(s);
    }
}

static void another_password__is_not_guessed(void **state)
{
    (void)state;
    struct server *s = server_start(&(struct server_options){
        .args = (const char *const[]){RIGHT, "--requirepass", "secret-of-this-test", NULL},
        .password = "secret-of-this-test"});
    assert_non_null(s);
    struct ran r = RUN("doctor", server_url(s, 0), "--format", "json");
    assert_ran(&r, 3, "once each, and refused");
    assert_non_null(strstr(r.out, "\"status\":\"unread\""));
    assert_null(strstr(r.out, "secret-of-this-test"));
    ran_free(&r);
    char url[300];
    snprintf(url, sizeof url, "unix://:secret-of-this-test@%s?db=0", server_socket(s));
    expect_url(url, 0, "health-check");
    r = RUN("doctor", url, "--format", "json");
    assert_null(strstr(r.out, "secret-of-this-test"));
    ran_free(&r);
    server_stop(s);
}

/* --- renamed commands, users --- */

static void renamed_commands__are_named_with_what_they_are_for(void **state)
{
    (void)state;
    struct server *s = WRONG("--rename-command", "MONITOR", "");
    expect(s, 0, "commands:MONITOR pane-access:trace");
    server_stop(s);
    s = WRONG("--rename-command", "CLIENT", "");
    expect(s, 1, "action-access:kill client commands:CLIENT pane-access:connection pane-access:server");
    server_stop(s);
    s = WRONG("--rename-command", "CONFIG", "");
    expect(s, 1, "action-access:notifications commands:CONFIG pane-access:server");
    server_stop(s);
    s = WRONG("--rename-command", "BRPOP", "", "--rename-command", "EVALSHA", "");
    expect(s, 2, "commands:BRPOP commands:EVALSHA");
    server_stop(s);
}

#define WATCHER "ACL SETUSER watch on >p ~* &* +@all -hscan -monitor -acl"
static void what_a_user_may_not_do__is_named(void **state)
{
    (void)state;
    struct server *s = stage_server(right);
    stage_do(s, 0, "ACL SETUSER lame on >p ~* &* +@all -hscan -monitor");
    expect_as(s, "lame", "p", 1, "pane-access:tasks pane-access:trace");
    server_stop(s);
}

/* Without a right to ACL the same is asked within MULTI and DISCARD, and nothing of it is run. */
static void the_same__without_a_right_to_acl(void **state)
{
    (void)state;
    struct server *s = stage_server(right);
    stage_do(s, 0, WATCHER);
    stage_message(s, "celery", TASK_ONE);
    stage_do(s, 0, "LTRIM celery 1 0");
    stage_do(s, 0, "RPUSH unrelated 1");
    stage_do(s, 0, "CONFIG RESETSTAT");
    char url[300];
    snprintf(url, sizeof url, "unix://watch:p@%s?db=0", server_socket(s));
    struct ran r = RUN("doctor", url, "--format", "json", "--read-only");
    char *found = bad_of(r.out);
    assert_string_equal(found, "pane-access:tasks pane-access:trace");
    free(found);
    ran_free(&r);
    stage_untouched(s);
    char *stats = stage_ask(s, 0, "INFO commandstats");
    assert_non_null(strstr(stats, "cmdstat_discard:calls=1"));
    assert_null(strstr(stats, "cmdstat_restore:calls=1"));
    free(stats);
    server_stop(s);
}

static void with_acl__nothing_is_written_either(void **state)
{
    (void)state;
    struct server *s = stage_server(right);
    stage_fill(s);
    stage_do(s, 0, "CONFIG RESETSTAT");
    struct ran r = RUN("doctor", server_url(s, 0), "--read-only");
    ran_free(&r);
    stage_untouched(s);
    char *log = stage_ask(s, 0, "ACL LOG");
    assert_string_equal(log, "");
    free(log);
    server_stop(s);
}

/* --- what is stored --- */

static void evictable_queues__are_critical(void **state)
{
    (void)state;
    struct server *s = WRONG("--maxmemory-policy", "allkeys-lru");
    expect(s, 0, "");
    stage_session(s, SID_ANNA, 7, "Anna", "teacher", true);
    expect(s, 2, "eviction-policy");
    server_stop(s);
}

static void tasks_without_a_worker__are_critical(void **state)
{
    (void)state;
    struct server *s = stage_server(right);
    stage_message(s, "celery", TASK_ONE);
    expect(s, 2, "task-route:api.tasks.test_redis_task workers");
    server_stop(s);
}

static void left_over_mailboxes__are_named(void **state)
{
    (void)state;
    struct server *s = stage_server(right);
    for (int i = 0; i < 120; i++) {
        char line[100];
        snprintf(line, sizeof line, "RPUSH %04d-4000-8000.reply.celery.pidbox {}", i);
        stage_do(s, 0, line);
    }
    expect(s, 1, "stale-mailboxes");
    server_stop(s);
}

static void sessions_and_sets_that_disagree__are_named(void **state)
{
    (void)state;
    struct server *s = stage_server(right);
    stage_session(s, SID_ANNA, 7, "Anna", "teacher", true);
    expect(s, 0, "");
    stage_session(s, SID_ANNA_2, 7, "Anna", "teacher", false);
    stage_do(s, 0, "SADD user:7:sessions GONE1111-of-nobody");
    expect(s, 1, "orphan-sessions stale-entries");
    server_stop(s);
}

static void the_platforms_keys__are_named_by_family(void **state)
{
    (void)state;
    struct server *s = stage_server(right);
    stage_do(s, 0, "SETEX exam:1 3600 {}");
    stage_do(s, 0, "SETEX exam:2 3600 {}");
    expect(s, 0, "");
    stage_do(s, 0, "SETEX exam:10 3600 {}");
    expect(s, 0, "invalidation-overlap:exam:10");
    stage_do(s, 0, "DEL exam:10");
    free(server_cli(s, "SETEX", "exam:db:<sqlalchemy.orm.session.Session object at 0x7f4bd975f9d0>:exam_id:1",
                    "60", "{}", NULL));
    expect(s, 1, "object-reprs:exam");
    stage_do(s, 0, "SET exam:3 {}");
    expect(s, 1, "cache-without-ttl:exam object-reprs:exam");
    server_stop(s);
}

static void a_prefix_of_celerys_keys__is_found(void **state)
{
    (void)state;
    struct server *s = stage_server(right);
    stage_do(s, 0, "SADD redai__kombu.binding.celery x");
    expect(s, 1, "key-prefix:redai_");
    server_stop(s);
}

static void results_that_never_expire__are_named(void **state)
{
    (void)state;
    struct server *s = stage_server(right);
    stage_do(s, 1, "SETEX celery-task-meta-" TASK_ONE " 3600 {\"status\":\"SUCCESS\",\"result\":1}");
    expect(s, 0, "");
    stage_do(s, 1, "SET celery-task-meta-" TASK_TWO " {\"status\":\"SUCCESS\",\"result\":1}");
    expect(s, 1, "result-expiry");
    server_stop(s);
}

/* --- the way it is told --- */

static void no_server__is_could_not_look(void **state)
{
    (void)state;
    struct ran r = RUN("doctor", "redis://127.0.0.1:1");
    assert_int_equal(r.code, 3);
    assert_non_null(strstr(r.out, "could not look: "));
    ran_free(&r);
}

static void a_format_of_others__is_refused(void **state)
{
    (void)state;
    assert_usage(RUN("doctor", "--format", "nagios"), "nagios", "expected text or json");
}

static void the_text__has_the_worst_first_and_fits_80_columns(void **state)
{
    (void)state;
    struct server *s = WRONG("--timeout", "5", "--latency-monitor-threshold", "0", "--maxmemory", "1mb");
    struct ran r = RUN("doctor", server_url(s, 0));
    assert_ran(&r, 2, "");
    const char *critical = strstr(r.out, "critical  memory-full"),
               *warning = strstr(r.out, "warning   idle-timeout"),
               *remark = strstr(r.out, "remark    latency-monitor"), *good = strstr(r.out, "good      ");
    assert_true(critical && warning && remark && good);
    assert_true(critical < warning && warning < remark && remark < good);
    for (const char *line = strchr(r.out, '\n') + 1; *line;) { /* the address stands on the first */
        size_t len = strcspn(line, "\n");
        assert_true(len <= 80);
        line += len + (line[len] == '\n');
    }
    ran_free(&r);
    server_stop(s);
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_wrong__on_a_server_as_it_should_be),
        cmocka_unit_test(the_repositorys_own_file__has_what_is_expected_alone),
        cmocka_unit_test(wrong_settings__are_named_one_and_all),
        cmocka_unit_test(memory_that_is_too_small__is_named),
        cmocka_unit_test(a_server_without_persistence__is_named),
        cmocka_unit_test(a_save_that_fails__is_named),
        cmocka_unit_test(a_server_open_to_everybody__is_critical),
        cmocka_unit_test(a_literal_password__is_found_and_said),
        cmocka_unit_test(another_password__is_not_guessed),
        cmocka_unit_test(renamed_commands__are_named_with_what_they_are_for),
        cmocka_unit_test(what_a_user_may_not_do__is_named),
        cmocka_unit_test(the_same__without_a_right_to_acl),
        cmocka_unit_test(with_acl__nothing_is_written_either),
        cmocka_unit_test(evictable_queues__are_critical),
        cmocka_unit_test(tasks_without_a_worker__are_critical),
        cmocka_unit_test(left_over_mailboxes__are_named),
        cmocka_unit_test(sessions_and_sets_that_disagree__are_named),
        cmocka_unit_test(the_platforms_keys__are_named_by_family),
        cmocka_unit_test(a_prefix_of_celerys_keys__is_found),
        cmocka_unit_test(results_that_never_expire__are_named),
        cmocka_unit_test(no_server__is_could_not_look),
        cmocka_unit_test(a_format_of_others__is_refused),
        cmocka_unit_test(the_text__has_the_worst_first_and_fits_80_columns),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
