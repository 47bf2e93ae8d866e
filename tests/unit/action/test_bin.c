/* The bin: bounded, the oldest goes first, and what a run holds stays. */
#include "action/lot.h"
#include "support/unit.h"

#include "redai/base/clock.h"

static const struct bin_limits limits = {
    .bytes = 2000, .key_bytes = 500, .keys = 10, .keep_us = 60 * US_PER_S};
static const struct kept key = {.kind = KEPT_KEY, .pttl_ms = 5000};

static struct lot *filled(struct bin *b, const char *what, size_t bytes)
{
    char value[2000] = "";
    struct lot *l = lot_open(b, VERB_INVALIDATE, what, NULL);
    lot_add(b, l, &key, S("exam:1"), span_make(value, bytes));
    lot_close(b, l);
    return lot_find(b, 0);
}

static void bin__lists_the_newest_first__when_there_are_several(void **state)
{
    (void)state;
    struct bin *b = bin_new(&limits);
    struct bin_row row;
    assert_int_equal(bin_count(b), 0);
    assert_false(bin_at(b, 0, &row));
    filled(b, "first", 10);
    filled(b, "second", 20);
    assert_int_equal(bin_count(b), 2);
    assert_true(bin_at(b, 0, &row));
    assert_string_equal(row.what, "second");
    assert_int_equal(row.number, 2);
    assert_int_equal(row.count, 1);
    assert_int_equal(row.until_us - row.at_us, 60 * US_PER_S);
    assert_true(bin_at(b, 1, &row));
    assert_string_equal(row.what, "first");
    assert_string_equal(lot_find(b, 1)->what, "first");
    assert_null(lot_find(b, 3));
    bin_free(b);
}

static void bin__forgets_a_lot__when_nothing_was_put_into_it(void **state)
{
    (void)state;
    struct bin *b = bin_new(&limits);
    struct lot *l = lot_open(b, VERB_INVALIDATE, "nothing", NULL);
    assert_int_equal(bin_count(b), 0);
    lot_close(b, l);
    assert_null(lot_find(b, 0));
    bin_free(b);
}

static void bin__lets_the_oldest_go__when_it_is_full(void **state)
{
    (void)state;
    struct bin *b = bin_new(&limits);
    struct bin_row row;
    filled(b, "first", 800);
    filled(b, "second", 800);
    assert_int_equal(bin_count(b), 2);
    filled(b, "third", 800);
    assert_int_equal(bin_count(b), 2);
    assert_true(bin_at(b, 1, &row));
    assert_string_equal(row.what, "second");
    bin_free(b);
}

static void bin__takes_no_more_than_it_may__when_a_run_holds_all_of_it(void **state)
{
    (void)state;
    struct bin *b = bin_new(&limits);
    char value[2000] = "";
    struct lot *l = lot_open(b, VERB_INVALIDATE, "many", NULL);
    assert_non_null(lot_add(b, l, &key, S("exam:1"), span_make(value, 900)));
    assert_null(lot_add(b, l, &key, S("exam:2"), span_make(value, 1500)));
    assert_int_equal(l->count, 1);
    assert_true(bin_room(b, true) < 1100);
    lot_close(b, l);
    assert_int_equal(bin_room(b, true), 2000);
    bin_sweep(b, clock_mono_us() + 61 * US_PER_S);
    assert_int_equal(bin_count(b), 0);
    assert_int_equal(bin_room(b, false), 2000);
    bin_free(b);
}

static void bin__keeps_a_lot_that_is_put_back__when_its_time_is_over(void **state)
{
    (void)state;
    struct bin *b = bin_new(&limits);
    struct lot *l = filled(b, "old", 10);
    l->held = true;
    bin_sweep(b, clock_mono_us() + 61 * US_PER_S);
    assert_int_equal(bin_count(b), 1);
    lot_close(b, l);
    bin_sweep(b, clock_mono_us() + 61 * US_PER_S);
    assert_int_equal(bin_count(b), 0);
    bin_free(b);
}

static void kept__has_the_bytes_and_the_time_that_is_left__when_it_is_looked_at(void **state)
{
    (void)state;
    struct bin *b = bin_new(&limits);
    struct lot *l = lot_open(b, VERB_REVOKE_SESSION, "one", "#tag");
    const struct kept head = {.kind = KEPT_KEY, .at_us = 1000000, .pttl_ms = 5000};
    struct kept *k = lot_add(b, l, &head, S("session:a\0b"), S("v\0w"));
    lot_add_entry(b, l, k, S("7"), 9000);
    assert_true(span_equal(kept_key(k), S("session:a\0b")));
    assert_true(span_equal(kept_bytes(k), S("v\0w")));
    assert_int_equal(kept_pttl_ms(k, 1000000), 5000);
    assert_int_equal(kept_pttl_ms(k, 3000000), 3000);
    assert_int_equal(kept_pttl_ms(k, 9000000), 0);
    assert_int_equal(kept_left_ms(-1, 0, 9000000), -1);
    assert_string_equal(k->entry->user, "7");
    assert_string_equal(l->tag, "#tag");
    lot_drop(b, l, k);
    assert_int_equal(l->count, 0);
    assert_int_equal(l->bytes, 0);
    lot_close(b, l);
    bin_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bin__lists_the_newest_first__when_there_are_several),
        cmocka_unit_test(bin__forgets_a_lot__when_nothing_was_put_into_it),
        cmocka_unit_test(bin__lets_the_oldest_go__when_it_is_full),
        cmocka_unit_test(bin__takes_no_more_than_it_may__when_a_run_holds_all_of_it),
        cmocka_unit_test(bin__keeps_a_lot_that_is_put_back__when_its_time_is_over),
        cmocka_unit_test(kept__has_the_bytes_and_the_time_that_is_left__when_it_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
