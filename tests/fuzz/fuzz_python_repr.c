#include "fuzz/fuzz.h"

#include <jansson.h>

#include "redai/schema/message_copy.h"

static void read_as(struct span repr, char expect)
{
    struct err err = {0};
    UT_string out;

    utstring_init(&out);
    if (python_repr_to_json(repr, expect, &out, &err)) {
        DEMAND(out.d[0] == expect);
        /* Only numbers may be beyond what jansson takes. */
        json_error_t error;
        json_t *json = json_loadb(out.d, out.i, JSON_ALLOW_NUL, &error);
        DEMAND(json || json_error_code(&error) == json_error_numeric_overflow ||
               json_error_code(&error) == json_error_null_byte_in_key);
        json_decref(json);
    } else {
        DEMAND(utstring_len(&out) == 0 && err.code != ERR_NONE);
    }
    utstring_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_as(INPUT, '[');
    read_as(INPUT, '{');
    return 0;
}
