/* Broker, results and application apart: three servers with a real Celery worker between them, three
 * databases of one server, and what becomes of the rest when the broker goes. */
#include "live/action/celery.h"
#include "seat.h"
#include "support/unit.h"

#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"

enum { TASK_MS = 60000, BACK_MS = 5000 };
#define RESULT_DB 4

struct scene {
    struct server *app, *broker, *results;
    char broker_url[160], result_url[160];
};

/* The application's and the broker's on sockets, the results' on TCP. */
static int set_up(void **state)
{
    struct scene *s = mem_zalloc(sizeof *s);
    s->app = stage_server(NULL);
    s->broker = stage_server(NULL);
    s->results = server_start(&(struct server_options){.with_tcp = true});
    snprintf(s->broker_url, sizeof s->broker_url, "%s", server_url(s->broker, 0));
    snprintf(s->result_url, sizeof s->result_url, "redis://127.0.0.1:%d/%d", server_port(s->results),
             RESULT_DB);
    setenv("REDAI_APPLICATION_SOCKET", server_socket(s->app), 1);
    setenv("REDAI_RESULT_URL", s->result_url, 1);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *s = *state;
    server_stop(s->app);
    server_stop(s->broker);
    server_stop(s->results);
    unsetenv("REDAI_APPLICATION_SOCKET");
    unsetenv("REDAI_RESULT_URL");
    mem_free(s);
    return 0;
}

#define AT(s) "-u", server_url((s)->app, 0), "--broker-url", (s)->broker_url, "--result-url", (s)->result_url

static struct pty *open_console(struct scene *s)
{
    return seat_open(
        s->app, seat_large,
        (const char *const[]){"--broker-url", s->broker_url, "--result-url", s->result_url, NULL}, NULL);
}

static json_t *wait_result(struct scene *s, const char *id)
{
    int64_t until = clock_mono_us() + TASK_MS * US_PER_MS;
    while (clock_mono_us() < until) {
        struct ran r = RUN("result", id, AT(s));
        json_t *root = json_loads(r.out, 0, NULL);
        const char *status = json_string_value(json_object_get(root, "status"));
        ran_free(&r);
        if (status && strcmp(status, "SUCCESS") == 0) {
            return root;
        }
        json_decref(root);
        poll(NULL, 0, 100);
    }
    fail_msg("%s has no result", id);
    return NULL;
}

static void three_servers__are_one_platform(void **state)
{
    struct scene *s = *state;
    char key[128];
    struct celery *worker = celery_start(s->broker, "worker1@apart");
    assert_non_null(worker);
    struct ran r = RUN("enqueue", "test", "message=from the shell", "--yes", AT(s));
    assert_ran(&r, 0, s->broker_url); /* the receipt names the server */
    char *id = span_dup(span_head(span_of(r.out), strcspn(r.out, "\n")));
    ran_free(&r);
    json_decref(wait_result(s, id));
    snprintf(key, sizeof key, "EXISTS task:test:%s", id);
    assert_int_equal(stage_number(s->app, 0, key), 1);
    snprintf(key, sizeof key, "EXISTS celery-task-meta-%s", id);
    assert_int_equal(stage_number(s->results, RESULT_DB, key), 1);
    assert_int_equal(stage_number(s->broker, 1, "DBSIZE"), 0);
    assert_int_equal(stage_number(s->app, 0, "EXISTS celery _kombu.binding.celery unacked"), 0);
    r = RUN("workers", AT(s));
    assert_non_null(strstr(r.out, "worker1@apart"));
    ran_free(&r);
    r = RUN("queues", AT(s));
    assert_non_null(strstr(r.out, "celery"));
    ran_free(&r);

    struct pty *p = open_console(s);
    seat_see(p, "worker1@apart");
    seat_see(p, "succeeded");
    seat_do(p, ":enqueue test message=console\r", "at the broker");
    seat_do(p, "y", "done");
    assert_true(stage_wait(s->results, RESULT_DB, "DBSIZE", "2"));
    seat_do(p, "0", "results server");
    seat_leave(p, "results server");
    seat_quit(p);
    mem_free(id);
    celery_stop(worker);
}

static void broker_gone__is_said__and_sessions_go_on(void **state)
{
    struct scene *s = *state;
    stage_session(s->app, SID_ANNA, 7, "Anna", "student", true);
    free(server_cli(s->broker, "LPUSH", "celery", "{}", NULL));
    free(server_cli(s->broker, "SADD", "_kombu.binding.celery",
                    "celery\x06\x16\x06\x16"
                    "celery",
                    NULL));
    struct pty *p = open_console(s);
    seat_see(p, "3 queues 1");
    seat_see(p, "Anna");
    server_kill(s->broker);
    seat_see(p, "BROKER UNREACHABLE since");
    seat_see(p, "broker unreachable since");
    seat_see(p, "the broker does not answer"); /* the alert */
    seat_not(p, "REDIS UNREACHABLE");
    seat_do(p, ":enqueue test message=x\r", "not connected to the broker");
    struct ran r = RUN("enqueue", "test", "message=x", "--yes", AT(s));
    assert_int_equal(r.code, 1);
    ran_free(&r);
    r = RUN("revoke", "session", SID_ANNA, "--yes", AT(s));
    assert_int_equal(r.code, 0);
    ran_free(&r);
    seat_see_gone(p, "Anna");
    r = RUN("snapshot", "--format", "json", AT(s));
    json_t *root = json_loads(r.out, 0, NULL);
    const json_t *broker = json_object_get(json_object_get(root, "server"), "broker");
    assert_true(json_is_false(json_object_get(broker, "reachable")));
    assert_true(json_is_true(json_object_get(broker, "apart")));
    json_decref(root);
    ran_free(&r);
    assert_true(server_restart(s->broker));
    int64_t back = clock_mono_us();
    seat_see_gone(p, "BROKER UNREACHABLE");
    seat_see_gone(p, "broker unreachable since");
    assert_in_range((clock_mono_us() - back) / US_PER_MS, 0, BACK_MS);
    seat_quit(p);
}

/* A live test knows how long it waited: that it is said long before a connection is given up (10 s). */
static void servers_that_hang__are_said_at_once(void **state)
{
    enum { SOON_MS = 6000 };
    struct scene *s = *state;
    struct pty *p = open_console(s);
    seat_see(p, "no sessions");
    seat_see(p, "results ");
    server_pause(s->broker);
    int64_t since = clock_mono_us();
    seat_see(p, "BROKER UNREACHABLE since");
    seat_see(p, "no answer");
    seat_see(p, "stale ");
    assert_in_range((clock_mono_us() - since) / US_PER_MS, 0, SOON_MS);
    seat_not(p, "RESULTS UNREACHABLE");
    server_resume(s->broker);
    seat_see_gone(p, "BROKER UNREACHABLE");
    seat_see_gone(p, "stale ");
    server_pause(s->results);
    since = clock_mono_us();
    seat_see(p, "RESULTS UNREACHABLE since");
    assert_in_range((clock_mono_us() - since) / US_PER_MS, 0, SOON_MS);
    server_resume(s->results);
    seat_see_gone(p, "RESULTS UNREACHABLE");
    seat_quit(p);
}

static void one_server__three_databases(void **state)
{
    struct scene *s = *state;
    char broker[160];
    snprintf(broker, sizeof broker, "%s", server_url(s->app, 3));
    struct ran r = RUN("enqueue", "test", "message=x", "--queue", "exams", "--yes", "-u",
                       server_url(s->app, 0), "--broker-url", broker);
    assert_ran(&r, 0, "done");
    ran_free(&r);
    assert_int_equal(stage_number(s->app, 3, "LLEN exams"), 1);
    assert_int_equal(stage_number(s->app, 0, "EXISTS exams"), 0);
    stage_do(s->app, 3,
             "SADD _kombu.binding.exams exams\x06\x16\x06\x16"
             "exams");
    r = RUN("queues", "--format", "json", "-u", server_url(s->app, 0), "--broker-url", broker);
    assert_non_null(strstr(r.out, "\"exams\""));
    ran_free(&r);
    struct pty *p = seat_open(s->app, seat_large, (const char *const[]){"--broker-url", broker, NULL}, NULL);
    seat_see(p, "exams");
    seat_do(p, "0", "broker in 3");
    seat_leave(p, "broker in 3");
    seat_quit(p);
}

static void passwords_of_both__are_nowhere(void **state)
{
    (void)state;
    static const char *const guarded[] = {"--requirepass", "hidden-mq", NULL};
    struct server *app = stage_server(NULL);
    struct server *broker = server_start(&(struct server_options){.args = guarded, .password = "hidden-mq"});
    char url[160], variable[200], path[64], bytes[8192];
    snprintf(url, sizeof url, "unix://:hidden-mq@%s?db=0", server_socket(broker));
    snprintf(variable, sizeof variable, "CELERY_RESULT_BACKEND=redis+socket://:hidden-mq@%s?virtual_host=1",
             server_socket(broker));
    char here[160];
    snprintf(here, sizeof here, "REDIS_URL=%s", server_url(app, 0));
    struct pty *p = pty_start(CONSOLE("--broker-url", url), ENV(variable, here), 40, 120);
    seat_see(p, "no sessions");
    static const char *const files[] = {"cmdline", "environ"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "/proc/%d/%s", pty_pid(p), files[i]);
        FILE *f = fopen(path, "re");
        size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
        assert_true(n > 0);
        fclose(f);
        assert_null(memmem(bytes, n, "hidden-mq", 9));
    }
    seat_do(p, "0", "results server");
    seat_not(p, "hidden-mq");
    seat_leave(p, "results server");
    seat_quit(p);
    const char *const argv[] = {"enqueue",      "test",      "message=x",
                                "--yes",        "--journal", stage_path("journal-of-two"),
                                "--broker-url", url,         NULL};
    struct ran r = stage_run(argv, ENV(variable, here), NULL);
    assert_ran(&r, 0, "done");
    assert_null(strstr(r.err, "hidden-mq"));
    char *journal = stage_read(stage_path("journal-of-two"));
    assert_non_null(strstr(journal, server_socket(broker)));
    assert_null(strstr(journal, "hidden-mq"));
    free(journal);
    ran_free(&r);
    server_stop(app);
    server_stop(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(three_servers__are_one_platform, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broker_gone__is_said__and_sessions_go_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(servers_that_hang__are_said_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_server__three_databases, set_up, tear_down),
        cmocka_unit_test(passwords_of_both__are_nowhere),
    };
    server_require();
    celery_require();
    stage_isolate();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
