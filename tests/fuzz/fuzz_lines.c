#include "fuzz/fuzz.h"
#include "link/lines.h"

static void read_all(struct span bytes, size_t step, UT_string *out)
{
    struct lines l = {0};
    while (bytes.len) {
        struct span piece = span_head(bytes, step), line;
        while (lines_next(&l, &piece, &line)) {
            DEMAND(line.len <= LINES_KEPT);
            text_add(out, line);
            const struct reply *r = lines_reply(&l, line);
            utstring_printf(out, "\n%d", (int)reply_type(r));
            text_add(out, reply_is_error(r) ? reply_error(r) : reply_text(r));
        }
        DEMAND(piece.len == 0);
        (void)lines_is_long(&l);
        bytes = span_skip(bytes, step);
    }
    lines_release(&l);
}

/* What MONITOR sends, in pieces as long as the first byte says: the same lines as of one piece. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    UT_string whole, pieces;
    struct span bytes = span_skip(INPUT, 1);
    utstring_init(&whole);
    utstring_init(&pieces);
    read_all(bytes, bytes.len ? bytes.len : 1, &whole);
    read_all(bytes, size ? (size_t)data[0] % 40 + 1 : 1, &pieces);
    DEMAND(span_equal(text_span(&whole), text_span(&pieces)));
    utstring_done(&pieces);
    utstring_done(&whole);
    return 0;
}
