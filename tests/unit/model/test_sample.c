#include "model/sample.h"
#include "support/unit.h"

#include <math.h>

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= fabs(expected) / 1000 + 1e-9)) {
        fail_msg("%g is not %g", value, expected);
    }
}

static void a_whole_sample__is__exact(void **state)
{
    (void)state;
    struct sample s = {3, 3, 33, 500};
    assert_near(sample_total(&s), 33);
    assert_near(sample_margin(&s), 0);
    assert_int_equal(sample_count(&s, 2), 2);
    struct sample none = {0, 0, 0, 0};
    assert_near(sample_total(&none), 0);
    assert_near(sample_margin(&none), 0);
    assert_int_equal(sample_count(&none, 0), 0);
    /* The sample of keys that are gone says nothing of those that are not there. */
    struct sample gone = {0, 10, 1000, 1e5};
    assert_near(sample_total(&gone), 0);
    assert_near(sample_margin(&gone), 0);
}

static void nothing__is_known__without_a_sample(void **state)
{
    (void)state;
    struct sample s = {10, 0, 0, 0};
    assert_true(isnan(sample_total(&s)));
    assert_true(isnan(sample_margin(&s)));
    assert_int_equal(sample_count(&s, 0), -1);
    struct sample one = {10, 1, 5, 25}; /* a guess, and nobody knows how good */
    assert_near(sample_total(&one), 50);
    assert_true(isnan(sample_margin(&one)));
    struct sample old = {10, 5, 5, NAN}; /* told by something that knows no squares */
    assert_near(sample_total(&old), 10);
    assert_true(isnan(sample_margin(&old)));
}

/* 1, 2, 3, 4, 5 out of 100: mean 3, variance 2.5, standard error of the total 100 * sqrt(2.5 / 5 * 0.95). */
static void margin__is__students_interval_with_finite_population_correction(void **state)
{
    (void)state;
    struct sample s = {100, 5, 15, 55};
    assert_near(sample_total(&s), 300);
    assert_near(sample_margin(&s), 2.776 * 100 * sqrt(2.5 / 5 * 0.95));
    struct sample alike = {100, 5, 15, 45};
    assert_near(sample_margin(&alike), 0);
    struct sample rounded = {100, 5, 15, 44.999999}; /* below zero by rounding */
    assert_near(sample_margin(&rounded), 0);
    struct sample nearly = {100, 99, 99 * 3, 99 * 9 + 99 * 2.5};
    assert_true(sample_margin(&nearly) < 4);
    /* Three of five are left: nothing is known of which. */
    struct sample older = {3, 5, 15, 55};
    assert_near(sample_total(&older), 9);
    assert_near(sample_margin(&older), 2.776 * sqrt(3 * 2.5 * (1 - 3.0 / 5)));
}

/* Of 2000 samples of a skewed population the interval misses the truth about one time in twenty. */
static void interval__holds_the_truth__nearly_always(void **state)
{
    (void)state;
    enum { ALL = 5000, TAKEN = 48, TIMES = 2000 };
    static double bytes[ALL];
    double truth = 0;
    uint64_t seed = 7;
    int missed = 0;
    for (int i = 0; i < ALL; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        bytes[i] = 100 + (double)(seed >> 33 & 1023) + (i % 10 == 0 ? 800 : 0);
        truth += bytes[i];
    }
    for (int t = 0; t < TIMES; t++) {
        struct sample s = {ALL, TAKEN, 0, 0};
        for (int i = 0; i < TAKEN; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            double b = bytes[(seed >> 33) % ALL];
            s.sum += b;
            s.squares += b * b;
        }
        missed += fabs(sample_total(&s) - truth) > sample_margin(&s);
    }
    assert_in_range(missed, TIMES / 50, TIMES / 12);
}

static void numbers__from_outside__never_overflow(void **state)
{
    (void)state;
    struct sample s = {INT64_C(1000000000000000), 2, 1e15, 1e30};
    assert_true(sample_total(&s) <= 1e15);
    assert_true(sample_margin(&s) <= 1e15);
    assert_true(sample_count(&s, INT64_C(1000000000000000)) <= INT64_C(1000000000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_sample__is__exact),
        cmocka_unit_test(nothing__is_known__without_a_sample),
        cmocka_unit_test(margin__is__students_interval_with_finite_population_correction),
        cmocka_unit_test(interval__holds_the_truth__nearly_always),
        cmocka_unit_test(numbers__from_outside__never_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
