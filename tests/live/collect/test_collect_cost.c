/* What watching costs the server, and that it leaves no mark on the figures it shows. */
#include "support/unit.h"
#include "watch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "redai/base/clock.h"

static bool served(struct watch *w, void *arg)
{
    return w->servers >= *(int64_t *)arg;
}

static void wait_polls(struct watch *w, int64_t count)
{
    int64_t until = w->servers + count;
    assert_true(watch_until(w, served, &until, WAIT_MS));
}

static void fill(struct server *s)
{
    free(server_cli(s, "SADD", "_kombu.binding.celery",
                    "celery\x06\x16\x06\x16"
                    "celery",
                    NULL));
    free(server_cli(s, "SADD", "_kombu.binding.questions", "questions\x06\x16\x06\x16questions", NULL));
    free(server_cli(s, "SADD", "_kombu.binding.validation", "v\x06\x16\x06\x16validation", NULL));
    free(server_cli(s, "SADD", "_kombu.binding.analytics",
                    "a\x06\x16\x06\x16"
                    "analytics",
                    NULL));
    for (int i = 0; i < 200; i++) {
        char key[64];
        snprintf(key, sizeof key, i % 2 ? "session:%020d" : "exam:%d", i);
        free(server_cli(s, "SETEX", key, "86400", "{\"user_id\": 1}", NULL));
    }
}

enum {
    ALL_OF_THE_SERVER = 1u << TARGET_COMMAND | 1u << TARGET_CLIENT | 1u << TARGET_SLOW | 1u << TARGET_VITAL
};

static void polling_alone__does_not_move__the_hit_rate(void **state)
{
    (void)state;
    static const char *args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    fill(s);
    struct watch *w = watch_new(s, NULL);
    collect_look_at(w->collect, ALL_OF_THE_SERVER);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    wait_polls(w, 2);
    int64_t hits = w->last.info.keyspace_hits - w->last.own_hits;
    int64_t misses = w->last.info.keyspace_misses - w->last.own_misses;
    for (int i = 0; i < 3; i++) { /* walks, each reading samples anew */
        collect_refresh(w->collect);
        wait_polls(w, 4);
    }
    free(watch_peek(w, TARGET_KEY, "exam:2"));
    free(watch_peek(w, TARGET_KEY, "exam:none"));
    free(watch_peek(w, TARGET_SESSION, "00000000000000000001"));
    free(watch_peek(w, TARGET_QUEUE, "celery"));
    free(watch_peek(w, TARGET_FAMILY, "exam"));
    wait_polls(w, 2);
    assert_int_equal(w->last.info.keyspace_hits - w->last.own_hits, hits);
    assert_int_equal(w->last.info.keyspace_misses - w->last.own_misses, misses);
    watch_free(w);
    server_stop(s);
}

struct walks {
    int begun, ended;
};

static void count_walk(struct watch *w, const struct fact *f)
{
    struct walks *n = w->user;
    n->begun += f->kind == FACT_CENSUS && f->census.phase == CENSUS_BEGIN;
    n->ended += f->kind == FACT_CENSUS && f->census.phase == CENSUS_END;
}

static bool has_ended(struct watch *w, void *arg)
{
    return ((const struct walks *)w->user)->ended >= *(int *)arg;
}

static void wait_walks(struct watch *w, int count)
{
    assert_true(watch_until(w, has_ended, &count, WAIT_MS));
}

/* A write of which no event tells, to a key that is there: only the server's count of writes does. */
static void calm_keyspace__is_walked_seldom__until_something_is_written(void **state)
{
    (void)state;
    static const char *args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    fill(s);
    free(server_cli(s, "HSET", "profile:1", "name", "Ada", NULL));
    struct walks n = {0};
    struct watch *w =
        watch_new(s, &(struct watch_options){.census_us = 60 * US_PER_S, .on_fact = count_walk, .user = &n});
    wait_walks(w, 1);
    wait_polls(w,
               32); /* eight seconds: the first may have begun before anything was known: another follows */
    int begun = n.begun;
    wait_polls(w, 32); /* without a look at what was written the next begins after five seconds */
    assert_int_equal(n.begun, begun);
    int ended = n.ended;
    free(server_cli(s, "HSET", "profile:1", "name", "Bea", NULL));
    wait_walks(w, ended + 1);
    wait_polls(w, 8);
    ended = n.ended;
    collect_refresh(w->collect); /* somebody asked: also in a calm one */
    wait_walks(w, ended + 1);
    ended = n.ended;
    free(server_cli(s, "FLUSHALL", NULL)); /* which no event tells */
    free(server_cli(s, "SETEX", "exam:7", "600", "{}", NULL));
    wait_walks(w, ended + 1);
    watch_free(w);
    server_stop(s);
}

/* Somebody who looks for work and results that are not there, as workers and producers do. */
static void look_in_vain(struct server *s)
{
    static const char *const keys[] = {"celery",
                                       "celery\x06\x16\x33",
                                       "unacked",
                                       "_kombu.binding.questions",
                                       "0f8fad5b.reply.celery.pidbox",
                                       "celery-task-meta-none",
                                       "celery-taskset-meta-none"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        free(server_cli(s, "EXISTS", keys[i], NULL));
    }
    const char *get[] = {"GET", "celery-task-meta-none"};
    const size_t lens[] = {strlen(get[0]), strlen(get[1])};
    free(server_cli_argv(s, 1, 2, get, lens));
}
enum { IN_VAIN = 8 };

static bool has_window(struct watch *w, void *arg)
{
    (void)arg;
    return w->last.celery_misses >= 0 && model_server(w->model)->window_celery >= 0;
}

struct calm {
    int64_t servers, celery_misses, times;
};

/* What is heard and what is answered come on two connections: three times the same is what it is. */
static bool is_calm(struct watch *w, void *arg)
{
    struct calm *c = arg;
    if (w->servers != c->servers) {
        c->times = w->last.celery_misses == c->celery_misses ? c->times + 1 : 0;
        c->servers = w->servers;
        c->celery_misses = w->last.celery_misses;
    }
    return c->times >= 2;
}

static void wait_calm(struct watch *w)
{
    struct calm c = {0};
    assert_true(watch_until(w, is_calm, &c, WAIT_MS));
}

static void misses_of_celery__are_taken_off__in_both_databases(void **state)
{
    (void)state;
    static const char *args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    free(server_cli(s, "SETEX", "exam:1", "86400", "{}", NULL));
    struct watch *w = watch_new(s, NULL);
    const struct server *v = model_server(w->model);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    assert_true(watch_until(w, has_window, NULL, WAIT_MS));
    wait_calm(w);
    int64_t raw = w->last.info.keyspace_misses, told = w->last.celery_misses, window = v->window_lookups;
    for (int i = 0; i < 10; i++) {
        look_in_vain(s);
    }
    wait_polls(w, 2);
    wait_calm(w);
    assert_true(w->last.info.keyspace_misses - raw >= 10 * IN_VAIN);
    assert_int_equal(w->last.celery_misses - told, 10 * IN_VAIN);
    assert_int_equal(v->window_lookups, window);
    for (int i = 0; i < 3; i++) { /* what is the cache's stays */
        free(server_cli(s, "GET", "exam:1", NULL));
        free(server_cli(s, "GET", "exam:none", NULL));
    }
    wait_polls(w, 2);
    wait_calm(w);
    assert_int_equal(v->window_lookups, window + 6);
    watch_free(w);
    server_stop(s);
}

static bool hears_nothing(struct watch *w, void *arg)
{
    (void)arg;
    return w->last.own_misses > 0 && w->last.celery_misses < 0;
}

static bool hears_misses(struct watch *w, void *arg)
{
    (void)arg;
    return w->last.celery_misses >= 0;
}

/* What we missed before is none that is heard, and takes nothing off what is heard of others. */
static void misses_of_celery__are_all_taken_off__when_they_are_heard_from_later_on(void **state)
{
    (void)state;
    struct server *s = server_start(NULL);
    assert_non_null(s);
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, hears_nothing, NULL, WAIT_MS));
    free(server_cli(s, "CONFIG", "SET", "notify-keyspace-events", "Eg$xem", NULL));
    collect_refresh(w->collect);
    assert_true(watch_until(w, hears_misses, NULL, WAIT_MS));
    wait_calm(w);
    int64_t told = w->last.celery_misses;
    look_in_vain(s);
    wait_polls(w, 2);
    wait_calm(w);
    assert_int_equal(w->last.celery_misses - told, IN_VAIN);
    watch_free(w);
    server_stop(s);
}

/* Every reading command that a console sends, for long: the server's counters move, what is shown does not.
 */
static void a_console_with_all_open__moves_the_counters__but_no_rate(void **state)
{
    (void)state;
    static const char *args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    static const struct {
        enum target_kind kind;
        const char *id;
    } open[] = {
        {TARGET_SESSION, "00000000000000000001"},
        {TARGET_SESSION, "gone"},
        {TARGET_USER, "1"},
        {TARGET_KEY, "exam:2"},
        {TARGET_KEY, "exam:none"},
        {TARGET_KEY, "celery"},
        {TARGET_FAMILY, "exam"},
        {TARGET_QUEUE, "celery"},
        {TARGET_QUEUE, "questions"},
        {TARGET_TASK, "11111111-1111-4111-8111-111111111111"},
    };
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    fill(s);
    for (int i = 0; i < 30; i++) { /* a rate that could move */
        free(server_cli(s, "GET", i % 3 ? "exam:2" : "exam:none", NULL));
    }
    struct watch *w = watch_new(s, NULL);
    const struct server *v = model_server(w->model);
    collect_look_at_workers(w->collect, true);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    assert_true(watch_until(w, has_window, NULL, WAIT_MS));
    wait_calm(w);
    int64_t hits = w->last.info.keyspace_hits, misses = w->last.info.keyspace_misses;
    int64_t window = v->window_lookups, celery = w->last.celery_misses;
    double lifetime = v->hit_rate_lifetime;
    assert_true(lifetime > 0);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
            free(watch_peek(w, open[i].kind, open[i].id));
            wait_polls(w, 1);
        }
    }
    wait_polls(w, 2);
    wait_calm(w);
    print_message("the server's counters moved by %" PRId64 " hits and %" PRId64 " misses\n",
                  w->last.info.keyspace_hits - hits, w->last.info.keyspace_misses - misses);
    assert_true(w->last.info.keyspace_hits > hits && w->last.info.keyspace_misses > misses);
    assert_int_equal(v->window_lookups, window);
    assert_int_equal(w->last.celery_misses, celery);
    assert_true(v->hit_rate_lifetime == lifetime);
    watch_free(w);
    server_stop(s);
}

static int64_t commands(const struct watch *w)
{
    return w->last.info.total_commands_processed;
}

static void an_idle_platform__costs__at_most_eight_commands_a_poll(void **state)
{
    (void)state;
    static const char *args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    fill(s);
    /* at the pace that people use: a poll a second */
    struct watch *w = watch_new(s, &(struct watch_options){.refresh_us = 1000000, .census_us = 60000000});
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    wait_polls(w, 2);
    int64_t before = commands(w);
    wait_polls(w, 5);
    int64_t per_poll = (commands(w) - before) / 5;
    print_message("commands a second: %" PRId64 "\n", per_poll);
    assert_true(per_poll <= 8);
    /* With all of the server on the screen, too. */
    collect_look_at(w->collect, ALL_OF_THE_SERVER);
    wait_polls(w, 2);
    before = commands(w);
    wait_polls(w, 10);
    per_poll = (commands(w) - before) / 10;
    print_message("with the server looked at: %" PRId64 "\n", per_poll);
    assert_true(per_poll <= 8);
    watch_free(w);
    server_stop(s);
}

/* A look at a missing key raises keymiss, which must never lead to another look. */
static void a_miss_on_a_key_that_is_watched__starts__no_loop(void **state)
{
    (void)state;
    static const char *args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    static const char *const keys[] = {"_kombu.binding.celery",
                                       "session:gone",
                                       "batch:progress:gone",
                                       "user:1:sessions",
                                       "celery",
                                       "unacked",
                                       "exam:1"};
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    struct watch *w = watch_new(s, &(struct watch_options){.refresh_us = 250000, .census_us = 60000000});
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        free(server_cli(s, "TTL", keys[i], NULL));
    }
    wait_polls(w, 2);
    int64_t before = commands(w);
    wait_polls(w, 4);
    assert_true((commands(w) - before) / 4 <= 8);
    watch_free(w);
    server_stop(s);
}

int main(void)
{
    server_require();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(polling_alone__does_not_move__the_hit_rate),
        cmocka_unit_test(calm_keyspace__is_walked_seldom__until_something_is_written),
        cmocka_unit_test(misses_of_celery__are_taken_off__in_both_databases),
        cmocka_unit_test(misses_of_celery__are_all_taken_off__when_they_are_heard_from_later_on),
        cmocka_unit_test(a_console_with_all_open__moves_the_counters__but_no_rate),
        cmocka_unit_test(an_idle_platform__costs__at_most_eight_commands_a_poll),
        cmocka_unit_test(a_miss_on_a_key_that_is_watched__starts__no_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
