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
    for (size_t n = 0; n < info_micros_count; n++) {
        int64_t us;
        memcpy(&us, (const char *)&i + info_micros_rows[n].offset, sizeof(us));
        DEMAND(us >= 0 || us == INFO_UNKNOWN);
    }
    int64_t us;
    DEMAND(!info_micros(INPUT, &us) || us >= 0 || us == INFO_UNKNOWN);
    struct span text = INPUT;
    struct info_replica r;
    while (info_replica_next(&text, &r)) {
        DEMAND(r.ip.len && r.port.len && text.len < size);
    }
    return 0;
}
