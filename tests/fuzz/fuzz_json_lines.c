#include "fuzz/fuzz.h"

#include "redai/schema/json_lines.h"
#include "redai/schema/value_form.h"

struct told {
    UT_string text;
    int depth;
};

static bool take(void *ctx, struct span line, int depth)
{
    struct told *t = ctx;
    DEMAND(depth >= 0 && depth <= JSON_LINES_DEPTH_MAX && depth <= t->depth + 1);
    t->depth = depth;
    text_add(&t->text, line);
    text_add(&t->text, S("\n"));
    return true;
}

/* Lines of JSON are JSON, and its lines are the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct told once = {0}, twice = {0};
    utstring_init(&once.text);
    utstring_init(&twice.text);
    enum json_lines_end end = json_lines(INPUT, take, &once);
    if (end == JSON_LINES_NOT_JSON) {
        DEMAND(utstring_len(&once.text) == 0);
    } else if (end == JSON_LINES_WHOLE) {
        DEMAND(json_lines(text_span(&once.text), take, &twice) == JSON_LINES_WHOLE);
        DEMAND(span_equal(text_span(&once.text), text_span(&twice.text)));
    }
    DEMAND(value_form(INPUT, true) < VALUE_FORM_COUNT && value_form(INPUT, false) < VALUE_FORM_COUNT);
    DEMAND(value_form_cardinality(INPUT) >= -1);
    utstring_clear(&once.text);
    value_form_hex(INPUT, size, &once.text);
    DEMAND(utstring_len(&once.text) >= 59);
    utstring_done(&once.text);
    utstring_done(&twice.text);
    return 0;
}
