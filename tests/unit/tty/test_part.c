#include "support/unit.h"
#include "tty/part.h"

#include <stdio.h>

struct sent {
    char rows[64]; /* as digits */
    int most;
};

static bool send(void *ctx, int y)
{
    struct sent *s = ctx;
    size_t used = strlen(s->rows);
    snprintf(s->rows + used, sizeof s->rows - used, "%d", y);
    return --s->most > 0;
}

static void set_up_grid(struct grid *g, int height)
{
    grid_init(g);
    grid_resize(g, 10, height);
}

static enum screen_left rows_sent(struct part *p, const struct grid *g, bool by_key, int most,
                                  const char *wanted)
{
    struct sent s = {.most = most};
    enum screen_left left = part_each(p, g, by_key, send, &s);
    assert_string_equal(s.rows, wanted);
    return left;
}

static void parts__go_on__where_the_last_one_ended(void **state)
{
    (void)state;
    struct part p = {0};
    struct grid g;
    set_up_grid(&g, 4);
    g.cursor_y = -1;
    part_look(&p, &g, false);
    assert_int_equal(rows_sent(&p, &g, false, 3, "012"), SCREEN_LEFT_REST);
    assert_int_equal(rows_sent(&p, &g, false, 3, "301"), SCREEN_LEFT_REST);
    assert_int_equal(rows_sent(&p, &g, false, 9, "2301"), SCREEN_LEFT_NOTHING);
    part_release(&p);
    grid_release(&g);
}

static void a_part__begins__with_what_somebody_waits_for(void **state)
{
    (void)state;
    struct part p = {0};
    struct grid g;
    set_up_grid(&g, 5);
    g.cursor_y = -1;
    part_look(&p, &g, false);
    grid_put(&g, 0, 1, 'd', ROLE_TEXT); /* data, by themselves */
    part_look(&p, &g, false);
    grid_put(&g, 0, 3, 'k', ROLE_TEXT); /* and with a key */
    g.cursor_y = 4;
    part_look(&p, &g, true);
    assert_int_equal(rows_sent(&p, &g, true, 1, "4"), SCREEN_LEFT_ASKED);
    assert_int_equal(rows_sent(&p, &g, true, 9, "43"), SCREEN_LEFT_REST); /* never the data's */
    /* 3 is asked for no longer. */
    assert_int_equal(rows_sent(&p, &g, false, 9, "401234"), SCREEN_LEFT_NOTHING);
    part_release(&p);
    grid_release(&g);
}

static void a_window_of_another_size__begins__anew(void **state)
{
    (void)state;
    struct part p = {0};
    struct grid g;
    set_up_grid(&g, 5);
    g.cursor_y = -1;
    part_look(&p, &g, true);
    grid_resize(&g, 3, 2);
    g.cursor_y = -1;
    part_look(&p, &g, false);
    assert_int_equal(rows_sent(&p, &g, false, 9, "01"), SCREEN_LEFT_NOTHING);
    part_release(&p);
    grid_release(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts__go_on__where_the_last_one_ended),
        cmocka_unit_test(a_part__begins__with_what_somebody_waits_for),
        cmocka_unit_test(a_window_of_another_size__begins__anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
