#include "unit/schema/fixture.h"

#include <math.h>

#include "redai/schema/progress.h"

static void progress_decode__reads_the_captured_values(void **state)
{
    (void)state;
    UT_string text;
    struct progress p;

    fixture_read("app-batch-progress-in_progress.json", &text);
    progress_decode(&p, text_span(&text));
    assert_true(p.valid);
    assert_int_equal(p.current, 1);
    assert_int_equal(p.total, 4);
    assert_true(fabs(p.percentage - 25) < 1e-9);
    assert_string_equal(p.status, "in_progress");
    assert_null(p.error);
    char *again = progress_encode(&p);
    assert_string_equal(again, text.d);
    mem_free(again);
    progress_release(&p);
    utstring_done(&text);

    fixture_read("app-batch-progress-completed.json", &text);
    progress_decode(&p, text_span(&text));
    assert_string_equal(p.status, "completed");
    again = progress_encode(&p);
    assert_string_equal(again, text.d);
    mem_free(again);
    progress_release(&p);
    utstring_done(&text);

    fixture_read("app-batch-progress-failed.json", &text);
    progress_decode(&p, text_span(&text));
    assert_int_equal(p.current, -1);
    assert_int_equal(p.total, -1);
    assert_true(isnan(p.percentage));
    assert_string_equal(p.status, "failed");
    assert_string_equal(p.error, "'str' object cannot be interpreted as an integer");
    again = progress_encode(&p);
    assert_string_equal(again, text.d);
    mem_free(again);
    progress_release(&p);
    progress_release(&p);
    utstring_done(&text);
}

static void progress_decode__says_unknown__when_a_member_is_odd(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        bool valid;
        int64_t current, total;
        const char *status, *error;
    } cases[] = {
        {"", false, -1, -1, NULL, NULL},
        {"null", false, -1, -1, NULL, NULL},
        {"[1]", false, -1, -1, NULL, NULL},
        {"\"x\"", false, -1, -1, NULL, NULL},
        {"{\"current\":1", false, -1, -1, NULL, NULL},
        {"{}", true, -1, -1, NULL, NULL},
        {"{\"current\":-5,\"total\":\"7\"}", true, -1, -1, NULL, NULL},
        {"{\"current\":3.0,\"total\":7.5}", true, 3, -1, NULL, NULL},
        {"{\"current\":1e300,\"total\":9223372036854775807}", true, -1, INT64_MAX, NULL, NULL},
        {"{\"current\":9223372036854775808,\"total\":NaN}", true, -1, -1, NULL, NULL},
        {"{\"current\":true,\"total\":null,\"status\":null,\"error\":{\"a\":1}}", true, -1, -1, NULL,
         "{\"a\":1}"},
        {"{\"status\":5,\"error\":\"a\\u0000b\\ud800\"}", true, -1, -1, "5", "a\\u0000b\\ud800"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct progress p;
        progress_decode(&p, span_of(cases[i].json));
        assert_int_equal(p.valid, cases[i].valid);
        assert_true(p.current == cases[i].current);
        assert_true(p.total == cases[i].total);
        assert_true(isnan(p.percentage));
        assert_text(p.status, cases[i].status);
        assert_text(p.error, cases[i].error);
        progress_release(&p);
    }
}

static void progress_decode__bounds_its_texts(void **state)
{
    (void)state;
    UT_string json;
    struct progress p;

    utstring_init(&json);
    text_add(&json, S("{\"status\":\""));
    for (int i = 0; i < 5000; i++) {
        text_add(&json, S("\xc3\xa9"));
    }
    text_add(&json, S("\"}"));
    progress_decode(&p, text_span(&json));
    assert_true(strlen(p.status) <= 64);
    assert_true(span_ends(span_of(p.status), S("\xc3\xa9...")));
    progress_release(&p);
    utstring_done(&json);
}

static void progress_encode__writes_python_numbers(void **state)
{
    (void)state;
    char status[] = "in_progress";
    struct progress p = {.valid = true, .current = 1, .total = 3, .percentage = 100.0 / 3, .status = status};
    char *text = progress_encode(&p);
    assert_string_equal(
        text,
        "{\"current\": 1, \"total\": 3, \"percentage\": 33.333333333333336, \"status\": \"in_progress\"}");
    mem_free(text);
    /* 100 on the way is still a real. */
    p.current = 3;
    p.percentage = 100;
    text = progress_encode(&p);
    assert_string_equal(text,
                        "{\"current\": 3, \"total\": 3, \"percentage\": 100.0, \"status\": \"in_progress\"}");
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_decode__reads_the_captured_values),
        cmocka_unit_test(progress_decode__says_unknown__when_a_member_is_odd),
        cmocka_unit_test(progress_decode__bounds_its_texts),
        cmocka_unit_test(progress_encode__writes_python_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
