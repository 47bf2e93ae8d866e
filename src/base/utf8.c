#include "redai/base/utf8.h"

#include "base/utf8_ranges.h"

#include <stdlib.h>
#include <wchar.h>

enum { MARK_SIZE = 16 }; /* "\U0010ffff" and to spare */

/* One piece of a display copy: a code point as it stands, or the mark that stands for it. */
struct piece {
    struct span bytes; /* into the raw text, or into mark */
    int cols;
    char mark[MARK_SIZE];
};

/* Bytes the lead byte announces, 0 when it is none; *ret_min is the smallest code point that needs them. */
static size_t sequence_length(unsigned char lead, uint32_t *ret_min)
{
    if (lead >= 0xC2 && lead <= 0xDF) {
        *ret_min = 0x80;
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        *ret_min = 0x800;
        return 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        *ret_min = 0x10000;
        return 4;
    }
    return 0;
}

size_t utf8_decode(struct span s, uint32_t *cp)
{
    if (s.len == 0) {
        return 0;
    }
    unsigned char lead = (unsigned char)s.data[0];
    if (lead < 0x80) {
        *cp = lead;
        return 1;
    }
    uint32_t min = 0;
    size_t len = sequence_length(lead, &min);
    *cp = UTF8_INVALID | lead;
    if (len == 0 || len > s.len) {
        return 1;
    }
    uint32_t value = lead & (0xFFu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        unsigned char byte = (unsigned char)s.data[i];
        if ((byte & 0xC0) != 0x80) {
            return 1;
        }
        value = value << 6 | (byte & 0x3Fu);
    }
    if (value < min || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return 1;
    }
    *cp = value;
    return len;
}

size_t utf8_encode(uint32_t cp, char *out)
{
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
        cp = UTF8_REPLACEMENT;
    }
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

int utf8_width(uint32_t cp)
{
    if (cp < 0xA0 || cp > 0x10FFFF) {
        return 1;
    }
    /* libc first: it is what the screen library goes by. Outside a UTF-8 locale it knows nothing. */
    int width = wcwidth((wchar_t)cp);
    if (width >= 0) {
        return width > 2 ? 2 : width;
    }
    return utf8_ranges_hold(&utf8_wide_ranges, cp) ? 2 : 1;
}

int utf8_text_width(struct span s)
{
    int cols = 0;
    uint32_t cp;

    while (s.len > 0) {
        s = span_skip(s, utf8_decode(s, &cp));
        cols += utf8_width(cp);
    }
    return cols;
}

bool utf8_is_hostile(uint32_t cp)
{
    if (cp >= 0x20 && cp < 0x7F) {
        return false;
    }
    return cp > 0x10FFFF || utf8_ranges_hold(&utf8_hostile_ranges, cp);
}

/* Beside the hostile ones: what this libc gives no column, or in a UTF-8 locale does not know at all. The
 * screen library could only guess where the next cell begins. */
static bool needs_mark(uint32_t cp)
{
    if (utf8_is_hostile(cp)) {
        return true;
    }
    if (cp < 0xA0) {
        return false;
    }
    int width = wcwidth((wchar_t)cp);
    return width == 0 || (width < 0 && MB_CUR_MAX > 1);
}

static size_t mark_hex(char *out, char letter, uint32_t value, int digits)
{
    static const char hex[] = "0123456789abcdef";
    size_t at = 0;

    out[at++] = '\\';
    out[at++] = letter;
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
        out[at++] = hex[value >> shift & 0xF];
    }
    return at;
}

static size_t mark_of(uint32_t cp, char *out)
{
    if (cp & UTF8_INVALID) {
        return mark_hex(out, 'x', cp & 0xFF, 2);
    }
    if (cp < 0x20 || cp == 0x7F) {
        out[0] = '^';
        out[1] = (char)(cp ^ 0x40);
        return 2;
    }
    if (cp < 0x100) {
        return mark_hex(out, 'x', cp, 2);
    }
    return cp < 0x10000 ? mark_hex(out, 'u', cp, 4) : mark_hex(out, 'U', cp, 8);
}

/* Takes the piece at the front of raw (not empty) and returns the bytes used. */
static size_t piece_next(struct span raw, struct piece *piece)
{
    uint32_t cp;
    size_t used = utf8_decode(raw, &cp);

    if (needs_mark(cp)) {
        piece->bytes = span_make(piece->mark, mark_of(cp, piece->mark));
        piece->cols = (int)piece->bytes.len;
    } else {
        piece->bytes = span_head(raw, used);
        piece->cols = utf8_width(cp);
    }
    return used;
}

static size_t printable_ascii(struct span s)
{
    size_t n = 0;
    while (n < s.len && s.data[n] >= 0x20 && s.data[n] < 0x7F) {
        n++;
    }
    return n;
}

static void cut_at(UT_string *out, size_t len)
{
    out->i = len;
    out->d[len] = '\0';
    text_add(out, S("~"));
}

void utf8_sanitise(struct span raw, int max_cols, UT_string *out)
{
    size_t limit = max_cols > 0 ? (size_t)max_cols : SIZE_MAX;
    size_t cols = 0;
    size_t cut = out->i; /* the longest beginning that leaves a column for the "~" */

    while (raw.len > 0) {
        /* Most of what Redis holds is ASCII: whole runs at once, short of the last column. */
        size_t room = limit - 1 > cols ? limit - 1 - cols : 0;
        size_t run = printable_ascii(span_head(raw, room));
        if (run > 0) {
            text_add(out, span_head(raw, run));
            raw = span_skip(raw, run);
            cols += run;
            cut = out->i;
            continue;
        }
        struct piece piece;
        raw = span_skip(raw, piece_next(raw, &piece));
        if ((size_t)piece.cols > limit - cols) {
            cut_at(out, cut);
            return;
        }
        text_add(out, piece.bytes);
        cols += (size_t)piece.cols;
        if (cols < limit) {
            cut = out->i;
        }
    }
}

char *utf8_sanitise_dup(struct span raw, int max_cols)
{
    UT_string text;

    utstring_init(&text);
    utf8_sanitise(raw, max_cols, &text);
    char *copy = span_dup(text_span(&text));
    utstring_done(&text);
    return copy;
}
