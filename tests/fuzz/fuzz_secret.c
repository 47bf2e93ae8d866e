#include "fuzz/fuzz.h"

#include "redai/base/secret.h"

/* Each secret stands behind the one before it; hidden: they are stars, but for the head of a session id. */
static void check(struct span text, bool hidden)
{
    struct secret s;
    for (size_t from = 0; secret_next(text, from, &s); from = s.at + s.len) {
        DEMAND(s.len > 0 && s.at >= from && s.at <= text.len && s.len <= text.len - s.at);
        for (size_t i = s.kind == SECRET_TOKEN ? 6 : 0; hidden && i < s.len; i++) {
            DEMAND(text.data[s.at + i] == '*');
        }
    }
}

/* A text of anything: what is masked has no secret left, and stays as it is when it is masked again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct secret s;
    UT_string once, twice;
    utstring_init(&once);
    utstring_init(&twice);
    check(INPUT, false);
    secret_mask(INPUT, &once);
    DEMAND(once.i <= size); /* a star for a letter */
    check(text_span(&once), true);
    secret_mask(text_span(&once), &twice);
    DEMAND(span_equal(text_span(&once), text_span(&twice)));
    utstring_clear(&twice);
    secret_mask_typed(INPUT, &twice);
    DEMAND(twice.i <= size);
    check(text_span(&twice), true);
    utstring_clear(&once);
    secret_drop_passwords(INPUT, &once);
    for (size_t from = 0; secret_next(text_span(&once), from, &s); from = s.at + s.len) {
        DEMAND(s.kind != SECRET_PASSWORD);
    }
    utstring_done(&twice);
    utstring_done(&once);
    return 0;
}
