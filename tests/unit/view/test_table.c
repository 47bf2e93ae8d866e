#include "fake_rows.h"

static struct grid grid_of(int width, int height)
{
    struct grid g;
    grid_init(&g);
    grid_resize(&g, width, height);
    return g;
}

static void draw(struct table *t, const struct rows *rows, struct grid *g, bool focused)
{
    struct table_style style = {focused, false, true, NULL};
    grid_clear(g, (struct rect){0, 0, g->width, g->height}, ROLE_TEXT);
    table_draw(t, rows, g, (struct rect){0, 0, g->width, g->height}, &style);
}

static const struct fake_row *row_under_cursor(const struct table *t, const struct rows *rows)
{
    return rows->row(rows->ctx, t->ranking.index[t->at]);
}

static void assert_line(const struct grid *g, int y, const char *begins)
{
    UT_string text;
    utstring_init(&text);
    grid_to_text(g, &text);
    const char *line = utstring_body(&text);
    while (y-- > 0) {
        line = strchr(line, '\n') + 1;
    }
    if (strncmp(line, begins, strlen(begins)) != 0) {
        fail_msg("line is \"%.*s\", expected \"%s\"", (int)strcspn(line, "\n"), line, begins);
    }
    utstring_done(&text);
}

static void table__orders_by_number_text_and_source__as_wished(void **state)
{
    (void)state;
    static struct fake_row row[] = {
        {"a", "item10", 5}, {"b", "Item9", NAN}, {"c", "item1", 7}, {"d", "", 7}, {"e", "item2", 0}};
    struct fake fake = {5, row, 0, 0};
    struct rows rows = fake_rows(&fake);
    static const struct {
        int sort;
        bool descending;
        const char *order;
    } cases[] = {{-1, false, "abcde"},
                 {2, false, "eacdb"},
                 {2, true, "cdaeb"},
                 {1, false, "cebad"},
                 {1, true, "abecd"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct table t;
        char order[8] = "";
        table_init(&t, cases[i].sort, cases[i].descending);
        table_recalc(&t, &rows, true, 0);
        for (size_t k = 0; k < t.ranking.count; k++) {
            order[k] = row[t.ranking.index[k]].id[0];
        }
        assert_string_equal(order, cases[i].order);
        table_release(&t);
    }
}

/* Ids that begin alike, too. */
static void ranking__behind_the_curtain__says_nothing_of_names(void **state)
{
    (void)state;
    enum { ROWS = 40 };
    struct fake_row row[ROWS];
    for (int i = 0; i < ROWS; i++) {
        row[i] = (struct fake_row){.size = 1};
        snprintf(row[i].id, sizeof row[i].id, "student-%02d", i);
    }
    struct fake fake = {ROWS, row, 0, 0};
    struct rows rows = fake_rows(&fake);
    struct veil veil = {{1, 2}};
    size_t in_order = 0;
    for (int drawn = 0; drawn < 2; drawn++) {
        struct ranking r = {0};
        rows.veil = drawn ? &veil : NULL;
        ranking_build(&r, &rows, &(struct ranking_wish){NULL, 2, false, 0, SIZE_MAX, NULL, NULL});
        in_order = 0;
        for (size_t i = 1; i < ROWS; i++) {
            in_order += r.index[i] > r.index[i - 1];
        }
        ranking_release(&r);
        assert_true(drawn ? in_order > 10 && in_order < 30 : in_order == ROWS - 1);
    }
}

static void ranking__gives_the_same_rows__whether_few_or_all_are_ordered(void **state)
{
    (void)state;
    static const struct {
        size_t from, to;
    } ranges[] = {{0, 100}, {1, 40}, {2500, 2600}, {4900, 5000}, {4990, SIZE_MAX}, {4000, 4001}};
    struct fake fake;
    fake_fill(&fake, 5000);
    for (size_t i = 0; i < fake.count; i += 3) {
        fake.row[i].size = (double)(i % 4); /* many alike */
    }
    struct rows rows = fake_rows(&fake);
    for (int column = 0; column < 3; column++) {
        struct ranking all = {0};
        ranking_build(&all, &rows,
                      &(struct ranking_wish){NULL, column, column == 2, 0, SIZE_MAX, NULL, NULL});
        assert_int_equal(all.from, 0);
        assert_int_equal(all.to, 5000);
        for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
            struct ranking few = {0};
            size_t from = ranges[i].from;
            size_t to = ranges[i].to < 5000 ? ranges[i].to : 5000;
            ranking_build(&few, &rows,
                          &(struct ranking_wish){NULL, column, column == 2, from, ranges[i].to, NULL, NULL});
            assert_int_equal(few.count, 5000);
            assert_int_equal(few.from, from);
            assert_int_equal(few.to, to);
            assert_memory_equal(few.index + from, all.index + from, (to - from) * sizeof few.index[0]);
            ranking_release(&few);
        }
        ranking_release(&all);
    }
    mem_free(fake.row);
}

static void ranking__tells_where_a_row_stands__and_orders_what_is_about_it(void **state)
{
    (void)state;
    struct fake fake;
    fake_fill(&fake, 5000);
    struct rows rows = fake_rows(&fake);
    struct ranking all = {0};
    struct ranking few = {0};
    ranking_build(&all, &rows, &(struct ranking_wish){NULL, 2, true, 0, SIZE_MAX, NULL, NULL});
    for (size_t at = 0; at < 5000; at += 617) {
        const void *row = rows.row(rows.ctx, all.index[at]);
        ranking_build(&few, &rows, &(struct ranking_wish){NULL, 2, true, 0, 100, row, NULL});
        assert_int_equal(few.around, at);
        assert_in_range(at, few.from, few.to - 1);
        assert_in_range(few.to - few.from, 50, 101);
        assert_memory_equal(few.index + few.from, all.index + few.from,
                            (few.to - few.from) * sizeof few.index[0]);
    }
    ranking_release(&few);
    ranking_release(&all);
    mem_free(fake.row);
}

static void cursor__follows_its_row__when_the_order_changes(void **state)
{
    (void)state;
    struct fake fake;
    fake_fill(&fake, 50);
    struct rows rows = fake_rows(&fake);
    struct table t;
    struct grid g = grid_of(40, 11);
    table_init(&t, 2, true);
    table_recalc(&t, &rows, true, 0);
    draw(&t, &rows, &g, true);
    for (int i = 0; i < 5; i++) {
        table_move(&t, &rows, MOVE_DOWN);
    }
    char id[24];
    snprintf(id, sizeof id, "%s", row_under_cursor(&t, &rows)->id);
    for (size_t i = 0; i < fake.count; i++) {
        fake.row[i].size = -fake.row[i].size;
    }
    table_recalc(&t, &rows, true, 1);
    assert_string_equal(row_under_cursor(&t, &rows)->id, id);
    assert_int_equal(t.at, 44);
    draw(&t, &rows, &g, true);
    assert_in_range(t.at, t.top, t.top + 9);
    /* It is the one drawn with the cursor's mark. */
    char line[32];
    snprintf(line, sizeof line, ">%s", id);
    line[5] = '\0';
    assert_line(&g, 1 + (int)(t.at - t.top), line);
    grid_release(&g);
    table_release(&t);
    mem_free(fake.row);
}

static void cursor__takes_the_neighbour__when_its_row_has_gone(void **state)
{
    (void)state;
    struct fake fake;
    fake_fill(&fake, 10);
    struct rows rows = fake_rows(&fake);
    struct table t;
    table_init(&t, 0, false);
    table_recalc(&t, &rows, true, 0);
    table_move(&t, &rows, MOVE_DOWN);
    table_move(&t, &rows, MOVE_DOWN);
    assert_string_equal(row_under_cursor(&t, &rows)->id, "k000002");
    fake_remove(&fake, 2);
    table_recalc(&t, &rows, true, 1);
    assert_string_equal(row_under_cursor(&t, &rows)->id, "k000003");
    assert_true(span_equal(target_id(&t.cursor), S("k000003")));
    fake.count = 0;
    table_recalc(&t, &rows, true, 2);
    assert_int_equal(t.cursor.kind, TARGET_NONE);
    table_release(&t);
    mem_free(fake.row);
}

static void cursor__stays_at_the_top__until_a_person_moves_it(void **state)
{
    (void)state;
    struct fake fake;
    fake_fill(&fake, 10);
    struct rows rows = fake_rows(&fake);
    struct table t;
    table_init(&t, 2, true);
    table_recalc(&t, &rows, true, 0);
    fake.row[3].size = 1e6;
    table_recalc(&t, &rows, true, 1);
    assert_true(span_equal(target_id(&t.cursor), S("k000003")));
    assert_int_equal(t.at, 0);
    table_move(&t, &rows, MOVE_HOME);
    fake.row[5].size = 2e6;
    table_recalc(&t, &rows, true, 2);
    assert_true(span_equal(target_id(&t.cursor), S("k000003")));
    assert_int_equal(t.at, 1);
    table_release(&t);
    mem_free(fake.row);
}

static void moves__stay_within_the_rows__whatever_the_page(void **state)
{
    (void)state;
    struct fake fake;
    fake_fill(&fake, 100);
    struct rows rows = fake_rows(&fake);
    struct table t;
    struct grid g = grid_of(40, 11);
    table_init(&t, 0, false);
    table_recalc(&t, &rows, true, 0);
    table_move(&t, &rows, MOVE_PAGE_DOWN); /* before the first draw */
    draw(&t, &rows, &g, true);
    static const struct {
        enum table_move move;
        size_t at;
    } steps[] = {{MOVE_HOME, 0},     {MOVE_UP, 0},       {MOVE_PAGE_DOWN, 10}, {MOVE_HALF_DOWN, 15},
                 {MOVE_DOWN, 16},    {MOVE_END, 99},     {MOVE_DOWN, 99},      {MOVE_PAGE_DOWN, 99},
                 {MOVE_PAGE_UP, 89}, {MOVE_HALF_UP, 84}, {MOVE_PAGE_UP, 74}};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        table_move(&t, &rows, steps[i].move);
        assert_int_equal(t.at, steps[i].at);
        assert_in_range(t.at, t.top, t.top + 9);
    }
    grid_release(&g);
    grid_resize(&g, 40, 4); /* smaller: the cursor stays in sight */
    draw(&t, &rows, &g, true);
    assert_in_range(t.at, t.top, t.top + 2);
    grid_release(&g);
    table_release(&t);
    mem_free(fake.row);
}

static void marks__stay_with_their_rows__and_go_with_them(void **state)
{
    (void)state;
    struct fake fake;
    fake_fill(&fake, 10);
    struct rows rows = fake_rows(&fake);
    struct table t;
    struct target out[4];
    table_init(&t, 0, false);
    table_recalc(&t, &rows, true, 0);
    table_mark(&t, &rows);
    table_mark(&t, &rows);
    assert_int_equal(marks_count(&t.marks), 2);
    assert_int_equal(t.at, 2);
    table_filter(&t, &rows, "k000005");
    table_recalc(&t, &rows, false, 0);
    assert_int_equal(marks_count(&t.marks), 2);
    assert_int_equal(marks_copy(&t.marks, out, 1), 2);
    assert_true(span_equal(target_id(&out[0]), S("k000000")));
    target_release(&out[0]);
    fake_remove(&fake, 0);
    table_recalc(&t, &rows, true, 1);
    assert_int_equal(marks_count(&t.marks), 1);
    assert_true(marks_has(&t.marks, TARGET_KEY, S("k000001")));
    table_mark_all(&t, &rows);
    assert_int_equal(marks_count(&t.marks), 2);
    marks_clear(&t.marks);
    assert_int_equal(marks_count(&t.marks), 0);
    table_release(&t);
    mem_free(fake.row);
}

static void many_rows__cost_only_what_is_seen(void **state)
{
    (void)state;
    struct fake fake;
    fake_fill(&fake, 100000);
    struct rows rows = fake_rows(&fake);
    struct table t;
    struct grid g = grid_of(60, 21);
    table_init(&t, 2, true);
    table_recalc(&t, &rows, true, 0);
    fake.keys = 0;
    table_recalc(&t, &rows, true, 10000000);
    assert_int_equal(fake.keys, 100000);
    draw(&t, &rows, &g, true);
    assert_in_range(fake.fields, 1, 20 * 3);
    /* Changes within the second wait; nothing is asked of rows that are not seen. */
    fake.fields = fake.keys = 0;
    for (int i = 1; i < 10; i++) {
        table_recalc(&t, &rows, true, 10000000 + i * 100000);
        draw(&t, &rows, &g, true);
    }
    assert_int_equal(fake.keys, 0);
    assert_in_range(fake.fields, 1, 9 * 20 * 3);
    table_recalc(&t, &rows, false, 11000000);
    assert_int_equal(fake.keys, 100000);
    /* What a title says of their number is not as old as the order. */
    fake.count--;
    table_recalc(&t, &rows, true, 11050000);
    assert_int_equal(t.ranking.count, 100000);
    assert_int_equal(table_total(&t, &rows), 99999);
    /* Rows that went or moved in between are found by who they are, or left blank: never by a place that does
     * not hold. */
    struct fake_row first = fake.row[t.ranking.index[0]];
    fake.row[0] = first;
    fake.count = 1;
    table_recalc(&t, &rows, true, 11100000);
    draw(&t, &rows, &g, true);
    char line[32];
    snprintf(line, sizeof line, ">%.5s", first.id);
    assert_line(&g, 1, line);
    assert_line(&g, 2, "\n");
    table_recalc(&t, &rows, true, 12100000);
    assert_int_equal(t.ranking.count, 1);
    /* Without changes nothing is done at all. */
    table_recalc(&t, &rows, true, 13000000);
    fake.fields = fake.keys = 0;
    table_recalc(&t, &rows, false, 19000000);
    assert_int_equal(fake.keys + fake.fields, 0);
    grid_release(&g);
    table_release(&t);
    mem_free(fake.row);
}

static void end_of_many_rows__is_in_order__when_one_goes_there(void **state)
{
    (void)state;
    struct fake fake;
    fake_fill(&fake, 20000);
    struct rows rows = fake_rows(&fake);
    struct table t;
    struct grid g = grid_of(60, 21);
    table_init(&t, 0, false);
    table_recalc(&t, &rows, true, 0);
    draw(&t, &rows, &g, true);
    table_move(&t, &rows, MOVE_END);
    assert_string_equal(row_under_cursor(&t, &rows)->id, "k019999");
    table_move(&t, &rows, MOVE_PAGE_UP);
    assert_string_equal(row_under_cursor(&t, &rows)->id, "k019979");
    draw(&t, &rows, &g, true);
    assert_line(&g, 1, ">k0199");
    table_recalc(&t, &rows, true, 5000000);
    assert_string_equal(row_under_cursor(&t, &rows)->id, "k019979");
    grid_release(&g);
    table_release(&t);
    mem_free(fake.row);
}

static void header__shows_the_order__by_an_arrow_at_the_column(void **state)
{
    (void)state;
    struct fake fake;
    fake_fill(&fake, 3);
    struct rows rows = fake_rows(&fake);
    struct table t;
    struct grid g = grid_of(30, 4);
    table_init(&t, 2, true);
    table_recalc(&t, &rows, true, 0);
    draw(&t, &rows, &g, true);
    assert_line(&g, 0, " id     name             size▼");
    table_sort_step(&t, &rows, 1);
    table_recalc(&t, &rows, false, 0);
    draw(&t, &rows, &g, true);
    assert_line(&g, 0, " id▲");
    table_sort_step(&t, &rows, -1);
    assert_int_equal(t.sort, 2);
    assert_true(t.descending);
    table_sort_invert(&t);
    g.ascii = true;
    table_recalc(&t, &rows, false, 0);
    draw(&t, &rows, &g, true);
    assert_line(&g, 0, " id     name             size+");
    assert_false(table_sort_title(&t, &rows, "colour"));
    assert_true(table_sort_title(&t, &rows, "name"));
    assert_int_equal(t.sort, 1);
    grid_release(&g);
    table_release(&t);
    mem_free(fake.row);
}

/* The news that they have gone came behind the last frame, the key before the next: no place of then is used.
 */
static void cursor__stays_on_rows_that_are_there__when_others_have_just_gone(void **state)
{
    static const enum table_move moves[] = {MOVE_DOWN, MOVE_UP,        MOVE_END,
                                            MOVE_HOME, MOVE_PAGE_DOWN, MOVE_PAGE_UP};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(moves); i++) {
        for (int by_find = 0; by_find < 2; by_find++) {
            struct fake fake;
            struct table t;
            fake_fill(&fake, 300);
            struct rows rows = fake_rows(&fake);
            rows.find = by_find ? rows.find : NULL;
            table_init(&t, 2, true);
            t.page = 10;
            table_recalc(&t, &rows, true, 0);
            table_move(&t, &rows, MOVE_END);
            table_move(&t, &rows, MOVE_UP);
            while (fake.count > 3) {
                fake_remove(&fake, 0);
            }
            table_move(&t, &rows, moves[i]);
            assert_true(t.at < 3);
            assert_non_null(fake_find(&fake, target_id(&t.cursor)));
            while (fake.count) {
                fake_remove(&fake, 0);
            }
            table_move(&t, &rows, moves[i]);
            assert_int_equal(t.cursor.kind, TARGET_NONE);
            table_mark_all(&t, &rows);
            table_release(&t);
            mem_free(fake.row);
        }
    }
}

/* No row is known to have changed, and all the same: ages grow, rates of the last minutes fall. */
static void table__is_put_in_order_again__as_time_moves(void **state)
{
    (void)state;
    struct fake fake;
    struct table t;
    fake_fill(&fake, 1000);
    struct rows rows = fake_rows(&fake);
    table_init(&t, 2, true);
    table_recalc(&t, &rows, true, 0);
    size_t first = fake.keys;
    table_recalc(&t, &rows, false, 9900000);
    assert_int_equal(fake.keys, first);
    table_recalc(&t, &rows, false, 10000000);
    assert_true(fake.keys > first);
    table_filter(&t, &rows, "size:>4");
    table_recalc(&t, &rows, false, 10000001);
    first = fake.keys;
    table_recalc(&t, &rows, false, 10900000);
    assert_int_equal(fake.keys, first);
    table_recalc(&t, &rows, false, 11000001); /* what is filtered is so at the second */
    assert_true(fake.keys > first);
    table_release(&t);
    mem_free(fake.row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table__orders_by_number_text_and_source__as_wished),
        cmocka_unit_test(ranking__behind_the_curtain__says_nothing_of_names),
        cmocka_unit_test(ranking__gives_the_same_rows__whether_few_or_all_are_ordered),
        cmocka_unit_test(ranking__tells_where_a_row_stands__and_orders_what_is_about_it),
        cmocka_unit_test(cursor__follows_its_row__when_the_order_changes),
        cmocka_unit_test(cursor__takes_the_neighbour__when_its_row_has_gone),
        cmocka_unit_test(cursor__stays_at_the_top__until_a_person_moves_it),
        cmocka_unit_test(moves__stay_within_the_rows__whatever_the_page),
        cmocka_unit_test(marks__stay_with_their_rows__and_go_with_them),
        cmocka_unit_test(many_rows__cost_only_what_is_seen),
        cmocka_unit_test(end_of_many_rows__is_in_order__when_one_goes_there),
        cmocka_unit_test(header__shows_the_order__by_an_arrow_at_the_column),
        cmocka_unit_test(table__is_put_in_order_again__as_time_moves),
        cmocka_unit_test(cursor__stays_on_rows_that_are_there__when_others_have_just_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
