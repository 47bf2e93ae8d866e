/* Where one is connected to: named connections, what production asks for, going elsewhere, and passwords that
 * no command line holds. */
#include "seat.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES_MAX = 50, TRY_MS = 400 };

struct scene {
    struct server *live, *other;
    char config[128];
};

static int set_up(void **state)
{
    static const char *const guarded[] = {"--requirepass", "open sesame", NULL};
    struct scene *scene = calloc(1, sizeof *scene);
    char text[512], first[128];
    scene->live = stage_server(NULL);
    scene->other = server_start(&(struct server_options){.args = guarded, .password = "open sesame"});
    free(server_cli(scene->live, "SET", "exam:7", "{}", NULL));
    free(server_cli(scene->other, "SET", "exam:8", "{}", NULL));
    snprintf(scene->config, sizeof scene->config, "%s", stage_path("connections"));
    snprintf(first, sizeof first, "%s", server_url(scene->live, 0));
    snprintf(text, sizeof text,
             "connection prod %s environment production\nconnection look %s environment staging read-only\n"
             "connection other unix://:open%%20sesame@%s?db=0 environment dev\n",
             first, first, server_socket(scene->other));
    stage_write(scene->config, text);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    server_stop(scene->live);
    server_stop(scene->other);
    free(scene);
    return 0;
}

static struct pty *open_at(const struct scene *scene, const char *name)
{
    const char *argv[] = {REDAI_CONSOLE, "--config", scene->config, name, NULL};
    struct pty *p = pty_start(argv, NULL, seat_large.rows, seat_large.cols);
    assert_non_null(p);
    return p;
}

static void production__is_seen__and_even_one_key_asks_for_the_name(void **state)
{
    struct scene *scene = *state;
    struct pty *p = open_at(scene, "@prod");
    seat_see(p, "PRODUCTION");
    seat_do(p, ":key exam:7\r", "key exam:7");
    /* Orders are refused until their own connection is made. */
    for (int i = 0; i < TRIES_MAX && !pty_wait_text(p, "type prod", TRY_MS); i++) {
        seat_key(p, ":delete exam:7\r");
    }
    seat_do(p, "y\r", "type prod");
    char *there = server_cli(scene->live, "EXISTS", "exam:7", NULL);
    assert_string_equal(there, "1");
    free(there);
    seat_key(p, "\025");
    seat_do(p, "prod\r", "this key does not exist");
    there = server_cli(scene->live, "EXISTS", "exam:7", NULL);
    assert_string_equal(there, "0");
    free(there);
    free(server_cli(scene->live, "SET", "exam:7", "{}", NULL));
    seat_leave(p, "key exam:7");
    seat_quit(p);
}

static void connect__goes_elsewhere_and_back__and_takes_nothing_along(void **state)
{
    struct scene *scene = *state;
    struct pty *p = open_at(scene, "@look");
    seat_see(p, "[staging]");
    seat_see(p, "[RO]");
    seat_do(p, ":connect @nowhere\r", "no connection is called 'nowhere', expected @prod, @look, @other");
    seat_do(p, ":connect http://h\r", "scheme \"http\" is unknown");
    seat_do(p, ":connect @other\r", "[dev]");
    seat_not(p, "[RO]");
    seat_do(p, ":key exam:8\r", "key exam:8");
    seat_see(p, "value     JSON");
    seat_leave(p, "key exam:8");
    seat_do(p, ":connect @prod\r", "PRODUCTION");
    seat_do(p, ":key exam:8\r", "this key does not exist");
    seat_leave(p, "this key does not exist");
    /* The same server by its URL is production all the same. */
    char line[256];
    seat_do(p, ":connect @other\r", "[dev]");
    snprintf(line, sizeof line, ":connect %s\r", server_url(scene->live, 0));
    seat_do(p, line, "PRODUCTION");
    assert_null(memmem(pty_raw_bytes(p).data, pty_raw_bytes(p).len, "sesame", 6));
    seat_quit(p);
}

/* The shell gets the same plan. */
static void shell__asks_for_the_name_too(void **state)
{
    struct scene *scene = *state;
    struct ran r = RUN("delete", "exam:7", "--dry-run", "--config", scene->config, "-u", "@prod");
    assert_int_equal(r.code, 0);
    assert_non_null(strstr(r.err, "type prod"));
    ran_free(&r);
    /* A script names the place: to agree is not enough there, and what it took for another place is refused.
     */
    free(server_cli(scene->live, "SET", "exam:9", "{}", NULL));
    r = RUN("delete", "exam:9", "--yes", "--config", scene->config, "-u", "@prod");
    assert_ran(&r, 1, "on production --yes is not enough: give --confirm prod");
    ran_free(&r);
    r = RUN("delete", "exam:9", "--confirm", "staging", "--config", scene->config, "-u", "@prod");
    assert_ran(&r, 1, "--confirm staging: expected prod");
    ran_free(&r);
    r = RUN("delete", "exam:8", "--confirm", "prod", "--config", scene->config, "-u", "@other");
    assert_ran(&r, 1, "--confirm prod: expected other");
    ran_free(&r);
    assert_true(stage_is(scene->live, 0, "EXISTS exam:9", "1"));
    r = RUN("delete", "exam:9", "--confirm", "prod", "--config", scene->config, "-u", "@prod");
    assert_ran(&r, 0, "");
    ran_free(&r);
    assert_true(stage_is(scene->live, 0, "EXISTS exam:9", "0"));
    /* Without a name in the configuration the word is "production"; elsewhere --yes is as before. */
    free(server_cli(scene->live, "SET", "exam:9", "{}", NULL));
    r = RUN("delete", "exam:9", "--yes", "--environment", "production", "-u", server_url(scene->live, 0));
    assert_ran(&r, 1, "give --confirm production");
    ran_free(&r);
    r = RUN("delete", "exam:9", "--yes", "-u", server_url(scene->live, 0));
    assert_ran(&r, 0, "");
    ran_free(&r);
    r = RUN("snapshot", "@never", "--config", scene->config);
    assert_int_equal(r.code, 2);
    assert_non_null(strstr(r.err, "no connection is called 'never', expected @prod, @look, @other"));
    ran_free(&r);
}

static void password__comes_by_descriptor_or_by_hand__and_is_not_seen(void **state)
{
    struct scene *scene = *state;
    const char *socket = server_socket(scene->other);
    char url[160], line[400];
    snprintf(url, sizeof url, "unix://%s?db=0", socket);
    struct ran r =
        stage_run((const char *const[]){"snapshot", url, "--password-fd", "0", NULL}, NULL, "open sesame\n");
    assert_non_null(strstr(r.out, "redis "));
    assert_null(strstr(r.out, "could not be read"));
    ran_free(&r);
    r = stage_run((const char *const[]){"snapshot", url, "--password-fd", "0", NULL}, NULL, "");
    assert_int_equal(r.code, 2);
    assert_non_null(strstr(r.err, "--password-fd: no password came"));
    ran_free(&r);

    snprintf(line, sizeof line, "%s --askpass '%s'", REDAI_CONSOLE, url);
    struct pty *p =
        pty_start((const char *const[]){"sh", "-c", line, NULL}, NULL, seat_large.rows, seat_large.cols);
    seat_see(p, "password:");
    pty_send(p, "open sesame\r");
    seat_see(p, "2 cache 1 key");
    assert_false(memmem(pty_raw_bytes(p).data, pty_raw_bytes(p).len, "sesame", 6));
    seat_quit(p);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(production__is_seen__and_even_one_key_asks_for_the_name),
        cmocka_unit_test(connect__goes_elsewhere_and_back__and_takes_nothing_along),
        cmocka_unit_test(shell__asks_for_the_name_too),
        cmocka_unit_test(password__comes_by_descriptor_or_by_hand__and_is_not_seen),
    };
    server_require();
    stage_isolate();
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    stage_leave();
    return failed;
}
