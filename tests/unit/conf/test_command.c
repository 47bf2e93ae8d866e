#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "redai/conf/command.h"

static bool count_call(void *ctx, const struct words *w, struct err *err)
{
    (void)err;
    *(int *)ctx += (int)words_count(w);
    return true;
}

static bool fail_call(void *ctx, const struct words *w, struct err *err)
{
    (void)ctx;
    return err_set(err, ERR_REFUSED, "no %s", words_at(w, 0));
}

static const struct command first_rows[] = {
    {"quit", "", "leave", 0, 0, COMMAND_WATCH | COMMAND_SCREEN, count_call, NULL},
    {"pane", "NAME", "choose", 1, 1, COMMAND_WATCH, count_call, "next prev sessions"},
    {"secret", "", "hidden", 0, 0, COMMAND_WATCH | COMMAND_HIDDEN, count_call, NULL},
};
static const struct command second_rows[] = {
    {"set", "NAME [VALUE]", "change", 1, 2, COMMAND_WATCH | COMMAND_CONFIG, count_call, NULL},
    {"revoke", "session SID", "end", 2, -1, 0, count_call, "session user task"},
    {"purge", "", "fails", 0, 0, COMMAND_CONFIG, fail_call, NULL},
};

struct fixture {
    struct command_set set;
    int first, second;
    struct err err;
};

static struct fixture *fixture_new(void)
{
    struct fixture *f = mem_zalloc(sizeof *f);
    command_join(&f->set, first_rows, COUNT_OF(first_rows), &f->first);
    command_join(&f->set, second_rows, COUNT_OF(second_rows), &f->second);
    return f;
}

static void command_run__calls_the_row_with_its_tables_context__when_the_line_is_right(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    assert_true(command_run(&f->set, "pane next", 0, &f->err));
    assert_true(command_run(&f->set, "quit # now", COMMAND_WATCH | COMMAND_SCREEN, &f->err));
    assert_true(command_run(&f->set, "revoke session a b c", 0, &f->err));
    assert_true(command_run(&f->set, "   ", 0, &f->err));
    assert_true(command_run(&f->set, "# nothing", COMMAND_CONFIG, &f->err));
    assert_int_equal(f->first, 3);
    assert_int_equal(f->second, 5);
    assert_null(command_find(&f->set, "QUIT", NULL));
    mem_free(f);
}

static void command_run__names_the_word_and_what_was_expected__when_the_line_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        unsigned required;
        const char *message;
    } cases[] = {
        {"elephant", COMMAND_CONFIG, "unknown command \"elephant\", expected one of: set purge"},
        {"qiut", 0, "unknown command \"qiut\", did you mean \"quit\"?"},
        {"rev x", 0, "unknown command \"rev\", did you mean \"revoke\"?"},
        {"secre", 0, "unknown command \"secre\", expected one that the help lists"},
        {"elephant", 0, "unknown command \"elephant\", expected one that the help lists"},
        {"\"\\x1b[2J\"", 0, "unknown command \"^[[2J\", expected one that the help lists"},
        {"pane", 0, "\"pane\" needs more words, usage: pane NAME"},
        {"pane a b", 0, "\"b\" is one word too many, usage: pane NAME"},
        {"quit now", 0, "\"now\" is one word too many, usage: quit"},
        {"revoke session x", COMMAND_WATCH, "\"revoke\" is refused: read-only"},
        {"quit", COMMAND_CONFIG, "\"quit\" has no place in a configuration file"},
        {"set a", COMMAND_SCREEN, "\"set\" has no place without a screen"},
        {"purge", 0, "no purge"},
        {"pane \"next", 0, "column 6: this quote is not closed"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture *f = fixture_new();
        assert_false(command_run(&f->set, cases[i].line, cases[i].required, &f->err));
        assert_string_equal(f->err.text, cases[i].message);
        assert_int_equal(f->first + f->second, 0);
        mem_free(f);
    }
}

static void assert_completions(const char *line, const char *expected)
{
    struct fixture *f = fixture_new();
    UT_array *out;
    utarray_new(out, &ut_str_icd);
    command_complete(&f->set, line, out);
    UT_string joined;
    utstring_init(&joined);
    for (unsigned i = 0; i < utarray_len(out); i++) {
        utstring_printf(&joined, "%s%s", i ? " " : "", ((char **)(void *)out->d)[i]);
    }
    assert_string_equal(utstring_body(&joined), expected);
    utstring_done(&joined);
    utarray_free(out);
    mem_free(f);
}

static void command_complete__offers_names_then_choices__when_the_last_word_begins_like_them(void **state)
{
    (void)state;
    assert_completions("", "pane purge quit revoke set");
    assert_completions("p", "pane purge");
    assert_completions("pane", "pane");
    assert_completions("pane ", "next prev sessions");
    assert_completions("pane se", "sessions");
    assert_completions("pane sessions ", "");
    assert_completions("nothing ", "");
    assert_completions("\"pane", "");
    assert_completions("secre", "");
}

static void command_run_text__names_file_and_line__when_a_line_fails(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    assert_true(command_run_text(&f->set, "t", "\xEF\xBB\xBFset a b\r\n\n# x\nset c", &f->err));
    assert_int_equal(f->second, 5);
    assert_false(command_run_text(&f->set, "my\033.conf", "set a\n\nsett b\nset c\n", &f->err));
    assert_string_equal(f->err.text, "my^[.conf:3: unknown command \"sett\", did you mean \"set\"?");
    assert_int_equal(f->second, 7);
    assert_false(command_run_text(&f->set, "t", "pane next", &f->err));
    assert_string_equal(f->err.text, "t:1: \"pane\" has no place in a configuration file");
    mem_free(f);
}

static void command_run_file__says_what_is_wrong__when_the_file_is_no_configuration(void **state)
{
    (void)state;
    struct fixture *f = fixture_new();
    char path[] = "/tmp/redai-conf-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "set a\nset \0b\n", 13), 13);
    assert_false(command_run_file(&f->set, path, &f->err));
    assert_non_null(strstr(f->err.text, ":2: a zero byte"));
    assert_int_equal(ftruncate(fd, 2 << 20), 0);
    assert_false(command_run_file(&f->set, path, &f->err));
    assert_int_equal(f->err.code, ERR_RANGE);
    assert_int_equal(ftruncate(fd, 6), 0);
    assert_true(command_run_file(&f->set, path, &f->err));
    close(fd);
    unlink(path);
    assert_false(command_run_file(&f->set, path, &f->err));
    assert_int_equal(f->err.code, ERR_IO);
    assert_non_null(strstr(f->err.text, "No such file"));
    assert_false(command_run_file(&f->set, "/", &f->err));
    assert_int_equal(f->err.code, ERR_IO);
    mem_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_run__calls_the_row_with_its_tables_context__when_the_line_is_right),
        cmocka_unit_test(command_run__names_the_word_and_what_was_expected__when_the_line_is_wrong),
        cmocka_unit_test(command_complete__offers_names_then_choices__when_the_last_word_begins_like_them),
        cmocka_unit_test(command_run_text__names_file_and_line__when_a_line_fails),
        cmocka_unit_test(command_run_file__says_what_is_wrong__when_the_file_is_no_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
