/* What watching costs the server, and that it leaves no mark on the figures it shows. */
#include "support/unit.h"
#include "watch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

static void polling_alone__does_not_move__the_hit_rate(void **state)
{
    (void)state;
    static const char *args[] = {"--notify-keyspace-events", "Eg$xem", NULL};
    struct server *s = server_start(&(struct server_options){.args = args});
    assert_non_null(s);
    fill(s);
    struct watch *w = watch_new(s, NULL);
    assert_true(watch_until(w, watch_settled, NULL, WAIT_MS));
    wait_polls(w, 2);
    int64_t hits = w->last.info.keyspace_hits - w->last.own_hits;
    int64_t misses = w->last.info.keyspace_misses - w->last.own_misses;
    wait_polls(w, 12); /* several walks, each reading samples anew */
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
        cmocka_unit_test(an_idle_platform__costs__at_most_eight_commands_a_poll),
        cmocka_unit_test(a_miss_on_a_key_that_is_watched__starts__no_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
