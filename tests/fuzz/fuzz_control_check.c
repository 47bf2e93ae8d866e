#include "fuzz/fuzz.h"

#include "redai/schema/control.h"

/* The input as a whole payload, and as the arguments of a request. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    UT_string payload;
    char *text = span_dup(INPUT);

    bool good = control_check(INPUT, &err);
    DEMAND(good == (err.code == ERR_NONE));
    utstring_init(&payload);
    if (control_encode("ping", text, NULL, 0, "ticket", "list", &payload, NULL)) {
        DEMAND(control_check(text_span(&payload), NULL));
    }
    utstring_done(&payload);
    mem_free(text);
    return 0;
}
