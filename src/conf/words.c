#include "redai/conf/words.h"

#include "lookup.h"

#include <stdint.h>

void words_init(struct words *w)
{
    *w = (struct words){.line = NULL};
    utarray_init(&w->word, &conf_string_icd);
}

void words_release(struct words *w)
{
    utarray_done(&w->word);
    w->line = NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int hex_value(char c)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)((at - digits) % 16) : -1;
}

/* The parser's place in the line. */
struct cursor {
    const char *line;
    const char *at;
    UT_string *word;
    struct err *err;
};

static bool complain(const struct cursor *c, const char *at, const char *what)
{
    return err_set(c->err, ERR_PARSE, "column %zu: %s", (size_t)(at - c->line) + 1, what);
}

static bool take_escape(struct cursor *c)
{
    static const char plain[][2] = {{'"', '"'}, {'\\', '\\'}, {'n', '\n'}, {'t', '\t'}};
    const char *start = c->at - 1; /* the backslash */
    char letter = *c->at;
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (plain[i][0] == letter) {
            utstring_bincpy(c->word, &plain[i][1], 1);
            c->at++;
            return true;
        }
    }
    int high = letter == 'x' ? hex_value(c->at[1]) : -1;
    int low = high >= 0 ? hex_value(c->at[2]) : -1;
    if (low < 0) {
        return complain(c, start, "unknown escape, expected \\\" \\\\ \\n \\t or \\xHH");
    }
    char byte = (char)(high * 16 + low);
    if (byte == '\0') {
        return complain(c, start, "a word cannot hold a zero byte");
    }
    utstring_bincpy(c->word, &byte, 1);
    c->at += 3;
    return true;
}

static bool take_quoted(struct cursor *c)
{
    const char *start = c->at;
    char quote = *c->at++;
    while (*c->at && *c->at != quote) {
        if (*c->at == '\\' && quote == '"') {
            c->at++;
            if (!*c->at) {
                break;
            }
            if (!take_escape(c)) {
                return false;
            }
        } else {
            utstring_bincpy(c->word, c->at, 1);
            c->at++;
        }
    }
    if (!*c->at) {
        return complain(c, start, "this quote is not closed");
    }
    c->at++;
    return true;
}

static bool take_word(struct cursor *c)
{
    utstring_clear(c->word);
    while (*c->at && !is_blank(*c->at)) {
        if (*c->at == '"' || *c->at == '\'') {
            if (!take_quoted(c)) {
                return false;
            }
        } else {
            utstring_bincpy(c->word, c->at, 1);
            c->at++;
        }
    }
    return true;
}

/* Six hex digits and the word's end behind the '#'. */
static bool is_color(const char *at)
{
    enum { DIGITS = 6 };
    for (int i = 1; i <= DIGITS; i++) {
        if (hex_value(at[i]) < 0) {
            return false;
        }
    }
    return !at[DIGITS + 1] || is_blank(at[DIGITS + 1]);
}

bool words_parse(struct words *w, const char *line, struct err *err)
{
    UT_string word;
    struct cursor c = {.line = line, .at = line, .word = &word, .err = err};
    bool ok = true;
    utarray_clear(&w->word);
    w->line = line;
    utstring_init(&word);
    for (;;) {
        while (is_blank(*c.at)) {
            c.at++;
        }
        if (!*c.at || (*c.at == '#' && (utarray_len(&w->word) == 0 || !is_color(c.at)))) {
            break;
        }
        ok = take_word(&c);
        if (!ok) {
            break;
        }
        const char *text = utstring_body(&word);
        utarray_push_back(&w->word, &text);
    }
    utstring_done(&word);
    return ok;
}

size_t words_count(const struct words *w)
{
    return utarray_len(&w->word);
}

const char *words_at(const struct words *w, size_t i)
{
    return i < words_count(w) ? ((char *const *)(const void *)w->word.d)[i] : NULL;
}

const char *words_value(const struct words *w, size_t from, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = from; i < words_count(w); i++) {
        const char *word = words_at(w, i);
        if (strncmp(word, name, len) == 0 && word[len] == '=') {
            return word + len + 1;
        }
    }
    return NULL;
}

static bool is_plain(const char *text)
{
    if (!*text || *text == '#') { /* a colour, too, would be a comment as the first word */
        return false;
    }
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c <= ' ' || c == 0x7F || c == '"' || c == '\'') {
            return false;
        }
    }
    return true;
}

void words_quote(const char *text, UT_string *out)
{
    if (is_plain(text)) {
        text_add(out, span_of(text));
        return;
    }
    text_add(out, S("\""));
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\') {
            utstring_printf(out, "\\%c", c);
        } else if (c < ' ' || c == 0x7F) {
            utstring_printf(out, "\\x%02x", (unsigned)c);
        } else {
            utstring_bincpy(out, p, 1);
        }
    }
    text_add(out, S("\""));
}
