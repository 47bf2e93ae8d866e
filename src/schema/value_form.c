#include "redai/schema/value_form.h"

#include "redai/base/utf8.h"

#include "redai/schema/json_lines.h"

enum { HYLL_HEADER = 16, HYLL_ENCODINGS = 2, HYLL_CARDINALITY = 8 };

const char *const value_form_name[VALUE_FORM_COUNT] = {
#define VALUE_FORM_NAME(id, name) [VALUE_##id] = name,
    VALUE_FORM_LIST(VALUE_FORM_NAME)
#undef VALUE_FORM_NAME
};

static const struct {
    struct span head;
    enum value_form form;
} heads[] = {
    {SPAN_LITERAL("\x1f\x8b\x08"), VALUE_GZIP},       {SPAN_LITERAL("\x28\xb5\x2f\xfd"), VALUE_ZSTD},
    {SPAN_LITERAL("\x04\x22\x4d\x18"), VALUE_LZ4},    {SPAN_LITERAL("BZh"), VALUE_BZIP2},
    {SPAN_LITERAL("\xfd\x37\x7a\x58\x5a"), VALUE_XZ}, {SPAN_LITERAL("\x80\x02"), VALUE_PICKLE},
    {SPAN_LITERAL("\x80\x03"), VALUE_PICKLE},         {SPAN_LITERAL("\x80\x04"), VALUE_PICKLE},
    {SPAN_LITERAL("\x80\x05"), VALUE_PICKLE},
};

static bool is_hyperloglog(struct span bytes)
{
    return bytes.len >= HYLL_HEADER && span_starts(bytes, S("HYLL")) &&
           (unsigned char)bytes.data[4] < HYLL_ENCODINGS;
}

/* Its two first bytes are a multiple of 31, with the method "deflate". */
static bool is_zlib(struct span bytes)
{
    if (bytes.len < 2) {
        return false;
    }
    unsigned first = (unsigned char)bytes.data[0], second = (unsigned char)bytes.data[1];
    return (first & 0x0f) == 8 && first >> 4 <= 7 && (first << 8 | second) % 31 == 0;
}

/* What a person can read; of a part the last letter may be missing its end. */
static bool is_text(struct span s, bool whole)
{
    while (s.data && s.len) {
        uint32_t cp;
        size_t used = utf8_decode(s, &cp);
        if (cp & UTF8_INVALID) {
            return !whole && s.len < 4 && ((unsigned char)s.data[0] & 0xc0) == 0xc0;
        }
        if ((cp < ' ' && cp != '\n' && cp != '\t' && cp != '\r') || cp == 0x7f) {
            return false;
        }
        s = span_skip(s, used);
    }
    return true;
}

static enum value_form text_form(struct span bytes, bool whole)
{
    enum json_lines_end end = json_lines(bytes, NULL, NULL);
    size_t blanks = 0;
    while (blanks < bytes.len && strchr(" \n\t\r", bytes.data[blanks])) {
        blanks++;
    }
    /* The beginning of a word or a number is no JSON that was cut. */
    bool level = blanks < bytes.len && (bytes.data[blanks] == '{' || bytes.data[blanks] == '[');
    if (end == JSON_LINES_WHOLE || (end == JSON_LINES_CUT && level && !whole)) {
        return VALUE_JSON;
    }
    return end == JSON_LINES_CUT && level ? VALUE_JSON_CUT : VALUE_TEXT;
}

enum value_form value_form(struct span bytes, bool whole)
{
    if (bytes.len == 0) {
        return VALUE_EMPTY;
    }
    if (is_hyperloglog(bytes)) {
        return VALUE_HYPERLOGLOG;
    }
    if (is_text(bytes, whole)) {
        return text_form(bytes, whole);
    }
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        if (span_starts(bytes, heads[i].head)) {
            return heads[i].form;
        }
    }
    return is_zlib(bytes) ? VALUE_ZLIB : VALUE_BINARY;
}

int64_t value_form_cardinality(struct span bytes)
{
    uint64_t count = 0;
    if (!is_hyperloglog(bytes)) {
        return -1;
    }
    for (int i = 7; i >= 0; i--) {
        count = count << 8 | (unsigned char)bytes.data[HYLL_CARDINALITY + i];
    }
    /* The highest bit says that the count is out of date. */
    return count >> 63 ? -1 : (int64_t)count;
}

void value_form_hex(struct span bytes, size_t offset, UT_string *out)
{
    bytes = span_head(bytes, VALUE_FORM_HEX_BYTES);
    utstring_printf(out, "%08zx  ", offset);
    for (size_t i = 0; i < VALUE_FORM_HEX_BYTES; i++) {
        if (i < bytes.len) {
            utstring_printf(out, "%02x ", (unsigned char)bytes.data[i]);
        } else {
            text_add(out, S("   "));
        }
    }
    text_add(out, S(" "));
    for (size_t i = 0; i < bytes.len; i++) {
        bool shown = bytes.data[i] >= ' ' && bytes.data[i] <= '~';
        text_add(out, shown ? span_make(bytes.data + i, 1) : S("."));
    }
}
