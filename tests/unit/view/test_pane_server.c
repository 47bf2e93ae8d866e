/* The server pane: which face shows what, what a group says of its rows, what is looked at, what a filter
 * finds and what is selected. */
#include "scene.h"
#include "view/pane.h"
#include "view/server_words.h"

#include <math.h>
static void scene_init(struct scene *s, int width, int height)
{
    static const char *const facts[] = {
        "connection address=127.0.0.1:6379",
        "link role=poll state=up",
        "server redis_version=7.0.15 role=master used_memory=900 maxmemory=1000 connected_clients=9 "
        "maxclients=10 "
        "maxmemory_policy=noeviction round_trip_us=400 rdb_last_bgsave_status=ok connected_slaves=0",
        "clock",
    };
    *s = (struct scene){.m = model_new(), .now_us = 1000000};
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        scene_tell(s, "%s", facts[i]);
    }
    scene_open(s, width, height);
}

static void tell_clients(struct scene *s)
{
    scene_tell(
        s, "client phase=row id=7 address=10.0.0.7:5001 name=api command=get flags=N idle_s=600 memory=100");
    scene_tell(s, "client phase=row id=8 address=10.0.0.8:5002 command=brpop flags=b idle_s=1 memory=200");
    scene_tell(s, "client phase=row id=9 address=10.0.0.9:5003 command=brpop flags=b idle_s=700 memory=300");
    scene_tell(s, "client phase=end");
    frame(s);
}

#define BIT(kind) (1u << TARGET_##kind)

static void what_is_looked_at__follows_the_screen(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 80, 24);
    const struct ui *ui = console_ui(s.console);
    assert_int_equal(ui_looks_at(ui), 0); /* it is not on a screen of this size */
    press(&s, "8");
    assert_int_equal(ui_looks_at(ui), BIT(VITAL));
    static const unsigned faces[] = {BIT(COMMAND), BIT(SLOW), BIT(CLIENT),
                                     BIT(COMMAND), BIT(SLOW), BIT(VITAL)};
    for (size_t i = 0; i < COUNT_OF(faces); i++) {
        press(&s, "u");
        assert_int_equal(ui_looks_at(ui), faces[i]);
    }
    press(&s, "5"); /* the alerts leave it its room */
    assert_int_equal(ui_looks_at(ui), BIT(VITAL));
    press(&s, "1");
    assert_int_equal(ui_looks_at(ui), 0);
    press(&s, "0");
    assert_int_equal(ui_looks_at(ui), BIT(VITAL));
    press(&s, "Esc 8 u u u");
    tell_clients(&s);
    press(&s, "Enter");
    assert_int_equal(ui_looks_at(ui), BIT(CLIENT));
    assert_int_equal(ui_subject(ui)->kind, TARGET_NONE); /* nothing is read for its page */
    scene_release(&s);
    scene_init(&s, 120, 40);
    assert_int_equal(ui_looks_at(console_ui(s.console)), BIT(VITAL)); /* in short, beside the alerts */
    grid_resize(&s.g, 40, 10);
    frame(&s);
    assert_int_equal(ui_looks_at(console_ui(s.console)), 0); /* a title at most */
    scene_release(&s);
}

static void group__tells_what_in_it_needs_a_look(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 120, 24);
    press(&s, "8");
    assert_true(shows(&s, "!! ▸ memory"));
    assert_true(shows(&s, "of limit 90.0%: not growing steadily"));
    assert_true(shows(&s, "!! ▸ clients"));
    assert_true(shows(&s, "of maxclients 90.0%: of 10"));
    assert_false(shows(&s, "├ used"));
    press(&s, "Enter"); /* unfolds it */
    assert_true(shows(&s, "├ used"));
    assert_true(shows(&s, "of 1000B, when full: noeviction"));
    press(&s, "Left");
    assert_false(shows(&s, "├ used"));
    press(&s, "Right");
    assert_true(shows(&s, "├ used"));
    press(&s, "Down Enter");
    assert_true(shows(&s, "all that Redis has allocated"));
    scene_release(&s);
}

static void rows__are_open_at_first__where_it_is_high(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 120, 60);
    press(&s, "8");
    assert_true(shows(&s, "▾ memory") && shows(&s, "├ used"));
    press(&s, "Left");
    assert_true(shows(&s, "▸ memory"));
    assert_false(shows(&s, "├ used"));
    grid_resize(&s.g, 120, 40);
    press(&s, "1"); /* in short: the groups, and nothing below them */
    assert_true(shows(&s, "cpu") || shows(&s, "clients"));
    assert_false(shows(&s, "├ of limit"));
    scene_release(&s);
}

static void clients__are_filtered_marked_and_selected(void **state)
{
    (void)state;
    struct scene s;
    struct target t[4] = {{0}};
    scene_init(&s, 120, 24);
    tell_clients(&s);
    press(&s, "8 : g r o u p Space c l i e n t s Enter");
    assert_true(shows(&s, "server clients 3") && shows(&s, "2 worker connections"));
    press(&s, "/ k i n d : w o r k e r Space i d l e > 5 m Enter");
    assert_true(shows(&s, "10.0.0.9:5003"));
    assert_false(shows(&s, "10.0.0.8:5002") || shows(&s, "10.0.0.7:5001"));
    assert_int_equal(ui_selection(console_ui(s.console), t, 4), 1);
    assert_int_equal(t[0].kind, TARGET_CLIENT);
    assert_string_equal(t[0].id, "9");
    target_release(&t[0]);
    press(&s, "Esc Space Space");
    assert_int_equal(ui_selection(console_ui(s.console), t, 4), 2);
    target_release(&t[0]);
    target_release(&t[1]);
    press(&s, "Esc / k i n d : b o s s");
    assert_false(shows(&s, "10.0.0.9:5003"));
    scene_release(&s);
}

static void slow_log__leads_from_a_shape_to_its_entries(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 120, 24);
    press(&s, "8 u u");
    assert_true(shows(&s, "not read yet"));
    scene_tell(&s, "slow phase=end total=0 threshold_us=10000");
    frame(&s);
    assert_true(shows(&s, "the slow log is empty: slower than 10ms is logged"));
    scene_tell(&s,
               "slow phase=row id=5 wall_us=1795399790000000 duration_us=20000 shape=\"KEYS *\" text=\"KEYS "
               "*\" client=a:1");
    scene_tell(&s,
               "slow phase=row id=6 wall_us=1795399791000000 duration_us=30000 shape=\"KEYS *\" text=\"KEYS "
               "x*\" client=b:1");
    scene_tell(&s, "slow phase=end total=2 threshold_us=10000");
    frame(&s);
    assert_true(shows(&s, "+2 new") && shows(&s, "50ms"));
    press(&s, "Enter");
    assert_true(shows(&s, "2, 2 of them new") && shows(&s, "KEYS x*"));
    press(&s, "Enter");
    assert_true(shows(&s, "b:1") && shows(&s, "30ms"));
    assert_false(shows(&s, "a:1"));
    press(&s, "Esc Esc u u u");
    assert_true(shows(&s, "server slow log 2"));
    scene_release(&s);
}

static void pane__says_why_a_list_cannot_be_read(void **state)
{
    (void)state;
    struct scene s;
    scene_init(&s, 120, 24);
    press(&s, "8 u u u");
    scene_tell(&s,
               "poll topic=clients ok=no error=\"NOPERM User w has no permissions to run the 'client|list' "
               "command\"");
    frame(&s);
    assert_true(shows(&s, "? cannot be read"));
    assert_true(shows(&s, "NOPERM User w has no permissions"));
    press(&s, "u u u");
    assert_false(shows(&s, "NOPERM")); /* the other faces are not concerned */
    scene_release(&s);
}

static void words__are_short_and_exact(void **state)
{
    (void)state;
    char out[64];
    assert_string_equal(server_us(0, out, sizeof out), "0us");
    assert_string_equal(server_us(8.14, out, sizeof out), "8.1us");
    assert_string_equal(server_us(999.4, out, sizeof out), "999us");
    assert_string_equal(server_us(999.6, out, sizeof out), "1ms");
    assert_string_equal(server_us(12500, out, sizeof out), "12.5ms");
    assert_string_equal(server_us(3200000, out, sizeof out), "3.2s");
    assert_string_equal(server_us(125e6, out, sizeof out), "2m05s");
    assert_string_equal(server_us((double)NAN, out, sizeof out), "?");
    assert_string_equal(server_us(-1, out, sizeof out), "?");
    struct vital v = {.unit = "bytes_per_s"};
    assert_string_equal(vital_text(&v, 1536, out, sizeof out), "1.5K/s");
    v.unit = "ratio";
    assert_string_equal(vital_text(&v, 1.12, out, sizeof out), "1.1x");
    assert_string_equal(vital_text(&v, (double)NAN, out, sizeof out), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_looked_at__follows_the_screen),
        cmocka_unit_test(group__tells_what_in_it_needs_a_look),
        cmocka_unit_test(rows__are_open_at_first__where_it_is_high),
        cmocka_unit_test(clients__are_filtered_marked_and_selected),
        cmocka_unit_test(slow_log__leads_from_a_shape_to_its_entries),
        cmocka_unit_test(pane__says_why_a_list_cannot_be_read),
        cmocka_unit_test(words__are_short_and_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
