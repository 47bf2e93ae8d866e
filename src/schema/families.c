/* families: the second half of keyname.h: prefixes and the names of key families. */
#include <stdlib.h>

#include "redai/base/mem.h"

#include "redai/schema/keyname.h"

/* user:<uid>:sessions is no prefix; a row longer than its "user:" may still take such a key. */
#define USER_PREFIX_LEN 5

static const struct {
    struct span prefix, name;
} defaults[] = {
    {SPAN_LITERAL("session:"), SPAN_LITERAL("session")},
    {SPAN_LITERAL("batch:progress:"), SPAN_LITERAL("batch:progress")},
    {SPAN_LITERAL("task:test:"), SPAN_LITERAL("task:test")},
    {SPAN_LITERAL("exam:"), SPAN_LITERAL("exam")},
    {SPAN_LITERAL("exam:questions:"), SPAN_LITERAL("exam:questions")},
    {SPAN_LITERAL("_kombu."), SPAN_LITERAL(FAMILY_CELERY)},
    {SPAN_LITERAL("celery-task-meta-"), SPAN_LITERAL(FAMILY_CELERY)},
    {SPAN_LITERAL("celery-taskset-meta-"), SPAN_LITERAL(FAMILY_CELERY)},
};

static void prefix_release(void *element)
{
    struct family_prefix *p = element;
    mem_free(p->prefix);
    mem_free(p->name);
}

static const UT_icd prefix_icd = {sizeof(struct family_prefix), NULL, NULL, prefix_release};

/* By first byte, the longest first: the first that fits within a bucket is the longest. */
static int prefix_compare(const void *left, const void *right)
{
    const struct family_prefix *a = left;
    const struct family_prefix *b = right;
    int byte_a = (unsigned char)a->prefix[0];
    int byte_b = (unsigned char)b->prefix[0];

    if (byte_a != byte_b) {
        return byte_a - byte_b;
    }
    if (a->len != b->len) {
        return a->len > b->len ? -1 : 1;
    }
    return memcmp(a->prefix, b->prefix, a->len);
}

static const struct family_prefix *rows_of(const struct families *f)
{
    return (const struct family_prefix *)(const void *)f->prefix.d;
}

static void index_rebuild(struct families *f)
{
    utarray_sort(&f->prefix, prefix_compare);
    const struct family_prefix *row = rows_of(f);
    unsigned at = 0;
    for (unsigned byte = 0; byte < FAMILY_BUCKETS; byte++) {
        f->first[byte] = at;
        while (at < f->prefix.i && (unsigned char)row[at].prefix[0] == byte) {
            at++;
        }
    }
    f->first[FAMILY_BUCKETS] = at;
}

void families_init(struct families *f)
{
    *f = (struct families){0};
    utarray_init(&f->prefix, &prefix_icd);
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        families_add(f, defaults[i].prefix, defaults[i].name);
    }
}

void families_release(struct families *f)
{
    if (f->prefix.icd.sz) {
        utarray_done(&f->prefix);
    }
    *f = (struct families){0};
}

void families_add(struct families *f, struct span prefix, struct span name)
{
    if (prefix.len == 0 || name.len == 0) {
        return;
    }
    struct family_prefix *rows = (struct family_prefix *)(void *)f->prefix.d;
    for (unsigned i = 0; i < f->prefix.i; i++) {
        struct family_prefix *row = &rows[i];
        if (span_equal(prefix, span_make(row->prefix, row->len))) {
            mem_free(row->name);
            row->name = span_dup(name);
            row->name_len = name.len;
            return;
        }
    }
    struct family_prefix row = {span_dup(prefix), prefix.len, span_dup(name), name.len};
    utarray_push_back(&f->prefix, &row);
    index_rebuild(f);
}

static const struct family_prefix *longest_prefix(const struct families *f, struct span key)
{
    unsigned byte = (unsigned char)key.data[0];
    const struct family_prefix *row = rows_of(f);

    for (unsigned i = f->first[byte]; i < f->first[byte + 1]; i++) {
        if (key.len >= row[i].len && memcmp(key.data, row[i].prefix, row[i].len) == 0) {
            return &row[i];
        }
    }
    return NULL;
}

/* Ends a name before the repr of an object ("<Session object at 0x7f..>"): a name with an address in it would
 * make a family of every key. "<lambda>" is a fixed text. */
static struct span without_repr(struct span name)
{
    size_t from = 0;
    for (;;) {
        size_t at = from + span_find(span_skip(name, from), '<');
        if (at >= name.len) {
            return name;
        }
        if (!span_starts(span_skip(name, at), S("<lambda>"))) {
            return span_head(name, at);
        }
        from = at + 1;
    }
}

/* --- the second level --- */

static bool is_letter(unsigned char c)
{
    unsigned char low = c | 0x20;
    return (low >= 'a' && low <= 'z') || c >= 0x80; /* words of other alphabets are words */
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(unsigned char c)
{
    unsigned char low = c | 0x20;
    return is_digit(c) || (low >= 'a' && low <= 'f');
}

/* A word names a kind of things; an id (number, uuid, hash, token) names one of them. Digits are fine at the
 * end of a word, one or two of them ("v2"). */
static bool is_word(struct span part)
{
    enum { HEX_LEAST = 8, DIGITS_MOST = 2 };
    size_t letters = 0, hex = 0, digits = 0;
    if (!part.data || part.len == 0 || part.len > FAMILY_WORD_MAX ||
        !(is_letter((unsigned char)part.data[0]) || part.data[0] == '_')) {
        return false;
    }
    for (size_t i = 0; i < part.len; i++) {
        unsigned char c = (unsigned char)part.data[i];
        bool joins = c == '_' || c == '-' || c == '.';
        if (digits && !is_digit(c)) {
            return false;
        }
        letters += is_letter(c);
        digits += is_digit(c);
        hex += is_hex(c);
        if (!joins && !is_letter(c) && !is_digit(c)) {
            return false;
        }
    }
    return letters > 0 && digits <= DIGITS_MOST && !(part.len >= HEX_LEAST && hex == part.len);
}

/* A name without what a repr or a cut left behind. */
static struct span trimmed(struct span name)
{
    while (name.len && name.data && (name.data[name.len - 1] == ':' || name.data[name.len - 1] == '.')) {
        name.len--;
    }
    return name;
}

/* How far the name of "shop:basket:7" goes, whose first part ends at end; end itself when there is no second
 * level. */
static size_t second_level(struct span key, size_t end)
{
    struct span rest = span_skip(key, end + 1);
    size_t part = span_find(rest, ':');
    bool followed = part + 1 < rest.len;
    return followed && end + 1 + part <= FAMILY_NAME_MAX && is_word(span_head(rest, part)) ? end + 1 + part
                                                                                           : end;
}

static struct span name_by_colon(struct span key, struct span *ret_parent)
{
    size_t end = span_find(key, ':');
    size_t first = end;
    if (end == key.len) {
        return S(FAMILY_BARE);
    }
    /* The cache decorator's own default prefix is "cache:<module>.<function>". */
    bool decorated = span_equal(span_head(key, end), S("cache"));
    if (decorated && end + 1 < key.len) {
        size_t function = span_find(span_skip(key, end + 1), ':');
        if (function > 0) {
            end += 1 + function;
        }
    } else if (!decorated && trimmed(span_head(key, first)).len) {
        end = second_level(key, first);
    }
    struct span name = trimmed(span_head(without_repr(span_head(key, end)), FAMILY_NAME_MAX));
    if (!decorated && end > first && name.len > first) {
        *ret_parent = trimmed(span_head(name, first));
    }
    return name.len ? name : S(FAMILY_BARE);
}

struct span families_leaf(const struct families *f, struct span key, struct span *ret_parent)
{
    *ret_parent = S("");
    if (key.len == 0) {
        return S(FAMILY_BARE);
    }
    const struct family_prefix *row = longest_prefix(f, key);
    bool maybe_user = key.data[0] == 'u';
    if (row && !(maybe_user && row->len <= USER_PREFIX_LEN)) {
        return span_make(row->name, row->name_len);
    }
    struct span id;
    switch (keyname_kind(key, &id)) {
    case KEY_USER_SESSIONS:
        return S(FAMILY_USER_SESSIONS);
    case KEY_UNACKED:
    case KEY_REPLY_BOX:
    case KEY_BINDING:
    case KEY_TASK_META:
    case KEY_PRIORITY_LIST:
        return S(FAMILY_CELERY);
    default:
        break;
    }
    if (row) {
        return span_make(row->name, row->name_len);
    }
    return span_equal(key, S("celery")) ? S(FAMILY_CELERY) : name_by_colon(key, ret_parent);
}

struct span families_name(const struct families *f, struct span key)
{
    struct span parent;
    return families_leaf(f, key, &parent);
}

static bool is_named(const struct families *f, struct span name)
{
    const struct family_prefix *row = rows_of(f);
    for (unsigned i = 0; i < f->prefix.i; i++) {
        if (span_equal(span_make(row[i].name, row[i].name_len), name)) {
            return true;
        }
    }
    return false;
}

struct span families_parent(const struct families *f, struct span name)
{
    size_t end = span_find(name, ':');
    struct span parent = trimmed(span_head(name, end));
    bool own = end < name.len && parent.len && is_word(span_skip(name, end + 1)) &&
               !span_equal(span_head(name, end), S("cache")) && !span_equal(name, S(FAMILY_USER_SESSIONS)) &&
               !is_named(f, name);
    return own ? parent : S("");
}

bool families_is_cache(const struct families *f, struct span name)
{
    if (span_equal(name, S("cache")) || span_starts(name, S("cache:"))) {
        return true;
    }
    return !span_equal(name, S("session")) && !span_equal(name, S("batch:progress")) &&
           !span_equal(name, S(FAMILY_CELERY)) && !span_equal(name, S(FAMILY_USER_SESSIONS)) &&
           is_named(f, name);
}
