#include "unit/schema/fixture.h"

#include "redai/schema/message_ref.h"

static void message_ref__names_one_element_of_one_list(void **state)
{
    (void)state;
    UT_string ref;
    struct span key;
    uint64_t hash;
    static const struct span list = {"cel\0ery\x06\x16"
                                     "3",
                                     10};
    utstring_init(&ref);
    message_ref_make(list, S("{\"a\": 1}"), &ref);
    assert_int_equal(utstring_len(&ref), list.len + 17);
    assert_true(message_ref_split(text_span(&ref), &key, &hash));
    assert_true(span_equal(key, list));
    assert_true(message_ref_is(text_span(&ref), list, S("{\"a\": 1}")));
    assert_false(message_ref_is(text_span(&ref), list, S("{\"a\": 2}")));
    assert_false(message_ref_is(text_span(&ref), S("celery"), S("{\"a\": 1}")));
    utstring_done(&ref);
}

static void message_ref_split__refuses_other_texts(void **state)
{
    (void)state;
    struct span key = S("untouched");
    uint64_t hash = 5;
    assert_false(message_ref_split(S(""), &key, &hash));
    assert_false(message_ref_split(S("celery"), &key, &hash));
    assert_false(message_ref_split(S("celery 0123456789abcdef"), &key, &hash));
    assert_false(message_ref_split(S("celery\0"
                                     "0123456789abcdeg"),
                                   &key, &hash));
    assert_false(message_ref_split(S("celery\0"
                                     "0123456789ABCDEF"),
                                   &key, &hash));
    assert_span(key, "untouched");
    assert_true(hash == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_ref__names_one_element_of_one_list),
        cmocka_unit_test(message_ref_split__refuses_other_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
