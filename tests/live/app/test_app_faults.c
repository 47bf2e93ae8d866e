/* When things go wrong: Redis gone, silent or refusing, the terminal resized, stopped, stalled or of another
 * kind, the program ended from outside. The screen stays, says what is, and the terminal is always given
 * back. */
#include "scan.h"
#include "seat.h"
#include "support/unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

static int set_up(void **state)
{
    static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", NULL};
    *state = stage_server(quiet);
    stage_fill(*state);
    return 0;
}

static int tear_down(void **state)
{
    server_stop(*state);
    return 0;
}

/* --- Redis --- */

static void screen__stays_and_comes_back_by_itself__when_the_server_is_killed(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    server_kill(s);
    seat_see(p, "UNREACHABLE");
    seat_see(p, "since ");
    seat_see(p, "Zofia Zak"); /* what was known stays, greyed */
    seat_do(p, "2", "i invalidate");
    seat_do(p, "?", "help: cache"); /* keys go on working */
    seat_leave(p, "help: cache");
    seat_do(p, ":revoke session " SID_ANNA "\r", "! "); /* and an action says that it cannot */
    seat_not(p, ": do it");
    assert_true(server_restart(s));
    stage_session(s, "RRRR0001-renate-token-kept-a", 21, "Renate Neu", "admin", true);
    seat_see_gone(p, "UNREACHABLE");
    seat_see(p, "Renate Neu");
    seat_see_gone(p, "Zofia Zak"); /* nothing was saved: the restarted one knows no session of before */
    seat_see(p, "1 sessions 1");
    seat_quit(p);
}

static void console__opens_and_waits__when_there_is_no_server_yet(void **state)
{
    (void)state;
    struct server *s = stage_server(NULL);
    server_kill(s);
    struct pty *p = seat_open(s, seat_small, NULL, NULL);
    seat_see(p, "UNREACHABLE");
    assert_true(server_restart(s));
    stage_session(s, "RRRR0001-renate-token-kept-a", 21, "Renate Neu", "admin", true);
    seat_see(p, "Renate Neu");
    seat_quit(p);
    server_stop(s);
}

static void screen__says_that_data_is_old__while_the_server_is_stopped(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    server_pause(s);
    seat_see(p, "stale");
    seat_do(p, "?", "help: sessions");
    seat_leave(p, "help: sessions");
    server_resume(s);
    seat_see_gone(p, "stale");
    seat_see_gone(p, "UNREACHABLE");
    seat_see(p, "Zofia Zak");
    seat_quit(p);
}

static void action__fails_with_the_servers_words__when_it_is_out_of_memory(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_large, NULL);
    stage_do(s, 0, "CONFIG SET maxmemory 1");
    seat_do(p, ":enqueue test message=full\r", ": do it");
    seat_do(p, "y", "failed: ");
    seat_see(p, "OOM");
    assert_int_equal(stage_number(s, 0, "LLEN celery"), 2);
    stage_do(s, 0, "CONFIG SET maxmemory 0");
    seat_do(p, ":enqueue test message=full\r", ": do it");
    seat_do(p, "y", "done: queued");
    seat_quit(p);
}

static void screen__says_why_and_goes_on__when_a_password_is_set_and_taken_away(void **state)
{
    (void)state;
    static const char *const locked[] = {"--requirepass", "geheim", NULL};
    struct server *s = server_start(&(struct server_options){.args = locked, .password = "geheim"});
    struct pty *p = seat_open(s, seat_large, NULL, NULL);
    seat_see(p, "NOAUTH");
    free(server_cli(s, "CONFIG", "SET", "requirepass", "", NULL));
    seat_see_gone(p, "NOAUTH");
    seat_see(p, "1 sessions 0");
    seat_quit(p);
    server_stop(s);
}

static void screen__says_what_is_denied__when_the_user_may_little(void **state)
{
    struct server *s = *state;
    char url[200];
    stage_do(s, 0, "ACL SETUSER looker on >pw ~* &* +@read +@connection +info +subscribe +psubscribe -get");
    snprintf(url, sizeof url, "unix://looker:pw@%s?db=0", server_socket(s));
    struct pty *p = pty_start(CONSOLE(url), NULL, 40, 120);
    seat_see(p, "leaderboard");
    seat_see(p, "1 sessions 4");
    seat_do(p, ":revoke session " SID_ANNA "\r", ": do it");
    seat_do(p, "y", "failed");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA), 1);
    seat_quit(p);
}

/* --- the terminal --- */

static bool has_footer_at(struct pty *p, void *ctx)
{
    int x, y;
    return pty_find(p, "? help", &x, &y) && y == *(const int *)ctx;
}

static void screen__follows_every_size(void **state)
{
    static const struct seat_size sizes[] = {{1, 1},   {2, 2},     {1, 200}, {200, 1},  {5, 10},
                                             {10, 40}, {200, 500}, {1, 1},   {60, 200}, {24, 80}};
    struct pty *p = seat_full(*state, seat_small, NULL);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        pty_resize(p, sizes[i].rows, sizes[i].cols);
        seat_key(p, "\tz"); /* keys while it is so small */
        seat_key(p, "z");
        if (sizes[i].cols >= 80 && sizes[i].rows >= 24) {
            seat_see(p, "Zofia Zak");
            seat_see(p, "5 alerts");
            int row = sizes[i].rows - 1; /* the last of a frame that may come in parts */
            assert_true(pty_wait(p, has_footer_at, &row, WAIT_MS));
        }
    }
    pty_resize(p, 200, 500);
    seat_see(p, "ann"); /* ever more columns */
    pty_resize(p, 24, 80);
    seat_see(p, "1 sessions 4");
    const char *why = scan_terminal(pty_raw_bytes(p), false);
    if (why) {
        fail_msg("%s", why);
    }
    seat_quit(p);
}

static void dialog__cannot_be_accepted__on_a_screen_too_small_to_read_it(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    seat_do(p, "x", ": do it");
    pty_resize(p, 3, 10);
    seat_see(p, "too small");
    seat_key(p, "y");
    pty_settle(p); /* or the new size might be drawn first: a signal overtakes a key */
    pty_resize(p, 24, 80);
    seat_see(p, ": do it");
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_ANNA_2), 2);
    seat_leave(p, ": do it");
    seat_quit(p);
}

static bool is_stopped(struct pty *p, void *ctx)
{
    (void)ctx;
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", pty_pid(p));
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f) {
        fclose(f);
    }
    const char *behind = n ? strrchr(text, ')') : NULL;
    bool stopped = behind && behind[2] == 'T';
    pty_read(p); /* what it wrote before it stopped */
    return stopped;
}

static void suspended__gives_the_terminal_back_and_takes_it_again(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, seat_small, NULL);
    for (int i = 0; i < 3; i++) {
        if (i < 2) {
            pty_signal(p, SIGTSTP);
        } else {
            seat_key(p, "\032"); /* C-z, as a key */
        }
        assert_true(pty_wait(p, is_stopped, NULL, WAIT_MS));
        seat_assert_restored(p);
        pty_signal(p, SIGCONT);
        seat_see(p, "Zofia Zak");
        assert_true(pty_alternate_screen(p));
        seat_do(p, "2", "i invalidate");
        seat_do(p, "1", "x revoke");
    }
    /* Stopped without being asked, and the terminal resized meanwhile. */
    pty_signal(p, SIGSTOP);
    assert_true(pty_wait(p, is_stopped, NULL, WAIT_MS));
    pty_resize(p, 40, 120);
    stage_session(s, "RRRR0001-renate-token-kept-a", 21, "Renate Neu", "admin", true);
    pty_signal(p, SIGCONT);
    seat_see(p, "Renate Neu");
    assert_int_equal(seat_row(p, "? help"), 39);
    seat_quit(p);
}

static void signal__ends_it_with_the_terminal_restored(void **state)
{
    static const struct {
        int number;
        bool kills; /* ends as a signal, not by an exit code */
    } table[] = {{SIGTERM, false}, {SIGHUP, false}, {SIGINT, false}, {SIGSEGV, true},
                 {SIGABRT, true},  {SIGBUS, true},  {SIGQUIT, true}};
    struct server *s = *state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct pty *p = seat_full(s, i % 2 ? seat_small : seat_large, NULL);
        pty_signal(p, table[i].number);
        assert_true(pty_wait_exit(p, WAIT_MS));
        seat_assert_restored(p);
        int status = pty_stop(p);
        if (table[i].kills && !WIFSIGNALED(status)) { /* a sanitizer may end it by an exit code of its own */
            assert_int_not_equal(WEXITSTATUS(status), 0);
        } else if (table[i].kills) {
            assert_int_equal(WTERMSIG(status), table[i].number);
        } else {
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), 128 + table[i].number);
        }
    }
}

#define COMMANDS "total_commands_processed"

static void stalled_terminal__blocks_nothing(void **state)
{
    struct server *s = *state;
    struct pty *p = seat_full(s, (struct seat_size){100, 300}, NULL);
    seat_do(p, ":set refresh 250ms\r", "refresh");
    /* From here on nobody reads; each new session changes the screen. */
    int64_t before = stage_stat(s, COMMANDS);
    char id[40];
    for (int i = 0; stage_stat(s, COMMANDS) < before + 400; i++) {
        snprintf(id, sizeof id, "SSSS%04d-stalled-token-kept", i % 1000);
        stage_session(s, id, 100 + i % 1000, "Stalled Terminal", "student", false);
        assert_true(i < 100000);
    }
    stage_session(s, "TTTT0001-tamara-token-kept-a", 22, "Tamara Letzte", "admin", true);
    seat_do(p, ":filter tamara\r", "Tamara Letzte"); /* and at once all is there */
    seat_quit(p);
}

static void terminal__of_any_kind_shows_the_panes(void **state)
{
    static const char *const kinds[] = {"TERM=vt100", "TERM=linux",         "TERM=screen-256color",
                                        "TERM=xterm", "TERM=no-such-thing", "TERM",
                                        "TERM="};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct pty *p = seat_open(*state, seat_small, NULL, ENV(kinds[i]));
        assert_true(pty_wait_raw(p, "sessions", WAIT_MS));
        assert_true(pty_wait_raw(p, "Zofia Zak", WAIT_MS));
        seat_key(p, "q");
        assert_true(pty_wait_exit(p, WAIT_MS));
        struct termios modes = pty_modes(p);
        assert_true((modes.c_lflag & ICANON) && (modes.c_lflag & ECHO));
        int status = pty_stop(p);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

/* True when a colour was set: SGR 30-37, 38, 40-47, 48, 90 and on. */
static bool has_color(struct span raw)
{
    for (size_t i = 0; i + 2 < raw.len; i++) {
        if (raw.data[i] != '\033' || raw.data[i + 1] != '[') {
            continue;
        }
        size_t k = i + 2;
        unsigned number = 0;
        bool any = false;
        for (; k < raw.len && (raw.data[k] == ';' || (raw.data[k] >= '0' && raw.data[k] <= '9')); k++) {
            if (raw.data[k] == ';') {
                number = 0;
            } else {
                number = number * 10 + (unsigned)(raw.data[k] - '0');
                any = any || (number >= 30 && number <= 38) || (number >= 40 && number <= 48) ||
                      (number >= 90 && number <= 107);
            }
        }
        if (any && k < raw.len && raw.data[k] == 'm') {
            return true;
        }
    }
    return false;
}

static void colours__are_as_the_environment_and_options_say(void **state)
{
    static const struct {
        const char *env, *option;
        bool color;
    } table[] = {{"NO_COLOR=1", NULL, false},    {"NO_COLOR=", NULL, true},
                 {"X=1", "--color=mono", false}, {"X=1", "--color=8", true},
                 {"X=1", "--theme=light", true}, {"X=1", "--theme=contrast", true},
                 {"X=1", "--theme=safe", true}};
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct pty *p =
            seat_open(*state, seat_small, (const char *const[]){table[i].option, NULL}, ENV(table[i].env));
        seat_see(p, "Zofia Zak");
        if (has_color(pty_raw_bytes(p)) != table[i].color) {
            fail_msg("%s %s", table[i].env, table[i].option ? table[i].option : "");
        }
        seat_quit(p);
    }
    struct pty *p = seat_open(*state, seat_small, ENV("--theme=mauvish"), NULL);
    assert_true(pty_wait_raw(p, "mauvish", WAIT_MS));
    assert_true(pty_wait_exit(p, WAIT_MS));
    int status = pty_stop(p);
    assert_int_equal(WEXITSTATUS(status), 2);
}

static void ascii__is_used_by_locale_and_by_option(void **state)
{
    struct pty *p = seat_open(*state, seat_large, NULL, ENV("LC_ALL=C"));
    seat_see(p, "Zofia Zak");
    assert_null(scan_terminal(pty_raw_bytes(p), true));
    seat_quit(p);
    p = seat_open(*state, seat_large, ENV("--ascii=on"), NULL);
    seat_see(p, "Zofia Zak");
    assert_null(scan_terminal(pty_raw_bytes(p), true));
    seat_quit(p);
    p = seat_open(*state, seat_large, NULL, ENV("LC_ALL=xx_YY.UTF-8"));
    seat_see(p, "Zofia Zak"); /* a locale this machine does not have */
    seat_see(p, "\u2502");
    seat_quit(p);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(screen__stays_and_comes_back_by_itself__when_the_server_is_killed),
        cmocka_unit_test(console__opens_and_waits__when_there_is_no_server_yet),
        LIVE(screen__says_that_data_is_old__while_the_server_is_stopped),
        LIVE(action__fails_with_the_servers_words__when_it_is_out_of_memory),
        cmocka_unit_test(screen__says_why_and_goes_on__when_a_password_is_set_and_taken_away),
        LIVE(screen__says_what_is_denied__when_the_user_may_little),
        LIVE(screen__follows_every_size),
        LIVE(dialog__cannot_be_accepted__on_a_screen_too_small_to_read_it),
        LIVE(suspended__gives_the_terminal_back_and_takes_it_again),
        LIVE(signal__ends_it_with_the_terminal_restored),
        LIVE(stalled_terminal__blocks_nothing),
        LIVE(terminal__of_any_kind_shows_the_panes),
        LIVE(colours__are_as_the_environment_and_options_say),
        LIVE(ascii__is_used_by_locale_and_by_option),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
