#include "schema/json_text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/isotime.h"
#include "redai/base/mem.h"
#include "redai/base/utf8.h"

enum { INDENT_MAX = 32 };

struct dump {
    UT_string *out;
    unsigned flags;
    size_t limit; /* length of out that is not to be passed; SIZE_MAX none */
    bool cut;
};

static void put(struct dump *d, struct span s)
{
    if (d->cut) {
        return;
    }
    if (s.len > d->limit - utstring_len(d->out)) {
        s = json_text_head(s, d->limit - utstring_len(d->out));
        d->cut = true;
    }
    text_add(d->out, s);
}

struct span json_text_head(struct span s, size_t max_bytes)
{
    if (s.len <= max_bytes) {
        return s;
    }
    /* Not within a code point: back over continuation bytes, three at most. */
    size_t len = max_bytes;
    while (len && max_bytes - len < 3 && ((unsigned char)s.data[len] & 0xC0) == 0x80) {
        len--;
    }
    return span_head(s, len);
}

static void put_escape(struct dump *d, uint32_t cp)
{
    char text[16];
    int len = cp < 0x10000 ? snprintf(text, sizeof(text), "\\u%04x", (unsigned)cp)
                           : snprintf(text, sizeof(text), "\\u%04x\\u%04x", (unsigned)(0xD7C0 + (cp >> 10)),
                                      (unsigned)(0xDC00 + (cp & 0x3FF)));
    put(d, span_make(text, (size_t)len));
}

static void put_code_point(struct dump *d, uint32_t cp, struct span bytes)
{
    static const struct {
        char byte;
        const char *escape;
    } shorts[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\r', "\\r"},
                  {'\t', "\\t"}, {'\f', "\\f"},  {'\b', "\\b"}};

    for (size_t i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++) {
        if (cp == (uint32_t)(unsigned char)shorts[i].byte) {
            put(d, span_of(shorts[i].escape));
            return;
        }
    }
    if (cp & UTF8_INVALID) {
        cp = UTF8_REPLACEMENT;
        bytes = S("\xef\xbf\xbd");
    }
    bool escape = cp < 0x20 || ((d->flags & JSON_TEXT_ASCII) && cp > 0x7E) ||
                  ((d->flags & JSON_TEXT_SAFE) && utf8_is_hostile(cp));
    if (escape) {
        put_escape(d, cp);
    } else {
        put(d, bytes);
    }
}

static bool is_plain(unsigned char byte)
{
    return byte >= ' ' && byte < 0x7F && byte != '"' && byte != '\\';
}

static void put_string(struct dump *d, struct span s)
{
    put(d, S("\""));
    while (s.len && !d->cut) {
        size_t plain = 0;
        while (plain < s.len && is_plain((unsigned char)s.data[plain])) {
            plain++;
        }
        put(d, span_head(s, plain));
        s = span_skip(s, plain);
        if (s.len) {
            uint32_t cp;
            size_t used = utf8_decode(s, &cp);
            put_code_point(d, cp, span_head(s, used));
            s = span_skip(s, used);
        }
    }
    put(d, S("\""));
}

/* Digits of the shortest decimal that reads back as value (positive), and its power of ten: d.ddd x 10^power.
 */
static void shortest_digits(double value, char digits[20], int *ret_power)
{
    /* Subnormal numbers have fewer digits than 15. */
    for (int precision = value < DBL_MIN ? 1 : 15; precision <= 17; precision++) {
        char text[48];
        snprintf(text, sizeof(text), "%.*e", precision - 1, value);
        double again = strtod(text, NULL);
        if (precision < 17 && (again < value || again > value)) {
            continue;
        }
        /* The radix character is the locale's, so digits are picked out one by one. */
        size_t n = 0;
        const char *p = text;
        for (; *p && *p != 'e'; p++) {
            if (*p >= '0' && *p <= '9' && n < 19) {
                digits[n++] = *p;
            }
        }
        while (n > 1 && digits[n - 1] == '0') {
            n--;
        }
        digits[n] = '\0';
        *ret_power = *p == 'e' ? (int)strtol(p + 1, NULL, 10) : 0;
        return;
    }
}

static void zeros(int count, UT_string *out)
{
    for (int i = 0; i < count; i++) {
        utstring_bincpy(out, "0", 1);
    }
}

void json_text_real(double value, UT_string *out)
{
    char digits[20] = "0";
    int power = 0;

    if (signbit(value)) {
        utstring_bincpy(out, "-", 1);
    }
    if (fabs(value) > 0) {
        shortest_digits(fabs(value), digits, &power);
    }
    int count = (int)strlen(digits);
    if (power < -4 || power >= 16) {
        utstring_bincpy(out, digits, 1);
        if (count > 1) {
            utstring_printf(out, ".%s", digits + 1);
        }
        utstring_printf(out, "e%c%02d", power < 0 ? '-' : '+', abs(power));
    } else if (power < 0) {
        text_add(out, S("0."));
        zeros(-power - 1, out);
        text_add(out, span_of(digits));
    } else {
        int whole = count < power + 1 ? count : power + 1;
        utstring_bincpy(out, digits, (size_t)whole);
        zeros(power + 1 - whole, out);
        utstring_printf(out, ".%s", count > whole ? digits + whole : "0");
    }
}

static void put_value(struct dump *d, json_t *value, int depth);

static void put_break(struct dump *d, int depth)
{
    if (d->flags & JSON_TEXT_PRETTY) {
        put(d, S("\n"));
        /* A limit on the blanks, or a deep value would grow a thousandfold. */
        for (int i = 0; i < depth && i < INDENT_MAX && !d->cut; i++) {
            put(d, S("  "));
        }
    }
}

static void put_comma(struct dump *d)
{
    put(d, d->flags & JSON_TEXT_SPACED ? S(", ") : S(","));
}

static void put_array(struct dump *d, json_t *array, int depth)
{
    size_t size = json_array_size(array);

    put(d, S("["));
    for (size_t i = 0; i < size && !d->cut; i++) {
        if (i) {
            put_comma(d);
        }
        put_break(d, depth + 1);
        put_value(d, json_array_get(array, i), depth + 1);
    }
    if (size) {
        put_break(d, depth);
    }
    put(d, S("]"));
}

static void put_object(struct dump *d, json_t *object, int depth)
{
    bool first = true;

    put(d, S("{"));
    for (void *it = json_object_iter(object); it && !d->cut; it = json_object_iter_next(object, it)) {
        if (!first) {
            put_comma(d);
        }
        first = false;
        put_break(d, depth + 1);
        put_string(d, span_of(json_object_iter_key(it)));
        put(d, d->flags & (JSON_TEXT_SPACED | JSON_TEXT_PRETTY) ? S(": ") : S(":"));
        put_value(d, json_object_iter_value(it), depth + 1);
    }
    if (!first) {
        put_break(d, depth);
    }
    put(d, S("}"));
}

static void put_number(struct dump *d, json_t *number)
{
    UT_string text;
    utstring_init(&text);
    if (json_is_integer(number)) {
        utstring_printf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(number));
    } else {
        json_text_real(json_real_value(number), &text);
    }
    put(d, text_span(&text));
    utstring_done(&text);
}

/* As deep as jansson's parser goes (2048), no deeper. */
static void put_value(struct dump *d, json_t *value, int depth)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(d, value, depth);
        break;
    case JSON_ARRAY:
        put_array(d, value, depth);
        break;
    case JSON_STRING:
        put_string(d, span_make(json_string_value(value), json_string_length(value)));
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        put_number(d, value);
        break;
    case JSON_TRUE:
        put(d, S("true"));
        break;
    case JSON_FALSE:
        put(d, S("false"));
        break;
    case JSON_NULL:
        put(d, S("null"));
        break;
    }
}

bool json_text_dump(json_t *value, unsigned flags, size_t max_bytes, UT_string *out)
{
    struct dump d = {out, flags, max_bytes ? utstring_len(out) + max_bytes : SIZE_MAX, false};
    put_value(&d, value, 0);
    return !d.cut;
}

void json_text_quote(struct span text, unsigned flags, UT_string *out)
{
    struct dump d = {out, flags, SIZE_MAX, false};
    put_string(&d, text);
}

void json_text_limit(UT_string *text, size_t max_bytes)
{
    if (utstring_len(text) > max_bytes) {
        text->i = json_text_head(text_span(text), max_bytes - (sizeof(JSON_TEXT_CUT) - 1)).len;
        text_add(text, S(JSON_TEXT_CUT));
    }
}

static void add_visible(struct span s, UT_string *out)
{
    while (s.len) {
        size_t nul = span_find(s, '\0');
        text_add(out, span_head(s, nul));
        if (nul < s.len) {
            text_add(out, S("\\u0000"));
        }
        s = span_skip(s, nul + 1);
    }
}

/* Takes the text's place; a little more than allowed is in it, so that the limit notices. */
static char *limited_dup(UT_string *text, size_t max_bytes)
{
    json_text_limit(text, max_bytes);
    char *copy = span_dup(text_span(text));
    utstring_done(text);
    return copy;
}

enum { NOTICE = 4 };

char *json_text_dup(json_t *value, size_t max_bytes)
{
    if (!value || json_is_null(value)) {
        return NULL;
    }
    if (!json_is_string(value)) {
        return json_text_compact_dup(value, max_bytes);
    }
    UT_string text;
    utstring_init(&text);
    struct span whole = span_make(json_string_value(value), json_string_length(value));
    add_visible(span_head(whole, max_bytes + NOTICE), &text);
    return limited_dup(&text, max_bytes);
}

char *json_text_compact_dup(json_t *value, size_t max_bytes)
{
    UT_string text;
    utstring_init(&text);
    json_text_dump(value, JSON_TEXT_COMPACT, max_bytes + NOTICE, &text);
    return limited_dup(&text, max_bytes);
}

int64_t json_text_count(json_t *value, int64_t missing)
{
    /* 2^63: the first real that no longer fits. */
    const double beyond = 9223372036854775808.0;

    if (json_is_integer(value)) {
        return json_integer_value(value) >= 0 ? (int64_t)json_integer_value(value) : missing;
    }
    if (json_is_real(value)) {
        double real = json_real_value(value);
        return real >= 0 && real < beyond && !(real - (double)(int64_t)real > 0) ? (int64_t)real : missing;
    }
    return missing;
}

void json_text_naive_time(int64_t wall_us, UT_string *out)
{
    char text[48];
    isotime_format_celery(wall_us, text, sizeof(text));
    struct span time = span_of(text);
    time = span_head(time, span_search(time, S("+00:00")));
    if (span_ends(time, S(".000000"))) {
        time.len -= sizeof(".000000") - 1;
    }
    text_add(out, S("\""));
    text_add(out, time);
    text_add(out, S("\""));
}
