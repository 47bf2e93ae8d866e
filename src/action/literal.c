#include "literal.h"

#include "redai/base/utf8.h"

bool literal_is_utf8(struct span text)
{
    while (text.len > 0) {
        uint32_t cp;
        size_t used = utf8_decode(text, &cp);
        if (cp & UTF8_INVALID) {
            return false;
        }
        text = span_skip(text, used);
    }
    return true;
}

static size_t digits(struct span text)
{
    size_t n = 0;
    while (n < text.len && text.data[n] >= '0' && text.data[n] <= '9') {
        n++;
    }
    return n;
}

bool literal_is_number(struct span text)
{
    if (span_starts(text, S("-"))) {
        text = span_skip(text, 1);
    }
    size_t whole = digits(text);
    if (whole == 0 || (whole > 1 && text.data[0] == '0')) {
        return false;
    }
    text = span_skip(text, whole);
    if (span_starts(text, S("."))) {
        size_t fraction = digits(span_skip(text, 1));
        if (fraction == 0) {
            return false;
        }
        text = span_skip(text, 1 + fraction);
    }
    if (span_starts(text, S("e")) || span_starts(text, S("E"))) {
        text = span_skip(text, 1);
        if (span_starts(text, S("+")) || span_starts(text, S("-"))) {
            text = span_skip(text, 1);
        }
        size_t exponent = digits(text);
        if (exponent == 0) {
            return false;
        }
        text = span_skip(text, exponent);
    }
    return text.len == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct span trim(struct span s)
{
    while (s.len > 0 && is_blank(s.data[0])) {
        s = span_skip(s, 1);
    }
    while (s.len > 0 && is_blank(s.data[s.len - 1])) {
        s.len--;
    }
    return s;
}

/* Where the string that begins at `at` ends (behind its closing quote). */
static size_t string_end(struct span json, size_t at)
{
    for (at++; at < json.len && json.data[at] != '"'; at++) {
        if (json.data[at] == '\\') {
            at++;
        }
    }
    return at < json.len ? at + 1 : json.len;
}

bool literal_next_member(struct span json, size_t *at, struct span *ret_key, struct span *ret_value)
{
    size_t depth = 0, i = *at, colon = 0;

    while (i < json.len && *at == 0 && is_blank(json.data[i])) {
        i++;
    }
    if (*at == 0) {
        i++; /* the opening bracket */
    }
    size_t start = i;
    for (; i < json.len; i++) {
        char c = json.data[i];
        if (c == '"') {
            i = string_end(json, i) - 1;
        } else if (c == '[' || c == '{') {
            depth++;
        } else if (depth == 0 && (c == ',' || c == ']' || c == '}')) {
            break;
        } else if (c == ']' || c == '}') {
            depth--;
        } else if (c == ':' && depth == 0 && colon == 0) {
            colon = i;
        }
    }
    if (start >= json.len) {
        return false;
    }
    *ret_key = (struct span){"", 0};
    size_t value = start;
    if (colon) {
        *ret_key = trim(span_head(span_skip(json, start), colon - start));
        value = colon + 1;
    }
    *ret_value = trim(span_head(span_skip(json, value), i - value));
    *at = i < json.len && json.data[i] == ',' ? i + 1 : json.len;
    return ret_value->len > 0;
}
