#include "fuzz/fuzz.h"

#include "redai/schema/info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct info i;

    info_clear(&i);
    info_decode(&i, INPUT);
    for (size_t n = 0; n < info_text_count; n++) {
        DEMAND(memchr((const char *)&i + info_text_rows[n].offset, '\0', info_text_rows[n].size));
    }
    return 0;
}
