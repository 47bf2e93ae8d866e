#include "redai/schema/result.h"

#include "schema/json_text.h"
#include "schema/lenient.h"
#include "schema/progress_json.h"

#include "redai/base/isotime.h"
#include "redai/base/mem.h"

enum { CHILDREN_MAX = 1000, ARGUMENTS_MAX_BYTES = 64 * 1024 };
enum { NAME_MAX_BYTES = 256, VALUE_MAX_BYTES = 4000, TRACEBACK_MAX_BYTES = 8000, ERROR_MAX_BYTES = 1000 };

/* The end of it is kept: there stands what went wrong. */
static char *traceback_dup(json_t *value)
{
    if (!json_is_string(value) || json_string_length(value) <= TRACEBACK_MAX_BYTES) {
        return json_text_dup(value, TRACEBACK_MAX_BYTES);
    }
    struct span whole = span_make(json_string_value(value), json_string_length(value));
    struct span tail = span_skip(whole, whole.len - TRACEBACK_MAX_BYTES + sizeof(JSON_TEXT_CUT) - 1);
    while (tail.len && ((unsigned char)tail.data[0] & 0xC0) == 0x80) {
        tail = span_skip(tail, 1);
    }
    UT_string text;
    utstring_init(&text);
    text_add(&text, S(JSON_TEXT_CUT));
    text_add(&text, tail);
    for (size_t i = 0; i < utstring_len(&text); i++) {
        text.d[i] = text.d[i] ? text.d[i] : ' '; /* a NUL would end the text early */
    }
    char *copy = span_dup(text_span(&text));
    utstring_done(&text);
    return copy;
}

/* exc_message is mostly the array of the exception's arguments. */
static void add_message(json_t *message, UT_string *out)
{
    size_t count = json_is_array(message) ? json_array_size(message) : message ? 1 : 0;

    for (size_t i = 0; i < count && utstring_len(out) <= ERROR_MAX_BYTES; i++) {
        json_t *part = json_is_array(message) ? json_array_get(message, i) : message;
        char *text = json_text_dup(part, ERROR_MAX_BYTES);
        if (text || json_is_array(message)) {
            text_add(out, i ? S(", ") : S(": "));
            text_add(out, text ? span_of(text) : S("null"));
        }
        mem_free(text);
    }
}

static char *error_dup(json_t *exception)
{
    json_t *type = json_object_get(exception, "exc_type");
    if (!type) {
        return json_text_dup(exception, ERROR_MAX_BYTES);
    }
    UT_string out;
    utstring_init(&out);
    char *name = json_text_dup(type, NAME_MAX_BYTES);
    text_add(&out, span_of(name ? name : "Exception"));
    mem_free(name);
    add_message(json_object_get(exception, "exc_message"), &out);
    json_text_limit(&out, ERROR_MAX_BYTES);
    char *text = span_dup(text_span(&out));
    utstring_done(&out);
    return text;
}

static bool is_status(const struct result *r, const char *status)
{
    return r->status && strcmp(r->status, status) == 0;
}

static void result_clear(struct result *r)
{
    *r = (struct result){.date_done_us = -1, .retries = -1};
    progress_release(&r->progress); /* its own form of empty */
}

/* JSON, or as it stands the repr that the worker stored instead. */
static char *arguments_dup(json_t *value, bool *cut)
{
    if (!value || json_is_null(value)) {
        return NULL;
    }
    if (json_is_string(value)) {
        struct span repr = span_make(json_string_value(value), json_string_length(value));
        *cut = *cut || repr.len > ARGUMENTS_MAX_BYTES || span_search(repr, S(JSON_TEXT_CUT)) < repr.len;
        return json_text_dup(value, ARGUMENTS_MAX_BYTES);
    }
    UT_string text;
    utstring_init(&text);
    *cut = !json_text_dump(value, JSON_TEXT_COMPACT, ARGUMENTS_MAX_BYTES, &text) || *cut;
    char *copy = span_dup(text_span(&text));
    utstring_done(&text);
    return copy;
}

static const UT_icd children_icd = {sizeof(char *), NULL, NULL, NULL};

static void child_add(struct result *r, json_t *result)
{
    char *id = json_text_dup(json_array_get(json_array_get(result, 0), 0), NAME_MAX_BYTES);
    if (!r->children.icd.sz) {
        utarray_init(&r->children, &children_icd); /* an empty one stays zeroed */
    }
    if (id && r->children.i < CHILDREN_MAX) {
        utarray_push_back(&r->children, &id);
    } else {
        mem_free(id);
    }
}

/* [[id, parent], null] of a task, [[id, parent], [results]] of a group: its members count as well. */
static void children_read(struct result *r, json_t *children)
{
    for (size_t i = 0; i < json_array_size(children) && r->children.i < CHILDREN_MAX; i++) {
        json_t *child = json_array_get(children, i);
        json_t *members = json_array_get(child, 1);
        child_add(r, child);
        for (size_t m = 0; m < json_array_size(members) && r->children.i < CHILDREN_MAX; m++) {
            child_add(r, json_array_get(members, m));
        }
    }
}

static void origin_read(struct result *r, json_t *root)
{
    r->worker = json_text_dup(json_object_get(root, "worker"), NAME_MAX_BYTES);
    r->queue = json_text_dup(json_object_get(root, "queue"), NAME_MAX_BYTES);
    r->parent_id = json_text_dup(json_object_get(root, "parent_id"), NAME_MAX_BYTES);
    r->group_id = json_text_dup(json_object_get(root, "group_id"), NAME_MAX_BYTES);
    r->retries = json_text_count(json_object_get(root, "retries"), -1);
    r->args = arguments_dup(json_object_get(root, "args"), &r->args_cut);
    r->kwargs = arguments_dup(json_object_get(root, "kwargs"), &r->args_cut);
    children_read(r, json_object_get(root, "children"));
}

static void value_read(struct result *r, json_t *value)
{
    if (!value) {
        return;
    }
    r->value = json_text_compact_dup(value, VALUE_MAX_BYTES);
    if (is_status(r, "FAILURE") || is_status(r, "RETRY") || is_status(r, "REVOKED")) {
        r->error = error_dup(value);
        r->exception = json_text_dup(json_object_get(value, "exc_type"), NAME_MAX_BYTES);
    } else if (is_status(r, "STARTED")) {
        r->hostname = json_text_dup(json_object_get(value, "hostname"), NAME_MAX_BYTES);
    }
    if (json_object_get(value, "current") || json_object_get(value, "total") ||
        json_object_get(value, "percentage")) {
        progress_from_json(&r->progress, value);
    }
}

/* A document that was cut still tells its state: Celery writes it first. */
static char *status_of_cut(struct span json)
{
    static const struct span begin = SPAN_LITERAL("{\"status\": \"");
    if (!span_starts(json, begin)) {
        return NULL;
    }
    struct span rest = span_head(span_skip(json, begin.len), NAME_MAX_BYTES);
    size_t end = 0;
    while (end < rest.len && ((rest.data[end] >= 'A' && rest.data[end] <= 'Z') || rest.data[end] == '_')) {
        end++;
    }
    return end && end < rest.len && rest.data[end] == '"' ? span_dup(span_head(rest, end)) : NULL;
}

void result_decode(struct result *r, struct span json)
{
    json_t *root = lenient_load(json);

    result_clear(r);
    if (json_is_object(root)) {
        json_t *done = json_object_get(root, "date_done");
        r->status = json_text_dup(json_object_get(root, "status"), NAME_MAX_BYTES);
        r->valid = r->status != NULL;
        r->task_id = json_text_dup(json_object_get(root, "task_id"), NAME_MAX_BYTES);
        r->name = json_text_dup(json_object_get(root, "name"), NAME_MAX_BYTES);
        r->traceback = traceback_dup(json_object_get(root, "traceback"));
        value_read(r, json_object_get(root, "result"));
        origin_read(r, root);
        if (json_is_string(done)) {
            isotime_parse(span_make(json_string_value(done), json_string_length(done)), &r->date_done_us);
        }
    } else if (!root) {
        r->status = status_of_cut(json);
        r->valid = r->status != NULL;
    }
    json_decref(root);
}

void result_release(struct result *r)
{
    char *texts[] = {r->status, r->task_id, r->value, r->traceback, r->error,     r->hostname, r->name,
                     r->worker, r->queue,   r->args,  r->kwargs,    r->parent_id, r->group_id, r->exception};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        mem_free(texts[i]);
    }
    for (unsigned i = 0; i < r->children.i; i++) {
        mem_free(((char **)(void *)r->children.d)[i]);
    }
    if (r->children.icd.sz) {
        utarray_done(&r->children);
    }
    progress_release(&r->progress);
    result_clear(r);
}

bool result_is_final(const struct result *r)
{
    return is_status(r, "SUCCESS") || is_status(r, "FAILURE") || is_status(r, "REVOKED");
}

void result_encode(const char *task_id, const char *status, const char *result_json, const char *traceback,
                   int64_t date_done_wall_us, UT_string *out)
{
    text_add(out, S("{\"status\": "));
    json_text_quote(span_of(status), JSON_TEXT_ASCII, out);
    utstring_printf(out, ", \"result\": %s, \"traceback\": ", result_json ? result_json : "null");
    if (traceback) {
        json_text_quote(span_of(traceback), JSON_TEXT_ASCII, out);
    } else {
        text_add(out, S("null"));
    }
    text_add(out, S(", \"children\": [], \"date_done\": "));
    if (date_done_wall_us >= 0) {
        json_text_naive_time(date_done_wall_us, out);
    } else {
        text_add(out, S("null"));
    }
    text_add(out, S(", \"task_id\": "));
    json_text_quote(span_of(task_id), JSON_TEXT_ASCII, out);
    text_add(out, S("}"));
}

char *json_pretty(struct span json)
{
    json_t *root = lenient_load(json);
    if (!root) {
        return NULL;
    }
    UT_string out;
    utstring_init(&out);
    json_text_dump(root, JSON_TEXT_PRETTY | JSON_TEXT_SAFE, 0, &out);
    json_decref(root);
    char *text = span_dup(text_span(&out));
    utstring_done(&out);
    return text;
}
