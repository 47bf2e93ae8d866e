/* What comes out of messages that a real client sent, held against what a real worker made of them. */
#include "sink.h"
#include "support/unit.h"

#include <stdio.h>

#include "redai/schema/message.h"
#include "redai/schema/result_write.h"
#include "redai/schema/sequel.h"
#include "redai/schema/unacked.h"

#define CHAIN_ID  "3b1ae9d5-60ec-4b61-bf34-4a22536982d6"
#define SECOND_ID "49cc25e2-e3fe-447e-997b-ec223da943e2"
#define THIRD_ID  "23018598-b748-48f0-adef-e74d1e3dd4e8"

struct sent {
    int count;
    UT_string id, queue, element; /* of the last one */
};

static struct sent sent_none(void)
{
    struct sent s = {0};
    utstring_init(&s.id);
    utstring_init(&s.queue);
    utstring_init(&s.element);
    return s;
}

static void sent_done(struct sent *s)
{
    utstring_done(&s->id);
    utstring_done(&s->queue);
    utstring_done(&s->element);
}

static void keep(void *ctx, const struct sequel_message *m)
{
    struct sent *s = ctx;
    s->count++;
    utstring_clear(&s->id);
    utstring_clear(&s->queue);
    utstring_clear(&s->element);
    text_add(&s->id, span_of(m->id));
    text_add(&s->queue, span_of(m->queue));
    text_add(&s->element, m->element);
}

static struct sequel *open_fixture(const char *name)
{
    char *element = fixture(name);
    struct sequel *s = sequel_open(span_of(element));
    mem_free(element);
    assert_non_null(s);
    return s;
}

/* What was sent is a message that may leave, and reads as this. */
static void assert_message(const struct sent *sent, const char *task, const char *id, const char *args,
                           const char *parent_id, struct message *ret)
{
    struct err err = {0};
    if (!message_check(text_span(&sent->element), &err)) {
        fail_msg("%s", err.text);
    }
    message_decode(ret, text_span(&sent->element));
    assert_int_equal(ret->fate, MESSAGE_FINE);
    assert_string_equal(ret->task, task);
    assert_string_equal(ret->args, args);
    assert_string_equal(ret->parent_id, parent_id);
    if (id) {
        assert_string_equal(ret->id, id);
    }
}

static void chain__goes_on_with_its_last_element__result_first(void **state)
{
    struct sequel_sender *sender = *state;
    struct sequel *s = open_fixture("msg-chain.json");
    struct sent sent = sent_none();
    struct message m;

    sequel_success(s, sender, "3", keep, &sent);
    assert_int_equal(sent.count, 1);
    assert_message(&sent, "api.tasks.analytics.add_scores", SECOND_ID, "[3,10]", CHAIN_ID, &m);
    assert_string_equal(m.root_id, CHAIN_ID);
    assert_string_equal(m.queue, "analytics");
    message_release(&m);
    sequel_free(s);

    /* And from there to the third, which is the last. */
    s = sequel_open(text_span(&sent.element));
    sequel_success(s, sender, "13", keep, &sent);
    assert_int_equal(sent.count, 2);
    assert_message(&sent, "api.tasks.analytics.add_scores", THIRD_ID, "[13,100]", SECOND_ID, &m);
    assert_string_equal(m.root_id, CHAIN_ID);
    message_release(&m);
    sequel_free(s);
    s = sequel_open(text_span(&sent.element));
    sequel_success(s, sender, "113", keep, &sent);
    assert_int_equal(sent.count, 2);
    sequel_free(s);
    sent_done(&sent);
}

static void failed_chain__names_what_fails_with_it__next_first(void **state)
{
    (void)state;
    struct sequel *s = open_fixture("msg-chain.json");
    UT_array ids;
    utarray_init(&ids, &ut_str_icd);
    sequel_chain_ids(s, &ids);
    assert_int_equal(utarray_len(&ids), 2);
    assert_string_equal(*(char **)utarray_eltptr(&ids, 0), SECOND_ID);
    assert_string_equal(*(char **)utarray_eltptr(&ids, 1), THIRD_ID);
    utarray_done(&ids);
    sequel_free(s);
}

static void links__are_sent_with_the_result__or_with_the_id(void **state)
{
    struct sequel *s = open_fixture("msg-link.json");
    struct sent sent = sent_none();
    struct message m;

    sequel_success(s, *state, "[1, 2]", keep, &sent);
    assert_int_equal(sent.count, 1);
    assert_message(&sent, "api.tasks.analytics.total_scores", NULL, "[[1,2]]",
                   "537f09c2-0d00-4bf0-b63c-1aac6d1b91de", &m);
    message_release(&m);
    sequel_errbacks(s, *state, keep, &sent);
    assert_int_equal(sent.count, 2);
    assert_message(&sent, "api.tasks.analytics.on_error", NULL, "[\"537f09c2-0d00-4bf0-b63c-1aac6d1b91de\"]",
                   "537f09c2-0d00-4bf0-b63c-1aac6d1b91de", &m);
    message_release(&m);
    sequel_free(s);
    sent_done(&sent);
}

static void chord__is_known_by_group_index_and_body(void **state)
{
    struct sequel *s = open_fixture("msg-chord-member.json");
    struct sent sent = sent_none();
    struct message m;

    assert_true(sequel_has_chord(s));
    assert_string_equal(sequel_group(s), "030f7567-28ce-4e71-adb0-5f7b923c22a2");
    assert_int_equal(sequel_group_index(s), 2);
    assert_string_equal(sequel_chord_id(s), "66929203-6e75-4635-94e2-7e201eb7e7a6");
    sequel_chord_body(s, *state, "[1, 2, 4]", keep, &sent);
    assert_message(&sent, "api.tasks.analytics.total_scores", "66929203-6e75-4635-94e2-7e201eb7e7a6",
                   "[[1,2,4]]", "829942d8-aad0-4166-9f17-8000682e7a6d", &m);
    message_release(&m);
    sequel_free(s);
    s = open_fixture("msg-test_redis_task.json");
    assert_false(sequel_has_chord(s));
    assert_null(sequel_group(s));
    assert_int_equal(sequel_group_index(s), -1);
    sequel_free(s);
    sent_done(&sent);
}

static void retry__is_the_same_task_once_more(void **state)
{
    struct sequel *s = open_fixture("msg-test_redis_task.json");
    struct sent sent = sent_none();
    struct message m;
    static const char id[] = "5681dfc2-60b0-4228-a3f4-ad64ae6c7f5a";

    sequel_retry(s, *state, INT64_C(1795426378820541), keep, &sent);
    assert_int_equal(sent.count, 1);
    assert_message(&sent, "api.tasks.test_redis_task", id, "[\"hello\"]", id, &m);
    assert_string_equal(m.eta, "2026-11-23T09:32:58.820541+00:00");
    assert_string_equal(m.root_id, id);
    assert_int_equal(m.retries, 1);
    assert_string_not_equal(m.delivery_tag, "81b86eef-6e1a-45d3-abfa-3ebb99678b91");
    assert_true(strstr(utstring_body(&sent.element), "\"replaced_task_nesting\": 0, \"origin\": \"gen") !=
                NULL);
    message_release(&m);
    sequel_free(s);
    sent_done(&sent);
}

static void put_back_message__is_marked__byte_for_byte_as_kombu_does(void **state)
{
    (void)state;
    char *entry = fixture("unacked-redelivered.json");
    UT_string queue, element, marked;

    utstring_init(&queue);
    utstring_init(&element);
    utstring_init(&marked);
    assert_true(unacked_decode(span_of(entry), &queue, &element));
    assert_true(sequel_redelivered(text_span(&element), &marked));
    /* The entry is [<element>, "", "analytics"]. */
    assert_true(span_starts(span_of(entry + 1), text_span(&marked)));
    assert_false(sequel_redelivered(S("not JSON"), &marked));
    utstring_done(&queue);
    utstring_done(&element);
    utstring_done(&marked);
    mem_free(entry);
}

static void part__is_written_and_read__as_the_backend_does(void **state)
{
    (void)state;
    UT_string out, id, result;
    bool ok = false;

    utstring_init(&out);
    utstring_init(&id);
    utstring_init(&result);
    sequel_part_encode("3cd4a80f", "SUCCESS", "1", &out);
    assert_string_equal(utstring_body(&out), "[1, \"3cd4a80f\", \"SUCCESS\", 1]");
    assert_true(sequel_part_decode(text_span(&out), &id, &result, &ok));
    assert_true(ok);
    assert_string_equal(utstring_body(&id), "3cd4a80f");
    assert_string_equal(utstring_body(&result), "1");
    utstring_clear(&result);
    assert_true(sequel_part_decode(
        S("[1, \"x\", \"FAILURE\", {\"exc_type\": \"CitationError\", \"exc_message\": [\"no year\", 422]}]"),
        &id, &result, &ok));
    assert_false(ok);
    assert_string_equal(utstring_body(&result), "CitationError('no year', 422)");
    static const char *const wrong[] = {
        "", "7", "[]", "[1, 2, 3, 4]", "{\"a\": 1}", "[1, \"x\", \"SUCCESS\"]"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_false(sequel_part_decode(span_of(wrong[i]), &id, &result, &ok));
    }
    utstring_done(&out);
    utstring_done(&id);
    utstring_done(&result);
}

static void no_message__has_no_sequel(void **state)
{
    (void)state;
    static const char *const rows[] = {"", "{}", "not JSON", "{\"headers\": null, \"properties\": 7}"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_null(sequel_open(span_of(rows[i])));
    }
}

static void exceptions__look_as_python_has_them(void **state)
{
    (void)state;
    static const struct {
        const char *message, *repr, *text;
    } rows[] = {
        {"[]", "E()", ""},
        {"[\"no\"]", "E('no')", "no"},
        {"[\"no\", 422]", "E('no', 422)", "('no', 422)"},
        {"[1]", "E(1)", "1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        UT_string repr, text;
        utstring_init(&repr);
        utstring_init(&text);
        result_exception_repr("E", rows[i].message, &repr);
        result_exception_text(rows[i].message, &text);
        assert_string_equal(utstring_body(&repr), rows[i].repr);
        assert_string_equal(utstring_body(&text), rows[i].text);
        utstring_done(&repr);
        utstring_done(&text);
    }
}

/* Values as they stand in the fixture, written again. */
static void result__is_written__byte_for_byte_as_a_worker_does(void **state)
{
    (void)state;
    UT_array children;
    const char *child = "4cb39d94-728a-495c-9464-a6fa30b79852";
    char *expected = fixture("meta-SUCCESS-chain-first.json");
    UT_string out;

    utarray_init(&children, &ut_str_icd);
    utarray_push_back(&children, &child);
    utstring_init(&out);
    result_write_encode(&(struct result_write){.task_id = "c0882cd4-380e-4a76-9eb5-6ce0e1c170e2",
                                               .status = "SUCCESS",
                                               .result_json = "3",
                                               .children = &children,
                                               .date_done_wall_us = INT64_C(1795426393112915)},
                        &out);
    assert_true(span_starts(span_of(expected), text_span(&out)));
    mem_free(expected);
    utstring_clear(&out);
    expected = fixture("meta-SUCCESS-group-member.json");
    result_write_encode(&(struct result_write){.task_id = "c84e24d9-4514-4ded-9343-37e84119c75b",
                                               .status = "SUCCESS",
                                               .result_json = "0",
                                               .group_id = "99b67b2f-9a51-4bc6-8850-2b291ff9575a",
                                               .date_done_wall_us = INT64_C(1795426393125937)},
                        &out);
    assert_true(span_starts(span_of(expected), text_span(&out)));
    mem_free(expected);
    utarray_done(&children);
    utstring_done(&out);
}

static int set_up(void **state)
{
    static struct routes routes;
    static struct sequel_sender sender = {.origin = "gen7@demo", .routes = &routes};
    routes_init(&routes);
    *state = &sender;
    return 0;
}

static int tear_down(void **state)
{
    struct sequel_sender *sender = *state;
    routes_release((struct routes *)(uintptr_t)sender->routes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain__goes_on_with_its_last_element__result_first),
        cmocka_unit_test(failed_chain__names_what_fails_with_it__next_first),
        cmocka_unit_test(links__are_sent_with_the_result__or_with_the_id),
        cmocka_unit_test(chord__is_known_by_group_index_and_body),
        cmocka_unit_test(retry__is_the_same_task_once_more),
        cmocka_unit_test(put_back_message__is_marked__byte_for_byte_as_kombu_does),
        cmocka_unit_test(part__is_written_and_read__as_the_backend_does),
        cmocka_unit_test(no_message__has_no_sequel),
        cmocka_unit_test(exceptions__look_as_python_has_them),
        cmocka_unit_test(result__is_written__byte_for_byte_as_a_worker_does),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
