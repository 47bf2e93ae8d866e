#include "demo/prng.h"
#include "support/unit.h"

static void prng_next__gives_the_published_numbers__of_splitmix64(void **state)
{
    (void)state;
    static const uint64_t expected[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                        UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
                                        UINT64_C(16408922859458223821)};
    struct prng p;
    prng_init(&p, 1234567);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_true(prng_next(&p) == expected[i]);
    }
}

static void prng__repeats_itself__with_the_same_seed_only(void **state)
{
    (void)state;
    struct prng a, b, c;
    int same = 0;
    prng_init(&a, 7);
    prng_init(&b, 7);
    prng_init(&c, 8);
    for (int i = 0; i < 1000; i++) {
        int64_t x = prng_between(&a, 0, 1000000);
        assert_int_equal(x, prng_between(&b, 0, 1000000));
        same += x == prng_between(&c, 0, 1000000);
    }
    assert_true(same < 10);
}

static void prng_between__reaches_both_ends__and_nothing_beyond(void **state)
{
    (void)state;
    struct prng p;
    bool least = false, most = false;
    prng_init(&p, 1);
    for (int i = 0; i < 1000; i++) {
        int64_t x = prng_between(&p, -2, 2);
        assert_in_range(x + 2, 0, 4);
        least = least || x == -2;
        most = most || x == 2;
    }
    assert_true(least && most);
}

static void prng_gap__has_the_mean__of_the_rate(void **state)
{
    (void)state;
    struct prng p;
    int64_t sum_us = 0;
    prng_init(&p, 3);
    for (int i = 0; i < 20000; i++) {
        int64_t gap = prng_gap_us(&p, 20);
        assert_true(gap >= 0);
        sum_us += gap;
    }
    assert_in_range(sum_us / 20000, 48000, 52000); /* 50 ms */
}

static void prng_popular__prefers_small_numbers__and_stays_below_count(void **state)
{
    (void)state;
    struct prng p;
    int small = 0;
    prng_init(&p, 5);
    for (int i = 0; i < 10000; i++) {
        int64_t x = prng_popular(&p, 160);
        assert_in_range(x, 0, 159);
        small += x < 20;
    }
    assert_in_range(small, 4800, 5200); /* the cube root of 20/160 is a half */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prng_next__gives_the_published_numbers__of_splitmix64),
        cmocka_unit_test(prng__repeats_itself__with_the_same_seed_only),
        cmocka_unit_test(prng_between__reaches_both_ends__and_nothing_beyond),
        cmocka_unit_test(prng_gap__has_the_mean__of_the_rate),
        cmocka_unit_test(prng_popular__prefers_small_numbers__and_stays_below_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
