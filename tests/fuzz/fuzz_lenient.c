#include "fuzz/fuzz.h"
#include "schema/json_text.h"
#include "schema/lenient.h"

/* What was read leniently is written as JSON that the strict parser reads as the same value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum lenient_outcome outcome;
    UT_string text;
    json_t *json = lenient_load(INPUT);

    utstring_init(&text);
    if (json) {
        json_text_dump(json, size % 2 ? JSON_TEXT_SPACED | JSON_TEXT_ASCII : JSON_TEXT_COMPACT, 0, &text);
        json_t *again = json_loadb(text.d, text.i, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        DEMAND(again && json_equal(json, again));
        json_decref(again);
    }
    json_decref(json);
    json = lenient_load_bytes(INPUT);
    json_decref(json);
    json = lenient_load_head(INPUT, &outcome);
    DEMAND((json == NULL) == (outcome == LENIENT_NOT_JSON));
    json_decref(json);
    utstring_done(&text);
    return 0;
}
