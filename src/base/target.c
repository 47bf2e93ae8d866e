#include "redai/base/target.h"

#include <assert.h>

static const char *const names[] = {
#define TARGET_NAME(kind, name) [kind] = name,
    TARGET_LIST(TARGET_NAME)
#undef TARGET_NAME
};
static_assert(sizeof(names) / sizeof(names[0]) == TARGET_COUNT, "every kind has a name");

const char *target_kind_name(enum target_kind kind)
{
    return (size_t)kind < TARGET_COUNT ? names[kind] : "unknown";
}

void target_set(struct target *t, enum target_kind kind, struct span id)
{
    /* The copy comes first: id may be the target's own. */
    char *copy = span_dup(id);
    mem_free(t->id);
    *t = (struct target){.kind = kind, .id = copy, .id_len = id.len};
}

void target_release(struct target *t)
{
    mem_free(t->id);
    *t = (struct target){.kind = TARGET_NONE};
}

bool target_equal(const struct target *a, const struct target *b)
{
    return a->kind == b->kind && span_equal(target_id(a), target_id(b));
}
