#include "link/inbox.h"
#include "support/unit.h"

#include <hiredis/hiredis.h>

#include "redai/base/container.h"

#define SEVEN_INTEGERS ":1\r\n:2\r\n:3\r\n:4\r\n:5\r\n:6\r\n:7\r\n"

static void add_span(UT_string *out, struct span s)
{
    utstring_printf(out, "%zu'", s.len);
    text_add(out, s);
    utstring_printf(out, "' ");
}

static void add_reply(UT_string *out, const struct reply *r)
{
    int64_t integer = 0;
    switch (reply_type(r)) {
    case REPLY_INTEGER:
        reply_int(r, &integer);
        utstring_printf(out, ":%lld ", (long long)integer);
        return;
    case REPLY_NIL:
        utstring_printf(out, "nil ");
        return;
    case REPLY_ARRAY:
        utstring_printf(out, "[ ");
        for (size_t i = 0; i < reply_count(r); i++) {
            add_reply(out, reply_at(r, i));
        }
        utstring_printf(out, "] ");
        return;
    case REPLY_ERROR:
        utstring_printf(out, "-");
        add_span(out, reply_error(r));
        return;
    default:
        add_span(out, reply_text(r));
        return;
    }
}

/* As a link does it: a whole message is read where it lies, all else by the parser. */
static void feed_as_a_link(struct inbox *in, struct span rest, UT_string *out, enum inbox_kind *kind)
{
    struct inbox_item item = {0};
    while (rest.len && *kind != INBOX_BROKEN) {
        if (inbox_message(in, &rest, &item)) {
            utstring_printf(out, "message ");
            add_span(out, item.pattern);
            add_span(out, item.channel);
            add_span(out, item.payload);
            continue;
        }
        size_t bite = inbox_bite(in, rest);
        inbox_feed(in, span_head(rest, bite));
        rest = span_skip(rest, bite);
        while ((*kind = inbox_next(in, &item)) != INBOX_MORE && *kind != INBOX_BROKEN) {
            if (*kind == INBOX_MESSAGE) {
                utstring_printf(out, "message ");
                add_span(out, item.pattern);
                add_span(out, item.channel);
                add_span(out, item.payload);
            } else if (*kind == INBOX_CONFIRMATION) {
                utstring_printf(out, "confirmation ");
            } else {
                utstring_printf(out, "reply ");
                add_reply(out, item.reply);
            }
            inbox_drop(&item, in);
        }
    }
}

/* What comes out of bytes that arrive in pieces which end at the given places, as one line of text. */
static char *read_in_pieces(bool is_feed, struct span bytes, size_t first, size_t second)
{
    struct inbox *in = inbox_new(is_feed);
    enum inbox_kind kind = INBOX_MORE;
    UT_string out;
    const struct span pieces[] = {span_head(bytes, first), span_head(span_skip(bytes, first), second - first),
                                  span_skip(bytes, second)};

    utstring_init(&out);
    inbox_expect_messages(in);
    for (size_t i = 0; i < COUNT_OF(pieces) && kind != INBOX_BROKEN; i++) {
        /* A copy of just its size, so that a sanitizer sees a byte read too far or kept too long. */
        char *copy = span_dup(pieces[i]);
        feed_as_a_link(in, span_make(copy, pieces[i].len), &out, &kind);
        mem_free(copy);
    }
    if (kind == INBOX_BROKEN) {
        utstring_printf(&out, "broken: %s", inbox_error(in));
    }
    inbox_free(in);
    char *text = span_dup(text_span(&out));
    utstring_done(&out);
    return text;
}

static void assert_read(bool is_feed, struct span bytes, size_t first, size_t second, const char *expected)
{
    char *text = read_in_pieces(is_feed, bytes, first, second);
    assert_string_equal(text, expected);
    mem_free(text);
}

/* Cut in three at every pair of places. */
static void assert_read_however_cut(bool is_feed, struct span bytes, const char *expected)
{
    for (size_t first = 0; first <= bytes.len; first++) {
        for (size_t second = first; second <= bytes.len; second++) {
            assert_read(is_feed, bytes, first, second, expected);
        }
    }
}

static void inbox_next__gives_each_reply_once__when_bytes_are_cut_anywhere(void **state)
{
    (void)state;
    assert_read_however_cut(
        false,
        S("+OK\r\n:-3\r\n$5\r\na\001\r\nb\r\n$-1\r\n*-1\r\n*3\r\n*0\r\n*1\r\n:1\r\n-E x\r\n$0\r\n\r\n"
          "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\np\r\n"),
        "reply 2'OK' reply :-3 reply 5'a\001\r\nb' reply nil reply nil reply [ [ ] [ :1 ] -3'E x' ] "
        "reply 0'' reply [ 7'message' 1'c' 1'p' ] ");
}

static void inbox_next__gives_messages_and_the_rest__when_a_feed_is_cut_anywhere(void **state)
{
    (void)state;
    assert_read_however_cut(
        true,
        S("*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"
          "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\n\r\n\r\n"
          "*4\r\n$8\r\npmessage\r\n$2\r\np*\r\n$3\r\npqr\r\n$0\r\n\r\n"
          "*2\r\n$4\r\npong\r\n$0\r\n\r\n"
          "+PONG\r\n-ERR x\r\n:5\r\n$-1\r\n"
          "*3\r\n$12\r\npunsubscribe\r\n$-1\r\n:0\r\n"),
        "confirmation message 0'' 1'c' 2'\r\n' message 2'p*' 3'pqr' 0'' reply [ 4'pong' 0'' ] "
        "reply 4'PONG' reply -5'ERR x' reply :5 reply nil confirmation ");
}

static void inbox_next__is_binary_safe__when_a_message_holds_any_byte(void **state)
{
    (void)state;
    struct inbox *in = inbox_new(true);
    struct inbox_item item = {0};
    char bytes[256];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (char)i;
    }
    inbox_expect_messages(in);
    inbox_feed(in, S("*3\r\n$7\r\nmessage\r\n$256\r\n"));
    inbox_feed(in, span_make(bytes, sizeof(bytes)));
    inbox_feed(in, S("\r\n$256\r\n"));
    inbox_feed(in, span_make(bytes, sizeof(bytes)));
    assert_int_equal(inbox_next(in, &item), INBOX_MORE);
    inbox_feed(in, S("\r\n"));
    assert_int_equal(inbox_next(in, &item), INBOX_MESSAGE);
    assert_true(span_equal(item.channel, span_make(bytes, sizeof(bytes))));
    assert_true(span_equal(item.payload, span_make(bytes, sizeof(bytes))));
    assert_int_equal(inbox_next(in, &item), INBOX_MORE);
    inbox_free(in);
}

static void inbox_next__takes_a_look_alike_for_a_reply__when_nothing_is_subscribed(void **state)
{
    (void)state;
    struct inbox *in = inbox_new(true);
    struct inbox_item item = {0};
    inbox_feed(in, S("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n"));
    assert_int_equal(inbox_next(in, &item), INBOX_REPLY);
    assert_int_equal(reply_count(item.reply), 3);
    inbox_free(in);
}

static void inbox_next__gives_an_error_in_its_place__when_a_feed_gets_a_reply_that_is_too_big(void **state)
{
    (void)state;
    static const char *const bigs[] = {
        "*1\r\n*1\r\n:1\r\n:9\r\n",
        "*17\r\n" SEVEN_INTEGERS SEVEN_INTEGERS ":5\r\n:6\r\n:7\r\n:9\r\n",
        "*3\r\n$7\r\nmessage\r\n*0\r\n$1\r\nb\r\n:9\r\n",
    };
    for (size_t i = 0; i < COUNT_OF(bigs); i++) {
        assert_read_however_cut(true, span_of(bigs[i]),
                                "reply -33'ERR reply too big for a feed link' reply :9 ");
    }
    assert_read(true, S("*16\r\n" SEVEN_INTEGERS SEVEN_INTEGERS ":5\r\n:6\r\n"), 0, 0,
                "reply [ :1 :2 :3 :4 :5 :6 :7 :1 :2 :3 :4 :5 :6 :7 :5 :6 ] ");
}

static void inbox_next__keeps_count__when_a_big_message_is_among_small_ones(void **state)
{
    (void)state;
    struct inbox *in = inbox_new(true);
    struct inbox_item item = {0};
    UT_string bytes;
    size_t lens[] = {3, 5 * 1024 * 1024, 0, 100, 70000, 1};
    size_t seen = 0;

    utstring_init(&bytes);
    for (size_t i = 0; i < COUNT_OF(lens); i++) {
        char *payload = mem_zalloc(lens[i]);
        utstring_printf(&bytes, "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$%zu\r\n", lens[i]);
        utstring_bincpy(&bytes, payload, lens[i]);
        utstring_printf(&bytes, "\r\n");
        mem_free(payload);
    }
    inbox_expect_messages(in);
    for (struct span rest = text_span(&bytes); rest.len > 0;) {
        size_t bite = inbox_bite(in, rest);
        assert_true(bite > 0);
        inbox_feed(in, span_head(rest, bite));
        rest = span_skip(rest, bite);
        while (inbox_next(in, &item) == INBOX_MESSAGE) {
            assert_int_equal(item.payload.len, lens[seen++]);
        }
    }
    assert_int_equal(seen, COUNT_OF(lens));
    inbox_free(in);
    utstring_done(&bytes);
}

struct breach {
    struct span bytes;
    const char *error;
};

static void inbox_next__says_broken_and_stays_so__when_it_is_not_the_protocol(void **state)
{
    (void)state;
    static const struct breach breaches[] = {
        {SPAN_LITERAL("HTTP/1.1 400 Bad Request\r\n"), "Protocol error, got \"H\" as reply type byte"},
        {SPAN_LITERAL("\n"), "Protocol error, got \"\\n\" as reply type byte"},
        {SPAN_LITERAL("*9999999\r\n"), "reply with too many elements"},
        {SPAN_LITERAL("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n"), "reply nested too deep"},
    };
    for (size_t i = 0; i < COUNT_OF(breaches); i++) {
        for (int is_feed = 0; is_feed < 2; is_feed++) {
            struct inbox *in = inbox_new(is_feed);
            struct inbox_item item = {0};
            inbox_feed(in, breaches[i].bytes);
            assert_int_equal(inbox_next(in, &item), INBOX_BROKEN);
            assert_string_equal(inbox_error(in), breaches[i].error);
            inbox_feed(in, S("+OK\r\n"));
            assert_int_equal(inbox_next(in, &item), INBOX_BROKEN);
            inbox_free(in);
        }
    }
}

/* What hiredis says differs from version to version; that it is no reply does not. */
static void inbox_next__says_broken__when_lengths_are_nonsense(void **state)
{
    (void)state;
    static const struct span nonsense[] = {
        SPAN_LITERAL("$-2\r\n"),
        SPAN_LITERAL("*-2\r\n"),
        SPAN_LITERAL("*99999999999\r\n"),
    };
    for (size_t i = 0; i < COUNT_OF(nonsense); i++) {
        for (int is_feed = 0; is_feed < 2; is_feed++) {
            struct inbox *in = inbox_new(is_feed);
            struct inbox_item item = {0};
            inbox_feed(in, nonsense[i]);
            assert_int_equal(inbox_next(in, &item), INBOX_BROKEN);
            assert_true(strlen(inbox_error(in)) > 0);
            inbox_free(in);
        }
    }
}

static void inbox_next__reads_seven_levels__when_replies_are_nested(void **state)
{
    (void)state;
    assert_read(false, S("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"), 9, 20,
                "reply [ [ [ [ [ [ [ :1 ] ] ] ] ] ] ] ");
}

static enum inbox_kind feed_filler(struct inbox *in, const char *head, size_t bytes)
{
    struct inbox_item item = {0};
    char filler[4096];
    enum inbox_kind kind = INBOX_MORE;

    memset(filler, 'x', sizeof(filler));
    inbox_feed(in, span_of(head));
    for (size_t fed = 0; fed < bytes && kind == INBOX_MORE; fed += sizeof(filler)) {
        inbox_feed(in, span_make(filler, sizeof(filler)));
        kind = inbox_next(in, &item);
    }
    return kind;
}

static void inbox_next__gives_up__when_a_line_or_a_string_has_no_end(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        size_t bytes;
        enum inbox_kind kind;
        const char *error;
    } heads[] = {
        {"+", 60 * 1024, INBOX_MORE, ""},
        {"+", 80 * 1024, INBOX_BROKEN, "line over 64 KiB"},
        {"-", 80 * 1024, INBOX_BROKEN, "line over 64 KiB"},
        {"$", 80 * 1024, INBOX_BROKEN, "line over 64 KiB"},
        {"*2\r\n:", 80 * 1024, INBOX_BROKEN, "line over 64 KiB"},
        {"$2147483647\r\n", 8 * 1024 * 1024, INBOX_MORE, ""},
        {"$2147483647\r\n", 80 * 1024 * 1024, INBOX_BROKEN, "reply over 64 MiB"},
    };
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        struct inbox *in = inbox_new(i % 2);
        assert_int_equal(feed_filler(in, heads[i].head, heads[i].bytes), heads[i].kind);
        assert_string_equal(inbox_error(in), heads[i].error);
        inbox_free(in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inbox_next__gives_each_reply_once__when_bytes_are_cut_anywhere),
        cmocka_unit_test(inbox_next__gives_messages_and_the_rest__when_a_feed_is_cut_anywhere),
        cmocka_unit_test(inbox_next__is_binary_safe__when_a_message_holds_any_byte),
        cmocka_unit_test(inbox_next__takes_a_look_alike_for_a_reply__when_nothing_is_subscribed),
        cmocka_unit_test(inbox_next__gives_an_error_in_its_place__when_a_feed_gets_a_reply_that_is_too_big),
        cmocka_unit_test(inbox_next__keeps_count__when_a_big_message_is_among_small_ones),
        cmocka_unit_test(inbox_next__says_broken_and_stays_so__when_it_is_not_the_protocol),
        cmocka_unit_test(inbox_next__says_broken__when_lengths_are_nonsense),
        cmocka_unit_test(inbox_next__reads_seven_levels__when_replies_are_nested),
        cmocka_unit_test(inbox_next__gives_up__when_a_line_or_a_string_has_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
