/* message_repr: args and kwargs as Python's repr shows them, for argsrepr and kwargsrepr. Only for display:
 * workers and monitors print them, nothing reads them back. */
#include "schema/json_text.h"

#include <stdio.h>

#include "redai/base/utf8.h"

#include "redai/schema/message.h"

enum { REPR_MAX_CHARACTERS = 1000 };

struct repr {
    UT_string *out;
    size_t left; /* characters that may still be written */
    bool cut;
};

static void put(struct repr *r, struct span s)
{
    while (s.len && !r->cut) {
        uint32_t cp;
        size_t used = utf8_decode(s, &cp);
        if (r->left == 0) {
            r->cut = true;
            text_add(r->out, S("..."));
            return;
        }
        r->left--;
        text_add(r->out, span_head(s, used));
        s = span_skip(s, used);
    }
}

/* All blanks but the plain one are escaped by Python too. */
static bool is_odd_blank(uint32_t cp)
{
    return cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x202F || cp == 0x205F ||
           cp == 0x3000;
}

static void put_character(struct repr *r, uint32_t cp, struct span bytes, char quote)
{
    char text[16];
    int len = 0;

    if (cp == '\\' || cp == (uint32_t)(unsigned char)quote) {
        len = snprintf(text, sizeof(text), "\\%c", (char)cp);
    } else if (cp == '\n' || cp == '\r' || cp == '\t') {
        len = snprintf(text, sizeof(text), "\\%c", cp == '\n' ? 'n' : cp == '\r' ? 'r' : 't');
    } else if (utf8_is_hostile(cp) || is_odd_blank(cp)) {
        len = cp < 0x100     ? snprintf(text, sizeof(text), "\\x%02x", (unsigned)cp)
              : cp < 0x10000 ? snprintf(text, sizeof(text), "\\u%04x", (unsigned)cp)
                             : snprintf(text, sizeof(text), "\\U%08x", (unsigned)cp);
    }
    put(r, len ? span_make(text, (size_t)len) : bytes);
}

static void put_string(struct repr *r, struct span s)
{
    bool has_single = span_find(s, '\'') < s.len;
    char quote = has_single && span_find(s, '"') == s.len ? '"' : '\'';

    put(r, span_make(&quote, 1));
    while (s.len && !r->cut) {
        uint32_t cp;
        size_t used = utf8_decode(s, &cp);
        put_character(r, cp, span_head(s, used), quote);
        s = span_skip(s, used);
    }
    put(r, span_make(&quote, 1));
}

static void put_value(struct repr *r, json_t *value);

static void put_elements(struct repr *r, json_t *array)
{
    for (size_t i = 0; i < json_array_size(array) && !r->cut; i++) {
        if (i) {
            put(r, S(", "));
        }
        put_value(r, json_array_get(array, i));
    }
}

static void put_dict(struct repr *r, json_t *object)
{
    bool first = true;

    put(r, S("{"));
    for (void *it = json_object_iter(object); it && !r->cut; it = json_object_iter_next(object, it)) {
        put(r, first ? S("") : S(", "));
        first = false;
        put_string(r, span_of(json_object_iter_key(it)));
        put(r, S(": "));
        put_value(r, json_object_iter_value(it));
    }
    put(r, S("}"));
}

static void put_number(struct repr *r, json_t *number)
{
    UT_string text;
    utstring_init(&text);
    json_text_dump(number, JSON_TEXT_COMPACT, 0, &text);
    put(r, text_span(&text));
    utstring_done(&text);
}

static void put_value(struct repr *r, json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_dict(r, value);
        break;
    case JSON_ARRAY:
        put(r, S("["));
        put_elements(r, value);
        put(r, S("]"));
        break;
    case JSON_STRING:
        put_string(r, span_make(json_string_value(value), json_string_length(value)));
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        put_number(r, value);
        break;
    case JSON_TRUE:
        put(r, S("True"));
        break;
    case JSON_FALSE:
        put(r, S("False"));
        break;
    case JSON_NULL:
        put(r, S("None"));
        break;
    }
}

static json_t *load(const char *json)
{
    return json ? json_loads(json, JSON_ALLOW_NUL, NULL) : NULL;
}

bool message_args_repr(const char *args_json, UT_string *out)
{
    json_t *args = load(args_json);
    bool good = json_is_array(args);
    if (good) {
        struct repr r = {out, REPR_MAX_CHARACTERS, false};
        put(&r, S("("));
        put_elements(&r, args);
        put(&r, json_array_size(args) == 1 ? S(",)") : S(")"));
    }
    json_decref(args);
    return good;
}

bool message_kwargs_repr(const char *kwargs_json, UT_string *out)
{
    json_t *kwargs = load(kwargs_json);
    bool good = json_is_object(kwargs);
    if (good) {
        struct repr r = {out, REPR_MAX_CHARACTERS, false};
        put_dict(&r, kwargs);
    }
    json_decref(kwargs);
    return good;
}
