#include "fuzz/fuzz.h"

#include "redai/schema/keyname.h"

/* The first byte splits the input into a prefix to add and a key to judge. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct families f;
    struct span id;
    struct span input = INPUT;
    size_t prefix = size ? data[0] % size : 0;

    families_init(&f);
    families_add(&f, span_head(span_skip(input, 1), prefix), span_head(input, 3));
    enum key_kind kind = keyname_kind(input, &id);
    DEMAND(kind < KEY_KIND_COUNT && id.len <= size);
    DEMAND(id.len == 0 || (id.data >= input.data && id.data + id.len <= input.data + size));
    DEMAND(families_name(&f, input).len > 0);
    DEMAND(families_name(&f, span_skip(input, 1 + prefix)).len > 0);
    struct span parent;
    struct span leaf = families_leaf(&f, input, &parent);
    DEMAND(span_equal(leaf, families_name(&f, input)));
    DEMAND(parent.len == 0 ||
           (parent.len < leaf.len && parent.data == leaf.data && parent.len <= FAMILY_NAME_MAX));
    /* A family that folds falls to one that stands by itself: nothing folds twice. */
    DEMAND(families_parent(&f, parent).len == 0);
    (void)families_is_cache(&f, leaf);
    (void)keyname_has_address(input);
    families_release(&f);
    return 0;
}
