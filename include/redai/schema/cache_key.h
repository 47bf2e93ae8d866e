/* cache_key: the key under which the platform's cache keeps what a call gave, as its generate_cache_key names
 * it: the prefix, the positional arguments, the named ones in the order of their names, all joined by ':';
 * beyond 200 characters the prefix and the first 16 hex digits of the whole's SHA-256. Pure. */
#ifndef REDAI_SCHEMA_CACHE_KEY_H
#define REDAI_SCHEMA_CACHE_KEY_H

#include "redai/base/container.h"
#include "redai/base/err.h"

enum { CACHE_KEY_CHARACTERS_MAX = 200, CACHE_KEY_HASH_DIGITS = 16 };

/* Appends the key of a call. A word NAME=VALUE is a named argument when NAME is a name of Python; all others
 * are positional, in their order. Values stand as str() would write them: numbers as they are typed, True,
 * False and None, texts without quotes. False with err: a name twice, the name "prefix" (the function has it
 * for itself), or bytes that are no text. */
bool cache_key_make(struct span prefix, size_t count, const struct span *word, UT_string *out,
                    struct err *err);
/* True when the key may be of the hashed form: what it was called with cannot be read from it. */
bool cache_key_is_hashed(struct span key);
/* The last part of a key: the value of its last argument. Empty when the key has no ':'. */
struct span cache_key_last_part(struct span key);
/* True when one of the parts of a key, from `from` on, is this text. */
bool cache_key_has_part(struct span key, size_t from, struct span part);

#endif
