/* What sgr leaves of curses' bytes is held against all of them: two virtual terminals show the same. */
#include "support/unit.h"
#include "tty/sgr.h"

#include <stdio.h>
#include <string.h>
#include <vterm.h>

/* Their macros have the names of what vterm.h declares. */
#include <curses.h>
#include <term.h>

enum { HIGH = 6, WIDE = 30 };

struct screens {
    VTerm *term[2]; /* told all; told what sgr leaves */
    VTermScreen *screen[2];
    struct sgr sgr;
    UT_string left;
    size_t all_bytes, left_bytes;
};

static void describe(const char *term)
{
    int ok;
    assert_int_equal(setupterm(term, 1, &ok), OK);
}

static void set_up(struct screens *s, const char *term)
{
    memset(s, 0, sizeof *s);
    describe(term);
    sgr_init(&s->sgr);
    utstring_init(&s->left);
    for (int i = 0; i < 2; i++) {
        s->term[i] = vterm_new(HIGH, WIDE);
        vterm_set_utf8(s->term[i], 1);
        s->screen[i] = vterm_obtain_screen(s->term[i]);
        vterm_screen_reset(s->screen[i], 1);
    }
}

static void tear_down(struct screens *s)
{
    vterm_free(s->term[0]);
    vterm_free(s->term[1]);
    utstring_done(&s->left);
    del_curterm(cur_term);
}

static void tell(struct screens *s, struct span bytes)
{
    utstring_clear(&s->left);
    sgr_pass(&s->sgr, bytes, &s->left);
    vterm_input_write(s->term[0], bytes.data, bytes.len);
    vterm_input_write(s->term[1], utstring_body(&s->left), utstring_len(&s->left));
    s->all_bytes += bytes.len;
    s->left_bytes += utstring_len(&s->left);
}

static void settle(struct screens *s)
{
    utstring_clear(&s->left);
    sgr_settle(&s->sgr, &s->left);
    vterm_input_write(s->term[1], utstring_body(&s->left), utstring_len(&s->left));
    s->left_bytes += utstring_len(&s->left);
}

static bool looks_the_same(const VTermScreenCell *a, const VTermScreenCell *b)
{
    return memcmp(a->chars, b->chars, sizeof a->chars) == 0 && a->attrs.bold == b->attrs.bold &&
           a->attrs.underline == b->attrs.underline && a->attrs.reverse == b->attrs.reverse &&
           a->attrs.blink == b->attrs.blink && a->attrs.italic == b->attrs.italic &&
           a->attrs.strike == b->attrs.strike && vterm_color_is_equal(&a->fg, &b->fg) &&
           vterm_color_is_equal(&a->bg, &b->bg);
}

static void assert_same(const struct screens *s)
{
    VTermPos at[2];
    for (int i = 0; i < 2; i++) {
        vterm_screen_flush_damage(s->screen[i]);
        vterm_state_get_cursorpos(vterm_obtain_state(s->term[i]), &at[i]);
    }
    assert_int_equal(at[0].row, at[1].row);
    assert_int_equal(at[0].col, at[1].col);
    for (int y = 0; y < HIGH; y++) {
        for (int x = 0; x < WIDE; x++) {
            VTermScreenCell cell[2];
            memset(cell, 0, sizeof cell); /* what is behind the last letter is not written */
            vterm_screen_get_cell(s->screen[0], (VTermPos){.row = y, .col = x}, &cell[0]);
            vterm_screen_get_cell(s->screen[1], (VTermPos){.row = y, .col = x}, &cell[1]);
            if (!looks_the_same(&cell[0], &cell[1])) {
                fail_msg("row %d, column %d: another look", y, x);
            }
        }
    }
}

/* As curses writes: both colours of a pair, everything back before bold and after it. */
static const char *const pieces[] = {
    "\033[38;5;245m",
    "\033[48;5;235m",
    "\033[38;5;252m\033[48;5;235m",
    "\033[31m",
    "\033[42m",
    "\033[96m",
    "\033[103m",
    "\033[39;49m",
    "\033[39m\033(B\033[m",
    "\033(B\033[0;1m\033[38;5;231m\033[48;5;124m",
    "\033(B\033[0;4;7m",
    "\033(B\033[m",
    "\033(B\033[0;5m",
    "\033(B\033[0;3;9m",
    "\033(B\033[0;2;8m",
    "\033[m\017",
    "a",
    "some text",
    "\xe2\x96\x88",
    "\xc3\xa9",
    " ",
    "\033[K",
    "\033[1K",
    "\033[3X",
    "\033[2;5H",
    "\033[5;20H",
    "\033[3d",
    "\033[9G",
    "\r",
    "\b",
    "\033[C",
    "\033[A",
    "\033[2J",
    "\033[4P",
    "\033[2@",
    "\n",
    "\033[?25l",
    "\033)0",
    "\033(0",
    "\033(B",
    "\016",
    "\017",
    "\033M",
};

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

static void any_stream__leaves__the_same_picture(void **state)
{
    (void)state;
    static const char *const terms[] = {"xterm-256color", "tmux-256color", "screen-256color", "linux"};
    size_t all = 0;
    size_t left = 0;
    for (unsigned round = 1; round <= 400; round++) {
        unsigned seed = round;
        struct screens s;
        set_up(&s, terms[round % COUNT_OF(terms)]);
        assert_true(s.sgr.on);
        for (int i = 0; i < 120; i++) {
            const char *piece = pieces[next_random(&seed) % COUNT_OF(pieces)];
            size_t cut = next_random(&seed) % (strlen(piece) + 1);
            tell(&s, span_make(piece, cut)); /* a read may end anywhere */
            tell(&s, span_of(piece + cut));
            if (next_random(&seed) % 8 == 0) {
                settle(&s);
                assert_same(&s);
            }
        }
        settle(&s);
        assert_same(&s);
        all += s.all_bytes;
        left += s.left_bytes;
        tear_down(&s);
    }
    assert_true(left < all);
}

static void assert_left(const char *term, const char *told, const char *wanted)
{
    struct screens s;
    set_up(&s, term);
    UT_string all;
    utstring_init(&all);
    sgr_pass(&s.sgr, span_of(told), &all);
    sgr_settle(&s.sgr, &all);
    assert_string_equal(utstring_body(&all), wanted);
    utstring_done(&all);
    tear_down(&s);
}

static void what_the_terminal_has__is_not_said__again(void **state)
{
    (void)state;
    assert_left("xterm-256color", "\033[38;5;252m\033[48;5;235ma\033[38;5;245m\033[48;5;235mb\033[39;49m",
                "\033[0;38;5;252;48;5;235ma\033[38;5;245mb\033[m");
    assert_left("xterm-256color", "\033(B\033[0;1m\033[31ma\033(B\033[0;1m\033[31mb", "\033(B\033[0;1;31mab");
    assert_left("tmux-256color", "\033[ma\033[39m\033[m\017\033[2;2H\033[34mb",
                "\033[ma\017\033[2;2H\033[34mb");
}

static void others__pass__as_they_are(void **state)
{
    (void)state;
    assert_left("vt100", "\033[1ma\033[m\017b", "\033[1ma\033[m\017b");
    /* A code that is not known ends it: curses alone knows what the terminal has then. */
    assert_left("xterm-256color", "\033[31ma\033[58;5;1mb\033[31mc", "\033[0;31ma\033[58;5;1mb\033[31mc");
    assert_left("xterm-256color", "\033[4:3ma\033[31mb", "\033[m\033[4:3ma\033[31mb");
}

static void a_forgotten_terminal__is_told__everything(void **state)
{
    (void)state;
    struct screens s;
    UT_string all;
    set_up(&s, "xterm-256color");
    utstring_init(&all);
    sgr_pass(&s.sgr, S("\033(B\033[31ma"), &all);
    sgr_settle(&s.sgr, &all);
    sgr_forget(&s.sgr);
    utstring_clear(&all);
    sgr_pass(&s.sgr, S("\033(B\033[31ma"), &all);
    assert_string_equal(utstring_body(&all), "\033(B\033[0;31ma");
    utstring_done(&all);
    tear_down(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_stream__leaves__the_same_picture),
        cmocka_unit_test(what_the_terminal_has__is_not_said__again),
        cmocka_unit_test(others__pass__as_they_are),
        cmocka_unit_test(a_forgotten_terminal__is_told__everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
