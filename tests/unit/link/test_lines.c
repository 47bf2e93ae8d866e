#include "link/lines.h"
#include "support/unit.h"

#include <stdio.h>

#include "redai/base/container.h"
#include "redai/base/mem.h"

/* What comes out of bytes that arrive in pieces which end at the given places. */
static char *read_in_pieces(struct span bytes, size_t first, size_t second)
{
    struct lines l = {0};
    UT_string out;
    const struct span pieces[] = {span_head(bytes, first), span_head(span_skip(bytes, first), second - first),
                                  span_skip(bytes, second)};
    utstring_init(&out);
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        /* A copy of just its size, so that a sanitizer sees a byte read too far or kept too long. */
        char *copy = mem_zalloc(pieces[i].len + 1);
        memcpy(copy, pieces[i].data, pieces[i].len);
        struct span rest = span_make(copy, pieces[i].len), line;
        while (lines_next(&l, &rest, &line)) {
            utstring_printf(&out, "[%.*s]", (int)line.len, line.data);
        }
        assert_int_equal(rest.len, 0);
        mem_free(copy);
    }
    lines_release(&l);
    return utstring_body(&out);
}

static void lines_next__gives_the_same_lines__wherever_the_bytes_are_parted(void **state)
{
    (void)state;
    const struct span bytes = S("+OK\r\n+1.0 \"a\"\r\n\r\n+2.0\n-ERR x\r\nrest");
    for (size_t first = 0; first <= bytes.len; first++) {
        for (size_t second = first; second <= bytes.len; second++) {
            char *text = read_in_pieces(bytes, first, second);
            assert_string_equal(text, "[+OK][+1.0 \"a\"][][+2.0][-ERR x]");
            free(text);
        }
    }
}

static void lines_next__keeps_the_front__of_a_line_without_end(void **state)
{
    (void)state;
    struct lines l = {0};
    char block[5000];
    struct span line, rest;
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 1000; i++) {
        rest = span_make(block, sizeof block);
        assert_false(lines_next(&l, &rest, &line));
        assert_true(l.len <= LINES_KEPT);
    }
    rest = S("\r\n+next\r\n");
    assert_true(lines_next(&l, &rest, &line));
    assert_int_equal(line.len, LINES_KEPT);
    assert_true(lines_next(&l, &rest, &line));
    assert_true(span_equal(line, S("+next")));
    assert_false(lines_next(&l, &rest, &line));
    lines_release(&l);
}

static void lines_reply__is__a_status_or_an_error(void **state)
{
    (void)state;
    struct lines l = {0};
    assert_true(reply_is_ok(lines_reply(&l, S("+OK"))));
    const struct reply *r = lines_reply(&l, S("-NOPERM no"));
    assert_true(reply_is_error(r));
    assert_true(span_equal(reply_error(r), S("NOPERM no")));
    assert_null(lines_reply(&l, S("")));
    assert_null(lines_reply(&l, S("$5")));
    lines_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_next__gives_the_same_lines__wherever_the_bytes_are_parted),
        cmocka_unit_test(lines_next__keeps_the_front__of_a_line_without_end),
        cmocka_unit_test(lines_reply__is__a_status_or_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
