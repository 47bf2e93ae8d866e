#include "redai/schema/memory.h"

#include <jansson.h>

#include "redai/base/mem.h"

static void *take(size_t bytes)
{
    return mem_realloc(NULL, bytes);
}

void schema_take_memory(void)
{
    json_set_alloc_funcs(take, mem_free);
}
