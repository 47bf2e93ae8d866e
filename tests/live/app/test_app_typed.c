/* Whatever is typed or pasted, into whatever is open: no crash, nothing ordered, and it can still be left. */
#include "process.h"
#include "seat.h"
#include "support/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "redai/base/clock.h"

enum { MEGABYTE = 1 << 20 };

/* Keys that leave or stop it mean nothing here: whatever comes, it has to stay. F12 leaves. */
static const char keys_of_ours[] = "bind all q \"repaint\" \"-\"\nbind all C-c \"repaint\" \"-\"\n"
                                   "bind all C-z \"repaint\" \"-\"\nbind all F12 \"quit\" \"leave\"\n";

static const struct mode {
    const char *what, *keys, *shown; /* what opens it, NULL: the panes */
} modes[] = {
    {"pane", NULL, NULL},
    {"detail", "\r", "Esc back"},
    {"help", "?", "help: sessions"},
    {"prompt", ":", "Esc cancel"},
    {"filter", "/", "Esc show all"},
    {"question", "x", ": do it"},
    {"question for a word", NULL, "to do it: "},
    {"form", "i", "pattern"},
    {"menu", "e", "api.tasks.batch_generate_questions"},
};

static struct server *server;

static int set_up(void **state)
{
    (void)state;
    static const char *const quiet[] = {"--notify-keyspace-events", "KEAm", NULL};
    server = stage_server(quiet);
    stage_fill(server);
    char line[1024];
    snprintf(line, sizeof line, "%sconnection here %s environment production\n", keys_of_ours,
             server_url(server, 0));
    stage_write(stage_path("typed.conf"), keys_of_ours);
    stage_write(stage_path("typed-word.conf"), line);
    stage_do(server, 0, "CONFIG RESETSTAT");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    server_stop(server);
    return 0;
}

static struct pty *open_mode(const struct mode *m)
{
    bool word = strstr(m->shown ? m->shown : "", "to do it: ") != NULL; /* production asks for one */
    const char *config = stage_path(word ? "typed-word.conf" : "typed.conf");
    struct pty *p = pty_start(word ? CONSOLE("--config", config, "@here")
                                   : CONSOLE("--config", config, server_url(server, 0)),
                              NULL, 24, 80);
    assert_non_null(p);
    seat_see(p, "Zofia Zak");
    seat_see(p, "leaderboard");
    if (word) {
        seat_do(p, "x", m->shown);
    } else if (m->keys) {
        seat_do(p, m->keys, m->shown);
    }
    return p;
}

/* It lives, has ordered nothing, takes keys and can be left. */
static void assert_well(struct pty *p, const struct mode *m, const char *what)
{
    int ended = 0;
    if (waitpid(pty_pid(p), &ended, WNOHANG) != 0) {
        fprintf(stderr, "%s\n", pty_screen_text(p));
        fail_msg("%s, %s: it has ended, wait status %#x", m->what, what, (unsigned)ended);
    }
    stage_untouched(server);
    assert_int_equal(stage_number(server, 0,
                                  "EXISTS session:" SID_ANNA " session:" SID_ANNA_2 " session:" SID_MAREK
                                  " session:" SID_ZOFIA " exam:1 leaderboard:1"),
                     6);
    assert_int_equal(stage_number(server, 0, "LLEN celery"), 2);
    for (int i = 0; i < 6; i++) { /* out of a search, a page, a filter, ... */
        poll(NULL, 0, 40);
        seat_key(p, "\033");
        pty_settle(p);
    }
    bool left = false;
    for (int i = 0; i < 5 && !left; i++) {
        seat_key(p, "\033[24~");
        left = pty_wait_exit(p, WAIT_MS / 4); /* behind an Esc of a moment ago it would be Alt and that key */
    }
    if (!left) {
        fprintf(stderr, "%s\n", pty_screen_text(p));
        fail_msg("%s, %s: it cannot be left", m->what, what);
    }
    seat_assert_restored(p);
    int status = pty_stop(p);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void nothing_happens__by_every_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        struct pty *p = open_mode(&modes[i]);
        for (int byte = 0; byte < 256; byte++) {
            char one = (char)byte;
            pty_send_bytes(p, span_make(&one, 1));
            poll(NULL, 0, 1);
            pty_read(p);
        }
        assert_well(p, &modes[i], "every byte");
    }
}

static void nothing_happens__by_every_two_bytes(void **state)
{
    (void)state;
    enum { ALL = 256 * 256 * 2 };
    char *all = malloc(ALL);
    assert_non_null(all);
    for (int i = 0; i < 256 * 256; i++) {
        all[2 * i] = (char)(i >> 8);
        all[2 * i + 1] = (char)i;
    }
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        struct pty *p = open_mode(&modes[i]);
        int64_t begun = clock_mono_us();
        pty_send_bytes(p, span_make(all, ALL));
        pty_settle(p);
        print_message("%s: %d bytes in %lld ms\n", modes[i].what, (int)ALL,
                      (long long)(clock_mono_us() - begun) / 1000);
        assert_well(p, &modes[i], "every two bytes");
    }
    free(all);
}

static uint32_t random_number(void)
{
    static uint32_t seed = 7;
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static void nothing_happens__by_any_sequence_with_rubbish_behind(void **state)
{
    (void)state;
    static const char *const heads[] = {"\033[", "\033O", "\033]",    "\033P",    "\033X",  "\033^",
                                        "\033_", "\033",  "\033\033", "\033[?",   "\033[<", "\033[M",
                                        "\233",  "\235",  "\220",     "\033[200~"};
    static const char *const tails[] = {"\033\\", "\a", "\030", "\033[201~", "~", ""};
    UT_string all;
    utstring_init(&all);
    for (size_t h = 0; h < COUNT_OF(heads); h++) {
        for (int byte = 0; byte < 256; byte++) {
            utstring_printf(&all, "%s", heads[h]);
            char rubbish[12] = {(char)byte};
            size_t n = 1 + random_number() % (sizeof rubbish - 1);
            for (size_t k = 1; k < n; k++) {
                rubbish[k] = (char)random_number();
            }
            utstring_bincpy(&all, rubbish, n);
            utstring_printf(&all, "%s", tails[random_number() % COUNT_OF(tails)]);
        }
    }
    text_add(&all, S("\033[201~\033\\"));
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        struct pty *p = open_mode(&modes[i]);
        struct span rest = text_span(&all);
        while (rest.len) { /* in parts, so that sequences are cut anywhere */
            size_t n = 1 + random_number() % 1500;
            pty_send_bytes(p, span_head(rest, n));
            rest = span_skip(rest, n);
            pty_read(p);
        }
        poll(NULL, 0, 1100); /* whatever has begun ends by silence */
        pty_settle(p);
        assert_well(p, &modes[i], "sequences");
    }
    utstring_done(&all);
}

/* --- pasted megabytes --- */

/* Text as it lies about: words, lines, and among them what would act if it were keys. */
static char *text_of(size_t size)
{
    static const char *const lines[] = {"xy\n",
                                        "y\n",
                                        "x\ny\n",
                                        "Xy\ri\r*\ry\n",
                                        "yes, delete exam 7 exactly\r\n",
                                        "eey\r\ny",
                                        ":revoke user 7\ry",
                                        "/anna\rxy",
                                        "zażółć gęślą jaźń ",
                                        "2\r4\r"};
    char *text = malloc(size + 64);
    assert_non_null(text);
    size_t used = 0;
    while (used < size) {
        const char *line = lines[random_number() % COUNT_OF(lines)];
        memcpy(text + used, line, strlen(line));
        used += strlen(line);
    }
    text[size] = '\0';
    return text;
}

static void paste(const struct mode *m, struct span text, bool bracketed)
{
    struct pty *p = open_mode(m);
    int64_t memory = process_memory_bytes(p), begun = clock_mono_us(), most = 0, cpu = process_cpu_us(p);
    if (bracketed) {
        seat_key(p, "\033[200~");
    }
    while (text.len) {
        pty_send_bytes(p, span_head(text, 64 * 1024));
        text = span_skip(text, text.len < 64 * 1024 ? text.len : 64 * 1024);
        int64_t now = process_memory_bytes(p);
        most = now > most ? now : most;
    }
    if (bracketed) {
        seat_key(p, "\033[201~");
    }
    pty_settle(p);
    print_message("%s, %s: %lld ms, CPU %lld ms, memory %lld to %lld KiB\n", m->what,
                  bracketed ? "paste" : "raw", (long long)(clock_mono_us() - begun) / 1000,
                  (long long)(process_cpu_us(p) - cpu) / 1000, (long long)memory / 1024,
                  (long long)most / 1024);
    assert_memory_below(most - memory, 16 << 20);
    assert_well(p, m, bracketed ? "a paste" : "a paste that is not marked");
}

static void nothing_happens__by_pasted_megabytes(void **state)
{
    (void)state;
    char *text = text_of(2 * MEGABYTE);
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        paste(&modes[i], span_make(text, 2 * MEGABYTE), true);
    }
    free(text);
}

static void nothing_happens__by_pasted_text_that_is_not_marked(void **state)
{
    (void)state;
    char *text = text_of(MEGABYTE / 64);
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        paste(&modes[i], span_make(text, MEGABYTE / 64), false);
    }
    free(text);
}

/* Of a slow line it comes byte by byte: each is drawn before the next one is there. */
static void question__is_not_answered__by_a_paste_over_a_slow_line(void **state)
{
    (void)state;
    const struct mode *m = &modes[5];
    struct pty *p = open_mode(m);
    static const char words[] = "exactly why they say yes every day, nobody may know; yet yesterday's yield: "
                                "my hay, your rye, day by day by day y y y y";
    for (const char *c = words; *c; c++) {
        pty_send_bytes(p, span_make(c, 1));
        poll(NULL, 0, 3);
        pty_read(p);
    }
    assert_well(p, m, "a slow paste");
    p = open_mode(m);
    seat_key(p, "y"); /* a person's is */
    seat_see(p, "done: ");
    seat_key(p, "\033[24~");
    assert_true(pty_wait_exit(p, WAIT_MS));
    pty_stop(p);
}

int main(void)
{
    server_require();
    stage_isolate();
#define LIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        LIVE(nothing_happens__by_every_byte),
        LIVE(nothing_happens__by_every_two_bytes),
        LIVE(nothing_happens__by_any_sequence_with_rubbish_behind),
        LIVE(nothing_happens__by_pasted_megabytes),
        LIVE(nothing_happens__by_pasted_text_that_is_not_marked),
        LIVE(question__is_not_answered__by_a_paste_over_a_slow_line),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
