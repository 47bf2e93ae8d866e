/* The alert command, from an option's text to a program's end: what waits, what is dropped, what is said. */
#include "app/hook_command.h"
#include "support/unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REPORTS_MAX = 64 };

struct report {
    char *subject, *outcome, *text;
};

static struct {
    struct report ran[REPORTS_MAX];
    size_t runs;
    char *told[REPORTS_MAX];
    size_t tells;
    size_t wanted; /* runs */
} seen;

static char folder[] = "/tmp/redai-hook-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void script(const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(in_folder(name), "w");
    fprintf(file, "#!/bin/sh\n%s\n", text);
    fclose(file);
    chmod(in_folder(name), mode);
}

static void on_ran(void *ctx, const char *subject, const char *outcome, const char *text)
{
    (void)ctx;
    assert_true(seen.runs < REPORTS_MAX);
    seen.ran[seen.runs++] = (struct report){mem_strdup(subject), mem_strdup(outcome), mem_strdup(text)};
    if (seen.runs == seen.wanted) {
        ev_break(EV_DEFAULT_ EVBREAK_ALL);
    }
}

static void on_tell(void *ctx, const char *text, const char *detail)
{
    char line[600];
    (void)ctx;
    snprintf(line, sizeof line, "%s|%s", text, detail);
    assert_true(seen.tells < REPORTS_MAX);
    seen.told[seen.tells++] = mem_strdup(line);
}

static void begin(struct hook_command *h, const char *line)
{
    struct err err;
    for (size_t i = 0; i < seen.runs; i++) {
        mem_free(seen.ran[i].subject);
        mem_free(seen.ran[i].outcome);
        mem_free(seen.ran[i].text);
    }
    for (size_t i = 0; i < seen.tells; i++) {
        mem_free(seen.told[i]);
    }
    memset(&seen, 0, sizeof seen);
    hook_command_init(
        h, &(struct hook_command_options){.loop = ev_default_loop(0), .ran = on_ran, .tell = on_tell});
    if (!hook_command_set(h, line, &err)) {
        fail_msg("%s", err.text);
    }
}

static void wait_runs(size_t count)
{
    seen.wanted = count;
    while (seen.runs < count) {
        ev_run(EV_DEFAULT_ 0);
    }
}

static void line__is_taken_apart__or_its_mistake_is_named(void **state)
{
    (void)state;
    struct hook_command h;
    struct err err;
    begin(&h, NULL);
    assert_false(hook_command_on(&h));
    assert_true(hook_command_check(&h, &err));
    assert_true(hook_command_set(&h, "notify \"two words\" '$HOME' last", &err));
    assert_string_equal(h.argv[0], "notify");
    assert_string_equal(h.argv[1], "two words");
    assert_string_equal(h.argv[2], "$HOME");
    assert_string_equal(h.argv[3], "last");
    assert_null(h.argv[4]);
    assert_false(hook_command_set(&h, "notify \"open", &err));
    assert_non_null(strstr(err.text, "alert-command: "));
    assert_false(hook_command_on(&h));
    assert_false(hook_command_set(&h, "\"\" x", &err));
    assert_non_null(strstr(err.text, "names no program"));
    hook_command_release(&h);
}

static void check__names_the_program__that_cannot_run(void **state)
{
    (void)state;
    struct hook_command h;
    struct err err;
    begin(&h, "redai-no-such-program x");
    assert_false(hook_command_check(&h, &err));
    assert_string_equal(err.text, "alert-command: \"redai-no-such-program\" is not in PATH");
    assert_true(hook_command_set(&h, "/nowhere/x", &err));
    assert_false(hook_command_check(&h, &err));
    assert_string_equal(err.text, "alert-command: \"/nowhere/x\" does not exist");
    script("plain", "exit 0", 0644);
    assert_true(hook_command_set(&h, in_folder("plain"), &err));
    assert_false(hook_command_check(&h, &err));
    assert_non_null(strstr(err.text, "/plain\" is not executable"));
    assert_true(hook_command_set(&h, "sh -c x", &err));
    assert_true(hook_command_check(&h, &err));
    hook_command_release(&h);
}

static void failure__is_told_once__until_it_is_another(void **state)
{
    (void)state;
    struct hook_command h;
    script("moody", "read -r line; echo \"no: $line\" >&2; test -e $0.ok || exit 7", 0755);
    begin(&h, in_folder("moody"));
    hook_command_send(&h, 1, "r firing a", S("{\"n\":1"));
    wait_runs(1);
    hook_command_send(&h, 2, "r firing b", S("{\"n\":2"));
    wait_runs(2);
    assert_string_equal(seen.ran[0].subject, "r firing a");
    assert_string_equal(seen.ran[0].outcome, "exit 7");
    assert_non_null(strstr(seen.ran[0].text, " s: no: {\"n\":1,\"skipped\":0}"));
    assert_string_equal(seen.ran[1].outcome, "exit 7");
    assert_int_equal(seen.tells, 1);
    assert_non_null(strstr(seen.told[0], "moody\": exit 7|no: {\"n\":1"));
    script("moody.ok", "", 0644);
    hook_command_send(&h, 3, "r firing c", S("{\"n\":3"));
    wait_runs(3);
    assert_string_equal(seen.ran[2].outcome, "exit 0");
    unlink(in_folder("moody.ok"));
    hook_command_send(&h, 4, "r firing d", S("{\"n\":4"));
    wait_runs(4);
    assert_int_equal(seen.tells, 2);
    unlink(in_folder("moody"));
    hook_command_send(&h, 5, "r firing e", S("{\"n\":5"));
    assert_int_equal(seen.runs, 5); /* at once: there is nothing to wait for */
    assert_string_equal(seen.ran[4].outcome, "not started");
    assert_int_equal(seen.tells, 3);
    assert_non_null(strstr(seen.told[2], "moody\": cannot be started: No such file or directory|"));
    hook_command_release(&h);
}

/* Of one thing the newest word waits; of many, at most so many wait; all that is dropped is counted. */
static void flood__is_held_back_and_counted(void **state)
{
    (void)state;
    struct hook_command h;
    script("file", "cat >> $0.log", 0755);
    begin(&h, in_folder("file"));
    for (int i = 0; i < 5; i++) { /* one thing that flaps */
        char json[32];
        snprintf(json, sizeof json, "{\"flap\":%d", i);
        hook_command_send(&h, 1, "flap", span_of(json));
    }
    assert_int_equal(h.count, 1);
    assert_int_equal(h.dropped, 3);
    for (uint64_t i = 0; i < 100; i++) { /* a hundred things at once */
        hook_command_send(&h, 100 + i, "many", S("{\"many\":1"));
    }
    assert_int_equal(h.count, HOOK_WAITING_MAX);
    assert_true(seen.tells >= 1);
    assert_non_null(strstr(seen.told[0], "not passed on"));
    assert_string_equal(seen.ran[0].outcome, "dropped");
    /* twenty starts in all; nothing else for a minute */
    while (h.gate.count < HOOK_STARTS_MAX || hook_child_runs(&h.child[0]) || hook_child_runs(&h.child[1])) {
        ev_run(EV_DEFAULT_ EVRUN_ONCE);
    }
    assert_true(ev_is_active(&h.next));
    assert_true(ev_timer_remaining(EV_DEFAULT_ & h.next) > 5);
    size_t left = h.count;
    assert_in_range(left, 10, HOOK_WAITING_MAX);
    hook_command_release(&h);
    FILE *log = fopen(in_folder("file.log"), "r");
    char line[200];
    int lines = 0;
    int64_t skipped = 0;
    while (fgets(line, sizeof line, log)) {
        json_t *root = json_loads(line, 0, NULL);
        assert_non_null(root);
        skipped += json_integer_value(json_object_get(root, "skipped"));
        json_decref(root);
        lines++;
    }
    fclose(log);
    assert_int_equal(lines, HOOK_STARTS_MAX);
    /* each is accounted for: passed on, dropped (told to the next one that ran, or not yet), still waiting */
    assert_int_equal(105, (size_t)lines + h.dropped + left);
    assert_true((uint64_t)skipped <= h.dropped);
}

static void hanging__is_ended__though_it_does_not_hear(void **state)
{
    (void)state;
    struct hook_command h;
    script("deaf", "trap '' TERM\nsleep 1000 &\nwhile :; do sleep 1000; done", 0755);
    script("slow", "exec sleep 1000", 0755);
    begin(&h, in_folder("deaf"));
    int64_t begun_us = clock_mono_us();
    hook_command_send(&h, 1, "deaf", S("{\"n\":1"));
    struct err err;
    assert_true(hook_command_set(&h, in_folder("slow"), &err));
    hook_command_send(&h, 2, "slow", S("{\"n\":2"));
    pid_t pid = h.child[0].pid;
    hook_command_send(&h, 3, "third", S("{\"n\":3")); /* two at a time */
    assert_int_equal(h.count, 1);
    wait_runs(2);
    int64_t took_us = clock_mono_us() - begun_us;
    assert_true(took_us >= HOOK_LIMIT_US + HOOK_GRACE_US && took_us < 2 * HOOK_LIMIT_US);
    assert_string_equal(seen.ran[0].subject, "slow"); /* on SIGTERM */
    assert_string_equal(seen.ran[0].outcome, "did not end within 10s");
    assert_string_equal(seen.ran[1].subject, "deaf");
    assert_int_equal(h.count, 0); /* the third one's turn came */
    while (kill(-pid, 0) == 0) {} /* with all that it had started */
    hook_command_release(&h);
}

int main(void)
{
    if (!mkdtemp(folder)) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line__is_taken_apart__or_its_mistake_is_named),
        cmocka_unit_test(check__names_the_program__that_cannot_run),
        cmocka_unit_test(failure__is_told_once__until_it_is_another),
        cmocka_unit_test(flood__is_held_back_and_counted),
        cmocka_unit_test(hanging__is_ended__though_it_does_not_hear),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    begin(&(struct hook_command){0}, NULL);
    static const char *const files[] = {"plain", "file", "file.log", "deaf", "slow"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        unlink(in_folder(files[i]));
    }
    rmdir(folder);
    return failed;
}
