/* Where the broker and the results are, by all that can say so. */
#include "loaded.h"

#include <stdlib.h>

static void nothing_said__is_the_applications_server(void **state)
{
    (void)state;
    struct settings s = LOADED("", "redis://:pw@app:6379/2");
    loaded_take(&s);
    loaded_expect(&s.broker, "redis://app:6379/2");
    loaded_expect(&s.results, "redis://app:6379/1");
    assert_false(site_is_apart(&s, &s.broker));
    assert_string_equal(s.results.password, "pw");
    settings_release(&s);
}

static void flags__name_other_servers(void **state)
{
    (void)state;
    struct settings s = LOADED("", "--broker-url", "redis://:b@broker/3", "--result-url",
                               "unix:///r.sock?db=4", "redis://:pw@app/0");
    loaded_take(&s);
    loaded_expect(&s.broker, "redis://broker:6379/3");
    loaded_expect(&s.results, "unix:///r.sock?db=4");
    assert_true(site_is_apart(&s, &s.broker) && site_is_apart(&s, &s.results));
    assert_string_equal(s.broker.password, "b");
    assert_null(s.results.password); /* what is for one server is told to no other */
    settings_release(&s);
}

static void same_server__is_logged_in_to_alike(void **state)
{
    (void)state;
    struct settings s = LOADED("", "--broker-url", "redis://127.0.0.1/3", "redis://:pw@localhost/0");
    loaded_take(&s);
    assert_false(site_is_apart(&s, &s.broker));
    assert_string_equal(s.broker.password, "pw");
    assert_int_equal(s.broker.db, 3);
    settings_release(&s);
}

static void result_db__and_result_url__contradict_each_other(void **state)
{
    (void)state;
    struct settings s = LOADED("", "--result-db", "2", "--result-url", "redis://app/3", "redis://app/0");
    loaded_refused(&s, "result-db", "--result-url");
    s = LOADED("", "--result-db", "2", "--result-url", "redis://other/2", "redis://app/0");
    loaded_refused(&s, "result-db", "--result-url");
    s = LOADED("", "--result-db", "3", "--result-url", "redis://app/3", "redis://app/0");
    loaded_take(&s);
    assert_int_equal(s.results.db, 3);
    settings_release(&s);
    /* the stronger source goes first */
    s = LOADED("set url redis://app/0\nset result-url redis://other/9", "--result-db", "2");
    loaded_take(&s);
    loaded_expect(&s.results, "redis://app:6379/2");
    settings_release(&s);
    s = LOADED("set url redis://app/0\nset result-db 5", "--result-url", "redis://other/9");
    loaded_take(&s);
    loaded_expect(&s.results, "redis://other:6379/9");
    settings_release(&s);
}

static void environment__speaks_as_celery_does(void **state)
{
    (void)state;
    setenv("REDIS_URL", "rediss://app/0", 1);
    setenv("CELERY_BROKER_URL", "redis+socket:///run/b.sock?virtual_host=7", 1);
    setenv("CELERY_RESULT_BACKEND", "rediss://results:6390/4?ssl_cert_reqs=CERT_REQUIRED", 1);
    struct settings s = LOADED("set broker-url redis://weaker/1", "--read-only");
    loaded_take(&s);
    loaded_expect(&s.broker, "unix:///run/b.sock?db=7");
    loaded_expect(&s.results, "rediss://results:6390/4");
    settings_release(&s);
    /* an address that was typed takes none along */
    s = LOADED("", "redis://elsewhere/0");
    loaded_take(&s);
    loaded_expect(&s.broker, "redis://elsewhere:6379/0");
    loaded_expect(&s.results, "redis://elsewhere:6379/1");
    settings_release(&s);
    unsetenv("REDIS_URL");
    unsetenv("CELERY_BROKER_URL");
    unsetenv("CELERY_RESULT_BACKEND");
}

/* What Celery uses besides Redis is no reason to see nothing at all. */
static void environment_of_another_broker__is_passed_over(void **state)
{
    static const char *const others[] = {"amqp://guest:hidden@rabbit", "rpc://",
                                         "db+postgresql://u:hidden@h/d", "cache+memcached://h"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        setenv("CELERY_BROKER_URL", others[i], 1);
        setenv("CELERY_RESULT_BACKEND", others[i], 1);
        struct settings s = LOADED("set url redis://app/2", "--read-only");
        loaded_take(&s);
        loaded_expect(&s.broker, "redis://app:6379/2");
        loaded_expect(&s.results, "redis://app:6379/1");
        assert_int_equal(s.sites_warned, 1u << SITE_BROKER | 1u << SITE_RESULTS);
        settings_release(&s);
    }
    /* What was said to us is meant for us; what is half an address is an error. */
    setenv("CELERY_BROKER_URL", "redis://h:99999", 1);
    struct settings s = LOADED("", "--read-only");
    loaded_refused(&s, "CELERY_BROKER_URL", "port is wrong");
    unsetenv("CELERY_BROKER_URL");
    unsetenv("CELERY_RESULT_BACKEND");
    s = LOADED("", "--broker-url", "amqp://guest@rabbit", "redis://app");
    loaded_refused(&s, "--broker-url", "scheme \"amqp\" is unknown");
}

static void login_that_changes__is_that_of_who_logged_in_alike(void **state)
{
    (void)state;
    struct settings s = LOADED("", "--broker-url", "redis://bob:b@app/3", "redis://app/0");
    loaded_take(&s);
    struct address was = s.address;
    address_copy(&s.address, &was);
    s.address.password = mem_strdup("literal");
    sites_login_changed(&s, &was);
    assert_string_equal(s.broker.user, "bob");
    assert_string_equal(s.broker.password, "b");
    assert_string_equal(s.results.password, "literal");
    assert_int_equal(s.results.db, 1);
    address_release(&was);
    settings_release(&s);
}

#define LINES                                                                                                \
    "connection prod redis://app/0 broker redis://:b@broker/0 results redis://results/1\n"                   \
    "connection mq redis://broker/0 environment production read-only\nconnection plain redis://plain/0\n"

static void connection__has_its_own__and_another_place_none_of_them(void **state)
{
    (void)state;
    struct err err = {.code = ERR_NONE};
    struct settings s = LOADED(LINES, "@prod");
    loaded_take(&s);
    loaded_expect(&s.broker, "redis://broker:6379/0");
    loaded_expect(&s.results, "redis://results:6379/1");
    /* the broker is a production server by a line of its own: acting there is no safer by way of this one */
    assert_int_equal(s.environment, ENVIRONMENT_PRODUCTION);
    assert_true(option_on(&s.options, OPTION_READ_ONLY));
    s.next_url = mem_strdup("@plain");
    assert_true(settings_move(&s, &err));
    loaded_expect(&s.broker, "redis://plain:6379/0");
    loaded_expect(&s.results, "redis://plain:6379/1");
    assert_int_equal(s.environment, ENVIRONMENT_NONE);
    assert_false(option_on(&s.options, OPTION_READ_ONLY));
    settings_release(&s);
}

static void connect__takes_no_flag_along__and_finds_it_again_at_home(void **state)
{
    (void)state;
    struct err err = {.code = ERR_NONE};
    struct settings s = LOADED(LINES, "--broker-url", "redis://b/1", "redis://app/0");
    loaded_take(&s);
    loaded_expect(&s.broker, "redis://b:6379/1");
    s.next_url = mem_strdup("redis://away/0");
    assert_true(settings_move(&s, &err));
    loaded_expect(&s.broker, "redis://away:6379/0");
    s.next_url = mem_strdup("redis://app/0");
    assert_true(settings_move(&s, &err));
    loaded_expect(&s.broker, "redis://b:6379/1");
    settings_release(&s);
}

static void wrong_url__is_named_without_its_password(void **state)
{
    (void)state;
    struct settings s = LOADED("", "--broker-url", "redis://:hidden@broker:99999/0", "redis://app/0");
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
        cmocka_unit_test(environment_of_another_broker__is_passed_over),
        cmocka_unit_test(login_that_changes__is_that_of_who_logged_in_alike),
        cmocka_unit_test(connection__has_its_own__and_another_place_none_of_them),
        cmocka_unit_test(connect__takes_no_flag_along__and_finds_it_again_at_home),
        cmocka_unit_test(wrong_url__is_named_without_its_password),
    };
    setenv("HOME", "/nonexistent", 1);
    unsetenv("XDG_CONFIG_HOME");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
