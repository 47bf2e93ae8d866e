#include "sink.h"
#include "support/unit.h"

#include "redai/schema/control.h"
#include "redai/schema/request.h"

#define NODE "worker1@demo"

static void control_request__reads__what_a_real_client_sent(void **state)
{
    (void)state;
    struct control_request r;
    char *ping = fixture("ctl-ping.request.json");
    assert_true(control_request_decode(&r, span_of(ping), NODE));
    assert_string_equal(r.method, "ping");
    assert_string_equal(r.ticket, "302df619-a4ae-43bc-98a0-83c5314c45a7");
    assert_string_equal(r.exchange, "reply.celery.pidbox");
    assert_string_equal(r.routing_key, "32833d54-11b6-31bc-a1a5-0c16969f65f5");
    assert_true(r.is_for_node);
    control_request_release(&r);
    mem_free(ping);

    char *revoke = fixture("ctl-revoke-terminate.request.json");
    assert_true(control_request_decode(&r, span_of(revoke), NODE));
    assert_string_equal(r.method, "revoke");
    assert_true(r.terminate);
    assert_true(utarray_len(&r.task_ids) >= 1);
    control_request_release(&r);
    mem_free(revoke);
}

static void control_request__reads__what_the_console_sends(void **state)
{
    (void)state;
    static const char *const nodes[] = {"other@demo", NODE};
    struct control_request r;
    struct err err;
    UT_string out;

    utstring_init(&out);
    assert_true(control_encode("revoke", "{\"task_id\": [\"a\", \"b\"]}", nodes, 2, "t1", "box", &out, &err));
    assert_true(control_request_decode(&r, text_span(&out), NODE));
    assert_int_equal(utarray_len(&r.task_ids), 2);
    assert_string_equal(*(char **)utarray_eltptr(&r.task_ids, 1), "b");
    assert_false(r.terminate);
    assert_string_equal(r.exchange, "");
    assert_string_equal(r.routing_key, "box");
    assert_true(r.is_for_node);
    control_request_release(&r);
    assert_true(control_request_decode(&r, text_span(&out), "third@demo"));
    assert_false(r.is_for_node);
    control_request_release(&r);
    utstring_done(&out);
}

static void control_request__refuses__what_is_no_request(void **state)
{
    (void)state;
    static const char *const rows[] = {"",
                                       "7",
                                       "{}",
                                       "[]",
                                       "{\"body\": \"x\"}",
                                       "{\"body\": \"{}\", \"content-type\": \"application/json\"}"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct control_request r;
        assert_false(control_request_decode(&r, span_of(rows[i]), NODE));
        assert_null(r.method);
        control_request_release(&r);
    }
}

static void control_reply__is_read_back__by_the_console(void **state)
{
    (void)state;
    struct control_request request = {
        .ticket = (char[]){"t1"}, .exchange = (char[]){""}, .routing_key = (char[]){"box"}};
    struct control_reply reply;
    UT_string out;
    utstring_init(&out);
    control_reply_encode(&request, NODE, "{\"ok\": \"pong\"}", "tag", &out);
    assert_true(control_reply_decode(&reply, text_span(&out)));
    assert_string_equal(reply.worker, NODE);
    assert_string_equal(reply.ok, "pong");
    assert_string_equal(reply.ticket, "t1");
    control_reply_release(&reply);
    utstring_done(&out);
}

static void arguments__are_found__by_position_and_by_name(void **state)
{
    (void)state;
    struct message m = {.args = (char[]){"[7,\"x\"]"},
                        .kwargs = (char[]){"{\"count\":20,\"text\":\"h\\u00e9\"}"}};
    int64_t n = -1;
    char *text = NULL;
    assert_int_equal(message_argument_int(&m, 0, "exam_id", &n), ARGUMENT_OK);
    assert_int_equal(n, 7);
    assert_int_equal(message_argument_int(&m, 1, "other", &n), ARGUMENT_WRONG);
    assert_int_equal(message_argument_int(&m, 2, "count", &n), ARGUMENT_OK);
    assert_int_equal(n, 20);
    assert_int_equal(message_argument_int(&m, 5, "nowhere", &n), ARGUMENT_ABSENT);
    assert_int_equal(message_argument_text(&m, 5, "text", &text), ARGUMENT_OK);
    assert_string_equal(text, "h\xc3\xa9");
    mem_free(text);
    m.args_cut = true;
    assert_int_equal(message_argument_int(&m, 0, "exam_id", &n), ARGUMENT_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_request__reads__what_a_real_client_sent),
        cmocka_unit_test(control_request__reads__what_the_console_sends),
        cmocka_unit_test(control_request__refuses__what_is_no_request),
        cmocka_unit_test(control_reply__is_read_back__by_the_console),
        cmocka_unit_test(arguments__are_found__by_position_and_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
