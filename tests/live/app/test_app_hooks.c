/* What leaves the console when an alert fires: bell, title, a command. The real program in a terminal, its
 * bytes looked at one by one, and programs that behave and that do not. */
#include "seat.h"
#include "support/unit.h"

#include <dirent.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEP    "\x06\x16"
#define CLIENT "alert someone when server.clients >= 1 severity warning\n"
#define DEPTH  "alert deep when queue.depth > 2 severity warning message \"%o holds %v\"\n"

static int set_up(void **state)
{
    *state = stage_server(NULL);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

/* The test's rules alone: those that every console has are switched off, by the table of its own
 * documentation.
 */
static const char *rules(const char *text)
{
    UT_string all;
    struct ran r = RUN("usage");
    utstring_init(&all);
    struct span rest = span_of(strstr(r.out, "## Alert rules"));
    assert_true(rest.len > 0);
    rest = span_skip(rest, 3);
    rest = span_head(rest, span_search(rest, S("\n#")));
    while (rest.len) {
        struct span line = span_head(rest, span_find(rest, '\n'));
        struct span name = span_skip(line, 2);
        name = span_head(name, span_find(name, ' '));
        if (span_starts(line, S("| ")) && name.data[0] != '-' && !span_equal(name, S("rule"))) {
            utstring_printf(&all, "alert %.*s off\n", (int)name.len, name.data);
        }
        rest = span_skip(rest, line.len + 1);
    }
    ran_free(&r);
    utstring_printf(&all, "%s", text);
    stage_write(stage_path("rules"), utstring_body(&all));
    utstring_done(&all);
    return stage_path("rules");
}

static char *script(const char *name, const char *text)
{
    char *path = mem_strdup(stage_path(name));
    UT_string whole;
    utstring_init(&whole);
    utstring_printf(&whole, "#!/bin/sh\n%s\n", text);
    stage_write(path, utstring_body(&whole));
    utstring_done(&whole);
    chmod(path, 0755);
    return path;
}

static struct pty *sit(struct server *s, const char *config, const char *const more[])
{
    const char *words[20] = {"--config", rules(config)};
    size_t n = 2;
    for (; more && *more; more++) {
        words[n++] = *more;
    }
    struct pty *p = seat_open(s, seat_small, words, NULL);
    seat_see(p, "1 firing");
    return p;
}
#define WITH(...) ((const char *const[]){__VA_ARGS__, NULL})

/* --- what was written --- */

/* Bells alone: a title ends in the same byte. */
static int bells(const struct pty *p)
{
    struct span raw = pty_raw_bytes(p);
    int count = 0;
    bool within = false;
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.data[i] == '\033' && i + 1 < raw.len && raw.data[i + 1] == ']') {
            within = true;
        } else if (raw.data[i] == '\a') {
            count += !within;
            within = false;
        }
    }
    return count;
}

static bool was_written(const struct pty *p, const char *bytes)
{
    struct span raw = pty_raw_bytes(p);
    return span_search(raw, span_of(bytes)) < raw.len;
}

static bool has_rung(struct pty *p, void *ctx)
{
    (void)ctx;
    return bells(p) > 0;
}

static void bell_and_title__come__only_when_asked_for(void **state)
{
    struct server *s = *state;
    struct pty *p = sit(s, CLIENT, NULL);
    assert_int_equal(bells(p), 0);
    assert_false(was_written(p, "\033]2;!"));
    assert_true(was_written(p, "\033]2;redai-console unix://"));
    seat_quit(p);
    p = sit(s, CLIENT, WITH("--alert-bell", "critical", "--alert-title"));
    assert_true(pty_wait_raw(p, "\033]2;! 1 redai unix://", WAIT_MS));
    assert_int_equal(bells(p), 0); /* it is a warning only */
    seat_do(p, "!", "the curtain is drawn");
    assert_true(pty_wait_raw(p, "\033]2;! 1 redai [CURTAIN]\a", WAIT_MS));
    seat_key(p, "q");
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_true(was_written(p, "\033[22;")); /* the title from before is kept, and comes back */
    assert_true(was_written(p, "\033[23;"));
    pty_stop(p);
    p = sit(s, CLIENT, WITH("--alert-bell", "warning"));
    assert_true(pty_wait(p, has_rung, NULL, WAIT_MS));
    assert_int_equal(bells(p), 1);
    assert_false(was_written(p, "\033]2;!"));
    seat_quit(p);
}

static void title__is_never_sent__to_terminals_that_would_print_it(void **state)
{
    struct server *s = *state;
    static const char *const terms[] = {"TERM=linux", "TERM=vt100"};
    for (size_t i = 0; i < COUNT_OF(terms); i++) {
        const char *const more[] = {"--config", rules(CLIENT), "--alert-title", "--alert-bell", "all", NULL};
        struct pty *p = seat_open(s, seat_small, more, ENV(terms[i]));
        assert_true(pty_wait(p, has_rung, NULL, WAIT_MS)); /* which they all understand */
        assert_false(was_written(p, "\033]2;"));
        seat_key(p, "q");
        assert_true(pty_wait_exit(p, WAIT_MS));
        pty_stop(p);
    }
}

/* --- the command --- */

/* The lines of a file; the objects in them are the caller's. */
static size_t objects(const char *path, json_t *root[], size_t max)
{
    char *text = stage_read(path);
    struct span rest = span_of(text);
    size_t count = 0;
    while (rest.len) {
        size_t end = span_find(rest, '\n');
        if (end == rest.len) {
            break; /* still being written */
        }
        json_error_t error;
        json_t *one = json_loadb(rest.data, end, JSON_REJECT_DUPLICATES, &error);
        if (!one) {
            fail_msg("no JSON: %s: %.*s", error.text, (int)end, rest.data);
        }
        assert_true(count < max);
        root[count++] = one;
        rest = span_skip(rest, end + 1);
    }
    free(text);
    return count;
}

static void release(json_t *root[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_decref(root[i]);
    }
}

struct tally {
    const char *path;
    size_t wanted;
};

static bool has_lines(struct pty *p, void *ctx)
{
    (void)p;
    const struct tally *t = ctx;
    char *text = stage_read(t->path);
    size_t count = 0;
    for (const char *at = text; at && *at; at++) {
        count += *at == '\n';
    }
    free(text);
    return count >= t->wanted;
}

static void wait_lines(struct pty *p, const char *path, size_t count)
{
    struct tally t = {path, count};
    if (!pty_wait(p, has_lines, &t, 2 * WAIT_MS)) {
        char *text = stage_read(path);
        fail_msg("%s has not %zu lines: %s\n%s", path, count, text ? text : "(none)", pty_screen_text(p));
    }
}

static const char *text_of(const json_t *root, const char *name)
{
    const char *text = json_string_value(json_object_get(root, name));
    return text ? text : "(null)";
}

static void bind_queue(struct server *s, const char *name)
{
    char member[256];
    snprintf(member, sizeof member, "x" SEP SEP "%s", name);
    free(server_cli(s, "SADD", "_kombu.binding.celery", member, NULL));
    free(server_cli(s, "RPUSH", name, "a", "b", "c", NULL));
}

/* What a thing is called is anybody's choice: it arrives as text of one valid object, and nowhere else. */
static void command__reads_valid_json__whatever_a_queue_is_called(void **state)
{
    struct server *s = *state;
    static const char name[] = "q\"uo\\te'$(touch pwned)`id`;\n|\x1b]0;x\x07";
    char *log = mem_strdup(stage_path("log"));
    char *args = mem_strdup(stage_path("args"));
    char *environment = mem_strdup(stage_path("env"));
    char text[800];
    snprintf(text, sizeof text, "echo \"$# $*\" > %s; env > %s; cat >> %s", args, environment, log);
    char *path = script("take", text);
    snprintf(text, sizeof text, "%s one 'two words' $HOME", path);
    bind_queue(s, name);
    struct pty *p = sit(s, DEPTH, WITH("--read-only", "--alert-command", text));
    wait_lines(p, log, 1);
    free(server_cli(s, "DEL", name, NULL));
    wait_lines(p, log, 2); /* once its ten seconds are over */
    json_t *root[8];
    size_t count = objects(log, root, 8);
    assert_int_equal(count, 2);
    assert_string_equal(text_of(root[0], "event"), "firing");
    assert_string_equal(text_of(root[0], "rule"), "deep");
    assert_string_equal(text_of(root[0], "severity"), "warning");
    assert_string_equal(text_of(root[0], "metric"), "queue.depth");
    assert_non_null(strstr(text_of(root[0], "object"), "q\"uo\\te'$(touch pwned)`id`;"));
    assert_null(strchr(text_of(root[0], "object"), '\x1b'));
    assert_true(json_number_value(json_object_get(root[0], "value")) >= 3);
    assert_true(json_number_value(json_object_get(root[0], "threshold")) == 2);
    assert_string_equal(text_of(root[1], "event"), "resolved");
    assert_string_equal(text_of(root[1], "object"), text_of(root[0], "object"));
    assert_true(json_integer_value(json_object_get(root[1], "number")) >
                json_integer_value(json_object_get(root[0], "number")));
    release(root, count);
    char *told = stage_read(args);
    assert_string_equal(told, "3 one two words $HOME\n"); /* nobody has read it but the console */
    free(told);
    char *all = stage_read(environment);
    assert_null(strstr(all, "REDIS_"));
    assert_non_null(strstr(all, "PATH="));
    free(all);
    seat_quit(p);
    mem_free(path);
    mem_free(environment);
    mem_free(args);
    unlink(log);
    mem_free(log);
}

static size_t entries(pid_t pid, const char *what)
{
    char path[64];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
    DIR *folder = opendir(path);
    while (folder && readdir(folder)) {
        count++;
    }
    if (folder) {
        closedir(folder);
    }
    return count;
}

/* Zombies among them, too. */
static bool no_children(struct pty *p, void *ctx)
{
    char path[80], text[8] = "";
    (void)ctx;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pty_pid(p), pty_pid(p));
    FILE *file = fopen(path, "r");
    bool none = !file || fread(text, 1, sizeof text - 1, file) == 0;
    if (file) {
        fclose(file);
    }
    return none;
}

/* Fifty things at once: twenty starts, the rest waits or is dropped, which is told; nothing stays behind. */
static void command__is_not_overrun__by_a_flood(void **state)
{
    struct server *s = *state;
    char *log = mem_strdup(stage_path("flood"));
    char text[400], name[32];
    snprintf(text, sizeof text, "cat >> %s; head -c 2000000 /dev/zero; exec <&-", log);
    char *path = script("flood.sh", text);
    for (int i = 0; i < 45; i++) {
        snprintf(name, sizeof name, "queue-%02d", i);
        bind_queue(s, name);
    }
    const char *const more[] = {"--config", rules(DEPTH), "--alert-command", path, NULL};
    struct pty *p = seat_open(s, seat_small, more, NULL);
    seat_see(p, "45 firing");
    wait_lines(p, log, 20);
    assert_true(pty_wait(p, no_children, NULL, WAIT_MS));
    size_t before = entries(pty_pid(p), "fd");
    json_t *root[64];
    size_t count = objects(log, root, 64);
    assert_int_equal(count, 20);
    int64_t skipped = 0;
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(text_of(root[i], "event"), "firing");
        skipped += json_integer_value(json_object_get(root[i], "skipped"));
    }
    assert_in_range(skipped, 5, 30);
    release(root, count);
    assert_in_range(before, 3, 40);
    /* a key still answers at once, and the journal has every run and every drop */
    seat_do(p, ":no-such-thing\r", "unknown command");
    seat_quit(p);
    char *journal = stage_read(stage_path("state/redai-console/journal"));
    assert_non_null(strstr(journal, "\"event\": \"hook\", \"action\": \"alert-command\""));
    assert_non_null(strstr(journal, "\"outcome\": \"exit 0\""));
    assert_non_null(strstr(journal, "\"outcome\": \"dropped\""));
    assert_non_null(strstr(journal, "not passed on"));
    free(journal);
    mem_free(path);
    unlink(log);
    mem_free(log);
}

static void command__that_cannot_run__is_named(void **state)
{
    struct server *s = *state;
    struct pty *p = sit(s, CLIENT, WITH("--alert-command", "redai-no-such-program now"));
    seat_see(p, "\"redai-no-such-program\"");
    seat_quit(p);
    stage_write(stage_path("plain"), "x");
    p = seat_open(s, seat_small, WITH("--config", rules(""), "--alert-command", stage_path("plain")), NULL);
    seat_see(p, "is not executable");
    seat_do(p, ":set alert-command nowhere-either\r", "alert-command: \"nowhere-either\" is not in PATH");
    seat_do(p, ":set alert-bell loud\r", "expected one of: off warning");
    seat_quit(p);
    p = seat_open(s, seat_small, WITH("--alert-command", "notify \"open"), NULL); /* a line that is no line */
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_true(was_written(p, "alert-command: "));
    assert_int_equal(WEXITSTATUS(pty_stop(p)), 2);
}

/* It fails, it hangs and hears no SIGTERM: each is told, and the console lives on. */
static void command__that_fails_or_hangs__is_told_of(void **state)
{
    struct server *s = *state;
    char *bad = script("bad", "echo 'no route\033[31m to chat' >&2; exit 3");
    struct pty *p = sit(s, CLIENT, WITH("--alert-command", bad));
    seat_see(p, "exit 3: no route");
    seat_quit(p);
    char *deaf = script("deaf", "trap '' TERM\nwhile :; do sleep 1000; done");
    p = sit(s, CLIENT, WITH("--alert-command", deaf));
    seat_see(p, "did not end within 10s");
    assert_true(pty_wait(p, no_children, NULL, WAIT_MS));
    seat_quit(p);
    p = sit(s, CLIENT, WITH("--alert-command", deaf)); /* and the end of the console does not wait for it */
    seat_quit(p);
    mem_free(deaf);
    mem_free(bad);
}

static void command__is_not_started_again__by_a_new_connection(void **state)
{
    struct server *s = *state;
    char *log = mem_strdup(stage_path("again"));
    char text[200];
    snprintf(text, sizeof text, "cat >> %s", log);
    char *path = script("again.sh", text);
    struct pty *p = sit(s, CLIENT, WITH("--alert-command", path));
    wait_lines(p, log, 1);
    server_kill(s);
    seat_see(p, "REDIS UNREACHABLE");
    assert_true(server_restart(s));
    seat_see_gone(p, "REDIS UNREACHABLE");
    seat_see(p, "1 firing");
    seat_do(p, ":refresh\r", "reading everything anew");
    json_t *root[8];
    size_t count = objects(log, root, 8), someone = 0;
    for (size_t i = 0; i < count; i++) {
        someone += strcmp(text_of(root[i], "rule"), "someone") == 0;
    }
    assert_int_equal(someone, 1);
    release(root, count);
    seat_quit(p);
    mem_free(path);
    mem_free(log);
}

int main(void)
{
    server_require();
    stage_isolate();
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(bell_and_title__come__only_when_asked_for),
        TEST(title__is_never_sent__to_terminals_that_would_print_it),
        TEST(command__reads_valid_json__whatever_a_queue_is_called),
        TEST(command__is_not_overrun__by_a_flood),
        TEST(command__that_cannot_run__is_named),
        TEST(command__that_fails_or_hangs__is_told_of),
        TEST(command__is_not_started_again__by_a_new_connection),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
