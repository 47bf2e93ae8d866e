#include "redai/schema/control.h"

#include "schema/control_arguments.h"
#include "schema/envelope.h"
#include "schema/json_text.h"
#include "schema/lenient.h"
#include "schema/wire_name.h"

#include "redai/base/mem.h"

enum {
    PAYLOAD_MAX_BYTES = 64 * 1024,
    DESTINATIONS_MAX = 1000,
    NODE_MAX_BYTES = 256,
    ANSWER_MAX_BYTES = 4000,
    TEXT_MAX_BYTES = 2000
};

/* What may be asked of a worker. `election` ends a lone worker, so it is not here; nor is what only workers
 * say to each other (hello) or what needs settings the platform has not (pool_restart, autoscale, memory
 * samples). */
static const struct method {
    const char *name;
    const char *needs[2]; /* arguments without which the worker answers with an error */
    bool needs_destination;
} methods[] = {
    {"active", {NULL, NULL}, false},
    {"active_queues", {NULL, NULL}, false},
    {"add_consumer", {"queue", NULL}, false},
    {"cancel_consumer", {"queue", NULL}, false},
    {"clock", {NULL, NULL}, false},
    {"conf", {NULL, NULL}, false},
    {"disable_events", {NULL, NULL}, false},
    {"enable_events", {NULL, NULL}, false},
    {"heartbeat", {NULL, NULL}, false},
    {"ping", {NULL, NULL}, false},
    {"pool_grow", {"n", NULL}, false},
    {"pool_shrink", {"n", NULL}, false},
    {"query_task", {"ids", NULL}, false},
    {"rate_limit", {"task_name", "rate_limit"}, false},
    {"registered", {NULL, NULL}, false},
    {"report", {NULL, NULL}, false},
    {"reserved", {NULL, NULL}, false},
    {"revoke", {"task_id", NULL}, false},
    {"revoked", {NULL, NULL}, false},
    {"scheduled", {NULL, NULL}, false},
    {"shutdown", {NULL, NULL}, true},
    {"stats", {NULL, NULL}, false},
    {"terminate", {"signal", "task_id"}, false},
    {"time_limit", {"task_name", NULL}, false},
};

static const struct method *method_find(struct span name)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (span_equal(name, span_of(methods[i].name))) {
            return &methods[i];
        }
    }
    return NULL;
}

static bool check_destination(json_t *destination, const struct method *method, struct err *err)
{
    if (!destination || json_is_null(destination)) {
        return !method->needs_destination ||
               err_set(err, ERR_REFUSED, "'%s' without a destination would reach every worker", method->name);
    }
    /* A text would be matched as a part of a node's name, and an empty array means all of them. */
    size_t size = json_array_size(destination);
    if (!json_is_array(destination) || size == 0 || size > DESTINATIONS_MAX) {
        return err_set(err, ERR_RANGE, "destination is no array of 1 to %d node names", DESTINATIONS_MAX);
    }
    for (size_t i = 0; i < size; i++) {
        json_t *node = json_array_get(destination, i);
        if (!json_is_string(node)) {
            return err_set(err, ERR_RANGE, "destination holds something that is no node name");
        }
        if (!wire_name_check("destination", span_make(json_string_value(node), json_string_length(node)),
                             err)) {
            return false;
        }
    }
    return true;
}

static bool check_reply_to(json_t *body, struct err *err)
{
    json_t *reply_to = json_object_get(body, "reply_to");
    if (!reply_to) {
        return true;
    }
    /* A worker that cannot use reply_to leaves its mailbox for good. */
    if (!json_is_string(json_object_get(reply_to, "exchange")) ||
        !json_is_string(json_object_get(reply_to, "routing_key"))) {
        return err_set(err, ERR_RANGE, "reply_to names no list");
    }
    return wire_name_check("reply_to", envelope_text(reply_to, "routing_key"), err) &&
           wire_name_check("ticket", envelope_text(body, "ticket"), err);
}

static bool check_arguments(json_t *arguments, const struct method *method, struct err *err)
{
    if (!json_is_object(arguments)) {
        return err_set(err, ERR_RANGE, "arguments of '%s' are no JSON object", method->name);
    }
    for (size_t i = 0; i < 2 && method->needs[i]; i++) {
        if (!json_object_get(arguments, method->needs[i])) {
            return err_set(err, ERR_RANGE, "'%s' needs the argument '%s'", method->name, method->needs[i]);
        }
    }
    return control_arguments_check(arguments, err);
}

static bool check_body(json_t *body, struct err *err)
{
    if (!json_is_object(body)) {
        return err_set(err, ERR_REFUSED, "the body is no JSON object");
    }
    struct span name = envelope_text(body, "method");
    const struct method *method = method_find(name);
    if (!method) {
        return err_set(err, ERR_REFUSED, "'%.*s' is no control command that may be sent",
                       (int)span_head(name, 64).len, name.data ? name.data : "");
    }
    json_t *pattern = json_object_get(body, "pattern");
    if (pattern && !json_is_null(pattern)) {
        return err_set(err, ERR_REFUSED, "a pattern of node names is never sent");
    }
    return check_arguments(json_object_get(body, "arguments"), method, err) &&
           check_destination(json_object_get(body, "destination"), method, err) && check_reply_to(body, err);
}

bool control_check(struct span payload, struct err *err)
{
    if (payload.len > PAYLOAD_MAX_BYTES) {
        return err_set(err, ERR_RANGE, "the request is larger than %d bytes", PAYLOAD_MAX_BYTES);
    }
    struct envelope e;
    envelope_decode(&e, payload);
    json_t *properties = json_object_get(e.root, "properties");
    bool good = false;
    if (!e.root) {
        err_set(err, ERR_REFUSED, "the request is no JSON object");
    } else if (!span_equal(envelope_text(e.root, "content-type"), S("application/json"))) {
        err_set(err, ERR_REFUSED, "the request has no content-type of JSON");
    } else if (!span_equal(envelope_text(properties, "body_encoding"), S("base64"))) {
        err_set(err, ERR_REFUSED, "the body is not encoded as base64");
    } else if (envelope_text(properties, "delivery_tag").len == 0) {
        err_set(err, ERR_REFUSED, "the request has no delivery_tag");
    } else {
        good = check_body(e.body, err);
    }
    envelope_release(&e);
    return good;
}

static bool add_arguments(const char *arguments_json, UT_string *body, struct err *err)
{
    struct span text = span_of(arguments_json ? arguments_json : "{}");
    json_t *arguments = text.len <= PAYLOAD_MAX_BYTES
                            ? json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL)
                            : NULL;
    bool good = json_is_object(arguments);
    if (good) {
        json_text_dump(arguments, JSON_TEXT_SPACED | JSON_TEXT_ASCII, 0, body);
    }
    json_decref(arguments);
    return good || err_set(err, ERR_PARSE, "arguments are no JSON object");
}

static void add_destination(const char *const *destination, size_t count, UT_string *body)
{
    if (count == 0) {
        text_add(body, S("null"));
        return;
    }
    for (size_t i = 0; i < count; i++) {
        text_add(body, i ? S(", ") : S("["));
        json_text_quote(span_of(destination[i]), JSON_TEXT_ASCII, body);
    }
    text_add(body, S("]"));
}

bool control_encode(const char *method, const char *arguments_json, const char *const *destination,
                    size_t destinations, const char *ticket, const char *reply_key, UT_string *out,
                    struct err *err)
{
    if (!wire_name_check("ticket", span_of(ticket), err)) {
        return false;
    }
    UT_string body;
    utstring_init(&body);
    text_add(&body, S("{\"method\": "));
    json_text_quote(span_of(method), JSON_TEXT_ASCII, &body);
    text_add(&body, S(", \"arguments\": "));
    bool good = add_arguments(arguments_json, &body, err);
    text_add(&body, S(", \"destination\": "));
    add_destination(destination, destinations, &body);
    text_add(&body, S(", \"pattern\": null, \"matcher\": null"));
    if (reply_key) {
        text_add(&body, S(", \"ticket\": "));
        json_text_quote(span_of(ticket), JSON_TEXT_ASCII, &body);
        text_add(&body, S(", \"reply_to\": {\"exchange\": \"\", \"routing_key\": "));
        json_text_quote(span_of(reply_key), JSON_TEXT_ASCII, &body);
        text_add(&body, S("}"));
    }
    text_add(&body, S("}"));

    /* expires 0: workers do not look at it. The tag is only a name here: a fanout is never acknowledged. */
    struct envelope_frame frame = {.headers = "{\"clock\": 1, \"expires\": 0}",
                                   .properties = "",
                                   .delivery_mode = 2,
                                   .exchange = "celery.pidbox",
                                   .routing_key = "",
                                   .priority = 0,
                                   .delivery_tag = ticket};
    UT_string payload;
    utstring_init(&payload);
    if (good) {
        envelope_encode(&frame, text_span(&body), &payload);
        good = control_check(text_span(&payload), err);
    }
    if (good) {
        text_add(out, text_span(&payload));
    }
    utstring_done(&payload);
    utstring_done(&body);
    return good;
}

bool control_reply_decode(struct control_reply *r, struct span element)
{
    struct envelope e;

    *r = (struct control_reply){0};
    envelope_decode(&e, element);
    /* One node, one answer; anything else is no reply. */
    void *node = json_object_size(e.body) == 1 ? json_object_iter(e.body) : NULL;
    if (node) {
        json_t *answer = json_object_iter_value(node);
        struct span name = span_of(json_object_iter_key(node));
        r->worker = span_dup(json_text_head(name, NODE_MAX_BYTES));
        r->answer = json_text_compact_dup(answer, ANSWER_MAX_BYTES);
        r->ok = json_text_dup(json_object_get(answer, "ok"), TEXT_MAX_BYTES);
        r->error = json_text_dup(json_object_get(answer, "error"), TEXT_MAX_BYTES);
        r->ticket =
            json_text_dup(json_object_get(json_object_get(e.root, "headers"), "ticket"), NODE_MAX_BYTES);
    }
    envelope_release(&e);
    return node != NULL;
}

void control_reply_release(struct control_reply *r)
{
    mem_free(r->worker);
    mem_free(r->answer);
    mem_free(r->ok);
    mem_free(r->error);
    mem_free(r->ticket);
    *r = (struct control_reply){0};
}
