#include "support/unit.h"
#include "view/document.h"
#include "view/layout.h"
#include "view/spark.h"
#include "view/texts.h"

#include <math.h>

#include "redai/base/utf8.h"

static int cells_of(const struct layout *l)
{
    int cells = 0;
    for (int p = 0; p < PANE_COUNT; p++) {
        cells += l->pane[p].shown ? l->pane[p].r.w * l->pane[p].r.h : 0;
        assert_true(!l->pane[p].shown || (!l->pane[p].title_only && l->pane[p].r.h >= 3));
    }
    return cells;
}

static void layout__shows_two_pairs_and_the_alerts__at_80x24(void **state)
{
    (void)state;
    static const int sizes[][2] = {{80, 24}, {72, 15}, {120, 37}};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct layout l;
        for (int focus = 0; focus < PANE_COUNT; focus++) {
            for (int celery = 0; celery < 2; celery++) {
                layout_make(&l, sizes[i][0], sizes[i][1],
                            &(struct layout_wish){(enum pane_id)focus, false, celery, false});
                if (focus == PANE_SERVER) { /* it takes the place of the pairs */
                    assert_true(l.pane[PANE_SERVER].shown && l.pane[PANE_ALERTS].shown);
                    assert_int_equal(cells_of(&l), l.body.w * l.body.h);
                    continue;
                }
                bool tasks = l.pane[PANE_TASKS].shown;
                assert_false(l.pane[PANE_SERVER].shown);
                assert_true(l.pane[focus].shown && l.pane[PANE_ALERTS].shown && l.pane[PANE_SESSIONS].shown);
                assert_int_equal(l.pane[PANE_WORKERS].shown, tasks);
                assert_int_equal(l.pane[PANE_QUEUES].shown, !tasks);
                assert_int_equal(l.pane[PANE_BATCHES].shown, !tasks);
                /* Another pane in focus leaves the pair as it was. */
                assert_true(focus == PANE_TASKS || focus == PANE_WORKERS    ? tasks
                            : focus == PANE_QUEUES || focus == PANE_BATCHES ? !tasks
                                                                            : tasks == celery);
                /* Panes and the line between them cover the body, once. */
                assert_int_equal(cells_of(&l) + l.divider.h, l.body.w * l.body.h);
            }
        }
    }
}

static void layout__shows_all_panes__where_three_rows_have_room(void **state)
{
    (void)state;
    static const int sizes[][2] = {{120, 40}, {200, 60}, {72, 38}, {500, 200}};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct layout l;
        layout_make(&l, sizes[i][0], sizes[i][1], &(struct layout_wish){PANE_QUEUES, false, false, false});
        assert_true(l.strip && l.footer);
        for (int p = 0; p < PANE_COUNT; p++) {
            assert_true(l.pane[p].shown == (p != PANE_SERVER || sizes[i][0] >= 118));
        }
        assert_int_equal(cells_of(&l) + l.divider.h + l.beside.h, l.body.w * l.body.h);
        layout_make(&l, sizes[i][0], sizes[i][1], &(struct layout_wish){PANE_SERVER, false, false, false});
        assert_true(l.pane[PANE_SERVER].shown && l.pane[PANE_SESSIONS].shown && !l.pane[PANE_QUEUES].shown);
        assert_int_equal(l.pane[PANE_SERVER].r.w, l.body.w);
        assert_int_equal(cells_of(&l) + l.divider.h, l.body.w * l.body.h);
        /* Who looks at the alerts from there keeps both. */
        layout_make(&l, sizes[i][0], sizes[i][1], &(struct layout_wish){PANE_ALERTS, false, false, true});
        assert_int_equal(l.pane[PANE_SERVER].r.w, l.body.w);
        layout_make(&l, sizes[i][0], sizes[i][1], &(struct layout_wish){PANE_QUEUES, false, false, true});
        assert_true(l.pane[PANE_QUEUES].shown);
    }
}

static void layout__gives_a_low_screen_to_the_focus__and_titles_to_the_rest(void **state)
{
    (void)state;
    struct layout l;
    layout_make(&l, 40, 10, &(struct layout_wish){PANE_TASKS, false, false, false});
    assert_int_equal(l.pane[PANE_TASKS].r.h, 4);
    assert_true(l.pane[PANE_ALERTS].title_only && l.pane[PANE_QUEUES].title_only);
    layout_make(&l, 40, 20, &(struct layout_wish){PANE_TASKS, false, false, false});
    for (int p = 0; p < PANE_COUNT; p++) {
        assert_true(l.pane[p].shown);
    }
    assert_true(l.pane[PANE_TASKS].r.h >= 11);
}

static void layout__always_shows_the_pane_in_focus__inside_the_screen(void **state)
{
    (void)state;
    for (int w = 1; w < 130; w += 7) {
        for (int h = 2; h < 45; h++) {
            for (int focus = 0; focus < PANE_COUNT; focus++) {
                for (int zoomed = 0; zoomed < 2; zoomed++) {
                    struct layout l;
                    layout_make(&l, w, h, &(struct layout_wish){(enum pane_id)focus, zoomed, false, false});
                    assert_true(l.pane[focus].shown);
                    for (int p = 0; p < PANE_COUNT; p++) {
                        struct rect r = l.pane[p].r;
                        assert_true(!l.pane[p].shown || (r.x >= 0 && r.y >= 1 && r.w > 0 && r.h > 0 &&
                                                         r.x + r.w <= w && r.y + r.h <= h - l.footer));
                        assert_true(!zoomed || p == focus || !l.pane[p].shown);
                    }
                }
            }
        }
    }
}

static void columns__fit_their_width__the_vital_ones_staying_longest(void **state)
{
    (void)state;
    for (int p = 0; p < FACE_COUNT; p++) {
        const struct pane_ops *ops = pane_table[p];
        int before[COLUMNS_MAX] = {0};
        assert_in_range(ops->columns, 1, COLUMNS_MAX);
        for (int w = 1; w < 300; w++) {
            int width[COLUMNS_MAX];
            int sum = 0;
            int shown = 0;
            columns_fit(ops->column, ops->columns, w, 1, width);
            for (size_t i = 0; i < ops->columns; i++) {
                sum += width[i] ? width[i] + (sum ? 1 : 0) : 0;
                shown += width[i] > 0;
                assert_true(width[i] <= ops->column[i].max || width[i] == 0);
                before[i] = width[i];
            }
            assert_in_range(shown, 1, ops->columns);
            assert_in_range(sum, 1, w);
        }
        for (size_t i = 0; i < ops->columns; i++) {
            assert_true(before[i] > 0); /* with room enough all are shown */
        }
    }
}

static void each_column__has_room_for_its_title_and_the_arrow(void **state)
{
    (void)state;
    for (int p = 0; p < FACE_COUNT; p++) {
        for (size_t i = 0; i < pane_table[p]->columns; i++) {
            const struct column *c = &pane_table[p]->column[i];
            int arrow = c->key ? 1 : 0;
            assert_true(c->min <= c->width && c->width <= c->max);
            assert_true((c->flags & COLUMN_MARK) || (int)strlen(c->title) + arrow <= c->min);
            assert_true(c->help[0]);
        }
    }
}

static void segments__drop_the_least_vital_first__and_shorten_before(void **state)
{
    (void)state;
    struct segments s = {0};
    struct grid g;
    struct segments_style style = {" | ", ROLE_DIM, ROLE_LABEL, 0};
    grid_init(&g);
    grid_resize(&g, 60, 1);
    segments_add(&s, 0, ROLE_TEXT, "", "first");
    segment_brief(segments_add(&s, 2, ROLE_TEXT, "label", "second piece"), "2nd");
    segments_add(&s, 1, ROLE_TEXT, "", "third");
    static const struct {
        int cols;
        const char *line;
    } cases[] = {{60, "first | label second piece | third\n"},
                 {34, "first | label second piece | third\n"},
                 {33, "first | 2nd | third\n"},
                 {19, "first | 2nd | third\n"},
                 {18, "first | third\n"},
                 {12, "first | 2nd\n"},
                 {10, "first\n"},
                 {5, "first\n"},
                 {3, "fi~\n"},
                 {0, "\n"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        UT_string text;
        utstring_init(&text);
        grid_clear(&g, (struct rect){0, 0, 60, 1}, ROLE_TEXT);
        int used = segments_draw(&s, &g, 0, 0, cases[i].cols, &style);
        grid_to_text(&g, &text);
        assert_string_equal(utstring_body(&text), cases[i].line);
        assert_true(used <= cases[i].cols);
        utstring_done(&text);
    }
    grid_release(&g);
}

static void spark__means_several_seconds_a_column__and_leaves_gaps(void **state)
{
    (void)state;
    struct series s = {0};
    double out[4];
    for (int i = 0; i < 8; i++) {
        series_add(&s, (100 + i) * INT64_C(1000000), i < 5 ? 10 : 20);
    }
    assert_int_equal(spark_columns(&s, out, 4, 5), 4);
    assert_true(isnan(out[0]) && isnan(out[1]));
    assert_true(fabs(out[2] - 10) < 1e-9 && fabs(out[3] - 20) < 1e-9);
    series_add(&s, 120 * INT64_C(1000000), 4); /* 110..119 were not seen */
    spark_columns(&s, out, 4, 5);
    assert_true(fabs(out[0] - 20) < 1e-9 && isnan(out[1]) && isnan(out[2]) && fabs(out[3] - 4) < 1e-9);
    series_add(&s, 121 * INT64_C(1000000), 8);
    spark_columns(&s, out, 4, 5);
    assert_true(fabs(out[3] - 6) < 1e-9);
    struct series none = {0};
    spark_columns(&none, out, 4, 5);
    assert_true(isnan(out[0]) && isnan(out[3]));
}

static void document__wraps_searches_and_keeps_its_place(void **state)
{
    (void)state;
    struct document d;
    struct grid g;
    char place[32];
    grid_init(&g);
    grid_resize(&g, 20, 4);
    document_init(&d);
    for (int i = 0; i < 20; i++) {
        document_addf(&d, "", ROLE_TEXT, i == 10 ? "needle in %d" : "line %d of words that wrap", i);
    }
    document_draw(&d, &g, (struct rect){0, 0, 20, 4});
    document_place(&d, place, sizeof place);
    assert_string_equal(place, "1-4/39");
    document_move(&d, MOVE_DOWN); /* without links the text moves at once */
    assert_int_equal(d.top, 1);
    assert_true(document_search(&d, "NEEDLE"));
    assert_int_equal(d.cursor, 20);
    assert_false(document_search(&d, "nothing"));
    assert_int_equal(d.cursor, 20);
    document_search(&d, "words");
    assert_int_equal(d.cursor, 21);
    assert_true(document_search_next(&d));
    assert_int_equal(d.cursor, 23);
    /* Read again with a line more in front: still a place that exists. */
    document_begin(&d);
    document_add(&d, "", ROLE_TEXT, "short");
    document_draw(&d, &g, (struct rect){0, 0, 20, 4});
    assert_int_equal(d.cursor, 0);
    document_begin(&d);
    document_draw(&d, &g, (struct rect){0, 0, 20, 4});
    document_move(&d, MOVE_END);
    assert_null(document_link(&d));
    document_release(&d);
    grid_release(&g);
}

static void document__keeps_the_cursor_on_its_line__when_the_head_above_grows(void **state)
{
    (void)state;
    struct document d;
    struct document head;
    struct grid g;
    grid_init(&g);
    grid_resize(&g, 40, 6);
    document_init(&d);
    document_init(&head);
    for (int i = 0; i < 10; i++) {
        struct document_line *line = document_addf(&d, "", ROLE_TEXT, "line %d", i);
        target_set(&line->link, TARGET_TASK, span_of(line->text));
    }
    for (int lines = 0; lines < 4; lines++) {
        document_begin(&head);
        for (int i = 0; i < lines; i++) {
            document_add(&head, "head", ROLE_TEXT, "of it");
        }
        document_set_head(&d, &head);
        document_draw(&d, &g, (struct rect){0, 0, 40, 6});
        if (lines == 0) {
            document_move(&d, MOVE_DOWN);
        }
        assert_string_equal(document_link(&d)->id, "line 1");
        assert_int_equal(document_lines(&d), 10 + (size_t)lines);
    }
    document_begin(&head);
    document_set_head(&d, &head); /* what it is about has gone */
    document_draw(&d, &g, (struct rect){0, 0, 40, 6});
    assert_string_equal(document_link(&d)->id, "line 1");
    assert_false(document_at_end(&d));
    document_move(&d, MOVE_END);
    assert_true(document_at_end(&d));
    document_release(&d);
    document_release(&head);
    grid_release(&g);
}

static void words__say_what_is_and_no_more(void **state)
{
    (void)state;
    char out[TEXT_SMALL];
    assert_string_equal(text_age(-1, out, sizeof out), "?");
    assert_string_equal(text_age(3900000, out, sizeof out), "3 s");
    assert_string_equal(text_age(184000000, out, sizeof out), "3m04s");
    assert_string_equal(text_left(0, out, sizeof out), "now");
    assert_string_equal(text_left(100, out, sizeof out), "1 s");
    assert_string_equal(text_share((double)NAN, out, sizeof out), "?");
    assert_string_equal(text_share(0, out, sizeof out), "0%");
    assert_string_equal(text_share(0.001, out, sizeof out), "<1%");
    assert_string_equal(text_share(0.999, out, sizeof out), "99%");
    assert_string_equal(text_share(1, out, sizeof out), "100%");
    assert_string_equal(text_value((double)NAN, "bytes", out, sizeof out), "?");
    assert_string_equal(text_value(1536. * 1024 * 1024, "bytes", out, sizeof out), "1.5G");
    assert_string_equal(text_value(1, "bool", out, sizeof out), "yes");
    assert_string_equal(text_value(3, "count", out, sizeof out), "3");
    assert_string_equal(text_instant(1795399800000000, out, sizeof out), "2026-11-23 02:10:00 UTC");
    assert_string_equal(text_clock(-1, out, sizeof out), "?");
    assert_true(text_order("Item9", "item10") < 0 && text_order("a", "B") < 0 && text_order("007", "7") == 0);
    text_copy(out, 4, S("aał"));
    assert_string_equal(out, "aa"); /* never half a letter */
    assert_int_equal(text_wrap(S("one two three"), 8), 8);
    assert_int_equal(text_wrap(S("onetwothree"), 8), 8);
    assert_int_equal(text_wrap(S("名前"), 1), 3); /* at least one letter: it must end */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout__shows_two_pairs_and_the_alerts__at_80x24),
        cmocka_unit_test(layout__shows_all_panes__where_three_rows_have_room),
        cmocka_unit_test(layout__gives_a_low_screen_to_the_focus__and_titles_to_the_rest),
        cmocka_unit_test(layout__always_shows_the_pane_in_focus__inside_the_screen),
        cmocka_unit_test(columns__fit_their_width__the_vital_ones_staying_longest),
        cmocka_unit_test(each_column__has_room_for_its_title_and_the_arrow),
        cmocka_unit_test(segments__drop_the_least_vital_first__and_shorten_before),
        cmocka_unit_test(spark__means_several_seconds_a_column__and_leaves_gaps),
        cmocka_unit_test(document__wraps_searches_and_keeps_its_place),
        cmocka_unit_test(document__keeps_the_cursor_on_its_line__when_the_head_above_grows),
        cmocka_unit_test(words__say_what_is_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
