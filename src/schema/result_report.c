#include "redai/schema/result_report.h"

#include "schema/json_text.h"
#include "schema/lenient.h"

#include <string.h>

#include "redai/base/mem.h"

/* json_null is a name of ours (base/json_out.h). */
static json_t *null(void)
{
    return lenient_load(S("null"));
}

static const char *state_of(json_t *stored)
{
    return json_string_value(json_object_get(stored, "status"));
}

/* Also of bytes that are no UTF-8: they become U+FFFD. */
static json_t *text_of(const char *text)
{
    UT_string quoted;
    utstring_init(&quoted);
    json_text_quote(span_of(text), JSON_TEXT_COMPACT, &quoted);
    json_t *string = lenient_load(text_span(&quoted));
    utstring_done(&quoted);
    return string;
}

static bool is_one_of(const char *state, const char *const names[])
{
    for (; state && *names; names++) {
        if (strcmp(state, *names) == 0) {
            return true;
        }
    }
    return false;
}

/* An exception has no fields of its own that the platform's encoder would find. */
static json_t *result_of(json_t *stored)
{
    static const char *const ends_in_exception[] = {"FAILURE", "REVOKED", NULL};
    if (is_one_of(state_of(stored), ends_in_exception)) {
        return json_object();
    }
    json_t *result = json_object_get(stored, "result");
    return result ? json_incref(result) : null();
}

static json_t *test_answer(const char *task_id, json_t *stored)
{
    static const char *const ready[] = {"SUCCESS", "FAILURE", "REVOKED", NULL};
    json_t *answer = json_object();
    json_object_set_new(answer, "task_id", text_of(task_id));
    bool is_ready = is_one_of(state_of(stored), ready);
    json_object_set_new(answer, "status", json_string(is_ready ? "completed" : "pending"));
    if (is_ready) {
        json_object_set_new(answer, "result", result_of(stored));
    }
    return answer;
}

/* As Python judges `not progress`. */
static bool is_empty(json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return json_object_size(value) == 0;
    case JSON_ARRAY:
        return json_array_size(value) == 0;
    case JSON_STRING:
        return json_string_length(value) == 0;
    case JSON_INTEGER:
    case JSON_REAL:
        return !(json_number_value(value) < 0 || json_number_value(value) > 0);
    case JSON_TRUE:
        return false;
    default:
        return true;
    }
}

static json_t *progress_answer(const struct result_report *r, json_t *stored)
{
    json_t *progress = r->progress.data ? lenient_load(r->progress) : NULL;
    if (progress && !is_empty(progress)) {
        return progress;
    }
    const char *state = state_of(stored);
    if (!r->stored.data || (state && strcmp(state, "PENDING") == 0)) {
        json_decref(progress);
        progress = json_object();
        json_object_set_new(progress, "status", json_string("pending"));
    } else if (state && strcmp(state, "PROGRESS") == 0) {
        json_decref(progress);
        progress = result_of(stored);
    }
    return progress ? progress : null();
}

char *result_report(const struct result_report *r)
{
    json_t *root = r->stored.data ? lenient_load(r->stored) : json_object();
    unsigned flags = JSON_TEXT_SAFE | (r->stored.data ? JSON_TEXT_PRETTY : JSON_TEXT_COMPACT);
    if (!root) {
        return NULL;
    }
    if (!r->stored.data) {
        json_object_set_new(root, "task_id", text_of(r->task_id));
        json_object_set_new(root, "status", null());
    }
    if (json_is_object(root)) {
        json_t *platform = json_object();
        json_object_set_new(platform, "GET /tasks/test/{task_id}", test_answer(r->task_id, root));
        json_object_set_new(platform, "GET /tasks/batch/progress/{task_id}", progress_answer(r, root));
        json_t *known = r->known.data ? lenient_load(r->known) : NULL;
        json_object_set_new(root, "platform", platform);
        json_object_set_new(root, "known", known ? known : null());
    }
    UT_string out;
    utstring_init(&out);
    json_text_dump(root, flags, 0, &out);
    json_decref(root);
    char *text = span_dup(text_span(&out));
    utstring_done(&out);
    return text;
}
