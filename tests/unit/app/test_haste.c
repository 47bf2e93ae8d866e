#include "app/haste.h"
#include "support/unit.h"

#include "redai/base/clock.h"

#define BEGUN_US (100 * US_PER_S)

static void person__is_never_in_haste__who_types_or_holds_a_key(void **state)
{
    (void)state;
    static const int64_t gaps_ms[] = {33, 60, 120}; /* a key that repeats, a fast typist, a slow one */
    for (size_t i = 0; i < sizeof gaps_ms / sizeof gaps_ms[0]; i++) {
        struct haste h = {0};
        int64_t now = BEGUN_US;
        for (int k = 0; k < 1000; k++, now += gaps_ms[i] * US_PER_MS) {
            haste_key(&h, now);
            assert_false(h.close);
            assert_false(h.burst);
        }
    }
}

static void key__is_close__right_behind_another(void **state)
{
    (void)state;
    struct haste h = {0};
    haste_key(&h, BEGUN_US);
    assert_false(h.close);
    assert_int_equal(h.run, 0);
    haste_key(&h, BEGUN_US + US_PER_MS);
    assert_true(h.close);
    assert_int_equal(h.run, 1);
    assert_false(h.burst); /* two keys are no paste yet: Esc and another over a slow line */
    haste_key(&h, BEGUN_US + 40 * US_PER_MS);
    assert_false(h.close);
    assert_int_equal(h.run, 0);
}

/* Typed half a second after the key that asks, and taken from the kernel only behind the frame that shows it.
 */
static void key__is_blind__when_the_question_has_only_just_been_shown(void **state)
{
    (void)state;
    struct haste h = {0};
    haste_key(&h, BEGUN_US);
    haste_key(&h, BEGUN_US + 400 * US_PER_MS);
    assert_false(h.blind); /* nothing is asked */
    haste_shown(&h, 1, BEGUN_US + 500 * US_PER_MS);
    haste_key(&h, BEGUN_US + 501 * US_PER_MS);
    assert_false(h.close);
    assert_true(h.blind);
    haste_shown(&h, 1, BEGUN_US + 600 * US_PER_MS); /* the same, drawn again */
    haste_key(&h, BEGUN_US + 601 * US_PER_MS);
    assert_false(h.blind);
    haste_shown(&h, 2, BEGUN_US + 700 * US_PER_MS); /* its answer asked another one */
    haste_key(&h, BEGUN_US + 740 * US_PER_MS);
    assert_true(h.blind);
    haste_shown(&h, 0, BEGUN_US + 800 * US_PER_MS);
    haste_key(&h, BEGUN_US + 801 * US_PER_MS);
    assert_false(h.blind);
}

static void burst__lasts_until_a_silence(void **state)
{
    (void)state;
    struct haste h = {0};
    int64_t now = BEGUN_US;
    for (int k = 0; k < 64; k++) {
        haste_key(&h, now);
    }
    assert_true(h.burst);
    for (int k = 0; k < 20; k++) {
        now += 250 * US_PER_MS; /* a line that stumbles */
        haste_key(&h, now);
        assert_true(h.burst);
    }
    haste_key(&h, now + 300 * US_PER_MS);
    assert_false(h.burst);
    assert_false(h.close);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(person__is_never_in_haste__who_types_or_holds_a_key),
        cmocka_unit_test(key__is_close__right_behind_another),
        cmocka_unit_test(key__is_blind__when_the_question_has_only_just_been_shown),
        cmocka_unit_test(burst__lasts_until_a_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
