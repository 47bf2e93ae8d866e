#include "support/unit.h"

#include "redai/base/target.h"

static void target_set__owns_a_copy__of_a_binary_id(void **state)
{
    (void)state;
    struct target t = {0};
    char id[] = {'k', '\0', '\n'};
    target_set(&t, TARGET_KEY, span_make(id, sizeof(id)));
    id[0] = 'x';
    assert_int_equal(t.kind, TARGET_KEY);
    assert_int_equal(t.id_len, 3);
    assert_memory_equal(t.id, "k\0\n", 4);
    target_release(&t);
}

static void target_set__releases__what_it_held(void **state)
{
    (void)state;
    struct target t = {0};
    target_set(&t, TARGET_SESSION, S("first"));
    target_set(&t, TARGET_USER, S("7"));
    assert_int_equal(t.kind, TARGET_USER);
    assert_true(span_equal(target_id(&t), S("7")));
    target_release(&t);
}

static void target_set__may_take__a_part_of_its_own_id(void **state)
{
    (void)state;
    struct target t = {0};
    target_set(&t, TARGET_KEY, S("session:abc"));
    target_set(&t, TARGET_SESSION, span_skip(target_id(&t), 8));
    assert_true(span_equal(target_id(&t), S("abc")));
    target_release(&t);
}

static void target_release__leaves_nothing__and_may_run_twice(void **state)
{
    (void)state;
    struct target t = {0};
    target_release(&t);
    target_set(&t, TARGET_TASK, S("id"));
    target_release(&t);
    target_release(&t);
    assert_int_equal(t.kind, TARGET_NONE);
    assert_null(t.id);
    assert_int_equal(target_id(&t).len, 0);
    assert_non_null(target_id(&t).data);
}

static void target_equal__wants__kind_and_id_alike(void **state)
{
    (void)state;
    static const struct {
        struct target a, b;
        bool equal;
    } rows[] = {
        {{TARGET_USER, (char *)"7", 1}, {TARGET_USER, (char *)"7", 1}, true},
        {{TARGET_USER, (char *)"7", 1}, {TARGET_SESSION, (char *)"7", 1}, false},
        {{TARGET_USER, (char *)"7", 1}, {TARGET_USER, (char *)"70", 2}, false},
        {{TARGET_KEY, (char *)"a\0b", 3}, {TARGET_KEY, (char *)"a\0c", 3}, false},
        {{TARGET_KEY, (char *)"", 0}, {TARGET_KEY, NULL, 0}, true},
        {{TARGET_NONE, NULL, 0}, {TARGET_NONE, NULL, 0}, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(target_equal(&rows[i].a, &rows[i].b), rows[i].equal);
        assert_int_equal(target_equal(&rows[i].b, &rows[i].a), rows[i].equal);
    }
}

static void target_kind_name__knows_every_kind__and_differs(void **state)
{
    (void)state;
    for (int a = 0; a < TARGET_COUNT; a++) {
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(target_kind_name((enum target_kind)a),
                                    target_kind_name((enum target_kind)b));
        }
    }
    assert_string_equal(target_kind_name(TARGET_QUEUE), "queue");
    assert_string_equal(target_kind_name(TARGET_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(target_set__owns_a_copy__of_a_binary_id),
        cmocka_unit_test(target_set__releases__what_it_held),
        cmocka_unit_test(target_set__may_take__a_part_of_its_own_id),
        cmocka_unit_test(target_release__leaves_nothing__and_may_run_twice),
        cmocka_unit_test(target_equal__wants__kind_and_id_alike),
        cmocka_unit_test(target_kind_name__knows_every_kind__and_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
