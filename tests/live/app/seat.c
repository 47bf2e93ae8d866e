#include "seat.h"

#include "support/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "redai/base/clock.h"

const struct seat_size seat_small = {24, 80}, seat_large = {40, 120};

struct pty *seat_open(struct server *s, struct seat_size size, const char *const more[],
                      const char *const env[])
{
    const char *argv[24] = {PROGRAM};
    size_t n = 1;
    for (; more && *more; more++) {
        argv[n++] = *more;
    }
    argv[n++] = server_url(s, 0);
    struct pty *p = pty_start(argv, env, size.rows, size.cols);
    assert_non_null(p);
    return p;
}

struct pty *seat_full(struct server *s, struct seat_size size, const char *const more[])
{
    struct pty *p = seat_open(s, size, more, NULL);
    seat_see(p, "Zofia Zak");
    seat_see(p, "leaderboard");
    seat_see(p, "7f3c9a12");
    seat_see(p, "3 queues 1");
    return p;
}

/* The screen is longer than what a message of cmocka bears. */
static void show(struct pty *p)
{
    fprintf(stderr, "%s\n", pty_screen_text(p));
}

void seat_see(struct pty *p, const char *text)
{
    if (!pty_wait_text(p, text, WAIT_MS)) {
        show(p);
        fail_msg("\"%s\" does not appear", text);
    }
}

void seat_see_gone(struct pty *p, const char *text)
{
    if (!pty_wait_text_gone(p, text, WAIT_MS)) {
        show(p);
        fail_msg("\"%s\" does not go away", text);
    }
}

void seat_not(struct pty *p, const char *text)
{
    pty_settle(p);
    if (strstr(pty_screen_text(p), text)) {
        show(p);
        fail_msg("\"%s\" is on the screen", text);
    }
}

void seat_key(struct pty *p, const char *keys)
{
    enum { MANY = 3, SILENCE_MS = 350 };
    static int64_t quiet_until_us;
    /* Who answers a question or leaves has looked: what comes faster than anybody types is taken for a paste.
     */
    bool leaves = strcmp(keys, "q") == 0 || strcmp(keys, ":quit\r") == 0;
    if (leaves || strcmp(keys, "y") == 0 || strstr(pty_screen_text(p), "to do it: ")) {
        do {
            pty_settle(p);
        } while (clock_mono_us() < quiet_until_us);
    }
    pty_send(p, keys);
    int64_t now = clock_mono_us();
    if (strlen(keys) > MANY || now < quiet_until_us) { /* what follows soon still belongs to it */
        quiet_until_us = now + SILENCE_MS * US_PER_MS;
    }
}

struct answer {
    const char *text;
    bool too_soon;
};

/* What was waited for, or that the question has not stood for long enough to have been read. */
static bool is_answered(struct pty *p, void *ctx)
{
    struct answer *a = ctx;
    const char *screen = pty_screen_text(p);
    bool there = strstr(screen, a->text) != NULL;
    a->too_soon = !there && strstr(screen, "the question came only now") && strstr(screen, ": do it");
    return there || a->too_soon;
}

/* A plan that took long to make is a question that came late: its first second takes no `y`, and says so. A
 * person reads that, and answers again. */
static void answer(struct pty *p, const char *text)
{
    struct answer a = {text, true};
    for (int i = 0; i < 20 && a.too_soon; i++) {
        seat_key(p, "y");
        pty_settle(p);
        if (!pty_wait(p, is_answered, &a, WAIT_MS)) {
            break;
        }
    }
    seat_see(p, text);
}

void seat_do(struct pty *p, const char *keys, const char *text)
{
    pty_settle(p); /* or the rest of the frame before could have that text */
    if (strcmp(keys, "y") == 0) {
        answer(p, text);
        return;
    }
    seat_key(p, keys);
    seat_see(p, text);
}

void seat_leave(struct pty *p, const char *gone)
{
    seat_see(p, gone); /* or its absence would prove nothing, and Esc be taken for the Alt of the next key */
    seat_key(p, "\033");
    seat_see_gone(p, gone);
}

void seat_assert_restored(struct pty *p)
{
    pty_settle(p);
    struct termios modes = pty_modes(p);
    int x, y;
    bool visible;
    pty_cursor(p, &x, &y, &visible);
    assert_true(modes.c_lflag & ICANON);
    assert_true(modes.c_lflag & ECHO);
    assert_true(modes.c_lflag & ISIG);
    assert_true(modes.c_oflag & OPOST);
    assert_true(modes.c_iflag & ICRNL);
    assert_false(pty_alternate_screen(p));
    if (!visible) {
        struct span tail = pty_raw_bytes(p);
        fail_msg("the cursor is left hidden; the last bytes: %.*s", 200,
                 tail.data + (tail.len > 200 ? tail.len - 200 : 0));
    }
    assert_false(pty_flags(p) & O_NONBLOCK);
    /* What was switched on was switched off again, last of all. */
    static const char *const switches[] = {"\033[?2004", "\033[?1000", "\033[?1002",
                                           "\033[?1006", "\033[?1049", "\033[?25"};
    static const char off[] = {'l', 'l', 'l', 'l', 'l', 'h'};
    struct span raw = pty_raw_bytes(p);
    for (size_t i = 0; i < COUNT_OF(switches); i++) {
        char last = 0;
        size_t at;
        for (struct span rest = raw; (at = span_search(rest, span_of(switches[i]))) < rest.len;) {
            rest = span_skip(rest, at + strlen(switches[i]));
            last = rest.len ? rest.data[0] : 0;
        }
        if (last && last != off[i]) {
            fail_msg("%s was left on", switches[i] + 1);
        }
    }
}

void seat_quit(struct pty *p)
{
    seat_key(p, "q");
    if (!pty_wait_exit(p, WAIT_MS)) {
        show(p);
        fail_msg("q does not end it");
    }
    seat_assert_restored(p);
    int status = pty_stop(p);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int seat_row(struct pty *p, const char *text)
{
    int x = 0, y = 0;
    pty_settle(p);
    if (!pty_find(p, text, &x, &y)) {
        show(p);
        fail_msg("\"%s\" is not on the screen", text);
    }
    return y;
}

void seat_fill(struct pty *p)
{
    enum { PAUSE_MS = 5 };
    for (int left_ms = WAIT_MS; !pty_is_full(p); left_ms -= PAUSE_MS) {
        assert_true(left_ms > 0);
        seat_key(p, "\014");
        poll(NULL, 0, PAUSE_MS); /* faster, and the keys would have to be waited for by reading */
    }
}

const char *seat_below(struct pty *p)
{
    const char *text = pty_screen_text(p);
    const char *end = strchr(text, '\n');
    return end ? end + 1 : text;
}
