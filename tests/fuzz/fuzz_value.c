#include "fuzz/fuzz.h"

#include "redai/schema/value_form.h"

/* A stored value of anything. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    UT_string out;
    DEMAND(value_form(INPUT, true) < VALUE_FORM_COUNT);
    DEMAND(value_form(INPUT, false) < VALUE_FORM_COUNT);
    DEMAND((value_form(INPUT, true) == VALUE_EMPTY) == (size == 0));
    DEMAND(value_form_cardinality(INPUT) >= -1);
    utstring_init(&out);
    value_form_hex(INPUT, size, &out);
    for (size_t i = 0; i < out.i; i++) {
        DEMAND(out.d[i] >= ' ' && out.d[i] < 0x7f);
    }
    utstring_done(&out);
    return 0;
}
