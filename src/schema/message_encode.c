/* message_encode: the one template of a task message (facts, section 1.1), and the last look at it
 * (section 1.2). */
#include "schema/envelope.h"
#include "schema/json_text.h"
#include "schema/message_fate.h"
#include "schema/python.h"
#include "schema/wire_name.h"

#include "redai/base/isotime.h"
#include "redai/base/mem.h"

#include "redai/schema/message.h"

enum {
    ELEMENT_MAX_BYTES = 1024 * 1024,
    DEPTH_MAX = 64 /* a worker exits on bodies some hundreds deep, since it cannot pickle them */
};

/* 9000-01-01: a later eta is beyond what a worker's clock arithmetic takes. */
#define TIME_MAX_US (INT64_C(221845392000) * 1000000)

static bool check_names(const struct task_spec *spec, struct err *err)
{
    const struct {
        const char *what, *text;
        bool optional;
    } names[] = {
        {"task", spec->task, false},      {"id", spec->id, false},
        {"origin", spec->origin, false},  {"delivery_tag", spec->delivery_tag, false},
        {"root_id", spec->root_id, true}, {"parent_id", spec->parent_id, true},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        bool skip = names[i].optional && !names[i].text;
        if (!skip && !wire_name_check(names[i].what, span_of(names[i].text), err)) {
            return false;
        }
    }
    return wire_name_check_queue(span_of(spec->queue), err);
}

static bool check_time(const char *what, int64_t wall_us, struct err *err)
{
    return (wall_us >= -1 && wall_us < TIME_MAX_US) ||
           err_set(err, ERR_RANGE, "%s is not between the years 1970 and 9000", what);
}

static bool check_chain(json_t *chain, struct err *err)
{
    if (json_is_null(chain)) {
        return true;
    }
    for (size_t i = 0; i < json_array_size(chain); i++) {
        json_t *signature = json_array_get(chain, i);
        if (envelope_text(signature, "task").len == 0 || !json_is_array(json_object_get(signature, "args")) ||
            !json_is_object(json_object_get(signature, "kwargs")) ||
            !json_is_object(json_object_get(signature, "options"))) {
            return err_set(err, ERR_PARSE, "chain holds something that is no signature of a task");
        }
    }
    return json_is_array(chain) || err_set(err, ERR_PARSE, "chain is no JSON array");
}

/* Parses a part of the body strictly and appends it in Python's form. */
static bool add_json(const char *what, const char *text, json_type type, UT_string *out, struct err *err)
{
    struct span span = span_of(text);
    if (span.len > ELEMENT_MAX_BYTES) {
        return err_set(err, ERR_RANGE, "%s is larger than %d bytes", what, ELEMENT_MAX_BYTES);
    }
    json_error_t error;
    json_t *json =
        json_loadb(span.data, span.len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    bool good = false;
    if (!json) {
        err_set(err, ERR_PARSE, "%s is no JSON: %s (character %d)", what, error.text, error.column);
    } else if (json_typeof(json) != type) {
        err_set(err, ERR_PARSE, "%s is no JSON %s", what,
                type == JSON_ARRAY ? "array, as [1, \"a\"]" : "object, as {\"a\": 1}");
    } else {
        good = json_text_dump(json, JSON_TEXT_SPACED | JSON_TEXT_ASCII, 0, out);
    }
    json_decref(json);
    return good;
}

static bool add_body(const struct task_spec *spec, const char *args, const char *kwargs, UT_string *body,
                     struct err *err)
{
    text_add(body, S("["));
    bool good = add_json("args", args, JSON_ARRAY, body, err);
    text_add(body, S(", "));
    good = good && add_json("kwargs", kwargs, JSON_OBJECT, body, err);
    text_add(body, S(", {\"callbacks\": null, \"errbacks\": null, \"chain\": "));
    if (!spec->chain) {
        text_add(body, S("null"));
    } else {
        good = good && add_json("chain", spec->chain, JSON_ARRAY, body, err);
    }
    text_add(body, S(", \"chord\": null}]"));
    return good;
}

static void add_text(UT_string *out, const char *name, const char *text)
{
    utstring_printf(out, ", \"%s\": ", name);
    if (text) {
        json_text_quote(span_of(text), JSON_TEXT_ASCII, out);
    } else {
        text_add(out, S("null"));
    }
}

static void add_time(UT_string *out, const char *name, int64_t wall_us)
{
    char text[48];
    isotime_format_celery(wall_us >= 0 ? wall_us : 0, text, sizeof(text));
    add_text(out, name, wall_us >= 0 ? text : NULL);
}

static void add_headers(const struct task_spec *spec, const char *args, const char *kwargs, UT_string *out)
{
    UT_string repr;

    utstring_init(&repr);
    text_add(out, S("{\"lang\": \"py\""));
    add_text(out, "task", spec->task);
    add_text(out, "id", spec->id);
    text_add(out, S(", \"shadow\": null"));
    add_time(out, "eta", spec->eta_wall_us);
    add_time(out, "expires", spec->expires_wall_us);
    text_add(out, S(", \"group\": null, \"group_index\": null, \"retries\": 0, \"timelimit\": [null, null]"));
    add_text(out, "root_id", spec->root_id ? spec->root_id : spec->id);
    add_text(out, "parent_id", spec->parent_id);
    message_args_repr(args, &repr);
    add_text(out, "argsrepr", repr.d);
    utstring_clear(&repr);
    message_kwargs_repr(kwargs, &repr);
    add_text(out, "kwargsrepr", repr.d);
    add_text(out, "origin", spec->origin);
    text_add(out, S(", \"ignore_result\": false}"));
    utstring_done(&repr);
}

static void add_element(const struct task_spec *spec, const char *args, const char *kwargs, struct span body,
                        UT_string *out)
{
    UT_string headers, properties;

    utstring_init(&headers);
    utstring_init(&properties);
    add_headers(spec, args, kwargs, &headers);
    text_add(&properties, S("\"correlation_id\": "));
    json_text_quote(span_of(spec->id), JSON_TEXT_ASCII, &properties);
    text_add(&properties, S(", \"reply_to\": \"\", "));
    struct envelope_frame frame = {.headers = headers.d,
                                   .properties = properties.d,
                                   .delivery_mode = 2,
                                   .exchange = "",
                                   .routing_key = spec->queue,
                                   .priority = spec->priority,
                                   .delivery_tag = spec->delivery_tag};
    envelope_encode(&frame, body, out);
    utstring_done(&headers);
    utstring_done(&properties);
}

bool message_encode(const struct task_spec *spec, UT_string *out, struct err *err)
{
    const char *args = spec->args ? spec->args : "[]";
    const char *kwargs = spec->kwargs ? spec->kwargs : "{}";
    UT_string body, element;

    if (spec->priority < 0 || spec->priority > 9) {
        return err_set(err, ERR_RANGE, "priority %d is not between 0 and 9", spec->priority);
    }
    if (!check_names(spec, err) || !check_time("eta", spec->eta_wall_us, err) ||
        !check_time("expires", spec->expires_wall_us, err)) {
        return false;
    }
    utstring_init(&body);
    utstring_init(&element);
    bool good = add_body(spec, args, kwargs, &body, err);
    if (good) {
        add_element(spec, args, kwargs, text_span(&body), &element);
        good = message_check(text_span(&element), err);
    }
    if (good) {
        text_add(out, text_span(&element));
    }
    utstring_done(&element);
    utstring_done(&body);
    return good;
}

static bool refuse(struct err *err, const char *reason)
{
    return err_set(err, ERR_REFUSED, "the message is refused: %s", reason);
}

static bool check_frame(const struct message_parts *p, struct err *err)
{
    json_t *info = json_object_get(p->properties, "delivery_info");
    json_t *priority = json_object_get(p->properties, "priority");

    if (!span_equal(envelope_text(p->root, "content-type"), S("application/json"))) {
        return refuse(err, "content-type is not JSON");
    }
    if (!span_equal(envelope_text(p->properties, "body_encoding"), S("base64"))) {
        return refuse(err, "the body is not encoded as base64");
    }
    if (!json_is_string(json_object_get(info, "exchange"))) {
        return refuse(err, "exchange is no text");
    }
    if (priority && (json_text_count(priority, -1) < 0 || json_text_count(priority, -1) > 9)) {
        return refuse(err, "priority is not between 0 and 9");
    }
    return wire_name_check("delivery_tag", envelope_text(p->properties, "delivery_tag"), err) &&
           wire_name_check_queue(envelope_text(info, "routing_key"), err);
}

static bool check_task(const struct message_parts *p, struct err *err)
{
    json_t *retries = json_object_get(p->headers, "retries");

    if (p->meta != p->headers || !p->args || !p->kwargs || !json_is_array(p->payload)) {
        return refuse(err, "it is not of protocol 2");
    }
    if (!json_is_array(p->args) || !json_is_object(p->kwargs)) {
        return refuse(err, "args is no array or kwargs no object");
    }
    if (python_depth(p->payload) > DEPTH_MAX) {
        return refuse(err, "args or kwargs are nested too deep");
    }
    if (retries && json_text_count(retries, -1) < 0) {
        return refuse(err, "retries is no count");
    }
    json_t *chain = json_object_get(json_array_get(p->payload, 2), "chain");
    return wire_name_check("task", envelope_text(p->headers, "task"), err) &&
           wire_name_check("id", envelope_text(p->headers, "id"), err) && (!chain || check_chain(chain, err));
}

static bool is_plain(struct span element)
{
    for (size_t i = 0; i < element.len; i++) {
        unsigned char c = (unsigned char)element.data[i];
        if (c < 0x20 || c > 0x7E) {
            return false;
        }
    }
    return true;
}

bool message_check(struct span element, struct err *err)
{
    if (element.len > ELEMENT_MAX_BYTES) {
        return err_set(err, ERR_RANGE, "the message is larger than %d bytes", ELEMENT_MAX_BYTES);
    }
    if (!is_plain(element)) {
        return refuse(err, "it is not pure ASCII");
    }
    struct message_parts p;
    message_parts_open(&p, element);
    bool good = p.fate == MESSAGE_FINE ? check_frame(&p, err) && check_task(&p, err) : refuse(err, p.reason);
    message_parts_close(&p);
    return good;
}
