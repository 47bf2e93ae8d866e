/* The screen from outside: the demo program in a pseudo-terminal, read back through a virtual one. */
#include "pattern.h"
#include "support/pty.h"
#include "support/unit.h"
#include "tty/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "redai/base/utf8.h"

#include "redai/tty/palette.h"
#include "redai/tty/screen.h"

enum { WAIT_MS = 20000, TURNS = 1000 };
#define DARK REDAI_SOURCE_DIR "/themes/dark.theme"

static struct pty *demo_start(int rows, int cols, const char *const env[])
{
    struct pty *p = pty_start((const char *[]){SCREEN_DEMO, DARK, NULL}, env, rows, cols);
    assert_non_null(p);
    return p;
}

static void wait_for(struct pty *p, const char *text)
{
    if (!pty_wait_text(p, text, WAIT_MS)) {
        fail_msg("no \"%s\" on:\n%s", text, pty_screen_text(p));
    }
}

static void wait_seed(struct pty *p, unsigned seed, int rows, int cols)
{
    char status[64];
    snprintf(status, sizeof status, "seed %u %dx%d ", seed, cols, rows);
    wait_for(p, status);
}

static struct grid expected_picture(int rows, int cols, unsigned seed, bool ascii)
{
    struct grid g;
    grid_init(&g);
    grid_resize(&g, cols, rows);
    g.ascii = ascii;
    pattern_fill(&g, seed);
    return g;
}

/* The first cell that is not as the picture has it; false when there is none. The first row says how it
 * stands and is left out. */
static bool find_difference(struct pty *p, const struct grid *g, int *ret_x, int *ret_y)
{
    for (int y = 1; y < g->height; y++) {
        for (int x = 0; x < g->width; x++) {
            uint32_t want = grid_at(g, x, y)->ch;
            struct pty_cell got = pty_cell(p, x, y);
            bool blank = want == ' ' && got.ch == 0;
            bool right_half = want == 0 && pty_cell(p, x - 1, y).width == 2;
            if (got.ch != want && !blank && !right_half) {
                *ret_x = x;
                *ret_y = y;
                return true;
            }
        }
    }
    return false;
}

static bool shows_picture(struct pty *p, void *picture)
{
    int x;
    int y;
    return !find_difference(p, picture, &x, &y);
}

/* The status row is the first to arrive, so the rest is waited for. */
static void assert_picture(struct pty *p, int rows, int cols, unsigned seed, bool ascii)
{
    struct grid g = expected_picture(rows, cols, seed, ascii);
    if (!pty_wait(p, shows_picture, &g, WAIT_MS)) {
        int x = 0;
        int y = 0;
        find_difference(p, &g, &x, &y);
        fail_msg("U+%04x instead of U+%04x at %d,%d of:\n%s", pty_cell(p, x, y).ch, grid_at(&g, x, y)->ch, x,
                 y, pty_screen_text(p));
    }
    grid_release(&g);
}

static void quit(struct pty *p)
{
    pty_send(p, "q");
    assert_true(pty_wait_exit(p, WAIT_MS));
    int status = pty_stop(p);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

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
        quit(p);
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
    quit(p);
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
    pty_cursor(p, &x, &y, &visible);
    assert_true(visible);
    assert_int_equal(x, 1);
    assert_int_equal(y, 1);
    quit(p);
}

static void screen_draw__is_whole__when_the_terminal_is_huge(void **state)
{
    (void)state;
    struct pty *p = demo_start(200, 500, NULL);
    wait_seed(p, 0, 200, 500);
    assert_picture(p, 200, 500, 0, false);
    quit(p);
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
    quit(p);
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
    quit(p);
    /* A locale of the engineer's laptop that this machine does not have. */
    p = demo_start(24, 80, (const char *[]){"LC_ALL=xx_YY.UTF-8", NULL});
    wait_seed(p, 0, 24, 80);
    assert_picture(p, 24, 80, 0, false);
    quit(p);
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
        quit(p);
    }
}

static void blit__lets_nothing_hostile_through__when_a_grid_holds_it(void **state)
{
    (void)state;
    struct pty *p = demo_start(24, 80, NULL);
    wait_seed(p, 0, 24, 80);
    pty_forget_raw(p);
    pty_send(p, "HT");
    wait_for(p, "key 2 T");
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
    quit(p);
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
        quit(p);
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
    quit(p);
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
    quit(p);
}

/* --- the end --- */

static struct termios fresh_modes(void)
{
    struct pty *p = pty_start((const char *[]){"true", NULL}, NULL, 24, 80);
    assert_non_null(p);
    assert_true(pty_wait_exit(p, WAIT_MS));
    struct termios modes = pty_modes(p);
    pty_stop(p);
    return modes;
}

static bool same_modes(struct termios a, struct termios b)
{
    return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag &&
           a.c_lflag == b.c_lflag && memcmp(a.c_cc, b.c_cc, sizeof a.c_cc) == 0;
}

/* Behind the last time it was switched on it was switched off. */
static bool switched_off(struct span raw, struct span on, struct span off)
{
    size_t last = raw.len;
    for (size_t at = 0; at < raw.len; at++) {
        if (span_starts(span_skip(raw, at), on)) {
            last = at;
        }
    }
    struct span rest = span_skip(raw, last);
    return last < raw.len && span_search(rest, off) < rest.len;
}

static void assert_restored(struct pty *p)
{
    int x;
    int y;
    bool visible;
    pty_cursor(p, &x, &y, &visible);
    assert_true(visible);
    assert_false(pty_alternate_screen(p));
    assert_true(same_modes(pty_modes(p), fresh_modes()));
    assert_false(pty_flags(p) & O_NONBLOCK);
    assert_true(switched_off(pty_raw_bytes(p), S("\033[?2004h"), S("\033[?2004l")));
    assert_true(switched_off(pty_raw_bytes(p), S("\033[?1h"), S("\033[?1l")));
    assert_true(switched_off(pty_raw_bytes(p), S("\033[22;"), S("\033[23;")));
}

static void screen__gives_the_terminal_back__however_the_program_ends(void **state)
{
    (void)state;
    static const struct {
        const char *keys; /* NULL: the signal is sent */
        int number;       /* 0: it ends by itself */
        int status;
    } cases[] = {
        {"q", 0, 0},        {"E", 0, 5},        {"B", SIGABRT, 0},  {"F", SIGSEGV, 0},
        {"K", SIGSEGV, 0},  {NULL, SIGTERM, 0}, {NULL, SIGSEGV, 0}, {NULL, SIGBUS, 0},
        {NULL, SIGQUIT, 0}, {NULL, SIGHUP, 0},  {NULL, SIGINT, 0},  {NULL, SIGFPE, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_message("%s %d\n", cases[i].keys ? cases[i].keys : "signal", cases[i].number);
        struct pty *p = demo_start(24, 80, NULL);
        wait_seed(p, 0, 24, 80);
        assert_true(pty_alternate_screen(p));
        assert_false(same_modes(pty_modes(p), fresh_modes()));
        if (cases[i].keys) {
            pty_send(p, cases[i].keys);
        } else {
            pty_signal(p, cases[i].number);
        }
        assert_true(pty_wait_exit(p, WAIT_MS));
        assert_restored(p);
        int status = pty_stop(p);
        if (cases[i].number == 0) {
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), cases[i].status);
        } else if (WIFSIGNALED(status)) {
            assert_int_equal(WTERMSIG(status), cases[i].number);
        } else {
            assert_int_not_equal(WEXITSTATUS(status), 0); /* a sanitizer had the last word */
        }
    }
}

static bool is_given_back(struct pty *p, void *modes)
{
    return !pty_alternate_screen(p) && same_modes(pty_modes(p), *(struct termios *)modes);
}

static void screen_suspend__gives_the_terminal_back_until_resumed(void **state)
{
    (void)state;
    struct termios fresh = fresh_modes();
    struct pty *p = demo_start(24, 80, NULL);
    wait_seed(p, 0, 24, 80);
    for (unsigned round = 1; round <= 2; round++) {
        pty_send(p, "Z");
        assert_true(pty_wait(p, is_given_back, &fresh, WAIT_MS));
        assert_true(switched_off(pty_raw_bytes(p), S("\033[?2004h"), S("\033[?2004l")));
        pty_resize(p, 24, 80 + (int)round);
        pty_signal(p, SIGCONT);
        wait_seed(p, 0, 24, 80 + (int)round);
        assert_picture(p, 24, 80 + (int)round, 0, false);
        assert_true(pty_alternate_screen(p));
        assert_false(same_modes(pty_modes(p), fresh));
    }
    pty_send(p, "q");
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_restored(p);
    pty_stop(p);
}

/* --- a terminal that does not take its bytes --- */

/* Reads at least that many reports without ever reading the terminal; false at the end or after a long
 * silence. */
static bool reports(int fd, size_t count)
{
    for (size_t seen = 0; seen < count;) {
        char bytes[4096];
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, WAIT_MS) != 1) {
            return false;
        }
        ssize_t n = read(fd, bytes, sizeof bytes);
        if (n <= 0) {
            return false;
        }
        seen += (size_t)n;
    }
    return true;
}

static struct pty *flooding_demo(int *ret_report)
{
    int report[2];
    char env[32];
    assert_int_equal(pipe(report), 0);
    fcntl(report[0], F_SETFD, FD_CLOEXEC);
    snprintf(env, sizeof env, "REPORT_FD=%d", report[1]);
    struct pty *p = demo_start(50, 200, (const char *[]){env, NULL});
    close(report[1]);
    wait_seed(p, 0, 50, 200);
    pty_send(p, "N");
    *ret_report = report[0];
    return p;
}

static void screen_draw__skips_frames_and_never_blocks__when_the_terminal_stalls(void **state)
{
    (void)state;
    int report;
    struct pty *p = flooding_demo(&report);
    assert_true(reports(report, TURNS)); /* far more turns than the terminal has room for frames */
    pty_send(p, "N");
    close(report); /* the program goes on without a listener: SIGPIPE would end it, so it ignores that */
    wait_for(p, "key 2 N");
    unsigned seed = 0;
    assert_int_equal(sscanf(strstr(pty_screen_text(p), "seed"), "seed %u", &seed), 1);
    wait_seed(p, seed, 50, 200);
    pty_send(p, "l");
    wait_for(p, "key 3 l");
    assert_int_equal(sscanf(strstr(pty_screen_text(p), "seed"), "seed %u", &seed), 1);
    assert_picture(p, 50, 200, seed, false);
    quit(p);
}

static void screen_stop__ends_soon_with_the_modes_restored__when_the_terminal_stalls(void **state)
{
    (void)state;
    struct termios fresh = fresh_modes();
    int report;
    struct pty *p = flooding_demo(&report);
    assert_true(reports(report, TURNS));
    pty_send(p, "q");
    while (reports(report, 1)) {}
    close(report);
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_true(same_modes(pty_modes(p), fresh));
    int status = pty_stop(p);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void terminal_write__leaves_the_shared_flags_and_never_blocks__when_it_cannot_reopen(void **state)
{
    (void)state;
    int master;
    int slave;
    assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
    struct terminal t = {.in_fd = slave, .out_fd = slave};
    char block[8192];
    memset(block, 'x', sizeof block);
    size_t total = 0;
    ssize_t n;
    while ((n = terminal_write(&t, span_make(block, sizeof block))) > 0) {
        total += (size_t)n;
        assert_true(total < 16 << 20);
    }
    assert_int_equal(n, 0);
    assert_false(fcntl(slave, F_GETFL) & O_NONBLOCK);
    assert_false(terminal_wait_writable(&t, 0));
    close(master);
    assert_int_equal(terminal_write(&t, S("x")), -1);
    char in[8];
    assert_int_equal(terminal_read(&t, in, sizeof in), -1);
    close(slave);
}

static void screen_start__says_why__when_there_is_no_terminal(void **state)
{
    (void)state;
    struct palette palette;
    struct err err = {0};
    palette_init(&palette);
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    assert_null(screen_start(&(struct screen_options){fd, fd, NULL, -1, &palette}, &err));
    assert_string_equal(err.text, "standard input is no terminal");
    screen_stop(NULL);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screen_draw__shows_the_grid__on_every_terminal),
        cmocka_unit_test(screen_draw__shows_roles_in_the_themes_colours__when_the_terminal_has_256),
        cmocka_unit_test(screen_draw__sends_only_the_difference__when_the_picture_changes),
        cmocka_unit_test(screen_draw__is_whole__when_the_terminal_is_huge),
        cmocka_unit_test(screen_resize__repaints_all__when_the_window_changes_to_anything_and_back),
        cmocka_unit_test(screen__draws_in_ascii__when_the_locale_knows_no_more),
        cmocka_unit_test(screen__shows_no_colour__when_told_so),
        cmocka_unit_test(blit__lets_nothing_hostile_through__when_a_grid_holds_it),
        cmocka_unit_test(screen_copy__asks_the_terminal_in_base64__when_it_would_understand),
        cmocka_unit_test(screen_read__names_keys_and_pastes__when_they_are_typed),
        cmocka_unit_test(screen_read__keeps_up__when_megabytes_are_typed),
        cmocka_unit_test(screen__gives_the_terminal_back__however_the_program_ends),
        cmocka_unit_test(screen_suspend__gives_the_terminal_back_until_resumed),
        cmocka_unit_test(screen_draw__skips_frames_and_never_blocks__when_the_terminal_stalls),
        cmocka_unit_test(screen_stop__ends_soon_with_the_modes_restored__when_the_terminal_stalls),
        cmocka_unit_test(terminal_write__leaves_the_shared_flags_and_never_blocks__when_it_cannot_reopen),
        cmocka_unit_test(screen_start__says_why__when_there_is_no_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
