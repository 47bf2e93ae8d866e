/* python_repr: Python literals as args and kwargs are shown, back to JSON. Celery's own repr (saferepr)
 * escapes nothing but the single quote, and always quotes with it; Python's escapes all. So within single
 * quotes a backslash in front of anything else may be either, and is refused rather than guessed at; double
 * quotes are Python's alone. */
#include "schema/json_text.h"

#include <stdio.h>

#include "redai/base/utf8.h"

#include "redai/schema/message_copy.h"

enum { DEPTH_MAX = 64, REPR_MAX_BYTES = 256 * 1024, DIGITS_MAX = 4300 /* Python's own limit */, SHOWN = 24 };

struct reader {
    struct span rest;
    UT_string *out;
    UT_string text; /* of the string being read */
    struct err *err;
};

static bool refuse(struct reader *r, const char *what)
{
    char shown[SHOWN + 1];
    size_t len = 0;

    for (; len < SHOWN && len < r->rest.len; len++) {
        char c = r->rest.data[len];
        shown[len] = (char)(c >= ' ' && c < 0x7F ? c : '?');
    }
    shown[len] = '\0';
    return len ? err_set(r->err, ERR_PARSE, "%s at '%s'", what, shown)
               : err_set(r->err, ERR_PARSE, "the text was cut: it ends too early");
}

static bool at(const struct reader *r, const char *text)
{
    return span_starts(r->rest, span_of(text));
}

static bool take(struct reader *r, const char *text)
{
    if (!at(r, text)) {
        return false;
    }
    r->rest = span_skip(r->rest, strlen(text));
    return true;
}

static size_t digits(struct span s)
{
    size_t n = 0;
    while (n < s.len && s.data[n] >= '0' && s.data[n] <= '9') {
        n++;
    }
    return n;
}

static bool is_word(struct span s)
{
    char c = s.len ? s.data[0] : ' ';
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '(' || (unsigned char)c >= 0x80;
}

static bool read_number(struct reader *r)
{
    struct span s = r->rest;
    size_t len = s.data[0] == '-' ? 1 : 0;
    size_t whole = digits(span_skip(s, len));

    if (whole == 0 || whole > DIGITS_MAX || (whole > 1 && s.data[len] == '0')) {
        return refuse(r, "no number");
    }
    len += whole;
    if (len < s.len && s.data[len] == '.') {
        size_t fraction = digits(span_skip(s, len + 1));
        if (fraction == 0) {
            return refuse(r, "no number");
        }
        len += 1 + fraction;
    }
    if (len < s.len && s.data[len] == 'e') {
        size_t sign = len + 1 < s.len && (s.data[len + 1] == '-' || s.data[len + 1] == '+') ? 1 : 0;
        size_t power = digits(span_skip(s, len + 1 + sign));
        if (power == 0) {
            return refuse(r, "no number");
        }
        len += 1 + sign + power;
    }
    if (is_word(span_skip(s, len))) {
        return refuse(r, "no number");
    }
    text_add(r->out, span_head(s, len));
    r->rest = span_skip(s, len);
    return true;
}

static bool add_code_point(struct reader *r, uint32_t cp)
{
    char bytes[4];
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
        return refuse(r, "no character of Unicode");
    }
    text_add(&r->text, span_make(bytes, utf8_encode(cp, bytes)));
    return true;
}

/* So many digits of a base up to 16 behind the first `skip` bytes. */
static bool read_code(struct reader *r, size_t skip, size_t count, unsigned base)
{
    static const char letters[] = "0123456789abcdefABCDEF";
    uint32_t cp = 0;

    for (size_t i = skip; i < skip + count; i++) {
        const char *letter = i < r->rest.len && r->rest.data[i] ? strchr(letters, r->rest.data[i]) : NULL;
        unsigned value = letter ? (unsigned)(letter - letters) : 99;
        value = value > 15 && value < 99 ? value - 6 : value;
        if (value >= base) {
            return refuse(r, "a broken escape");
        }
        cp = cp * base + value;
    }
    if (!add_code_point(r, cp)) {
        return false;
    }
    r->rest = span_skip(r->rest, skip + count);
    return true;
}

static bool read_octal(struct reader *r)
{
    size_t count = 0;
    while (count < 3 && count + 1 < r->rest.len && r->rest.data[count + 1] >= '0' &&
           r->rest.data[count + 1] <= '7') {
        count++;
    }
    return count ? read_code(r, 1, count, 8) : refuse(r, "an unknown escape");
}

static bool read_escape(struct reader *r, char quote)
{
    static const char names[] = "\\\\''\"\"n\nr\rt\ta\ab\bf\fv\v";
    char c = r->rest.len > 1 ? r->rest.data[1] : '\0';

    if (quote == '\'' && c != '\'') {
        return refuse(r, "a backslash, which Celery does not escape, so its meaning is not known,");
    }
    for (size_t i = 0; c && i + 1 < sizeof(names); i += 2) {
        if (c == names[i]) {
            text_add(&r->text, span_make(&names[i + 1], 1));
            r->rest = span_skip(r->rest, 2);
            return true;
        }
    }
    switch (c) {
    case 'x':
        return read_code(r, 2, 2, 16);
    case 'u':
        return read_code(r, 2, 4, 16);
    case 'U':
        return read_code(r, 2, 8, 16);
    default:
        return read_octal(r);
    }
}

static bool read_string(struct reader *r)
{
    char quote = r->rest.data[0];

    utstring_clear(&r->text);
    r->rest = span_skip(r->rest, 1);
    while (r->rest.len && r->rest.data[0] != quote) {
        uint32_t cp;
        size_t used = utf8_decode(r->rest, &cp);
        if (cp & UTF8_INVALID) {
            return refuse(r, "bytes that are no UTF-8");
        }
        if (cp == '\\') {
            if (!read_escape(r, quote)) {
                return false;
            }
            continue;
        }
        text_add(&r->text, span_head(r->rest, used));
        r->rest = span_skip(r->rest, used);
    }
    if (r->rest.len == 0) {
        return refuse(r, "");
    }
    r->rest = span_skip(r->rest, 1);
    json_text_quote(text_span(&r->text), JSON_TEXT_ASCII, r->out);
    return true;
}

static bool read_value(struct reader *r, int depth);

/* Elements up to the closing bracket; of a tuple of one the comma is a must. */
static bool read_elements(struct reader *r, const char *close, int depth)
{
    bool tuple = close[0] == ')';
    text_add(r->out, S("["));
    for (size_t count = 0; !take(r, close); count++) {
        if (count && !take(r, ", ")) {
            return refuse(r, "no comma or bracket");
        }
        text_add(r->out, count ? S(",") : S(""));
        if (!read_value(r, depth)) {
            return false;
        }
        if (tuple && count == 0 && !at(r, ", ") && !take(r, ",")) {
            return refuse(r, "no tuple");
        }
        if (tuple && count == 0 && !at(r, ", ") && !at(r, close)) {
            return refuse(r, "no tuple");
        }
    }
    text_add(r->out, S("]"));
    return true;
}

static bool read_dict(struct reader *r, int depth)
{
    text_add(r->out, S("{"));
    for (size_t count = 0; !take(r, "}"); count++) {
        if (count && !take(r, ", ")) {
            return refuse(r, "no comma or bracket");
        }
        text_add(r->out, count ? S(",") : S(""));
        if (at(r, "...")) {
            return refuse(r, "the text was cut");
        }
        if (!at(r, "'") && !at(r, "\"")) {
            return refuse(r, "a set, or a key that is no text,");
        }
        if (!read_string(r)) {
            return false;
        }
        if (!take(r, ": ")) {
            return refuse(r, "a set, or a key without a value,");
        }
        text_add(r->out, S(":"));
        if (!read_value(r, depth)) {
            return false;
        }
    }
    text_add(r->out, S("}"));
    return true;
}

static bool read_word(struct reader *r)
{
    static const struct {
        const char *python, *json;
    } words[] = {{"True", "true"}, {"False", "false"}, {"None", "null"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct reader after = *r;
        if (take(&after, words[i].python) && !is_word(after.rest)) {
            r->rest = after.rest;
            text_add(r->out, span_of(words[i].json));
            return true;
        }
    }
    if (at(r, "...")) {
        return refuse(r, "the text was cut");
    }
    if (at(r, "nan") || at(r, "inf") || at(r, "-inf")) {
        return refuse(r, "a number that JSON has not");
    }
    if (at(r, "b'") || at(r, "b\"")) {
        return refuse(r, "bytes, which JSON has not,");
    }
    return refuse(r, "an object, which cannot be rebuilt from its text,");
}

static bool read_value(struct reader *r, int depth)
{
    if (depth >= DEPTH_MAX) {
        return refuse(r, "it is nested too deep");
    }
    char c = r->rest.len ? r->rest.data[0] : '\0';
    if (c == '\'' || c == '"') {
        return read_string(r);
    }
    if (take(r, "[")) {
        return read_elements(r, "]", depth + 1);
    }
    if (take(r, "(")) {
        return read_elements(r, ")", depth + 1);
    }
    if (take(r, "{")) {
        return read_dict(r, depth + 1);
    }
    if ((c >= '0' && c <= '9') || (c == '-' && !at(r, "-inf"))) {
        return read_number(r);
    }
    return read_word(r);
}

bool python_repr_to_json(struct span repr, char expect, UT_string *out, struct err *err)
{
    UT_string json;
    struct reader r = {.rest = repr, .out = &json, .err = err};

    if (repr.len > REPR_MAX_BYTES) {
        return err_set(err, ERR_RANGE, "the text is larger than %d bytes", REPR_MAX_BYTES);
    }
    utstring_init(&json);
    utstring_init(&r.text);
    bool good = expect == '{' ? at(&r, "{") || refuse(&r, "no dict")
                              : at(&r, "[") || at(&r, "(") || refuse(&r, "no list and no tuple");
    good = good && read_value(&r, 0);
    if (good && r.rest.len) {
        good = refuse(&r, "more than one value");
    }
    if (good) {
        text_add(out, text_span(&json));
    }
    utstring_done(&r.text);
    utstring_done(&json);
    return good;
}
