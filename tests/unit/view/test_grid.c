#include "support/unit.h"

#include <limits.h>
#include <math.h>

#include "redai/base/utf8.h"

#include "redai/view/grid.h"

static struct grid grid_of(int width, int height)
{
    struct grid g;
    grid_init(&g);
    grid_resize(&g, width, height);
    return g;
}

static void assert_grid(const struct grid *g, const char *expected)
{
    UT_string text;
    utstring_init(&text);
    grid_to_text(g, &text);
    assert_string_equal(utstring_body(&text), expected);
    utstring_done(&text);
}

/* Each wide letter has its right half behind it, and no right half stands alone. */
static void assert_whole_letters(const struct grid *g)
{
    for (int y = 0; y < g->height; y++) {
        for (int x = 0; x < g->width; x++) {
            uint32_t ch = grid_at(g, x, y)->ch;
            bool wide = ch && utf8_width(ch) == 2;
            const struct cell *next = grid_at(g, x + 1, y);
            assert_int_equal(wide, next && next->ch == 0);
            assert_false(utf8_is_hostile(ch) && ch != 0);
        }
    }
}

static void grid_resize__leaves_blank_cells_and_no_cursor__when_given_any_size(void **state)
{
    (void)state;
    struct grid g = grid_of(3, 2);
    assert_grid(&g, "\n\n");
    assert_int_equal(g.cursor_x, -1);
    grid_text(&g, 0, 0, 3, S("abc"), ROLE_TEXT);
    grid_resize(&g, 3, 2);
    assert_grid(&g, "\n\n");
    grid_resize(&g, 0, 0);
    assert_null(grid_at(&g, 0, 0));
    grid_text(&g, 0, 0, 3, S("abc"), ROLE_TEXT);
    assert_grid(&g, "");
    grid_resize(&g, -5, INT_MIN);
    assert_int_equal(g.width, 0);
    grid_release(&g);
    grid_release(&g);
}

static void grid_text__returns_columns_and_ends_in_a_tilde__when_it_does_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int x, max, used;
        const char *shown;
    } cases[] = {
        {"abc", 0, 10, 3, "abc\n"},
        {"abcdef", 0, 6, 6, "abcdef\n"},
        {"abcdefg", 0, 6, 6, "abcde~\n"},
        {"abcdefg", 0, 1, 1, "~\n"},
        {"abc", 0, 0, 0, "\n"},
        {"abc", 0, -7, 0, "\n"},
        {"abcdefghijk", 4, INT_MAX, 6, "    abcde~\n"},
        {"abcdef", -3, 6, 6, "def\n"},
        {"abcdef", -3, 5, 5, "d~\n"},
        {"abc", 10, 5, 0, "\n"},
        {"abc", INT_MAX, INT_MAX, 0, "\n"},
        {"日本語", 0, 6, 6, "日本語\n"},
        {"日本語", 0, 5, 5, "日本~\n"},
        {"日本語", 0, 4, 3, "日~\n"},
        {"日本語", -1, 6, 6, " 本語\n"},
        {"日", 0, 1, 1, "~\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct grid g = grid_of(10, 1);
        assert_int_equal(grid_text(&g, cases[i].x, 0, cases[i].max, span_of(cases[i].text), ROLE_TEXT),
                         cases[i].used);
        assert_grid(&g, cases[i].shown);
        assert_whole_letters(&g);
        grid_release(&g);
    }
}

static void grid_text__shows_marks__when_the_text_was_never_sanitised(void **state)
{
    (void)state;
    struct grid g = grid_of(20, 1);
    int used = grid_text(&g, 0, 0, 20, S("a\033[2J\xff\x9b\xe2\x80\xae"), ROLE_TEXT);
    assert_whole_letters(&g);
    assert_true(used > 6);
    for (int x = 0; x < 20; x++) {
        uint32_t ch = grid_at(&g, x, 0)->ch;
        assert_true(ch >= ' ' && ch < 0x7F);
    }
    grid_release(&g);
}

static void grid_put__blanks_the_other_half__when_a_wide_letter_is_overwritten(void **state)
{
    (void)state;
    struct grid g = grid_of(6, 1);
    grid_text(&g, 0, 0, 6, S("日本語"), ROLE_TEXT);
    grid_put(&g, 1, 0, 'x', ROLE_TEXT);
    assert_grid(&g, " x本語\n");
    grid_put(&g, 2, 0, 'y', ROLE_TEXT);
    assert_grid(&g, " xy 語\n");
    grid_put(&g, 3, 0, 0x65E5, ROLE_TEXT);
    assert_grid(&g, " xy日\n");
    grid_put(&g, 5, 0, 0x65E5, ROLE_TEXT); /* half would hang over the edge */
    assert_grid(&g, " xy日\n");
    assert_whole_letters(&g);
    grid_put(&g, 0, 0, 0x1B, ROLE_TEXT);
    assert_int_equal(grid_at(&g, 0, 0)->ch, UTF8_REPLACEMENT);
    grid_put(&g, -1, 0, 'x', ROLE_TEXT);
    grid_put(&g, 0, 7, 'x', ROLE_TEXT);
    grid_release(&g);
}

static void grid_clear__keeps_letters_whole__when_it_cuts_through_wide_ones(void **state)
{
    (void)state;
    struct grid g = grid_of(6, 1);
    grid_text(&g, 0, 0, 6, S("日本語"), ROLE_TEXT);
    grid_clear(&g, (struct rect){1, 0, 4, 1}, ROLE_DIM);
    assert_grid(&g, "\n");
    assert_whole_letters(&g);
    assert_int_equal(grid_at(&g, 0, 0)->role, ROLE_TEXT);
    assert_int_equal(grid_at(&g, 4, 0)->role, ROLE_DIM);
    grid_clear(&g, (struct rect){INT_MAX, INT_MAX, INT_MAX, INT_MAX}, ROLE_DIM);
    grid_clear(&g, (struct rect){INT_MIN, INT_MIN, INT_MAX, INT_MAX}, ROLE_DIM);
    grid_release(&g);
}

static void grid_paint__changes_role_and_flags_only__when_letters_stand_there(void **state)
{
    (void)state;
    struct grid g = grid_of(5, 1);
    grid_printf(&g, 0, 0, 5, ROLE_TEXT, "%d%s", 12, "xyz");
    grid_paint(&g, -2, 0, 4, ROLE_SELECTED);
    grid_flag(&g, 3, 0, 99, CELL_BOLD);
    grid_flag(&g, 4, 0, 1, CELL_REVERSE);
    assert_grid(&g, "12xyz\n");
    assert_int_equal(grid_at(&g, 1, 0)->role, ROLE_SELECTED);
    assert_int_equal(grid_at(&g, 2, 0)->role, ROLE_TEXT);
    assert_int_equal(grid_at(&g, 3, 0)->flags, CELL_BOLD);
    assert_int_equal(grid_at(&g, 4, 0)->flags, CELL_BOLD | CELL_REVERSE);
    grid_release(&g);
}

static void grid_printf__shows_all_of_a_text__when_it_is_long(void **state)
{
    (void)state;
    for (int length = 250; length <= 260; length++) {
        struct grid g = grid_of(300, 1);
        assert_int_equal(grid_printf(&g, 0, 0, 300, ROLE_TEXT, "%*d", length, 7), length);
        assert_int_equal(grid_at(&g, length - 1, 0)->ch, '7');
        grid_release(&g);
    }
}

static void grid_box__is_clipped__when_larger_than_the_grid(void **state)
{
    (void)state;
    struct grid g = grid_of(4, 3);
    grid_box(&g, (struct rect){0, 0, 4, 3}, ROLE_BORDER);
    assert_grid(&g, "┌──┐\n│  │\n└──┘\n");
    grid_resize(&g, 4, 3);
    g.ascii = true;
    grid_box(&g, (struct rect){0, 0, 4, 3}, ROLE_BORDER);
    assert_grid(&g, "+--+\n|  |\n+--+\n");
    grid_resize(&g, 4, 3);
    grid_box(&g, (struct rect){-1, -1, INT_MAX, INT_MAX}, ROLE_BORDER);
    assert_grid(&g, "\n\n\n");
    grid_box(&g, (struct rect){1, 1, INT_MAX, INT_MAX}, ROLE_BORDER);
    assert_grid(&g, "\n +--\n |\n");
    grid_resize(&g, 4, 3);
    grid_box(&g, (struct rect){0, 1, 4, 1}, ROLE_BORDER);
    grid_box(&g, (struct rect){0, 0, 1, 1}, ROLE_BORDER);
    grid_box(&g, (struct rect){0, 2, 0, 5}, ROLE_BORDER);
    assert_grid(&g, "-\n----\n\n");
    grid_release(&g);
}

static void grid_bar__tells_nothing_from_little_and_much_from_all__when_rounding(void **state)
{
    (void)state;
    static const struct {
        double part;
        bool ascii;
        const char *shown;
    } cases[] = {
        {0, false, "····\n"},     {0.5, false, "██··\n"},   {0.28125, false, "█▏··\n"},
        {0.001, false, "▏···\n"}, {0.999, false, "███▉\n"}, {1, false, "████\n"},
        {7, false, "████\n"},     {-1, false, "····\n"},    {NAN, false, "····\n"},
        {0, true, "....\n"},      {0.001, true, "#...\n"},  {0.999, true, "###.\n"},
        {1, true, "####\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct grid g = grid_of(4, 1);
        g.ascii = cases[i].ascii;
        grid_bar(&g, 0, 0, 4, cases[i].part, ROLE_BAR, ROLE_BAR_EMPTY);
        assert_grid(&g, cases[i].shown);
        grid_release(&g);
    }
    struct grid g = grid_of(4, 1);
    grid_bar(&g, -2, 0, 4, 0.75, ROLE_BAR, ROLE_BAR_EMPTY);
    assert_grid(&g, "█·\n");
    assert_int_equal(grid_at(&g, 0, 0)->role, ROLE_BAR);
    assert_int_equal(grid_at(&g, 1, 0)->role, ROLE_BAR_EMPTY);
    grid_bar(&g, INT_MIN, 0, INT_MAX, 1, ROLE_BAR, ROLE_BAR_EMPTY);
    grid_bar(&g, INT_MAX, 0, INT_MAX, 1, ROLE_BAR, ROLE_BAR_EMPTY);
    grid_bar(&g, 0, 0, -3, 1, ROLE_BAR, ROLE_BAR_EMPTY);
    assert_grid(&g, "█·\n");
    grid_release(&g);
}

static void grid_spark__has_the_newest_on_the_right_and_gaps_for_unknown__when_drawn(void **state)
{
    (void)state;
    const double values[] = {99, 0, 7, NAN, 3.5, 0.01};
    struct grid g = grid_of(8, 1);
    grid_spark(&g, 0, 0, 5, values, 6, 7, ROLE_SPARK);
    assert_grid(&g, "▁█ ▅▂\n");
    grid_resize(&g, 8, 1);
    grid_spark(&g, 0, 0, 8, values, 6, 0, ROLE_SPARK); /* scaled by the 99 */
    assert_grid(&g, "  █▁▂ ▂▂\n");
    g.ascii = true;
    grid_spark(&g, 0, 0, 8, values + 1, 2, 7, ROLE_SPARK);
    assert_grid(&g, "      _#\n");
    const double odd[] = {INFINITY, -INFINITY, -3, INFINITY};
    grid_spark(&g, 0, 0, 8, odd, 4, 0, ROLE_SPARK);
    grid_spark(&g, 0, 0, 8, odd, 4, 5, ROLE_SPARK);
    assert_grid(&g, "    #__#\n");
    grid_spark(&g, 0, 0, 8, NULL, 0, 0, ROLE_SPARK);
    grid_spark(&g, INT_MIN, 0, 8, odd, 4, 0, ROLE_SPARK);
    assert_grid(&g, "\n");
    grid_release(&g);
}

/* Random drawing of random bytes at random places: the sanitizers and the invariant are the judges. */
static void grid__stays_whole__when_anything_is_drawn_anywhere(void **state)
{
    (void)state;
    static const uint32_t letters[] = {'a',    ' ',  0x65E5, 0x1F600,  0x301, 0x200B,
                                       0x202E, 0x1B, 0,      0x110000, 0xE9};
    unsigned seed = 7;
    struct grid g = grid_of(9, 4);
    for (int i = 0; i < 20000; i++) {
        int a[4];
        for (int k = 0; k < 4; k++) {
            seed = seed * 1103515245u + 12345u;
            a[k] = (int)(seed >> 16) % 16 - 3;
        }
        char bytes[16];
        for (size_t k = 0; k < sizeof bytes; k++) {
            seed = seed * 1103515245u + 12345u;
            bytes[k] = (char)(seed >> 20);
        }
        struct rect r = {a[0], a[1], a[2], a[3]};
        g.ascii = i % 3 == 0;
        switch (i % 6) {
        case 0:
            grid_put(&g, a[0], a[1], letters[(size_t)(a[2] + 3) % 11], ROLE_TEXT);
            break;
        case 1:
            grid_text(&g, a[0], a[1], a[2], span_make(bytes, sizeof bytes), ROLE_TEXT);
            break;
        case 2:
            grid_text(&g, a[0], a[1], a[2], S("x日é本"), ROLE_TEXT);
            break;
        case 3:
            grid_clear(&g, r, ROLE_TEXT);
            break;
        case 4:
            grid_box(&g, r, ROLE_TEXT);
            break;
        default:
            grid_bar(&g, a[0], a[1], a[2], a[3] / 9.0, ROLE_BAR, ROLE_BAR_EMPTY);
        }
        assert_whole_letters(&g);
    }
    grid_release(&g);
}

static void role_rows__inherit_without_a_circle__when_walked_to_the_root(void **state)
{
    (void)state;
    for (int i = 0; i < ROLE_COUNT; i++) {
        enum role role = (enum role)i;
        assert_non_null(role_rows[i].name);
        assert_int_equal(strspn(role_rows[i].mono, "-bdru"), strlen(role_rows[i].mono));
        for (int step = 0; role != ROLE_TEXT; step++) {
            assert_in_range(step, 0, ROLE_COUNT);
            role = role_rows[role].parent;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grid_resize__leaves_blank_cells_and_no_cursor__when_given_any_size),
        cmocka_unit_test(grid_text__returns_columns_and_ends_in_a_tilde__when_it_does_not_fit),
        cmocka_unit_test(grid_text__shows_marks__when_the_text_was_never_sanitised),
        cmocka_unit_test(grid_put__blanks_the_other_half__when_a_wide_letter_is_overwritten),
        cmocka_unit_test(grid_clear__keeps_letters_whole__when_it_cuts_through_wide_ones),
        cmocka_unit_test(grid_paint__changes_role_and_flags_only__when_letters_stand_there),
        cmocka_unit_test(grid_printf__shows_all_of_a_text__when_it_is_long),
        cmocka_unit_test(grid_box__is_clipped__when_larger_than_the_grid),
        cmocka_unit_test(grid_bar__tells_nothing_from_little_and_much_from_all__when_rounding),
        cmocka_unit_test(grid_spark__has_the_newest_on_the_right_and_gaps_for_unknown__when_drawn),
        cmocka_unit_test(grid__stays_whole__when_anything_is_drawn_anywhere),
        cmocka_unit_test(role_rows__inherit_without_a_circle__when_walked_to_the_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
