#include "fuzz/fuzz.h"

#include "redai/schema/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct worker_beat b, again;
    UT_string payload;

    if (worker_beat_decode(&b, INPUT)) {
        utstring_init(&payload);
        worker_beat_encode(&b, &payload);
        DEMAND(worker_beat_decode(&again, text_span(&payload)));
        DEMAND(again.event == b.event && strcmp(again.hostname, b.hostname) == 0);
        worker_beat_release(&again);
        utstring_done(&payload);
    }
    worker_beat_release(&b);
    return 0;
}
