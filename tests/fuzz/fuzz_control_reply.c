#include "fuzz/fuzz.h"

#include "redai/schema/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct control_reply r;

    bool good = control_reply_decode(&r, INPUT);
    DEMAND(good == (r.worker != NULL) && good == (r.answer != NULL));
    DEMAND(!good || strlen(r.answer) <= 4000);
    control_reply_release(&r);
    return 0;
}
