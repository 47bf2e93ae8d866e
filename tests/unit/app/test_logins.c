/* Who logs in where, by all that can say so beside a URL. */
#include "loaded.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void expect_login(const struct address *a, const char *user, const char *password)
{
    assert_string_equal(a->user ? a->user : "-", user);
    assert_string_equal(a->password ? a->password : "-", password);
}

/* The text of a descriptor that says these lines. */
static const char *lines(const char *text)
{
    static char number[16];
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
    close(ends[1]);
    snprintf(number, sizeof number, "%d", ends[0]);
    return number;
}

static void variables(const char *const set[])
{
    static const char *const all[] = {"REDIS_URL",
                                      "REDIS_HOST",
                                      "REDIS_USERNAME",
                                      "REDIS_PASSWORD",
                                      "REDIS_SENTINEL_USERNAME",
                                      "REDIS_SENTINEL_PASSWORD",
                                      "CELERY_BROKER_URL",
                                      "CELERY_BROKER_PASSWORD",
                                      "CELERY_RESULT_BACKEND",
                                      "CELERY_RESULT_PASSWORD"};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        unsetenv(all[i]);
    }
    for (; set && *set; set += 2) {
        setenv(set[0], set[1], 1);
    }
}
#define VARIABLES(...) variables((const char *const[]){__VA_ARGS__, NULL})

static void user_in_the_url__has_its_password_from_a_descriptor(void **state)
{
    (void)state;
    struct settings s = LOADED("", "--password-fd", lines("pw\n"), "redis://ada@app/2");
    loaded_take(&s);
    expect_login(&s.address, "ada", "pw");
    expect_login(&s.results, "ada", "pw");
    settings_release(&s);
    s = LOADED("", "--password-fd", lines("pw\n"), "redis://app/2");
    loaded_take(&s);
    expect_login(&s.address, "-", "pw");
    settings_release(&s);
    /* what is said on purpose goes before what a URL holds */
    s = LOADED("", "--password-fd", lines("new\n"), "redis://ada:old@app/2");
    loaded_take(&s);
    expect_login(&s.address, "ada", "new");
    settings_release(&s);
    s = LOADED("connection prod redis://ada@app/0", "--password-fd", lines("pw\n"), "@prod");
    loaded_take(&s);
    expect_login(&s.address, "ada", "pw");
    settings_release(&s);
}

static void user_without_a_password__is_told_so__and_never_becomes_the_default_one(void **state)
{
    (void)state;
    struct settings s = LOADED("", "redis://ada@app/2");
    loaded_refused(&s, "user has no password", "--askpass");
    s = LOADED("", "--broker-url", "redis://ada@broker/0", "redis://app/2");
    loaded_refused(&s, "--broker-url: user has no password", "CELERY_BROKER_PASSWORD");
    s = LOADED("", "--password-fd", lines("pw\n"), "--result-url", "redis://ada@results/0", "redis://app/2");
    loaded_refused(&s, "--password-fd: results", "no password came");
    VARIABLES("REDIS_USERNAME", "ada");
    s = LOADED("", "--read-only");
    loaded_refused(&s, "REDIS_USERNAME has no password", "REDIS_PASSWORD");
    VARIABLES("REDIS_USERNAME", "default");
    s = LOADED("", "--read-only");
    loaded_take(&s);
    expect_login(&s.address, "-", "-");
    settings_release(&s);
    variables(NULL);
}

static void user_and_password_of_the_environment__go_where_it_says__or_where_a_user_is_named(void **state)
{
    static const struct {
        const char *set[7], *url, *user, *password;
    } rows[] = {
        {{"REDIS_PASSWORD", "pw"}, NULL, "-", "pw"},
        {{"REDIS_USERNAME", "ada", "REDIS_PASSWORD", "pw"}, NULL, "ada", "pw"},
        {{"REDIS_HOST", "app", "REDIS_USERNAME", "ada", "REDIS_PASSWORD", "pw"}, NULL, "ada", "pw"},
        {{"REDIS_URL", "redis://ada@app", "REDIS_PASSWORD", "pw"}, NULL, "ada", "pw"},
        {{"REDIS_URL", "redis://app", "REDIS_USERNAME", "ada", "REDIS_PASSWORD", "pw"}, NULL, "ada", "pw"},
        {{"REDIS_URL", "redis://bob:own@app", "REDIS_USERNAME", "ada", "REDIS_PASSWORD", "pw"},
         NULL,
         "bob",
         "own"},
        {{"REDIS_PASSWORD", "pw"}, "redis://ada@app", "ada", "pw"},
        {{"REDIS_USERNAME", "ada", "REDIS_PASSWORD", "pw"}, "redis://app", "ada", "pw"},
        {{"REDIS_HOST", "app", "REDIS_USERNAME", "ada", "REDIS_PASSWORD", "pw"},
         "redis://app/3",
         "ada",
         "pw"},
        /* who asks for nobody is given nobody, and what is for one server is told to no other */
        {{"REDIS_PASSWORD", "pw"}, "redis://app", "-", "-"},
        {{"REDIS_HOST", "app", "REDIS_USERNAME", "ada", "REDIS_PASSWORD", "pw"}, "redis://other", "-", "-"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        variables(rows[i].set);
        struct settings s = LOADED("", "--read-only", rows[i].url);
        loaded_take(&s);
        expect_login(&s.address, rows[i].user, rows[i].password);
        settings_release(&s);
    }
    VARIABLES("REDIS_HOST", "app", "REDIS_PASSWORD", "pw");
    struct settings s = LOADED("", "redis://ada@other");
    loaded_refused(&s, "user has no password", "");
    VARIABLES("REDIS_USERNAME", "bob", "REDIS_PASSWORD", "pw");
    s = LOADED("", "redis://ada@app");
    loaded_refused(&s, "user has no password", "");
    /* a user of the environment, a password by hand */
    VARIABLES("REDIS_USERNAME", "ada");
    s = LOADED("", "--password-fd", lines("typed\n"), "redis://app");
    loaded_take(&s);
    expect_login(&s.address, "ada", "typed");
    settings_release(&s);
    variables(NULL);
}

static void broker_results_and_sentinels__are_asked_for_in_turn(void **state)
{
    (void)state;
    struct settings s = LOADED("", "--password-fd", lines("one\ntwo\nthree\nfour\n"), "--broker-url",
                               "redis://bob@broker/0", "--result-url", "redis://eve@results/1",
                               "--sentinel-user", "watch", "redis+sentinel://ada@s1,s2/main");
    loaded_take(&s);
    expect_login(&s.address, "ada", "one");
    expect_login(&s.broker, "bob", "two");
    expect_login(&s.results, "eve", "three");
    assert_string_equal(s.address.sentinel_user, "watch");
    assert_string_equal(s.address.sentinel_password, "four");
    settings_release(&s);
    /* once for one user of one server */
    s = LOADED("", "--password-fd", lines("one\ntwo\n"), "--broker-url", "redis://bob@other/0",
               "--result-url", "redis://bob@other/1", "redis://ada@app");
    loaded_take(&s);
    expect_login(&s.broker, "bob", "two");
    expect_login(&s.results, "bob", "two");
    settings_release(&s);
    s = LOADED("", "--password-fd", lines("one\n"), "--broker-url", "redis://ada@app/3", "redis://ada@app");
    loaded_take(&s);
    expect_login(&s.broker, "ada", "one");
    settings_release(&s);
    VARIABLES("CELERY_BROKER_PASSWORD", "b", "CELERY_RESULT_PASSWORD", "r", "REDIS_SENTINEL_USERNAME",
              "watch", "REDIS_SENTINEL_PASSWORD", "s");
    s = LOADED("", "--broker-url", "redis://bob@broker/0", "--result-url",
               "redis+sentinel://eve@s1/results/1", "redis://app");
    loaded_take(&s);
    expect_login(&s.address, "-", "-");
    expect_login(&s.broker, "bob", "b");
    expect_login(&s.results, "eve", "r");
    assert_string_equal(s.results.sentinel_user, "watch");
    assert_string_equal(s.results.sentinel_password, "s");
    settings_release(&s);
    variables(NULL);
    s = LOADED("", "--sentinel-user", "watch", "redis+sentinel://s1/main");
    loaded_refused(&s, "sentinel-user has no password", "REDIS_SENTINEL_PASSWORD");
}

static void move(struct settings *s, const char *url)
{
    struct err err = {.code = ERR_NONE};
    s->next_url = mem_strdup(url);
    if (!settings_move(s, &err)) {
        fail_msg("%s", err.text);
    }
}

static void connect__finds_each_login_where_it_was_given__and_takes_none_along(void **state)
{
    (void)state;
    struct err err = {.code = ERR_NONE};
    struct settings s =
        LOADED("connection far redis+sentinel://:f@s9/far sentinel-user sam sentinel-password sp\n"
               "connection lone redis://ada@lone broker redis://ada@away\n",
               "--password-fd", lines("new\n"), "redis://ada:old@app/2");
    loaded_take(&s);
    move(&s, "redis://other/0");
    expect_login(&s.address, "-", "-");
    move(&s, "redis://ada:old@app/2");
    expect_login(&s.address, "ada", "new");
    move(&s, "redis://app/7");
    expect_login(&s.address, "ada", "new");
    move(&s, "redis://ada:typed@app/7"); /* typed now, not at the start */
    expect_login(&s.address, "ada", "typed");
    move(&s, "@far");
    expect_login(&s.address, "-", "f");
    assert_string_equal(s.address.sentinel_user, "sam");
    assert_string_equal(s.address.sentinel_password, "sp");
    assert_true(settings_could_move(&s, "redis://ada@app/1", &err));
    assert_true(settings_could_move(&s, "@far", &err));
    assert_false(settings_could_move(&s, "redis://ada@app:port/1", &err));
    assert_non_null(strstr(err.text, "port"));
    /* What lacks can be asked for, and again as long as nobody was let in. */
    struct login_lack lack;
    assert_false(login_lacks(&s, "redis://ada@app/1", &lack));
    assert_false(login_lacks(&s, "@far", &lack));
    assert_true(login_lacks(&s, "redis://bob@app/1", &lack));
    assert_string_equal(lack.user, "bob");
    assert_string_equal(lack.place, "redis://app:6379/0");
    login_give(&s, &lack, "given up");
    logins_settle(&s, false);
    login_lack_release(&lack);
    assert_true(login_lacks(&s, "redis://bob@app/1", &lack));
    assert_string_equal(lack.of, "");
    login_give(&s, &lack, "wrong");
    login_give(&s, &lack, "right");
    logins_settle(&s, true);
    logins_settle(&s, false);
    login_lack_release(&lack);
    assert_false(login_lacks(&s, "redis://bob@app/1", &lack));
    move(&s, "redis://bob@app/1");
    expect_login(&s.address, "bob", "right");
    login_doubt(&s, &s.address);
    assert_true(login_lacks(&s, "redis://bob@app/1", &lack));
    login_lack_release(&lack);
    assert_false(login_lacks(&s, "redis://ada@app/1", &lack)); /* that one was not typed there */
    /* A named connection may want one for each of its places. */
    assert_true(settings_could_move(&s, "@lone", &err));
    assert_true(login_lacks(&s, "@lone", &lack));
    assert_string_equal(lack.place, "redis://lone:6379/0");
    login_give(&s, &lack, "one");
    login_lack_release(&lack);
    assert_true(login_lacks(&s, "@lone", &lack));
    assert_string_equal(lack.of, "broker ");
    assert_string_equal(lack.user, "ada");
    assert_string_equal(lack.place, "redis://away:6379/0");
    login_give(&s, &lack, "two");
    login_lack_release(&lack);
    assert_false(login_lacks(&s, "@lone", &lack));
    move(&s, "@lone");
    expect_login(&s.address, "ada", "one");
    expect_login(&s.broker, "ada", "two");
    settings_release(&s);
}

static void connect__stays_where_it_was__when_it_cannot_go_there(void **state)
{
    (void)state;
    struct err err = {.code = ERR_NONE};
    struct settings s = LOADED("connection far redis://far results redis://ada:a@away\n", "--result-db", "3",
                               "redis://app/2");
    loaded_take(&s);
    assert_false(settings_could_move(&s, "@far", &err));
    assert_non_null(strstr(err.text, "--result-db and connection far: results contradict each other"));
    assert_string_equal(s.address.host, "app");
    assert_int_equal(s.results.db, 3);
    assert_true(settings_could_move(&s, "redis://other", &err));
    assert_string_equal(s.address.host, "app");
    assert_null(s.back_url);
    s.next_url = mem_strdup("@far");
    assert_true(settings_move_or_stay(&s, &err));
    assert_string_equal(s.address.host, "app");
    assert_int_equal(s.results.db, 3);
    assert_null(s.back_url);
    assert_non_null(strstr(s.refused.text, "contradict each other"));
    settings_release(&s);
}

static void env_file__adds_what_the_environment_does_not_say(void **state)
{
    (void)state;
    char path[] = "/tmp/redai-env-XXXXXX";
    int fd = mkstemp(path);
    static const char text[] = "REDIS_HOST=app\nREDIS_USERNAME=ada\nREDIS_PASSWORD=file\n";
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    VARIABLES("REDIS_PASSWORD", "pw");
    struct settings s = LOADED("", "--env-file", path);
    loaded_take(&s);
    loaded_expect(&s.address, "redis://app:6379/0");
    expect_login(&s.address, "ada", "pw");
    settings_release(&s);
    VARIABLES("REDIS_HOST", "elsewhere");
    s = LOADED("", "--env-file", path);
    loaded_take(&s);
    loaded_expect(&s.address, "redis://elsewhere:6379/0");
    expect_login(&s.address, "-", "-");
    settings_release(&s);
    variables(NULL);
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_in_the_url__has_its_password_from_a_descriptor),
        cmocka_unit_test(user_without_a_password__is_told_so__and_never_becomes_the_default_one),
        cmocka_unit_test(user_and_password_of_the_environment__go_where_it_says__or_where_a_user_is_named),
        cmocka_unit_test(broker_results_and_sentinels__are_asked_for_in_turn),
        cmocka_unit_test(connect__finds_each_login_where_it_was_given__and_takes_none_along),
        cmocka_unit_test(connect__stays_where_it_was__when_it_cannot_go_there),
        cmocka_unit_test(env_file__adds_what_the_environment_does_not_say),
    };
    setenv("HOME", "/nonexistent", 1);
    unsetenv("XDG_CONFIG_HOME");
    variables(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
