/* What the program is told and by whom: flags, environment, env file, configuration. Whatever is wrong is one
 * line that names the word and what was expected, and exit 2. */
#include "stage.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "redai/conf/option.h"

/* --- what is wrong is told --- */

static void option__is_told_in_one_line__when_it_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *argv[6];
        const char *word, *expected;
    } table[] = {
        {{"--bogus"}, "\"--bogus\"", "expected one that --help lists"},
        {{"--ulr=redis://h"}, "\"--ulr\"", "did you mean \"--url\"?"},
        {{"-x"}, "\"-x\"", "expected one that --help lists"},
        {{"--format"}, "\"--format\"", "needs a value: FORMAT"},
        {{"snapshot", "--format", "xml"}, "\"xml\"", "expected one of: text json"},
        {{"--refresh", "abc"}, "\"abc\"", "expected a time like 500ms, 30s or 5m"},
        {{"--refresh", "1ms"}, "\"1ms\"", "from 0.25s to 60s"},
        {{"--budget", "0"}, "\"0\"", "expected a whole number from 8"},
        {{"--budget", "12x"}, "\"12x\"", "expected a whole number"},
        {{"--color", "17"}, "\"17\"", "expected one of: auto 256 16 8 mono"},
        {{"--yes=perhaps"}, "\"perhaps\"", "expected on or off"},
        {{"frobnicate"},
         "'frobnicate'",
         "expected a URL like redis://host:6379/0, @NAME of a connection in the configuration, or demo"},
        {{"snapshot", "unix:///a", "b"}, "'b'", "expected redai-console snapshot [URL]"},
        {{"demo", "b"}, "'b'", "expected redai-console demo"},
        {{"enqueue"}, "enqueue", "expected redai-console enqueue TASK-OR-TEMPLATE"},
        {{"revoke", "session"}, "revoke", "expected redai-console revoke session SID"},
        {{"revoke", "frob", "1"}, "\"frob\"", "expected session, sessions, user or task"},
        {{"invalidate"}, "invalidate", "expected redai-console invalidate PATTERN"},
        {{"result"}, "result", "expected redai-console result TASK_ID"},
        {{"enqueue", "nosuch", "a=1"}, "nosuch", "expected"},
        {{"enqueue", "batch", "count=many"}, "many", "expected"},
        {{"enqueue", "batch", "pages=3"}, "pages", "expected"},
        {{"enqueue", "test", "--args", "{broken"}, "--args", "expected"},
        {{"enqueue", "test", "--kwargs", "[1]"}, "--kwargs", "expected"},
        {{"enqueue", "test", "--countdown", "soon"}, "\"soon\"", "expected a time"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        assert_usage(stage_run(table[i].argv, NULL, NULL), table[i].word, table[i].expected);
    }
}

static void url__is_told_in_one_line__when_it_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *url, *part, *expected;
    } table[] = {
        {"http://h/0", "\"http\"", "expected redis, rediss, unix, redis+sentinel or rediss+sentinel"},
        {"redis://h:99999/0", "port", "expected a number from 1 to 65535"},
        {"redis://h:12x/0", "port", "expected a number from 1 to 65535"},
        {"redis://h/x", "database", "expected a number"},
        {"redis://h/-1", "database", "expected a number"},
        {"redis:///0", "host", "expected redis://host:port/db"},
        {"redis://h/0?tb=1", "\"tb\"", "expected db=N"},
        {"unix://path", "socket path", "expected unix:///path?db=N"},
        {"redis://:a%zz@h/0", "password", "expected %25 for a percent sign"},
        {"redis+sentinel://h:26379", "service", "expected redis+sentinel://host:port/service"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        assert_usage(RUN("snapshot", table[i].url), table[i].part, table[i].expected);
        assert_usage(RUN("snapshot", "-u", table[i].url), "--url", table[i].expected);
        char variable[128];
        snprintf(variable, sizeof variable, "REDIS_URL=%s", table[i].url);
        assert_usage(stage_run(ENV("snapshot"), ENV(variable), NULL), "environment", table[i].expected);
    }
    assert_usage(RUN("snapshot", "-u", "nonsense"), "address has no scheme", "expected redis://");
}

static void environment__is_told_in_one_line__when_it_is_wrong(void **state)
{
    (void)state;
    assert_usage(stage_run(ENV("snapshot"), ENV("REDIS_PORT=many"), NULL), "REDIS_PORT: 'many'",
                 "from 0 to 65535");
    assert_usage(stage_run(ENV("snapshot"), ENV("REDIS_DB=-1"), NULL), "REDIS_DB: '-1'", "from 0");
    stage_write(stage_path("env"), "# the platform's own\nREDIS_HOST=localhost\nREDIS_PORT=x1\n");
    assert_usage(RUN("snapshot", "--env-file", stage_path("env")), "REDIS_PORT: 'x1'", "from 0 to 65535");
    assert_usage(RUN("snapshot", "--env-file", stage_path("none")), stage_path("none"),
                 "No such file or directory");
}

static void configuration__names_file_line_and_word__when_it_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *line, *word, *expected;
    } table[] = {
        {"frobnicate all", "\"frobnicate\"", "expected one of: set bind"},
        {"sett refresh 2s", "\"sett\"", "did you mean \"set\"?"},
        {"set nonsense 1", "\"nonsense\"", "expected"},
        {"set refresh abc", "\"abc\"", "expected a time"},
        {"set yes maybe", "\"maybe\"", "expected on or off"},
        {"set refresh 1s 2s", "\"2s\"", "usage: set NAME [VALUE]"},
        {"bind all", "\"bind\"", "usage: bind PANE KEY LINE"},
        {"bind attic q quit", "\"attic\"", "expected one of: all sessions cache"},
        {"bind all Foo quit", "\"Foo\"", "expected a letter or a name like Space"},
        {"alert x when foo > 1", "\"foo\"", "expected server.*"},
        {"alert x when server.clients > abc", "\"abc\"", "expected a number"},
        {"alert x when server.clients ~ 1", "\"~\"", "expected"},
        {"alert x when server.clients > 1 severity grave", "\"grave\"", "expected"},
        {"family a", "\"family\"", "usage: family PREFIX NAME"},
        {"queue", "\"queue\"", "usage: queue NAME"},
        {"task t x y:foo", "\"foo\"", "expected text int number bool or json"},
        {"role strip.foo red", "\"strip.foo\"", "expected"},
        {"role title mauvish", "\"mauvish\"", "expected"},
        {"quit", "\"quit\"", "expected one of: set"},
        {"set theme \"dark", "column 11", "quote"},
    };
    const char *path = stage_path("wrong");
    char text[256], place[320];
    snprintf(place, sizeof place, "%s:3: ", path);
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        snprintf(text, sizeof text, "# a comment\nset refresh 2s\n%s\n", table[i].line);
        stage_write(path, text);
        assert_usage(RUN("snapshot", "--config", path), table[i].word, table[i].expected);
        assert_usage(RUN("snapshot", "--config", path), place, table[i].word);
    }
    assert_usage(RUN("snapshot", "--config", stage_path("none")), stage_path("none"),
                 "No such file or directory");
    stage_write(path, "bind all F7 nonsense\n");
    assert_usage(RUN("snapshot", "--config", path), "bind all F7: unknown command \"nonsense\"", "expected");
}

/* Taken for one more user or key, the verb would act on another server than the one behind it. */
static void verb__refuses_an_address_among_its_arguments(void **state)
{
    (void)state;
    assert_usage(RUN("revoke", "user", "777", "--yes", "redis://:horse@127.0.0.1:1/0"),
                 "revoke: 'redis://:*****@127.0.0.1:1/0'", "--url");
    assert_usage(RUN("invalidate", "exam:1", "--dry-run", "REDISS://h"), "invalidate: 'REDISS://h'", "--url");
    assert_usage(RUN("purge", "celery", "unix:///x.sock"), "purge: 'unix:///x.sock'", "--url");
    assert_usage(RUN("key", "exam:1", "redis+sentinel://h/x"), "key: 'redis+sentinel://h/x'", "--url");
    assert_usage(RUN("revoke", "user", "5", "--yes", "@prod"), "revoke: '@prod'", "--url");
}

static void configuration__is_taken_whole__when_it_is_right(void **state)
{
    (void)state;
    struct server *s = stage_server(NULL);
    char text[1024];
    stage_do(s, 0, "SET ticket:1 a");
    snprintf(text, sizeof text,
             "# everything a file may say\nset url \"%s\"\nset refresh 500ms\nbind all F7 \"pane queues\" "
             "\"the queues\"\nunbind all !\nalert crowd when server.clients >= 1 for 2s severity critical "
             "message \"a crowd of %%v\"\nalert memory off\nfamily ticket: tickets\nqueue marking "
             "api.tasks.mark.*\ntask mark api.tasks.mark.exam exam_id:int=1\nrole title cyan default bold\n",
             server_url(s, 0));
    stage_write(stage_path("right"), text);
    struct ran r = RUN("snapshot", "--config", stage_path("right"));
    assert_ran(&r, 2, NULL);
    assert_non_null(strstr(r.out, "tickets"));
    assert_non_null(strstr(r.out, "marking"));
    assert_non_null(strstr(r.out, "a crowd of "));
    ran_free(&r);
    r = RUN("snapshot", "--config", REDAI_SOURCE_DIR "/docs/config.sample", server_url(s, 0));
    assert_ran(&r, 0, NULL);
    ran_free(&r);
    server_stop(s);
}

/* --- who wins --- */

static void expect_db(const char *const argv[], const char *const env[], int db)
{
    char wanted[16];
    struct ran r = stage_run(argv, env, NULL);
    assert_ran(&r, 0, NULL);
    snprintf(wanted, sizeof wanted, "?db=%d ", db);
    if (!strstr(r.out, wanted)) {
        fail_msg("not database %d: %s", db, r.out);
    }
    ran_free(&r);
}

static void address__is_that_of_flag_environment_env_file_config__in_this_order(void **state)
{
    (void)state;
    struct server *s = stage_server(NULL);
    char flag[200], variable[200], text[400];
    snprintf(flag, sizeof flag, "%s", server_url(s, 5));
    snprintf(variable, sizeof variable, "REDIS_URL=%s", server_url(s, 4));
    snprintf(text, sizeof text, "SECRET_KEY='x'\nexport REDIS_URL=\"%s\" # broker\n", server_url(s, 3));
    stage_write(stage_path("env"), text);
    snprintf(text, sizeof text, "set url %s\n", server_url(s, 2));
    stage_write(stage_path("config-file"), text);
    const char *env_file = stage_path("env"), *config = stage_path("config-file");

    expect_db(ENV("snapshot", "-u", flag, "--env-file", env_file, "--config", config), ENV(variable), 5);
    expect_db(ENV("snapshot", flag, "--env-file", env_file, "--config", config), ENV(variable), 5);
    expect_db(ENV("snapshot", "--env-file", env_file, "--config", config), ENV(variable), 4);
    expect_db(ENV("snapshot", "--env-file", env_file, "--config", config), NULL, 3);
    expect_db(ENV("snapshot", "--config", config), NULL, 2);
    expect_db(ENV("--config", config, "snapshot"), NULL, 2); /* options may stand anywhere */

    mkdir(stage_path("config"), 0700);
    mkdir(stage_path("config/redai-console"), 0700);
    stage_write(stage_path("config/redai-console/config"), text);
    expect_db(ENV("snapshot"), NULL, 2);
    remove(stage_path("config/redai-console/config"));
    server_stop(s);
}

static void address__is_the_local_redis__when_nobody_says_anything(void **state)
{
    (void)state;
    struct ran r = RUN("enqueue", "test", "--dry-run", "--journal", stage_path("default-journal"));
    ran_free(&r); /* there may or may not be a Redis on this machine */
    r = RUN("snapshot");
    assert_non_null(strstr(r.out, "redis://127.0.0.1:6379/0"));
    ran_free(&r);
}

static void address__is_put_together_from_the_platforms_variables(void **state)
{
    (void)state;
    static const char *const locked[] = {"--requirepass", "p@ss:w/rd? #%41", NULL};
    struct server *s = server_start(
        &(struct server_options){.args = locked, .password = "p@ss:w/rd? #%41", .with_tcp = true});
    assert_non_null(s);
    char port[32], text[200];
    snprintf(port, sizeof port, "REDIS_PORT=%d", server_port(s));
    struct ran r =
        stage_run(ENV("snapshot"),
                  ENV("REDIS_HOST=127.0.0.1", port, "REDIS_DB=2", "REDIS_PASSWORD=p@ss:w/rd? #%41"), NULL);
    assert_ran(&r, 0, NULL);
    snprintf(text, sizeof text, "redis://127.0.0.1:%d/2 ", server_port(s));
    assert_non_null(strstr(r.out, text));
    assert_null(strstr(r.out, "p@ss"));
    ran_free(&r);

    snprintf(text, sizeof text,
             "REDIS_HOST=127.0.0.1\n%s\nREDIS_DB=1\nREDIS_PASSWORD='p@ss:w/rd? #%%41'\n"
             "REDIS_MAX_CONNECTIONS=50\n",
             port);
    stage_write(stage_path("env"), text);
    r = RUN("snapshot", "--env-file", stage_path("env"));
    assert_ran(&r, 0, NULL);
    snprintf(text, sizeof text, "redis://127.0.0.1:%d/1 ", server_port(s));
    assert_non_null(strstr(r.out, text));
    ran_free(&r);
    /* An empty variable, as compose files leave them, is none. */
    r = stage_run(ENV("snapshot", "--env-file", stage_path("env")),
                  ENV("REDIS_HOST=", "REDIS_PASSWORD=", "REDIS_URL="), NULL);
    assert_ran(&r, 0, NULL);
    ran_free(&r);
    server_stop(s);
}

/* --- help, version, no terminal --- */

static void help__lists_every_option_and_subcommand(void **state)
{
    (void)state;
    struct ran r = RUN("--help"), h = RUN("snapshot", "-h");
    assert_ran(&r, 0, NULL);
    assert_string_equal(r.err, "");
    assert_string_equal(r.out, h.out);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char name[64];
        snprintf(name, sizeof name, "--%s", option_rows[i].name);
        if (!strstr(r.out, name) || !strstr(r.out, option_rows[i].help)) {
            fail_msg("--help does not tell of %s", name);
        }
    }
    static const char *const told[] = {"demo",   "snapshot",   "enqueue",   "revoke",
                                       "result", "invalidate", "REDIS_URL", "4 outcome unknown"};
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        assert_non_null(strstr(r.out, told[i]));
    }
    ran_free(&r);
    ran_free(&h);
}

static void version__is_one_line(void **state)
{
    (void)state;
    struct ran r = RUN("--version"), v = RUN("-V");
    assert_ran(&r, 0, NULL);
    assert_true(is_one_line(r.out));
    assert_string_equal(r.out, "redai-console " REDAI_VERSION "\n");
    assert_string_equal(r.out, v.out);
    ran_free(&r);
    ran_free(&v);
}

static void console__refuses_with_a_hint__without_a_terminal(void **state)
{
    (void)state;
    assert_usage(RUN("unix:///nowhere"), "needs a terminal", "redai-console snapshot");
    assert_usage(stage_run((const char *const[]){NULL}, NULL, NULL), "needs a terminal",
                 "redai-console snapshot");
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(option__is_told_in_one_line__when_it_is_wrong),
        cmocka_unit_test(url__is_told_in_one_line__when_it_is_wrong),
        cmocka_unit_test(environment__is_told_in_one_line__when_it_is_wrong),
        cmocka_unit_test(configuration__names_file_line_and_word__when_it_is_wrong),
        cmocka_unit_test(verb__refuses_an_address_among_its_arguments),
        cmocka_unit_test(configuration__is_taken_whole__when_it_is_right),
        cmocka_unit_test(address__is_that_of_flag_environment_env_file_config__in_this_order),
        cmocka_unit_test(address__is_the_local_redis__when_nobody_says_anything),
        cmocka_unit_test(address__is_put_together_from_the_platforms_variables),
        cmocka_unit_test(help__lists_every_option_and_subcommand),
        cmocka_unit_test(version__is_one_line),
        cmocka_unit_test(console__refuses_with_a_hint__without_a_terminal),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
