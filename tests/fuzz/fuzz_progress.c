#include "fuzz/fuzz.h"

#include "redai/schema/progress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct progress p, again;

    progress_decode(&p, INPUT);
    if (p.valid) {
        char *text = progress_encode(&p);
        progress_decode(&again, span_of(text));
        DEMAND(again.valid && again.current == p.current && again.total == p.total);
        DEMAND(!p.error || strlen(p.error) <= 2000);
        progress_release(&again);
        mem_free(text);
    }
    progress_release(&p);
    return 0;
}
