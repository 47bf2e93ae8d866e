/* Where the broker and the results are, by all that can say so. */
#include "app/console.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

/* Whatever a key is bound to is a command here. */
void console_join_commands(struct command_set *set, struct console *c, struct settings *s)
{
    enum { MOST = 200 };
    static char name[MOST][32];
    static struct command all[MOST];
    size_t count = 0;
    (void)c;
    for (unsigned i = 0; i < utarray_len(&s->keymap.row); i++) {
        const struct keymap_row *row = (const struct keymap_row *)utarray_eltptr(&s->keymap.row, i);
        size_t len = strcspn(row->line, " "), k = 0;
        while (k < count && strncmp(name[k], row->line, len + 1) != 0 &&
               (strncmp(name[k], row->line, len) != 0 || name[k][len])) {
            k++;
        }
        assert_true(len < sizeof name[0] && count < MOST);
        if (k == count) {
            snprintf(name[k], sizeof name[k], "%.*s", (int)len, row->line);
            all[k] = (struct command){.name = name[k], .max_args = -1};
            count++;
        }
    }
    command_join(set, all, count, NULL);
}

bool password_take(struct settings *s, struct err *err)
{
    (void)s;
    (void)err;
    return true;
}

static struct settings load(const char *const argv[], const char *config)
{
    static const UT_icd borrowed = {sizeof(char *), NULL, NULL, NULL};
    struct settings s;
    struct err err = {.code = ERR_NONE};
    UT_array rest;
    int argc = 0;
    settings_init(&s);
    utarray_init(&rest, &borrowed);
    while (argv[argc]) {
        argc++;
    }
    assert_true(options_from_argv(&s.options, argc, (char **)argv, &rest, &err));
    if (utarray_len(&rest)) {
        s.given_url = *(char **)utarray_front(&rest);
    }
    utarray_done(&rest);
    struct command_set set = {.count = 0};
    settings_join_config(&set, &s);
    if (!command_run_text(&set, "config", config, &err)) {
        fail_msg("%s", err.text);
    }
    return s;
}
#define LOAD(config, ...)                                                                                    \
    load((const char *const[]){"redai-console", "--config", "/dev/null", __VA_ARGS__, NULL}, config)

static void expect(const struct address *a, const char *shown)
{
    UT_string text;
    utstring_init(&text);
    address_show(a, &text);
    assert_string_equal(utstring_body(&text), shown);
    utstring_done(&text);
}

static void take(struct settings *s)
{
    struct err err = {.code = ERR_NONE};
    if (!settings_load(s, &err)) {
        fail_msg("%s", err.text);
    }
}

static void refused(struct settings *s, const char *one, const char *two)
{
    struct err err = {.code = ERR_NONE};
    assert_false(settings_load(s, &err));
    if (!strstr(err.text, one) || !strstr(err.text, two)) {
        fail_msg("neither %s nor %s in: %s", one, two, err.text);
    }
    settings_release(s);
}

static void nothing_said__is_the_applications_server(void **state)
{
    (void)state;
    struct settings s = LOAD("", "redis://:pw@app:6379/2");
    take(&s);
    expect(&s.broker, "redis://app:6379/2");
    expect(&s.results, "redis://app:6379/1");
    assert_false(site_is_apart(&s, &s.broker));
    assert_string_equal(s.results.password, "pw");
    settings_release(&s);
}

static void flags__name_other_servers(void **state)
{
    (void)state;
    struct settings s = LOAD("", "--broker-url", "redis://:b@broker/3", "--result-url", "unix:///r.sock?db=4",
                             "redis://:pw@app/0");
    take(&s);
    expect(&s.broker, "redis://broker:6379/3");
    expect(&s.results, "unix:///r.sock?db=4");
    assert_true(site_is_apart(&s, &s.broker) && site_is_apart(&s, &s.results));
    assert_string_equal(s.broker.password, "b");
    assert_null(s.results.password); /* what is for one server is told to no other */
    settings_release(&s);
}

static void same_server__is_logged_in_to_alike(void **state)
{
    (void)state;
    struct settings s = LOAD("", "--broker-url", "redis://127.0.0.1/3", "redis://:pw@localhost/0");
    take(&s);
    assert_false(site_is_apart(&s, &s.broker));
    assert_string_equal(s.broker.password, "pw");
    assert_int_equal(s.broker.db, 3);
    settings_release(&s);
}

static void result_db__and_result_url__contradict_each_other(void **state)
{
    (void)state;
    struct settings s = LOAD("", "--result-db", "2", "--result-url", "redis://app/3", "redis://app/0");
    refused(&s, "result-db", "--result-url");
    s = LOAD("", "--result-db", "2", "--result-url", "redis://other/2", "redis://app/0");
    refused(&s, "result-db", "--result-url");
    s = LOAD("", "--result-db", "3", "--result-url", "redis://app/3", "redis://app/0");
    take(&s);
    assert_int_equal(s.results.db, 3);
    settings_release(&s);
    /* the stronger source goes first */
    s = LOAD("set url redis://app/0\nset result-url redis://other/9", "--result-db", "2");
    take(&s);
    expect(&s.results, "redis://app:6379/2");
    settings_release(&s);
    s = LOAD("set url redis://app/0\nset result-db 5", "--result-url", "redis://other/9");
    take(&s);
    expect(&s.results, "redis://other:6379/9");
    settings_release(&s);
}

static void environment__speaks_as_celery_does(void **state)
{
    (void)state;
    setenv("REDIS_URL", "rediss://app/0", 1);
    setenv("CELERY_BROKER_URL", "redis+socket:///run/b.sock?virtual_host=7", 1);
    setenv("CELERY_RESULT_BACKEND", "rediss://results:6390/4?ssl_cert_reqs=CERT_REQUIRED", 1);
    struct settings s = LOAD("set broker-url redis://weaker/1", "--read-only");
    take(&s);
    expect(&s.broker, "unix:///run/b.sock?db=7");
    expect(&s.results, "rediss://results:6390/4");
    settings_release(&s);
    /* an address that was typed takes none along */
    s = LOAD("", "redis://elsewhere/0");
    take(&s);
    expect(&s.broker, "redis://elsewhere:6379/0");
    expect(&s.results, "redis://elsewhere:6379/1");
    settings_release(&s);
    setenv("CELERY_BROKER_URL", "amqp://guest@rabbit", 1);
    s = LOAD("", "--read-only");
    refused(&s, "CELERY_BROKER_URL", "expected redis");
    unsetenv("REDIS_URL");
    unsetenv("CELERY_BROKER_URL");
    unsetenv("CELERY_RESULT_BACKEND");
}

#define LINES                                                                                                \
    "connection prod redis://app/0 broker redis://:b@broker/0 results redis://results/1\n"                   \
    "connection mq redis://broker/0 environment production read-only\nconnection plain redis://plain/0\n"

static void connection__has_its_own__and_another_place_none_of_them(void **state)
{
    (void)state;
    struct err err = {.code = ERR_NONE};
    struct settings s = LOAD(LINES, "@prod");
    take(&s);
    expect(&s.broker, "redis://broker:6379/0");
    expect(&s.results, "redis://results:6379/1");
    /* the broker is a production server by a line of its own: acting there is no safer by way of this one */
    assert_int_equal(s.environment, ENVIRONMENT_PRODUCTION);
    assert_true(option_on(&s.options, OPTION_READ_ONLY));
    s.next_url = mem_strdup("@plain");
    assert_true(settings_move(&s, &err));
    expect(&s.broker, "redis://plain:6379/0");
    expect(&s.results, "redis://plain:6379/1");
    assert_int_equal(s.environment, ENVIRONMENT_NONE);
    assert_false(option_on(&s.options, OPTION_READ_ONLY));
    settings_release(&s);
}

static void connect__takes_no_flag_along__and_finds_it_again_at_home(void **state)
{
    (void)state;
    struct err err = {.code = ERR_NONE};
    struct settings s = LOAD(LINES, "--broker-url", "redis://b/1", "redis://app/0");
    take(&s);
    expect(&s.broker, "redis://b:6379/1");
    s.next_url = mem_strdup("redis://away/0");
    assert_true(settings_move(&s, &err));
    expect(&s.broker, "redis://away:6379/0");
    s.next_url = mem_strdup("redis://app/0");
    assert_true(settings_move(&s, &err));
    expect(&s.broker, "redis://b:6379/1");
    settings_release(&s);
}

static void wrong_url__is_named_without_its_password(void **state)
{
    (void)state;
    struct settings s = LOAD("", "--broker-url", "redis://:hidden@broker:99999/0", "redis://app/0");
    struct err err = {.code = ERR_NONE};
    assert_false(settings_load(&s, &err));
    assert_non_null(strstr(err.text, "--broker-url"));
    assert_null(strstr(err.text, "hidden"));
    settings_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said__is_the_applications_server),
        cmocka_unit_test(flags__name_other_servers),
        cmocka_unit_test(same_server__is_logged_in_to_alike),
        cmocka_unit_test(result_db__and_result_url__contradict_each_other),
        cmocka_unit_test(environment__speaks_as_celery_does),
        cmocka_unit_test(connection__has_its_own__and_another_place_none_of_them),
        cmocka_unit_test(connect__takes_no_flag_along__and_finds_it_again_at_home),
        cmocka_unit_test(wrong_url__is_named_without_its_password),
    };
    setenv("HOME", "/nonexistent", 1);
    unsetenv("XDG_CONFIG_HOME");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
