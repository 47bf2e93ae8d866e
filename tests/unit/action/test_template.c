#include "support/unit.h"

#include "redai/action/template.h"

struct fixture {
    struct templates t;
    struct words w;
    struct err err;
    UT_string out;
};

static int set_up(void **state)
{
    struct fixture *f = mem_zalloc(sizeof *f);
    templates_init(&f->t);
    words_init(&f->w);
    utstring_init(&f->out);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    templates_release(&f->t);
    words_release(&f->w);
    utstring_done(&f->out);
    mem_free(f);
    return 0;
}

static bool add(struct fixture *f, const char *line)
{
    assert_true(words_parse(&f->w, line, &f->err));
    return templates_add(&f->t, &f->w, &f->err);
}

/* values: NAME=VALUE words behind a first word. */
static bool fill(struct fixture *f, const char *name, const char *values)
{
    UT_string line;
    utstring_init(&line);
    utstring_printf(&line, "x %s", values);
    assert_true(words_parse(&f->w, utstring_body(&line), &f->err));
    utstring_done(&line);
    utstring_clear(&f->out);
    return template_arguments(templates_find(&f->t, name), &f->w, 1, &f->out, &f->err);
}

static void templates__hold_the_platforms_two_tasks__when_they_are_new(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(templates_count(&f->t), 2);
    assert_string_equal(templates_find(&f->t, "test")->task, "api.tasks.test_redis_task");
    assert_string_equal(templates_find(&f->t, "batch")->task, "api.tasks.batch_generate_questions");
    assert_null(templates_find(&f->t, "nope"));
    assert_null(templates_at(&f->t, 2));
}

static void template_arguments__makes_a_json_array_in_the_fields_order__when_words_fit(void **state)
{
    struct fixture *f = *state;
    assert_true(add(f, "task all api.tasks.all t:text i:int n:number b:bool j:json d:text=dflt"));
    static const struct {
        const char *name, *values, *json;
    } cases[] = {
        {"test", "", "[\"hello\"]"},
        {"test", "message=", "[\"\"]"},
        {"test", "message=a=b", "[\"a=b\"]"},
        {"test", "'message=say \"hi\" \\ now'", "[\"say \\\"hi\\\" \\\\ now\"]"},
        {"test", "\"message=line\\nfeed \\x1b[2J\"", "[\"line\\nfeed \\u001b[2J\"]"},
        {"batch", "count=20 exam_id=7", "[7, 20]"},
        {"batch", "exam_id=-0012", "[-12, 10]"},
        {"all", "'j={\"a\":[1,2]}' b=yes n=1.50e3 i=+5 t=x",
         "[\"x\", 5, 1.50e3, true, {\"a\":[1,2]}, \"dflt\"]"},
        {"all", "j=null b=off n=-0.5 i=0 t=\xc3\xa9 d=e", "[\"\xc3\xa9\", 0, -0.5, false, null, \"e\"]"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(fill(f, cases[i].name, cases[i].values));
        assert_string_equal(utstring_body(&f->out), cases[i].json);
    }
}

static void template_arguments__names_the_field__when_a_word_does_not_fit(void **state)
{
    struct fixture *f = *state;
    assert_true(add(f, "task all api.tasks.all t:text i:int n:number b:bool j:json"));
    static const struct {
        const char *name, *values, *error;
    } cases[] = {
        {"batch", "exam_id=x", "batch: exam_id=\"x\": expected a whole number"},
        {"batch", "exam_id=1.5", "batch: exam_id=\"1.5\": expected a whole number"},
        {"batch", "count=", "batch: count=\"\": expected a whole number"},
        {"batch", "cuont=5", "batch: no field \"cuont\", expected NAME=VALUE of: exam_id count"},
        {"batch", "5", "batch: no field \"5\", expected NAME=VALUE of: exam_id count"},
        {"batch", "count=1 count=2", "batch: \"count\" is given twice"},
        {"test", "\"message=\\xff\"", "test: message=\"\\xff\": expected a text in UTF-8"},
        {"all", "i=1 n=1 b=1 j=1", "all: needs t=VALUE, a text in UTF-8"},
        {"all", "t=1 i=1 n=0x10 b=1 j=1", "all: n=\"0x10\": expected a number like 12 or 1.5"},
        {"all", "t=1 i=1 n=.5 b=1 j=1", "all: n=\".5\": expected a number like 12 or 1.5"},
        {"all", "t=1 i=1 n=1 b=maybe j=1", "all: b=\"maybe\": expected true or false"},
        {"all", "t=1 i=1 n=1 b=1 j=1,2", "all: j=\"1,2\": expected one JSON value"},
        {"all", "t=1 i=1 n=1 b=1 j=1],[2", "all: j=\"1],[2\": expected one JSON value"},
        {"all", "t=1 i=1 n=1 b=1 j=", "all: j=\"\": expected one JSON value"},
        {"all", "t=1 i=1 n=1 b=1 j={", "all: j=\"{\": expected one JSON value"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(fill(f, cases[i].name, cases[i].values));
        assert_string_equal(f->err.text, cases[i].error);
        assert_int_equal(utstring_len(&f->out), 0);
    }
}

static void templates_add__names_the_wrong_word__when_a_line_is_broken(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *line, *error;
    } cases[] = {
        {"task", "task: expected NAME TASK [FIELD:TYPE[=VALUE]...]"},
        {"task a", "task: expected NAME TASK [FIELD:TYPE[=VALUE]...]"},
        {"task 'a b' c.d", "task \"a b\": a name is letters, digits, _ - and dots"},
        {"task a 'c d'", "task a: \"c d\" is no task name"},
        {"task a c.d exam_id", "task a: \"exam_id\": expected NAME:TYPE or NAME:TYPE=VALUE"},
        {"task a c.d :int", "task a: \":int\": expected NAME:TYPE or NAME:TYPE=VALUE"},
        {"task a c.d x:float",
         "task a: \"x:float\": unknown type \"float\", expected text int number bool or json"},
        {"task a c.d x:int=ten", "task a: x=\"ten\": expected a whole number"},
        {"task a c.d x:int x:text", "task a: the field \"x\" is given twice"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(add(f, cases[i].line));
        assert_string_equal(f->err.text, cases[i].error);
    }
    assert_int_equal(templates_count(&f->t), 2);
}

static void templates_add__replaces__when_the_name_is_there(void **state)
{
    struct fixture *f = *state;
    assert_true(add(f, "task test other.task"));
    assert_int_equal(templates_count(&f->t), 2);
    assert_string_equal(templates_find(&f->t, "test")->task, "other.task");
    assert_true(fill(f, "test", ""));
    assert_string_equal(utstring_body(&f->out), "[]");
    assert_false(fill(f, "test", "a=b"));
    assert_string_equal(f->err.text, "test: no field \"a\", expected none");
}

static void template_commands__add_a_template__when_a_config_line_is_run(void **state)
{
    struct fixture *f = *state;
    struct command_set set = {.count = 0};
    command_join(&set, template_commands, template_commands_count, &f->t);
    assert_true(command_run_text(&set, "config", "task mail api.tasks.mail to:text\n", &f->err));
    assert_non_null(templates_find(&f->t, "mail"));
    assert_false(command_run_text(&set, "config", "task mail api.tasks.mail to:txt\n", &f->err));
    assert_string_equal(
        f->err.text, "config:1: task mail: \"to:txt\": unknown type \"txt\", expected text int number bool "
                     "or json");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(templates__hold_the_platforms_two_tasks__when_they_are_new),
        TEST(template_arguments__makes_a_json_array_in_the_fields_order__when_words_fit),
        TEST(template_arguments__names_the_field__when_a_word_does_not_fit),
        TEST(templates_add__names_the_wrong_word__when_a_line_is_broken),
        TEST(templates_add__replaces__when_the_name_is_there),
        TEST(template_commands__add_a_template__when_a_config_line_is_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
