/* span: borrowed bytes with a length. Keys and values of Redis are binary; a span is how every room
 * hands them around without copying. A span owns nothing: it lives as long as what it points into. */
#ifndef REDAI_BASE_SPAN_H
#define REDAI_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *data; /* may be NULL only when len is 0 */
    size_t len;       /* bytes */
};

/* A span of a string literal, usable in static tables. */
#define SPAN_LITERAL(text)                                                                                   \
    {                                                                                                        \
        (text), sizeof(text) - 1                                                                             \
    }
/* The same as an expression. */
#define S(text) ((struct span)SPAN_LITERAL(text))

static inline struct span span_of(const char *text)
{
    return (struct span){text ? text : "", text ? strlen(text) : 0};
}

static inline struct span span_make(const char *data, size_t len)
{
    return (struct span){data, len};
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || (a.data && b.data && memcmp(a.data, b.data, a.len) == 0));
}

static inline bool span_starts(struct span s, struct span prefix)
{
    return s.len >= prefix.len &&
           (prefix.len == 0 || (s.data && prefix.data && memcmp(s.data, prefix.data, prefix.len) == 0));
}

static inline bool span_ends(struct span s, struct span suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.data + s.len - suffix.len, suffix.data, suffix.len) == 0);
}

/* The rest behind the first n bytes (empty when shorter). */
static inline struct span span_skip(struct span s, size_t n)
{
    return n >= s.len ? (struct span){s.data ? s.data + s.len : NULL, 0}
                      : (struct span){s.data + n, s.len - n};
}

/* The first n bytes at most. */
static inline struct span span_head(struct span s, size_t n)
{
    return (struct span){s.data, s.len < n ? s.len : n};
}

/* Position of a byte, or s.len when absent. */
size_t span_find(struct span s, char byte);
/* Position of needle, or s.len when absent. An empty needle is at 0. */
size_t span_search(struct span s, struct span needle);
/* Like memcmp over the bytes, the shorter first on a tie. */
int span_compare(struct span a, struct span b);
/* A heap copy with a terminating NUL; the caller frees it with mem_free. */
char *span_dup(struct span s);

#endif
