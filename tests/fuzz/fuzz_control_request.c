#include "fuzz/fuzz.h"

#include "redai/schema/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct control_request r;
    UT_array ids;
    char *text = NULL;
    double number;

    bool good = control_request_decode(&r, INPUT, "worker1@demo");
    DEMAND(good == (r.method != NULL));
    utarray_init(&ids, &ut_str_icd);
    control_argument_texts(&r, "ids", &ids);
    control_argument_number(&r, "n", &number);
    DEMAND(control_argument_text(&r, "task_id", &text) == ARGUMENT_OK || !text);
    mem_free(text);
    utarray_done(&ids);
    control_request_release(&r);
    return 0;
}
