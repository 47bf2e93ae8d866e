#include "action/keyset.h"
#include "support/unit.h"

#include <stdio.h>

static void keyset__keeps_each_key_once_in_order__when_keys_come_again(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    struct keyset s;
    char key[32];
    keyset_init(&s);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COUNT; i++) {
            snprintf(key, sizeof key, "key:%d", i);
            assert_int_equal(keyset_add(&s, span_of(key)), round == 0);
        }
    }
    assert_int_equal(s.count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        snprintf(key, sizeof key, "key:%d", i);
        assert_true(keyset_has(&s, span_of(key)));
        assert_true(span_equal(keyset_at(&s, (size_t)i), span_of(key)));
    }
    assert_false(keyset_has(&s, S("key:")));
    keyset_release(&s);
    keyset_release(&s);
}

static void keyset__tells_binary_keys_apart__when_they_hold_zero_bytes(void **state)
{
    (void)state;
    struct keyset s;
    keyset_init(&s);
    assert_false(keyset_has(&s, S("")));
    assert_true(keyset_add(&s, span_make("a\0b", 3)));
    assert_true(keyset_add(&s, span_make("a\0c", 3)));
    assert_true(keyset_add(&s, S("a")));
    assert_true(keyset_add(&s, S("")));
    assert_false(keyset_add(&s, S("")));
    assert_int_equal(s.count, 4);
    keyset_clear(&s);
    assert_int_equal(s.count, 0);
    assert_false(keyset_has(&s, S("a")));
    assert_true(keyset_add(&s, S("a")));
    keyset_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keyset__keeps_each_key_once_in_order__when_keys_come_again),
        cmocka_unit_test(keyset__tells_binary_keys_apart__when_they_hold_zero_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
