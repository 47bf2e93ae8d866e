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

static struct span name_by_colon(struct span key)
{
    size_t end = span_find(key, ':');
    if (end == key.len) {
        return S(FAMILY_BARE);
    }
    /* The cache decorator's own default prefix is "cache:<module>.<function>". */
    if (span_equal(span_head(key, end), S("cache")) && end + 1 < key.len) {
        size_t function = span_find(span_skip(key, end + 1), ':');
        if (function > 0) {
            end += 1 + function;
        }
    }
    struct span name = span_head(without_repr(span_head(key, end)), FAMILY_NAME_MAX);
    while (name.len && name.data && (name.data[name.len - 1] == ':' || name.data[name.len - 1] == '.')) {
        name.len--; /* what a repr left behind */
    }
    return name.len ? name : S(FAMILY_BARE);
}

struct span families_name(const struct families *f, struct span key)
{
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
    return span_equal(key, S("celery")) ? S(FAMILY_CELERY) : name_by_colon(key);
}
