#include "golden/golden.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

#include "redai/conf/key.h"

/* A console on a small model, drawn at a size after each key. */
struct scene {
    struct model *m;
    struct console *console;
    struct grid g;
};

static void apply(struct model *m, const char *line)
{
    struct fact fact;
    struct err err = {0};
    UT_string scratch;
    utstring_init(&scratch);
    if (!fact_read(&fact, span_of(line), &scratch, &err)) {
        fail_msg("%s: %s", line, err.text);
    }
    model_apply(m, &fact);
    model_judge(m);
    utstring_done(&scratch);
}

static void frame(struct scene *s)
{
    ui_draw(console_ui(s->console), &s->g, model_take_changes(s->m));
}

static const char *const facts[] = {
    "1000000 1795399800000000 connection address=127.0.0.1:6379",
    "1000000 1795399800000000 link role=poll state=up",
    "1000000 1795399800000000 server redis_version=7.0.15 used_memory=1000 maxmemory=0",
    "1000000 1795399800000000 census phase=begin expected=3",
    "1000000 1795399800000000 session id=aaaaaaaaaaaaaaaa user_id=1 name=Anna role=admin "
    "created_us=1795399790000000",
    "1000000 1795399800000000 session id=bbbbbbbbbbbbbbbb user_id=2 name=Bernd role=student "
    "created_us=1795399780000000",
    "1000000 1795399800000000 session id=cccccccccccccccc user_id=3 name=Carl role=student "
    "created_us=1795399770000000",
    "1000000 1795399800000000 family name=session keys=3",
    "1000000 1795399800000000 census phase=end walked=3 expected=3",
    "1000000 1795399800000000 queue name=questions depth=1,0,0,0 unacked=0",
    "1000000 1795399800000000 poll topic=server",
    "1000000 1795399800000000 poll topic=sessions",
    "1000000 1795399800000000 poll topic=queues",
    "1000000 1795399800000000 clock",
};

static void scene_init(struct scene *s, int width, int height)
{
    s->m = model_new();
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        apply(s->m, facts[i]);
    }
    s->console = console_new(s->m, false);
    grid_init(&s->g);
    grid_resize(&s->g, width, height);
    frame(s);
}

static void scene_release(struct scene *s)
{
    console_free(s->console);
    model_free(s->m);
    grid_release(&s->g);
}

/* Names of keys, separated by blanks. */
static void press(struct scene *s, const char *names)
{
    char *copy = mem_strdup(names);
    char *save = NULL;
    for (char *name = strtok_r(copy, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
        uint32_t key;
        assert_true(key_parse(name, &key));
        ui_key(console_ui(s->console), key);
        frame(s);
    }
    mem_free(copy);
}

static bool shows(const struct scene *s, const char *text)
{
    UT_string all;
    utstring_init(&all);
    grid_to_text(&s->g, &all);
    bool found = strstr(utstring_body(&all), text);
    utstring_done(&all);
    return found;
}

static void assert_shows(const struct scene *s, const char *text)
{
    if (!shows(s, text)) {
        UT_string all;
        utstring_init(&all);
        grid_to_text(&s->g, &all);
        print_error("%s", utstring_body(&all));
        utstring_done(&all);
        fail_msg("nowhere on the screen: \"%s\"", text);
    }
}

static void assert_selected(const struct scene *s, size_t count, enum target_kind kind, const char *first)
{
    struct target t[8];
    size_t n = ui_selection(console_ui(s->console), t, COUNT_OF(t));
    assert_int_equal(n, count);
    for (size_t i = 0; i < n && i < COUNT_OF(t); i++) {
        if (i == 0) {
            assert_int_equal(t[0].kind, kind);
            assert_string_equal(t[0].id, first);
        }
        target_release(&t[i]);
    }
}

/* --- questions --- */

static void question__is_accepted__by_y_alone(void **state)
{
    (void)state;
    static const char *const others[] = {"Enter", "Space",  "Tab", "Y",  "j", "Backspace",
                                         "x",     "Delete", "1",   "F1", ":"};
    struct scene s;
    scene_init(&s, 80, 24);
    press(&s, "x");
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        press(&s, others[i]);
        assert_int_equal(console_accepted(s.console), 0);
        assert_int_equal(console_dismissed(s.console), 0);
    }
    press(&s, "y");
    assert_int_equal(console_accepted(s.console), 1);
    assert_shows(&s, "done, key and index entry deleted");
    press(&s, "y");
    assert_int_equal(console_accepted(s.console), 1);
    scene_release(&s);
}

static void question__is_dismissed__by_n_and_escape(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    press(&s, "x n");
    assert_int_equal(console_dismissed(s.console), 1);
    press(&s, "x Esc");
    assert_int_equal(console_dismissed(s.console), 2);
    assert_int_equal(console_accepted(s.console), 0);
    press(&s, "x");
    ui_paste(console_ui(s.console), S("y\n"));
    assert_int_equal(console_accepted(s.console), 0);
    scene_release(&s); /* an open question goes with the ui */
}

/* Over a slow line Esc and the next key come as Alt and that key. */
static void alt_and_a_key__are_escape_and_that_key__but_in_a_text(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    press(&s, "x M-y");
    assert_int_equal(console_dismissed(s.console), 1);
    assert_int_equal(console_accepted(s.console), 0);
    press(&s, "x M-x"); /* the next question is another one */
    assert_int_equal(console_dismissed(s.console), 2);
    assert_shows(&s, ": do it");
    press(&s, "Esc Enter M-?");
    assert_shows(&s, "help: sessions");
    press(&s, "Esc : a b M-b c"); /* a word back in a text */
    assert_shows(&s, ":cab");
    press(&s, "M-x"); /* nothing there, and the text stays open */
    assert_shows(&s, ":cab");
    scene_release(&s);
}

static void question__with_a_text_to_type__takes_that_text_and_enter_only(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    press(&s, "X Enter y Enter");
    assert_int_equal(console_accepted(s.console), 0);
    assert_shows(&s, "\"y\" is not 24");
    press(&s, "C-u Enter");
    ui_paste(console_ui(s.console), S("24"));
    press(&s, "Enter");
    assert_int_equal(console_accepted(s.console), 0);
    press(&s, "n Backspace 2 4");
    assert_int_equal(console_accepted(s.console), 0);
    press(&s, "Enter");
    assert_int_equal(console_accepted(s.console), 1);
    scene_release(&s);
}

static void question__is_not_answered__before_it_was_seen_or_where_it_cannot_be_read(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    ui_key(console_ui(s.console), 'x');
    ui_key(console_ui(s.console), 'y'); /* typed ahead */
    assert_int_equal(console_accepted(s.console), 0);
    frame(&s);
    grid_resize(&s.g, 18, 3);
    frame(&s);
    press(&s, "y");
    assert_int_equal(console_accepted(s.console), 0);
    grid_resize(&s.g, 80, 24);
    frame(&s);
    press(&s, "y");
    assert_int_equal(console_accepted(s.console), 1);
    scene_release(&s);
}

static bool ask_again(void *ctx, const char *typed, struct err *err)
{
    struct ui *ui = ctx;
    (void)typed;
    (void)err;
    const struct ui_line line = {ROLE_TEXT, "really?"};
    ui_ask(ui, &(struct ui_question){.title = "second", .count = 1, .line = &line});
    return true;
}

static void question_asked_by_an_answer__stays_open(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    const struct ui_line line = {ROLE_TEXT, "sure?"};
    ui_ask(
        console_ui(s.console),
        &(struct ui_question){
            .title = "first", .count = 1, .line = &line, .answer = ask_again, .ctx = console_ui(s.console)});
    frame(&s);
    press(&s, "y");
    assert_shows(&s, "really?");
    press(&s, "y"); /* without an answer function: closed */
    assert_false(shows(&s, "really?"));
    scene_release(&s);
}

/* --- selection --- */

static void selection__is_the_cursors_row__the_marks_or_the_page(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    assert_selected(&s, 1, TARGET_SESSION, "aaaaaaaaaaaaaaaa");
    press(&s, "j");
    assert_selected(&s, 1, TARGET_SESSION, "bbbbbbbbbbbbbbbb");
    press(&s, "Space Space");
    assert_selected(&s, 2, TARGET_SESSION, "bbbbbbbbbbbbbbbb");
    assert_int_equal(ui_selection(console_ui(s.console), NULL, 0), 2);
    ui_clear_marks(console_ui(s.console));
    assert_selected(&s, 1, TARGET_SESSION, "cccccccccccccccc");
    press(&s, "3 Enter");
    assert_selected(&s, 1, TARGET_QUEUE, "questions");
    assert_int_equal(ui_subject(console_ui(s.console))->kind, TARGET_QUEUE);
    apply(s.m, "2000000 1795399801000000 peek phase=begin kind=queue id=questions label=\"queue questions\"");
    apply(s.m, "2000000 1795399801000000 peek phase=line kind=queue id=questions label=0 text=task "
               "link_kind=task link_id=t1");
    apply(s.m, "2000000 1795399801000000 peek phase=end kind=queue id=questions");
    frame(&s);
    assert_selected(&s, 1, TARGET_QUEUE, "questions"); /* the cursor stays on the head */
    press(&s, "G");
    assert_selected(&s, 1, TARGET_TASK, "t1");
    press(&s, "Enter");
    assert_selected(&s, 1, TARGET_TASK, "t1");
    assert_int_equal(ui_subject(console_ui(s.console))->kind, TARGET_TASK);
    press(&s, "Esc");
    assert_int_equal(ui_subject(console_ui(s.console))->kind, TARGET_QUEUE);
    press(&s, "? ");
    assert_int_equal(ui_subject(console_ui(s.console))->kind, TARGET_NONE);
    assert_int_equal(ui_selection(console_ui(s.console), NULL, 0), 0);
    press(&s, "q q");
    assert_false(console_has_quit(s.console));
    assert_int_equal(ui_subject(console_ui(s.console))->kind, TARGET_NONE);
    press(&s, "q");
    assert_true(console_has_quit(s.console));
    scene_release(&s);
}

static void question__names_its_target__and_the_cursor_follows_the_row(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    press(&s, "j");
    apply(s.m, "2000000 1795399801000000 session id=dddddddddddddddd user_id=4 name=Dora "
               "created_us=1795399800000000");
    apply(s.m, "2000000 1795399801000000 session_gone id=aaaaaaaaaaaaaaaa");
    frame(&s);
    assert_selected(&s, 1, TARGET_SESSION, "bbbbbbbbbbbbbbbb");
    apply(s.m, "2000000 1795399801000000 session_gone id=bbbbbbbbbbbbbbbb");
    frame(&s);
    assert_selected(&s, 1, TARGET_SESSION, "cccccccccccccccc");
    scene_release(&s);
}

/* --- prompts --- */

static void filter__is_applied_as_it_is_typed__kept_by_enter_and_cleared_by_escape(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    press(&s, "/ b e r");
    assert_false(shows(&s, "Anna"));
    assert_shows(&s, "Bernd");
    press(&s, "Enter");
    assert_shows(&s, "/ber: 1 shown");
    press(&s, "Esc");
    assert_shows(&s, "Anna");
    press(&s, "/ z z Esc");
    assert_shows(&s, "Anna");
    press(&s, "/ z z Enter /");
    press(&s, "C-u");
    assert_shows(&s, "Anna");
    press(&s, "Esc");
    press(&s, ": f i l t e r Space c a r l Enter");
    assert_false(shows(&s, "Anna"));
    assert_shows(&s, "Carl");
    scene_release(&s);
}

static void unknown_command__is_told_above_the_footer__until_the_next_key(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    press(&s, ": p a m e Enter");
    assert_shows(&s, "did you mean \"pane\"");
    press(&s, "j");
    assert_false(shows(&s, "did you mean"));
    ui_progress(console_ui(s.console), 312, 900, "invalidate exam:7*");
    frame(&s);
    assert_shows(&s, "invalidate exam:7* 312 of 900");
    ui_progress(console_ui(s.console), 0, 0, "");
    frame(&s);
    assert_false(shows(&s, "312 of 900"));
    scene_release(&s);
}

static void message_that_is_long__stands_in_several_lines__and_gets_its_time_when_it_is_old(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    ui_message(console_ui(s.console), ROLE_CRITICAL,
               "done: deleted 1 of 1; not in the journal: journal \"/var/lib/redai/journal\": No space left "
               "on the device that it is on");
    frame(&s);
    assert_shows(&s, "!! done: deleted 1 of 1");
    assert_shows(&s, "it is on");
    assert_false(shows(&s, "said at"));
    apply(s.m, "12000000 1795399811000000 clock");
    frame(&s);
    assert_shows(&s, "(said at");
    assert_shows(&s, "takes it away)");
    press(&s, "j");
    assert_false(shows(&s, "said at"));
    scene_release(&s);
}

static void question_that_is_spent__takes_no_answer__and_leaves_its_words_below(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    press(&s, "x");
    ui_message(console_ui(s.console), ROLE_CRITICAL, "failed: the connection was lost");
    ui_spend(console_ui(s.console), ROLE_CRITICAL, "failed: the connection was lost");
    frame(&s);
    assert_shows(&s, "nothing to answer any more");
    assert_false(shows(&s, "y: do it"));
    press(&s, "y");
    assert_int_equal(console_accepted(s.console), 0);
    assert_int_equal(console_dismissed(s.console), 0); /* who asked had given it up */
    assert_false(shows(&s, "nothing to answer any more"));
    assert_shows(&s, "!! failed: the connection was lost");
    ui_spend(console_ui(s.console), ROLE_CRITICAL, "none is open");
    frame(&s);
    assert_false(shows(&s, "none is open"));
    scene_release(&s);
}

/* --- forms and menus --- */

static void form__stays_open__until_its_values_are_accepted(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    press(&s, "e 2");
    assert_shows(&s, "exam_id");
    press(&s, "C-u C-d");
    assert_shows(&s, "exam_id is missing");
    ui_paste(console_ui(s.console), S("12\n"));
    frame(&s);
    press(&s, "Enter Enter Enter");
    assert_false(shows(&s, "exam_id"));
    assert_shows(&s, "enqueued");
    press(&s, "e Esc");
    assert_false(shows(&s, "batch_generate"));
    press(&s, "e Enter Esc");
    assert_false(shows(&s, "exam_id"));
    scene_release(&s);
}

/* --- freezing --- */

static bool offer_queues(void *ctx, const char *text, UT_array *out)
{
    static const char *const all[] = {"questions", "quick", "exams"};
    ++*(int *)ctx;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (strncmp(all[i], text, strlen(text)) == 0) {
            utarray_push_back(out, &all[i]);
        }
    }
    return true;
}

static void form__completes_a_value_with_tab__and_moves_on_when_it_is_whole(void **state)
{
    (void)state;
    struct scene s;
    int asked = 0;
    static const struct ui_field fields[] = {{"queue", "q", "", offer_queues}, {"other", "o", "", NULL}};
    scene_init(&s, 80, 24);
    ui_show_form(console_ui(s.console),
                 &(struct ui_form){.title = "choose", .count = 2, .field = fields, .ctx = &asked});
    press(&s, "Tab"); /* as far as both agree */
    assert_shows(&s, "qu ");
    assert_shows(&s, "questions  quick");
    press(&s, "Tab");
    assert_shows(&s, "[questions");
    press(&s, "Tab");
    assert_shows(&s, "[quick");
    assert_int_equal(asked, 1);
    press(&s, "Backspace Backspace e x Tab"); /* nothing begins so: it moves on */
    press(&s, "z");
    assert_shows(&s, "[quiex");
    assert_shows(&s, "[oz");
    press(&s, "S-Tab C-u e Tab");
    assert_shows(&s, "[exams");
    press(&s, "Tab z"); /* whole */
    assert_shows(&s, "[ozz");
    scene_release(&s);
}

static void rest_of_a_document__is_asked_for_once__at_its_end(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    press(&s, "3 Enter");
    apply(s.m, "2000000 1795399801000000 peek phase=begin kind=queue id=questions label=\"queue questions\"");
    for (int i = 0; i < 60; i++) {
        apply(s.m, "2000000 1795399801000000 peek phase=line kind=queue id=questions label=0 text=task "
                   "link_kind=task link_id=t1");
    }
    apply(s.m,
          "2000000 1795399801000000 peek phase=end kind=queue id=questions text=\"60 of 900, more follow\"");
    frame(&s);
    press(&s, "j");
    assert_int_equal(console_more(s.console), 0);
    press(&s, "G");
    assert_int_equal(console_more(s.console), 1);
    press(&s, "j G");
    assert_int_equal(console_more(s.console), 1);
    apply(s.m, "3000000 1795399802000000 peek phase=begin kind=queue id=questions label=\"queue questions\"");
    apply(s.m, "3000000 1795399802000000 peek phase=end kind=queue id=questions");
    frame(&s);
    press(&s, "G"); /* all of it is there */
    assert_int_equal(console_more(s.console), 1);
    scene_release(&s);
}

static void prompt__completes_names_that_no_command_knows(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    press(&s, ": p u r g e Space q u e Tab");
    assert_shows(&s, ":purge questions");
    scene_release(&s);
}

static void frozen_screen__keeps_its_words__while_the_model_goes_on(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    press(&s, "z");
    assert_shows(&s, "FROZEN");
    apply(s.m, "9000000 1795399808000000 session_gone id=bbbbbbbbbbbbbbbb");
    apply(s.m, "9000000 1795399808000000 session id=dddddddddddddddd user_id=4 name=Dora");
    frame(&s);
    assert_shows(&s, "FROZEN for 8 s");
    assert_shows(&s, "Bernd");
    assert_false(shows(&s, "Dora"));
    press(&s, "/ b e r Enter");
    assert_shows(&s, "Bernd");
    assert_false(shows(&s, "Anna"));
    press(&s, "Esc j");
    assert_selected(&s, 1, TARGET_SESSION, "bbbbbbbbbbbbbbbb");
    press(&s, "z");
    assert_false(shows(&s, "Bernd"));
    assert_shows(&s, "Dora");
    assert_false(shows(&s, "FROZEN"));
    scene_release(&s);
}

static void frozen_screen__says_so_loudly__when_redis_goes_meanwhile(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    press(&s, "z");
    apply(s.m, "2000000 1795399801000000 link role=poll state=down error=refused retry_at_us=3000000");
    apply(s.m, "20000000 1795399819000000 clock");
    frame(&s);
    assert_shows(&s, "redis unreachable");
    scene_release(&s);
}

static void count_column(void *ctx, const char *pane, const char *title, const char *help)
{
    assert_true(pane[0] && title[0] && help[0]);
    ++*(int *)ctx;
}

static void each_column__is_told_for_the_docs__with_help(void **state)
{
    (void)state;
    int count = 0;
    ui_each_column(count_column, &count);
    assert_in_range(count, 60, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(question__is_accepted__by_y_alone),
        cmocka_unit_test(question__is_dismissed__by_n_and_escape),
        cmocka_unit_test(alt_and_a_key__are_escape_and_that_key__but_in_a_text),
        cmocka_unit_test(question__with_a_text_to_type__takes_that_text_and_enter_only),
        cmocka_unit_test(question__is_not_answered__before_it_was_seen_or_where_it_cannot_be_read),
        cmocka_unit_test(question_asked_by_an_answer__stays_open),
        cmocka_unit_test(selection__is_the_cursors_row__the_marks_or_the_page),
        cmocka_unit_test(question__names_its_target__and_the_cursor_follows_the_row),
        cmocka_unit_test(filter__is_applied_as_it_is_typed__kept_by_enter_and_cleared_by_escape),
        cmocka_unit_test(unknown_command__is_told_above_the_footer__until_the_next_key),
        cmocka_unit_test(message_that_is_long__stands_in_several_lines__and_gets_its_time_when_it_is_old),
        cmocka_unit_test(question_that_is_spent__takes_no_answer__and_leaves_its_words_below),
        cmocka_unit_test(form__stays_open__until_its_values_are_accepted),
        cmocka_unit_test(form__completes_a_value_with_tab__and_moves_on_when_it_is_whole),
        cmocka_unit_test(rest_of_a_document__is_asked_for_once__at_its_end),
        cmocka_unit_test(prompt__completes_names_that_no_command_knows),
        cmocka_unit_test(frozen_screen__keeps_its_words__while_the_model_goes_on),
        cmocka_unit_test(frozen_screen__says_so_loudly__when_redis_goes_meanwhile),
        cmocka_unit_test(each_column__is_told_for_the_docs__with_help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
