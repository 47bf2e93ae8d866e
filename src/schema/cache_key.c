#include "redai/schema/cache_key.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "redai/base/utf8.h"

struct named {
    struct span name, value;
};

/* As many names as Python has; letters beyond ASCII are taken for letters of names. */
static bool is_name(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
        if (!letter && !(i > 0 && c >= '0' && c <= '9')) {
            return false;
        }
    }
    return s.len > 0;
}

static bool split(struct span word, struct named *ret)
{
    size_t at = span_find(word, '=');
    if (at == word.len || !is_name(span_head(word, at))) {
        return false;
    }
    *ret = (struct named){span_head(word, at), span_skip(word, at + 1)};
    return true;
}

/* Python compares code points, and UTF-8 keeps their order. */
static int by_name(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    return span_compare(a->name, b->name);
}

/* Characters of a text; SIZE_MAX when it is none. */
static size_t characters(struct span s)
{
    size_t n = 0;
    for (; s.len; n++) {
        uint32_t cp;
        size_t used = utf8_decode(s, &cp);
        if (cp & UTF8_INVALID) {
            return SIZE_MAX;
        }
        s = span_skip(s, used);
    }
    return n;
}

static bool add_hash(struct span text, UT_string *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (!EVP_Digest(text.data, text.len, digest, &len, EVP_sha256(), NULL)) {
        return false;
    }
    for (unsigned i = 0; i < CACHE_KEY_HASH_DIGITS / 2 && i < len; i++) {
        utstring_printf(out, "%02x", digest[i]);
    }
    return true;
}

static bool add_whole(struct span prefix, struct span whole, UT_string *out, struct err *err)
{
    size_t length = characters(whole);
    if (length == SIZE_MAX) {
        return err_set(err, ERR_USAGE, "a call's arguments are texts: these bytes are no UTF-8");
    }
    if (length <= CACHE_KEY_CHARACTERS_MAX) {
        text_add(out, whole);
        return true;
    }
    text_add(out, prefix);
    text_add(out, S(":"));
    return add_hash(whole, out) || err_set(err, ERR_IO, "SHA-256 is not to be had");
}

static bool check(const struct named *named, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        int shown = (int)span_head(named[i].name, 60).len;
        if (span_equal(named[i].name, S("prefix"))) {
            return err_set(err, ERR_USAGE,
                           "no cached call has an argument \"prefix\": generate_cache_key has it for itself");
        }
        if (i > 0 && span_equal(named[i - 1].name, named[i].name)) {
            return err_set(err, ERR_USAGE, "the argument %.*s is given twice", shown, named[i].name.data);
        }
    }
    return true;
}

bool cache_key_make(struct span prefix, size_t count, const struct span *word, UT_string *out,
                    struct err *err)
{
    struct named *named = mem_zalloc((count + 1) * sizeof *named);
    size_t n = 0;
    UT_string whole;
    utstring_init(&whole);
    text_add(&whole, prefix);
    for (size_t i = 0; i < count; i++) {
        if (split(word[i], &named[n])) {
            n++;
        } else {
            text_add(&whole, S(":"));
            text_add(&whole, word[i]);
        }
    }
    qsort(named, n, sizeof *named, by_name);
    for (size_t i = 0; i < n; i++) {
        text_add(&whole, S(":"));
        text_add(&whole, named[i].name);
        text_add(&whole, S(":"));
        text_add(&whole, named[i].value);
    }
    bool ok = check(named, n, err) && add_whole(prefix, text_span(&whole), out, err);
    utstring_done(&whole);
    mem_free(named);
    return ok;
}

struct span cache_key_last_part(struct span key)
{
    size_t at = key.len;
    while (at > 0 && key.data[at - 1] != ':') {
        at--;
    }
    return at > 0 ? span_skip(key, at) : S("");
}

bool cache_key_is_hashed(struct span key)
{
    struct span part = cache_key_last_part(key);
    for (size_t i = 0; i < part.len; i++) {
        char c = part.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return part.len == CACHE_KEY_HASH_DIGITS;
}

bool cache_key_has_part(struct span key, size_t from, struct span part)
{
    struct span rest = span_skip(key, from);
    for (;;) {
        size_t end = span_find(rest, ':');
        if (span_equal(span_head(rest, end), part)) {
            return true;
        }
        if (end == rest.len) {
            return false;
        }
        rest = span_skip(rest, end + 1);
    }
}
