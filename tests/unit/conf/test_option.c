#include "support/unit.h"

#include <stdlib.h>

#include "redai/conf/option.h"

static void options_init__gives_every_default__when_nothing_was_said(void **state)
{
    (void)state;
    struct options o;
    options_init(&o);
    for (int id = 0; id < OPTION_COUNT; id++) {
        const char *initial = option_rows[id].initial;
        assert_int_equal(o.value[id].source, initial ? OPTION_DEFAULT : OPTION_UNSET);
        assert_int_equal(o.value[id].text != NULL, initial != NULL);
        assert_int_equal(option_rows[id].argument == NULL, option_rows[id].type == OPTION_FLAG);
    }
    assert_string_equal(option_text(&o, OPTION_THEME), "dark");
    assert_null(option_text(&o, OPTION_URL));
    assert_false(option_on(&o, OPTION_READ_ONLY));
    assert_int_equal(option_number(&o, OPTION_REFRESH), 1000000);
    assert_int_equal(option_number(&o, OPTION_ASCII), 0);
    options_release(&o);
    options_release(&o);
}

static void options_set__keeps_the_stronger_source__when_a_weaker_one_comes_later(void **state)
{
    (void)state;
    struct options o;
    options_init(&o);
    assert_true(options_set(&o, OPTION_THEME, "light", OPTION_FROM_ENV, NULL));
    assert_true(options_set(&o, OPTION_THEME, "mono", OPTION_FROM_FILE, NULL));
    assert_string_equal(option_text(&o, OPTION_THEME), "light");
    assert_true(options_set(&o, OPTION_THEME, "safe", OPTION_FROM_ENV, NULL));
    assert_true(options_set(&o, OPTION_THEME, option_text(&o, OPTION_THEME), OPTION_FROM_FLAG, NULL));
    assert_string_equal(option_text(&o, OPTION_THEME), "safe");
    options_release(&o);
}

static void options_set__names_option_value_and_expectation__when_a_value_is_wrong(void **state)
{
    (void)state;
    static const struct {
        enum option_id id;
        const char *text, *message;
    } cases[] = {
        {OPTION_READ_ONLY, "maybe", "option \"read-only\": \"maybe\" is not understood, expected on or off"},
        {OPTION_REFRESH, "1ms",
         "option \"refresh\": \"1ms\" is not understood, expected a time like 500ms, 30s "
         "or 5m, from 0.25s to 60s"},
        {OPTION_COLOR, "\033]",
         "option \"color\": \"^[]\" is not understood, expected one of: auto 256 16 8 "
         "mono"},
        {OPTION_BUDGET, "7",
         "option \"budget\": \"7\" is not understood, expected a whole number from 8 to "
         "1000000"},
        {OPTION_BUDGET, "",
         "option \"budget\": \"\" is not understood, expected a whole number from 8 to "
         "1000000"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct err err = {0};
        options_init(&o);
        assert_false(options_set(&o, cases[i].id, cases[i].text, OPTION_FROM_FLAG, &err));
        assert_string_equal(err.text, cases[i].message);
        assert_int_equal(err.code, ERR_USAGE);
        assert_int_equal(o.value[cases[i].id].source, OPTION_DEFAULT);
        options_release(&o);
    }
}

static bool parse(struct options *o, UT_array *rest, struct err *err, char **argv)
{
    int argc = 0;
    while (argv[argc]) {
        argc++;
    }
    return options_from_argv(o, argc, argv, rest, err);
}

#define ARGV(...) ((char *[]){(char[]){"redai-console"}, __VA_ARGS__, NULL})
#define W(text)   ((char[]){text})

static void options_from_argv__takes_every_spelling__when_flags_and_words_are_mixed(void **state)
{
    (void)state;
    struct options o;
    struct err err = {0};
    UT_array rest;
    options_init(&o);
    utarray_init(&rest, &ut_ptr_icd);
    assert_true(parse(&o, &rest, &err,
                      ARGV(W("enqueue"), W("--queue"), W("slow"), W("a=1"), W("--refresh=500ms"),
                           W("-uredis://h"), W("--read-only"), W("--no-yes"), W("--args"), W("-5"), W("-"),
                           W("-hV"), W("--"), W("--yes"))));
    assert_string_equal(option_text(&o, OPTION_QUEUE), "slow");
    assert_int_equal(option_number(&o, OPTION_REFRESH), 500000);
    assert_string_equal(option_text(&o, OPTION_URL), "redis://h");
    assert_true(option_on(&o, OPTION_READ_ONLY));
    assert_false(option_on(&o, OPTION_YES));
    assert_int_equal(o.value[OPTION_YES].source, OPTION_FROM_FLAG);
    assert_string_equal(option_text(&o, OPTION_ARGS), "-5");
    assert_true(option_on(&o, OPTION_HELP) && option_on(&o, OPTION_VERSION));
    static const char *const words[] = {"enqueue", "a=1", "-", "--yes"};
    assert_int_equal(utarray_len(&rest), COUNT_OF(words));
    for (unsigned i = 0; i < COUNT_OF(words); i++) {
        assert_string_equal(((char **)(void *)rest.d)[i], words[i]);
    }
    utarray_done(&rest);
    options_release(&o);
}

static void options_from_argv__keeps_each_of_a_flag_that_repeats__when_its_row_allows(void **state)
{
    (void)state;
    static const UT_icd borrowed = {sizeof(char *), NULL, NULL, NULL};
    char *argv[] = {(char *)"redai-console", (char *)"--on", (char *)"a@x",     (char *)"--on=b@x",
                    (char *)"--queue",       (char *)"one",  (char *)"--queue", (char *)"two"};
    struct options o;
    UT_array rest;
    options_init(&o);
    utarray_init(&rest, &borrowed);
    assert_true(options_set(&o, OPTION_ON, "of a file", OPTION_FROM_FILE, NULL));
    assert_true(options_from_argv(&o, COUNT_OF(argv), argv, &rest, NULL));
    assert_string_equal(option_text(&o, OPTION_ON), "a@x\nb@x");
    assert_string_equal(option_text(&o, OPTION_QUEUE), "two");
    utarray_done(&rest);
    options_release(&o);
}

static void options_from_argv__names_the_flag_and_never_its_value__when_it_is_unknown(void **state)
{
    (void)state;
    static const struct {
        const char *first, *second, *message;
    } cases[] = {
        {"--ulr=redis://:hunter2@h", NULL, "unknown option \"--ulr\", did you mean \"--url\"?"},
        {"--frobnicate", NULL, "unknown option \"--frobnicate\", expected one that --help lists"},
        {"-x", NULL, "unknown option \"-x\", expected one that --help lists"},
        {"-hx", NULL, "unknown option \"-x\", expected one that --help lists"},
        {"--no-theme", NULL, "unknown option \"--no-theme\", expected one that --help lists"},
        {"--url", NULL, "option \"--url\" needs a value: URL"},
        {"-u", NULL, "option \"--url\" needs a value: URL"},
        {"--format", "xml",
         "option \"format\": \"xml\" is not understood, expected one of: text json nagios"},
        {"--yes=perhaps", NULL, "option \"yes\": \"perhaps\" is not understood, expected on or off"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct err err = {0};
        UT_array rest;
        options_init(&o);
        utarray_init(&rest, &ut_ptr_icd);
        char *first = mem_strdup(cases[i].first);
        char *second = mem_strdup(cases[i].second);
        assert_false(parse(&o, &rest, &err, ARGV(first, second)));
        assert_string_equal(err.text, cases[i].message);
        mem_free(first);
        mem_free(second);
        utarray_done(&rest);
        options_release(&o);
    }
}

static void options_from_environment__takes_set_variables_only__when_some_are_empty(void **state)
{
    (void)state;
    struct options o;
    options_init(&o);
    setenv("REDIS_URL", "", 1);
    assert_true(options_from_environment(&o, NULL));
    assert_null(option_text(&o, OPTION_URL));
    setenv("REDIS_URL", "redis://env", 1);
    assert_true(options_from_environment(&o, NULL));
    assert_string_equal(option_text(&o, OPTION_URL), "redis://env");
    assert_int_equal(o.value[OPTION_URL].source, OPTION_FROM_ENV);
    unsetenv("REDIS_URL");
    options_release(&o);
}

static void set__changes_a_setting__when_a_configuration_says_so(void **state)
{
    (void)state;
    struct options o;
    struct err err = {0};
    struct command_set set = {0};
    options_init(&o);
    command_join(&set, option_commands, option_commands_count, &o);
    assert_true(command_run_text(&set, "config", "set refresh 2s\nset read-only\nset ascii on\n", &err));
    assert_int_equal(option_number(&o, OPTION_REFRESH), 2000000);
    assert_true(option_on(&o, OPTION_READ_ONLY));
    assert_int_equal(option_number(&o, OPTION_ASCII), 1);
    assert_false(command_run_text(&set, "config", "\nset themes dark", &err));
    assert_string_equal(err.text, "config:2: unknown setting \"themes\", did you mean \"theme\"?");
    assert_false(command_run_text(&set, "config", "set theme", &err));
    assert_string_equal(err.text, "config:1: setting \"theme\" needs a value: NAME");
    assert_false(command_run_text(&set, "config", "set refresh soon", &err));
    assert_non_null(strstr(err.text, "config:1: option \"refresh\": \"soon\""));
    assert_false(command_run_text(&set, "config", "set help on", &err));
    assert_string_equal(err.text, "config:1: \"help\" belongs on the command line");
    UT_array *out;
    utarray_new(out, &ut_str_icd);
    command_complete(&set, "set the", out);
    assert_int_equal(utarray_len(out), 1);
    assert_string_equal(((char **)(void *)out->d)[0], "theme");
    utarray_free(out);
    options_release(&o);
}

static void options_help__has_a_line_for_each_option__when_asked(void **state)
{
    (void)state;
    UT_string help;
    utstring_init(&help);
    options_help(&help);
    for (int id = 0; id < OPTION_COUNT; id++) {
        assert_true(span_search(text_span(&help), span_of(option_rows[id].help)) < utstring_len(&help));
    }
    assert_non_null(strstr(utstring_body(&help), "  -u, --url URL"));
    assert_non_null(strstr(utstring_body(&help), "(dark)"));
    utstring_done(&help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_init__gives_every_default__when_nothing_was_said),
        cmocka_unit_test(options_set__keeps_the_stronger_source__when_a_weaker_one_comes_later),
        cmocka_unit_test(options_set__names_option_value_and_expectation__when_a_value_is_wrong),
        cmocka_unit_test(options_from_argv__takes_every_spelling__when_flags_and_words_are_mixed),
        cmocka_unit_test(options_from_argv__keeps_each_of_a_flag_that_repeats__when_its_row_allows),
        cmocka_unit_test(options_from_argv__names_the_flag_and_never_its_value__when_it_is_unknown),
        cmocka_unit_test(options_from_environment__takes_set_variables_only__when_some_are_empty),
        cmocka_unit_test(set__changes_a_setting__when_a_configuration_says_so),
        cmocka_unit_test(options_help__has_a_line_for_each_option__when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
