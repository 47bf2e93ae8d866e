#include "unit/schema/fixture.h"

#include "redai/base/base64.h"

#include "redai/schema/message.h"
#include "redai/schema/message_copy.h"

#define NEW_ID "11111111-2222-3333-4444-555555555555"

static const struct message_copy how = {.id = NEW_ID,
                                        .delivery_tag = "tag",
                                        .old_id = "old",
                                        .priority = -1,
                                        .eta_wall_us = -1,
                                        .origin = "redai-console@here"};

static void body_of(struct span element, UT_string *body)
{
    struct span rest =
        span_skip(element, span_search(element, S("\"body\": \"")) + sizeof("\"body\": \"") - 1);
    utstring_init(body);
    assert_true(base64_decode(span_head(rest, span_find(rest, '"')), body));
}

static void message_copy__keeps_the_body_of_every_sample(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        bool dropped, checked;
    } samples[] = {
        {"msg-test_redis_task.json", false, true},
        {"msg-chain.json", false, true},
        {"msg-chord-member.json", true, true},
        {"msg-group-member.json", true, true},
        {"msg-link.json", false, true},
        {"msg-expires.json", false, true},
        {"msg-redelivered.json", false, true},
        {"msg-kwargs-unicode.json", false, true},
        {"msg-priority-5.json", false, true},
        {"msg-timelimit-shadow-headers.json", false, true},
        {"msg-gzip.json", false, false},
        {"msg-pickle.json", false, false},
        {"msg-yaml.json", false, false},
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        UT_string element, out, before, after;
        struct message was, is;
        struct err err = {0};
        bool dropped = !samples[i].dropped;

        fixture_read(samples[i].file, &element);
        utstring_init(&out);
        if (!message_copy(&how, text_span(&element), &out, &dropped, &err)) {
            fail_msg("%s: %s", samples[i].file, err.text);
        }
        assert_true(dropped == samples[i].dropped);
        assert_true(!samples[i].checked || message_check(text_span(&out), NULL));
        body_of(text_span(&element), &before);
        body_of(text_span(&out), &after);
        assert_true(span_equal(text_span(&before), text_span(&after)));
        message_decode(&was, text_span(&element));
        message_decode(&is, text_span(&out));
        assert_int_equal(is.fate, was.fate);
        assert_text(is.task, was.task);
        assert_text(is.queue, was.queue);
        assert_text(is.content_type, was.content_type);
        assert_text(is.compression, was.compression);
        assert_text(is.id, NEW_ID);
        assert_text(is.parent_id, "old");
        assert_text(is.root_id, was.root_id);
        assert_text(is.delivery_tag, "tag");
        assert_true(!is.group && !is.eta && !is.expires && !is.redelivered);
        assert_true(is.retries == 0 && is.priority == was.priority);
        message_release(&was);
        message_release(&is);
        utstring_done(&before);
        utstring_done(&after);
        utstring_done(&element);
        utstring_done(&out);
    }
}

static void message_copy__takes_queue_priority_and_eta(void **state)
{
    (void)state;
    struct message_copy other = how;
    struct message m;
    UT_string element, out;

    other.queue = "night shift";
    other.priority = 7;
    other.eta_wall_us = INT64_C(1795426374000000);
    fixture_read("msg-test_redis_task.json", &element);
    utstring_init(&out);
    assert_true(message_copy(&other, text_span(&element), &out, NULL, NULL));
    message_decode(&m, text_span(&out));
    assert_text(m.queue, "night shift");
    assert_true(m.priority == 7);
    assert_true(m.eta && strstr(m.eta, "+00:00"));
    message_release(&m);
    utstring_done(&out);
    utstring_done(&element);
}

static void message_copy__refuses_what_harms(void **state)
{
    (void)state;
    static const char *const elements[] = {"", "7", "{}", "[[[[", "{\"body\": \"x\", \"properties\": {}}"};
    struct message_copy bad = how;
    UT_string element, out;

    utstring_init(&out);
    for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
        struct err err = {0};
        assert_false(message_copy(&how, span_of(elements[i]), &out, NULL, &err));
        assert_true(strstr(err.text, "cannot be sent again") != NULL);
    }
    fixture_read("msg-protocol-1.json", &element);
    assert_false(message_copy(&how, text_span(&element), &out, NULL, NULL));
    utstring_done(&element);
    fixture_read("msg-pickle.json", &element);
    bad.queue = "unacked";
    assert_false(message_copy(&bad, text_span(&element), &out, NULL, NULL));
    bad = how;
    bad.id = "two words";
    assert_false(message_copy(&bad, text_span(&element), &out, NULL, NULL));
    assert_int_equal(utstring_len(&out), 0);
    utstring_done(&element);
    utstring_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_copy__keeps_the_body_of_every_sample),
        cmocka_unit_test(message_copy__takes_queue_priority_and_eta),
        cmocka_unit_test(message_copy__refuses_what_harms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
