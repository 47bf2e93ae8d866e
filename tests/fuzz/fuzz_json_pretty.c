#include "fuzz/fuzz.h"

#include "redai/schema/result.h"

/* What is printed is JSON itself, and printing that changes nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *once = json_pretty(INPUT);
    if (once) {
        char *twice = json_pretty(span_of(once));
        DEMAND(twice && strcmp(once, twice) == 0);
        mem_free(twice);
    }
    mem_free(once);
    return 0;
}
