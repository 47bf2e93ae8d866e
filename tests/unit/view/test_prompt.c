#include "support/unit.h"
#include "view/prompt.h"

#include <stdio.h>

#include "redai/conf/key.h"

#define C(letter) ((uint32_t)(letter) - 'a' + 1u)

static void type(struct edit *e, const char *text)
{
    struct span rest = span_of(text);
    while (rest.len) {
        uint32_t key = (unsigned char)rest.data[0];
        size_t n = 1;
        if (key == 0xC5) { /* the one letter of two bytes used here: ł */
            key = 0x142;
            n = 2;
        }
        assert_true(edit_key(e, key));
        rest = span_skip(rest, n);
    }
}

static void edit__does_what_the_usual_keys_do(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        uint32_t key[4];
        const char *text;
        size_t at;
    } cases[] = {
        {"abc", {KEY_CODE_LEFT, 'x'}, "abxc", 3},
        {"abc", {C('a'), 'x'}, "xabc", 1},
        {"abc", {KEY_CODE_HOME, KEY_CODE_DELETE}, "bc", 0},
        {"abc", {C('a'), C('d'), KEY_CODE_END}, "bc", 2},
        {"abc", {C('a'), C('e'), KEY_CODE_BACKSPACE}, "ab", 2},
        {"abc", {C('a'), KEY_CODE_BACKSPACE, KEY_CODE_LEFT}, "abc", 0},
        {"abc", {KEY_CODE_RIGHT, KEY_CODE_DELETE}, "abc", 3},
        {"one two  ", {C('w')}, "one ", 4},
        {"one two", {C('w'), C('w'), C('w')}, "", 0},
        {"one two", {KEY_CODE_LEFT, C('u')}, "o", 0},
        {"one two", {C('b'), C('b'), C('k')}, "one t", 5},
        {"one two", {KEY_META | 'b', KEY_META | 'd'}, "one ", 4},
        {"one two", {C('a'), KEY_META | 'f', 'x'}, "onex two", 4},
        {"ał", {KEY_CODE_LEFT, 'x'}, "axł", 2},
        {"ał", {KEY_CODE_BACKSPACE}, "a", 1},
        {"ał", {C('a'), KEY_CODE_RIGHT, KEY_CODE_RIGHT, 'x'}, "ałx", 4},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct edit e;
        edit_init(&e);
        type(&e, cases[i].typed);
        for (size_t k = 0; k < 4 && cases[i].key[k]; k++) {
            assert_true(edit_key(&e, cases[i].key[k]));
        }
        assert_string_equal(edit_text(&e), cases[i].text);
        assert_int_equal(e.at, cases[i].at);
        edit_release(&e);
    }
}

static void edit__leaves_other_keys__to_others(void **state)
{
    (void)state;
    static const uint32_t keys[] = {
        KEY_CODE_TAB, KEY_CODE_ENTER, KEY_CODE_ESCAPE, KEY_CODE_UP, KEY_CODE_F1, C('l'), 0, KEY_META | 'x'};
    struct edit e;
    edit_init(&e);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        assert_false(edit_key(&e, keys[i]));
    }
    assert_string_equal(edit_text(&e), "");
    edit_release(&e);
}

static void edit__takes_no_hostile_letters__from_a_paste(void **state)
{
    (void)state;
    struct edit e;
    edit_init(&e);
    edit_insert(&e, S("a\x1b[31mb\nc\xff\u202e\u200bd"));
    assert_string_equal(edit_text(&e), "a[31mb cd");
    char *big = mem_zalloc(100000);
    memset(big, 'x', 99999);
    edit_insert(&e, span_of(big)); /* too much: nothing of it */
    assert_string_equal(edit_text(&e), "a[31mb cd");
    mem_free(big);
    edit_release(&e);
}

static void edit__scrolls_sideways__so_that_the_cursor_is_seen(void **state)
{
    (void)state;
    struct edit e;
    struct grid g;
    grid_init(&g);
    grid_resize(&g, 10, 1);
    edit_init(&e);
    type(&e, "0123456789abcdef");
    edit_draw(&e, &g, 2, 0, 6, ROLE_INPUT, true);
    assert_int_equal(g.cursor_x, 7);
    assert_int_equal(grid_at(&g, 6, 0)->ch, 'f');
    edit_key(&e, C('a'));
    edit_draw(&e, &g, 2, 0, 6, ROLE_INPUT, true);
    assert_int_equal(g.cursor_x, 2);
    assert_int_equal(grid_at(&g, 2, 0)->ch, '0');
    edit_release(&e);
    grid_release(&g);
}

/* --- the prompt --- */

static const struct command rows[] = {
    {"pane", "NAME", "", 1, 1, 0, NULL, "sessions server queues"},
    {"page", "", "", 0, 0, 0, NULL, NULL},
    {"quit", "", "", 0, 0, 0, NULL, NULL},
};

static void keys(struct prompt *p, const struct command_set *set, const char *text)
{
    for (; *text; text++) {
        prompt_key(p, (unsigned char)*text, set);
    }
}

static void prompt__completes_as_far_as_all_agree__then_goes_through_them(void **state)
{
    (void)state;
    struct command_set set = {0};
    struct prompt p;
    command_join(&set, rows, COUNT_OF(rows), NULL);
    prompt_init(&p);
    prompt_open(&p, PROMPT_COMMAND, "");
    keys(&p, &set, "q\t");
    assert_string_equal(edit_text(&p.edit), "quit ");
    prompt_open(&p, PROMPT_COMMAND, "");
    keys(&p, &set, "p\t");
    assert_string_equal(edit_text(&p.edit), "pa");
    keys(&p, &set, "\t");
    assert_string_equal(edit_text(&p.edit), "page");
    keys(&p, &set, "\t");
    assert_string_equal(edit_text(&p.edit), "pane");
    keys(&p, &set, "\t");
    assert_string_equal(edit_text(&p.edit), "page");
    prompt_open(&p, PROMPT_COMMAND, "");
    keys(&p, &set, "pane s\t");
    assert_string_equal(edit_text(&p.edit), "pane se");
    keys(&p, &set, "r\t");
    assert_string_equal(edit_text(&p.edit), "pane server ");
    keys(&p, &set, "zzz\t");
    assert_string_equal(edit_text(&p.edit), "pane server zzz");
    prompt_release(&p);
}

static void prompt__brings_back_what_was_run__and_what_was_being_typed(void **state)
{
    (void)state;
    struct prompt p;
    prompt_init(&p);
    prompt_remember(&p, "first");
    prompt_remember(&p, "second");
    prompt_remember(&p, "second");
    prompt_remember(&p, "");
    prompt_open(&p, PROMPT_COMMAND, "");
    keys(&p, NULL, "thi");
    static const struct {
        uint32_t key;
        const char *text;
    } steps[] = {{KEY_CODE_DOWN, "thi"}, {KEY_CODE_UP, "second"},   {KEY_CODE_UP, "first"},
                 {KEY_CODE_UP, "first"}, {KEY_CODE_DOWN, "second"}, {KEY_CODE_DOWN, "thi"},
                 {KEY_CODE_DOWN, "thi"}};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        prompt_key(&p, steps[i].key, NULL);
        assert_string_equal(edit_text(&p.edit), steps[i].text);
    }
    for (int i = 0; i < 2 * PROMPT_HISTORY_MAX; i++) {
        prompt_remember(&p, i % 2 ? "a" : "b");
    }
    assert_int_equal(utarray_len(&p.history), PROMPT_HISTORY_MAX);
    prompt_release(&p);
}

/* Passwords go out of the line that is shown and of what is remembered; what is run has them. */
static void prompt__shows_and_keeps__no_password(void **state)
{
    (void)state;
    struct prompt p;
    struct grid g;
    prompt_init(&p);
    grid_init(&g);
    grid_resize(&g, 60, 1);
    prompt_open(&p, PROMPT_COMMAND, "");
    const char *const line = "connect redis://ada:horse@host";
    for (const char *at = line; *at; at++) {
        char text[61] = "";
        keys(&p, NULL, (const char[]){*at, '\0'});
        prompt_draw(&p, &g, 0, -1);
        for (int x = 0; x < 60; x++) {
            text[x] = (char)(grid_at(&g, x, 0)->ch ? grid_at(&g, x, 0)->ch : ' ');
        }
        assert_null(strstr(text, "ada:h"));
        assert_null(strstr(text, "hor"));
        assert_int_equal(g.cursor_x, 1 + at + 1 - line);
    }
    assert_string_equal(edit_text(&p.edit), line);
    prompt_remember(&p, line);
    prompt_open(&p, PROMPT_COMMAND, "");
    prompt_key(&p, KEY_CODE_UP, NULL);
    assert_string_equal(edit_text(&p.edit), "connect redis://ada@host");
    grid_release(&g);
    prompt_release(&p);
}

static void prompt__ends__with_enter_escape_or_backspace_in_the_empty_line(void **state)
{
    (void)state;
    struct prompt p;
    prompt_init(&p);
    prompt_open(&p, PROMPT_FILTER, "x");
    assert_int_equal(prompt_key(&p, KEY_CODE_BACKSPACE, NULL), PROMPT_CHANGED);
    assert_int_equal(prompt_key(&p, KEY_CODE_BACKSPACE, NULL), PROMPT_CANCELLED);
    assert_int_equal(prompt_key(&p, KEY_CODE_ESCAPE, NULL), PROMPT_CANCELLED);
    assert_int_equal(prompt_key(&p, KEY_CODE_ENTER, NULL), PROMPT_ACCEPTED);
    assert_int_equal(prompt_key(&p, KEY_CODE_F1, NULL), PROMPT_NOTHING);
    prompt_release(&p);
}

static void prompt__asks_for_a_password__draws_nothing_of_it__and_wipes_it(void **state)
{
    (void)state;
    struct prompt p;
    struct grid g;
    char row[200];
    prompt_init(&p);
    grid_init(&g);
    grid_resize(&g, 60, 2);
    prompt_ask_password(&p, "password of ada at redis://h:1: ");
    for (const char *letter = "otter"; *letter; letter++) {
        assert_int_equal(prompt_key(&p, (uint32_t)*letter, NULL), PROMPT_CHANGED);
        assert_int_equal(prompt_key(&p, KEY_CODE_TAB, NULL), PROMPT_NOTHING);
        assert_int_equal(prompt_key(&p, KEY_CODE_UP, NULL), PROMPT_NOTHING);
    }
    prompt_draw(&p, &g, 1, 0);
    size_t used = 0;
    for (int x = 0; x < 40; x++) {
        used += (size_t)snprintf(row + used, sizeof row - used, "%c", (char)grid_at(&g, x, 1)->ch);
    }
    assert_string_equal(row, " password of ada at redis://h:1:        ");
    assert_int_equal(g.cursor_x, 33); /* behind the title, whatever was typed */
    assert_string_equal(edit_text(&p.edit), "otter");
    assert_int_equal(prompt_key(&p, KEY_CODE_ENTER, NULL), PROMPT_ACCEPTED);
    prompt_close(&p);
    for (size_t i = 0; i < sizeof "otter"; i++) {
        assert_int_equal(p.edit.text.d[i], 0);
    }
    prompt_open(&p, PROMPT_COMMAND, "");
    prompt_key(&p, KEY_CODE_UP, NULL);
    assert_string_equal(edit_text(&p.edit), "");
    grid_release(&g);
    prompt_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edit__does_what_the_usual_keys_do),
        cmocka_unit_test(edit__leaves_other_keys__to_others),
        cmocka_unit_test(edit__takes_no_hostile_letters__from_a_paste),
        cmocka_unit_test(edit__scrolls_sideways__so_that_the_cursor_is_seen),
        cmocka_unit_test(prompt__completes_as_far_as_all_agree__then_goes_through_them),
        cmocka_unit_test(prompt__brings_back_what_was_run__and_what_was_being_typed),
        cmocka_unit_test(prompt__shows_and_keeps__no_password),
        cmocka_unit_test(prompt__asks_for_a_password__draws_nothing_of_it__and_wipes_it),
        cmocka_unit_test(prompt__ends__with_enter_escape_or_backspace_in_the_empty_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
