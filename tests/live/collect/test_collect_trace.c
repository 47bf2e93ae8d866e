/* A trace on a real server: what it counts is what was done there, and it ends by itself. */
#include "support/unit.h"
#include "watch.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

#define LONG_US  (30 * US_PER_S)
#define MEBIBYTE (INT64_C(1024) * 1024)

static struct server *serve(bool with_tcp)
{
    static const char *args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    struct server *s = server_start(&(struct server_options){.args = args, .with_tcp = with_tcp});
    assert_non_null(s);
    free(server_cli(s, "SETEX", "exam:1", "86400", "{}", NULL));
    free(server_cli(s, "SETEX", "exam:2", "86400", "{}", NULL));
    free(server_cli(s, "SETEX", "session:AAAA1111-secret", "86400", "{\"user_id\": 1}", NULL));
    return s;
}

static bool runs(struct watch *w, void *arg)
{
    (void)arg;
    return model_trace(w->model)->running;
}

static bool is_over(struct watch *w, void *arg)
{
    (void)arg;
    return model_trace(w->model)->ended_us >= 0 && !collect_is_tracing(w->collect);
}

static void begin(struct watch *w, int64_t duration_us, int64_t bytes_max)
{
    struct err err;
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    assert_true(collect_trace(w->collect, duration_us, bytes_max, &err));
    if (!watch_until(w, runs, NULL, WAIT_MS)) {
        fail_msg("no trace: %s", model_trace(w->model)->text);
    }
}

static bool has_commands(struct watch *w, void *arg)
{
    const struct trace_view *v = model_trace(w->model);
    return !v->running || v->commands >= *(int64_t *)arg;
}

static const struct family *family_of(struct watch *w, const char *name)
{
    for (size_t i = 0; i < model_family_count(w->model); i++) {
        if (strcmp(model_family_at(w->model, i)->name, name) == 0) {
            return model_family_at(w->model, i);
        }
    }
    fail_msg("there is no family %s", name);
    return NULL;
}

static void expect(struct watch *w, const char *name, int64_t reads, int64_t writes, int64_t misses)
{
    const struct family *f = family_of(w, name);
    if (f->traced_reads != reads || f->traced_writes != writes || f->traced_misses != misses) {
        fail_msg("%s: %" PRId64 " reads, %" PRId64 " writes, %" PRId64 " misses", name, f->traced_reads,
                 f->traced_writes, f->traced_misses);
    }
}

static void expect_no_monitor(struct server *s)
{
    char *clients = server_cli(s, "CLIENT", "LIST", NULL);
    assert_non_null(strstr(clients, "name=redai-console:poll"));
    assert_null(strstr(clients, "name=redai-console:trace"));
    assert_null(strstr(clients, "cmd=monitor"));
    free(clients);
}

enum { ROUNDS = 20, A_ROUND = 9 };

/* One round: exam 4 reads of which 1 misses and 1 write; session 1 read, 1 write. One of them by a script,
 * and two commands that are counted as commands alone. */
static void do_round(struct server *s)
{
    free(server_cli(s, "GET", "exam:1", NULL));
    free(server_cli(s, "mget", "exam:1", "exam:none", NULL));
    free(server_cli(s, "EVAL", "return redis.call('GET', KEYS[1])", "1", "exam:2", NULL));
    free(server_cli(s, "SETEX", "exam:3", "60", "{}", NULL));
    free(server_cli(s, "TTL", "session:AAAA1111-secret", NULL));
    free(server_cli(s, "EXPIRE", "session:AAAA1111-secret", "86400", NULL));
    free(server_cli(s, "PUBLISH", "exam:1", "GET exam:1", NULL));
    const char *elsewhere[] = {"GET", "exam:1"}; /* in another database, and SELECT */
    const size_t lens[] = {3, 6};
    free(server_cli_argv(s, 5, 2, elsewhere, lens));
}

struct traffic {
    struct server *server;
    atomic_int rounds; /* that are done */
};

/* In a thread of its own: a console whose loop stands still would find the server slow. */
static void *make_traffic(void *arg)
{
    struct traffic *t = arg;
    while (t->rounds < ROUNDS) {
        do_round(t->server);
        t->rounds++;
    }
    return NULL;
}

static bool is_done(struct watch *w, void *arg)
{
    struct traffic *t = arg;
    (void)w;
    return t->rounds == ROUNDS;
}

/* The console looks at the same keys meanwhile: that is left out. */
static void known_traffic__is_counted_exactly__beside_our_own_reads(void **state)
{
    bool with_tcp = *state != NULL;
    struct server *s = serve(with_tcp);
    char url[64];
    snprintf(url, sizeof url, "redis://127.0.0.1:%d/0", server_port(s));
    struct watch *w = watch_new(s, &(struct watch_options){.url = with_tcp ? url : NULL});
    struct traffic t = {.server = s};
    pthread_t thread;
    begin(w, LONG_US, 16 * MEBIBYTE);
    assert_int_equal(pthread_create(&thread, NULL, make_traffic, &t), 0);
    for (int i = 0; i < ROUNDS; i++) {
        free(watch_peek(w, TARGET_KEY, "exam:1"));
        if (i % 5 == 0) { /* what we look for in vain is no miss of theirs */
            free(watch_peek(w, TARGET_KEY, "exam:none"));
            free(watch_peek(w, TARGET_SESSION, "gone"));
        }
    }
    bool done = watch_until(w, is_done, &t, WAIT_MS);
    pthread_join(thread, NULL);
    assert_true(done);
    int64_t commands = ROUNDS * A_ROUND;
    assert_true(watch_until(w, has_commands, &commands, WAIT_MS));
    collect_trace_stop(w->collect);
    assert_true(watch_until(w, is_over, NULL, WAIT_MS));
    const struct trace_view *v = model_trace(w->model);
    assert_string_equal(v->text, "stopped by hand");
    expect(w, "exam", 4 * ROUNDS, ROUNDS, ROUNDS);
    expect(w, "session", ROUNDS, ROUNDS, 0);
    assert_string_equal(family_of(w, "exam")->hot_key, "exam:1");
    assert_int_equal(family_of(w, "exam")->hot_reads, 2 * ROUNDS);
    assert_string_equal(family_of(w, "session")->hot_key, "session:AAAA11~");
    expect_no_monitor(s);
    watch_free(w);
    server_stop(s);
}

static void a_trace__ends_by_itself__when_its_time_is_over(void **state)
{
    (void)state;
    struct server *s = serve(false);
    struct watch *w = watch_new(s, NULL);
    struct err err;
    begin(w, US_PER_S, MEBIBYTE);
    assert_false(collect_trace(w->collect, US_PER_S, MEBIBYTE, &err));
    assert_string_equal(err.text, "a trace runs already");
    size_t told = w->facts[FACT_TRACE];
    assert_true(watch_until(w, is_over, NULL, WAIT_MS));
    const struct trace_view *v = model_trace(w->model);
    assert_string_equal(v->text, "ran for 1s");
    assert_true(v->ended_us - v->begun_us >= US_PER_S && v->ended_us - v->begun_us < 10 * US_PER_S);
    assert_true(w->facts[FACT_TRACE] - told >= 2); /* how far it is was told meanwhile */
    expect(w, "exam", 0, 0, 0);
    expect_no_monitor(s);
    watch_free(w);
    server_stop(s);
}

static void a_trace__ends__when_its_bytes_are_read(void **state)
{
    (void)state;
    struct server *s = serve(false);
    struct watch *w = watch_new(s, NULL);
    char *big = mem_zalloc(8192);
    memset(big, 'x', 8191);
    begin(w, LONG_US, 64 * 1024);
    for (int i = 0; i < 20; i++) {
        free(server_cli(s, "SET", "exam:big", big, NULL));
    }
    assert_true(watch_until(w, is_over, NULL, WAIT_MS));
    assert_string_equal(model_trace(w->model)->text, "stopped at 64.0K, the most that is read");
    assert_true(family_of(w, "exam")->traced_writes >= 7);
    expect_no_monitor(s);
    mem_free(big);
    watch_free(w);
    server_stop(s);
}

/* One command may be larger than all that is to be read: its line is not waited for. */
static void a_trace__ends__within_a_line_that_is_too_long(void **state)
{
    (void)state;
    struct server *s = serve(false);
    struct watch *w = watch_new(s, NULL);
    begin(w, LONG_US, MEBIBYTE);
    free(server_cli(s, "EVAL", "redis.call('SET', 'exam:large', string.rep('x', 30000000)) return 1", "0",
                    NULL));
    assert_true(watch_until(w, is_over, NULL, WAIT_MS));
    assert_in_range(model_trace(w->model)->bytes, MEBIBYTE, 2 * MEBIBYTE);
    expect_no_monitor(s);
    watch_free(w);
    server_stop(s);
}

static void a_trace__ends__when_the_server_stops_to_answer(void **state)
{
    (void)state;
    struct server *s = serve(false);
    struct watch *w = watch_new(s, NULL);
    begin(w, LONG_US, MEBIBYTE);
    server_pause(s);
    bool over = watch_until(w, is_over, NULL, WAIT_MS);
    server_resume(s);
    assert_true(over);
    assert_true(strncmp(model_trace(w->model)->text, "stopped: the server ", 20) == 0);
    watch_free(w);
    server_stop(s);
}

static void a_trace__ends__with_the_server(void **state)
{
    (void)state;
    struct server *s = serve(false);
    struct watch *w = watch_new(s, NULL);
    begin(w, LONG_US, MEBIBYTE);
    server_kill(s);
    assert_true(watch_until(w, is_over, NULL, WAIT_MS));
    assert_true(strncmp(model_trace(w->model)->text, "stopped: ", 9) == 0);
    watch_free(w);
    server_stop(s);
}

/* The answer comes with the server's own words. */
static void a_trace__says_why__when_monitor_is_not_allowed(void **state)
{
    (void)state;
    struct server *s = serve(true);
    char url[96];
    free(server_cli(s, "ACL", "SETUSER", "anna", "on", ">pw", "~*", "&*", "+@all", "-monitor", NULL));
    snprintf(url, sizeof url, "redis://anna:pw@127.0.0.1:%d/0", server_port(s));
    struct watch *w = watch_new(s, &(struct watch_options){.url = url});
    struct err err;
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    assert_true(collect_trace(w->collect, US_PER_S, MEBIBYTE, &err));
    assert_true(watch_until(w, is_over, NULL, WAIT_MS));
    assert_non_null(strstr(model_trace(w->model)->text, "no trace: NOPERM"));
    assert_int_equal(family_of(w, "exam")->traced_reads, -1);
    expect_no_monitor(s);
    watch_free(w);
    server_stop(s);
}

static void a_trace__is_closed__with_the_console(void **state)
{
    (void)state;
    struct server *s = serve(false);
    struct watch *w = watch_new(s, NULL);
    struct watch *other = watch_new(s, NULL);
    assert_true(watch_until(other, watch_settled, NULL, WAIT_MS));
    begin(w, LONG_US, MEBIBYTE);
    watch_free(w);
    for (int i = 0; i < 200; i++) { /* the server takes note in its own time */
        char *clients = server_cli(s, "CLIENT", "LIST", NULL);
        bool there = strstr(clients, "cmd=monitor") != NULL;
        free(clients);
        if (!there) {
            break;
        }
    }
    expect_no_monitor(s);
    watch_free(other);
    server_stop(s);
}

int main(void)
{
    server_require();
    static int tcp;
    struct CMUnitTest tests[] = {
        cmocka_unit_test(known_traffic__is_counted_exactly__beside_our_own_reads),
        cmocka_unit_test_prestate(known_traffic__is_counted_exactly__beside_our_own_reads, &tcp),
        cmocka_unit_test(a_trace__ends_by_itself__when_its_time_is_over),
        cmocka_unit_test(a_trace__ends__when_its_bytes_are_read),
        cmocka_unit_test(a_trace__ends__within_a_line_that_is_too_long),
        cmocka_unit_test(a_trace__ends__when_the_server_stops_to_answer),
        cmocka_unit_test(a_trace__ends__with_the_server),
        cmocka_unit_test(a_trace__says_why__when_monitor_is_not_allowed),
        cmocka_unit_test(a_trace__is_closed__with_the_console),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
