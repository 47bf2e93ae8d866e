/* keyset: up to a million keys in little memory (their bytes, four bytes of place and at most sixteen of
 * index each), in the order they came, each once. For the victims of an invalidation; a hash table with a
 * record a key would need five times as much. Private to action. */
#ifndef REDAI_ACTION_KEYSET_H
#define REDAI_ACTION_KEYSET_H

#include <stdint.h>

#include "redai/base/span.h"

#define KEYSET_BYTES_MAX (UINT32_C(256) << 20)

struct keyset {
    char *bytes;     /* length (4 bytes) and bytes of each key */
    uint32_t *place; /* of each key in bytes */
    uint32_t *slot;  /* number of a key plus 1; 0 free */
    size_t used, room, count, places, slots;
};

void keyset_init(struct keyset *s);
void keyset_release(struct keyset *s); /* a zeroed set is valid */
void keyset_clear(struct keyset *s);
/* False when it is there already, or does not fit any more (keyset_is_full). */
bool keyset_add(struct keyset *s, struct span key);
bool keyset_has(const struct keyset *s, struct span key);
bool keyset_is_full(const struct keyset *s, struct span key);
/* Borrowed until the next add. */
struct span keyset_at(const struct keyset *s, size_t i);

#endif
