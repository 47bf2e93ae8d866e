#include "redai/schema/request.h"

#include "schema/envelope.h"
#include "schema/json_text.h"
#include "schema/lenient.h"

#include <fnmatch.h>

#include "redai/base/mem.h"

enum {
    NAME_MAX_BYTES = 512,
    TASK_IDS_MAX = 1000,
    ARGUMENT_MAX_BYTES = 1000,
    ARGUMENTS_MAX_BYTES = 64 * 1024
};

static bool is_for_node(json_t *body, const char *node)
{
    json_t *destination = json_object_get(body, "destination");
    json_t *pattern = json_object_get(body, "pattern");
    bool found = false;
    size_t i;
    json_t *name;

    if (pattern && !json_is_null(pattern)) {
        return json_is_string(pattern) &&
               span_equal(span_of(json_string_value(json_object_get(body, "matcher"))), S("glob")) &&
               fnmatch(json_string_value(pattern), node, 0) == 0;
    }
    json_array_foreach(destination, i, name)
    {
        found = found || (json_is_string(name) && strcmp(json_string_value(name), node) == 0);
    }
    return found || json_array_size(destination) == 0;
}

static void read_texts(UT_array *ids, json_t *task_id)
{
    size_t i;
    json_t *one;

    if (json_is_string(task_id)) {
        const char *text = json_string_value(task_id);
        utarray_push_back(ids, &text);
    }
    json_array_foreach(task_id, i, one)
    {
        const char *text = json_string_value(one);
        if (text && i < TASK_IDS_MAX) {
            utarray_push_back(ids, &text);
        }
    }
}

bool control_request_decode(struct control_request *r, struct span payload, const char *node)
{
    struct envelope e;

    *r = (struct control_request){0};
    utarray_init(&r->task_ids, &ut_str_icd);
    envelope_decode(&e, payload);
    json_t *body = json_is_object(e.body) ? e.body : NULL;
    r->method = json_text_dup(json_object_get(body, "method"), NAME_MAX_BYTES);
    if (r->method) {
        json_t *arguments = json_object_get(body, "arguments");
        json_t *reply_to = json_object_get(body, "reply_to");
        r->ticket = json_text_dup(json_object_get(body, "ticket"), NAME_MAX_BYTES);
        r->exchange = json_text_dup(json_object_get(reply_to, "exchange"), NAME_MAX_BYTES);
        r->routing_key = json_text_dup(json_object_get(reply_to, "routing_key"), NAME_MAX_BYTES);
        r->terminate = json_is_true(json_object_get(arguments, "terminate"));
        r->is_for_node = is_for_node(body, node);
        r->clock = json_text_count(json_object_get(json_object_get(e.root, "headers"), "clock"), 0);
        r->arguments = json_object_size(arguments) > 0 ? json_text_dup(arguments, ARGUMENTS_MAX_BYTES) : NULL;
        read_texts(&r->task_ids, json_object_get(arguments, "task_id"));
    }
    envelope_release(&e);
    return r->method != NULL;
}

void control_request_release(struct control_request *r)
{
    mem_free(r->method);
    mem_free(r->ticket);
    mem_free(r->exchange);
    mem_free(r->routing_key);
    mem_free(r->arguments);
    utarray_done(&r->task_ids);
    *r = (struct control_request){0};
}

/* A new reference, NULL when there is none. */
static json_t *control_argument(const struct control_request *r, const char *name)
{
    json_t *arguments = r->arguments ? lenient_load(span_of(r->arguments)) : NULL;
    json_t *value = json_object_get(arguments, name);
    value = json_is_null(value) ? NULL : json_incref(value);
    json_decref(arguments);
    return value;
}

enum argument_found control_argument_text(const struct control_request *r, const char *name, char **ret)
{
    json_t *value = control_argument(r, name);
    enum argument_found found = !value                  ? ARGUMENT_ABSENT
                                : json_is_string(value) ? ARGUMENT_OK
                                                        : ARGUMENT_WRONG;
    if (found == ARGUMENT_OK) {
        *ret = json_text_dup(value, ARGUMENT_MAX_BYTES);
    }
    json_decref(value);
    return found;
}

enum argument_found control_argument_number(const struct control_request *r, const char *name, double *ret)
{
    json_t *value = control_argument(r, name);
    enum argument_found found = !value                  ? ARGUMENT_ABSENT
                                : json_is_number(value) ? ARGUMENT_OK
                                                        : ARGUMENT_WRONG;
    if (found == ARGUMENT_OK) {
        *ret = json_number_value(value);
    }
    json_decref(value);
    return found;
}

void control_argument_texts(const struct control_request *r, const char *name, UT_array *ret)
{
    json_t *value = control_argument(r, name);
    read_texts(ret, value);
    json_decref(value);
}

void control_reply_encode(const struct control_request *r, const char *node, const char *answer_json,
                          const char *tag, UT_string *out)
{
    UT_string body;
    UT_string headers;

    utstring_init(&body);
    utstring_init(&headers);
    text_add(&body, S("{"));
    json_text_quote(span_of(node), JSON_TEXT_ASCII, &body);
    utstring_printf(&body, ": %s}", answer_json);
    text_add(&headers, S("{\"ticket\": "));
    if (r->ticket) {
        json_text_quote(span_of(r->ticket), JSON_TEXT_ASCII, &headers);
    } else {
        text_add(&headers, S("null"));
    }
    utstring_printf(&headers, ", \"clock\": %lld}", (long long)r->clock);
    struct envelope_frame frame = {.headers = utstring_body(&headers),
                                   .properties = "",
                                   .delivery_mode = 1,
                                   .exchange = r->exchange ? r->exchange : "",
                                   .routing_key = r->routing_key ? r->routing_key : "",
                                   .priority = 0,
                                   .delivery_tag = tag};
    envelope_encode(&frame, text_span(&body), out);
    utstring_done(&body);
    utstring_done(&headers);
}

/* A new reference to the value, NULL when there is none. */
static json_t *argument(const struct message *m, size_t position, const char *name,
                        enum argument_found *found)
{
    *found = ARGUMENT_ABSENT;
    if (m->args_cut || m->args_are_repr) {
        *found = ARGUMENT_WRONG;
        return NULL;
    }
    json_t *args = lenient_load(span_of(m->args ? m->args : "[]"));
    json_t *kwargs = lenient_load(span_of(m->kwargs ? m->kwargs : "{}"));
    json_t *value = json_array_get(args, position);
    value = json_incref(value ? value : json_object_get(kwargs, name));
    json_decref(args);
    json_decref(kwargs);
    return value;
}

enum argument_found message_argument_int(const struct message *m, size_t position, const char *name,
                                         int64_t *ret)
{
    enum argument_found found;
    json_t *value = argument(m, position, name, &found);

    if (value) {
        found = json_is_integer(value) ? ARGUMENT_OK : ARGUMENT_WRONG;
        if (found == ARGUMENT_OK) {
            *ret = (int64_t)json_integer_value(value);
        }
        json_decref(value);
    }
    return found;
}

enum argument_found message_argument_text(const struct message *m, size_t position, const char *name,
                                          char **ret)
{
    enum argument_found found;
    json_t *value = argument(m, position, name, &found);

    if (value) {
        found = json_is_string(value) ? ARGUMENT_OK : ARGUMENT_WRONG;
        if (found == ARGUMENT_OK) {
            *ret = json_text_dup(value, ARGUMENT_MAX_BYTES);
        }
        json_decref(value);
    }
    return found;
}

enum argument_found message_argument_sum(const struct message *m, size_t position, const char *name,
                                         int64_t *ret)
{
    enum argument_found found;
    json_t *value = argument(m, position, name, &found);
    size_t i;
    json_t *one;

    if (!value) {
        return found;
    }
    found = json_is_integer(value) || json_is_array(value) ? ARGUMENT_OK : ARGUMENT_WRONG;
    *ret = (int64_t)json_integer_value(value);
    json_array_foreach(value, i, one)
    {
        found = json_is_integer(one) ? found : ARGUMENT_WRONG;
        /* Wraps instead of overflowing: the numbers are anybody's. */
        *ret = (int64_t)((uint64_t)*ret + (uint64_t)json_integer_value(one));
    }
    json_decref(value);
    return found;
}
