#include "fuzz/fuzz.h"
#include "link/inbox.h"

enum { HEAD = 2, OUT_MAX = 1 << 20 };

/* A reply as one line of text; every byte that it lends is read. */
static void add_reply(UT_string *out, const struct reply *r)
{
    int64_t n = 0;
    struct span text = reply_is_error(r) ? reply_error(r) : reply_text(r);
    utstring_printf(out, "%d", (int)reply_type(r));
    if (utstring_len(out) < OUT_MAX) {
        text_add(out, text);
    }
    if (reply_int(r, &n)) {
        utstring_printf(out, ":%lld", (long long)n);
    }
    DEMAND(!reply_at(r, reply_count(r)));
    for (size_t i = 0; i < reply_count(r) && utstring_len(out) < OUT_MAX; i++) {
        utstring_printf(out, ",");
        add_reply(out, reply_at(r, i));
    }
    utstring_printf(out, ";");
}

static void add_item(UT_string *out, enum inbox_kind kind, const struct inbox_item *item)
{
    utstring_printf(out, "\n%d ", (int)kind);
    if (kind == INBOX_MESSAGE) {
        text_add(out, item->pattern);
        utstring_printf(out, "|");
        text_add(out, item->channel);
        utstring_printf(out, "|");
        text_add(out, item->payload);
    } else if (kind == INBOX_REPLY) {
        add_reply(out, item->reply);
    }
}

/* All that one piece gives, read as a link does; false when it is broken. */
static bool read_piece(struct inbox *in, struct span bytes, UT_string *out)
{
    while (bytes.len) {
        struct inbox_item item = {0};
        enum inbox_kind kind;
        if (inbox_message(in, &bytes, &item)) {
            add_item(out, INBOX_MESSAGE, &item);
            continue;
        }
        size_t bite = inbox_bite(in, bytes);
        DEMAND(bite > 0 && bite <= bytes.len);
        inbox_feed(in, span_head(bytes, bite));
        bytes = span_skip(bytes, bite);
        while ((kind = inbox_next(in, &item)) != INBOX_MORE) {
            if (kind == INBOX_BROKEN) {
                DEMAND(inbox_error(in) && *inbox_error(in));
                utstring_printf(out, "\nbroken");
                return false;
            }
            add_item(out, kind, &item);
            inbox_drop(&item, in);
        }
    }
    return true;
}

/* All that comes out of the bytes, given in pieces of that size. */
static void read_all(bool is_feed, struct span bytes, size_t step, UT_string *out)
{
    struct inbox *in = inbox_new(is_feed);
    bool ok = true;

    inbox_expect_messages(in);
    while (bytes.len && ok) {
        /* A copy of just its size, so that a sanitizer sees a byte read too far or kept too long. */
        struct span piece = span_head(bytes, step);
        char *copy = mem_dup(piece.data, piece.len);
        ok = read_piece(in, span_make(copy, piece.len), out);
        mem_free(copy);
        bytes = span_skip(bytes, step);
    }
    inbox_free(in);
}

/* What a server sends, for a feed or not by the first byte, in pieces as long as the second byte says: the
 * same comes out as of one piece. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < HEAD) {
        return 0;
    }
    struct span bytes = span_skip(INPUT, HEAD);
    bool is_feed = data[0] & 1;
    UT_string whole, pieces;
    utstring_init(&whole);
    utstring_init(&pieces);
    read_all(is_feed, bytes, bytes.len ? bytes.len : 1, &whole);
    read_all(is_feed, bytes, (size_t)data[1] % 64 + 1, &pieces);
    DEMAND(span_equal(text_span(&whole), text_span(&pieces)));
    utstring_done(&pieces);
    utstring_done(&whole);
    return 0;
}
