#include "unit/schema/fixture.h"

#include <math.h>

#include "redai/base/base64.h"

#include "redai/schema/task_event.h"

enum { KEPT = 8 };
struct kept {
    int count;
    enum task_event_type type[KEPT];
    char *id[KEPT], *name[KEPT], *args[KEPT], *text[KEPT], *exception[KEPT], *host[KEPT];
    size_t traceback[KEPT];
    struct task_event last; /* its numbers; the spans are gone */
};

static void keep(void *ctx, const struct task_event *e)
{
    struct kept *k = ctx;
    if (k->count < KEPT) {
        k->type[k->count] = e->type;
        k->id[k->count] = span_dup(e->id);
        k->name[k->count] = span_dup(e->name);
        k->args[k->count] = span_dup(e->args);
        k->text[k->count] = span_dup(e->text);
        k->exception[k->count] = span_dup(e->exception);
        k->host[k->count] = span_dup(e->hostname);
        k->traceback[k->count] = e->traceback.len;
    }
    k->last = *e;
    k->count++;
}

static void kept_release(struct kept *k)
{
    for (int i = 0; i < KEPT; i++) {
        mem_free(k->id[i]);
        mem_free(k->name[i]);
        mem_free(k->args[i]);
        mem_free(k->text[i]);
        mem_free(k->exception[i]);
        mem_free(k->host[i]);
    }
}

static int decode_file(const char *name, struct kept *k)
{
    UT_string payload;
    *k = (struct kept){0};
    fixture_read(name, &payload);
    int told = task_events_decode(text_span(&payload), keep, k);
    utstring_done(&payload);
    return told;
}

static int decode_body(const char *body, struct kept *k)
{
    UT_string payload;
    *k = (struct kept){0};
    utstring_init(&payload);
    utstring_printf(&payload, "{\"body\": \"");
    base64_encode(span_of(body), &payload);
    utstring_printf(&payload, "\", \"properties\": {\"body_encoding\": \"base64\"}}");
    int told = task_events_decode(text_span(&payload), keep, k);
    utstring_done(&payload);
    return told;
}

static void task_events_decode__reads_every_sample_of_a_worker(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        enum task_event_type type;
        const char *exception;
    } samples[] = {
        {"event-task-sent.json", TASK_EVENT_SENT, ""},
        {"event-task-received.json", TASK_EVENT_RECEIVED, ""},
        {"event-task-received-of-retry.json", TASK_EVENT_RECEIVED, ""},
        {"event-task-started.json", TASK_EVENT_STARTED, ""},
        {"event-task-succeeded.json", TASK_EVENT_SUCCEEDED, ""},
        {"event-task-failed.json", TASK_EVENT_FAILED, "CitationError"},
        {"event-task-failed-NotRegistered.json", TASK_EVENT_FAILED, "NotRegistered"},
        {"event-task-failed-TimeLimitExceeded.json", TASK_EVENT_FAILED, "ExceptionWithTraceback"},
        {"event-task-retried.json", TASK_EVENT_RETRIED, "ConnectionError"},
        {"event-task-rejected.json", TASK_EVENT_REJECTED, ""},
        {"event-task-revoked.json", TASK_EVENT_REVOKED, ""},
        {"event-task-revoked-expired.json", TASK_EVENT_REVOKED, ""},
        {"event-task-revoked-terminated.json", TASK_EVENT_REVOKED, ""},
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct kept k;
        assert_int_equal(decode_file(samples[i].file, &k), 1);
        assert_int_equal(k.type[0], samples[i].type);
        assert_text(k.exception[0], samples[i].exception);
        assert_int_equal(strlen(k.id[0]), 36);
        assert_true(k.last.sent_wall_us > INT64_C(1795426000) * 1000000);
        kept_release(&k);
    }
}

static void task_events_decode__tells_all_of_an_array_in_order(void **state)
{
    (void)state;
    struct kept k;
    assert_int_equal(decode_file("event-task-multi-several.json", &k), 3);
    assert_int_equal(k.type[0], TASK_EVENT_SUCCEEDED);
    assert_int_equal(k.type[1], TASK_EVENT_RECEIVED);
    assert_int_equal(k.type[2], TASK_EVENT_SUCCEEDED);
    assert_text(k.text[0], "44");
    assert_text(k.args[1], "(29, 29)");
    assert_text(k.name[1], "api.tasks.analytics.add_scores");
    assert_text(k.host[2], "worker1@demo");
    assert_true(fabs(k.last.runtime_s - 0.0012245930001881788) < 1e-12);
    kept_release(&k);
}

static void task_events_decode__passes_over_what_is_no_event(void **state)
{
    (void)state;
    struct kept k;
    assert_int_equal(decode_body("[1, null, {\"type\": \"task-started\"}, {\"type\": \"task-started\", "
                                 "\"uuid\": 7}, {\"type\": \"worker-online\", \"uuid\": \"a\"}, {\"type\": "
                                 "\"task-started\", \"uuid\": \"b\", \"uuid\": \"c\", \"timestamp\": NaN}]",
                                 &k),
                     1);
    assert_text(k.id[0], "c");
    assert_true(k.last.sent_wall_us == -1);
    kept_release(&k);
    assert_int_equal(decode_body("[]", &k), 0);
}

static void task_events_decode__refuses_what_is_no_envelope(void **state)
{
    (void)state;
    static const char *const bodies[] = {"", "7", "\"x\"", "{", "{\"type\": \"worker-online\"}", "\xff"};
    struct kept k = {0};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_int_equal(decode_body(bodies[i], &k), -1);
    }
    assert_int_equal(task_events_decode(S("not json"), keep, &k), -1);
    assert_int_equal(task_events_decode(S("[]"), keep, &k), -1);
    assert_int_equal(k.count, 0);
}

static void task_events_decode__keeps_unknown_apart_from_zero(void **state)
{
    (void)state;
    struct kept k;
    assert_int_equal(decode_body("{\"type\": \"task-received\", \"uuid\": \"\\ud800\", \"retries\": "
                                 "99999999999999999999999, \"eta\": 5, \"expires\": \"soon\", \"timestamp\": "
                                 "1e300, \"name\": [], \"args\": null}",
                                 &k),
                     1);
    assert_true(k.last.retries == -1 && k.last.eta_wall_us == -1 && k.last.expires_wall_us == -1);
    assert_true(k.last.sent_wall_us == -1 && isnan(k.last.runtime_s));
    assert_text(k.name[0], "");
    kept_release(&k);
}

static void task_events_decode__bounds_texts(void **state)
{
    (void)state;
    struct kept k;
    UT_string body;
    utstring_init(&body);
    utstring_printf(&body, "{\"type\": \"task-failed\", \"uuid\": \"a\", \"exception\": \"E(");
    for (int i = 0; i < 5000; i++) {
        utstring_printf(&body, "\xc3\xbc");
    }
    utstring_printf(&body, "\", \"traceback\": \"");
    for (int i = 0; i < 9000; i++) {
        utstring_printf(&body, "\xc3\xbc");
    }
    utstring_printf(&body, "\"}");
    assert_int_equal(decode_body(body.d, &k), 1);
    assert_int_equal(strlen(k.text[0]), 1000);
    assert_int_equal(k.traceback[0], 8000);
    assert_text(k.exception[0], "E");
    kept_release(&k);
    utstring_done(&body);
}

static void task_event_encode__is_read_back_the_same(void **state)
{
    (void)state;
    for (int type = 0; type < TASK_EVENT_COUNT; type++) {
        struct task_event e = {.type = (enum task_event_type)type,
                               .id = S("72dfaf9e"),
                               .hostname = S("w\xc3\xbc@demo"),
                               .name = S("api.tasks.x"),
                               .args = S("('\xe2\x82\xac',)"),
                               .kwargs = S("{}"),
                               .text = S("KeyError('a')"),
                               .traceback = S("Traceback"),
                               .retries = 3,
                               .eta_wall_us = INT64_C(1795426374723429),
                               .expires_wall_us = -1,
                               .runtime_s = 0.25,
                               .terminated = true,
                               .requeue = true,
                               .sent_wall_us = INT64_C(1795426374723429)};
        struct kept k = {0};
        UT_string out;
        utstring_init(&out);
        task_event_encode(&e, 7, 8, &out);
        assert_int_equal(task_events_decode(text_span(&out), keep, &k), 1);
        assert_int_equal(k.type[0], type);
        assert_text(k.host[0], "w\xc3\xbc@demo");
        assert_true(k.last.sent_wall_us == e.sent_wall_us);
        bool starts = type == TASK_EVENT_SENT || type == TASK_EVENT_RECEIVED;
        assert_true(k.last.eta_wall_us == (starts ? e.eta_wall_us : -1));
        assert_text(k.args[0], starts ? "('\xe2\x82\xac',)" : "");
        assert_true(k.last.terminated == (type == TASK_EVENT_REVOKED));
        assert_true(k.last.requeue == (type == TASK_EVENT_REJECTED));
        kept_release(&k);
        utstring_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(task_events_decode__reads_every_sample_of_a_worker),
        cmocka_unit_test(task_events_decode__tells_all_of_an_array_in_order),
        cmocka_unit_test(task_events_decode__passes_over_what_is_no_event),
        cmocka_unit_test(task_events_decode__refuses_what_is_no_envelope),
        cmocka_unit_test(task_events_decode__keeps_unknown_apart_from_zero),
        cmocka_unit_test(task_events_decode__bounds_texts),
        cmocka_unit_test(task_event_encode__is_read_back_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
