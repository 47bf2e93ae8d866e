#include "support/unit.h"

#include "redai/base/base64.h"

static void base64__agrees_with_rfc_4648__both_ways(void **state)
{
    (void)state;
    static const struct {
        struct span raw, text;
    } rows[] = {
        {{NULL, 0}, SPAN_LITERAL("")},
        {SPAN_LITERAL("f"), SPAN_LITERAL("Zg==")},
        {SPAN_LITERAL("fo"), SPAN_LITERAL("Zm8=")},
        {SPAN_LITERAL("foo"), SPAN_LITERAL("Zm9v")},
        {SPAN_LITERAL("foob"), SPAN_LITERAL("Zm9vYg==")},
        {SPAN_LITERAL("fooba"), SPAN_LITERAL("Zm9vYmE=")},
        {SPAN_LITERAL("foobar"), SPAN_LITERAL("Zm9vYmFy")},
        {SPAN_LITERAL("\xff\xef\xbe\xfb"), SPAN_LITERAL("/++++w==")},
        {SPAN_LITERAL("\0\0\0"), SPAN_LITERAL("AAAA")},
        {SPAN_LITERAL("[[1, 2], {}, {\"chord\": null}]"),
         SPAN_LITERAL("W1sxLCAyXSwge30sIHsiY2hvcmQiOiBudWxsfV0=")},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        UT_string out;
        utstring_init(&out);
        text_add(&out, S(">"));
        base64_encode(rows[i].raw, &out);
        if (!span_equal(span_skip(text_span(&out), 1), rows[i].text)) {
            fail_msg("row %zu encodes to %s", i, utstring_body(&out));
        }
        utstring_clear(&out);
        text_add(&out, S(">"));
        assert_true(base64_decode(rows[i].text, &out));
        if (!span_equal(span_skip(text_span(&out), 1), rows[i].raw)) {
            fail_msg("row %zu decodes wrongly", i);
        }
        utstring_done(&out);
    }
}

static void base64_decode__gives_back__every_byte_at_every_length(void **state)
{
    (void)state;
    char raw[256];
    for (size_t i = 0; i < sizeof(raw); i++) {
        raw[i] = (char)(255 - i);
    }
    for (size_t len = 0; len <= sizeof(raw); len++) {
        UT_string text;
        UT_string back;
        utstring_init(&text);
        utstring_init(&back);
        base64_encode(span_make(raw, len), &text);
        assert_int_equal(utstring_len(&text), (len + 2) / 3 * 4);
        assert_true(base64_decode(text_span(&text), &back));
        assert_true(span_equal(text_span(&back), span_make(raw, len)));
        utstring_done(&text);
        utstring_done(&back);
    }
}

static void base64_decode__passes_over__line_breaks(void **state)
{
    (void)state;
    UT_string out;
    utstring_init(&out);
    assert_true(base64_decode(S("Zm9\r\nvYg=\n=\n"), &out));
    assert_string_equal(utstring_body(&out), "foob");
    utstring_done(&out);
}

static void base64_decode__leaves_the_text_alone__when_malformed(void **state)
{
    (void)state;
    static const struct span rows[] = {
        SPAN_LITERAL("Z"),         SPAN_LITERAL("Zg"),       SPAN_LITERAL("Zg="),
        SPAN_LITERAL("Zg==="),     SPAN_LITERAL("Zg==Zg=="), SPAN_LITERAL("Zm9vZ==="),
        SPAN_LITERAL("===="),      SPAN_LITERAL("="),        SPAN_LITERAL("Zm9v="),
        SPAN_LITERAL("Zm=v"),      SPAN_LITERAL("Zm9-"),     SPAN_LITERAL("Zm9_"),
        SPAN_LITERAL("Zm 9v"),     SPAN_LITERAL("Zm9v\0"),   SPAN_LITERAL("Zm\xc3\xa9"),
        SPAN_LITERAL("Zm9vZm9v!"), SPAN_LITERAL("[[], {}]"),
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        UT_string out;
        utstring_init(&out);
        text_add(&out, S("kept"));
        if (base64_decode(rows[i], &out)) {
            fail_msg("'%s' was taken", rows[i].data);
        }
        assert_string_equal(utstring_body(&out), "kept");
        assert_int_equal(utstring_len(&out), 4);
        utstring_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64__agrees_with_rfc_4648__both_ways),
        cmocka_unit_test(base64_decode__gives_back__every_byte_at_every_length),
        cmocka_unit_test(base64_decode__passes_over__line_breaks),
        cmocka_unit_test(base64_decode__leaves_the_text_alone__when_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
