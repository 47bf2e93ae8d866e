/* A window that is dragged: five hundred sizes a second, from one cell to 500x200, whatever is open. */
#include "process.h"
#include "seat.h"
#include "support/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "redai/base/clock.h"

enum { A_SECOND = 500, ROWS_MAX = 200, COLS_MAX = 500 };

struct drag {
    int64_t resizes, cpu_us, wall_us, bytes;
};

static struct drag drag(struct pty *p, int64_t ms)
{
    static uint32_t seed = 1;
    struct drag d = {.cpu_us = process_cpu_us(p)};
    int64_t begun = clock_mono_us(), until = begun + ms * US_PER_MS;
    int64_t now;
    pty_forget_raw(p);
    while ((now = clock_mono_us()) < until) {
        if (d.resizes <= (now - begun) * A_SECOND / US_PER_S) {
            seed = seed * 1103515245u + 12345u;
            pty_resize_only(p, 1 + (int)(seed >> 16) % ROWS_MAX, 1 + (int)(seed >> 8) % COLS_MAX);
            d.resizes++;
        } else {
            poll(NULL, 0, 1);
        }
        pty_read(p);
    }
    pty_settle(p);
    d.wall_us = clock_mono_us() - begun;
    d.cpu_us = process_cpu_us(p) - d.cpu_us;
    d.bytes = (int64_t)pty_raw_bytes(p).len;
    return d;
}

static void assert_bounded(const struct drag *d, const char *what)
{
    print_message("%s: %lld sizes in %lld ms: CPU %lld ms, %lld KiB\n", what, (long long)d->resizes,
                  (long long)d->wall_us / 1000, (long long)d->cpu_us / 1000, (long long)d->bytes / 1024);
    assert_true(d->cpu_us < d->wall_us * 8 / 10);
    assert_true(d->bytes < 3 * d->wall_us); /* a megabyte a second, and whole frames on top */
}

/* The picture after it is that of a console which was never resized. */
static void assert_same_as_fresh(struct server *s, struct pty *p)
{
    pty_resize(p, 24, 80);
    seat_see(p, "Zofia Zak");
    seat_see(p, "? help");
    assert_int_equal(seat_row(p, "? help"), 23);
    struct pty *fresh = seat_full(s, seat_small, NULL);
    static const char *const marks[] = {"1 sessions 4", "2 cache",  "3 queues 1",
                                        "4 batches",    "5 alerts", "Zofia Zak"};
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        int x, y, wanted_x, wanted_y;
        assert_true(pty_find(fresh, marks[i], &wanted_x, &wanted_y));
        if (!pty_find(p, marks[i], &x, &y) || x != wanted_x || y != wanted_y) {
            fail_msg("%s stands elsewhere than on a fresh screen\n%s", marks[i], pty_screen_text(p));
        }
    }
    seat_quit(fresh);
}

static void every_mode__bears_500_sizes_a_second(void **state)
{
    (void)state;
    static const struct {
        const char *what, *keys, *shown; /* what opens it; NULL: the panes */
    } modes[] = {
        {"panes", NULL, NULL},
        {"a pane zoomed", "+", "ann@example.com"},
        {"a detail page", "\r", "Esc back"},
        {"help", "?", "help: sessions"},
        {"a question", "x", ": do it"},
        {"the prompt", ":revoke", "Esc cancel"},
        {"the filter", "/zof", "Esc show all"},
        {"a form", "i", "pattern"},
        {"a menu", "e", "api.tasks.batch_generate_questions"},
        {"the server in full", "0", "Esc back"},
        {"the doctor", "D", "doctor"},
    };
    static const char *const args[] = {"--notify-keyspace-events", "KEAm", NULL};
    struct server *s = stage_server(args);
    stage_fill(s);
    struct pty *p = seat_full(s, seat_small, NULL);
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        if (modes[i].keys) {
            seat_do(p, modes[i].keys, modes[i].shown);
        }
        struct drag d = drag(p, i == 0 ? 3000 : 500);
        assert_bounded(&d, modes[i].what);
        pty_resize(p, 24, 80);
        pty_settle(p);
        if (modes[i].keys) {
            seat_see(p, modes[i].shown); /* it is still what is open */
            seat_key(p, "\033");
            pty_settle(p);
            seat_key(p, "\033");
            pty_settle(p);
        }
        assert_same_as_fresh(s, p);
    }
    assert_int_equal(stage_number(s, 0, "EXISTS session:" SID_ANNA " session:" SID_ANNA_2), 2);
    seat_quit(p);
    server_stop(s);
}

int main(void)
{
    server_require();
    stage_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mode__bears_500_sizes_a_second),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stage_leave();
    return failed;
}
