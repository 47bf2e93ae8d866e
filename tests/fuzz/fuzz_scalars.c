#include "fuzz/fuzz.h"

#include "redai/base/base64.h"
#include "redai/base/glob.h"
#include "redai/base/isotime.h"
#include "redai/base/json_out.h"
#include "redai/base/num.h"

static void check_numbers(struct span s)
{
    int64_t n;
    double x;
    if (num_i64_range(s, -5, 7, &n)) {
        DEMAND(n >= -5 && n <= 7);
    }
    if (num_f64(s, &x)) {
        DEMAND(x - x == 0);
    }
    if (num_bytes(s, &n)) {
        DEMAND(n >= 0);
    }
    if (num_duration_us(s, &n)) {
        DEMAND(n >= 0);
    }
    (void)isotime_parse(s, &n);
}

/* Numbers, times, patterns, base64 and quoted texts of anything; the first line is the pattern. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t end = span_find(INPUT, '\n');
    struct span pattern = span_head(INPUT, end), text = span_skip(INPUT, end + 1);
    UT_string once, twice;
    utstring_init(&once);
    utstring_init(&twice);
    check_numbers(text);
    DEMAND(glob_fits_whole(text, S("*")));
    (void)glob_fits(text, pattern);
    (void)glob_fits_whole(text, pattern);
    base64_encode(text, &once);
    DEMAND(base64_decode(text_span(&once), &twice) && span_equal(text_span(&twice), text));
    utstring_clear(&once);
    (void)base64_decode(text, &once);
    utstring_clear(&once);
    json_quote(text, &once);
    for (size_t i = 0; i < once.i; i++) {
        DEMAND((unsigned char)once.d[i] >= ' ');
    }
    utstring_done(&twice);
    utstring_done(&once);
    return 0;
}
