#include "redai/schema/result_write.h"

#include "schema/json_text.h"
#include "schema/lenient.h"

#include "redai/schema/message.h"

static void add_member(const char *name, const char *text, UT_string *out)
{
    utstring_printf(out, ", \"%s\": ", name);
    if (text) {
        json_text_quote(span_of(text), JSON_TEXT_ASCII, out);
    } else {
        text_add(out, S("null"));
    }
}

/* Each child with its own parent (none) and its own children (not asked for). */
static void add_children(const UT_array *children, UT_string *out)
{
    text_add(out, S(", \"children\": ["));
    for (unsigned i = 0; children && i < utarray_len(children); i++) {
        text_add(out, i ? S(", [[") : S("[["));
        json_text_quote(span_of(*(char *const *)utarray_eltptr(children, i)), JSON_TEXT_ASCII, out);
        text_add(out, S(", null], null]"));
    }
    text_add(out, S("]"));
}

void result_write_encode(const struct result_write *w, UT_string *out)
{
    text_add(out, S("{\"status\": "));
    json_text_quote(span_of(w->status), JSON_TEXT_ASCII, out);
    utstring_printf(out, ", \"result\": %s", w->result_json ? w->result_json : "null");
    add_member("traceback", w->traceback, out);
    add_children(w->children, out);
    text_add(out, S(", \"date_done\": "));
    if (w->date_done_wall_us >= 0) {
        json_text_naive_time(w->date_done_wall_us, out);
    } else {
        text_add(out, S("null"));
    }
    if (w->group_id) {
        add_member("group_id", w->group_id, out);
    }
    if (w->parent_id) {
        add_member("parent_id", w->parent_id, out);
    }
    add_member("task_id", w->task_id, out);
    text_add(out, S("}"));
}

void result_exception_encode(const char *type, const char *module, const char *message_json, UT_string *out)
{
    text_add(out, S("{\"exc_type\": "));
    json_text_quote(span_of(type), JSON_TEXT_ASCII, out);
    utstring_printf(out, ", \"exc_message\": %s", message_json);
    add_member("exc_module", module, out);
    text_add(out, S("}"));
}

/* What stands between the brackets of the tuple that is made of an array, without a lone one's comma. */
static void add_inner_repr(const char *array_json, UT_string *out)
{
    UT_string tuple;

    utstring_init(&tuple);
    message_args_repr(array_json, &tuple);
    struct span inner = text_span(&tuple);
    if (inner.len >= 2) {
        inner = span_make(inner.data + 1, inner.len - 2);
        inner.len -= inner.len > 0 && inner.data[inner.len - 1] == ',';
        text_add(out, inner);
    }
    utstring_done(&tuple);
}

void result_repr(const char *json, UT_string *out)
{
    UT_string array;

    utstring_init(&array);
    utstring_printf(&array, "[%s]", json ? json : "null");
    add_inner_repr(utstring_body(&array), out);
    utstring_done(&array);
}

void result_exception_repr(const char *type, const char *message_json, UT_string *out)
{
    text_add(out, span_of(type));
    text_add(out, S("("));
    add_inner_repr(message_json, out);
    text_add(out, S(")"));
}

void result_exception_text(const char *message_json, UT_string *out)
{
    json_t *message = lenient_load(span_of(message_json));
    json_t *first = json_array_get(message, 0);

    if (json_array_size(message) == 1 && json_is_string(first)) {
        text_add(out, span_make(json_string_value(first), json_string_length(first)));
    } else if (json_array_size(message) == 1) {
        add_inner_repr(message_json, out);
    } else if (json_array_size(message) > 1) {
        message_args_repr(message_json, out);
    }
    json_decref(message);
}
