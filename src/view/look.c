#include "look.h"

#include "texts.h"

#include "redai/base/utf8.h"

struct look look_at(const struct model *m, bool ascii, bool roomy)
{
    return (struct look){
        .m = m, .now_us = model_now_us(m), .wall_us = model_wall_us(m), .ascii = ascii, .roomy = roomy};
}

const char *look_text(const struct look *look, enum veil_kind kind, const char *text, char out[VEIL_MAX])
{
    if (!look->veil || kind == VEIL_PLAIN) {
        return text;
    }
    veil_text(look->veil, kind, span_of(text), out, VEIL_MAX);
    return out;
}

enum veil_kind look_kind(enum target_kind kind)
{
    static const enum veil_kind kinds[TARGET_COUNT] = {
        [TARGET_NONE] = VEIL_PLAIN,    [TARGET_SESSION] = VEIL_SESSION, [TARGET_USER] = VEIL_USER,
        [TARGET_FAMILY] = VEIL_FAMILY, [TARGET_KEY] = VEIL_KEY,         [TARGET_QUEUE] = VEIL_PLAIN,
        [TARGET_TASK] = VEIL_PLAIN,    [TARGET_WORKER] = VEIL_NODE,     [TARGET_ALERT] = VEIL_PLAIN,
        [TARGET_PATTERN] = VEIL_KEY,   [TARGET_MESSAGE] = VEIL_PAYLOAD, [TARGET_DELIVERY] = VEIL_PLAIN,
        [TARGET_GROUP] = VEIL_PAYLOAD, [TARGET_LINE] = VEIL_PAYLOAD,    [TARGET_CHANGE] = VEIL_PLAIN,
        [TARGET_CLIENT] = VEIL_PLAIN,  [TARGET_COMMAND] = VEIL_PLAIN,   [TARGET_SLOW] = VEIL_KEY,
        [TARGET_VITAL] = VEIL_PLAIN,
    };
    return (unsigned)kind < TARGET_COUNT ? kinds[kind] : VEIL_PAYLOAD;
}

/* --- prose --- */

/* A number, with a unit behind it or without: 12, 34.0K, 3m12s, 99.5%. */
static bool is_measure(struct span word)
{
    size_t i = 0;
    while (i < word.len) {
        size_t from = i;
        while (i < word.len && (word.data[i] == '.' || (word.data[i] >= '0' && word.data[i] <= '9'))) {
            i++;
        }
        size_t unit = i;
        while (i < word.len && i < unit + 2 && strchr("smhdyukKMGTB%", word.data[i])) {
            i++;
        }
        if (unit == from || (i == unit && i < word.len) || unit - from > 9) {
            return false;
        }
    }
    return word.len > 0;
}

/* "02:14:05" */
static bool is_clock(struct span word)
{
    enum { LONGEST = 8 };
    for (size_t i = 0; i < word.len; i++) {
        bool colon = i % 3 == 2;
        if (colon ? word.data[i] != ':' : word.data[i] < '0' || word.data[i] > '9') {
            return false;
        }
    }
    return word.len <= LONGEST && word.len % 3 == 2;
}

static bool has(struct span word, char from, char to)
{
    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] >= from && word.data[i] <= to) {
            return true;
        }
    }
    return false;
}

/* ":revoke again": no key of the platform begins so. */
static bool is_command(struct span word)
{
    size_t i = 1;
    while (i < word.len && ((word.data[i] >= 'a' && word.data[i] <= 'z') || word.data[i] == '-')) {
        i++;
    }
    return word.len > 1 && word.data[0] == ':' && i == word.len;
}

/* What a word of a line could be. Words of letters are of our own making, and so are numbers that measure
 * something; where letters and digits are mixed it is an id. */
static enum veil_kind kind_of_word(struct span word)
{
    enum { SHORT_ID = 7, ID_FROM = 5 };
    if (is_measure(word) || is_clock(word) || is_command(word)) {
        return VEIL_PLAIN;
    }
    if (has(word, '@', '@')) {
        return VEIL_MAIL;
    }
    if (has(word, ':', ':') || has(word, '/', '/')) {
        return VEIL_KEY;
    }
    if (word.len > 1 && word.data[word.len - 1] == '~') {
        return word.len == SHORT_ID ? VEIL_SESSION : VEIL_PAYLOAD;
    }
    for (size_t i = 0; i < word.len; i++) {
        if ((unsigned char)word.data[i] >= 0x80) {
            return VEIL_PAYLOAD;
        }
    }
    return has(word, '0', '9') && word.len >= ID_FROM ? VEIL_PAYLOAD : VEIL_PLAIN;
}

static bool ends_word(char c)
{
    return c == ' ' || c == ',' || c == ';' || c == '(' || c == ')' || c == '"' || c == '\'';
}

/* Bytes of a quoted text, with its quotes; 0 when it is none. An apostrophe within a word is none. A single
 * letter or sign is a key to press: "'x' revokes it". */
static size_t quoted_length(struct span text, size_t at)
{
    enum { KEY = 3 };
    char quote = text.data[at];
    if ((quote != '"' && quote != '\'') || (at > 0 && !ends_word(text.data[at - 1]))) {
        return 0;
    }
    size_t end = span_find(span_skip(text, at + 1), quote);
    size_t len = end < text.len - at - 1 ? end + 2 : 0;
    bool key = len == KEY && (text.data[at + 1] < '0' || text.data[at + 1] > '9');
    return key ? 0 : len;
}

const char *look_prose(const struct look *look, const char *text, char *out, size_t size)
{
    if (!look->veil) {
        return text;
    }
    UT_string made;
    utstring_init(&made);
    struct span all = span_of(text);
    size_t at = 0;
    while (at < all.len) {
        size_t n = quoted_length(all, at);
        enum veil_kind kind = VEIL_PAYLOAD;
        if (!n) {
            while (at + n < all.len && !ends_word(all.data[at + n])) {
                n++;
            }
            size_t bare = n; /* a colon or a full stop behind a word is not of it */
            while (bare > 1 && strchr(":.", all.data[at + bare - 1])) {
                bare--;
            }
            n = bare ? bare : 1;
            kind = bare ? kind_of_word(span_make(all.data + at, n)) : VEIL_PLAIN;
        }
        char shown[VEIL_MAX];
        struct span word = span_make(all.data + at, n);
        if (kind != VEIL_PLAIN) {
            word = span_make(shown, veil_text(look->veil, kind, word, shown, sizeof shown));
        }
        text_add(&made, word);
        at += n;
    }
    text_copy(out, size, text_span(&made));
    utstring_done(&made);
    return out;
}
