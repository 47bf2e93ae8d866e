/* cache_call: which argument of a call a cache key holds, and in which spelling. The platform's decorator
 * joins a prefix, the positional arguments and the named ones (NAME:VALUE, sorted) by ':', so the same exam
 * is exam:1, exam:exam_id:1 or exam:db:<... object at 0x7f..>:exam_id:1, by how the function was called;
 * beyond 200 characters the key is a hash, which tells nothing. Source: generate_cache_key. Pure; no
 * allocation. */
#ifndef REDAI_SCHEMA_CACHE_CALL_H
#define REDAI_SCHEMA_CACHE_CALL_H

#include "redai/schema/keyname.h"

struct cache_argument {
    struct span prefix; /* "exam", as in the key, without its ':' */
    struct span name;   /* "exam_id"; empty: positional, or not told */
    struct span value;  /* "1" */
};
/* What a pattern for invalidation is about: exam:1*, exam:1:*, exam:*:exam_id:1. Within what was found,
 * escapes are still there. False: it names no value of an argument (exam:*), or more than can be told. */
bool cache_argument_of(const struct families *f, struct span pattern, struct cache_argument *ret);

enum cache_spelling {
    CACHE_SPELLING_NONE,
    CACHE_SPELLING_PLACED, /* PREFIX:VALUE, objects' addresses aside the first argument */
    CACHE_SPELLING_NAMED   /* NAME:VALUE */
};
struct cache_place {
    enum cache_spelling spelling;
    struct span prefix; /* of the key's own family, without its ':' */
    struct span name;   /* NAMED */
    bool inner;         /* something stands between the prefix and it */
    bool more;          /* something follows */
};
/* Where the key holds the value, from part *at on (0 first), which is moved on: a key may hold it more than
 * once, under several names. False: not, or not any more. */
bool cache_place_next(const struct families *f, struct span key, struct span value, size_t *at,
                      struct cache_place *ret);
/* The prefix without its ':', the whole key when it has none. */
struct span cache_call_prefix(const struct families *f, struct span key);

#endif
