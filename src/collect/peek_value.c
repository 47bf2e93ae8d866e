/* peek_value: a stored value as lines: JSON a member a line, text as it is, all else as a hex dump. Nothing
 * is unpacked or unpickled. */
#include "peek_key.h"

#include <stdio.h>

#include "redai/base/human.h"
#include "redai/base/utf8.h"

#include "redai/schema/json_lines.h"

enum { LINE_BYTES = 2000, ITEM_COLUMNS = 160, ITEM_BYTES_MAX = 4096, ITEM_HEX_MAX = 256 };

struct lines {
    struct collect *c;
    int depth;
};

static bool add_json(void *ctx, struct span line, int depth)
{
    const struct lines *to = ctx;
    struct peek_row *row = peek_line(to->c, S(""), line, TARGET_NONE, S(""));
    row->style = PEEK_STYLE_JSON;
    row->depth = to->depth + depth;
    return !peek_is_full(to->c);
}

static void add_hex(struct collect *c, struct span bytes, int depth, size_t most)
{
    UT_string text;
    utstring_init(&text);
    for (size_t at = 0; at < bytes.len && at < most && !peek_is_full(c); at += VALUE_FORM_HEX_BYTES) {
        utstring_clear(&text);
        value_form_hex(span_skip(bytes, at), at, &text);
        struct peek_row *row = peek_line(c, S(""), text_span(&text), TARGET_NONE, S(""));
        row->style = PEEK_STYLE_HEX;
        row->depth = depth;
    }
    utstring_done(&text);
}

/* The length of a piece of a line that parts no letter. */
static size_t piece(struct span s)
{
    size_t n = s.len < LINE_BYTES ? s.len : LINE_BYTES;
    size_t back = 0;
    while (n < s.len && back < 3 && ((unsigned char)s.data[n - back] & 0xc0) == 0x80) {
        back++;
    }
    return n < s.len ? n - back : n;
}

void peek_value_text(struct collect *c, struct span text, int depth)
{
    while (text.len && !peek_is_full(c)) {
        size_t end = span_find(text, '\n');
        size_t n = piece(span_head(text, end));
        peek_line(c, S(""), span_head(text, n), TARGET_NONE, S(""))->depth = depth;
        text = span_skip(text, n + (n == end && n < text.len));
    }
}

/* Without the part of a letter at its end, where it was cut. */
static struct span without_half(struct span s)
{
    for (size_t back = 1; back < 4 && back <= s.len; back++) {
        unsigned char c = (unsigned char)s.data[s.len - back];
        if ((c & 0xc0) != 0x80) {
            uint32_t cp;
            struct span last = span_skip(s, s.len - back);
            return utf8_decode(last, &cp) == last.len && !(cp & UTF8_INVALID) ? s
                                                                              : span_head(s, s.len - back);
        }
    }
    return s;
}

enum value_form peek_value(struct collect *c, struct span bytes, bool whole, int depth, size_t hex_max)
{
    struct lines to = {c, depth};
    enum value_form form = value_form(bytes, whole);
    switch (form) {
    case VALUE_EMPTY:
        break;
    case VALUE_JSON:
    case VALUE_JSON_CUT:
        json_lines(whole ? bytes : without_half(bytes), add_json, &to);
        break;
    case VALUE_TEXT:
        peek_value_text(c, whole ? bytes : without_half(bytes), depth);
        break;
    default:
        add_hex(c, bytes, depth, hex_max);
        break;
    }
    return form;
}

/* What a line says of a value that is no text, or too long for it. */
static void sum_up(struct span bytes, enum value_form form, UT_string *out)
{
    char size[16];
    human_bytes((int64_t)bytes.len, size, sizeof size);
    if (form != VALUE_TEXT && form != VALUE_JSON && form != VALUE_JSON_CUT) {
        utstring_printf(out, "%s, %s", value_form_name[form], size);
        return;
    }
    for (size_t i = 0; i < ITEM_COLUMNS && i < bytes.len; i++) {
        bool blank = bytes.data[i] == '\n' || bytes.data[i] == '\r' || bytes.data[i] == '\t';
        text_add(out, blank ? S(" ") : span_make(bytes.data + i, 1));
    }
    out->i = without_half(text_span(out)).len;
    utstring_printf(out, " ... %s", size);
}

void peek_value_item(struct collect *c, struct span label, bool foreign, struct span bytes)
{
    enum value_form form = value_form(bytes, true);
    bool text = form == VALUE_EMPTY || form == VALUE_TEXT || form == VALUE_JSON || form == VALUE_JSON_CUT;
    bool json = form == VALUE_JSON || form == VALUE_JSON_CUT;
    bool is_short = text && bytes.len <= ITEM_COLUMNS && span_find(bytes, '\n') == bytes.len;
    UT_string line;
    utstring_init(&line);
    if (is_short) {
        text_add(&line, bytes);
    } else {
        sum_up(bytes, form, &line);
    }
    struct peek_row *row = peek_line(c, span_head(label, 200), text_span(&line), TARGET_NONE, S(""));
    row->foreign = foreign;
    row->style = json ? PEEK_STYLE_JSON : PEEK_STYLE_TEXT;
    if (!is_short) {
        peek_value(c, span_head(bytes, ITEM_BYTES_MAX), bytes.len <= ITEM_BYTES_MAX, 1, ITEM_HEX_MAX);
    }
    utstring_done(&line);
}
