#include "schema/message_fate.h"

#include "schema/envelope.h"
#include "schema/lenient.h"
#include "schema/python.h"

/* Python's recursion limit of 1000, as it shows: deeper JSON than this is not decoded, and deeper than the
 * other is not handed to the pool. Seen: 402 runs, 482 does not; 962 is decoded, 972 is not. */
enum { DEPTH_PICKLED = 440, DEPTH_DECODED = 966 };

/* The first verdict stands. Returns false, so that the judges can be chained. */
static bool settle(struct message_parts *p, enum message_fate fate, const char *reason)
{
    p->fate = fate;
    p->reason = reason;
    return false;
}

/* Dropped with a line in the log; but the line holds the body's length, and a body without one ends the
 * worker. */
static bool drop(struct message_parts *p, const char *reason)
{
    return p->has_len ? settle(p, MESSAGE_DROPPED, reason)
                      : settle(p, MESSAGE_KILLS_AGAIN, "the body is missing");
}

static bool is_hashable(json_t *value)
{
    return !json_is_array(value) && !json_is_object(value);
}

static bool judge_element(struct message_parts *p)
{
    if (!p->root) {
        return settle(p, MESSAGE_KILLS_LOST, "the element is no JSON");
    }
    if (!json_is_object(p->root)) {
        return settle(p, MESSAGE_KILLS_LOST, "the element is no JSON object");
    }
    if (python_depth(p->root) > DEPTH_DECODED) {
        return settle(p, MESSAGE_KILLS_LOST, "it is nested too deep");
    }
    if (!p->properties) {
        return settle(p, MESSAGE_KILLS_LOST, "properties is missing or no object");
    }
    return true;
}

static bool judge_body_encoding(struct message_parts *p)
{
    json_t *body = json_object_get(p->root, "body");
    json_t *encoding = json_object_get(p->properties, "body_encoding");
    struct span text = envelope_text(p->root, "body");

    p->has_len = json_is_string(body) || json_is_array(body) || json_is_object(body);
    if (!python_truth(body) || !python_truth(encoding)) {
        p->has_raw = json_is_string(body);
        text_add(&p->raw, text);
        return true;
    }
    if (!span_equal(envelope_text(p->properties, "body_encoding"), S("base64"))) {
        return settle(p, MESSAGE_KILLS_LOST, "body_encoding is not base64");
    }
    if (!json_is_string(body) || !python_base64(text, &p->raw)) {
        return settle(p, MESSAGE_KILLS_LOST, "the body is no base64");
    }
    p->has_raw = true;
    return true;
}

static bool judge_delivery(struct message_parts *p)
{
    json_t *headers = json_object_get(p->root, "headers");
    json_t *tag = json_object_get(p->properties, "delivery_tag");
    json_t *info = json_object_get(p->properties, "delivery_info");

    if (python_truth(headers) && !json_is_object(headers)) {
        return settle(p, MESSAGE_KILLS_LOST, "headers is no object");
    }
    if (!json_is_string(tag) && !json_is_number(tag)) {
        return settle(p, MESSAGE_KILLS_LOST, "delivery_tag is missing");
    }
    if (!json_object_get(info, "exchange")) {
        return settle(p, MESSAGE_KILLS_LOST, "delivery_info has no exchange");
    }
    if (!json_object_get(info, "routing_key")) {
        return settle(p, MESSAGE_KILLS_LOST, "delivery_info has no routing_key");
    }
    return true;
}

/* By the first bytes; the data itself is not unpacked. */
static bool judge_compression(struct message_parts *p)
{
    static const struct {
        struct span name, magic;
    } known[] = {
        {SPAN_LITERAL("application/x-bz2"), SPAN_LITERAL("BZh")},
        {SPAN_LITERAL("bzip2"), SPAN_LITERAL("BZh")},
        {SPAN_LITERAL("bzip"), SPAN_LITERAL("BZh")},
        {SPAN_LITERAL("application/x-lzma"), SPAN_LITERAL("\xfd"
                                                          "7zXZ")},
        {SPAN_LITERAL("lzma"), SPAN_LITERAL("\xfd"
                                            "7zXZ")},
        {SPAN_LITERAL("xz"), SPAN_LITERAL("\xfd"
                                          "7zXZ")},
        {SPAN_LITERAL("application/x-gzip"), SPAN_LITERAL("x")},
        {SPAN_LITERAL("gzip"), SPAN_LITERAL("x")},
        {SPAN_LITERAL("zlib"), SPAN_LITERAL("x")},
    };
    struct span name = envelope_text(p->headers, "compression");

    if (!python_truth(json_object_get(p->headers, "compression"))) {
        return true;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (name.data && span_equal(name, known[i].name)) {
            bool good = p->has_raw && span_starts(text_span(&p->raw), known[i].magic);
            return good || drop(p, "the body is not compressed as it says");
        }
    }
    return drop(p, "the compression is unknown");
}

/* Which decoder the worker would use. */
enum content { CONTENT_JSON, CONTENT_TEXT /* none: the payload is the text itself */ };

static bool judge_content_type(struct message_parts *p, enum content *ret_content)
{
    json_t *type = json_object_get(p->root, "content-type");
    json_t *encoding = json_object_get(p->root, "content-encoding");
    struct span text = envelope_text(p->root, "content-type");

    *ret_content = CONTENT_JSON;
    if (!python_truth(type) ||
        (text.data && (span_equal(text, S("application/data")) || span_equal(text, S("application/text"))))) {
        *ret_content = CONTENT_TEXT;
    } else if (!is_hashable(type)) {
        return settle(p, MESSAGE_KILLS_AGAIN, "content-type is no text");
    } else if (!text.data || !span_equal(text, S("application/json"))) {
        return drop(p, "the content-type is not accepted");
    }
    if (python_truth(encoding) && !json_is_string(encoding)) {
        return settle(p, MESSAGE_KILLS_AGAIN, "content-encoding is no text");
    }
    return true;
}

/* What the body decodes to. Without a decoder it is a text, which jansson's tree can hold too. */
static bool judge_payload(struct message_parts *p, enum content content)
{
    json_t *body = json_object_get(p->root, "body");

    if (!p->has_raw && !python_truth(body)) {
        p->payload = json_incref(body); /* null, 0, [] and {} stay what they are */
        return true;
    }
    if (!p->has_raw) {
        return drop(p, "the body is no text");
    }
    if (content == CONTENT_JSON && utstring_len(&p->raw)) {
        p->payload = lenient_load(text_span(&p->raw));
        if (python_depth(p->payload) > DEPTH_DECODED) {
            return drop(p, "it is nested too deep");
        }
        return p->payload || drop(p, "the body is no JSON");
    }
    p->payload = json_stringn(p->raw.d, p->raw.i);
    return p->payload || drop(p, "the body is no UTF-8");
}

/* headers without "task": the body is asked for it (protocol 1). */
static bool judge_protocol_1(struct message_parts *p)
{
    enum content content;

    if (!judge_content_type(p, &content)) {
        if (p->fate == MESSAGE_KILLS_AGAIN && p->has_len) {
            return drop(p, p->reason); /* any error while decoding is caught here */
        }
        return false;
    }
    if (!judge_payload(p, content)) {
        return false;
    }
    if (!json_object_get(p->payload, "task")) {
        return drop(p, "no task is named");
    }
    p->meta = p->payload;
    if (!is_hashable(json_object_get(p->meta, "task"))) {
        return settle(p, MESSAGE_KILLS_AGAIN, "the task's name is no text");
    }
    p->args = json_object_get(p->payload, "args");
    p->kwargs = json_object_get(p->payload, "kwargs");
    if (p->kwargs && !json_is_object(p->kwargs)) {
        return drop(p, "kwargs is no object");
    }
    /* With "args" in it a missing id is None, without it a KeyError. */
    if (!p->args && !json_object_get(p->meta, "id")) {
        return settle(p, MESSAGE_KILLS_AGAIN, "the task id is missing");
    }
    return true;
}

/* `'args' in payload`, which sends a message to the reader of a mixed form of protocol 1 and 2. */
static bool mentions_args(json_t *payload)
{
    if (json_is_string(payload)) {
        struct span text = span_make(json_string_value(payload), json_string_length(payload));
        return span_search(text, S("args")) < text.len;
    }
    for (size_t i = 0; i < json_array_size(payload); i++) {
        json_t *element = json_array_get(payload, i);
        if (json_is_string(element) && strcmp(json_string_value(element), "args") == 0) {
            return true;
        }
    }
    return json_object_get(payload, "args") != NULL;
}

static bool judge_mixed(struct message_parts *p)
{
    if (!mentions_args(p->payload)) {
        return true;
    }
    p->args = json_object_get(p->payload, "args");
    p->kwargs = json_object_get(p->payload, "kwargs");
    if (!json_is_object(p->payload) || (p->kwargs && !json_is_object(p->kwargs))) {
        return drop(p, "kwargs is no object");
    }
    return true;
}

static bool judge_protocol_2(struct message_parts *p)
{
    enum content content;

    p->meta = p->headers;
    if (!is_hashable(json_object_get(p->headers, "task"))) {
        return settle(p, MESSAGE_KILLS_AGAIN, "the task's name is no text");
    }
    if (!judge_content_type(p, &content)) {
        return false;
    }
    if (python_truth(json_object_get(p->headers, "compression"))) {
        return true; /* unpacked by the worker only */
    }
    if (!judge_payload(p, content)) {
        return false;
    }
    /* A body that is nothing, a number or empty text cannot be searched for "args". */
    bool container = json_is_array(p->payload) || json_is_object(p->payload) ||
                     (json_is_string(p->payload) && utstring_len(&p->raw) > 0);
    if (!container) {
        return settle(p, MESSAGE_KILLS_AGAIN, p->payload ? "the body is no triple" : "the body is missing");
    }
    return judge_mixed(p);
}

static bool judge_time(struct message_parts *p, const char *name, const char *bad)
{
    switch (python_time(json_object_get(p->meta, name))) {
    case PYTHON_TIME_GOOD:
        return true;
    case PYTHON_TIME_EMPTY:
        return settle(p, MESSAGE_KILLS_AGAIN, bad);
    case PYTHON_TIME_BAD:
        break;
    }
    return drop(p, bad);
}

/* args, kwargs, embed = payload */
static bool judge_triple(struct message_parts *p)
{
    json_t *embed = NULL;

    if (!p->payload || p->args || p->meta == p->payload) {
        return true; /* compressed, or protocol 1 */
    }
    if (python_length(p->payload) != 3) {
        return settle(p, MESSAGE_KILLS_AGAIN, "the body is no triple");
    }
    if (!json_is_array(p->payload)) {
        return drop(p, "the body is no triple"); /* three characters or keys: told as done, never run */
    }
    p->args = json_array_get(p->payload, 0);
    p->kwargs = json_array_get(p->payload, 1);
    embed = json_array_get(p->payload, 2);
    if (!json_is_object(p->kwargs)) {
        return drop(p, "kwargs is no object: told as succeeded, never run");
    }
    if (python_truth(embed) && !json_is_object(embed)) {
        return drop(p, "the third part of the body is no object");
    }
    return true;
}

/* What float() takes (NaN and too large ones came as texts), and everything that counts as no limit. */
static bool is_limit(json_t *seconds)
{
    if (!json_is_string(seconds)) {
        return !python_truth(seconds) || json_is_number(seconds) || json_is_true(seconds);
    }
    struct span text = span_make(json_string_value(seconds), json_string_length(seconds));
    bool number = true;
    for (size_t i = 0; i < text.len; i++) {
        number = number && text.data[i] && strchr("0123456789+-.eE", text.data[i]);
    }
    return number || span_equal(text, S("NaN")) || span_equal(text, S("Infinity")) ||
           span_equal(text, S("-Infinity"));
}

static bool judge_timelimit(struct message_parts *p)
{
    json_t *limit = json_object_get(p->meta, "timelimit");

    if (!python_truth(limit)) {
        return true;
    }
    bool good = json_is_array(limit) && json_array_size(limit) == 2 && is_limit(json_array_get(limit, 0)) &&
                is_limit(json_array_get(limit, 1));
    return good || settle(p, MESSAGE_KILLS_AGAIN, "timelimit is no pair of numbers");
}

static bool judge_request(struct message_parts *p)
{
    bool mixed = p->meta == p->headers && json_is_object(p->payload) && p->args;
    json_t *id = json_object_get(p->meta, "id");

    if (!id && mixed) {
        id = json_object_get(p->payload, "id");
    } else if (!id && p->meta == p->headers) {
        return settle(p, MESSAGE_KILLS_AGAIN, "the task id is missing");
    }
    if (!judge_time(p, "eta", "eta is no time") || !judge_time(p, "expires", "expires is no time") ||
        !judge_triple(p)) {
        return false;
    }
    if (id && !is_hashable(id)) {
        return settle(p, MESSAGE_KILLS_AGAIN, "the task id is no text");
    }
    if (!judge_timelimit(p)) {
        return false;
    }
    if (python_depth(p->payload) > DEPTH_PICKLED || python_depth(p->root) > DEPTH_PICKLED) {
        return settle(p, MESSAGE_KILLS_AGAIN, "it is nested too deep");
    }
    /* The platform's workers write STARTED first (task_track_started), and find no key for such an id. */
    return json_is_string(id) || drop(p, "the task id is no text: never run");
}

static bool judge(struct message_parts *p)
{
    if (!judge_element(p) || !judge_body_encoding(p) || !judge_delivery(p) || !judge_compression(p)) {
        return false;
    }
    bool named = json_object_get(p->headers, "task") != NULL;
    return (named ? judge_protocol_2(p) : judge_protocol_1(p)) && judge_request(p);
}

/* What a doomed message was about is shown as well, as far as its body can be read. */
static void read_arguments(struct message_parts *p)
{
    bool json = span_equal(envelope_text(p->root, "content-type"), S("application/json"));

    if (!p->payload && p->has_raw && json && !python_truth(json_object_get(p->headers, "compression"))) {
        p->payload = lenient_load(text_span(&p->raw));
    }
    if (!p->args && !p->kwargs && json_is_array(p->payload)) {
        p->args = json_array_get(p->payload, 0);
        p->kwargs = json_array_get(p->payload, 1);
    }
}

static json_t *object_member(json_t *object, const char *name)
{
    json_t *member = json_object_get(object, name);
    return json_is_object(member) ? member : NULL;
}

void message_parts_open(struct message_parts *p, struct span element)
{
    *p = (struct message_parts){.fate = MESSAGE_FINE};
    utstring_init(&p->raw);
    p->root = lenient_load_bytes(element);
    p->headers = object_member(p->root, "headers");
    p->properties = object_member(p->root, "properties");
    if (!judge(p)) {
        read_arguments(p);
    }
    if (!p->meta) {
        p->meta = p->headers;
    }
}

void message_parts_close(struct message_parts *p)
{
    json_decref(p->root);
    json_decref(p->payload);
    utstring_done(&p->raw);
    *p = (struct message_parts){0};
}
