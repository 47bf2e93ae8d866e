#include "support/unit.h"

#include <string.h>

#include "redai/base/err.h"

static void err_set__fills_code_and_text__and_returns_false(void **state)
{
    (void)state;
    struct err err = {0};
    assert_false(err_set(&err, ERR_PARSE, "'%s' is no number", "12x"));
    assert_int_equal(err.code, ERR_PARSE);
    assert_string_equal(err.text, "'12x' is no number");
}

static void err_set__does_nothing__without_an_err(void **state)
{
    (void)state;
    assert_false(err_set(NULL, ERR_IO, "%d", 1));
    assert_false(err_prefix(NULL, "%d", 1));
}

static void err_set__keeps_one_line__whatever_was_quoted(void **state)
{
    (void)state;
    struct err err;
    err_set(&err, ERR_REPLY, "server said '%s'", "-ERR\r\n\x1b[2J\tx\x7f");
    assert_string_equal(err.text, "server said '-ERR   [2J x '");
    err_set(&err, ERR_REPLY, "cut short\n");
    assert_string_equal(err.text, "cut short");
}

static void err_set__may_quote__its_own_text(void **state)
{
    (void)state;
    struct err err;
    err_set(&err, ERR_IO, "disk full");
    err_set(&err, ERR_INTERNAL, "journal: %s", err.text);
    assert_string_equal(err.text, "journal: disk full");
}

static void err_set__cuts_between_characters__when_too_long(void **state)
{
    (void)state;
    char long_text[1000];
    struct err err;
    /* Two-byte characters behind one byte, then none: the cut falls within one in one of the two cases. */
    for (size_t lead = 0; lead < 2; lead++) {
        memset(long_text, 'x', lead);
        for (size_t i = lead; i + 2 < sizeof(long_text); i += 2) {
            memcpy(long_text + i, "\xc3\xa9", 2);
            long_text[i + 2] = '\0';
        }
        err_set(&err, ERR_PARSE, "%s", long_text);
        size_t len = strlen(err.text);
        assert_in_range(len, sizeof(err.text) - 4, sizeof(err.text) - 1);
        assert_memory_equal(err.text, long_text, len);
        assert_int_equal((len - lead) % 2, 0);
    }
}

static void err_prefix__goes_in_front__and_keeps_the_code(void **state)
{
    (void)state;
    struct err err = {0};
    err_set(&err, ERR_NOT_FOUND, "no such theme");
    assert_false(err_prefix(&err, "config:%d", 12));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_string_equal(err.text, "config:12: no such theme");
}

static void err_prefix__stays_within_the_text__when_both_are_long(void **state)
{
    (void)state;
    char half[300];
    struct err err;
    memset(half, 'a', sizeof(half) - 1);
    half[sizeof(half) - 1] = '\0';
    err_set(&err, ERR_IO, "%s", half);
    for (int i = 0; i < 3; i++) {
        err_prefix(&err, "%s", half);
        assert_int_equal(strnlen(err.text, sizeof(err.text)), sizeof(err.text) - 1);
        assert_int_equal(err.text[299], ':');
    }
}

static void err_code_text__knows__every_code(void **state)
{
    (void)state;
    for (int code = 0; code < ERR_COUNT; code++) {
        const char *text = err_code_text((enum err_code)code);
        assert_non_null(text);
        assert_true(strlen(text) > 3);
    }
    assert_string_equal(err_code_text(ERR_UNKNOWN), "outcome unknown");
    assert_string_equal(err_code_text(ERR_COUNT), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(err_set__fills_code_and_text__and_returns_false),
        cmocka_unit_test(err_set__does_nothing__without_an_err),
        cmocka_unit_test(err_set__keeps_one_line__whatever_was_quoted),
        cmocka_unit_test(err_set__may_quote__its_own_text),
        cmocka_unit_test(err_set__cuts_between_characters__when_too_long),
        cmocka_unit_test(err_prefix__goes_in_front__and_keeps_the_code),
        cmocka_unit_test(err_prefix__stays_within_the_text__when_both_are_long),
        cmocka_unit_test(err_code_text__knows__every_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
