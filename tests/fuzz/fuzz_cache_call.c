#include "fuzz/fuzz.h"

#include "redai/schema/cache_call.h"

static bool is_within(struct span part, struct span whole)
{
    return part.len == 0 || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

/* The first byte splits the input into a pattern and a key. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct families f;
    struct span input = INPUT;
    size_t split = size ? data[0] % size : 0;
    struct span pattern = span_head(span_skip(input, 1), split), key = span_skip(input, 1 + split);
    struct cache_argument a;
    struct cache_place p;
    size_t at = 0, before = 0;

    families_init(&f);
    if (cache_argument_of(&f, pattern, &a)) {
        DEMAND(a.value.len > 0 && is_within(a.value, pattern) && is_within(a.name, pattern));
        while (cache_place_next(&f, key, a.value, &at, &p)) {
            DEMAND(at > before && is_within(p.name, key) && is_within(p.prefix, key));
            before = at;
        }
    }
    DEMAND(is_within(cache_call_prefix(&f, key), key));
    families_release(&f);
    return 0;
}
