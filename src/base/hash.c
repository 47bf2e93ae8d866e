#include "redai/base/hash.h"

uint64_t hash_fnv1a(struct span s)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < s.len; i++) {
        hash ^= (unsigned char)s.data[i];
        hash *= UINT64_C(0x100000001b3);
    }
    return hash;
}

void hash_tag(struct span secret, char out[9])
{
    static const char hex[] = "0123456789abcdef";
    uint64_t hash = hash_fnv1a(secret);
    /* Folded, as the last bytes hardly reach the upper half of FNV-1a, nor the first bits the lower. */
    uint32_t tag = (uint32_t)(hash >> 32) ^ (uint32_t)hash;

    for (int i = 0; i < 8; i++) {
        out[i] = hex[tag >> (28 - 4 * i) & 0xF];
    }
    out[8] = '\0';
}
