#include "collect/collect_priv.h"
#include "support/unit.h"

static void pace__spends__no_more_than_a_quarter_second_at_once(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p, 1000, 0);
    assert_int_equal(pace_take(&p, 10000, 0), 250);
    assert_int_equal(pace_take(&p, 10000, 0), 0);
    assert_int_equal(pace_take(&p, 10000, 100 * US_PER_MS), 100);
    /* an hour of rest is not saved up */
    assert_int_equal(pace_take(&p, 10000, 3600 * US_PER_S), 250);
}

static void pace__gives__the_rate_over_time(void **state)
{
    (void)state;
    struct pace p;
    size_t taken = 0;
    pace_init(&p, 800, 0);
    for (int64_t t = 0; t <= 10 * US_PER_S; t += 10 * US_PER_MS) {
        taken += pace_take(&p, 1000, t);
    }
    assert_in_range(taken, 8000, 8000 + 200);
}

static void pace__takes_back__what_was_not_used(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p, 1000, 0);
    assert_int_equal(pace_take(&p, 200, 0), 200);
    pace_give_back(&p, 150);
    assert_int_equal(pace_take(&p, 1000, 0), 200);
}

/* Samples are not asked for one by one: what comes next waits for them, but never for long. */
static void pace__waits__for_what_was_sent_without_asking(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p, 1000, 0);
    pace_charge(&p, 100);
    assert_int_equal(pace_take(&p, 1000, 0), 150);
    pace_charge(&p, 5000);
    pace_charge(&p, 5000);
    assert_int_equal(pace_take(&p, 1, 200 * US_PER_MS), 0);
    assert_int_equal(pace_take(&p, 1, 260 * US_PER_MS), 1);
}

static void pace__slows_down__when_the_round_trip_rises__and_recovers(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p, 6400, 0);
    for (int i = 0; i < 100; i++) {
        pace_round_trip(&p, 300);
    }
    assert_true(p.factor > 0.99);
    for (int i = 0; i < 3; i++) {
        pace_round_trip(&p, 50000);
    }
    assert_true(p.factor <= 1. / 8.);
    for (int i = 0; i < 20; i++) {
        pace_round_trip(&p, 50000);
    }
    assert_true(p.factor >= 1. / 64.); /* never to a stand-still */
    for (int i = 0; i < 100; i++) {
        pace_round_trip(&p, 300);
    }
    assert_true(p.factor > 0.99);
}

static void pace__is_calm__on_a_line_that_was_always_slow(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p, 1000, 0);
    for (int i = 0; i < 100; i++) {
        pace_round_trip(&p, 200000 + i % 7 * 10000);
    }
    assert_true(p.factor > 0.99);
}

static void pages__get_shorter__until_one_is_a_fifth_of_a_millisecond(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p, 2000, 0);
    pace_connected(&p, 200);
    assert_int_equal(p.page, WALK_PAGE);
    for (int i = 0; i < 20; i++) {
        pace_page(&p, 200 + (int64_t)p.page * 3); /* 3 us a key */
    }
    assert_in_range(p.page, WALK_PAGE_MIN, 70);
    for (int i = 0; i < 20; i++) {
        pace_page(&p, 200 + (int64_t)p.page / 10);
    }
    assert_int_equal(p.page, WALK_PAGE);
}

/* Little server time, a long and uneven way: small pages would take forever. */
static void pages__stay_long__when_only_the_way_is(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p, 2000, 0);
    pace_connected(&p, 50000);
    for (int i = 0; i < 20; i++) {
        pace_page(&p, i % 2 ? 52000 : 61000);
    }
    assert_int_equal(p.page, WALK_PAGE);
}

static void a_walk__takes__a_share_of_the_server_by_the_budget(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p, 2000, 0);
    assert_int_equal(pace_page(&p, 900), 900); /* half of it */
    pace_init(&p, 200, 0);
    assert_int_equal(pace_page(&p, 900), 900 * 19);
    pace_init(&p, 100000, 0);
    assert_int_equal(pace_page(&p, 900), 0);
    assert_int_equal(p.page, WALK_PAGE);
}

static int64_t pages_of(struct pace *p, int64_t us_a_key, int pages_per_s)
{
    int64_t rest_us = 0;
    for (int i = 0; i < 12; i++) {
        rest_us = pace_page_again(p, 100 + (int64_t)p->page_again * us_a_key, pages_per_s);
    }
    return rest_us;
}

static void a_later_walk__takes__a_small_share_however_slow_a_page_is(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p, 2000, 0);
    pace_connected(&p, 100);
    assert_int_equal(pages_of(&p, 1, 4), 250 * US_PER_MS);
    assert_int_equal(p.page_again, WALK_PAGE_AGAIN);
    assert_int_equal(pages_of(&p, 4, 4), 250 * US_PER_MS); /* of a large table: as many pages, shorter ones */
    assert_int_equal(p.page_again, WALK_PAGE_AGAIN / 2);
    assert_int_equal(pages_of(&p, 100, 4), 500 * US_PER_MS); /* no shorter ones: fewer */
    assert_int_equal(p.page_again, WALK_PAGE_MIN);
    assert_int_equal(pages_of(&p, 100000, 4), 2 * US_PER_S); /* but never none */
    assert_int_equal(pages_of(&p, 1, 40), 25 * US_PER_MS);
    assert_int_equal(p.page_again, WALK_PAGE_AGAIN);
}

/* Also when the way has become longer since the connection was made. */
static void a_later_walk__is_not_slowed__by_a_long_and_uneven_way(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p, 2000, 0);
    pace_connected(&p, 30000);
    for (int i = 0; i < 2000; i++) {
        pace_round_trip(&p, 80000);
    }
    for (int i = 0; i < 20; i++) {
        assert_int_equal(pace_page_again(&p, i % 3 ? 130000 : 80100, 4), 250 * US_PER_MS);
    }
    assert_int_equal(p.page_again, WALK_PAGE_AGAIN);
}

static void pace__sends_in_groups__what_it_cannot_send_at_once(void **state)
{
    (void)state;
    struct pace p;
    struct purse own = {0};
    pace_init(&p, 2000, 0);
    int64_t now_us = US_PER_S;
    assert_int_equal(pace_take_group(&p, &own, 300, now_us), 300); /* all of them: at once */
    assert_int_equal(pace_take_group(&p, &own, 300, now_us), 0); /* the rest of the burst is no whole group */
    for (int ms = 10; ms < 50; ms += 10) {
        assert_int_equal(pace_take_group(&p, &own, 400, now_us + ms * US_PER_MS), 0);
    }
    assert_int_equal(pace_take_group(&p, &own, 400, now_us + 50 * US_PER_MS), 300); /* nothing is lost */
}

static void pace__lays_by__for_a_group__what_others_would_take(void **state)
{
    (void)state;
    struct pace p;
    struct purse own = {.spent_us = US_PER_S};
    pace_init(&p, 2000, US_PER_S);
    pace_take(&p, 500, US_PER_S);
    for (int ms = 10; ms < 50; ms += 10) {
        assert_int_equal(pace_take_group(&p, &own, 300, US_PER_S + ms * US_PER_MS), 0);
        assert_int_equal(pace_take(&p, 1, US_PER_S + ms * US_PER_MS), 0);
    }
    assert_int_equal(pace_take_group(&p, &own, 300, US_PER_S + 50 * US_PER_MS), 100);
    own.tokens = 30; /* more than is wanted by now */
    own.spent_us = US_PER_S;
    assert_int_equal(pace_take_group(&p, &own, 10, US_PER_S + 50 * US_PER_MS), 10);
    assert_int_equal(pace_take(&p, 100, US_PER_S + 50 * US_PER_MS), 20);
}

/* The server was held by others, or this process was stopped with a page under way. */
static void a_walk__goes_on__however_long_a_page_was_away(void **state)
{
    (void)state;
    struct pace p;
    pace_init(&p, 20, 0);
    assert_int_equal(pace_page(&p, 600 * US_PER_S), 2 * US_PER_S);
    assert_int_equal(pace_page_again(&p, 600 * US_PER_S, 4), 2 * US_PER_S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages__get_shorter__until_one_is_a_fifth_of_a_millisecond),
        cmocka_unit_test(pages__stay_long__when_only_the_way_is),
        cmocka_unit_test(a_walk__takes__a_share_of_the_server_by_the_budget),
        cmocka_unit_test(a_later_walk__takes__a_small_share_however_slow_a_page_is),
        cmocka_unit_test(a_later_walk__is_not_slowed__by_a_long_and_uneven_way),
        cmocka_unit_test(a_walk__goes_on__however_long_a_page_was_away),
        cmocka_unit_test(pace__sends_in_groups__what_it_cannot_send_at_once),
        cmocka_unit_test(pace__lays_by__for_a_group__what_others_would_take),
        cmocka_unit_test(pace__spends__no_more_than_a_quarter_second_at_once),
        cmocka_unit_test(pace__gives__the_rate_over_time),
        cmocka_unit_test(pace__takes_back__what_was_not_used),
        cmocka_unit_test(pace__waits__for_what_was_sent_without_asking),
        cmocka_unit_test(pace__slows_down__when_the_round_trip_rises__and_recovers),
        cmocka_unit_test(pace__is_calm__on_a_line_that_was_always_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
