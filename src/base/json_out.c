#include "redai/base/json_out.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "redai/base/utf8.h"

static void add_unit(uint32_t unit, UT_string *out)
{
    utstring_printf(out, "\\u%04x", (unsigned)unit);
}

static void add_escaped(uint32_t cp, UT_string *out)
{
    static const char *const named[0x20] = {
        ['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t"};

    if (cp < 0x20 && named[cp]) {
        text_add(out, span_of(named[cp]));
    } else if (cp >= 0x10000) {
        add_unit(0xD800 + ((cp - 0x10000) >> 10), out);
        add_unit(0xDC00 + ((cp - 0x10000) & 0x3FF), out);
    } else {
        add_unit(cp, out);
    }
}

void json_quote(struct span text, UT_string *out)
{
    text_add(out, S("\""));
    while (text.len > 0) {
        uint32_t cp;
        size_t used = utf8_decode(text, &cp);
        if (cp & UTF8_INVALID) {
            text_add(out, S("\\ufffd"));
        } else if (cp == '"' || cp == '\\') {
            text_add(out, S("\\"));
            text_add(out, span_head(text, 1));
        } else if (utf8_is_hostile(cp)) {
            add_escaped(cp, out);
        } else {
            text_add(out, span_head(text, used));
        }
        text = span_skip(text, used);
    }
    text_add(out, S("\""));
}

/* What the last byte says about whether a comma is due. */
static void begin(UT_string *out, const char *name)
{
    size_t len = utstring_len(out);
    char last = len ? utstring_body(out)[len - 1] : '\0';
    if (len && last != '{' && last != '[' && last != '\n') {
        text_add(out, S(","));
    }
    if (name) {
        json_quote(span_of(name), out);
        text_add(out, S(":"));
    }
}

void json_open(UT_string *out, const char *name, char bracket)
{
    begin(out, name);
    text_add(out, span_make(&bracket, 1));
}

void json_close(UT_string *out, char bracket)
{
    text_add(out, span_make(&bracket, 1));
}

void json_text(UT_string *out, const char *name, const char *text)
{
    begin(out, name);
    if (text) {
        json_quote(span_of(text), out);
    } else {
        text_add(out, S("null"));
    }
}

void json_int(UT_string *out, const char *name, int64_t value, int64_t min)
{
    begin(out, name);
    if (value == INT64_MIN || value < min) {
        text_add(out, S("null"));
    } else {
        utstring_printf(out, "%" PRId64, value);
    }
}

void json_real(UT_string *out, const char *name, double value, int decimals)
{
    begin(out, name);
    if (!isfinite(value)) {
        text_add(out, S("null"));
        return;
    }
    char text[64];
    snprintf(text, sizeof text, "%.*f", decimals, value);
    for (char *p = text; *p; p++) {
        *p = *p == ',' ? '.' : *p; /* a locale's decimal comma */
    }
    text_add(out, span_of(text));
}

void json_bool(UT_string *out, const char *name, bool value)
{
    begin(out, name);
    text_add(out, value ? S("true") : S("false"));
}

void json_null(UT_string *out, const char *name)
{
    json_text(out, name, NULL);
}
