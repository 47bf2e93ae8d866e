#include "support/unit.h"

#include "redai/conf/key.h"
#include "redai/conf/keymap.h"

static void key_parse__gives_the_code_and_key_name_the_name__when_a_key_has_both(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t code;
        const char *shown; /* NULL: the same */
    } cases[] = {
        {"a", 'a', NULL},
        {"X", 'X', NULL},
        {"+", '+', NULL},
        {"#", '#', NULL},
        {"\xc3\xa9", 0xE9, NULL},
        {" ", ' ', "Space"},
        {"Space", ' ', NULL},
        {"Enter", 13, NULL},
        {"enter", 13, "Enter"},
        {"Esc", 27, NULL},
        {"Tab", 9, NULL},
        {"S-Tab", KEY_CODE_BACK_TAB, NULL},
        {"PgDn", KEY_CODE_PAGE_DOWN, NULL},
        {"PageDown", KEY_CODE_PAGE_DOWN, "PgDn"},
        {"F1", KEY_CODE_F1, NULL},
        {"F12", KEY_CODE_F12, NULL},
        {"C-d", 4, NULL},
        {"C-D", 4, "C-d"},
        {"C-i", 9, "Tab"},
        {"C-m", 13, "Enter"},
        {"C-j", 13, "Enter"},
        {"C-[", 27, "Esc"},
        {"C-h", KEY_CODE_BACKSPACE, "Backspace"},
        {"C-_", 31, NULL},
        {"M-b", 'b' | KEY_META, NULL},
        {"M-Up", KEY_CODE_UP | KEY_META, NULL},
        {"M-Backspace", KEY_CODE_BACKSPACE | KEY_META, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint32_t code = 0;
        char name[16];
        assert_true(key_parse(cases[i].name, &code));
        assert_int_equal(code, cases[i].code);
        key_name(code, name);
        assert_string_equal(name, cases[i].shown ? cases[i].shown : cases[i].name);
    }
}

static void key_parse__refuses__when_no_key_has_the_name(void **state)
{
    (void)state;
    static const char *const names[] = {"",    "ab", "F0",   "F13",   "F1x",  "F01",  "C-",          "C-ab",
                                        "C-1", "M-", "M-M-", "M-M-a", "\033", "\x80", "\xe2\x80\xae"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        uint32_t code = 77;
        assert_false(key_parse(names[i], &code));
        assert_int_equal(code, 77);
    }
    char name[16];
    key_name(0, name);
    assert_string_equal(name, "?");
    key_name(UINT32_MAX, name);
    assert_string_equal(name, "?");
}

static void keymap_find__takes_the_panes_own_row_first__when_all_has_one_too(void **state)
{
    (void)state;
    struct keymap map;
    struct err err = {0};
    keymap_init(&map);
    assert_true(keymap_bind(&map, "all", "x", "revoke", "revoke", &err));
    assert_true(keymap_bind(&map, "batches", "x", "dismiss", NULL, &err));
    assert_true(keymap_bind(&map, "all", "y", "revoke", "too", &err));
    assert_string_equal(keymap_find(&map, "batches", 'x')->line, "dismiss");
    assert_string_equal(keymap_find(&map, "sessions", 'x')->line, "revoke");
    assert_string_equal(keymap_find(&map, NULL, 'x')->line, "revoke");
    assert_null(keymap_find(&map, "sessions", 'z'));
    /* In batches, x does something else: y is the key that revokes there. */
    assert_int_equal(keymap_key_for(&map, "sessions", "revoke"), 'x');
    assert_int_equal(keymap_key_for(&map, "batches", "revoke"), 'y');
    assert_int_equal(keymap_key_for(&map, "sessions", "dismiss"), 0);
    assert_true(keymap_bind(&map, "batches", "x", "", NULL, &err));
    assert_true(keymap_bind(&map, "batches", "x", "", NULL, &err));
    assert_string_equal(keymap_find(&map, "batches", 'x')->line, "revoke");
    assert_true(keymap_bind(&map, "all", "x", "quit", "leave", &err));
    assert_int_equal(utarray_len(&map.row), 2);
    assert_string_equal(keymap_find(&map, "all", 'x')->note, "leave");
    assert_false(keymap_bind(&map, "alle", "x", "quit", NULL, &err));
    assert_string_equal(err.text, "unknown pane \"alle\", expected one of: all sessions cache queues batches "
                                  "alerts tasks workers server");
    assert_false(keymap_bind(&map, "all", "Entre", "quit", NULL, &err));
    assert_non_null(strstr(err.text, "unknown key \"Entre\""));
    keymap_release(&map);
}

static void keymap_defaults__bind_what_the_contract_says__when_read_as_a_configuration(void **state)
{
    (void)state;
    static const struct {
        const char *pane, *key, *line;
    } expected[] = {
        {"all", "Tab", "pane next"},
        {"all", "S-Tab", "pane prev"},
        {"all", "1", "pane sessions"},
        {"all", "5", "pane alerts"},
        {"all", "Up", "move up"},
        {"all", "G", "move end"},
        {"all", "C-d", "move half-down"},
        {"all", "Enter", "open"},
        {"all", "Esc", "back"},
        {"all", "/", "filter"},
        {"all", ":", "command"},
        {"all", "I", "sort invert"},
        {"all", "Space", "mark"},
        {"sessions", "x", "revoke"},
        {"all", "X", "revoke user"},
        {"all", "A", "acknowledge"},
        {"batches", "d", "dismiss"},
        {"all", "6", "pane tasks"},
        {"all", "7", "pane workers"},
        {"tasks", "v", "group"},
        {"all", "C-l", "repaint"},
        {"all", "F1", "help"},
        {"all", "q", "quit"},
        {"all", "C-c", "quit"},
    };
    struct keymap map;
    struct command_set set = {0};
    struct err err = {0};
    keymap_init(&map);
    command_join(&set, keymap_commands, keymap_commands_count, &map);
    assert_true(command_run_text(&set, "defaults", keymap_defaults, &err));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        uint32_t code;
        assert_true(key_parse(expected[i].key, &code));
        const struct keymap_row *row = keymap_find(&map, expected[i].pane, code);
        assert_non_null(row);
        assert_string_equal(row->line, expected[i].line);
        assert_true(*row->note);
    }
    assert_null(keymap_find(&map, "all", KEY_CODE_BACKSPACE));
    assert_null(keymap_find(&map, "all", KEY_CODE_DELETE));
    assert_null(keymap_find(&map, "all", '9'));
    assert_true(command_run(&set, "unbind all q", COMMAND_CONFIG, &err));
    assert_null(keymap_find(&map, "all", 'q'));
    assert_false(command_run(&set, "bind all", 0, &err));
    keymap_release(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_parse__gives_the_code_and_key_name_the_name__when_a_key_has_both),
        cmocka_unit_test(key_parse__refuses__when_no_key_has_the_name),
        cmocka_unit_test(keymap_find__takes_the_panes_own_row_first__when_all_has_one_too),
        cmocka_unit_test(keymap_defaults__bind_what_the_contract_says__when_read_as_a_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
