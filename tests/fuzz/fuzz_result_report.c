#include "fuzz/fuzz.h"

#include "redai/schema/result.h"
#include "redai/schema/result_report.h"

/* Whatever is stored, the report is JSON, and the half of the input that stands for the progress changes
 * nothing of that. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span whole = INPUT;
    struct span head = span_head(whole, size / 2), tail = span_skip(whole, size / 2);
    const struct result_report cases[] = {
        {"t", whole, {NULL, 0}, {NULL, 0}}, {"t", {NULL, 0}, whole, {NULL, 0}}, {"t", head, tail, whole}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = result_report(&cases[i]);
        char *again = text ? json_pretty(span_of(text)) : NULL;
        DEMAND(!text || again);
        mem_free(text);
        mem_free(again);
    }
    return 0;
}
