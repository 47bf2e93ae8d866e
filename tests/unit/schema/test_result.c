#include "unit/schema/fixture.h"

#include <jansson.h>

#include "redai/schema/result.h"

struct sample {
    const char *file, *status, *value, *error, *hostname, *name;
    bool final, traceback, progress, done;
};

static void result_decode__reads_every_captured_meta(void **state)
{
    (void)state;
    static const struct sample samples[] = {
        {"meta-FAILURE-ChordError.json", "FAILURE", NULL,
         "ChordError: Dependency 7e160118-cb78-4158-9195-c7147f23c1a3 raised CitationError(\"no year in "
         "citation: "
         "'undated'\", 422)",
         NULL, NULL, true, true, false, true},
        {"meta-FAILURE-NotRegistered.json", "FAILURE", NULL, "NotRegistered: api.tasks.nope", NULL, NULL,
         true, false, false, true},
        {"meta-FAILURE-SoftTimeLimitExceeded.json", "FAILURE", NULL, "SoftTimeLimitExceeded", NULL, NULL,
         true, true, false, true},
        {"meta-FAILURE-TimeLimitExceeded.json", "FAILURE", NULL, "TimeLimitExceeded: 1", NULL, NULL, true,
         false, false, true},
        {"meta-FAILURE.json", "FAILURE", NULL, "CitationError: no year in citation: 'Doe, undated', 422",
         NULL, NULL, true, true, false, true},
        {"meta-PROGRESS.json", "PROGRESS",
         "{\"current\":1,\"total\":4,\"percentage\":25.0,\"status\":\"in_progress\"}", NULL, NULL, NULL,
         false, false, true, false},
        {"meta-RETRY.json", "RETRY", NULL, "ConnectionError: source not reachable: http://example.com/a",
         NULL, NULL, false, true, false, false},
        {"meta-REVOKED-expired.json", "REVOKED", NULL, "TaskRevokedError: expired", NULL, NULL, true, false,
         false, true},
        {"meta-REVOKED-terminated.json", "REVOKED", NULL, "TaskRevokedError: terminated", NULL, NULL, true,
         false, false, true},
        {"meta-REVOKED.json", "REVOKED", NULL, "TaskRevokedError: revoked", NULL, NULL, true, false, false,
         true},
        {"meta-STARTED-left-by-reject.json", "STARTED", NULL, NULL, "worker1@demo", NULL, false, false, false,
         false},
        {"meta-STARTED.json", "STARTED", "{\"pid\":23517,\"hostname\":\"worker1@demo\"}", NULL,
         "worker1@demo", NULL, false, false, false, false},
        {"meta-SUCCESS-after-retry.json", "SUCCESS", "{\"url\":\"http://example.com/a\",\"tries\":2}", NULL,
         NULL, NULL, true, false, false, true},
        {"meta-SUCCESS-batch.json", "SUCCESS", "{\"status\":\"completed\",\"count\":2}", NULL, NULL, NULL,
         true, false, false, true},
        {"meta-SUCCESS-chain-first.json", "SUCCESS", "3", NULL, NULL, NULL, true, false, false, true},
        {"meta-SUCCESS-chain-last.json", "SUCCESS", "13", NULL, NULL, NULL, true, false, false, true},
        {"meta-SUCCESS-chord-body.json", "SUCCESS", "7", NULL, NULL, NULL, true, false, false, true},
        {"meta-SUCCESS-group-member.json", "SUCCESS", "0", NULL, NULL, NULL, true, false, false, true},
        {"meta-SUCCESS-odd-json.json", "SUCCESS",
         "[\"NaN\",\"Infinity\",\"-Infinity\",\"1000000000000000000000000000000\",1e+308,\"\\\\ud800\","
         "\"\\u0000\","
         "{\"a\":{\"b\":[1,[2,[3]]]}}]",
         NULL, NULL, NULL, true, false, false, true},
        {"meta-SUCCESS-result_extended.json", "SUCCESS", "\"hi\"", NULL, NULL, "t.echo", true, false, false,
         true},
        {"meta-SUCCESS-test_redis_task.json", "SUCCESS", NULL, NULL, NULL, NULL, true, false, false, true},
    };

    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        const struct sample *s = &samples[i];
        UT_string text;
        struct result r;
        fixture_read(s->file, &text);
        result_decode(&r, text_span(&text));
        print_message("%s\n", s->file);
        assert_true(r.valid);
        assert_text(r.status, s->status);
        assert_int_equal(strlen(r.task_id), 36);
        assert_non_null(r.value);
        if (s->value) {
            assert_text(r.value, s->value);
        }
        assert_text(r.error, s->error);
        assert_text(r.hostname, s->hostname);
        assert_text(r.name, s->name);
        assert_int_equal(result_is_final(&r), s->final);
        assert_int_equal(r.traceback != NULL, s->traceback);
        assert_int_equal(r.progress.valid, s->progress);
        assert_int_equal(r.date_done_us >= 0, s->done);
        result_release(&r);
        utstring_done(&text);
    }
}

static void result_decode__keeps_the_progress_and_the_time(void **state)
{
    (void)state;
    UT_string text;
    struct result r;

    fixture_read("meta-PROGRESS.json", &text);
    result_decode(&r, text_span(&text));
    assert_int_equal(r.progress.current, 1);
    assert_int_equal(r.progress.total, 4);
    assert_string_equal(r.progress.status, "in_progress");
    result_release(&r);
    result_release(&r);
    utstring_done(&text);

    fixture_read("meta-REVOKED.json", &text);
    result_decode(&r, text_span(&text));
    assert_true(r.date_done_us == INT64_C(1795426382030550));
    result_release(&r);
    utstring_done(&text);
}

static void result_decode__takes_odd_metas(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        bool valid;
        const char *status, *value, *error, *traceback;
    } cases[] = {
        {"", false, NULL, NULL, NULL, NULL},
        {"[]", false, NULL, NULL, NULL, NULL},
        {"{}", false, NULL, NULL, NULL, NULL},
        {"{\"status\":null}", false, NULL, NULL, NULL, NULL},
        {"{\"status\":\"SUCCESS\"", false, NULL, NULL, NULL, NULL},
        {"{\"status\":\"CUSTOM\",\"result\":null}", true, "CUSTOM", "null", NULL, NULL},
        {"{\"status\":\"SUCCESS\"}", true, "SUCCESS", NULL, NULL, NULL},
        {"{\"status\":\"FAILURE\",\"result\":\"text\"}", true, "FAILURE", "\"text\"", "text", NULL},
        {"{\"status\":\"FAILURE\",\"result\":{\"exc_type\":\"E\",\"exc_message\":\"m\"}}", true, "FAILURE",
         "{\"exc_type\":\"E\",\"exc_message\":\"m\"}", "E: m", NULL},
        {"{\"status\":\"FAILURE\",\"result\":{\"exc_type\":\"E\",\"exc_message\":[null,{\"a\":1},\"x\"]}}",
         true, "FAILURE", "{\"exc_type\":\"E\",\"exc_message\":[null,{\"a\":1},\"x\"]}",
         "E: null, {\"a\":1}, x", NULL},
        {"{\"status\":\"FAILURE\",\"result\":{\"exc_type\":null},\"traceback\":5}", true, "FAILURE",
         "{\"exc_type\":null}", "Exception", "5"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct result r;
        result_decode(&r, span_of(cases[i].json));
        assert_int_equal(r.valid, cases[i].valid);
        assert_text(r.status, cases[i].status);
        assert_text(r.value, cases[i].value);
        assert_text(r.error, cases[i].error);
        assert_text(r.traceback, cases[i].traceback);
        assert_true(r.date_done_us == -1);
        assert_int_equal(r.progress.current, -1);
        result_release(&r);
    }
}

static void result_decode__bounds_what_it_keeps(void **state)
{
    (void)state;
    UT_string json;
    struct result r;

    utstring_init(&json);
    text_add(&json, S("{\"status\":\"FAILURE\",\"result\":{\"exc_type\":\"E\",\"exc_message\":[\""));
    for (int i = 0; i < 20000; i++) {
        text_add(&json, S("\xc3\xa9"));
    }
    text_add(&json, S("\"]},\"traceback\":\"first\\u0000"));
    for (int i = 0; i < 20000; i++) {
        text_add(&json, S("\xc3\xa9"));
    }
    text_add(&json, S("\\u0000E: last\"}"));
    result_decode(&r, text_span(&json));
    assert_true(strlen(r.value) <= 4000 && strlen(r.value) > 3990);
    assert_true(span_ends(span_of(r.value), S("\xc3\xa9...")));
    assert_true(strlen(r.error) <= 1000 && strlen(r.error) > 990);
    assert_true(strlen(r.traceback) <= 8000 && strlen(r.traceback) > 7990);
    assert_true(span_starts(span_of(r.traceback), S("...\xc3\xa9")));
    assert_true(span_ends(span_of(r.traceback), S("\xc3\xa9 E: last")));
    result_release(&r);
    utstring_done(&json);
}

static void result_encode__writes_what_a_worker_writes(void **state)
{
    (void)state;
    static const struct {
        const char *file, *task_id, *status, *result;
        int64_t done_us;
    } cases[] = {
        {"meta-STARTED.json", "714d507f-3425-46b5-9d9e-3e65c025afba", "STARTED",
         "{\"pid\": 23517, \"hostname\": \"worker1@demo\"}", -1},
        {"meta-SUCCESS-batch.json", "342cf9a1-6d78-42a0-8125-fe1abd14b885", "SUCCESS",
         "{\"status\": \"completed\", \"count\": 2}", INT64_C(1795426372502930)},
        {"meta-REVOKED.json", "69d32d2b-a951-40ae-9998-a56ff07a8ede", "REVOKED",
         "{\"exc_type\": \"TaskRevokedError\", \"exc_message\": [\"revoked\"], \"exc_module\": "
         "\"celery.exceptions\"}",
         INT64_C(1795426382030550)},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string captured, out;
        fixture_read(cases[i].file, &captured);
        utstring_init(&out);
        result_encode(cases[i].task_id, cases[i].status, cases[i].result, NULL, cases[i].done_us, &out);
        assert_string_equal(out.d, captured.d);
        utstring_done(&out);
        utstring_done(&captured);
    }
    UT_string out;
    utstring_init(&out);
    result_encode("t", "FAILURE", NULL, "a\n\"b\" \xc3\xbc", -1, &out);
    assert_string_equal(
        out.d, "{\"status\": \"FAILURE\", \"result\": null, \"traceback\": \"a\\n\\\"b\\\" \\u00fc\", "
               "\"children\": [], \"date_done\": null, \"task_id\": \"t\"}");
    utstring_done(&out);
}

static void json_pretty__gives_strict_json_of_anything_stored(void **state)
{
    (void)state;
    UT_string text;

    fixture_read("meta-SUCCESS-odd-json.json", &text);
    char *pretty = json_pretty(text_span(&text));
    assert_non_null(pretty);
    json_t *again = json_loads(pretty, JSON_ALLOW_NUL, NULL);
    assert_non_null(again);
    assert_string_equal(json_string_value(json_object_get(again, "status")), "SUCCESS");
    json_decref(again);
    assert_true(
        span_starts(span_of(pretty), S("{\n  \"status\": \"SUCCESS\",\n  \"result\": [\n    \"NaN\",\n")));
    mem_free(pretty);
    utstring_done(&text);

    assert_null(json_pretty(S("")));
    assert_null(json_pretty(S("{")));
    pretty = json_pretty(S("5"));
    assert_string_equal(pretty, "5");
    mem_free(pretty);
    /* Nothing in it may command a terminal. */
    pretty = json_pretty(S("\"\\u001b[31m \\u009b \xe2\x80\xae \x7f gr\xc3\xbc\xc3\x9f"
                           "e\""));
    assert_string_equal(pretty, "\"\\u001b[31m \\u009b \\u202e \\u007f gr\xc3\xbc\xc3\x9f"
                                "e\"");
    mem_free(pretty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(result_decode__reads_every_captured_meta),
        cmocka_unit_test(result_decode__keeps_the_progress_and_the_time),
        cmocka_unit_test(result_decode__takes_odd_metas),
        cmocka_unit_test(result_decode__bounds_what_it_keeps),
        cmocka_unit_test(result_encode__writes_what_a_worker_writes),
        cmocka_unit_test(json_pretty__gives_strict_json_of_anything_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
