#include "schema/lenient.h"

#include "redai/base/mem.h"
#include "redai/base/num.h"
#include "redai/base/utf8.h"

/* An integer of so many digits always fits 64 bit. */
enum { SAFE_DIGITS = 18 };

static json_t *strict_load(struct span text)
{
    json_error_t error;
    json_t *json = json_loadb(text.data ? text.data : "", text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);

    if (!json && json_error_code(&error) == json_error_out_of_memory) {
        mem_exhausted();
    }
    return json;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* True when the token that ends at `at` is an object's key: only strings can be. */
static bool colon_follows(struct span text, size_t at)
{
    while (at < text.len && is_blank(text.data[at])) {
        at++;
    }
    return at < text.len && text.data[at] == ':';
}

/* The value of the escape \uXXXX at `at`, or -1 when it is none. */
static int escape_value(struct span text, size_t at)
{
    if (text.len < 6 || at > text.len - 6 || text.data[at] != '\\' || text.data[at + 1] != 'u') {
        return -1;
    }
    int value = 0;
    for (size_t i = at + 2; i < at + 6; i++) {
        char c = text.data[i];
        int digit = is_digit(c)              ? c - '0'
                    : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                    : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                             : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* Copies one escape, lone surrogates (and NULs if asked) made visible. Returns bytes read. */
static size_t copy_escape(struct span text, size_t at, bool show_nul, UT_string *out)
{
    int value = escape_value(text, at);
    if (value < 0) {
        text_add(out, span_head(span_skip(text, at), 2));
        return 2;
    }
    if (value >= 0xD800 && value <= 0xDBFF) {
        int low = escape_value(text, at + 6);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            text_add(out, span_make(text.data + at, 12));
            return 12;
        }
    }
    if ((value >= 0xD800 && value <= 0xDFFF) || (value == 0 && show_nul)) {
        text_add(out, S("\\"));
    }
    text_add(out, span_make(text.data + at, 6));
    return 6;
}

/* Copies the string that begins at `at` (a quote); returns where it ended. */
static size_t copy_string(struct span text, size_t at, bool show_nul, UT_string *out)
{
    text_add(out, S("\""));
    at++;
    while (at < text.len) {
        size_t run = at;
        while (run < text.len && text.data[run] != '"' && text.data[run] != '\\') {
            run++;
        }
        text_add(out, span_make(text.data + at, run - at));
        at = run;
        if (at >= text.len) {
            break;
        }
        if (text.data[at] == '"') {
            text_add(out, S("\""));
            return at + 1;
        }
        at += copy_escape(text, at, show_nul, out);
    }
    return text.len;
}

static size_t rewrite_string(struct span text, size_t at, UT_string *out)
{
    size_t start = utstring_len(out);
    size_t end = copy_string(text, at, false, out);

    if (colon_follows(text, end)) {
        out->i = start;
        copy_string(text, at, true, out);
    }
    return end;
}

/* Length of the JSON number at the front of s, 0 when it is none; tells whether it is whole. */
static size_t number_length(struct span s, bool *ret_whole)
{
    size_t at = s.len && s.data[0] == '-' ? 1 : 0;
    size_t first = at;

    *ret_whole = true;
    while (at < s.len && is_digit(s.data[at])) {
        at++;
    }
    if (at == first || (s.data[first] == '0' && at > first + 1)) {
        return 0;
    }
    if (at + 1 < s.len && s.data[at] == '.' && is_digit(s.data[at + 1])) {
        *ret_whole = false;
        at++;
        while (at < s.len && is_digit(s.data[at])) {
            at++;
        }
    }
    size_t power = at;
    if (power < s.len && (s.data[power] == 'e' || s.data[power] == 'E')) {
        power++;
        if (power < s.len && (s.data[power] == '+' || s.data[power] == '-')) {
            power++;
        }
        size_t digits = power;
        while (power < s.len && is_digit(s.data[power])) {
            power++;
        }
        if (power > digits) {
            *ret_whole = false;
            at = power;
        }
    }
    return at;
}

static bool number_fits(struct span number, bool whole)
{
    int64_t integer;
    double real;

    if (whole) {
        return number.len <= SAFE_DIGITS || num_i64(number, &integer);
    }
    return num_f64(number, &real);
}

static void quote_token(struct span text, size_t at, size_t len, UT_string *out)
{
    bool key = colon_follows(text, at + len); /* no key in Python either: left as it is, so refused */
    text_add(out, key ? S("") : S("\""));
    text_add(out, span_make(text.data + at, len));
    text_add(out, key ? S("") : S("\""));
}

/* One token outside of strings; returns bytes read. */
static size_t rewrite_token(struct span text, size_t at, UT_string *out)
{
    static const struct span words[] = {SPAN_LITERAL("NaN"), SPAN_LITERAL("Infinity"),
                                        SPAN_LITERAL("-Infinity")};
    struct span rest = span_skip(text, at);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_starts(rest, words[i])) {
            quote_token(text, at, words[i].len, out);
            return words[i].len;
        }
    }
    if (rest.data[0] == '-' || is_digit(rest.data[0])) {
        bool whole;
        size_t len = number_length(rest, &whole);
        if (len && !number_fits(span_head(rest, len), whole)) {
            quote_token(text, at, len, out);
            return len;
        }
        if (len) {
            text_add(out, span_make(rest.data, len));
            return len;
        }
    }
    text_add(out, span_make(rest.data, 1));
    return 1;
}

static json_t *rewrite_load(struct span text)
{
    UT_string out;
    utstring_init(&out);
    utstring_reserve(&out, text.len + 64);

    for (size_t at = 0; at < text.len;) {
        if (text.data[at] == '"') {
            at = rewrite_string(text, at, &out);
        } else {
            at += rewrite_token(text, at, &out);
        }
    }
    json_t *json = strict_load(text_span(&out));
    utstring_done(&out);
    return json;
}

json_t *lenient_load(struct span text)
{
    json_t *json = strict_load(text);
    return json ? json : rewrite_load(text);
}

json_t *lenient_load_bytes(struct span text)
{
    json_t *json = lenient_load(text);
    if (json) {
        return json;
    }
    UT_string valid;
    bool changed = false;
    utstring_init(&valid);
    for (struct span rest = text; rest.len;) {
        uint32_t cp;
        size_t used = utf8_decode(rest, &cp);
        bool bad = (cp & UTF8_INVALID) != 0;
        changed |= bad;
        text_add(&valid, bad ? S("\xef\xbf\xbd") : span_head(rest, used));
        rest = span_skip(rest, used);
    }
    json = changed ? lenient_load(text_span(&valid)) : NULL;
    utstring_done(&valid);
    return json;
}

/* Where the last whole member of an unfinished object ends: 0 when the text is no unfinished object. */
static size_t whole_members(struct span text, bool *ret_cut)
{
    size_t depth = 0;
    size_t end = 0;
    bool in_string = false;

    for (size_t at = 0; at < text.len; at++) {
        char c = text.data[at];
        if (in_string) {
            if (c == '\\') {
                at++;
            } else if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && depth) {
            depth--;
        } else if (c == ',' && depth == 1) {
            end = at;
        }
    }
    *ret_cut = depth > 0 || in_string;
    return end;
}

json_t *lenient_load_head(struct span text, enum lenient_outcome *ret_outcome)
{
    json_t *json = lenient_load(text);
    *ret_outcome = json ? LENIENT_OK : LENIENT_NOT_JSON;
    while (text.len && is_blank(text.data[0])) {
        text = span_skip(text, 1);
    }
    if (json || text.len == 0 || text.data[0] != '{') {
        return json;
    }
    bool cut;
    size_t end = whole_members(text, &cut);
    if (!cut) {
        return NULL;
    }
    UT_string mended;
    utstring_init(&mended);
    text_add(&mended, end ? span_head(text, end) : S("{"));
    text_add(&mended, S("}"));
    json = lenient_load(text_span(&mended));
    utstring_done(&mended);
    if (json) {
        *ret_outcome = LENIENT_CUT;
    }
    return json;
}
