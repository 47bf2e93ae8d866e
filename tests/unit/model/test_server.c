#include "story.h"

#include <math.h>

/* INFO with the counters of look-ups, and our own share of them. */
static void tell_lookups(struct story *s, long hits, long misses, long own_hits, long own_misses)
{
    story_tell(s,
               "server run_id=a uptime_in_seconds=%ld keyspace_hits=%ld keyspace_misses=%ld own_hits=%ld "
               "own_misses=%ld",
               (long)(s->now_us / SECOND), hits, misses, own_hits, own_misses);
}

static void server__is_unknown__before_its_first_info(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    const struct server *v = model_server(s.m);
    assert_false(v->known);
    assert_true(isnan(v->hit_rate_window) && isnan(v->hit_rate_lifetime) && isnan(v->ops_per_s));
    assert_int_equal(v->info.used_memory, INFO_UNKNOWN);
    story_end(&s);
}

static void hit_rate__takes_off__our_own_reads(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_lookups(&s, 1000, 1000, 100, 900);
    story_wait(&s, 1);
    tell_lookups(&s, 1130, 1120, 120, 1000); /* +110 hits, +20 misses of others */
    const struct server *v = model_server(s.m);
    assert_int_equal(v->window_lookups, 130);
    assert_near(v->hit_rate_window, 100.0 * 110 / 130);
    assert_near(v->hit_rate_interval, 100.0 * 110 / 130);
    assert_near(v->hit_rate_lifetime, 100.0 * 1010 / 1130);
    story_end(&s);
}

static void hit_rate__sees_no_look_ups__when_ours_hit_and_passed_for_misses(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_lookups(&s, 1000, 1000, 100, 900);
    story_wait(&s, 1);
    tell_lookups(&s, 1012, 1000, 100, 912);
    const struct server *v = model_server(s.m);
    assert_int_equal(v->window_lookups, 0);
    assert_true(isnan(v->hit_rate_interval) && isnan(v->hit_rate_window));
    story_end(&s);
}

static void hit_rate__waits_for_the_next_info__when_our_own_reads_were_under_way(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_lookups(&s, 1000, 1000, 100, 900);
    story_wait(&s, 1);
    tell_lookups(&s, 1100, 1100, 200, 1000); /* nobody but us */
    story_wait(&s, 1);
    /* The server has counted 40 hits of ours whose replies have not come. */
    story_tell(&s,
               "server run_id=a uptime_in_seconds=%ld keyspace_hits=1150 keyspace_misses=1100 "
               "own_hits=210 own_misses=1000 own_unsure=yes",
               (long)(s.now_us / SECOND));
    const struct server *v = model_server(s.m);
    assert_int_equal(v->window_lookups, 0);
    assert_true(isnan(v->hit_rate_interval) && isnan(v->hit_rate_window));
    story_wait(&s, 1);
    tell_lookups(&s, 1154, 1101, 250, 1000); /* 4 hits, 1 miss of others in these two seconds */
    assert_int_equal(v->window_lookups, 5);
    assert_near(v->hit_rate_interval, 80.0);
    assert_near(series_last(&v->lookups), 2.5);
    story_end(&s);
}

/* The same with the misses of Celery's own keys; -1: they are not heard. */
static void tell_celery(struct story *s, long hits, long misses, long own_misses, long celery)
{
    story_tell(s,
               "server run_id=a uptime_in_seconds=%ld keyspace_hits=%ld keyspace_misses=%ld own_hits=0 "
               "own_misses=%ld celery_misses=%ld",
               (long)(s->now_us / SECOND), hits, misses, own_misses, celery);
}

static void hit_rate__takes_off__the_misses_of_celery_that_are_heard(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_celery(&s, 1000, 1000, 100, 300);
    const struct server *v = model_server(s.m);
    assert_true(v->celery_told_apart);
    assert_int_equal(v->window_celery, -1); /* there is no window yet */
    assert_near(v->hit_rate_lifetime, 100.0 * 1000 / 1600);
    story_wait(&s, 1);
    tell_celery(&s, 1090, 1060, 110, 340); /* +90 hits, +60 misses: 10 ours, 40 Celery's */
    assert_int_equal(v->window_lookups, 100);
    assert_int_equal(v->window_celery, 40);
    assert_near(v->hit_rate_window, 90);
    assert_near(v->hit_rate_interval, 90);
    assert_near(v->hit_rate_lifetime, 100.0 * 1090 / (1090 + 1060 - 450));
    story_end(&s);
}

static void hit_rate__counts_no_lookup__while_celery_alone_looks_in_vain(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_celery(&s, 500, 500, 0, 0);
    double before = model_server(s.m)->hit_rate_lifetime;
    for (long i = 1; i <= 90; i++) {
        story_wait(&s, 1);
        tell_celery(&s, 500, 500 + 7 * i, 3 * i, 4 * i);
        assert_int_equal(model_server(s.m)->window_lookups, 0);
        assert_true(isnan(model_server(s.m)->hit_rate_window));
        assert_near(model_server(s.m)->hit_rate_lifetime, before);
    }
    story_end(&s);
}

/* An event may come before the INFO that counts it, or after: what was too much is made good by the next. */
static void hit_rate__is_never_negative__when_celery_runs_ahead_or_behind(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    const struct server *v = model_server(s.m);
    tell_celery(&s, 100, 0, 0, 0);
    story_wait(&s, 1);
    tell_celery(&s, 100, 10, 0, 14); /* four heard that this INFO does not count yet */
    assert_int_equal(v->window_lookups, 0);
    assert_near(v->hit_rate_lifetime, 100);
    story_wait(&s, 1);
    tell_celery(&s, 100, 20, 0, 18); /* two are heard late */
    assert_int_equal(v->window_lookups, 2);
    story_wait(&s, 1);
    tell_celery(&s, 100, 20, 0, 21); /* one of them was ours, and not yet answered */
    assert_int_equal(v->window_lookups, 0);
    story_wait(&s, 1);
    tell_celery(&s, 100, 21, 1, 20);
    assert_int_equal(v->window_lookups, 0);
    story_wait(&s, 1);
    tell_celery(&s, 100, 25, 1, 20);
    assert_int_equal(v->window_lookups, 4); /* none of the cache's is hidden by it */
    story_end(&s);
}

/* A window over both would show misses that are Celery's as the cache's, or none for a minute. */
static void hit_rate__begins_anew__when_celery_is_heard_from_now_on_or_no_more(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    const struct server *v = model_server(s.m);
    tell_celery(&s, 0, 0, 0, -1);
    story_wait(&s, 1);
    tell_celery(&s, 10, 90, 0, -1);
    assert_false(v->celery_told_apart);
    assert_int_equal(v->window_celery, -1);
    assert_near(v->hit_rate_window, 10);
    story_wait(&s, 1);
    tell_celery(&s, 20, 180, 0, 0);
    assert_int_equal(v->window_lookups, 0);
    story_wait(&s, 1);
    tell_celery(&s, 30, 270, 0, 90);
    assert_near(v->hit_rate_window, 100);
    assert_near(v->hit_rate_lifetime, 100.0 * 30 / (30 + 180)); /* taken off since it is heard */
    story_wait(&s, 1);
    tell_celery(&s, 40, 360, 0, -1);
    assert_int_equal(v->window_lookups, 0);
    assert_near(v->hit_rate_lifetime, 100.0 * 40 / (40 + 270)); /* what was taken off stays off */
    story_end(&s);
}

static void hit_rate__forgets_what_celery_missed__with_the_server_that_counted_it(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "server run_id=old keyspace_hits=100 keyspace_misses=1000 own_hits=0 own_misses=0 "
                   "celery_misses=900");
    story_wait(&s, 1);
    story_tell(&s, "server run_id=new keyspace_hits=30 keyspace_misses=30 own_hits=0 own_misses=0 "
                   "celery_misses=920");
    assert_near(model_server(s.m)->hit_rate_lifetime, 75); /* 20 of the 30 */
    story_end(&s);
}

static void hit_rate__is_never_negative__when_own_reads_run_ahead(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_lookups(&s, 0, 0, 0, 0);
    story_wait(&s, 1);
    tell_lookups(&s, 10, 0, 25, 10);
    const struct server *v = model_server(s.m);
    assert_int_equal(v->window_lookups, 0);
    assert_true(isnan(v->hit_rate_window));
    assert_true(isnan(v->hit_rate_lifetime));
    story_end(&s);
}

static void hit_rate__forgets__what_is_older_than_a_minute(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    long hits = 0, misses = 0;
    for (int i = 0; i < 200; i++) {
        /* a bad first part, a good last minute */
        hits += i < 120 ? 0 : 9;
        misses += i < 120 ? 9 : 1;
        tell_lookups(&s, hits, misses, 0, 0);
        story_wait(&s, 1);
    }
    assert_near(model_server(s.m)->hit_rate_window, 90);
    assert_int_equal(model_server(s.m)->window_lookups, 600);
    assert_near(model_server(s.m)->hit_rate_lifetime, 100.0 * 720 / (720 + 1080 + 80));
    story_end(&s);
}

static void hit_rate__starts_anew__with_the_server(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 10; i++) {
        story_tell(
            &s,
            "server run_id=old keyspace_hits=%d keyspace_misses=0 own_hits=%d evicted_keys=%d expired_keys=0",
            100000 + 100 * i, 1000 + i, 500 * i);
        story_wait(&s, 1);
    }
    const struct server *v = model_server(s.m);
    assert_near(v->evicted_per_s, 500);
    /* more look-ups than before, but by another process */
    story_tell(
        &s, "server run_id=new keyspace_hits=200000 keyspace_misses=200000 own_hits=1010 evicted_keys=99999 "
            "expired_keys=99999");
    assert_int_equal(v->window_lookups, 0);
    assert_true(isnan(v->hit_rate_window) && isnan(v->hit_rate_interval));
    assert_true(isnan(v->evicted_per_s) && isnan(v->expired_per_s));
    assert_true(isnan(series_last(&v->evicted)));
    assert_near(v->hit_rate_lifetime, 100.0 * (200000 - 1) / (400000 - 1)); /* one own read since */
    story_wait(&s, 1);
    story_tell(
        &s, "server run_id=new keyspace_hits=200010 keyspace_misses=200030 own_hits=1010 evicted_keys=99999 "
            "expired_keys=99999");
    assert_int_equal(v->window_lookups, 40);
    assert_near(v->hit_rate_window, 25);
    assert_near(v->evicted_per_s, 0);
    story_end(&s);
}

static void hit_rate__starts_anew__when_counters_or_uptime_fall(void **state)
{
    (void)state;
    static const char *const later[] = {
        "server run_id=a uptime_in_seconds=3 keyspace_hits=90000 keyspace_misses=90000",
        "server run_id=a uptime_in_seconds=200 keyspace_hits=5 keyspace_misses=90000",
        "server run_id=a uptime_in_seconds=200 keyspace_hits=90000 keyspace_misses=5",
    };
    for (size_t i = 0; i < COUNT_OF(later); i++) {
        struct story s;
        story_begin(&s);
        story_tell(&s, "server run_id=a uptime_in_seconds=100 keyspace_hits=1000 keyspace_misses=1000");
        story_wait(&s, 1);
        story_tell(&s, "%s", later[i]);
        assert_int_equal(model_server(s.m)->window_lookups, 0);
        assert_true(isnan(model_server(s.m)->hit_rate_window));
        story_end(&s);
    }
}

static void rates__are_unknown__across_a_gap_in_the_polls(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell_lookups(&s, 100, 100, 0, 0);
    story_wait(&s, 1);
    tell_lookups(&s, 200, 100, 0, 0);
    assert_near(model_server(s.m)->hit_rate_window, 100);
    story_wait(&s, 300);
    tell_lookups(&s, 200, 90000, 0, 0);
    assert_true(isnan(model_server(s.m)->hit_rate_window));
    assert_true(isnan(model_server(s.m)->hit_rate_interval));
    story_wait(&s, 1);
    tell_lookups(&s, 210, 90000, 0, 0);
    assert_near(model_server(s.m)->hit_rate_window, 100);
    assert_int_equal(model_server(s.m)->window_lookups, 10);
    story_end(&s);
}

static void rates__are_known__at_a_refresh_of_a_minute(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < 5; i++) {
        tell_lookups(&s, 60 * i, 60 * i, 0, 0);
        story_wait(&s, 60);
    }
    assert_near(model_server(s.m)->hit_rate_window, 50);
    assert_int_equal(model_server(s.m)->window_lookups, 120);
    story_end(&s);
}

static void server__keeps__what_info_leaves_out_unknown(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "server connected_clients=7 round_trip_us=250");
    story_wait(&s, 1);
    story_tell(&s, "server connected_clients=8 round_trip_us=-1");
    const struct server *v = model_server(s.m);
    assert_true(v->known);
    assert_true(isnan(v->hit_rate_window) && isnan(v->evicted_per_s) && isnan(series_last(&v->memory)));
    assert_true(series_last(&v->clients) == 8);
    assert_int_equal(v->round_trip_us, -1);
    story_end(&s);
}

static void server__shows__no_control_bytes_of_info(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "server redis_version=\"7\\x1b[2J\\xff\" role=master");
    assert_string_equal(model_server(s.m)->info.redis_version, "7?[2J?");
    story_end(&s);
}

static void server__survives__numbers_at_the_edge(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s,
               "server keyspace_hits=9223372036854775807 keyspace_misses=-9223372036854775807 own_hits=-5 "
               "own_misses=9223372036854775807 evicted_keys=-1 expired_keys=9223372036854775807");
    story_wait(&s, 1);
    story_tell(&s,
               "server keyspace_hits=9223372036854775807 keyspace_misses=9223372036854775807 "
               "own_hits=9223372036854775807 own_misses=9223372036854775807 evicted_keys=9223372036854775807 "
               "expired_keys=9223372036854775807 used_memory=9223372036854775807");
    assert_true(model_server(s.m)->window_lookups >= 0);
    story_end(&s);
}

/* "server consoles=1": somebody else's console reads as well. */
static void hit_rate__is_unknown__while_another_console_reads_and_a_minute_longer(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "server keyspace_hits=1000 keyspace_misses=100 consoles=0");
    story_wait(&s, 1);
    story_tell(&s, "server keyspace_hits=1010 keyspace_misses=110 consoles=0");
    const struct server *v = model_server(s.m);
    assert_near(v->hit_rate_window, 50.);
    story_wait(&s, 1);
    story_tell(&s, "server keyspace_hits=1020 keyspace_misses=120 consoles=2");
    assert_true(v->hits_shared && isnan(v->hit_rate_window) && isnan(v->hit_rate_interval));
    for (int i = 0; i < 61; i++) {
        story_wait(&s, 1);
        story_tell(&s, "server keyspace_hits=%d keyspace_misses=%d consoles=0", 1030 + i, 130 + i);
        assert_true(i >= 60 || isnan(v->hit_rate_window));
    }
    assert_false(v->hits_shared);
    assert_near(v->hit_rate_window, 50.);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(server__is_unknown__before_its_first_info),
        cmocka_unit_test(hit_rate__takes_off__our_own_reads),
        cmocka_unit_test(hit_rate__sees_no_look_ups__when_ours_hit_and_passed_for_misses),
        cmocka_unit_test(hit_rate__waits_for_the_next_info__when_our_own_reads_were_under_way),
        cmocka_unit_test(hit_rate__takes_off__the_misses_of_celery_that_are_heard),
        cmocka_unit_test(hit_rate__counts_no_lookup__while_celery_alone_looks_in_vain),
        cmocka_unit_test(hit_rate__is_never_negative__when_celery_runs_ahead_or_behind),
        cmocka_unit_test(hit_rate__begins_anew__when_celery_is_heard_from_now_on_or_no_more),
        cmocka_unit_test(hit_rate__forgets_what_celery_missed__with_the_server_that_counted_it),
        cmocka_unit_test(hit_rate__is_never_negative__when_own_reads_run_ahead),
        cmocka_unit_test(hit_rate__forgets__what_is_older_than_a_minute),
        cmocka_unit_test(hit_rate__is_unknown__while_another_console_reads_and_a_minute_longer),
        cmocka_unit_test(hit_rate__starts_anew__with_the_server),
        cmocka_unit_test(hit_rate__starts_anew__when_counters_or_uptime_fall),
        cmocka_unit_test(rates__are_unknown__across_a_gap_in_the_polls),
        cmocka_unit_test(rates__are_known__at_a_refresh_of_a_minute),
        cmocka_unit_test(server__keeps__what_info_leaves_out_unknown),
        cmocka_unit_test(server__shows__no_control_bytes_of_info),
        cmocka_unit_test(server__survives__numbers_at_the_edge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
