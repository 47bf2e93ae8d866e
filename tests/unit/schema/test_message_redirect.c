#include "fixture.h"
#include "support/unit.h"

#include "redai/schema/message.h"
#include "redai/schema/message_redirect.h"

static void redirect__names_the_queue_alone__when_the_message_is_good(void **state)
{
    static const char *const names[] = {
        "msg-test_redis_task.json", "msg-chain.json",     "msg-gzip.json", "msg-pickle.json", "msg-link.json",
        "msg-kwargs-unicode.json",  "msg-protocol-1.json"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct message was, is;
        struct err err = {0};
        UT_string out;
        UT_string element;
        fixture_read(names[i], &element);
        utstring_init(&out);
        message_decode(&was, text_span(&element));
        if (!message_redirect(text_span(&element),
                              "pr\xc3\xbc"
                              "fung",
                              &out, &err)) {
            fail_msg("%s: %s", names[i], err.text);
        }
        message_decode(&is, text_span(&out));
        assert_int_equal(is.fate, was.fate);
        assert_string_equal(is.queue, "pr\xc3\xbc"
                                      "fung");
        assert_string_equal(is.id, was.id);
        assert_string_equal(is.delivery_tag, was.delivery_tag);
        assert_int_equal(is.chain_rest, was.chain_rest);
        assert_false(is.redelivered);
        message_release(&was);
        message_release(&is);
        utstring_done(&out);
        utstring_done(&element);
    }
}

static void redirect__is_refused__when_a_worker_would_exit(void **state)
{
    static const char *const names[] = {"handmade/poison-loop-no-body.json",
                                        "handmade/poison-lost-not-json.txt",
                                        "handmade/poison-lost-no-properties.json"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct err err = {0};
        UT_string out;
        UT_string element;
        fixture_read(names[i], &element);
        utstring_init(&out);
        assert_false(message_redirect(text_span(&element), "celery", &out, &err));
        assert_int_equal(utstring_len(&out), 0);
        assert_non_null(strstr(err.text, "a worker would exit on it"));
        utstring_done(&out);
        utstring_done(&element);
    }
}

static void redirect__is_refused__when_the_queue_has_no_good_name(void **state)
{
    (void)state;
    struct err err = {0};
    UT_string out;
    utstring_init(&out);
    assert_false(message_redirect(S("{}"),
                                  "a\x06\x16"
                                  "3",
                                  &out, &err));
    assert_false(message_redirect(S("{}"), "", &out, &err));
    utstring_done(&out);
}

static void put_back__marks_it_as_kombu_does__when_the_message_is_good(void **state)
{
    (void)state;
    struct err err = {0};
    struct message m;
    UT_string out;
    UT_string element;
    fixture_read("msg-test_redis_task.json", &element);
    utstring_init(&out);
    assert_true(message_put_back(text_span(&element), &out, &err));
    assert_true(span_search(text_span(&out), S("\"ignore_result\": false, \"redelivered\": true}")) <
                utstring_len(&out));
    assert_true(span_search(text_span(&out), S("\"routing_key\": \"celery\", \"redelivered\": true}")) <
                utstring_len(&out));
    message_decode(&m, text_span(&out));
    assert_int_equal(m.fate, MESSAGE_FINE);
    assert_true(m.redelivered);
    message_release(&m);
    utstring_done(&out);
    utstring_done(&element);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redirect__names_the_queue_alone__when_the_message_is_good),
        cmocka_unit_test(redirect__is_refused__when_a_worker_would_exit),
        cmocka_unit_test(redirect__is_refused__when_the_queue_has_no_good_name),
        cmocka_unit_test(put_back__marks_it_as_kombu_does__when_the_message_is_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
