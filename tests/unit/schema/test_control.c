#include "unit/schema/fixture.h"

#include <math.h>

#include "redai/base/base64.h"

#include "redai/schema/control.h"

static const char ticket[] = "302df619-a4ae-43bc-98a0-83c5314c45a7";

static void body_of(const UT_string *payload, UT_string *body)
{
    struct span rest = span_skip(text_span(payload), sizeof("{\"body\": \"") - 1);
    utstring_init(body);
    assert_true(base64_decode(span_head(rest, span_find(rest, '"')), body));
}

static void control_encode__writes_the_template_byte_for_byte(void **state)
{
    (void)state;
    UT_string payload, body;

    utstring_init(&payload);
    assert_true(control_encode("ping", NULL, NULL, 0, ticket, "redai-console.reply.7", &payload, NULL));
    body_of(&payload, &body);
    assert_string_equal(
        body.d, "{\"method\": \"ping\", \"arguments\": {}, \"destination\": null, \"pattern\": null, "
                "\"matcher\": null, \"ticket\": \"302df619-a4ae-43bc-98a0-83c5314c45a7\", \"reply_to\": "
                "{\"exchange\": \"\", \"routing_key\": \"redai-console.reply.7\"}}");
    struct span rest =
        span_skip(text_span(&payload), span_search(text_span(&payload), S("\", \"content-enc")));
    assert_span(
        rest, "\", \"content-encoding\": \"utf-8\", \"content-type\": \"application/json\", \"headers\": "
              "{\"clock\": 1, \"expires\": 0}, \"properties\": {\"delivery_mode\": 2, \"delivery_info\": "
              "{\"exchange\": \"celery.pidbox\", \"routing_key\": \"\"}, \"priority\": 0, \"body_encoding\": "
              "\"base64\", \"delivery_tag\": \"302df619-a4ae-43bc-98a0-83c5314c45a7\"}}");
    utstring_done(&body);
    utstring_done(&payload);
}

static void control_encode__names_nodes_and_arguments(void **state)
{
    (void)state;
    static const char *const nodes[] = {"worker1@demo", "w\xc3\xbc@demo"};
    UT_string payload, body;

    utstring_init(&payload);
    assert_true(control_encode("revoke", "{\"task_id\":\"a\",\"terminate\":true,\"signal\":\"SIGTERM\"}",
                               nodes, 2, ticket, NULL, &payload, NULL));
    body_of(&payload, &body);
    assert_string_equal(body.d,
                        "{\"method\": \"revoke\", \"arguments\": {\"task_id\": \"a\", \"terminate\": true, "
                        "\"signal\": \"SIGTERM\"}, \"destination\": [\"worker1@demo\", \"w\\u00fc@demo\"], "
                        "\"pattern\": null, \"matcher\": null}");
    utstring_done(&body);
    utstring_done(&payload);
}

static void control_encode__refuses_what_harms(void **state)
{
    (void)state;
    static const char *const node[] = {"worker1@demo"};
    static const char *const blank[] = {""};
    static const char *const spaced[] = {"a b"};
    static const struct {
        const char *method, *arguments;
        const char *const *destination;
        size_t destinations;
        const char *ticket, *reply_key, *word;
    } cases[] = {
        {"election", "{\"id\": 1, \"topic\": \"x\"}", NULL, 0, ticket, NULL, "'election'"},
        {"nope", NULL, NULL, 0, ticket, NULL, "'nope'"},
        {"", NULL, NULL, 0, ticket, NULL, "''"},
        {"Ping", NULL, NULL, 0, ticket, NULL, "'Ping'"},
        {"shutdown", NULL, NULL, 0, ticket, NULL, "'shutdown' without a destination"},
        {"shutdown", NULL, node, 0, ticket, NULL, "'shutdown' without a destination"},
        {"ping", "[]", NULL, 0, ticket, NULL, "arguments are no JSON object"},
        {"ping", "{", NULL, 0, ticket, NULL, "arguments are no JSON object"},
        {"ping", "{\"a\": NaN}", NULL, 0, ticket, NULL, "arguments are no JSON object"},
        {"ping", "{\"a\":1,\"a\":2}", NULL, 0, ticket, NULL, "arguments are no JSON object"},
        {"revoke", NULL, NULL, 0, ticket, NULL, "'revoke' needs the argument 'task_id'"},
        {"revoke", "{\"task_id\":5}", NULL, 0, ticket, NULL, "task_id is no text"},
        {"revoke", "{\"task_id\":[]}", NULL, 0, ticket, NULL, "task_id is no text"},
        {"revoke", "{\"task_id\":\"\"}", NULL, 0, ticket, NULL, "task_id is no text"},
        {"revoke", "{\"task_id\":[\"a\",{}]}", NULL, 0, ticket, NULL, "task_id is no text"},
        {"terminate", "{\"task_id\":\"a\"}", NULL, 0, ticket, NULL,
         "'terminate' needs the argument 'signal'"},
        {"pool_grow", "{\"n\":0}", NULL, 0, ticket, NULL, "n is no whole number"},
        {"pool_grow", "{\"n\":\"2\"}", NULL, 0, ticket, NULL, "n is no whole number"},
        {"pool_shrink", "{\"n\":1.5}", NULL, 0, ticket, NULL, "n is no whole number"},
        {"add_consumer", "{\"queue\":5}", NULL, 0, ticket, NULL, "queue is no name"},
        {"add_consumer", "{\"queue\":\"unacked\"}", NULL, 0, ticket, NULL, "queue is no name"},
        {"rate_limit", "{\"task_name\":\"t\",\"rate_limit\":\"10/d\"}", NULL, 0, ticket, NULL,
         "rate_limit is no rate"},
        {"rate_limit", "{\"task_name\":[],\"rate_limit\":null}", NULL, 0, ticket, NULL, "task_name is no"},
        {"time_limit", "{\"task_name\":\"t\",\"soft\":\"1\"}", NULL, 0, ticket, NULL, "soft is no number"},
        {"query_task", "{\"ids\":\"a\"}", NULL, 0, ticket, NULL, "ids is no array"},
        {"terminate", "{\"task_id\":\"a\",\"signal\":9}", NULL, 0, ticket, NULL, "signal is no name"},
        {"ping", "{\"a\":1}", NULL, 0, ticket, NULL, "'a' is no argument"},
        {"ping", NULL, blank, 1, ticket, NULL, "destination is empty"},
        {"ping", NULL, spaced, 1, ticket, NULL, "destination holds a blank"},
        {"ping", NULL, NULL, 0, "", NULL, "ticket is empty"},
        {"ping", NULL, NULL, 0, ticket, "", "reply_to is empty"},
        {"ping", NULL, NULL, 0, ticket, "a b", "reply_to holds a blank"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string payload;
        struct err err = {0};
        utstring_init(&payload);
        if (control_encode(cases[i].method, cases[i].arguments, cases[i].destination, cases[i].destinations,
                           cases[i].ticket, cases[i].reply_key, &payload, &err)) {
            fail_msg("%s was taken", cases[i].word);
        }
        if (span_search(span_of(err.text), span_of(cases[i].word)) == strlen(err.text)) {
            fail_msg("'%s' does not say '%s'", err.text, cases[i].word);
        }
        assert_int_equal(utstring_len(&payload), 0);
        utstring_done(&payload);
    }
    UT_string payload;
    utstring_init(&payload);
    assert_true(control_encode("shutdown", NULL, node, 1, ticket, NULL, &payload, NULL));
    utstring_done(&payload);
}

static void control_check__passes_celerys_own_requests(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        bool good;
    } cases[] = {
        {"ctl-add_consumer.request.json", true},
        {"ctl-cancel_consumer.request.json", true},
        {"ctl-enable_events.request.json", true},
        {"ctl-ping.request.json", true},
        {"ctl-pool_grow.request.json", true},
        {"ctl-query_task.request.json", true},
        {"ctl-rate_limit.request.json", true},
        {"ctl-registered.request.json", true},
        {"ctl-revoke-terminate.request.json", true},
        {"ctl-revoke.request.json", true},
        {"ctl-shutdown.request.json", true},
        {"ctl-stats.request.json", true},
        {"ctl-ping.reply.json", false},
        {"handmade/control-minimal.json", false}, /* its body is plain; ours never is */
        {"handmade/zombie-control-no-method.json", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string payload;
        struct err err = {0};
        fixture_read(cases[i].file, &payload);
        if (control_check(text_span(&payload), &err) != cases[i].good) {
            fail_msg("%s: %s", cases[i].file, err.text);
        }
        utstring_done(&payload);
    }
}

/* An envelope around a body of any kind. */
static bool checked(const char *body, const char *rest)
{
    UT_string payload;
    utstring_init(&payload);
    text_add(&payload, S("{\"body\":\""));
    base64_encode(span_of(body), &payload);
    utstring_printf(&payload, "\",%s}", rest);
    bool good = control_check(text_span(&payload), NULL);
    utstring_done(&payload);
    return good;
}

static void control_check__refuses_every_way_to_make_a_zombie(void **state)
{
    (void)state;
    static const char rest[] = "\"content-type\":\"application/json\",\"properties\":{\"delivery_tag\":\"t\","
                               "\"body_encoding\":\"base64\"}";
    static const char *const bodies[] = {
        "",
        "5",
        "[]",
        "{}",
        "\"ping\"",
        "{\"method\":null,\"arguments\":{}}",
        "{\"method\":\"election\",\"arguments\":{}}",
        "{\"method\":\"ping\"}",
        "{\"method\":\"ping\",\"arguments\":null}",
        "{\"method\":\"ping\",\"arguments\":{},\"destination\":[]}",
        "{\"method\":\"ping\",\"arguments\":{},\"destination\":\"worker1@demo\"}",
        "{\"method\":\"ping\",\"arguments\":{},\"destination\":5}",
        "{\"method\":\"ping\",\"arguments\":{},\"destination\":[5]}",
        "{\"method\":\"ping\",\"arguments\":{},\"pattern\":\"*\",\"matcher\":\"glob\"}",
        "{\"method\":\"ping\",\"arguments\":{},\"ticket\":\"t\",\"reply_to\":\"list\"}",
        "{\"method\":\"ping\",\"arguments\":{},\"ticket\":\"t\",\"reply_to\":{\"routing_key\":\"list\"}}",
        "{\"method\":\"ping\",\"arguments\":{},\"ticket\":\"t\",\"reply_to\":{\"exchange\":\"\"}}",
        "{\"method\":\"ping\",\"arguments\":{},\"reply_to\":{\"exchange\":\"\",\"routing_key\":\"list\"}}",
        "{\"method\":\"shutdown\",\"arguments\":{},\"destination\":null}",
    };
    static const char good[] = "{\"method\":\"ping\",\"arguments\":{}}";

    assert_true(checked(good, rest));
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        if (checked(bodies[i], rest)) {
            fail_msg("%s was taken", bodies[i]);
        }
    }
    assert_false(checked(good, "\"properties\":{\"delivery_tag\":\"t\",\"body_encoding\":\"base64\"}"));
    assert_false(
        checked(good, "\"content-type\":\"application/json\",\"properties\":{\"body_encoding\":\"base64\"}"));
    assert_false(
        checked(good, "\"content-type\":\"application/json\",\"properties\":{\"delivery_tag\":\"t\"}"));
    assert_false(checked(good, "\"content-type\":\"application/json\""));
    assert_false(control_check(S(""), NULL));
    assert_false(control_check(S("5"), NULL));
    assert_false(control_check(S("{}"), NULL));
}

static void control_reply_decode__reads_every_captured_reply(void **state)
{
    (void)state;
    static const struct {
        const char *file, *answer, *ok, *error;
    } cases[] = {
        {"ctl-active.reply.json", NULL, NULL, NULL},
        {"ctl-active_queues.reply.json", NULL, NULL, NULL},
        {"ctl-add_consumer.reply.json", "{\"ok\":\"add consumer nightly\"}", "add consumer nightly", NULL},
        {"ctl-cancel_consumer.reply.json", NULL, "no longer consuming from nightly", NULL},
        {"ctl-clock.reply.json", "{\"clock\":698}", NULL, NULL},
        {"ctl-conf.reply.json", NULL, NULL, NULL},
        {"ctl-enable_events.reply.json", NULL, "task events already enabled", NULL},
        {"ctl-heartbeat.reply.json", "null", NULL, NULL},
        {"ctl-hello.reply.json", NULL, NULL, NULL},
        {"ctl-ping.reply-named-exchange.json", "{\"ok\":\"pong\"}", "pong", NULL},
        {"ctl-ping.reply.json", "{\"ok\":\"pong\"}", "pong", NULL},
        {"ctl-pool_grow.reply.json", NULL, "pool will grow", NULL},
        {"ctl-pool_restart.reply.json", NULL, NULL, "ValueError('Pool restarts not enabled')"},
        {"ctl-query_task.reply.json", NULL, NULL, NULL},
        {"ctl-rate_limit.reply.json", NULL, "new rate limit set successfully", NULL},
        {"ctl-registered.reply.json", NULL, NULL, NULL},
        {"ctl-reserved.reply.json", NULL, NULL, NULL},
        {"ctl-revoke-terminate-unknown.reply.json", NULL, "terminate: tasks unknown", NULL},
        {"ctl-revoke.reply.json", NULL, "tasks d154552f-1bc9-4979-91ab-7ccaf13f72b6 flagged as revoked",
         NULL},
        {"ctl-revoked.reply.json", NULL, NULL, NULL},
        {"ctl-scheduled.reply.json", NULL, NULL, NULL},
        {"ctl-stats.reply.json", NULL, NULL, NULL},
        {"ctl-time_limit.reply.json", NULL, "time limits set successfully", NULL},
        {"ctl-unknown-method.reply.json", "{\"error\":\"KeyError('nope')\"}", NULL, "KeyError('nope')"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string element;
        struct control_reply r;
        fixture_read(cases[i].file, &element);
        assert_true(control_reply_decode(&r, text_span(&element)));
        assert_string_equal(r.worker, "worker1@demo");
        assert_int_equal(strlen(r.ticket), 36);
        assert_true(strlen(r.answer) <= 4000);
        if (cases[i].answer) {
            assert_string_equal(r.answer, cases[i].answer);
        }
        assert_text(r.ok, cases[i].ok);
        assert_text(r.error, cases[i].error);
        control_reply_release(&r);
        utstring_done(&element);
    }
}

static void control_reply_decode__refuses_what_is_no_reply(void **state)
{
    (void)state;
    static const char *const files[] = {"ctl-ping.request.json", "event-task-received.json",
                                        "meta-STARTED.json", "msg-test_redis_task.json",
                                        "handmade/poison-lost-not-json.txt"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        UT_string element;
        struct control_reply r;
        fixture_read(files[i], &element);
        assert_false(control_reply_decode(&r, text_span(&element)));
        assert_null(r.worker);
        control_reply_release(&r);
        utstring_done(&element);
    }
    struct control_reply r;
    assert_false(control_reply_decode(&r, S("")));
    assert_false(
        control_reply_decode(&r, S("{\"body\":\"e30=\",\"properties\":{\"body_encoding\":\"base64\"}}")));
    assert_true(control_reply_decode(&r, S("{\"body\":\"{\\\"w\\\":NaN}\",\"properties\":{}}")));
    assert_string_equal(r.answer, "\"NaN\"");
    assert_null(r.ticket);
    control_reply_release(&r);
}

static void control_reply_decode__bounds_the_answer(void **state)
{
    (void)state;
    UT_string element;
    struct control_reply r;

    utstring_init(&element);
    text_add(&element, S("{\"body\":\"{\\\"w\\\":{\\\"ok\\\":\\\""));
    for (int i = 0; i < 10000; i++) {
        text_add(&element, S("\xc3\xa9"));
    }
    text_add(&element, S("\\\"}}\"}"));
    assert_true(control_reply_decode(&r, text_span(&element)));
    assert_true(strlen(r.answer) <= 4000 && strlen(r.answer) > 3990);
    assert_true(strlen(r.ok) <= 2000 && strlen(r.ok) > 1990);
    assert_true(span_ends(span_of(r.ok), S("\xc3\xa9...")));
    control_reply_release(&r);
    utstring_done(&element);
}

static void worker_beat_decode__reads_captured_events(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        enum worker_event event;
        int64_t active, processed;
        double freq, timestamp;
    } cases[] = {
        {"event-worker-online.json", WORKER_ONLINE, 0, 0, 2, 1795426367.5325694},
        {"event-worker-heartbeat.json", WORKER_HEARTBEAT, 0, 0, 2, 1795426369.5352688},
        {"event-worker-offline.json", WORKER_OFFLINE, 0, 212, 2, 1795426412.182813},
        {"event-worker-heartbeat-on-demand.json", WORKER_HEARTBEAT, -1, -1, 5, 1795426400.5818236},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string payload;
        struct worker_beat b;
        fixture_read(cases[i].file, &payload);
        assert_true(worker_beat_decode(&b, text_span(&payload)));
        assert_int_equal(b.event, cases[i].event);
        assert_string_equal(b.hostname, "worker1@demo");
        assert_int_equal(b.active, cases[i].active);
        assert_int_equal(b.processed, cases[i].processed);
        assert_true(fabs(b.freq - cases[i].freq) < 1e-9);
        assert_true(fabs(b.timestamp - cases[i].timestamp) < 1e-6);

        UT_string again;
        struct worker_beat c;
        utstring_init(&again);
        worker_beat_encode(&b, &again);
        assert_true(worker_beat_decode(&c, text_span(&again)));
        assert_int_equal(c.event, b.event);
        assert_string_equal(c.hostname, b.hostname);
        assert_int_equal(c.active, b.active);
        assert_int_equal(c.processed, b.processed);
        assert_true(fabs(c.timestamp - b.timestamp) < 1e-6);
        worker_beat_release(&c);
        worker_beat_release(&b);
        worker_beat_release(&b);
        utstring_done(&again);
        utstring_done(&payload);
    }
}

static void worker_beat_decode__refuses_other_payloads(void **state)
{
    (void)state;
    static const char *const files[] = {"event-task-received.json", "event-task-sent.json",
                                        "ctl-ping.reply.json", "msg-test_redis_task.json"};
    struct worker_beat b;

    for (size_t i = 0; i < COUNT_OF(files); i++) {
        UT_string payload;
        fixture_read(files[i], &payload);
        assert_false(worker_beat_decode(&b, text_span(&payload)));
        assert_null(b.hostname);
        utstring_done(&payload);
    }
    static const char *const bodies[] = {"{\\\"type\\\":\\\"worker-online\\\"}",
                                         "{\\\"type\\\":\\\"worker-online\\\",\\\"hostname\\\":\\\"\\\"}",
                                         "{\\\"type\\\":\\\"worker-other\\\",\\\"hostname\\\":\\\"h\\\"}",
                                         "{\\\"type\\\":5,\\\"hostname\\\":\\\"h\\\"}",
                                         "[]",
                                         ""};
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        UT_string payload;
        utstring_init(&payload);
        utstring_printf(&payload, "{\"body\":\"%s\"}", bodies[i]);
        assert_false(worker_beat_decode(&b, text_span(&payload)));
        utstring_done(&payload);
    }
    assert_true(worker_beat_decode(
        &b, S("{\"body\":\"{\\\"type\\\":\\\"worker-online\\\",\\\"hostname\\\":\\\"h\\\",\\\"active\\\":-4,"
              "\\\"freq\\\":NaN}\"}")));
    assert_int_equal(b.active, -1);
    assert_true(isnan(b.freq));
    assert_true(isnan(b.timestamp));
    worker_beat_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_encode__writes_the_template_byte_for_byte),
        cmocka_unit_test(control_encode__names_nodes_and_arguments),
        cmocka_unit_test(control_encode__refuses_what_harms),
        cmocka_unit_test(control_check__passes_celerys_own_requests),
        cmocka_unit_test(control_check__refuses_every_way_to_make_a_zombie),
        cmocka_unit_test(control_reply_decode__reads_every_captured_reply),
        cmocka_unit_test(control_reply_decode__refuses_what_is_no_reply),
        cmocka_unit_test(control_reply_decode__bounds_the_answer),
        cmocka_unit_test(worker_beat_decode__reads_captured_events),
        cmocka_unit_test(worker_beat_decode__refuses_other_payloads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
