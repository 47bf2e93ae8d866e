#include "fuzz/fuzz.h"

#include "redai/schema/notify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int db;
    enum notify_event event;
    UT_string merged, missing;

    if (notify_channel(INPUT, &db, &event)) {
        DEMAND(db >= 0 && event < NOTIFY_EVENT_COUNT);
    }
    utstring_init(&merged);
    utstring_init(&missing);
    notify_merged(INPUT, &merged);
    notify_missing(text_span(&merged), &missing);
    DEMAND(utstring_len(&missing) == 0);
    utstring_done(&missing);
    utstring_done(&merged);
    return 0;
}
