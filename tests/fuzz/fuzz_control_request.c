#include "fuzz/fuzz.h"

#include "redai/schema/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct control_request r;

    bool good = control_request_decode(&r, INPUT, "worker1@demo");
    DEMAND(good == (r.method != NULL));
    control_request_release(&r);
    return 0;
}
