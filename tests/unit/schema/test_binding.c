#include "unit/schema/fixture.h"

#include "redai/schema/binding.h"

#define SEP KOMBU_SEP

static void binding_queue__is_the_third_field_of_captured_members(void **state)
{
    (void)state;
    static const struct {
        const char *file, *queue;
    } cases[] = {
        {"binding-celery.bin", "celery"},
        {"binding-celery.pidbox.bin", "worker1@demo.celery.pidbox"},
        {"binding-celeryev.bin", "celeryev."},
        {"binding-other-routing-key.bin", "default2"},
        {"binding-reply.celery.pidbox.bin", NULL},
        {"binding-topic.bin", "video"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string member;
        struct span queue;
        fixture_read(cases[i].file, &member);
        assert_true(binding_queue(text_span(&member), &queue));
        if (cases[i].queue) {
            assert_true(span_starts(queue, span_of(cases[i].queue)));
        } else {
            assert_true(span_ends(queue, S(".reply.celery.pidbox")));
        }
        utstring_done(&member);
    }
}

static void binding_queue__refuses_other_shapes(void **state)
{
    (void)state;
    static const struct span cases[] = {
        SPAN_LITERAL(""),
        SPAN_LITERAL("celery"),
        SPAN_LITERAL("a" SEP "b"),
        SPAN_LITERAL(SEP SEP),
        SPAN_LITERAL("a" SEP "b" SEP),
        SPAN_LITERAL("a" SEP "b" SEP "c" SEP "d"),
        SPAN_LITERAL("\x06\x06"),
        SPAN_LITERAL("a\x06"
                     "b\x16"
                     "c"),
    };
    struct span queue = {NULL, 0};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(binding_queue(cases[i], &queue));
    }
    assert_null(queue.data);
    assert_true(binding_queue(S(SEP SEP "q\0x"), &queue));
    assert_int_equal(queue.len, 3);
}

static void binding_is_task_exchange__leaves_out_mailboxes_and_events(void **state)
{
    (void)state;
    assert_true(binding_is_task_exchange(S("celery")));
    assert_true(binding_is_task_exchange(S("questions")));
    assert_true(binding_is_task_exchange(S("celeryev2")));
    assert_true(binding_is_task_exchange(S("")));
    assert_false(binding_is_task_exchange(S("celeryev")));
    assert_false(binding_is_task_exchange(S("celery.pidbox")));
    assert_false(binding_is_task_exchange(S("reply.celery.pidbox")));
    assert_false(binding_is_task_exchange(S("other.pidbox")));
}

static void binding_split_list_key__takes_the_step_off(void **state)
{
    (void)state;
    static const struct {
        const char *key, *queue;
        int step;
    } cases[] = {
        {"celery", "celery", 0},
        {"celery" SEP "3", "celery", 3},
        {"celery" SEP "9", "celery", 9},
        {"celery" SEP "0", "celery", 0},
        {"celery" SEP "255", "celery", 255},
        {"q3", "q3", 0},
        {"q 3:x*" SEP "6", "q 3:x*", 6},
        {"a" SEP "3" SEP "6", "a" SEP "3", 6},
        {"celery" SEP, "celery" SEP, 0},
        {"celery" SEP "-3", "celery" SEP "-3", 0},
        {"celery" SEP "3x", "celery" SEP "3x", 0},
        {"celery" SEP "1000", "celery" SEP "1000", 0},
        {SEP "3", SEP "3", 0},
        {"3", "3", 0},
        {"", "", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int step = -1;
        assert_span(binding_split_list_key(span_of(cases[i].key), &step), cases[i].queue);
        assert_int_equal(step, cases[i].step);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binding_queue__is_the_third_field_of_captured_members),
        cmocka_unit_test(binding_queue__refuses_other_shapes),
        cmocka_unit_test(binding_is_task_exchange__leaves_out_mailboxes_and_events),
        cmocka_unit_test(binding_split_list_key__takes_the_step_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
