#include "story.h"

#include <math.h>

static void tell(struct story *s, int id, long wall_s, long us, const char *shape)
{
    story_tell(
        s,
        "slow phase=row id=%d wall_us=%ld000000 duration_us=%ld shape=\"%s\" text=\"%s 1\" client=10.0.0.7:1 "
        "name=api argc=2",
        id, wall_s, us, shape, shape);
}
static void end(struct story *s, int total)
{
    story_tell(s, "slow phase=end total=%d threshold_us=10000", total);
}

static void entries__are_listed__newest_first(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    assert_int_equal(model_slow_total(s.m), -1);
    tell(&s, 5, 1000, 20000, "GET exam:*");
    tell(&s, 7, 1002, 90000, "KEYS *");
    tell(&s, 6, 1001, 30000, "GET exam:*");
    tell(&s, 6, 1001, 30000, "GET exam:*"); /* told again */
    end(&s, 3);
    assert_int_equal(model_slow_count(s.m), 3);
    assert_int_equal(model_slow_at(s.m, 0)->id, 7);
    assert_int_equal(model_slow_at(s.m, 1)->id, 6);
    assert_int_equal(model_slow_at(s.m, 2)->id, 5);
    assert_null(model_slow_at(s.m, 3));
    assert_int_equal(model_slow_total(s.m), 3);
    assert_int_equal(model_slow_threshold_us(s.m), 10000);
    assert_string_equal(model_slow_at(s.m, 0)->client_name, "api");
    assert_false(model_slow_at(s.m, 0)->is_new);
    story_end(&s);
}

static void shapes__sum_up__their_entries_by_total_time(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell(&s, 1, 1000, 20000, "GET exam:*");
    tell(&s, 2, 1001, 60000, "KEYS *");
    tell(&s, 3, 1002, 30000, "GET exam:*");
    end(&s, 3);
    assert_int_equal(model_slow_shapes(s.m), 2);
    assert_string_equal(model_slow_shape_at(s.m, 0)->shape, "KEYS *");
    const struct slow_shape *get = model_slow_shape_at(s.m, 1);
    assert_string_equal(get->shape, "GET exam:*");
    assert_int_equal(get->count, 2);
    assert_int_equal(get->fresh, 0);
    assert_int_equal(get->total_us, 50000);
    assert_int_equal(get->max_us, 30000);
    assert_int_equal(get->last_wall_us, 1002 * SECOND);
    assert_int_equal(get->slowest->id, 3);
    story_wait(&s, 1);
    tell(&s, 4, 1003, 1000, "GET exam:*");
    end(&s, 4);
    assert_int_equal(model_slow_shape_at(s.m, 1)->fresh, 1);
    assert_true(model_slow_at(s.m, 0)->is_new);
    assert_false(model_slow_at(s.m, 1)->is_new);
    story_end(&s);
}

static void slow_log__that_was_emptied__keeps_what_was_seen(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell(&s, 1, 1000, 20000, "GET exam:*");
    end(&s, 1);
    end(&s, 0); /* SLOWLOG RESET: numbers go on */
    assert_int_equal(model_slow_count(s.m), 1);
    assert_int_equal(model_slow_total(s.m), 0);
    tell(&s, 2, 1001, 20000, "GET exam:*");
    end(&s, 1);
    assert_int_equal(model_slow_count(s.m), 2);
    story_end(&s);
}

static void server__that_was_restarted__counts_its_entries_from_the_beginning(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    tell(&s, 5, 1000, 20000, "GET exam:*");
    tell(&s, 6, 1001, 20000, "GET exam:*");
    end(&s, 2);
    tell(&s, 0, 1500, 7000, "KEYS *"); /* a lower number, and later */
    end(&s, 1);
    assert_int_equal(model_slow_count(s.m), 1);
    assert_true(model_slow_at(s.m, 0)->is_new);
    assert_int_equal(model_slow_shapes(s.m), 1);
    tell(&s, 0, 1600, 9000, "SORT list"); /* the same number, another one */
    end(&s, 1);
    assert_int_equal(model_slow_count(s.m), 1);
    assert_string_equal(model_slow_shape_at(s.m, 0)->shape, "SORT list");
    story_end(&s);
}

static void entries__are_capped__the_newest_stay(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    for (int i = 0; i < SLOW_MAX + 10; i++) {
        tell(&s, i, 1000 + i, 20000, i < 10 ? "OLD" : "GET exam:*");
    }
    end(&s, 5000);
    assert_int_equal(model_slow_count(s.m), SLOW_MAX);
    assert_int_equal(model_slow_at(s.m, SLOW_MAX - 1)->id, 10);
    assert_int_equal(model_slow_shapes(s.m), 1);
    story_end(&s);
}

static void entry__of_a_hostile_server__is_harmless(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "slow phase=row id=9223372036854775807 wall_us=9223372036854775807 duration_us=-5 "
                   "shape=\"\\x1b[2J\" text=\"\\xff\\x00\"");
    story_tell(&s, "slow phase=row id=-1 shape=x");
    story_tell(&s, "slow phase=end total=-7 threshold_us=-1");
    assert_int_equal(model_slow_count(s.m), 1);
    assert_null(strchr(model_slow_at(s.m, 0)->shape, '\x1b'));
    assert_int_equal(model_slow_at(s.m, 0)->duration_us, -1);
    assert_int_equal(model_slow_total(s.m), -1);
    assert_int_equal(model_slow_shape_at(s.m, 0)->total_us, 0);
    story_end(&s);
}

static void latency_events__are_those__of_the_last_reading(void **state)
{
    (void)state;
    struct story s;
    story_begin(&s);
    story_tell(&s, "latency phase=row name=command event_wall_us=1000000000 latest_ms=30 max_ms=300");
    story_tell(&s, "latency phase=row name=fork event_wall_us=1000000000 latest_ms=5 max_ms=5");
    assert_int_equal(model_latency_count(s.m), 0);
    story_tell(&s, "latency phase=end");
    assert_int_equal(model_latency_count(s.m), 2);
    assert_string_equal(model_latency_at(s.m, 0)->name, "command");
    assert_int_equal(model_latency_at(s.m, 0)->max_ms, 300);
    /* A reading that came to no end, and the next one. */
    story_tell(&s, "latency phase=row name=command latest_ms=31 max_ms=300");
    story_tell(&s, "latency phase=row name=command latest_ms=32 max_ms=300");
    story_tell(&s, "latency phase=end");
    assert_int_equal(model_latency_count(s.m), 1);
    assert_int_equal(model_latency_at(s.m, 0)->latest_ms, 32);
    for (int i = 0; i < LATENCY_MAX + 4; i++) {
        story_tell(&s, "latency phase=row name=e%d latest_ms=1 max_ms=1", i);
    }
    story_tell(&s, "latency phase=end");
    assert_int_equal(model_latency_count(s.m), LATENCY_MAX);
    story_end(&s);
}

static void round_trips__give_exact_percentiles__of_the_last_five_minutes(void **state)
{
    (void)state;
    struct story s;
    struct round_trips trips;
    story_begin(&s);
    model_round_trips(s.m, &trips);
    assert_true(isnan(trips.p50) && isnan(trips.p99) && isnan(trips.max));
    story_tell(&s, "server round_trip_us=900000"); /* will be too old */
    story_wait(&s, 250);
    for (int i = 100; i >= 1; i--) {
        story_tell(&s, "server round_trip_us=%d", i * 1000);
        story_wait(&s, 1);
    }
    story_tell(&s, "server"); /* this one is not known */
    model_round_trips(s.m, &trips);
    assert_int_equal(trips.samples, 100);
    assert_near(trips.p50, 50000);
    assert_near(trips.p99, 99000);
    assert_near(trips.max, 100000);
    story_wait(&s, 299);
    model_round_trips(s.m, &trips);
    assert_int_equal(trips.samples, 1); /* told 300 s ago */
    assert_near(trips.max, 1000);
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries__are_listed__newest_first),
        cmocka_unit_test(shapes__sum_up__their_entries_by_total_time),
        cmocka_unit_test(slow_log__that_was_emptied__keeps_what_was_seen),
        cmocka_unit_test(server__that_was_restarted__counts_its_entries_from_the_beginning),
        cmocka_unit_test(entries__are_capped__the_newest_stay),
        cmocka_unit_test(entry__of_a_hostile_server__is_harmless),
        cmocka_unit_test(latency_events__are_those__of_the_last_reading),
        cmocka_unit_test(round_trips__give_exact_percentiles__of_the_last_five_minutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
