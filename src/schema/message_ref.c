#include "redai/schema/message_ref.h"

#include <inttypes.h>

#include "redai/base/hash.h"

enum { HASH_DIGITS = 16 };

void message_ref_make(struct span list_key, struct span element, UT_string *out)
{
    char digits[HASH_DIGITS + 1];

    snprintf(digits, sizeof(digits), "%016" PRIx64, hash_fnv1a(element));
    text_add(out, list_key);
    text_add(out, span_make("", 1));
    text_add(out, span_make(digits, HASH_DIGITS));
}

/* The key may hold NULs itself, so the end is what counts. */
bool message_ref_split(struct span ref, struct span *ret_list_key, uint64_t *ret_hash)
{
    if (ref.len < HASH_DIGITS + 1 || ref.data[ref.len - HASH_DIGITS - 1] != '\0') {
        return false;
    }
    uint64_t hash = 0;
    for (size_t i = ref.len - HASH_DIGITS; i < ref.len; i++) {
        char c = ref.data[i];
        bool letter = c >= 'a' && c <= 'f';
        if (!letter && (c < '0' || c > '9')) {
            return false;
        }
        hash = hash << 4 | (uint64_t)(letter ? c - 'a' + 10 : c - '0');
    }
    *ret_list_key = span_head(ref, ref.len - HASH_DIGITS - 1);
    *ret_hash = hash;
    return true;
}

bool message_ref_is(struct span ref, struct span list_key, struct span element)
{
    struct span key;
    uint64_t hash;
    return message_ref_split(ref, &key, &hash) && span_equal(key, list_key) && hash == hash_fnv1a(element);
}
