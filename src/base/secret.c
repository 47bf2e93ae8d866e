#include "redai/base/secret.h"

#include "redai/base/utf8.h"

enum {
    SHOWN = 6,      /* letters of a session id that may be seen */
    NAMED_MIN = 12, /* behind "session:": shorter ones are filters and made-up names */
    TOKEN_MIN = 40,
    PORT_DIGITS = 5
};

static const struct span session = SPAN_LITERAL("session:");

bool secret_is_token_byte(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '-';
}

void secret_forget(char **text)
{
    if (*text) {
        explicit_bzero(*text, strlen(*text));
    }
    mem_free(*text);
    *text = NULL;
}

static bool is_quote(char byte)
{
    return byte == '"' || byte == '\'' || byte == ';';
}

static bool ends_word(char byte)
{
    return is_quote(byte) || byte == '\0' || byte == '\n' || strchr(" \t\r", byte) != NULL;
}

/* --- passwords --- */

/* A port, or several hosts with theirs, as far as they are typed. */
static bool can_be_port(struct span text)
{
    size_t digits = 0;
    while (digits < text.len && text.data[digits] >= '0' && text.data[digits] <= '9') {
        digits++;
    }
    return digits <= PORT_DIGITS && (digits == text.len || strchr("/?,\"';", text.data[digits]));
}

/* Without an '@' so far: "ada:corr" is on its way to be a password, "[::1]:6379" and "host:6379/0" are not.
 */
static bool unfinished(struct span rest, struct secret *ret)
{
    size_t bracket = rest.len && rest.data[0] == '[' ? span_find(rest, ']') : 0;
    size_t colon = bracket;
    while (colon < rest.len && !strchr(":/?", rest.data[colon])) {
        colon++;
    }
    if (colon >= rest.len || rest.data[colon] != ':' ||
        (colon > 0 && can_be_port(span_skip(rest, colon + 1)))) {
        return false;
    }
    *ret = (struct secret){SECRET_PASSWORD, colon + 1, rest.len - colon - 1};
    return ret->len > 0;
}

/* Within what follows "://" up to the end of the word; ret->at counts from there. */
static bool in_authority(struct span rest, bool typed, struct secret *ret)
{
    size_t at = rest.len;
    while (at > 0 && rest.data[at - 1] != '@') {
        at--;
    }
    if (at == 0) {
        return typed && unfinished(rest, ret);
    }
    struct span user = span_head(rest, at - 1);
    size_t colon = span_find(user, ':');
    if (user.len && user.data[0] == '[') {
        return false; /* "redis://[user[:password]@]host": what is expected */
    }
    *ret = (struct secret){SECRET_PASSWORD, colon + 1, user.len - colon - 1};
    return colon < user.len && ret->len > 0;
}

/* Where a URL's user may begin: behind "//", or in front of all (":password@host"). SIZE_MAX: nowhere. */
static size_t authority_of(struct span word)
{
    size_t slashes = span_search(word, S("//"));
    size_t at = span_search(word, S(":"));
    bool bare = at == 0 && span_find(word, '@') < word.len;
    return slashes < word.len ? slashes + 2 : bare ? 0 : SIZE_MAX;
}

/* --- session ids --- */

static bool has_both_cases(struct span run)
{
    bool upper = false;
    bool lower = false;
    for (size_t i = 0; i < run.len; i++) {
        upper = upper || (run.data[i] >= 'A' && run.data[i] <= 'Z');
        lower = lower || (run.data[i] >= 'a' && run.data[i] <= 'z');
    }
    return upper && lower;
}

static struct span run_at(struct span text)
{
    size_t len = 0;
    while (len < text.len && secret_is_token_byte(text.data[len])) {
        len++;
    }
    return span_head(text, len);
}

static bool token_in(struct span word, struct secret *ret)
{
    for (size_t at = 0; at < word.len;) {
        struct span run = run_at(span_skip(word, at));
        bool named = at >= session.len && span_ends(span_head(word, at), session);
        if (named ? run.len >= NAMED_MIN : run.len >= TOKEN_MIN && has_both_cases(run)) {
            *ret = (struct secret){SECRET_TOKEN, at, run.len};
            return true;
        }
        at += run.len + 1;
    }
    return false;
}

/* --- both --- */

static bool password_in(struct span word, bool typed, struct secret *ret)
{
    size_t begin = authority_of(word);
    if (begin == SIZE_MAX || !in_authority(span_skip(word, begin), typed, ret)) {
        return false;
    }
    ret->at += begin;
    return true;
}

/* Where the word ends that begins there. Quotes and ';' may stand in the password of a URL: then it ends at a
 * blank, where an '@' comes before it or may still be typed. */
static size_t word_end(struct span text, size_t at, bool typed)
{
    size_t end = at;
    while (end < text.len && !ends_word(text.data[end])) {
        end++;
    }
    size_t blank = end;
    while (blank < text.len && (is_quote(text.data[blank]) || !ends_word(text.data[blank]))) {
        blank++;
    }
    struct span word = span_make(text.data + at, end - at);
    struct span rest = span_make(text.data + end, blank - end);
    bool is_url = span_search(word, S("//")) < word.len;
    bool goes_on = span_find(rest, '@') < rest.len || (typed && span_find(word, '@') == word.len);
    return is_url && goes_on ? blank : end;
}

static bool next(struct span text, size_t from, bool typed, struct secret *ret)
{
    size_t at = from < text.len ? from : text.len;
    while (at > 0 && (is_quote(text.data[at - 1]) || !ends_word(text.data[at - 1]))) {
        at--; /* to a blank: where a word begins that has quotes in it is known from there on */
    }
    while (at < text.len) {
        size_t end = word_end(text, at, typed);
        if (end < from) {
            at = end + 1; /* it was told */
            continue;
        }
        struct span word = span_make(text.data + at, end - at);
        struct secret found = {.len = 0};
        struct secret later = {.len = 0};
        size_t skip = from > at ? (from - at < word.len ? from - at : word.len) : 0;
        bool have = password_in(word, typed, &found);
        /* What stands in front of the password, if that was not told already; else what stands behind. */
        struct span other = have && found.at >= skip ? span_head(word, found.at) : word;
        if (token_in(span_skip(other, skip), &later)) {
            found = (struct secret){later.kind, later.at + skip, later.len};
            have = true;
        } else if (found.at < skip) {
            have = false;
        }
        if (have) {
            *ret = (struct secret){found.kind, at + found.at, found.len};
            return true;
        }
        at = end + 1;
    }
    return false;
}

bool secret_next(struct span text, size_t from, struct secret *ret)
{
    return next(text, from, false, ret);
}

static void add_stars(struct span text, UT_string *out)
{
    for (size_t i = 0; i < text.len; i++) {
        bool begins = ((unsigned char)text.data[i] & 0xC0u) != 0x80u;
        text_add(out, begins ? S("*") : S(""));
    }
}

static void mask(struct span text, bool typed, UT_string *out)
{
    struct secret found;
    size_t from = 0;
    while (next(text, from, typed, &found)) {
        size_t shown = found.kind == SECRET_TOKEN ? SHOWN : 0;
        text_add(out, span_make(text.data + from, found.at + shown - from));
        add_stars(span_make(text.data + found.at + shown, found.len - shown), out);
        from = found.at + found.len;
    }
    text_add(out, span_skip(text, from));
}

void secret_mask(struct span text, UT_string *out)
{
    mask(text, false, out);
}

char *secret_show_dup(struct span raw, int max_cols)
{
    UT_string masked;
    utstring_init(&masked);
    secret_mask(raw, &masked);
    char *shown = utf8_sanitise_dup(text_span(&masked), max_cols);
    utstring_done(&masked);
    return shown;
}

void secret_mask_typed(struct span text, UT_string *out)
{
    mask(text, true, out);
}

void secret_drop_passwords(struct span text, UT_string *out)
{
    struct secret found;
    size_t told = 0;
    for (size_t from = 0; secret_next(text, from, &found); from = found.at + found.len) {
        if (found.kind == SECRET_PASSWORD) {
            size_t end = found.at + found.len;
            text_add(out, span_make(text.data + told, found.at - 1 - told)); /* without the ':' */
            bool nobody = found.at < 2 || text.data[found.at - 2] == '/';
            told = end + (nobody && end < text.len && text.data[end] == '@');
        }
    }
    text_add(out, span_skip(text, told));
}
