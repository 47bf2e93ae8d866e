#include "fuzz/fuzz.h"

#include "redai/schema/result.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct result r;

    result_decode(&r, INPUT);
    DEMAND(r.valid || !result_is_final(&r));
    DEMAND(!r.value || strlen(r.value) <= 4000);
    DEMAND(!r.traceback || strlen(r.traceback) <= 8000);
    DEMAND(!r.error || strlen(r.error) <= 1000);
    result_release(&r);
    return 0;
}
