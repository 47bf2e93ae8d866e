#include "fuzz/fuzz.h"

#include "redai/schema/cache_key.h"

/* Words are parted by NUL; the first is the prefix. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { WORDS_MAX = 16 };
    struct span word[WORDS_MAX], input = INPUT;
    size_t n = 0;
    while (n < WORDS_MAX && input.len) {
        size_t end = span_find(input, '\0');
        word[n++] = span_head(input, end);
        input = span_skip(input, end + 1);
    }
    UT_string key;
    struct err err = {0};
    utstring_init(&key);
    if (n && cache_key_make(word[0], n - 1, word + 1, &key, &err)) {
        struct span made = text_span(&key);
        DEMAND(span_starts(made, word[0]));
        DEMAND(made.len <= 4 * CACHE_KEY_CHARACTERS_MAX ||
               made.len == word[0].len + 1 + CACHE_KEY_HASH_DIGITS);
        DEMAND(cache_key_has_part(made, 0, cache_key_last_part(made)) || !cache_key_last_part(made).len);
    }
    DEMAND(n == 0 || cache_key_last_part(word[0]).len <= word[0].len);
    DEMAND(!cache_key_is_hashed(INPUT) || size > CACHE_KEY_HASH_DIGITS);
    utstring_done(&key);
    return 0;
}
