#include "scan.h"

#include <curses.h>
#include <stdio.h>
#include <term.h>

#include "redai/base/base64.h"
#include "redai/base/utf8.h"

enum { PARAMETER_MAX = 500 }; /* the largest number of ours: a row, a column, a colour, 2004 */

static char found[200];

static const char *offence(struct span raw, size_t at, const char *what)
{
    int used = snprintf(found, sizeof found, "%s at byte %zu:", what, at);
    for (size_t i = at; i < raw.len && i < at + 24 && used > 0 && (size_t)used + 5 < sizeof found; i++) {
        used += snprintf(found + used, sizeof found - (size_t)used, " %02x", (unsigned char)raw.data[i]);
    }
    return found;
}

/* Private modes that curses and the console switch. */
static bool is_our_mode(unsigned long number)
{
    static const unsigned long modes[] = {1, 7, 12, 25, 1000, 1002, 1006, 1034, 1047, 1049, 2004, 2026};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (modes[i] == number) {
            return true;
        }
    }
    return false;
}

/* A CSI sequence whose parameters begin at `at`; the length of the rest, 0 when it is not ours. */
static size_t csi_length(struct span raw, size_t at)
{
    size_t i = at;
    bool private = i < raw.len && raw.data[i] == '?';
    unsigned long number = 0;
    bool ours = true;
    for (i += private; i < raw.len; i++) {
        char c = raw.data[i];
        if (c >= '0' && c <= '9') {
            number = number * 10 + (unsigned long)(c - '0');
        } else if (c == ';' || (c >= '@' && c <= '~')) {
            ours = ours && (private ? is_our_mode(number) : number <= PARAMETER_MAX);
            number = 0;
            if (c != ';') {
                bool known = private ? c == 'h' || c == 'l' : strchr("ABCDGHJKLMPSTX@bdfhlmrt", c) != NULL;
                return ours && known ? i + 1 - at : 0;
            }
        } else {
            return 0;
        }
    }
    return raw.len - at; /* cut by the end of what was read */
}

/* The window's title, the only text of ours that the terminal keeps. */
static size_t title_length(struct span raw, size_t at)
{
    const struct span begin = SPAN_LITERAL("]2;redai-console ");
    struct span rest = span_skip(raw, at);
    size_t end = begin.len;
    if (!span_starts(rest, begin)) {
        return 0;
    }
    while (end < rest.len && (unsigned char)rest.data[end] >= 0x20 && rest.data[end] != 0x7f) {
        end++;
    }
    if (end < rest.len && rest.data[end] == '\007') {
        return end + 1;
    }
    return end + 1 < rest.len && rest.data[end] == '\033' && rest.data[end + 1] == '\\' ? end + 2 : 0;
}

/* The clipboard: what it would put there can be pasted into a shell. */
static size_t clipboard_length(struct span raw, size_t at)
{
    const struct span begin = SPAN_LITERAL("]52;c;");
    struct span rest = span_skip(raw, at);
    if (!span_starts(rest, begin)) {
        return 0;
    }
    struct span text = span_skip(rest, begin.len);
    text = span_head(text, span_find(text, '\007'));
    UT_string plain;
    utstring_init(&plain);
    bool clean = begin.len + text.len < rest.len && base64_decode(text, &plain) &&
                 !span_equal(text_span(&plain), S("pwned"));
    for (size_t i = 0; i < plain.i; i++) {
        clean = clean && (unsigned char)plain.d[i] >= 0x20 && plain.d[i] != 0x7f;
    }
    utstring_done(&plain);
    return clean ? begin.len + text.len + 1 : 0;
}

/* The same within what tmux and screen pass on. */
static size_t passed_length(struct span raw, size_t at)
{
    static const struct {
        struct span begin, end;
    } wraps[] = {{SPAN_LITERAL("Ptmux;\033\033"), SPAN_LITERAL("\033\\")},
                 {SPAN_LITERAL("P\033"), SPAN_LITERAL("\033\\")}};
    for (size_t i = 0; i < sizeof wraps / sizeof wraps[0]; i++) {
        size_t inner = span_starts(span_skip(raw, at), wraps[i].begin)
                           ? clipboard_length(raw, at + wraps[i].begin.len)
                           : 0;
        if (inner && span_starts(span_skip(raw, at + wraps[i].begin.len + inner), wraps[i].end)) {
            return wraps[i].begin.len + inner + wraps[i].end.len;
        }
    }
    return 0;
}

/* --- what a terminal's description has, but for sequences with numbers in them --- */

static UT_array *learnt; /* of char * */

void scan_learn(const char *term)
{
    int ok;
    if (learnt) {
        utarray_free(learnt);
        learnt = NULL;
    }
    if (!term || setupterm(term, 1, &ok) != OK) {
        return;
    }
    utarray_new(learnt, &ut_str_icd);
    for (size_t i = 0; strnames[i]; i++) {
        const char *text = tigetstr(strnames[i]);
        if (text && text != (char *)-1 && text[0] == '\033' && text[1] && !strchr(text, '%')) { /* NOLINT */
            utarray_push_back(learnt, &text);
        }
    }
    del_curterm(cur_term);
}

static size_t learnt_length(struct span raw, size_t at)
{
    size_t longest = 0;
    for (unsigned i = 0; learnt && i < utarray_len(learnt); i++) {
        struct span text = span_skip(span_of(*(char **)utarray_eltptr(learnt, i)), 1);
        longest = span_starts(span_skip(raw, at), text) && text.len > longest ? text.len : longest;
    }
    return longest;
}

/* What stands behind an ESC; 0 when it is not ours. */
static size_t escape_length(struct span raw, size_t at)
{
    if (at >= raw.len) {
        return 1;
    }
    switch (raw.data[at]) {
    case '[': {
        size_t len = csi_length(raw, at + 1);
        return len || at + 1 == raw.len ? 1 + len : 0;
    }
    case ']': {
        size_t len = title_length(raw, at);
        return len ? len : clipboard_length(raw, at);
    }
    case 'P':
        return passed_length(raw, at);
    case '(':
    case ')':
        return at + 1 < raw.len && strchr("B0", raw.data[at + 1]) ? 2 : 0;
    case '7':
    case '8':
    case '=':
    case '>':
    case 'M':
        return 1;
    default:
        return 0;
    }
}

const char *scan_terminal(struct span raw, bool ascii)
{
    for (size_t i = 0; i < raw.len;) {
        unsigned char c = (unsigned char)raw.data[i];
        if (c == 0x1b) {
            size_t len = learnt_length(raw, i + 1);
            len = len ? len : escape_length(raw, i + 1);
            if (!len) {
                return offence(raw, i, "a sequence that is not ours");
            }
            i += 1 + len;
        } else if (c < 0x20 || c == 0x7f) {
            if (!strchr("\r\n\b\t\016\017", c) || !c) {
                return offence(raw, i, "a control character");
            }
            i++;
        } else if (c < 0x80) {
            i++;
        } else if (ascii) {
            return offence(raw, i, "not ASCII");
        } else {
            uint32_t cp;
            size_t len = utf8_decode(span_skip(raw, i), &cp);
            if (cp & UTF8_INVALID) {
                return raw.len - i < 4 ? NULL : offence(raw, i, "no UTF-8");
            }
            if (utf8_is_hostile(cp)) {
                return offence(raw, i, "a code point without a place on a screen");
            }
            i += len;
        }
    }
    return NULL;
}

const char *scan_text(const char *text)
{
    struct span raw = span_of(text);
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.data[i] == 0x1b || (raw.data[i] == '\r' || raw.data[i] == '\b')) {
            return offence(raw, i, "a control character");
        }
    }
    return scan_terminal(raw, false);
}
