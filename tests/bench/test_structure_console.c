/* What the running console costs, in counts: commands to Redis, bytes to the terminal, wake-ups, calls of the
 * kernel and allocations, while nothing happens, for a key, and while the platform is busy. The bounds are
 * those of the design, or about twice what was measured; a slow machine only lowers what is
 * counted in a second.
 */
#include "server/server.h"
#include "support/unit.h"
#include "syscalls.h"
#include "terminal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "redai/base/clock.h"
#include "redai/base/mem.h"
#include "redai/base/num.h"

enum { WIDTH = 120, HEIGHT = 40, SETTLE_MS = 3000, WINDOW_MS = 5000, BEGIN_MS = 10000 };
enum { SESSIONS = 100, KEYS = 20, TICKS = 50, TICK_MS = 100 };

struct house {
    struct server *server;
    redisContext *redis;
    int64_t own_commands;
    struct terminal terminal;
    struct syscalls *syscalls;
    _Atomic int64_t *allocations; /* counted by tests/preload/tally.c */
    char tally[64];
};

struct counts {
    int64_t at_us, commands, bytes, wake_ups, allocations;
    struct syscall_counts syscalls;
};

/* --- what is counted --- */

static int64_t number_after(const char *text, const char *name)
{
    struct span s = span_of(text);
    s = span_skip(s, span_search(s, span_of(name)) + strlen(name));
    int64_t n = -1;
    while (s.len && (*s.data == ' ' || *s.data == '\t')) {
        s = span_skip(s, 1);
    }
    size_t digits = 0;
    while (digits < s.len && s.data[digits] >= '0' && s.data[digits] <= '9') {
        digits++;
    }
    num_i64(span_head(s, digits), &n);
    return n;
}

static int64_t commands_done(struct house *h)
{
    redisReply *reply = redisCommand(h->redis, "INFO stats");
    assert_non_null(reply);
    int64_t n = number_after(reply->str, "total_commands_processed:") - h->own_commands;
    freeReplyObject(reply);
    h->own_commands++;
    return n;
}

static int64_t wake_ups(int pid)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    (void)fclose(f);
    return number_after(text, "\nvoluntary_ctxt_switches:");
}

static struct counts count(struct house *h)
{
    return (struct counts){.at_us = clock_mono_us(),
                           .commands = commands_done(h),
                           .bytes = h->terminal.bytes,
                           .wake_ups = wake_ups(h->terminal.pid),
                           .allocations = *h->allocations,
                           .syscalls =
                               h->syscalls ? syscalls_so_far(h->syscalls) : (struct syscall_counts){0, 0}};
}

static struct counts since(struct house *h, struct counts before)
{
    struct counts now = count(h);
    return (struct counts){
        .at_us = now.at_us - before.at_us,
        .commands = now.commands - before.commands,
        .bytes = now.bytes - before.bytes,
        .wake_ups = now.wake_ups - before.wake_ups,
        .allocations = now.allocations - before.allocations,
        .syscalls = {now.syscalls.all - before.syscalls.all, now.syscalls.writes - before.syscalls.writes}};
}

/* At most so many for each of what there were: told, and something must have been counted at all. */
static void within(const char *what, int64_t counted, double of, const char *each, double bound)
{
    double n = (double)counted / of;
    print_message("  %s for each %s: %.1f, at most %.0f\n", what, each, n, bound);
    assert_true(counted > 0 && of > 0);
    assert_true(n <= bound);
}

/* --- the platform and the console on it --- */

static void fill(struct house *h)
{
    for (int i = 0; i < SESSIONS; i++) {
        freeReplyObject(redisCommand(h->redis, "SETEX session:%043d 86400 %s", i,
                                     "{\"user_id\": 1, \"name\": \"User 1\", \"role\": \"student\"}"));
        freeReplyObject(redisCommand(h->redis, "SETEX exam:questions:%d 86400 x", i));
    }
    freeReplyObject(redisCommand(h->redis, "SADD _kombu.binding.celery %b",
                                 "celery\x06\x16\x06\x16"
                                 "celery",
                                 (size_t)16));
    h->own_commands += 2 * SESSIONS + 1;
}

static void map_tally(struct house *h)
{
    snprintf(h->tally, sizeof h->tally, "%s/tally", server_folder(h->server));
    int fd = open(h->tally, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && ftruncate(fd, sizeof(int64_t)) == 0);
    h->allocations = mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(h->allocations, MAP_FAILED);
    close(fd);
}

static bool wait_text(struct house *h, const char *text)
{
    int64_t until_us = clock_mono_us() + BEGIN_MS * US_PER_MS;
    while (!terminal_shows(&h->terminal, text) && terminal_wait(&h->terminal, until_us)) {}
    return terminal_shows(&h->terminal, text);
}

static void run_for(struct house *h, int ms)
{
    terminal_run_until(&h->terminal, clock_mono_us() + ms * US_PER_MS);
}

static int set_up(void **state)
{
    static const char *const args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    static char tally[100], preload[] = "LD_PRELOAD=" REDAI_TALLY_SO;
    struct house *h = mem_zalloc(sizeof *h);
    h->server = server_start(&(struct server_options){.args = args});
    assert_non_null(h->server);
    h->redis = server_connect(h->server);
    assert_non_null(h->redis);
    fill(h);
    map_tally(h);
    snprintf(tally, sizeof tally, "REDAI_TALLY=%s", h->tally);
    char *url = mem_strdup(server_url(h->server, 0));
    char program[] = REDAI_CONSOLE, env[] = "env", config[] = "XDG_CONFIG_HOME=/nonexistent";
    char *const argv[] = {env, config, preload, tally, program, url, NULL};
    h->terminal = (struct terminal){.cols = WIDTH, .rows = HEIGHT};
    assert_true(terminal_start(&h->terminal, (char **)(uintptr_t)argv));
    mem_free(url);
    *state = h;
    assert_true(wait_text(h, "User 1"));
    run_for(h, SETTLE_MS);
    return 0;
}

static int tear_down(void **state)
{
    struct house *h = *state;
    if (h->syscalls) {
        syscalls_stop(h->syscalls);
    }
    terminal_stop(&h->terminal);
    munmap(h->allocations, sizeof(int64_t));
    redisFree(h->redis);
    server_stop(h->server);
    mem_free(h);
    return 0;
}

/* --- the tests --- */

static void idle__second__stays_within_its_counts(void **state)
{
    struct house *h = *state;
    struct counts c = count(h);
    run_for(h, WINDOW_MS);
    c = since(h, c);
    double seconds = (double)c.at_us / 1e6;
    within("commands", c.commands, seconds, "second", 8);
    within("bytes to the terminal", c.bytes, seconds, "second", 600);
    within("wake-ups", c.wake_ups, seconds, "second", 25);
    within("allocations", c.allocations, (double)c.commands, "command and its reply", 70);

    h->syscalls = syscalls_start(h->terminal.pid); /* which wakes it up more often: counted apart */
    assert_non_null(h->syscalls);
    c = count(h);
    run_for(h, WINDOW_MS);
    c = since(h, c);
    within("calls of the kernel", c.syscalls.all, (double)c.at_us / 1e6, "second", 120);
    within("calls of the kernel", c.syscalls.all, (double)c.syscalls.writes, "frame", 50);
    within("bytes to the terminal", c.bytes, (double)c.syscalls.writes, "frame", 300);
}

/* The cursor goes down and up again: each press is one frame. */
static void key__press__stays_within_its_counts(void **state)
{
    struct house *h = *state;
    h->syscalls = syscalls_start(h->terminal.pid);
    assert_non_null(h->syscalls);
    struct counts c = count(h);
    for (int i = 0; i < KEYS; i++) {
        assert_int_equal(write(h->terminal.fd, i % 2 ? "k" : "j", 1), 1);
        assert_true(terminal_wait(&h->terminal, clock_mono_us() + BEGIN_MS * US_PER_MS));
    }
    c = since(h, c);
    within("calls of the kernel", c.syscalls.all, KEYS, "key", 30);
    within("writes to the terminal", c.syscalls.writes, KEYS, "key", 2);
    within("bytes to the terminal", c.bytes, KEYS, "key", 500);
    within("allocations", c.allocations, KEYS, "key", 30);
}

/* A tenth of a second: answers are written and read, sessions renewed, a batch moves on. */
static void tick(struct house *h, int n)
{
    int sent = 0;
    for (int i = 0; i < 20; i++, sent++) {
        redisAppendCommand(h->redis, "SETEX exam:questions:%d 600 x", (n * 20 + i) % SESSIONS);
    }
    for (int i = 0; i < 5; i++, sent++) {
        redisAppendCommand(h->redis, "EXPIRE session:%043d 86400", (n * 5 + i) % SESSIONS);
    }
    redisAppendCommand(h->redis,
                       "SETEX batch:progress:3f0c1c5e-0000-4000-a000-000000000001 600 "
                       "{\"current\":%d,\"total\":200,\"percentage\":%d.0,\"status\":\"in_progress\"}",
                       n % 200, n % 200 / 2);
    sent++;
    for (int i = 0; i < sent; i++) {
        void *reply;
        assert_int_equal(redisGetReply(h->redis, &reply), REDIS_OK);
        freeReplyObject(reply);
    }
    h->own_commands += sent;
}

static void busy__platform__stays_within_its_counts(void **state)
{
    struct house *h = *state;
    int64_t begun_us = 0;
    struct counts c = {0};
    for (int i = 0; i < 2 * TICKS; i++) { /* the first half: all of it has been seen once */
        if (i == TICKS) {
            h->syscalls = syscalls_start(h->terminal.pid);
            assert_non_null(h->syscalls);
            c = count(h);
            begun_us = clock_mono_us();
        }
        tick(h, i);
        run_for(h, TICK_MS);
    }
    c = since(h, c);
    double seconds = (double)(clock_mono_us() - begun_us) / 1e6;
    within("commands", c.commands, seconds, "second", 120);
    within("frames", c.syscalls.writes, seconds, "second", 11);
    within("bytes to the terminal", c.bytes, (double)c.syscalls.writes, "frame", 250);
    within("calls of the kernel", c.syscalls.all, (double)c.syscalls.writes, "frame", 60);
    within("allocations", c.allocations, TICKS * 26., "change in Redis", 8);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(idle__second__stays_within_its_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(key__press__stays_within_its_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(busy__platform__stays_within_its_counts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
