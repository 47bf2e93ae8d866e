/* The screen from outside: the demo program in a pseudo-terminal, read back through a virtual one. */
#include "demo.h"
#include "support/unit.h"

#include <stdio.h>

#include "redai/base/utf8.h"

#include "redai/tty/palette.h"

/* --- drawing --- */

static void screen_draw__shows_the_grid__on_every_terminal(void **state)
{
    (void)state;
    static const char *const terms[] = {
        "TERM=xterm-256color",
        "TERM=xterm",
        "TERM=screen",
        "TERM=screen-256color",
        "TERM=tmux",
        "TERM=tmux-256color",
        "TERM=linux",
        "TERM=vt100",
        "TERM=dumb",
        "TERM=rxvt",
        "TERM=xterm-direct",
        "TERM=",
        "TERM=../../etc",
        "TERM=made-of-tomorrow",
        "TERM",
    };
    for (size_t i = 0; i < COUNT_OF(terms); i++) {
        print_message("%s\n", terms[i]);
        struct pty *p = demo_start(24, 80, (const char *[]){terms[i], NULL});
        wait_seed(p, 0, 24, 80);
        assert_picture(p, 24, 80, 0, false);
        pty_send(p, "n");
        wait_seed(p, 1, 24, 80);
        assert_picture(p, 24, 80, 1, false);
        demo_quit(p);
    }
}

static void screen_draw__shows_roles_in_the_themes_colours__when_the_terminal_has_256(void **state)
{
    (void)state;
    struct palette palette;
    palette_init(&palette);
    assert_true(palette_load(&palette, DARK, NULL));
    struct pty *p = demo_start(24, 80, NULL);
    assert_picture(p, 24, 80, 0, false);
    struct grid g = expected_picture(24, 80, 0, false);
    for (int y = 1; y < 24; y++) {
        for (int x = 0; x < 80; x++) {
            const struct cell *want = grid_at(&g, x, y);
            struct pty_cell got = pty_cell(p, x, y);
            struct palette_entry look = palette_look(&palette, (enum role)want->role, 256);
            bool reverse = ((look.attr & PALETTE_REVERSE) != 0) != ((want->flags & CELL_REVERSE) != 0);
            bool bold = (look.attr & PALETTE_BOLD) || (want->flags & CELL_BOLD);
            if (want->ch == 0) {
                continue;
            }
            assert_int_equal(got.reverse, reverse);
            assert_int_equal(got.bg, look.bg);
            if (want->ch != ' ') { /* curses need not set what a blank does not show */
                assert_int_equal(got.fg, look.fg);
                assert_int_equal(got.bold, bold);
            }
        }
    }
    grid_release(&g);
    demo_quit(p);
}

static bool shows_cursor(struct pty *p, void *ctx)
{
    (void)ctx;
    int x;
    int y;
    bool visible;
    pty_cursor(p, &x, &y, &visible);
    return visible && x == 1 && y == 1;
}

static void screen_draw__sends_only_the_difference__when_the_picture_changes(void **state)
{
    (void)state;
    struct pty *p = demo_start(30, 100, NULL);
    wait_seed(p, 0, 30, 100);
    assert_picture(p, 30, 100, 0, false);
    size_t whole = pty_raw_bytes(p).len;
    for (unsigned seed = 1; seed <= 40; seed++) {
        pty_forget_raw(p);
        pty_send(p, "n");
        wait_seed(p, seed, 30, 100);
        assert_picture(p, 30, 100, seed, false);
        assert_true(pty_raw_bytes(p).len < whole / 2);
    }
    pty_forget_raw(p);
    pty_send(p, "l");
    wait_for(p, "key 41 l");
    assert_picture(p, 30, 100, 40, false);
    assert_true(pty_raw_bytes(p).len > whole / 2);
    int x;
    int y;
    bool visible;
    pty_cursor(p, &x, &y, &visible);
    assert_false(visible); /* even seeds have no cursor */
    pty_send(p, "n");
    wait_seed(p, 41, 30, 100);
    assert_true(pty_wait(p, shows_cursor, NULL, WAIT_MS));
    demo_quit(p);
}

static void screen_draw_part__shows_the_same__piece_by_piece(void **state)
{
    (void)state;
    struct pty *p = demo_start(24, 80, NULL);
    wait_seed(p, 0, 24, 80);
    pty_send(p, "P");
    for (unsigned seed = 1; seed <= 3; seed++) { /* with the cursor and without */
        pty_send(p, "n");
        assert_picture(p, 24, 80, seed, false);
    }
    demo_quit(p);
}

static void screen_draw__is_whole__when_the_terminal_is_huge(void **state)
{
    (void)state;
    struct pty *p = demo_start(200, 500, NULL);
    wait_seed(p, 0, 200, 500);
    assert_picture(p, 200, 500, 0, false);
    demo_quit(p);
}

static bool has_output(struct pty *p, void *ctx)
{
    (void)ctx;
    return pty_raw_bytes(p).len > 0;
}

static void screen_resize__repaints_all__when_the_window_changes_to_anything_and_back(void **state)
{
    (void)state;
    static const struct {
        int rows, cols;
    } sizes[] = {{1, 1}, {2, 2}, {1, 80}, {60, 1}, {60, 150}, {3, 40}, {1, 1}, {24, 80}, {10, 60}};
    struct pty *p = demo_start(24, 80, NULL);
    wait_seed(p, 0, 24, 80);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        pty_forget_raw(p);
        pty_resize(p, sizes[i].rows, sizes[i].cols);
        if (sizes[i].cols >= 40) {
            wait_seed(p, 0, sizes[i].rows, sizes[i].cols);
            assert_picture(p, sizes[i].rows, sizes[i].cols, 0, false);
        } else {
            assert_true(pty_wait(p, has_output, NULL, WAIT_MS));
        }
    }
    demo_quit(p);
}

static void screen__draws_in_ascii__when_the_locale_knows_no_more(void **state)
{
    (void)state;
    struct pty *p = demo_start(24, 80, (const char *[]){"LC_ALL=C", NULL});
    wait_seed(p, 0, 24, 80);
    assert_picture(p, 24, 80, 0, true);
    struct span raw = pty_raw_bytes(p);
    for (size_t i = 0; i < raw.len; i++) {
        assert_true((unsigned char)raw.data[i] < 0x80);
    }
    demo_quit(p);
    /* A locale of the engineer's laptop that this machine does not have. */
    p = demo_start(24, 80, (const char *[]){"LC_ALL=xx_YY.UTF-8", NULL});
    wait_seed(p, 0, 24, 80);
    assert_picture(p, 24, 80, 0, false);
    demo_quit(p);
}

static void screen__shows_no_colour__when_told_so(void **state)
{
    (void)state;
    static const struct {
        const char *env[4];
        const char *status;
    } cases[] = {
        {{"NO_COLOR=1", NULL}, " colors 0 "},
        {{"NO_COLOR=", NULL}, " colors 256 "},
        {{"NO_COLOR=1", "DEMO_COLORS=256", NULL}, " colors 256 "},
        {{"DEMO_COLORS=0", NULL}, " colors 0 "},
        {{"DEMO_COLORS=8", NULL}, " colors 8 "},
        {{"DEMO_COLORS=16", NULL}, " colors 16 "},
        {{"TERM=xterm", NULL}, " colors 8 "},
        {{"TERM=xterm", "COLORTERM=truecolor", NULL}, " colors 256 "},
        {{"TERM=xterm", "DEMO_COLORS=256", NULL}, " colors 256 "},
        {{"TERM=vt100", "DEMO_COLORS=256", NULL}, " colors 0 "},
        {{"TERM=made-of-tomorrow", NULL}, " colors 256 "},
        /* No description of any terminal on the machine: our own serves. */
        {{"TERMINFO=/nonexistent", "TERMINFO_DIRS=/nonexistent", "HOME=/nonexistent", NULL}, " colors 256 "},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pty *p = demo_start(24, 80, cases[i].env);
        wait_for(p, cases[i].status);
        wait_seed(p, 0, 24, 80);
        assert_picture(p, 24, 80, 0, false);
        bool mono = strstr(cases[i].status, " 0 ") != NULL;
        int colored = 0;
        for (int x = 0; x < 80; x++) {
            struct pty_cell c = pty_cell(p, x, 5);
            colored += c.fg != -1 || c.bg != -1;
        }
        assert_int_equal(mono, colored == 0);
        demo_quit(p);
    }
}

static void blit__lets_nothing_hostile_through__when_a_grid_holds_it(void **state)
{
    (void)state;
    struct pty *p = demo_start(24, 80, NULL);
    wait_seed(p, 0, 24, 80);
    pty_forget_raw(p);
    pty_send(p, "H");
    wait_for(p, "key 1 H");
    pty_settle(p); /* a title is not sent while a picture is on its way */
    pty_send(p, "T");
    wait_for(p, "key 2 T");
    pty_settle(p);
    assert_string_equal(pty_title(p), "a^[]0;b^G title");
    struct span raw = pty_raw_bytes(p);
    size_t bells = 0;
    for (struct span rest = raw; rest.len;) {
        uint32_t cp;
        rest = span_skip(rest, utf8_decode(rest, &cp));
        bells += cp == 7;
        bool plain = cp == 0x1B || cp == '\b' || cp == '\n' || cp == '\r' || cp == 7 || cp == '\t';
        assert_true(plain || !(utf8_is_hostile(cp) || (cp & UTF8_INVALID)));
    }
    assert_int_equal(bells, 1); /* the end of the title */
    for (int x = 0; x < 80; x++) {
        uint32_t ch = pty_cell(p, x, 1).ch;
        assert_true(ch == 0 || ch == ' ' || ch == UTF8_REPLACEMENT || ch == '?');
    }
    demo_quit(p);
}

static void screen_copy__asks_the_terminal_in_base64__when_it_would_understand(void **state)
{
    (void)state;
    static const struct {
        const char *env[3];
        const char *expected; /* NULL: nothing */
    } cases[] = {
        {{NULL}, "\033]52;c;Y2xpcA==\a"},
        {{"TERM=tmux-256color", "TMUX=/tmp/x,1,0", NULL}, "\033Ptmux;\033\033]52;c;Y2xpcA==\a\033\\"},
        {{"TERM=screen", NULL}, "\033P\033]52;c;Y2xpcA==\a\033\\"},
        {{"TERM=linux", NULL}, NULL},
        {{"TERM=vt100", NULL}, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pty *p = demo_start(24, 80, cases[i].env);
        wait_seed(p, 0, 24, 80);
        pty_send(p, "C");
        wait_for(p, "key 1 C");
        if (cases[i].expected) {
            assert_true(pty_wait_raw(p, cases[i].expected, WAIT_MS));
        } else {
            assert_int_equal(span_search(pty_raw_bytes(p), S("\033]52")), pty_raw_bytes(p).len);
        }
        demo_quit(p);
    }
}

/* --- keys --- */

static void screen_read__names_keys_and_pastes__when_they_are_typed(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *status;
    } cases[] = {
        {"\033[A", " Up "},       {"\033OB", " Down "},
        {"\033[5~", " PgUp "},    {"\033[Z", " S-Tab "},
        {"\033", " Esc "},        {"\t", " Tab "},
        {"\r", " Enter "},        {"\033x", " M-x "},
        {"\xe6\x97\xa5", " 日 "}, {" ", " Space "},
        {"\x7f", " Backspace "},  {"\033[200~two\r\nlines\n\033[201~", "paste 9 two lines."},
    };
    struct pty *p = demo_start(24, 80, NULL);
    wait_seed(p, 0, 24, 80);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        pty_send(p, cases[i].bytes);
        wait_for(p, cases[i].status);
    }
    demo_quit(p);
}

static void screen_read__keeps_up__when_megabytes_are_typed(void **state)
{
    (void)state;
    struct pty *p = demo_start(24, 80, NULL);
    wait_seed(p, 0, 24, 80);
    char block[4096];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 256; i++) {
        pty_send_bytes(p, span_make(block, sizeof block));
    }
    wait_for(p, "key 1048576 x");
    pty_send(p, "\033[200~");
    for (int i = 0; i < 256; i++) {
        pty_send_bytes(p, span_make(block, sizeof block));
    }
    pty_send(p, "\033[201~");
    wait_for(p, "paste 65536 xxxx");
    demo_quit(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screen_draw__shows_the_grid__on_every_terminal),
        cmocka_unit_test(screen_draw__shows_roles_in_the_themes_colours__when_the_terminal_has_256),
        cmocka_unit_test(screen_draw__sends_only_the_difference__when_the_picture_changes),
        cmocka_unit_test(screen_draw_part__shows_the_same__piece_by_piece),
        cmocka_unit_test(screen_draw__is_whole__when_the_terminal_is_huge),
        cmocka_unit_test(screen_resize__repaints_all__when_the_window_changes_to_anything_and_back),
        cmocka_unit_test(screen__draws_in_ascii__when_the_locale_knows_no_more),
        cmocka_unit_test(screen__shows_no_colour__when_told_so),
        cmocka_unit_test(blit__lets_nothing_hostile_through__when_a_grid_holds_it),
        cmocka_unit_test(screen_copy__asks_the_terminal_in_base64__when_it_would_understand),
        cmocka_unit_test(screen_read__names_keys_and_pastes__when_they_are_typed),
        cmocka_unit_test(screen_read__keeps_up__when_megabytes_are_typed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
