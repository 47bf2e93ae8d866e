#include "golden/golden.h"
#include "support/unit.h"
#include "view/task_words.h"

#include <stdio.h>

#include "redai/conf/key.h"

#include "redai/view/listing.h"

/* Tasks in several states, told as facts, seen through a console. */
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

#define AT "9000000 1795399808000000 "
static const char *const facts[] = {
    "1000000 1795399800000000 connection address=127.0.0.1:6379",
    "1000000 1795399800000000 link role=poll state=up",
    "1000000 1795399800000000 link role=feed state=up",
    "1000000 1795399800000000 server redis_version=7.0.15 used_memory=1000 maxmemory=0",
    "1000000 1795399800000000 worker name=w1@demo event=heartbeat active=1 processed=7 freq=2",
    "1000000 1795399800000000 worker_queues name=w1@demo queues=celery",
    AT "worker_answer name=w1@demo answered=1 round_trip_us=900",
    AT "queue name=celery depth=1,0,0,0 sources=1 unacked=1",
    AT "queue name=alone depth=1,0,0,0 sources=1 unacked=0",
    AT "task_event id=run1 event=received worker=w1@demo name=api.tasks.generate_all args=\"(1,)\" "
       "sent_wall_us=1795399801000000",
    AT "task_event id=run1 event=started worker=w1@demo sent_wall_us=1795399802000000",
    AT "task_event id=bad1 event=received worker=w1@demo name=api.tasks.grade sent_wall_us=1795399801000000",
    AT "task_event id=bad1 event=failed worker=w1@demo exception=ValueError text=\"ValueError('no')\" "
       "sent_wall_us=1795399802000000",
    AT "task_event id=bad2 event=received worker=w1@demo name=api.tasks.generate_all "
       "sent_wall_us=1795399801000000",
    AT "task_event id=bad2 event=failed worker=w1@demo exception=KeyError text=\"KeyError('x')\" "
       "sent_wall_us=1795399803000000",
    AT "task_message id=wait1 place=list queue=alone name=api.tasks.\\x22quoted\\x22 args=[] kwargs={} "
       "position=0 "
       "ref=r1 root_id=wait1",
    AT "poll topic=server",
    AT "poll topic=queues",
    AT "poll topic=tasks",
    AT "poll topic=workers",
    AT "clock",
};

static void press(struct scene *s, const char *keys)
{
    char copy[200];
    char *save = NULL;
    snprintf(copy, sizeof copy, "%s", keys);
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        uint32_t key;
        assert_true(key_parse(word, &key));
        ui_key(console_ui(s->console), key);
        ui_draw(console_ui(s->console), &s->g, model_take_changes(s->m));
    }
}

static void run(struct scene *s, const char *line)
{
    ui_key(console_ui(s->console), ':');
    ui_paste(console_ui(s->console), span_of(line));
    press(s, "Enter");
}

static void scene_init(struct scene *s)
{
    s->m = model_new();
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        apply(s->m, facts[i]);
    }
    s->console = console_new(s->m, false);
    grid_init(&s->g);
    grid_resize(&s->g, 120, 30);
    ui_draw(console_ui(s->console), &s->g, model_take_changes(s->m));
}

static void scene_release(struct scene *s)
{
    console_free(s->console);
    model_free(s->m);
    grid_release(&s->g);
}

static bool shows(const struct scene *s, const char *text)
{
    UT_string all;
    utstring_init(&all);
    grid_to_text(&s->g, &all);
    bool found = strstr(utstring_body(&all), text);
    if (!found) {
        print_error("nowhere: \"%s\" in\n%s", text, utstring_body(&all));
    }
    utstring_done(&all);
    return found;
}

/* The ids that a filter of the tasks pane shows, by their first letters and last digit. */
static void add_id(void *ctx, const void *row)
{
    const struct task *t = row;
    UT_string *ids = ctx;
    utstring_printf(ids, "%s ", t->display_id);
}

static void assert_listed(const struct model *m, const char *filter, size_t count, const char *const *id)
{
    UT_string ids;
    struct err err = {0};
    utstring_init(&ids);
    assert_true(listing_each(m, "tasks", filter, add_id, &ids, &err));
    size_t listed = 0;
    for (const char *at = utstring_body(&ids); *at; at++) {
        listed += *at == ' ';
    }
    bool all = listed == count;
    for (size_t i = 0; i < count; i++) {
        all = all && strstr(utstring_body(&ids), id[i]);
    }
    if (!all) {
        fail_msg("%s: %s", filter, utstring_body(&ids));
    }
    utstring_done(&ids);
}

#define LISTED(m, filter, ...)                                                                               \
    assert_listed(m, filter, COUNT_OF(((const char *const[]){__VA_ARGS__})),                                 \
                  (const char *const[]){__VA_ARGS__})

static void filter__speaks_of_tasks_as_people_do(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s);
    LISTED(s.m, "state:failed", "bad1", "bad2");
    LISTED(s.m, "state:failed name:generate*", "bad2");
    LISTED(s.m, "name:generate* worker:w1", "bad2", "run1");
    LISTED(s.m, "exception=ValueError", "bad1");
    LISTED(s.m, "why:keyerror", "bad2");
    LISTED(s.m, "queue:alone", "wait1");
    LISTED(s.m, "!state:failed !state:waiting", "run1");
    LISTED(s.m, "runtime>5", "run1");
    assert_listed(s.m, "runtime>1m", 0, NULL);
    scene_release(&s);
}

static void listing__names_the_field_that_no_column_has(void **state)
{
    (void)state;
    struct scene s;
    struct err err = {0};
    UT_string out;
    scene_init(&s);
    utstring_init(&out);
    assert_false(listing_text(s.m, "tasks", "stat:failed", 100, &out, &err));
    assert_non_null(strstr(err.text, "\"stat\""));
    assert_false(listing_text(s.m, "tasks", "name:x state:fialed", 100, &out, &err));
    assert_non_null(strstr(err.text, "state:fialed fits no row ever, state is one of "));
    assert_non_null(strstr(err.text, " waiting, "));
    assert_false(listing_text(s.m, "tusks", "", 100, &out, &err));
    assert_non_null(strstr(err.text, "\"tusks\""));
    assert_int_equal(out.i, 0);
    assert_true(listing_text(s.m, "tasks", "state:failed", 100, &out, &err));
    assert_non_null(strstr(utstring_body(&out), "state"));
    assert_non_null(strstr(utstring_body(&out), "ValueError"));
    size_t lines = 0;
    for (const char *at = utstring_body(&out); *at; at++) {
        lines += *at == '\n';
    }
    assert_int_equal(lines, 3); /* header and two rows */
    utstring_clear(&out);
    assert_true(listing_text(s.m, "workers", NULL, LISTING_ALL, &out, &err));
    assert_non_null(strstr(utstring_body(&out), "w1@demo"));
    utstring_done(&out);
    scene_release(&s);
}

static void listing__holds_every_row__of_more_than_a_screen(void **state)
{
    (void)state;
    struct model *m = model_new();
    struct err err = {0};
    UT_string out;
    utstring_init(&out);
    enum { ROWS = 173 };
    for (int i = 0; i < ROWS; i++) {
        char line[200];
        snprintf(line, sizeof line,
                 AT "task_event id=id%03d event=received worker=w name=n%03d sent_wall_us=1795399801000000",
                 i, i);
        apply(m, line);
    }
    assert_true(listing_text(m, "tasks", "", 120, &out, &err));
    for (int i = 0; i < ROWS; i++) {
        char name[16];
        snprintf(name, sizeof name, " n%03d ", i);
        const char *at = strstr(utstring_body(&out), name);
        assert_non_null(at);
        assert_null(strstr(at + 1, name)); /* once */
    }
    utstring_done(&out);
    model_free(m);
}

static void groups__lead_to_their_tasks__and_back(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s);
    press(&s, "6 + v");
    assert_true(shows(&s, "tasks by name 3"));
    assert_true(shows(&s, "api.tasks.generate_all"));
    press(&s, "Enter"); /* the largest */
    assert_true(shows(&s, "/name=\"api.tasks.generate_all\": 2 shown"));
    press(&s, "Esc v");
    run(&s, "sort task");
    press(&s, "Home Enter"); /* quotes in a name are no end of it */
    assert_true(shows(&s, "1 shown"));
    press(&s, "Esc");
    run(&s, "group exception");
    assert_true(shows(&s, "by exception"));
    assert_true(shows(&s, "KeyError"));
    run(&s, "group nothing");
    assert_true(shows(&s, "nothing to group by"));
    press(&s, "v");
    assert_true(shows(&s, "tasks 4"));
    scene_release(&s);
}

static void faces__keep_their_cursor_and_order(void **state)
{
    (void)state;
    struct scene s;
    struct target t = {0};
    scene_init(&s);
    press(&s, "6 + j j");
    assert_int_equal(ui_selection(console_ui(s.console), &t, 1), 1);
    char *id = span_dup(target_id(&t));
    target_release(&t);
    press(&s, "v j");
    assert_int_equal(ui_selection(console_ui(s.console), &t, 1), 1);
    assert_int_equal(t.kind, TARGET_GROUP);
    target_release(&t);
    press(&s, "v v");
    assert_int_equal(ui_selection(console_ui(s.console), &t, 1), 1);
    assert_int_equal(t.kind, TARGET_TASK);
    assert_string_equal(t.id, id);
    target_release(&t);
    mem_free(id);
    press(&s, "z v"); /* a frozen screen has all faces */
    assert_true(shows(&s, "tasks by name 3"));
    scene_release(&s);
}

static void screen__says_whether_it_looks_at_workers(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s);
    assert_false(ui_looks_at_workers(console_ui(s.console)));
    press(&s, "6");
    assert_true(ui_looks_at_workers(console_ui(s.console)));
    press(&s, "1"); /* the pair stays on the screen */
    assert_true(ui_looks_at_workers(console_ui(s.console)));
    press(&s, "+");
    assert_false(ui_looks_at_workers(console_ui(s.console)));
    press(&s, "+ 3 Enter");
    assert_true(ui_looks_at_workers(console_ui(s.console)));
    scene_release(&s);
}

static void states__have_a_letter_each(void **state)
{
    (void)state;
    for (int a = 0; a < TASK_STATE_COUNT; a++) {
        assert_int_equal(strlen(task_sign((enum task_state)a)->mark), 1);
        for (int b = 0; b < a; b++) {
            assert_string_not_equal(task_sign((enum task_state)a)->mark, task_sign((enum task_state)b)->mark);
        }
    }
    assert_string_equal(task_short_name("api.tasks.x"), "x");
    assert_string_equal(task_short_name("x."), "x.");
    assert_string_equal(task_short_name(""), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter__speaks_of_tasks_as_people_do),
        cmocka_unit_test(listing__names_the_field_that_no_column_has),
        cmocka_unit_test(listing__holds_every_row__of_more_than_a_screen),
        cmocka_unit_test(groups__lead_to_their_tasks__and_back),
        cmocka_unit_test(faces__keep_their_cursor_and_order),
        cmocka_unit_test(screen__says_whether_it_looks_at_workers),
        cmocka_unit_test(states__have_a_letter_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
