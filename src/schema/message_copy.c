#include "redai/schema/message_copy.h"

#include "schema/envelope.h"
#include "schema/json_text.h"
#include "schema/message_fate.h"
#include "schema/python.h"

#include "redai/base/base64.h"
#include "redai/base/isotime.h"

#include "redai/schema/message.h"

enum { BODY_MAX_BYTES = 700 * 1024 };

/* Bodies that are not looked into: they go as they came. */
static bool is_opaque(const struct message_parts *p)
{
    static const char *const types[] = {"application/x-python-serialize", "application/x-yaml",
                                        "application/x-msgpack"};
    struct span type = envelope_text(p->root, "content-type");

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (span_equal(type, span_of(types[i]))) {
            return true;
        }
    }
    return envelope_text(p->headers, "compression").len > 0 && span_equal(type, S("application/json"));
}

static bool check_source(const struct message_parts *p, struct err *err)
{
    /* What is wrong with a body of another type is its type alone: workers that take it are another matter.
     */
    bool foreign = is_opaque(p) && envelope_text(p->headers, "compression").len == 0;

    if (p->fate != MESSAGE_FINE && !(foreign && p->fate == MESSAGE_DROPPED)) {
        return err_set(err, ERR_REFUSED, "it cannot be sent again: %s", p->reason);
    }
    if (p->meta != p->headers || !p->headers) {
        return err_set(err, ERR_REFUSED, "it cannot be sent again: it is of protocol 1");
    }
    if (!p->has_raw || utstring_len(&p->raw) == 0) {
        return err_set(err, ERR_REFUSED, "it cannot be sent again: the body is missing");
    }
    return utstring_len(&p->raw) <= BODY_MAX_BYTES ||
           err_set(err, ERR_RANGE, "the body is larger than %d bytes", BODY_MAX_BYTES);
}

/* jansson's json_null is hidden by the writer of that name in base. */
static json_t *null_new(void)
{
    return json_loads("null", JSON_DECODE_ANY, NULL);
}

static void set_text(json_t *object, const char *name, struct span text)
{
    json_object_set_new(object, name, text.data ? json_stringn(text.data, text.len) : null_new());
}

static json_t *headers_of(const struct message_copy *how, const struct message_parts *p)
{
    char eta[ISOTIME_SIZE];
    json_t *headers = json_deep_copy(p->headers);
    struct span root = envelope_text(p->headers, "root_id");

    isotime_format_celery(how->eta_wall_us, eta, sizeof(eta));
    set_text(headers, "id", span_of(how->id));
    set_text(headers, "root_id", root.len ? root : span_of(how->old_id));
    set_text(headers, "parent_id", span_of(how->old_id));
    set_text(headers, "origin", span_of(how->origin));
    set_text(headers, "eta", how->eta_wall_us >= 0 ? span_of(eta) : span_make(NULL, 0));
    json_object_set_new(headers, "expires", null_new()); /* the old one may be over: it would never run */
    json_object_set_new(headers, "retries", json_integer(0));
    json_object_set_new(headers, "group", null_new());
    json_object_set_new(headers, "group_index", null_new());
    json_object_del(headers, "redelivered");
    return headers;
}

static json_t *properties_of(const struct message_copy *how, struct span queue, int priority)
{
    json_t *properties = json_object();
    json_t *info = json_object();

    set_text(info, "exchange", S(""));
    set_text(info, "routing_key", queue);
    set_text(properties, "correlation_id", span_of(how->id));
    set_text(properties, "reply_to", S(""));
    json_object_set_new(properties, "delivery_mode", json_integer(2));
    json_object_set_new(properties, "delivery_info", info);
    json_object_set_new(properties, "priority", json_integer(priority));
    set_text(properties, "body_encoding", S("base64"));
    set_text(properties, "delivery_tag", span_of(how->delivery_tag));
    return properties;
}

/* Takes headers and properties. */
static void add_element(struct span body, struct span type, struct span encoding, json_t *headers,
                        json_t *properties, UT_string *out)
{
    UT_string text;
    json_t *root = json_object();

    utstring_init(&text);
    base64_encode(body, &text);
    set_text(root, "body", text_span(&text));
    set_text(root, "content-encoding", encoding);
    set_text(root, "content-type", type);
    json_object_set_new(root, "headers", headers);
    json_object_set_new(root, "properties", properties);
    json_text_dump(root, JSON_TEXT_SPACED | JSON_TEXT_ASCII, 0, out);
    json_decref(root);
    utstring_done(&text);
}

/* A body that is not looked into is replaced by an empty one, so that all around it is checked as in any
 * message. */
static bool check_frame(json_t *headers, json_t *properties, struct err *err)
{
    UT_string text;
    json_t *plain = json_deep_copy(headers);

    utstring_init(&text);
    json_object_del(plain, "compression");
    add_element(S("[[], {}, {}]"), S("application/json"), S("utf-8"), plain, json_incref(properties), &text);
    bool good = message_check(text_span(&text), err);
    utstring_done(&text);
    return good;
}

bool message_copy(const struct message_copy *how, struct span element, UT_string *out, bool *ret_dropped,
                  struct err *err)
{
    struct message_parts p;
    UT_string text;

    message_parts_open(&p, element);
    utstring_init(&text);
    bool good = check_source(&p, err);
    if (good) {
        json_t *headers = headers_of(how, &p);
        json_t *info = json_object_get(p.properties, "delivery_info");
        int64_t own = json_text_count(json_object_get(p.properties, "priority"), 0);
        struct span queue = how->queue ? span_of(how->queue) : envelope_text(info, "routing_key");
        json_t *properties =
            properties_of(how, queue, how->priority >= 0 ? how->priority : (int)(own > 9 ? 9 : own));
        struct span encoding = envelope_text(p.root, "content-encoding");
        bool opaque = is_opaque(&p);

        good = !opaque || check_frame(headers, properties, err);
        add_element(text_span(&p.raw), envelope_text(p.root, "content-type"),
                    opaque && encoding.len ? encoding : S("utf-8"), headers, properties, &text);
        good = good && (opaque || message_check(text_span(&text), err));
    }
    if (good) {
        text_add(out, text_span(&text));
        if (ret_dropped) {
            *ret_dropped = python_truth(json_object_get(p.headers, "group"));
        }
    }
    utstring_done(&text);
    message_parts_close(&p);
    return good;
}
