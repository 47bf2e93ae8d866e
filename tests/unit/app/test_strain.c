#include "app/strain.h"
#include "unit/model/story.h"

#include <stdio.h>

/* A server at ease but for what is told besides. */
static void tell(struct story *s, long round_trip_us, const char *more)
{
    story_tell(s, "link role=poll state=up");
    story_tell(s,
               "server run_id=a loading=0 instantaneous_ops_per_sec=900 used_memory=500 maxmemory=1000 "
               "connected_clients=20 maxclients=100 round_trip_us=%ld %s",
               round_trip_us, more);
    story_tell(s, "poll topic=server ok=1");
}

static void strain__names_the_figure__that_speaks_against_a_trace(void **state)
{
    (void)state;
    static const struct {
        const char *more, *why; /* NULL: it is allowed */
    } cases[] = {
        {"", NULL},
        {"used_memory=950", NULL},
        {"used_memory=960", "no trace: 960B of 1000B of memory are used, over 95 %"},
        {"used_memory=960 maxmemory=0", NULL},
        {"connected_clients=89", NULL},
        {"connected_clients=90", "no trace: 90 of 100 clients are connected, over 90 %"},
        {"instantaneous_ops_per_sec=50000", NULL},
        {"instantaneous_ops_per_sec=60000", "no trace: 60.0k commands a second, over 50k"},
        {"loading=1", "no trace: the server loads its data"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct story s;
        struct err err = {0};
        story_begin(&s);
        tell(&s, 400, cases[i].more);
        bool allowed = strain_allows_trace(s.m, &err);
        assert_int_equal(allowed, cases[i].why == NULL);
        assert_string_equal(err.text, cases[i].why ? cases[i].why : "");
        story_end(&s);
    }
}

static void strain__compares_the_round_trip__with_the_calm_one(void **state)
{
    (void)state;
    struct story s;
    struct err err = {0};
    story_begin(&s);
    for (int i = 0; i < 5; i++) { /* far away, but calm */
        tell(&s, 150000, "");
        story_wait(&s, 1);
    }
    assert_true(strain_allows_trace(s.m, &err));
    tell(&s, 590000, "");
    assert_true(strain_allows_trace(s.m, &err));
    story_wait(&s, 1);
    tell(&s, 700000, "");
    assert_false(strain_allows_trace(s.m, &err));
    assert_string_equal(err.text, "no trace: the server answers in 700ms, in 150ms when calm");
    story_end(&s);
    story_begin(&s);
    tell(&s, 400, "");
    story_wait(&s, 1);
    tell(&s, 90000, ""); /* what people do not notice is no strain */
    assert_true(strain_allows_trace(s.m, &err));
    story_end(&s);
}

static void strain__allows_nothing__of_a_server_that_is_not_known(void **state)
{
    (void)state;
    struct story s;
    struct err err = {0};
    story_begin(&s);
    assert_false(strain_allows_trace(s.m, &err));
    assert_string_equal(err.text, "no trace: the server does not answer");
    tell(&s, 400, "");
    assert_true(strain_allows_trace(s.m, &err));
    story_tell(&s, "link role=poll state=down error=gone");
    assert_false(strain_allows_trace(s.m, &err));
    story_tell(&s, "link role=poll state=up");
    story_wait(&s, 8);
    assert_false(strain_allows_trace(s.m, &err));
    assert_string_equal(err.text, "no trace: how the server is was read 8 s ago");
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strain__names_the_figure__that_speaks_against_a_trace),
        cmocka_unit_test(strain__compares_the_round_trip__with_the_calm_one),
        cmocka_unit_test(strain__allows_nothing__of_a_server_that_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
