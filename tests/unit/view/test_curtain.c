/* The curtain against a model full of secrets: whatever is open, at any size, no cell of the screen may show
 * a piece of one. Every secret has the mark QZ in all of its parts, which no pseudonym can have, so that a
 * part that is cut short is found, too. The same screens without the curtain must show each of them, or the
 * test would pass on a screen that shows nothing. */
#include "curtain_story.h"
#include "golden/golden.h"
#include "support/unit.h"
#include "view/texts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

#include "redai/conf/key.h"
#include "redai/conf/words.h"

static const char mark[] = "QZ";

struct scene {
    struct model *m;
    struct console *console;
    struct grid g;
    UT_string *seen; /* every screen without the curtain */
};

static void tell(struct scene *s, const char *line)
{
    struct fact fact;
    struct err err = {0};
    UT_string scratch;
    UT_string whole;
    utstring_init(&scratch);
    utstring_init(&whole);
    /* "+60 clock": a minute later. */
    char *rest = (char *)(uintptr_t)line;
    int64_t later_us = line[0] == '+' ? strtol(line, &rest, 10) * US_PER_S : 0;
    utstring_printf(&whole, "%" PRId64 " %" PRId64 " %s", 1000000 + later_us, 1795399800000000 + later_us,
                    rest);
    if (!fact_read(&fact, text_span(&whole), &scratch, &err)) {
        fail_msg("%s: %s", line, err.text);
    }
    model_apply(s->m, &fact);
    model_judge(s->m);
    utstring_done(&whole);
    utstring_done(&scratch);
}

/* The detail of what the open page is about. */
static void tell_detail(struct scene *s)
{
    const struct target *subject = ui_subject(console_ui(s->console));
    for (size_t i = 0; i < COUNT_OF(detail); i++) {
        UT_string line;
        const char *at = strstr(detail[i], "SUBJECT");
        utstring_init(&line);
        utstring_printf(&line, "%.*skind=%s id=\"%s\"%s", (int)(at - detail[i]), detail[i],
                        target_kind_name(subject->kind), subject->id ? subject->id : "",
                        at + strlen("SUBJECT"));
        tell(s, utstring_body(&line));
        utstring_done(&line);
    }
}

static void frame(struct scene *s)
{
    ui_draw(console_ui(s->console), &s->g, model_take_changes(s->m));
}

static void press(struct scene *s, const char *keys)
{
    struct words w;
    words_init(&w);
    assert_true(words_parse(&w, keys, NULL));
    for (size_t i = 0; i < words_count(&w); i++) {
        uint32_t key;
        if (strcmp(words_at(&w, i), "@") == 0) {
            tell_detail(s);
        } else if (key_parse(words_at(&w, i), &key)) {
            ui_key(console_ui(s->console), key);
        } else {
            fail_msg("no such key: %s", words_at(&w, i));
        }
        frame(s);
    }
    words_release(&w);
}

static void begin(struct scene *s, int width, int height, const char *const line[], size_t lines)
{
    s->m = model_new();
    grid_init(&s->g);
    grid_resize(&s->g, width, height);
    for (size_t i = 0; i < lines; i++) {
        tell(s, line[i]);
    }
    s->console = console_new(s->m, false);
    frame(s);
}

static void end(struct scene *s)
{
    console_free(s->console);
    model_free(s->m);
    grid_release(&s->g);
}

static void note_seen(struct scene *s)
{
    grid_to_text(&s->g, s->seen);
}

static void assert_hidden(struct scene *s, const char *what)
{
    UT_string text;
    utstring_init(&text);
    grid_to_text(&s->g, &text);
    if (strstr(utstring_body(&text), mark)) {
        fail_msg("%dx%d %s:\n%s", s->g.width, s->g.height, what, utstring_body(&text));
    }
    utstring_done(&text);
}

static const struct {
    int width, height;
} sizes[] = {{40, 10}, {80, 24}, {120, 40}, {200, 60}, {400, 100}};

static void draw_curtain(struct scene *s)
{
    console_curtain(s->console, true);
    frame(s);
}

/* The script on a screen that is open, then the curtain; the curtain, then the script. */
static void look_at_script(const char *script, int width, int height, UT_string *seen)
{
    struct scene s = {.seen = seen};
    begin(&s, width, height, facts, COUNT_OF(facts));
    press(&s, script);
    note_seen(&s);
    draw_curtain(&s);
    assert_hidden(&s, script);
    press(&s, "Esc");
    assert_hidden(&s, script);
    end(&s);
    bool typed = strstr(script, "Q Z") && !strstr(script, "Enter"); /* what one types oneself is seen */
    if (typed || strstr(script, "Up") || strstr(script, "/")) {
        return;
    }
    begin(&s, width, height, facts, COUNT_OF(facts));
    draw_curtain(&s);
    press(&s, script);
    assert_hidden(&s, script);
    grid_resize(&s.g, 80, 24);
    frame(&s);
    assert_hidden(&s, script);
    end(&s);
}

static void look_at_no_redis(int width, int height, UT_string *seen)
{
    struct scene s = {.seen = seen};
    begin(&s, width, height, no_redis, COUNT_OF(no_redis));
    for (const char *const *script = (const char *const[]){"", "1 +", "0", "1 Enter", NULL}; *script;
         script++) {
        press(&s, *script);
        note_seen(&s);
        draw_curtain(&s);
        assert_hidden(&s, "no redis");
        console_curtain(s.console, false);
        press(&s, "Esc Esc Esc");
    }
    end(&s);
}

/* What others put together: lines of text in which nobody said what is what. */
static void look_at_words(int width, int height, UT_string *seen)
{
    static const struct ui_line line[] = {{ROLE_DANGER, "session:QZ60 of QZ61@QZ.example"},
                                          {ROLE_TEXT, "named 'QZ62 QZ', at redis://QZ63:6379/0"}};
    static const struct ui_field field = {"QZ64", "QZ65", "a hint", NULL};
    static const char *const item[] = {"QZ66"};
    static const char *const note[] = {"QZ67"};
    struct scene s = {.seen = seen};
    struct ui_question question = {.title = "revoke session QZQZ60~", .count = 2, .line = line};
    begin(&s, width, height, facts, COUNT_OF(facts));
    struct ui *ui = console_ui(s.console);
    struct ui_form form = {"enqueue QZ64", 1, &field, NULL, NULL};
    struct ui_menu menu = {"QZ66", 1, item, note, NULL, NULL};
    for (int i = 0; i < 5; i++) {
        console_curtain(s.console, false);
        for (int drawn = 0; drawn < 2; drawn++) {
            if (i == 0) {
                ui_ask(ui, &question);
            } else if (i == 1 && !drawn) {
                ui_show_form(ui, &form);
            } else if (i == 2 && !drawn) {
                ui_show_menu(ui, &menu);
            } else if (i == 3) {
                ui_message(ui, ROLE_GOOD, "done: session QZ4QZ68~ deleted, user:QZ68:sessions, \"QZ68 QZ\"");
            } else if (i == 4) {
                ui_progress(ui, 1, 9, "deleting session:QZ69");
            }
            frame(&s);
            if (!drawn) {
                note_seen(&s);
                draw_curtain(&s);
            }
            assert_hidden(&s, "words");
        }
    }
    end(&s);
}

static void curtain__hides__every_secret_that_is_seen_without_it(void **state)
{
    UT_string seen;
    (void)state;
    utstring_init(&seen);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        for (size_t k = 0; k < COUNT_OF(scripts); k++) {
            look_at_script(scripts[k], sizes[i].width, sizes[i].height, &seen);
        }
        look_at_no_redis(sizes[i].width, sizes[i].height, &seen);
        look_at_words(sizes[i].width, sizes[i].height, &seen);
    }
    bool all = true;
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        if (!strstr(utstring_body(&seen), secrets[i])) {
            fprintf(stderr, "never seen without the curtain: %s\n", secrets[i]);
            all = false;
        }
    }
    assert_true(all);
    utstring_done(&seen);
}

static bool shows(struct scene *s, const char *text)
{
    UT_string screen;
    utstring_init(&screen);
    grid_to_text(&s->g, &screen);
    bool is = strstr(utstring_body(&screen), text) != NULL;
    utstring_done(&screen);
    return is;
}

static void curtain__gives_back__what_it_hid(void **state)
{
    struct scene s = {0};
    (void)state;
    begin(&s, 120, 40, facts, COUNT_OF(facts));
    press(&s, ": n o t e Space Q Z Enter 1 +");
    assert_true(shows(&s, "QZ6 QZ") && !shows(&s, "[CURTAIN]"));
    draw_curtain(&s);
    assert_true(shows(&s, "[CURTAIN]"));
    press(&s, ": Up Up");
    assert_hidden(&s, "what was typed before");
    press(&s, "Esc : h e l p Enter Esc : Up Up Up");
    assert_true(shows(&s, ":help"));
    assert_hidden(&s, "what was typed before");
    press(&s, "Esc");
    console_curtain(s.console, false);
    frame(&s);
    assert_true(shows(&s, "QZ6 QZ") && !shows(&s, "[CURTAIN]"));
    press(&s, ": Up Up");
    assert_true(shows(&s, ":note QZ"));
    end(&s);
}

/* One could ask the filter letter by letter for a name that is hidden. */
static void curtain__filters_and_searches__what_is_shown(void **state)
{
    struct scene s = {0};
    (void)state;
    begin(&s, 120, 40, facts, COUNT_OF(facts));
    draw_curtain(&s);
    press(&s, "1 + / n a m e : q z 6 Enter");
    assert_true(shows(&s, "4 hidden"));
    press(&s, "Esc / n a m e = '\"' Q Z 6 Space Q Z '\"' Enter");
    assert_true(shows(&s, "4 hidden"));
    press(&s, "Esc / u s e r : u s e r - * Enter");
    assert_true(shows(&s, "4 shown"));
    press(&s, "Esc 6 / w h y : Q Z 1 4 Enter");
    assert_true(shows(&s, "hidden"));
    press(&s, "Esc 5 / m e s s a g e : Q Z Enter");
    assert_true(shows(&s, "hidden"));
    end(&s);
}

/* The rows' order by a hidden column is that of what is shown. */
static void curtain__sorts_by__what_is_shown(void **state)
{
    struct scene s = {0};
    enum { MORE = 6 };
    char user[4 + MORE][8] = {""};
    (void)state;
    begin(&s, 200, 40, facts, COUNT_OF(facts));
    for (int i = 0; i < MORE; i++) {
        char line[120];
        snprintf(line, sizeof line, "session id=QZQZQ%d user_id=QZ8%d name=QZ pttl_ms=86000000", i, i);
        tell(&s, line);
    }
    draw_curtain(&s);
    press(&s, "1 + : s o r t Space u s e r Enter");
    for (int i = 0; i < 4 + MORE; i++) {
        enum { TAG = 6 };
        for (int x = 0; x < TAG; x++) {
            user[i][x] = (char)grid_at(&s.g, 1 + x, 3 + i)->ch;
        }
        assert_true(i == 0 || text_order(user[i - 1], user[i]) <= 0);
    }
    end(&s);
}

/* The line shows a session's key cut short, the title is made of the whole. */
static void curtain__calls__one_key_by_one_name(void **state)
{
    static const char front[] = "session:key-";
    struct scene s = {0};
    UT_string text;
    (void)state;
    begin(&s, 120, 40, facts, COUNT_OF(facts));
    press(&s, ": o p e n Space k e y Space s e s s i o n : a b c d e f g h Enter");
    tell(&s, "peek phase=begin kind=key id=session:abcdefgh label=\"key session:abcdef~\"");
    tell(&s, "peek phase=line kind=key id=session:abcdefgh label=key text=session:abcdef~ veil=key");
    tell(&s, "peek phase=end kind=key id=session:abcdefgh");
    frame(&s);
    draw_curtain(&s);
    utstring_init(&text);
    grid_to_text(&s.g, &text);
    const char *title = strstr(utstring_body(&text), front);
    assert_non_null(title);
    const char *line = strstr(title + 1, front);
    assert_non_null(line);
    assert_memory_equal(title, line, strlen(front) + 5);
    utstring_done(&text);
    end(&s);
}

static void pseudonym__of_an_alert__is_its_rule_without_the_thing(void **state)
{
    struct scene s = {0};
    struct target alert = {0}, change = {0};
    UT_string text;
    (void)state;
    begin(&s, 80, 24, facts, COUNT_OF(facts));
    draw_curtain(&s);
    target_set(&alert, TARGET_ALERT, S("worker-lost\x1fw4@QZ75"));
    target_set(&change, TARGET_CHANGE, S("\x01\0\0\0\0\0\0\0"));
    utstring_init(&text);
    ui_pseudonym(console_ui(s.console), &alert, &text);
    assert_string_equal(utstring_body(&text), "worker-lost");
    utstring_clear(&text);
    ui_pseudonym(console_ui(s.console), &change, &text);
    assert_string_equal(utstring_body(&text), "change");
    utstring_done(&text);
    target_release(&alert);
    target_release(&change);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curtain__calls__one_key_by_one_name),
        cmocka_unit_test(curtain__hides__every_secret_that_is_seen_without_it),
        cmocka_unit_test(curtain__gives_back__what_it_hid),
        cmocka_unit_test(curtain__filters_and_searches__what_is_shown),
        cmocka_unit_test(curtain__sorts_by__what_is_shown),
        cmocka_unit_test(pseudonym__of_an_alert__is_its_rule_without_the_thing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
