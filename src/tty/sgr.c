#include "sgr.h"

#include "terminfo.h"

#include <stdio.h>
#include <string.h>

enum {
    SGR_INDEX = 1000,
    FG_DEFAULT = 39,
    BG_DEFAULT = 49,
    ATTRS_MAX = 9,
    FONT_USUAL = 10,
    CODES_MAX = 24,
    ESC = 0x1b,
    SHIFT_OUT = 0x0e,
    SHIFT_IN = 0x0f
};

static const struct sgr_pen plain_pen = {FG_DEFAULT, BG_DEFAULT, 0};

static bool capability_is(const char *name, const char *const texts[], size_t count)
{
    UT_string have;
    bool found = false;
    utstring_init(&have);
    terminfo_string(name, &have);
    for (size_t i = 0; i < count; i++) {
        found |= span_equal(text_span(&have), span_of(texts[i]));
    }
    utstring_done(&have);
    return found;
}

void sgr_init(struct sgr *s)
{
    static const char *const back[] = {"\033(B\033[m", "\033[m\017", "\033[m", "\033[0m"};
    static const char *const both[] = {"\033[39;49m"};
    *s = (struct sgr){.on = capability_is("sgr0", back, sizeof back / sizeof back[0]) &&
                            capability_is("op", both, sizeof both / sizeof both[0]),
                      .wants = plain_pen};
}

void sgr_forget(struct sgr *s)
{
    s->known = s->ascii = s->shifted_in = false;
    s->wants = plain_pen;
    s->len = 0;
}

/* --- what is said --- */

static void add_code(char *text, size_t size, size_t *len, int code, int index_as)
{
    int n = code >= SGR_INDEX
                ? snprintf(text + *len, size - *len, "%s%d;5;%d", *len ? ";" : "", index_as, code - SGR_INDEX)
                : snprintf(text + *len, size - *len, "%s%d", *len ? ";" : "", code);
    *len += n > 0 ? (size_t)n : 0;
}

static void add_attrs(char *text, size_t size, size_t *len, unsigned attrs)
{
    for (int i = 1; i <= ATTRS_MAX; i++) {
        if (attrs & 1u << i) {
            add_code(text, size, len, i, 0);
        }
    }
}

/* From nothing at all. The leading 0 may be left out alone. */
static size_t say_whole(const struct sgr_pen *to, char *text, size_t size)
{
    size_t len = 0;
    if (to->attrs || to->fg != FG_DEFAULT || to->bg != BG_DEFAULT) {
        add_code(text, size, &len, 0, 0);
    }
    add_attrs(text, size, &len, to->attrs);
    if (to->fg != FG_DEFAULT) {
        add_code(text, size, &len, to->fg, 38);
    }
    if (to->bg != BG_DEFAULT) {
        add_code(text, size, &len, to->bg, 48);
    }
    return len;
}

static size_t say_change(const struct sgr_pen *from, const struct sgr_pen *to, char *text, size_t size)
{
    size_t len = 0;
    add_attrs(text, size, &len, to->attrs & ~from->attrs);
    if (to->fg != from->fg) {
        add_code(text, size, &len, to->fg, 38);
    }
    if (to->bg != from->bg) {
        add_code(text, size, &len, to->bg, 48);
    }
    return len;
}

static bool is_same(const struct sgr_pen *a, const struct sgr_pen *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->attrs == b->attrs;
}

void sgr_settle(struct sgr *s, UT_string *out)
{
    char whole[SGR_SEQUENCE_MAX], change[SGR_SEQUENCE_MAX];
    if (!s->on || (s->known && is_same(&s->has, &s->wants))) {
        return;
    }
    size_t whole_len = say_whole(&s->wants, whole, sizeof whole);
    bool adds = s->known && !(s->has.attrs & ~s->wants.attrs);
    size_t change_len = adds ? say_change(&s->has, &s->wants, change, sizeof change) : SIZE_MAX;
    text_add(out, S("\033["));
    text_add(out, change_len < whole_len ? span_make(change, change_len) : span_make(whole, whole_len));
    text_add(out, S("m"));
    s->has = s->wants;
    s->known = true;
}

/* --- what curses says --- */

/* The codes of "...m"; -1: there is something else in it. */
static int read_codes(struct span text, int code[CODES_MAX])
{
    int count = 0;
    int value = 0;
    for (size_t i = 0; i <= text.len; i++) {
        char c = i < text.len ? text.data[i] : ';';
        if (c == ';') {
            if (count == CODES_MAX) {
                return -1;
            }
            code[count++] = value;
            value = 0;
        } else if (c >= '0' && c <= '9' && value < SGR_INDEX) {
            value = value * 10 + (c - '0');
        } else {
            return -1;
        }
    }
    return count;
}

static bool is_color(int code, int first)
{
    return (code >= first && code <= first + 7) || (code >= first + 60 && code <= first + 67);
}

/* Codes at *at; false: it is none of those. */
static bool apply(struct sgr_pen *pen, const int *code, int count, int *at)
{
    int c = code[*at];
    bool indexed = (c == 38 || c == 48) && *at + 2 < count && code[*at + 1] == 5 && code[*at + 2] < 256;
    if (c == 0) {
        *pen = plain_pen;
    } else if (c == FONT_USUAL) {
        return true; /* the console of Linux says it with every 0; another one is no code of these */
    } else if (c >= 1 && c <= ATTRS_MAX) {
        pen->attrs |= 1u << c;
    } else if (is_color(c, 30) || c == FG_DEFAULT) {
        pen->fg = c;
    } else if (is_color(c, 40) || c == BG_DEFAULT) {
        pen->bg = c;
    } else if (indexed) {
        *(c == 38 ? &pen->fg : &pen->bg) = SGR_INDEX + code[*at + 2];
        *at += 2;
    } else {
        return false;
    }
    return true;
}

static bool take_look(struct sgr *s, struct span codes)
{
    int code[CODES_MAX];
    struct sgr_pen pen = s->wants;
    int count = read_codes(codes, code);
    for (int i = 0; i < count; i++) {
        if (!apply(&pen, code, count, &i)) {
            return false;
        }
    }
    if (count >= 0) {
        s->wants = pen;
    }
    return count >= 0;
}

/* Those that move the cursor leave the pen alone. */
static bool only_moves(char last)
{
    return last && strchr("ABCDGHdf", last);
}

static void take_sequence(struct sgr *s, UT_string *out)
{
    struct span all = span_make(s->sequence, s->len);
    char last = s->sequence[s->len - 1];
    bool csi = s->len > 2 && s->sequence[1] == '[';
    s->len = 0;
    if (csi && last == 'm') {
        if (take_look(s, span_make(all.data + 2, all.len - 3))) {
            return;
        }
        sgr_settle(s, out);
        s->on = false; /* what it makes of that, curses alone knows */
    } else if (span_equal(all, S("\033(B"))) {
        if (s->ascii) {
            return;
        }
        s->ascii = true;
    } else if (!csi || !only_moves(last)) {
        sgr_settle(s, out);
        s->ascii = s->ascii && csi;
        s->shifted_in = s->shifted_in && csi;
        s->known = s->known && csi; /* it may restore what was saved, or reset */
    }
    text_add(out, all);
}

/* Whether a sequence ends with this byte: CSI with a letter or so, ESC and intermediate bytes with any other.
 */
static bool ends(const struct sgr *s, unsigned char c)
{
    if (s->len < 2) {
        return false;
    }
    if (s->sequence[1] == '[') {
        return s->len > 2 && c >= 0x40 && c <= 0x7e;
    }
    return c >= 0x30;
}

static void take_byte(struct sgr *s, char c, UT_string *out)
{
    if (s->len || c == ESC) {
        s->sequence[s->len++] = c;
        if (s->len == sizeof s->sequence || ends(s, (unsigned char)c)) {
            take_sequence(s, out);
        }
        return;
    }
    if (c == SHIFT_IN && s->shifted_in) {
        return;
    }
    s->shifted_in = (s->shifted_in && c != SHIFT_OUT) || c == SHIFT_IN;
    if (c != '\r' && c != '\b' && c != SHIFT_IN) {
        sgr_settle(s, out);
    }
    text_add(out, span_make(&c, 1));
}

void sgr_pass(struct sgr *s, struct span bytes, UT_string *out)
{
    if (!s->on) {
        text_add(out, bytes);
        return;
    }
    for (size_t i = 0; i < bytes.len; i++) {
        if (!s->on) {
            text_add(out, span_skip(bytes, i));
            return;
        }
        take_byte(s, bytes.data[i], out);
    }
}
