/* The password is seen by nobody: not in the process list, not on the screen, in no message, in no file. */
#include "stage.h"
#include "support/pty.h"
#include "support/unit.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PASSWORD "correct-horse-battery"

static int set_up(void **state)
{
    static const char *const locked[] = {"--requirepass", PASSWORD, "--notify-keyspace-events", "KEAm", NULL};
    *state = server_start(&(struct server_options){.args = locked, .password = PASSWORD, .with_tcp = true});
    assert_non_null(*state);
    stage_fill(*state);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

static void assert_absent(const char *text, size_t len, const char *where)
{
    if (text && memmem(text, len, PASSWORD, strlen(PASSWORD))) {
        fail_msg("the password stands in %s", where);
    }
}

static void check_process(const struct pty *p, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pty_pid(p), name);
    FILE *f = fopen(path, "r"); /* may well not be readable: then nobody reads it */
    char text[65536];
    size_t len = f ? fread(text, 1, sizeof text, f) : 0;
    if (f) {
        fclose(f);
    }
    if (strcmp(name, "cmdline") == 0) {
        assert_true(len > 0);
    }
    assert_absent(text, len, path);
}

/* Looks everywhere while the console shows real data, and at all it ever wrote. */
static void look_everywhere(struct pty *p)
{
    assert_non_null(p);
    assert_true(pty_wait_text(p, "Anna Nowak", WAIT_MS));
    check_process(p, "cmdline");
    check_process(p, "environ");
    pty_send(p, ":pane info\r");
    assert_true(pty_wait_text(p, "maxmemory", WAIT_MS));
    pty_send(p, "q");
    pty_wait_exit(p, 200); /* q closes the page or ends the console */
    struct span raw = pty_raw_bytes(p);
    assert_absent(raw.data, raw.len, "what the terminal got");
    pty_stop(p);
    size_t len;
    char *journal = stage_read(stage_path("state/redai-console/journal"));
    len = journal ? strlen(journal) : 0;
    assert_absent(journal, len, "the journal");
    free(journal);
}

static const char *url_of(const struct server *s, const char *userinfo)
{
    static char url[200];
    snprintf(url, sizeof url, "redis://%s@127.0.0.1:%d/0", userinfo, server_port(s));
    return url;
}

static void password__is_nowhere__when_it_came_in_the_url(void **state)
{
    struct server *s = *state;
    const char *url = url_of(s, ":" PASSWORD);
    char joined[220];
    snprintf(joined, sizeof joined, "--url=%s", url);
    look_everywhere(pty_start(CONSOLE(url), NULL, 40, 120));
    look_everywhere(pty_start(CONSOLE("-u", url), NULL, 40, 120));
    look_everywhere(pty_start(CONSOLE(joined), NULL, 40, 120));
}

static void password__is_nowhere__when_it_came_from_the_environment(void **state)
{
    struct server *s = *state;
    char variable[220], port[32];
    snprintf(variable, sizeof variable, "REDIS_URL=%s", url_of(s, "default:" PASSWORD));
    look_everywhere(pty_start((const char *const[]){PROGRAM, NULL}, ENV(variable), 40, 120));
    snprintf(port, sizeof port, "REDIS_PORT=%d", server_port(s));
    look_everywhere(pty_start((const char *const[]){PROGRAM, NULL},
                              ENV("REDIS_HOST=127.0.0.1", port, "REDIS_PASSWORD=" PASSWORD), 40, 120));
}

static void password__is_nowhere__when_something_is_wrong(void **state)
{
    struct server *s = *state;
    char path[256], text[512];
    snprintf(text, sizeof text, "set url redis://:%s@127.0.0.1:x/0\n", PASSWORD);
    snprintf(path, sizeof path, "%s", stage_path("wrong"));
    stage_write(path, text);
    const char *const attempts[][7] = {
        {"snapshot", "redis://:" PASSWORD "@127.0.0.1:x/0"},
        {"snapshot", "http://:" PASSWORD "@127.0.0.1"},
        {"snapshot", "redis://h", "redis://:" PASSWORD "@h"},
        {":" PASSWORD "@127.0.0.1"},
        {"--ulr=redis://:" PASSWORD "@127.0.0.1"},
        {"snapshot", "redis://:pre/" PASSWORD "@127.0.0.1"},
        {"snapshot", "redis://:pre:" PASSWORD},
        {"snapshot", "--config", path},
        {"snapshot", url_of(s, "nobody:" PASSWORD)},
        {"enqueue", "test", "--yes", "-u", url_of(s, "nobody:" PASSWORD)},
        {"result", "x", "-u", url_of(s, "nobody:" PASSWORD)},
        {"invalidate", "x:*", "--yes", "-u", "redis://:" PASSWORD "@127.0.0.1:1/0"},
    };
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        struct ran r = stage_run(attempts[i], NULL, NULL);
        assert_int_not_equal(r.code, 0);
        assert_int_not_equal(r.code, -1);
        assert_absent(r.out, strlen(r.out), "stdout");
        assert_absent(r.err, strlen(r.err), "stderr");
        ran_free(&r);
    }
    struct ran r = stage_run(ENV("snapshot"), ENV("REDIS_URL=redis//:" PASSWORD "@h"), NULL);
    assert_ran(&r, 2, "environment");
    assert_absent(r.err, strlen(r.err), "stderr");
    ran_free(&r);
    char *journal = stage_read(stage_path("state/redai-console/journal"));
    assert_absent(journal, journal ? strlen(journal) : 0, "the journal");
    free(journal);
}

/* A session id is a bearer token: no screen, no journal, no title holds a whole one. */
static void session_id__is_never_whole(void **state)
{
    struct server *s = *state;
    struct pty *p = pty_start(CONSOLE(url_of(s, ":" PASSWORD)), NULL, 40, 120);
    assert_true(pty_wait_text(p, "Anna Nowak", WAIT_MS));
    pty_send(p, "\r");
    assert_true(pty_wait_text(p, "example.com", WAIT_MS));
    pty_send(p, "x");
    assert_true(pty_wait_text(p, ": do it", WAIT_MS));
    pty_settle(p); /* a person reads it before */
    pty_send(p, "y");
    assert_true(pty_wait_text(p, "done: ", WAIT_MS));
    pty_send(p, ":receipts\r");
    assert_true(pty_wait_text(p, "revoke session", WAIT_MS));
    struct span raw = pty_raw_bytes(p);
    assert_null(memmem(raw.data, raw.len, SID_ANNA, strlen(SID_ANNA)));
    assert_null(memmem(raw.data, raw.len, SID_ANNA_2, strlen(SID_ANNA_2)));
    assert_null(strstr(pty_title(p), "AAAA"));
    assert_null(strstr(pty_title(p), PASSWORD));
    pty_stop(p);
    char *journal = stage_read(stage_path("state/redai-console/journal"));
    assert_non_null(journal);
    assert_null(strstr(journal, SID_ANNA));
    assert_null(strstr(journal, SID_ANNA_2));
    free(journal);
}

static void session_id__is_not_in_the_process_list__while_a_verb_asks(void **state)
{
    struct server *s = *state;
    struct pty *p = pty_start(
        CONSOLE("-u", url_of(s, ":" PASSWORD), "revoke", "session", SID_MAREK, SID_ZOFIA), NULL, 40, 120);
    assert_true(pty_wait_text(p, "do it?", WAIT_MS));
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/cmdline", pty_pid(p));
    FILE *f = fopen(path, "r");
    char text[4096];
    size_t len = f ? fread(text, 1, sizeof text, f) : 0;
    assert_true(len > 0);
    fclose(f);
    assert_null(memmem(text, len, SID_MAREK, strlen(SID_MAREK)));
    assert_null(memmem(text, len, SID_ZOFIA, strlen(SID_ZOFIA)));
    assert_null(memmem(text, len, PASSWORD, strlen(PASSWORD)));
    pty_send(p, "n\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    struct span raw = pty_raw_bytes(p);
    assert_null(memmem(raw.data, raw.len, SID_MAREK, strlen(SID_MAREK)));
    pty_stop(p);
}

/* --- children, crashes, what was typed --- */

#define TYPED "typed-donkey-staple"
#define OTHER "other-zebra-battery"

static int look_in_file(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)where;
    if (type == FTW_F && S_ISREG(info->st_mode) && !strstr(path, "/wrong")) { /* which the test has written */
        char *text = stage_read(path);
        assert_non_null(text);
        for (size_t i = 0; i < 3; i++) {
            static const char *const secrets[] = {PASSWORD, TYPED, OTHER};
            if (strstr(text, secrets[i])) {
                fail_msg("%s holds %s", path, secrets[i]);
            }
        }
        free(text);
    }
    return 0;
}

static bool is_written(struct pty *p, void *path)
{
    (void)p;
    char *text = stage_read(path);
    bool whole = text && strstr(text, "END");
    free(text);
    return whole;
}

/* What a hook sees of the console: its own three descriptors, and no secret, neither its own nor its
 * parent's. */
static void secrets__reach__no_child_no_file_no_core_and_no_screen(void **state)
{
    struct server *s = *state;
    char hook[256], config[256], seen[256], text[1024];
    snprintf(hook, sizeof hook, "%s", stage_path("hook.sh"));
    snprintf(config, sizeof config, "%s", stage_path("hooked"));
    snprintf(seen, sizeof seen, "%s", stage_path("seen"));
    snprintf(text, sizeof text,
             "#!/bin/sh\ncat >/dev/null\n{ env; ls /proc/self/fd | tr '\\n' ' '; cat /proc/$PPID/cmdline "
             "/proc/$PPID/environ /proc/$$/cmdline; echo END; } >%s.$$ 2>/dev/null; mv %s.$$ %s\n",
             seen, seen, seen); /* more than one alert fires: each writes it whole */
    stage_write(hook, text);
    assert_int_equal(chmod(hook, 0755), 0);
    snprintf(text, sizeof text,
             "set alert-command \"%s\"\nalert any when server.clients >= 1 severity warning\n", hook);
    stage_write(config, text);
    struct pty *p = pty_start(CONSOLE("--config", config, url_of(s, ":" PASSWORD)),
                              ENV("REDIS_PASSWORD=" OTHER, "PLATFORM_URL=redis://:" OTHER "@h/0"), 40, 120);
    assert_non_null(p);
    assert_true(pty_wait_text(p, "Anna Nowak", WAIT_MS));
    assert_true(pty_wait(p, is_written, seen, WAIT_MS));
    char *what = stage_read(seen);
    assert_non_null(strstr(what, "0 1 2 3 ")); /* 3: ls looks at the folder */
    assert_null(strstr(what, " 4 "));
    free(what);
    pty_send(p, ":connect redis://ada:" TYPED "@127.0.0.1:x/0\r");
    assert_true(pty_wait_text(p, "port", WAIT_MS));
    pty_send(p, ":pane redis://ada:" TYPED "@h\r");
    assert_true(pty_wait_text(p, "ada:*******************@h", WAIT_MS));
    pty_send(p, ":note saw redis://ada:" TYPED "@h\r");
    assert_true(pty_wait_text(p, "noted in", WAIT_MS));
    pty_signal(p, SIGSEGV);
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_false(pty_alternate_screen(p));
    assert_null(strstr(pty_screen_text(p), "Anna"));
    struct span raw = pty_raw_bytes(p);
    assert_null(memmem(raw.data, raw.len, TYPED, strlen(TYPED)));
    assert_absent(raw.data, raw.len, "what the terminal got");
    int status = pty_stop(p);
    assert_false(WIFSIGNALED(status) && WCOREDUMP(status));
    assert_int_equal(nftw(stage_home(), look_in_file, 8, FTW_PHYS), 0);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(password__is_nowhere__when_it_came_in_the_url),
        LIVE(password__is_nowhere__when_it_came_from_the_environment),
        LIVE(password__is_nowhere__when_something_is_wrong),
        LIVE(session_id__is_never_whole),
        LIVE(secrets__reach__no_child_no_file_no_core_and_no_screen),
        LIVE(session_id__is_not_in_the_process_list__while_a_verb_asks),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
