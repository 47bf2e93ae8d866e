#include "unit/schema/fixture.h"

#include "redai/base/base64.h"

#include "redai/schema/message.h"

static const char *const fate_names[MESSAGE_FATE_COUNT] = {
    [MESSAGE_FINE] = "fine",
    [MESSAGE_DROPPED] = "dropped",
    [MESSAGE_KILLS_LOST] = "lost",
    [MESSAGE_KILLS_AGAIN] = "again",
};

struct sample {
    const char *file, *task, *id, *args, *kwargs, *queue;
    enum message_fate fate;
    bool repr;
};

static void message_decode__reads_every_captured_element(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"msg-test_redis_task.json", "api.tasks.test_redis_task", "5681dfc2-60b0-4228-a3f4-ad64ae6c7f5a",
         "[\"hello\"]", "{}", "celery", MESSAGE_FINE, false},
        {"msg-batch_generate_questions.json", "api.tasks.batch_generate_questions", NULL, "[7,3]", "{}",
         "celery", MESSAGE_FINE, false},
        {"msg-chain.json", "api.tasks.analytics.add_scores", NULL, "[1,2]", "{}", "analytics", MESSAGE_FINE,
         false},
        {"msg-chord-member.json", "api.tasks.analytics.add_scores", NULL, "[2,2]", "{}", "analytics",
         MESSAGE_FINE, false},
        {"msg-countdown.json", "api.tasks.test_redis_task", NULL, "[\"later\"]", "{}", "celery", MESSAGE_FINE,
         false},
        {"msg-eta-naive.json", "api.tasks.test_redis_task", NULL, "[\"later\"]", "{}", "celery", MESSAGE_FINE,
         false},
        {"msg-expires.json", "api.tasks.test_redis_task", NULL, "[\"soon\"]", "{}", "celery", MESSAGE_FINE,
         false},
        {"msg-explicit-queue.json", "api.tasks.analytics.add_scores", NULL, "[1,2]", "{}", "nightly",
         MESSAGE_FINE, false},
        {"msg-group-member.json", "api.tasks.analytics.add_scores", NULL, "[2,2]", "{}", "analytics",
         MESSAGE_FINE, false},
        {"msg-gzip.json", NULL, NULL, NULL, "{}", "celery", MESSAGE_FINE, true},
        {"msg-ignore_result.json", "api.tasks.analytics.record_event", NULL, "[\"login\"]", "{}", "analytics",
         MESSAGE_FINE, false},
        {"msg-kwargs-unicode.json", "api.tasks.test_redis_task", NULL, "[]",
         "{\"message\":\"gr\xc3\xbc\xc3\x9f"
         "e \xe2\x9c\x93\"}",
         "celery", MESSAGE_FINE, false},
        {"msg-link.json", "api.tasks.analytics.add_scores", NULL, "[1,2]", "{}", "analytics", MESSAGE_FINE,
         false},
        {"msg-long-argument.json", NULL, NULL, NULL, "{}", "celery", MESSAGE_FINE, false},
        {"msg-pickle.json", "api.tasks.test_redis_task", NULL, "('p',)", "{}", "celery", MESSAGE_DROPPED,
         true},
        {"msg-priority-5.json", "api.tasks.analytics.add_scores", NULL, "[5,1]", "{}", "analytics",
         MESSAGE_FINE, false},
        {"msg-protocol-1.json", "api.tasks.test_redis_task", "829518a8-4c0c-4e6e-a56c-1f68810047b7",
         "[\"old\"]", "{}", "celery", MESSAGE_FINE, false},
        {"msg-redelivered.json", "api.tasks.analytics.add_scores", NULL, "[1,2]", "{}", "analytics",
         MESSAGE_FINE, false},
        {"msg-routed-questions.json", "api.tasks.generate_questions.generate_one", NULL, "[1,\"redox\"]",
         "{}", "questions", MESSAGE_FINE, false},
        {"msg-timelimit-shadow-headers.json", "api.tasks.analytics.add_scores", "my-own-id", "[1,2]", "{}",
         "analytics", MESSAGE_FINE, false},
        {"msg-topic-exchange.json", "t.f", NULL, "[1]", "{}", "media.video.#", MESSAGE_FINE, false},
        {"msg-yaml.json", "api.tasks.test_redis_task", NULL, "('y',)", "{}", "celery", MESSAGE_DROPPED, true},
        {"handmade/task-minimal.json", "api.tasks.analytics.add_scores",
         "3f0c6a52-3a4e-4f0e-9a0f-0d5b8c1b6a01", "[2,3]", "{}", "celery", MESSAGE_FINE, false},
        {"handmade/discard-bad-eta.json", "api.tasks.analytics.add_scores", "a", "[2,3]", "{}", "celery",
         MESSAGE_DROPPED, false},
        {"handmade/discard-no-headers.json", NULL, NULL, NULL, NULL, "celery", MESSAGE_DROPPED, false},
        {"handmade/poison-loop-no-body.json", "api.tasks.analytics.add_scores", "a", NULL, NULL, "celery",
         MESSAGE_KILLS_AGAIN, false},
        {"handmade/poison-loop-no-content-type.json", NULL, "a", NULL, NULL, "celery", MESSAGE_KILLS_AGAIN,
         false},
        {"handmade/poison-loop-no-id.json", "api.tasks.analytics.add_scores", NULL, "[2,3]", "{}", "celery",
         MESSAGE_KILLS_AGAIN, false},
        {"handmade/poison-loop-two-element-body.json", NULL, "a", "[2,3]", "{}", "celery",
         MESSAGE_KILLS_AGAIN, false},
        {"handmade/poison-lost-empty-object.json", NULL, NULL, NULL, NULL, NULL, MESSAGE_KILLS_LOST, false},
        {"handmade/poison-lost-no-delivery-tag.json", NULL, "a", NULL, NULL, NULL, MESSAGE_KILLS_LOST, false},
        {"handmade/poison-lost-no-exchange.json", NULL, "a", NULL, NULL, NULL, MESSAGE_KILLS_LOST, false},
        {"handmade/poison-lost-no-properties.json", NULL, "a", NULL, NULL, NULL, MESSAGE_KILLS_LOST, false},
        {"handmade/poison-lost-not-json.txt", NULL, NULL, NULL, NULL, NULL, MESSAGE_KILLS_LOST, false},
    };

    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        const struct sample *s = &samples[i];
        UT_string text;
        struct message m;
        fixture_read(s->file, &text);
        message_decode(&m, text_span(&text));
        if (m.fate != s->fate) {
            fail_msg("%s: %s (%s)", s->file, fate_names[m.fate], m.reason ? m.reason : "");
        }
        assert_int_equal(m.reason == NULL, m.fate == MESSAGE_FINE);
        assert_int_equal(m.bytes, utstring_len(&text));
        if (s->task) {
            assert_text(m.task, s->task);
        }
        if (s->id) {
            assert_text(m.id, s->id);
        }
        if (s->args) {
            assert_text(m.args, s->args);
        }
        if (s->kwargs) {
            assert_text(m.kwargs, s->kwargs);
        }
        if (s->queue) {
            assert_text(m.queue, s->queue);
        }
        assert_int_equal(m.args_are_repr, s->repr);
        message_release(&m);
        utstring_done(&text);
    }
}

/* Each element of fates.tsv was given to a real worker, and what it did was written down. */
static void message_decode__foretells_what_a_real_worker_did(void **state)
{
    (void)state;
    UT_string table, element;
    size_t rows = 0;
    size_t wrong = 0;

    utstring_init(&element);
    fixture_read("fates.tsv", &table);
    for (struct span rest = text_span(&table); rest.len;) {
        struct span line = span_head(rest, span_find(rest, '\n'));
        rest = span_skip(rest, line.len + 1);
        struct span fate = span_head(line, span_find(line, '\t'));
        line = span_skip(line, fate.len + 1);
        struct span name = span_head(line, span_find(line, '\t'));
        line = span_skip(line, name.len + 1);

        utstring_clear(&element);
        assert_true(base64_decode(line, &element));
        struct message m;
        message_decode(&m, text_span(&element));
        if (!span_equal(fate, span_of(fate_names[m.fate]))) {
            print_error("%.*s: %s (%s), not %.*s\n", (int)name.len, name.data, fate_names[m.fate],
                        m.reason ? m.reason : "", (int)fate.len, fate.data);
            wrong++;
        }
        assert_int_equal(m.reason == NULL, m.fate == MESSAGE_FINE);
        message_release(&m);
        rows++;
    }
    assert_true(rows > 250);
    assert_int_equal(wrong, 0);
    utstring_done(&element);
    utstring_done(&table);
}

static void message_decode__keeps_the_fields_of_a_full_message(void **state)
{
    (void)state;
    UT_string text;
    struct message m;

    fixture_read("msg-redelivered.json", &text);
    message_decode(&m, text_span(&text));
    assert_true(m.redelivered);
    assert_string_equal(m.eta, "2026-11-23T09:33:50.071950+00:00");
    assert_null(m.expires);
    assert_null(m.parent_id);
    assert_null(m.group);
    assert_null(m.compression);
    assert_string_equal(m.root_id, "115a3a36-0a02-4c4e-87ae-3270caf11cbb");
    assert_string_equal(m.origin, "gen23497@demo");
    assert_string_equal(m.content_type, "application/json");
    assert_string_equal(m.delivery_tag, "5295b7c7-02e1-4106-9223-10ca78828136");
    assert_int_equal(m.retries, 0);
    assert_int_equal(m.priority, 0);
    message_release(&m);
    utstring_done(&text);

    fixture_read("msg-priority-5.json", &text);
    message_decode(&m, text_span(&text));
    assert_int_equal(m.priority, 5);
    assert_false(m.redelivered);
    message_release(&m);
    message_release(&m); /* twice is fine */
    utstring_done(&text);
}

static void message_decode__cuts_long_arguments(void **state)
{
    (void)state;
    UT_string text;
    struct message m;

    fixture_read("msg-long-argument.json", &text);
    message_decode(&m, text_span(&text));
    assert_true(m.args_cut);
    assert_int_equal(strlen(m.args), 1000);
    assert_false(m.args_are_repr);
    message_release(&m);
    utstring_done(&text);
}

static void message_decode__names_what_it_does_not_unpack(void **state)
{
    (void)state;
    UT_string text;
    struct message m;

    fixture_read("msg-gzip.json", &text);
    message_decode(&m, text_span(&text));
    assert_string_equal(m.compression, "application/x-gzip");
    assert_true(m.args_are_repr);
    message_release(&m);
    utstring_done(&text);

    fixture_read("msg-pickle.json", &text);
    message_decode(&m, text_span(&text));
    assert_string_equal(m.content_type, "application/x-python-serialize");
    message_release(&m);
    utstring_done(&text);
}

static void message_decode__reads_what_json_does_not_allow(void **state)
{
    (void)state;
    struct message m;

    message_decode(
        &m,
        S("{\"body\":\"[[NaN,1000000000000000000000000,\\\"\\\\ud800\\\",\\\"\\\\u0000\\\",1e999],{},{}]\","
          "\"content-type\":\"application/json\",\"headers\":{\"task\":\"t\",\"id\":\"a\\u0000b\"},"
          "\"properties\":{\"delivery_tag\":\"t\",\"delivery_info\":{\"exchange\":\"\","
          "\"routing_key\":\"q\"}}}"));
    assert_int_equal(m.fate, MESSAGE_FINE);
    assert_string_equal(m.args,
                        "[\"NaN\",\"1000000000000000000000000\",\"\\\\ud800\",\"\\u0000\",\"1e999\"]");
    assert_string_equal(m.id, "a\\u0000b");
    message_release(&m);
}

static void message_decode__survives_every_cut_of_a_message(void **state)
{
    (void)state;
    UT_string text;

    fixture_read("msg-link.json", &text);
    for (size_t len = 0; len < utstring_len(&text); len++) {
        struct message m;
        char *copy = span_dup(span_make(text.d, len)); /* the sanitizer sees a read beyond it */
        message_decode(&m, span_make(copy, len));
        assert_int_equal(m.fate, MESSAGE_KILLS_LOST);
        message_release(&m);
        mem_free(copy);
    }
    utstring_done(&text);
}

static void message_list_key__has_the_step_of_the_priority(void **state)
{
    (void)state;
    static const char *const keys[] = {"q",
                                       "q",
                                       "q",
                                       "q\x06\x16"
                                       "3",
                                       "q\x06\x16"
                                       "3",
                                       "q\x06\x16"
                                       "3",
                                       "q\x06\x16"
                                       "6",
                                       "q\x06\x16"
                                       "6",
                                       "q\x06\x16"
                                       "6",
                                       "q\x06\x16"
                                       "9"};

    for (int priority = 0; priority < 10; priority++) {
        UT_string key;
        utstring_init(&key);
        message_list_key(S("q"), priority, &key);
        assert_string_equal(key.d, keys[priority]);
        utstring_done(&key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_decode__reads_every_captured_element),
        cmocka_unit_test(message_decode__foretells_what_a_real_worker_did),
        cmocka_unit_test(message_decode__keeps_the_fields_of_a_full_message),
        cmocka_unit_test(message_decode__cuts_long_arguments),
        cmocka_unit_test(message_decode__names_what_it_does_not_unpack),
        cmocka_unit_test(message_decode__reads_what_json_does_not_allow),
        cmocka_unit_test(message_decode__survives_every_cut_of_a_message),
        cmocka_unit_test(message_list_key__has_the_step_of_the_priority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
