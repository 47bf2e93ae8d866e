#include "schema/envelope.h"

#include "schema/json_text.h"
#include "schema/lenient.h"

#include "redai/base/base64.h"

struct span envelope_text(json_t *object, const char *name)
{
    json_t *value = json_object_get(object, name);
    if (!json_is_string(value)) {
        return (struct span){NULL, 0};
    }
    return span_make(json_string_value(value), json_string_length(value));
}

static json_t *body_load(json_t *root)
{
    struct span text = envelope_text(root, "body");
    struct span encoding = envelope_text(json_object_get(root, "properties"), "body_encoding");
    if (!text.data) {
        return NULL;
    }
    if (encoding.len == 0) {
        return lenient_load(text);
    }
    UT_string raw;
    utstring_init(&raw);
    json_t *body = NULL;
    if (span_equal(encoding, S("base64")) && base64_decode(text, &raw)) {
        body = lenient_load(text_span(&raw));
    }
    utstring_done(&raw);
    return body;
}

/* kombu writes the body first, and it is the bulk of an element: it is taken out before the rest is parsed,
 * which spares half of the work. False, and nothing done, when the element looks otherwise. */
static bool decode_body_first(struct envelope *e, struct span element)
{
    static const struct span front = SPAN_LITERAL("{\"body\": \"");
    struct span rest = span_skip(element, front.len);
    struct span text = span_head(rest, span_find(rest, '"'));
    struct span behind = span_skip(rest, text.len);
    UT_string work;

    if (!span_starts(element, front) || !span_starts(behind, S("\", ")) || span_find(text, '\n') < text.len ||
        span_find(text, '\r') < text.len) {
        return false;
    }
    utstring_init(&work);
    text_add(&work, S("{"));
    text_add(&work, span_skip(behind, sizeof("\", ") - 1));
    e->root = lenient_load_bytes(text_span(&work));
    struct span encoding = envelope_text(json_object_get(e->root, "properties"), "body_encoding");
    utstring_clear(&work);
    bool good = json_is_object(e->root) && !json_object_get(e->root, "body") &&
                span_equal(encoding, S("base64")) && base64_decode(text, &work);
    if (good) {
        e->body = lenient_load(text_span(&work));
    } else {
        json_decref(e->root);
        e->root = NULL;
    }
    utstring_done(&work);
    return good;
}

void envelope_decode(struct envelope *e, struct span element)
{
    *e = (struct envelope){NULL, NULL};
    if (decode_body_first(e, element)) {
        return;
    }
    e->root = lenient_load_bytes(element);
    if (!json_is_object(e->root)) {
        json_decref(e->root);
        e->root = NULL;
        return;
    }
    e->body = body_load(e->root);
}

void envelope_release(struct envelope *e)
{
    json_decref(e->root);
    json_decref(e->body);
    *e = (struct envelope){0};
}

void envelope_encode(const struct envelope_frame *frame, struct span body, UT_string *out)
{
    text_add(out, S("{\"body\": \""));
    base64_encode(body, out);
    utstring_printf(
        out,
        "\", \"content-encoding\": \"utf-8\", \"content-type\": \"application/json\", \"headers\": %s, "
        "\"properties\": {%s\"delivery_mode\": %d, \"delivery_info\": {\"exchange\": ",
        frame->headers, frame->properties, frame->delivery_mode);
    json_text_quote(span_of(frame->exchange), JSON_TEXT_ASCII, out);
    text_add(out, S(", \"routing_key\": "));
    json_text_quote(span_of(frame->routing_key), JSON_TEXT_ASCII, out);
    utstring_printf(
        out, "}, \"priority\": %d, \"body_encoding\": \"base64\", \"delivery_tag\": ", frame->priority);
    json_text_quote(span_of(frame->delivery_tag), JSON_TEXT_ASCII, out);
    text_add(out, S("}}"));
}
