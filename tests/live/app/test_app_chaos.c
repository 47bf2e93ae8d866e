/* Memory runs out, at every place in turn: the Nth allocation of the program or of a library fails, or the
 * Nth and all after it. Either it goes on, or it ends with its words and status 70 and the terminal as it
 * was; nothing is called done that was not, and the journal holds whole lines. */
#include "seat.h"
#include "support/unit.h"

#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/num.h"

enum { AT_ONCE = 4, EVERY = 200, EXIT_NO_MEMORY = 70, UUID_CHARS = 36, PATIENCE_MS = 20000 };

static const char *const fails[] = {"REDAI_CHAOS_AT", "REDAI_CHAOS_FROM"};

/* One run of the program without a terminal, in a folder of its own. */
struct run {
    pid_t pid;
    int64_t number;
    int way; /* of fails */
    char home[96];
    int64_t until_us;
};

static struct {
    int64_t runs, exhausted, went_on;
} seen;

static void seen_print(const char *what)
{
    printf("%s: %" PRId64 " runs, %" PRId64 " ended for want of memory, %" PRId64 " went on\n", what,
           seen.runs, seen.exhausted, seen.went_on);
    seen.runs = seen.exhausted = seen.went_on = 0;
}

static char *file(const struct run *r, const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", r->home, name);
    char *text = stage_read(path);
    return text ? text : mem_strdup("");
}

static void redirect(const struct run *r, const char *name, int fd)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", r->home, name);
    FILE *f = fopen(path, "w");
    if (!f) {
        _exit(126);
    }
    dup2(fileno(f), fd);
}

static void run_start(struct run *r, int64_t number, int way, const char *const argv[])
{
    *r = (struct run){.number = number, .way = way, .until_us = clock_mono_us() + PATIENCE_MS * US_PER_MS};
    snprintf(r->home, sizeof r->home, "%s/chaos-%d-%" PRId64, stage_home(), way, number);
    assert_int_equal(mkdir(r->home, 0700), 0);
    r->pid = fork();
    if (r->pid == 0) {
        char text[24];
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        redirect(r, "out", STDOUT_FILENO);
        redirect(r, "err", STDERR_FILENO);
        setenv("XDG_STATE_HOME", r->home, 1);
        snprintf(text, sizeof text, "%" PRId64, number);
        setenv(fails[way], text, 1);
        setenv("LD_PRELOAD", REDAI_CHAOS_LIBRARY, 1);
        execv(PROGRAM, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
}

static void journal_is_whole(const struct run *r)
{
    char *journal = file(r, "redai-console/journal");
    for (char *line = journal; *line;) {
        char *end = strchr(line, '\n');
        json_t *json = end ? json_loadb(line, (size_t)(end - line), 0, NULL) : NULL;
        if (!json) {
            fail_msg("%s=%" PRId64 ": the journal holds half a line: %s", fails[r->way], r->number, line);
        }
        json_decref(json);
        line = end + 1;
    }
    free(journal);
}

static void run_remove(const struct run *r)
{
    static const char *const names[] = {"out", "err", "redai-console/journal", "redai-console", ""};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[160];
        snprintf(path, sizeof path, "%s/%s", r->home, names[i]);
        remove(path);
    }
}

/* The one way to end that is demanded of every run. */
static void ended_well(const struct run *r, int status)
{
    char *err = file(r, "err");
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    bool exhausted = code == EXIT_NO_MEMORY && strstr(err, "redai-console: out of memory\n");
    if (!exhausted && (code < 0 || code > 4)) {
        fail_msg("%s=%" PRId64 ": ended by %d: %s", fails[r->way], r->number, code, err);
    }
    journal_is_whole(r);
    seen.runs++;
    seen.exhausted += exhausted;
    seen.went_on += !exhausted;
    free(err);
}

/* judge: what is demanded beyond that. */
typedef void (*judge_fn)(struct server *s, const struct run *r, int status);

static void reap(struct server *s, struct run runs[AT_ONCE], judge_fn judge)
{
    for (int i = 0; i < AT_ONCE; i++) {
        struct run *r = &runs[i];
        int status = 0;
        if (r->pid && waitpid(r->pid, &status, WNOHANG) == r->pid) {
            ended_well(r, status);
            if (judge) {
                judge(s, r, status);
            }
            run_remove(r);
            r->pid = 0;
        } else if (r->pid && clock_mono_us() > r->until_us) {
            kill(r->pid, SIGKILL);
            fail_msg("%s=%" PRId64 ": does not end", fails[r->way], r->number);
        }
    }
}

static struct run *idle(struct run runs[AT_ONCE])
{
    for (int i = 0; i < AT_ONCE; i++) {
        if (!runs[i].pid) {
            return &runs[i];
        }
    }
    return NULL;
}

static int64_t allocations(const char *const argv[])
{
    char path[128];
    int64_t count = 0;
    snprintf(path, sizeof path, "%s", stage_path("count"));
    char setting[160];
    snprintf(setting, sizeof setting, "REDAI_CHAOS_COUNT=%s", path);
    struct ran ran = stage_run(argv + 1, ENV("LD_PRELOAD=" REDAI_CHAOS_LIBRARY, setting), NULL);
    assert_in_range(ran.code, 0, 2);
    ran_free(&ran);
    char *text = stage_read(path);
    assert_non_null(text);
    count = strtoll(text, NULL, 10);
    free(text);
    assert_true(count > EVERY);
    return count;
}

/* With a stride of 1 each; else of the first few hundred each, then with strides between 1 and twice as long,
 * the same each time. With REDAI_CHAOS_EVERY in the environment each of all, which takes an hour. */
static int64_t next_number(int64_t number, int64_t stride)
{
    return number < EVERY || stride == 1 || getenv("REDAI_CHAOS_EVERY")
               ? number + 1
               : number + 1 + (number * 7919) % (2 * stride);
}

static void chaos(struct server *s, const char *what, const char *const argv[], int64_t stride,
                  judge_fn judge)
{
    struct run runs[AT_ONCE] = {{0}};
    int64_t count = allocations(argv);
    int64_t begin_us = clock_mono_us();
    for (int way = 0; way < (int)COUNT_OF(fails); way++) {
        for (int64_t number = 1; number <= count; number = next_number(number, stride)) {
            struct run *free_one;
            while (!(free_one = idle(runs))) {
                reap(s, runs, judge);
                poll(NULL, 0, 1);
            }
            run_start(free_one, number, way, argv);
        }
    }
    for (bool any = true; any;) {
        reap(s, runs, judge);
        any = false;
        for (int i = 0; i < AT_ONCE; i++) {
            any = any || runs[i].pid;
        }
        poll(NULL, 0, 1);
    }
    printf("%" PRId64 " allocations, %" PRId64 " ms; ", count, (clock_mono_us() - begin_us) / US_PER_MS);
    assert_true(seen.exhausted > count / (4 * stride));
    seen_print(what);
}

static int set_up(void **state)
{
    *state = stage_server(NULL);
    stage_fill(*state);
    stage_do(*state, 0, "DEL celery");
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

static void snapshot__ends_with_words(void **state)
{
    const char *const argv[] = {PROGRAM, "snapshot", "--format", "json", "-u", server_url(*state, 0), NULL};
    chaos(*state, "snapshot", argv, 60, NULL);
}

/* What was called done, on the screen, by the exit code or in the journal, is in the queue. */
static void nothing_is_claimed(struct server *s, const struct run *r, int status)
{
    char *err = file(r, "err");
    char *out = file(r, "out");
    char *journal = file(r, "redai-console/journal");
    static const char subject[] = "\"subject\": \"api.tasks.test_redis_task ";
    char *list = stage_ask(s, 0, "LRANGE celery 0 -1");
    char *id = span_dup(span_head(span_of(out), strcspn(out, "\n")));
    bool claimed =
        WEXITSTATUS(status) == 0 || strstr(err, "done: ") || strstr(journal, "\"outcome\": \"done\"");
    const char *at = strstr(journal, subject);
    if (!*id && at) { /* it ended before it was printed; the journal names it */
        mem_free(id);
        id = span_dup(span_make(at + sizeof subject - 1, UUID_CHARS));
    }
    if (claimed && (!*id || !strstr(list, id))) {
        fail_msg("%s=%" PRId64 ": \"%s\" was called done, and is not there: %s", fails[r->way], r->number, id,
                 err);
    }
    mem_free(id);
    free(list);
    free(journal);
    free(out);
    free(err);
}

static void action__is_not_called_done__unless_it_was(void **state)
{
    const char *const argv[] = {PROGRAM, "enqueue", "test", "message=a", "--yes", "-u", server_url(*state, 0),
                                NULL};
    chaos(*state, "enqueue", argv, 1, nothing_is_claimed);
}

/* --- in a terminal --- */

static bool has_batches(struct pty *p, void *ctx)
{
    (void)ctx;
    return strstr(pty_screen_text(p), "7f3c9a12") != NULL;
}

/* Opens it, draws all, takes a few keys, quits; memory may run out anywhere. */
static void sit_down(struct server *s, int64_t number, int way)
{
    char setting[64], home[128];
    snprintf(setting, sizeof setting, "%s=%" PRId64, fails[way], number);
    snprintf(home, sizeof home, "XDG_STATE_HOME=%s", stage_path("chaos-seat"));
    struct pty *p = seat_open(s, seat_small, NULL, ENV(setting, home, "LD_PRELOAD=" REDAI_CHAOS_LIBRARY));
    if (pty_wait(p, has_batches, NULL, PATIENCE_MS)) {
        seat_key(p, "\t2?");
        pty_wait_text(p, "help: ", PATIENCE_MS);
        seat_key(p, "\033");
        pty_wait_text_gone(p, "help: ", PATIENCE_MS);
        seat_key(p, ":revoke session " SID_ANNA "\r");
        pty_wait_text(p, ": do it", PATIENCE_MS);
        seat_key(p, "n");
        pty_wait_text_gone(p, ": do it", PATIENCE_MS);
        seat_key(p, "q");
    }
    if (!pty_wait_exit(p, PATIENCE_MS)) {
        fail_msg("%s: does not end\n%s", setting, pty_screen_text(p));
    }
    struct termios modes = pty_modes(p);
    if (!(modes.c_lflag & ICANON) || !(modes.c_lflag & ECHO) || pty_alternate_screen(p)) {
        fail_msg("%s: the terminal is not as it was", setting);
    }
    static const char *const words[] = {"redai-console: ",
                                        "Out of memory"}; /* the second: curses, as it starts */
    struct span raw = pty_raw_bytes(p);
    bool has_words =
        span_search(raw, span_of(words[0])) < raw.len || span_search(raw, span_of(words[1])) < raw.len;
    int status = pty_stop(p);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    if (code != 0 && !(has_words && (code == EXIT_NO_MEMORY || code == 1 || code == 2))) {
        fail_msg("%s: ended by %d", setting, code);
    }
    seen.runs++;
    seen.exhausted += code != 0;
    seen.went_on += code == 0;
}

static void console__gives_the_terminal_back(void **state)
{
    int64_t begin_us = clock_mono_us();
    for (int way = 0; way < (int)COUNT_OF(fails); way++) {
        for (int64_t number = 1; number < 9000; number += 1 + number / 9 + (number * 7919) % 5) {
            sit_down(*state, number, way);
        }
    }
    printf("%" PRId64 " ms; ", (clock_mono_us() - begin_us) / US_PER_MS);
    assert_true(seen.exhausted > 20);
    seen_print("console");
    assert_int_equal(stage_number(*state, 0, "EXISTS session:" SID_ANNA), 1);
}

int main(void)
{
    server_require();
    stage_isolate();
    setvbuf(stdout, NULL, _IOLBF, 0);
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(action__is_not_called_done__unless_it_was),
        LIVE(snapshot__ends_with_words),
        LIVE(console__gives_the_terminal_back),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
