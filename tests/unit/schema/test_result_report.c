#include "support/unit.h"

#include <jansson.h>

#include "redai/base/mem.h"

#include "redai/schema/result_report.h"

#define TEST     "GET /tasks/test/{task_id}"
#define PROGRESS "GET /tasks/batch/progress/{task_id}"

static const struct span none = {NULL, 0};

/* The report as an object; decref'd by the caller. */
static json_t *report(struct span stored, struct span progress)
{
    char *text =
        result_report(&(struct result_report){"t-1", stored, progress, S("{\"state\": \"waiting\"}")});
    assert_non_null(text);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    mem_free(text);
    return root;
}

static void assert_json(json_t *value, const char *text)
{
    char *found = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    assert_string_equal(found ? found : "missing", text);
    free(found);
}

static void result_report__gives_the_platforms_own_words__for_each_state(void **state)
{
    (void)state;
    static const struct {
        struct span stored, progress;
        const char *test, *batch;
    } cases[] = {
        {SPAN_LITERAL("{\"status\": \"SUCCESS\", \"result\": {\"n\": 3}}"),
         {NULL, 0},
         "{\"task_id\":\"t-1\",\"status\":\"completed\",\"result\":{\"n\":3}}",
         "null"},
        {SPAN_LITERAL("{\"status\": \"SUCCESS\", \"result\": null}"), SPAN_LITERAL("{\"current\": 2}"),
         "{\"task_id\":\"t-1\",\"status\":\"completed\",\"result\":null}", "{\"current\":2}"},
        {SPAN_LITERAL("{\"status\": \"FAILURE\", \"result\": {\"exc_type\": \"ValueError\"}}"),
         {NULL, 0},
         "{\"task_id\":\"t-1\",\"status\":\"completed\",\"result\":{}}",
         "null"},
        {SPAN_LITERAL("{\"status\": \"REVOKED\", \"result\": {\"exc_type\": \"TaskRevokedError\"}}"),
         {NULL, 0},
         "{\"task_id\":\"t-1\",\"status\":\"completed\",\"result\":{}}",
         "null"},
        {SPAN_LITERAL("{\"status\": \"STARTED\", \"result\": {\"pid\": 1}}"),
         {NULL, 0},
         "{\"task_id\":\"t-1\",\"status\":\"pending\"}",
         "null"},
        {SPAN_LITERAL("{\"status\": \"PROGRESS\", \"result\": {\"current\": 1}}"),
         {NULL, 0},
         "{\"task_id\":\"t-1\",\"status\":\"pending\"}",
         "{\"current\":1}"},
        {SPAN_LITERAL("{\"status\": \"PROGRESS\", \"result\": {\"current\": 1}}"),
         SPAN_LITERAL("{\"current\": 9}"), "{\"task_id\":\"t-1\",\"status\":\"pending\"}", "{\"current\":9}"},
        {SPAN_LITERAL("{\"status\": \"STARTED\", \"result\": null}"), SPAN_LITERAL("{}"),
         "{\"task_id\":\"t-1\",\"status\":\"pending\"}", "{}"},
        {SPAN_LITERAL("{\"status\": \"STARTED\", \"result\": null}"), SPAN_LITERAL("not JSON"),
         "{\"task_id\":\"t-1\",\"status\":\"pending\"}", "null"},
        {{NULL, 0}, {NULL, 0}, "{\"task_id\":\"t-1\",\"status\":\"pending\"}", "{\"status\":\"pending\"}"},
        {{NULL, 0},
         SPAN_LITERAL("{\"current\": 9}"),
         "{\"task_id\":\"t-1\",\"status\":\"pending\"}",
         "{\"current\":9}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *root = report(cases[i].stored, cases[i].progress);
        json_t *platform = json_object_get(root, "platform");
        assert_json(json_object_get(platform, TEST), cases[i].test);
        assert_json(json_object_get(platform, PROGRESS), cases[i].batch);
        assert_json(json_object_get(root, "known"), "{\"state\":\"waiting\"}");
        json_decref(root);
    }
}

static void result_report__keeps_what_is_stored_in_front__when_something_is(void **state)
{
    (void)state;
    char *text = result_report(
        &(struct result_report){"t", S("{\"status\": \"CUSTOM\", \"result\": NaN, \"x\": 1}"), none, none});
    assert_non_null(text);
    assert_true(
        span_starts(span_of(text), S("{\n  \"status\": \"CUSTOM\",\n  \"result\": \"NaN\",\n  \"x\": 1,\n"
                                     "  \"platform\": {\n")));
    mem_free(text);
    assert_null(result_report(&(struct result_report){"t", S("{"), none, none}));
    text = result_report(&(struct result_report){"t", S("5"), none, none});
    assert_string_equal(text, "5");
    mem_free(text);
}

static void result_report__never_says_pending_itself__when_nothing_is_stored(void **state)
{
    (void)state;
    char *text = result_report(&(struct result_report){"\xff\x1b", none, none, none});
    assert_string_equal(text, "{\"task_id\":\"\xef\xbf\xbd\\u001b\",\"status\":null,\"platform\":{\"" TEST
                              "\":{\"task_id\":\"\xef\xbf\xbd\\u001b\",\"status\":\"pending\"},\"" PROGRESS
                              "\":{\"status\":\"pending\"}},\"known\":null}");
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(result_report__gives_the_platforms_own_words__for_each_state),
        cmocka_unit_test(result_report__keeps_what_is_stored_in_front__when_something_is),
        cmocka_unit_test(result_report__never_says_pending_itself__when_nothing_is_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
