#include "fuzz/fuzz.h"

#include "redai/schema/session_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct session_value v, again;

    session_value_decode(&v, INPUT);
    DEMAND(v.form < SESSION_FORM_COUNT);
    if (v.form == SESSION_FORM_OK) {
        char *text = session_value_encode(&v);
        session_value_decode(&again, span_of(text));
        DEMAND(again.form == SESSION_FORM_OK && again.user_id);
        DEMAND(!v.name || (again.name && strcmp(v.name, again.name) == 0));
        session_value_release(&again);
        mem_free(text);
    }
    session_value_release(&v);
    return 0;
}
