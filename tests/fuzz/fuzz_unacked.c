#include "fuzz/fuzz.h"

#include "redai/schema/unacked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    UT_string queue, element;

    utstring_init(&queue);
    utstring_init(&element);
    bool good = unacked_decode(INPUT, &queue, &element);
    DEMAND(good || utstring_len(&queue) == 0);
    utstring_done(&element);
    utstring_done(&queue);
    return 0;
}
