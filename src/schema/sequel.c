#include "schema/envelope.h"
#include "schema/json_text.h"
#include "schema/lenient.h"
#include "schema/python.h"
#include "schema/sequel_priv.h"

#include "redai/schema/result_write.h"

struct sequel *sequel_open(struct span element)
{
    struct sequel *s = mem_zalloc(sizeof(*s));

    message_parts_open(&s->parts, element);
    if (!s->parts.headers || s->parts.meta != s->parts.headers || !s->parts.properties) {
        sequel_free(s);
        return NULL;
    }
    json_t *embed = json_array_get(s->parts.payload, 2);
    s->embed = json_is_object(embed) ? embed : NULL;
    return s;
}

void sequel_free(struct sequel *s)
{
    if (s) {
        message_parts_close(&s->parts);
        mem_free(s);
    }
}

void sequel_dump(json_t *value, UT_string *out)
{
    json_text_dump(value, JSON_TEXT_SPACED | JSON_TEXT_ASCII, 0, out);
}

bool sequel_ignores_result(const struct sequel *s)
{
    return python_truth(json_object_get(s->parts.headers, "ignore_result"));
}

bool sequel_has_chord(const struct sequel *s)
{
    return json_is_object(json_object_get(s->embed, "chord"));
}

const char *sequel_group(const struct sequel *s)
{
    return json_string_value(json_object_get(s->parts.headers, "group"));
}

int64_t sequel_group_index(const struct sequel *s)
{
    return json_text_count(json_object_get(s->parts.headers, "group_index"), -1);
}

static const char *signature_id(json_t *signature)
{
    return json_string_value(json_object_get(json_object_get(signature, "options"), "task_id"));
}

void sequel_chain_ids(const struct sequel *s, UT_array *ids)
{
    json_t *chain = json_object_get(s->embed, "chain");
    for (size_t i = json_array_size(chain); i-- > 0;) {
        const char *id = signature_id(json_array_get(chain, i));
        if (id) {
            utarray_push_back(ids, &id);
        }
    }
}

const char *sequel_chord_id(const struct sequel *s)
{
    return signature_id(json_object_get(s->embed, "chord"));
}

bool sequel_redelivered(struct span element, UT_string *out)
{
    json_t *root = lenient_load_bytes(element);
    if (!json_is_object(root)) {
        json_decref(root);
        return false;
    }
    json_t *headers = json_object_get(root, "headers");
    json_t *info = json_object_get(json_object_get(root, "properties"), "delivery_info");
    if (json_is_object(headers) && json_is_object(info)) {
        json_object_set_new(headers, "redelivered", json_true());
        json_object_set_new(info, "redelivered", json_true());
    }
    sequel_dump(root, out);
    json_decref(root);
    return true;
}

void sequel_part_encode(const char *id, const char *status, const char *result_json, UT_string *out)
{
    text_add(out, S("[1, "));
    json_text_quote(span_of(id), JSON_TEXT_ASCII, out);
    text_add(out, S(", "));
    json_text_quote(span_of(status), JSON_TEXT_ASCII, out);
    utstring_printf(out, ", %s]", result_json ? result_json : "null");
}

static void add_part_result(json_t *value, bool is_ok, UT_string *out)
{
    const char *type = json_string_value(json_object_get(value, "exc_type"));
    UT_string message;

    if (is_ok || !type) {
        sequel_dump(value, out);
        return;
    }
    utstring_init(&message);
    sequel_dump(json_object_get(value, "exc_message"), &message);
    result_exception_repr(type, utstring_body(&message), out);
    utstring_done(&message);
}

bool sequel_part_decode(struct span member, UT_string *id, UT_string *result, bool *ret_ok)
{
    json_t *part = lenient_load(member);
    struct span status = span_of(json_string_value(json_array_get(part, 2)));
    bool good = json_array_size(part) == 4 && json_is_string(json_array_get(part, 1)) && status.len > 0;

    if (good) {
        text_add(id, span_of(json_string_value(json_array_get(part, 1))));
        *ret_ok = span_equal(status, S("SUCCESS"));
        add_part_result(json_array_get(part, 3), *ret_ok, result);
    }
    json_decref(part);
    return good;
}
