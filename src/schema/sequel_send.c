/* sequel_send: new messages out of a task's own: signatures as Celery's apply_async sends them, and the same
 * task once more. */
#include "schema/envelope.h"
#include "schema/json_text.h"
#include "schema/lenient.h"
#include "schema/sequel_priv.h"

#include <string.h>

#include "redai/base/clock.h"
#include "redai/base/isotime.h"
#include "redai/base/uuid.h"

#include "redai/schema/message.h"

static json_t *member(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    return value ? json_incref(value) : json_null();
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *time_text(int64_t wall_us)
{
    char text[ISOTIME_SIZE];
    isotime_format_celery(wall_us, text, sizeof(text));
    return json_string(text);
}

/* options.eta, or countdown from now. */
static json_t *eta_of(json_t *options)
{
    json_t *countdown = json_object_get(options, "countdown");
    if (json_is_number(countdown)) {
        return time_text(clock_wall_us() + (int64_t)(json_number_value(countdown) * (double)US_PER_S));
    }
    return member(options, "eta");
}

/* What message_args_repr and message_kwargs_repr make of a value. */
static json_t *repr_of(json_t *value, bool (*repr)(const char *json, UT_string *out))
{
    UT_string json;
    UT_string out;

    utstring_init(&json);
    utstring_init(&out);
    sequel_dump(value, &json);
    repr(utstring_body(&json), &out);
    json_t *text = json_stringn(utstring_body(&out), utstring_len(&out));
    utstring_done(&json);
    utstring_done(&out);
    return text ? text : json_string("");
}

static bool is_composite(json_t *signature)
{
    static const char *const types[] = {"group", "chord", "chain"};
    const char *type = json_string_value(json_object_get(signature, "subtask_type"));

    for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(type, types[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* What a signature becomes: args and kwargs as they are bound, and where they go. */
struct call {
    json_t *options;       /* borrowed */
    json_t *args, *kwargs; /* owned */
    const char *task, *queue;
    char id[UUID_TEXT_SIZE + 220];
};

static bool call_open(struct call *c, json_t *signature, json_t *first, const struct sequel_sender *sender)
{
    json_t *options = json_object_get(signature, "options");
    const char *id = json_string_value(json_object_get(options, "task_id"));

    c->task = json_string_value(json_object_get(signature, "task"));
    if (!c->task || is_composite(signature) || (id && strlen(id) >= sizeof(c->id))) {
        return false;
    }
    c->options = json_is_object(options) ? options : NULL;
    if (id) {
        memcpy(c->id, id, strlen(id) + 1);
    } else {
        uuid_v4(c->id);
    }
    c->queue = json_string_value(json_object_get(options, "queue"));
    c->queue = c->queue ? c->queue : routes_queue(sender->routes, c->task);
    c->args = json_array();
    if (first && !json_is_true(json_object_get(signature, "immutable"))) {
        json_array_append(c->args, first);
    }
    json_array_extend(c->args, json_object_get(signature, "args"));
    json_t *kwargs = json_object_get(signature, "kwargs");
    c->kwargs = json_is_object(kwargs) ? json_incref(kwargs) : json_object();
    return true;
}

static void call_close(struct call *c)
{
    json_decref(c->args);
    json_decref(c->kwargs);
}

static void call_headers(const struct call *c, const struct sequel *s, const char *origin, UT_string *out)
{
    const char *own_id = json_string_value(json_object_get(s->parts.headers, "id"));
    const char *root_id = json_string_value(json_object_get(s->parts.headers, "root_id"));
    json_t *headers = json_pack(
        "{s:s, s:s, s:s, s:n, s:o, s:o, s:o, s:o, s:i, s:[o, o], s:o, s:o, s:o, s:o, s:s, s:b}", "lang", "py",
        "task", c->task, "id", c->id, "shadow", "eta", eta_of(c->options), "expires",
        member(c->options, "expires"), "group", member(c->options, "group_id"), "group_index",
        member(c->options, "group_index"), "retries", 0, "timelimit", member(c->options, "time_limit"),
        member(c->options, "soft_time_limit"), "root_id", text_or_null(root_id ? root_id : own_id),
        "parent_id", text_or_null(own_id), "argsrepr", repr_of(c->args, message_args_repr), "kwargsrepr",
        repr_of(c->kwargs, message_kwargs_repr), "origin", origin, "ignore_result", 0);
    sequel_dump(headers, out);
    json_decref(headers);
}

static void call_body(const struct call *c, json_t *chain, UT_string *out)
{
    json_t *body =
        json_pack("[O, O, {s:o, s:o, s:o, s:o}]", c->args, c->kwargs, "callbacks", member(c->options, "link"),
                  "errbacks", member(c->options, "link_error"), "chain",
                  chain ? json_incref(chain) : json_null(), "chord", member(c->options, "chord"));
    sequel_dump(body, out);
    json_decref(body);
}

/* first: the argument in front of the signature's own; chain: what is to follow. Both may be NULL. */
static void send_signature(const struct sequel *s, const struct sequel_sender *sender, json_t *signature,
                           json_t *first, json_t *chain, sequel_fn fn, void *ctx)
{
    struct call c;
    char tag[UUID_TEXT_SIZE];
    UT_string body, headers, properties, element;

    if (!call_open(&c, signature, first, sender)) {
        return;
    }
    utstring_init(&body);
    utstring_init(&headers);
    utstring_init(&properties);
    utstring_init(&element);
    uuid_v4(tag);
    call_body(&c, chain, &body);
    call_headers(&c, s, sender->origin, &headers);
    text_add(&properties, S("\"correlation_id\": "));
    json_text_quote(span_of(c.id), JSON_TEXT_ASCII, &properties);
    text_add(&properties, S(", \"reply_to\": "));
    json_text_quote(envelope_text(c.options, "reply_to"), JSON_TEXT_ASCII, &properties);
    text_add(&properties, S(", "));
    struct envelope_frame frame = {.headers = utstring_body(&headers),
                                   .properties = utstring_body(&properties),
                                   .delivery_mode = 2,
                                   .exchange = "",
                                   .routing_key = c.queue,
                                   .priority = 0,
                                   .delivery_tag = tag};
    envelope_encode(&frame, text_span(&body), &element);
    fn(ctx, &(struct sequel_message){c.id, c.queue, 0, text_span(&element)});
    utstring_done(&body);
    utstring_done(&headers);
    utstring_done(&properties);
    utstring_done(&element);
    call_close(&c);
}

void sequel_success(const struct sequel *s, const struct sequel_sender *sender, const char *result_json,
                    sequel_fn fn, void *ctx)
{
    json_t *result = lenient_load(span_of(result_json));
    json_t *chain = json_object_get(s->embed, "chain");
    size_t rest = json_array_size(chain);
    size_t i;
    json_t *signature;

    result = result ? result : json_null();
    json_array_foreach(json_object_get(s->embed, "callbacks"), i, signature)
    {
        send_signature(s, sender, signature, result, NULL, fn, ctx);
    }
    if (rest > 0) {
        json_t *others = json_copy(chain);
        json_array_remove(others, rest - 1);
        send_signature(s, sender, json_array_get(chain, rest - 1), result, others, fn, ctx);
        json_decref(others);
    }
    json_decref(result);
}

void sequel_errbacks(const struct sequel *s, const struct sequel_sender *sender, sequel_fn fn, void *ctx)
{
    json_t *id = json_object_get(s->parts.headers, "id");
    size_t i;
    json_t *signature;

    json_array_foreach(json_object_get(s->embed, "errbacks"), i, signature)
    {
        send_signature(s, sender, signature, id, NULL, fn, ctx);
    }
}

void sequel_chord_body(const struct sequel *s, const struct sequel_sender *sender, const char *results_json,
                       sequel_fn fn, void *ctx)
{
    json_t *results = lenient_load(span_of(results_json));
    if (results) {
        send_signature(s, sender, json_object_get(s->embed, "chord"), results, NULL, fn, ctx);
        json_decref(results);
    }
}

void sequel_retry(const struct sequel *s, const struct sequel_sender *sender, int64_t eta_wall_us,
                  sequel_fn fn, void *ctx)
{
    json_t *old = s->parts.properties;
    json_t *info = json_object_get(old, "delivery_info");
    const char *id = json_string_value(json_object_get(s->parts.headers, "id"));
    const char *queue = json_string_value(json_object_get(info, "routing_key"));
    int64_t priority = json_text_count(json_object_get(old, "priority"), 0);
    json_t *root = json_copy(s->parts.root);
    json_t *headers = json_copy(s->parts.headers);
    char tag[UUID_TEXT_SIZE];
    UT_string element;

    if (!id || !queue) {
        json_decref(root);
        json_decref(headers);
        return;
    }
    uuid_v4(tag);
    json_object_del(headers, "redelivered");
    json_object_set_new(headers, "eta", time_text(eta_wall_us));
    json_object_set_new(headers, "retries",
                        json_integer(json_text_count(json_object_get(headers, "retries"), 0) + 1));
    json_object_set_new(headers, "parent_id", json_string(id));
    json_object_set_new(headers, "origin", json_string(sender->origin));
    json_object_set_new(root, "headers", headers);
    json_object_set_new(root, "properties",
                        json_pack("{s:s, s:o, s:i, s:o, s:i, s:{s:s, s:s}, s:I, s:o, s:s}", "correlation_id",
                                  id, "reply_to", member(old, "reply_to"), "replaced_task_nesting", 0,
                                  "origin", member(s->parts.headers, "origin"), "delivery_mode", 2,
                                  "delivery_info", "exchange", "", "routing_key", queue, "priority",
                                  (json_int_t)priority, "body_encoding", member(old, "body_encoding"),
                                  "delivery_tag", tag));
    utstring_init(&element);
    sequel_dump(root, &element);
    fn(ctx, &(struct sequel_message){id, queue, (int)priority, text_span(&element)});
    utstring_done(&element);
    json_decref(root);
}
