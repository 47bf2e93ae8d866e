#include "fuzz/fuzz.h"

#include <locale.h>

#include "redai/base/utf8.h"

static void check_clean(struct span text, int max_cols)
{
    uint32_t cp;
    DEMAND(!max_cols || utf8_text_width(text) <= max_cols);
    while (text.len) {
        size_t used = utf8_decode(text, &cp);
        DEMAND(!(cp & UTF8_INVALID) && !utf8_is_hostile(cp) && cp >= ' ' && cp != 0x7f);
        text = span_skip(text, used);
    }
}

/* Foreign bytes for the screen, as wide as the first byte says. What comes out is clean UTF-8 that fits, and
 * stays as it is when it is cleaned again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool has_locale;
    if (!has_locale) {
        DEMAND(setlocale(LC_CTYPE, "C.UTF-8"));
        has_locale = true;
    }
    int max_cols = size ? data[0] % 81 : 0;
    struct span raw = span_skip(INPUT, 1);
    UT_string once, twice;
    utstring_init(&once);
    utstring_init(&twice);
    utf8_sanitise(raw, max_cols, &once);
    check_clean(text_span(&once), max_cols);
    utf8_sanitise(text_span(&once), max_cols, &twice);
    DEMAND(span_equal(text_span(&once), text_span(&twice)));
    utstring_clear(&once);
    utf8_sanitise(raw, 0, &once);
    check_clean(text_span(&once), 0);
    utstring_done(&twice);
    utstring_done(&once);
    return 0;
}
