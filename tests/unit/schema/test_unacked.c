#include "unit/schema/fixture.h"

#include "redai/schema/message.h"
#include "redai/schema/unacked.h"

static void unacked_decode__takes_captured_entries_apart(void **state)
{
    (void)state;
    static const char *const files[] = {"unacked-entry.json", "unacked-entry-retry.json",
                                        "unacked-redelivered.json"};

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        UT_string value, queue, element;
        struct message m;
        fixture_read(files[i], &value);
        utstring_init(&queue);
        utstring_init(&element);
        assert_true(unacked_decode(text_span(&value), &queue, &element));
        message_decode(&m, text_span(&element));
        assert_int_equal(m.fate, MESSAGE_FINE);
        assert_string_equal(m.queue, queue.d);
        assert_non_null(m.id);
        message_release(&m);
        utstring_clear(&queue);
        assert_true(unacked_decode(text_span(&value), &queue, NULL));
        utstring_done(&element);
        utstring_done(&queue);
        utstring_done(&value);
    }
}

static void unacked_decode__refuses_other_forms(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "{}", "[]", "[{}]", "[{},\"\"]", "[{},\"\",5]", "[5,\"\",\"q\"]",
                                        "x"};
    UT_string queue;

    utstring_init(&queue);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(unacked_decode(span_of(cases[i]), &queue, NULL));
    }
    assert_int_equal(utstring_len(&queue), 0);
    utstring_done(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unacked_decode__takes_captured_entries_apart),
        cmocka_unit_test(unacked_decode__refuses_other_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
