/* Users of the server (ACL) whose password the URL does not say: asked on the terminal, by a descriptor, from
 * the environment; of the application, the broker, the results. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESAME "open sesame"
#define EVAS   "evas own word"

struct scene {
    struct server *app, *broker, *results; /* the default user is off everywhere */
    char app_url[160], broker_url[160], result_url[160], other_url[160];
};

/* A server that knows this user alone; with one queue element, so that it can be told from the others. */
static struct server *guarded(const char *user, const char *password)
{
    char secret[64];
    struct server *s = server_start(&(struct server_options){.with_tcp = true});
    assert_non_null(s);
    snprintf(secret, sizeof secret, ">%s", password);
    free(server_cli(s, "ACL", "SETUSER", user, "on", secret, "~*", "&*", "+@all", NULL));
    free(server_cli(s, "ACL", "SETUSER", "eva", "on", ">" EVAS, "~*", "&*", "+@all", NULL));
    stage_do(s, 0, "SET exam:1 {}");
    stage_queue(s, "celery");
    stage_message(s, "celery", TASK_ONE);
    free(server_cli(s, "ACL", "SETUSER", "default", "off", NULL));
    return s;
}

static int set_up(void **state)
{
    struct scene *s = calloc(1, sizeof *s);
    s->app = guarded("ada", SESAME);
    s->broker = guarded("bob", "broker word");
    s->results = guarded("eve", "results word");
    snprintf(s->app_url, sizeof s->app_url, "redis://ada@127.0.0.1:%d/0", server_port(s->app));
    snprintf(s->broker_url, sizeof s->broker_url, "redis://bob@127.0.0.1:%d/0", server_port(s->broker));
    snprintf(s->result_url, sizeof s->result_url, "redis://eve@127.0.0.1:%d/0", server_port(s->results));
    snprintf(s->other_url, sizeof s->other_url, "redis://ada@127.0.0.1:%d/0", server_port(s->broker));
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *s = *state;
    server_stop(s->app);
    server_stop(s->broker);
    server_stop(s->results);
    free(s);
    return 0;
}

static void expect(struct ran r, int code, const char *out, const char *err)
{
    if (r.code != code || !strstr(r.out, out) || !strstr(r.err, err)) {
        fail_msg("exit %d, wanted %d, \"%s\", \"%s\":\n%s%s", r.code, code, out, err, r.out, r.err);
    }
    ran_free(&r);
}

static void user_of_the_url__logs_in_by_descriptor_environment_and_env_file(void **state)
{
    struct scene *s = *state;
    char text[256];
    expect(stage_run((const char *const[]){"queues", "-u", s->app_url, "--password-fd", "0", NULL}, NULL,
                     SESAME "\n"),
           0, "celery", "");
    expect(stage_run((const char *const[]){"queues", "-u", s->app_url, NULL}, ENV("REDIS_PASSWORD=" SESAME),
                     NULL),
           0, "celery", "");
    snprintf(text, sizeof text, "redis://127.0.0.1:%d/0", server_port(s->app));
    expect(stage_run((const char *const[]){"queues", "-u", text, NULL},
                     ENV("REDIS_USERNAME=ada", "REDIS_PASSWORD=" SESAME), NULL),
           0, "celery", "");
    snprintf(text, sizeof text, "REDIS_URL=%s\nREDIS_PASSWORD='%s'\n", s->app_url, SESAME);
    stage_write(stage_path("env"), text);
    expect(RUN("queues", "--env-file", stage_path("env")), 0, "celery", "");
    /* Nobody is let in as somebody else, and a wrong word is the server's to refuse. */
    expect(RUN("queues", "-u", s->app_url), 2, "", "user has no password: expected user:password@");
    expect(stage_run((const char *const[]){"queues", "-u", s->app_url, NULL}, ENV("REDIS_PASSWORD=no"), NULL),
           3, "", "WRONGPASS");
}

static void askpass__asks_for_each_user__and_the_screen_is_of_all_three(void **state)
{
    struct scene *s = *state;
    struct pty *p = pty_start(
        CONSOLE("--askpass", "--broker-url", s->broker_url, "--result-url", s->result_url, s->app_url), NULL,
        seat_large.rows, seat_large.cols);
    assert_non_null(p);
    assert_true(pty_wait_text(p, "password:", WAIT_MS));
    pty_send(p, SESAME "\r");
    seat_see(p, "broker password:");
    pty_send(p, "broker word\r");
    seat_see(p, "results password:");
    pty_send(p, "results word\r");
    seat_see(p, "exam");
    seat_see(p, "3 queues 1");
    seat_do(p, "0", "results");
    seat_not(p, "WRONGPASS");
    seat_not(p, "NOAUTH");
    struct span raw = pty_raw_bytes(p);
    assert_null(memmem(raw.data, raw.len, "sesame", 6));
    assert_null(memmem(raw.data, raw.len, "broker word", 11));
    seat_key(p, "\033");
    /* Of another server ada's password is not known, and none is told to it: it is asked for. */
    char line[200];
    snprintf(line, sizeof line, ":connect %s\r", s->other_url);
    seat_do(p, line, "password of ada at redis://127.0.0.1");
    pty_forget_raw(p);
    seat_key(p, "open sesame");
    raw = pty_raw_bytes(p);
    assert_null(memmem(raw.data, raw.len, "sesame", 6));
    seat_leave(p, "password of"); /* nobody is told: the console stays */
    seat_see(p, "3 queues 1");
    seat_do(p, line, "password of ada at");
    seat_do(p, "\r", "no password was typed: still here");
    snprintf(line, sizeof line, ":connect redis://eva@127.0.0.1:%d/0\r", server_port(s->broker));
    seat_do(p, line, "password of eva at");
    seat_do(p, "not hers\r", "WRONGPASS");
    seat_do(p, line, "password of eva at"); /* that one let nobody in */
    seat_do(p, EVAS "\r", "exam");
    seat_see(p, "goes back to where you came from");
    seat_do(p, ":\033[A", ":connect redis://eva@"); /* what was typed there is remembered here */
    seat_not(p, EVAS);
    seat_leave(p, ":connect redis://eva@");
    seat_do(p, ":connect -\r", "3 queues 1");
    seat_not(p, "WRONGPASS");
    seat_quit(p);
}

static void connect__asks_for_each_place_of_a_named_connection__and_again_where_nobody_was_let_in(
    void **state)
{
    struct scene *s = *state;
    char text[600];
    const char *config = stage_path("logins");
    snprintf(text, sizeof text, "connection trio %s broker %s results %s\n", s->app_url, s->broker_url,
             s->result_url);
    stage_write(config, text);
    struct pty *p = pty_start(CONSOLE("--config", config, "unix:///nowhere/socket"), NULL, seat_large.rows,
                              seat_large.cols);
    assert_non_null(p);
    seat_see(p, "UNREACHABLE");
    seat_do(p, ":connect @trio\r", "password of ada at");
    seat_do(p, "a slip\r", "broker password of bob at");
    seat_leave(p, "password of");
    seat_do(p, ":connect @trio\r", "password of ada at"); /* given up: nothing of it was kept */
    seat_do(p, SESAME "\r", "password of bob at");
    seat_do(p, "wrong word\r", "password of eve at");
    seat_do(p, "results word\r", "exam");
    seat_see(p, "WRONGPASS");
    seat_do(p, ":connect @trio\r", "password of bob at"); /* the others let them in */
    seat_do(p, "broker word\r", "3 queues 1");
    seat_see_gone(p, "WRONGPASS");
    seat_quit(p);
}

static void connect__stays__where_settings_contradict_each_other_there(void **state)
{
    struct scene *s = *state;
    char text[600];
    const char *config = stage_path("contradiction");
    snprintf(text, sizeof text, "connection far unix:///nowhere/else results %s\n", s->result_url);
    stage_write(config, text);
    struct pty *p = pty_start(CONSOLE("--config", config, "--result-db", "3", "unix:///nowhere/socket"), NULL,
                              seat_large.rows, seat_large.cols);
    assert_non_null(p);
    seat_see(p, "UNREACHABLE");
    seat_do(p, ":connect @far\r", "--result-db and connection far: results contradict each other");
    seat_see(p, "UNREACHABLE");
    seat_do(p, ":connect -\r", "there is nothing to go back to");
    seat_quit(p);
}

static void descriptor__has_a_line_for_each(void **state)
{
    struct scene *s = *state;
    const char *const argv[] = {
        "queues",        "-u", s->app_url, "--broker-url", s->broker_url, "--result-url", s->result_url,
        "--password-fd", "0",  NULL};
    expect(stage_run(argv, NULL, SESAME "\nbroker word\nresults word\n"), 0, "celery", "");
    expect(stage_run(argv, NULL, SESAME "\nbroker word\n"), 2, "",
           "--password-fd: results: no password came");
    expect(stage_run(argv,
                     ENV("REDIS_PASSWORD=" SESAME, "CELERY_BROKER_PASSWORD=broker word",
                         "CELERY_RESULT_PASSWORD=results word"),
                     SESAME "\n"),
           0, "celery", "");
}

static void do_on(redisContext *c, const char *command)
{
    redisReply *reply = redisCommand(c, command);
    assert_non_null(reply);
    if (reply->type == REDIS_REPLY_ERROR) {
        fail_msg("%s: %s", command, reply->str);
    }
    freeReplyObject(reply);
}

/* Nobody is let in from the very start: the console opens all the same, says it, and is whole once there is
 * room. */
static void server_that_is_full__is_said_from_the_start__and_needs_no_restart(void **state)
{
    struct server *s = stage_server(NULL);
    (void)state;
    free(server_cli(s, "ACL", "SETUSER", "eva", "on", ">" EVAS, "~*", "&*", "+@all", NULL));
    stage_do(s, 0, "SET exam:1 {}");
    redisContext *held = server_connect(s);
    assert_non_null(held);
    do_on(held, "CONFIG SET maxclients 1");
    struct ran r = RUN("snapshot", "-u", server_url(s, 0));
    assert_int_equal(r.code, 3);
    assert_non_null(strstr(r.out, "max number of clients reached"));
    ran_free(&r);
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_see(p, "!! REDIS UNREACHABLE: ERR max number of clients reached");
    seat_see(p, "since ");
    seat_do(p, "?", "help: ");
    seat_leave(p, "help: ");
    seat_not(p, "no keys: the database is empty"); /* that is not known */
    do_on(held, "CONFIG SET maxclients 1000");
    seat_see_gone(p, "UNREACHABLE");
    seat_see(p, "exam");
    seat_quit(p);
    redisFree(held);
    server_stop(s);
}

/* Redis cuts nobody for it: it is found out with the next connection, and the right one is not asked for
 * again and again. */
static void password_that_changes_while_connected__is_said_once_it_is_needed__and_ends(void **state)
{
    static const char *const locked[] = {"--requirepass", "before", NULL};
    struct server *s = server_start(&(struct server_options){.args = locked, .password = "before"});
    char url[160];
    (void)state;
    assert_non_null(s);
    redisContext *held = server_connect(s);
    assert_non_null(held);
    do_on(held, "SET exam:1 {}");
    do_on(held, "ACL SETUSER ada on >before ~* &* +@all");
    for (int i = 0; i < 2; i++) {
        static const char *const user[] = {"", "ada"};
        static const char *const changed[] = {"CONFIG SET requirepass behind",
                                              "ACL SETUSER ada resetpass >behind"};
        static const char *const back[] = {"CONFIG SET requirepass before",
                                           "ACL SETUSER ada resetpass >before"};
        snprintf(url, sizeof url, "unix://%s:before@%s?db=0", user[i], server_socket(s));
        struct pty *p = pty_start(CONSOLE(url), NULL, seat_large.rows, seat_large.cols);
        seat_see(p, "exam");
        do_on(held, changed[i]);
        do_on(held, "SET exam:2 {}");
        seat_see(p, "2 cache 2 keys"); /* who is in stays in */
        seat_not(p, "WRONGPASS");
        do_on(held, "CLIENT KILL TYPE normal SKIPME yes");
        do_on(held, "CLIENT KILL TYPE pubsub SKIPME yes");
        seat_see(p, "!! REDIS UNREACHABLE: WRONGPASS invalid username-password pair");
        seat_see(p, "since ");
        seat_do(p, "?", "help: ");
        seat_leave(p, "help: ");
        do_on(held, back[i]);
        seat_see_gone(p, "UNREACHABLE");
        do_on(held, "DEL exam:2");
        seat_see(p, "2 cache 1 key");
        seat_quit(p);
    }
    redisFree(held);
    server_stop(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_of_the_url__logs_in_by_descriptor_environment_and_env_file),
        cmocka_unit_test(askpass__asks_for_each_user__and_the_screen_is_of_all_three),
        cmocka_unit_test(
            connect__asks_for_each_place_of_a_named_connection__and_again_where_nobody_was_let_in),
        cmocka_unit_test(connect__stays__where_settings_contradict_each_other_there),
        cmocka_unit_test(descriptor__has_a_line_for_each),
        cmocka_unit_test(server_that_is_full__is_said_from_the_start__and_needs_no_restart),
        cmocka_unit_test(password_that_changes_while_connected__is_said_once_it_is_needed__and_ends),
    };
    server_require();
    stage_isolate();
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    stage_leave();
    return failed;
}
