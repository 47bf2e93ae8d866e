/* A program that does with a screen what the console does, for tests to look at from outside: draws a known
 * picture and says in its first row which keys and pastes came.
 *
 *   screen_demo [THEME]
 *
 * Keys: n the next picture, N no end of pictures, l repaint, C copy, T title, P pictures in parts, H a
 * hostile grid, F a fault, B abort, E exit without a stop, K stack overflow, Z suspend, q quit. */
#include "pattern.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "redai/base/num.h"

#include "redai/conf/key.h"

#include "redai/tty/palette.h"
#include "redai/tty/screen.h"

struct demo {
    struct screen *screen;
    struct grid grid;
    struct palette palette;
    unsigned seed;
    unsigned keys;
    char last[16];
    char paste[64];
    size_t paste_len;
    bool dirty, flood, hostile, parts, quit;
    int report_fd; /* a byte for each turn of the loop; -1: none */
};

static volatile sig_atomic_t resized;
static volatile sig_atomic_t continued;

static void on_resize(int number)
{
    (void)number;
    resized = 1;
}

static void on_continue(int number)
{
    (void)number;
    continued = 1;
}

static void fit(struct demo *d)
{
    int width;
    int height;
    screen_size(d->screen, &width, &height);
    grid_resize(&d->grid, width, height);
    d->grid.ascii = !screen_utf8(d->screen);
    d->dirty = true;
}

static int overflow(volatile unsigned *left)
{
    volatile char here[4096];
    here[0] = (char)*left;
    return --*left ? overflow(left) + here[0] : 0;
}

static void suspend(struct demo *d)
{
    screen_suspend(d->screen);
    raise(SIGSTOP);
    continued = 0; /* that one is answered here: what is typed at the new picture is not to be dropped */
    screen_resume(d->screen);
    fit(d);
}

static volatile uintptr_t nowhere = 8; /* an address the compiler cannot see through */

static void act(struct demo *d, uint32_t key)
{
    switch (key) {
    case 'n':
        d->seed++;
        break;
    case 'N':
        d->flood = !d->flood;
        break;
    case 'l':
        screen_repaint(d->screen);
        break;
    case 'C':
        screen_copy(d->screen, S("clip"));
        break;
    case 'T':
        screen_title(d->screen, "a\033]0;b\a title");
        break;
    case 'P':
        d->parts = true;
        break;
    case 'H':
        d->hostile = true;
        break;
    case 'F':
        *(volatile int *)nowhere = 1;
        break;
    case 'B':
        abort();
    case 'E':
        exit(5);
    case 'K':
        d->seed += (unsigned)overflow(&(volatile unsigned){1u << 30});
        break;
    case 'Z':
        suspend(d);
        break;
    case 'q':
        d->quit = true;
        break;
    default:
        break;
    }
}

static void on_key(void *ctx, uint32_t code)
{
    struct demo *d = ctx;
    key_name(code, d->last);
    d->keys++;
    d->dirty = true;
    act(d, code);
}

static void on_paste(void *ctx, struct span text)
{
    struct demo *d = ctx;
    d->paste_len = text.len;
    snprintf(d->paste, sizeof d->paste, "%.*s", (int)(text.len < 30 ? text.len : 30), text.data);
    d->dirty = true;
}

static void draw(struct demo *d)
{
    struct grid *g = &d->grid;
    pattern_fill(g, d->seed);
    if (d->hostile) { /* what no pane would do */
        static const uint32_t bad[] = {0x1B,  0x07,   0x9B,     0x0A, 0x202E, 0x200B,
                                       0x301, 0xD800, 0x110000, 0,    0x7F};
        for (int x = 0; x < g->width; x++) {
            g->cell[g->width + x] = (struct cell){bad[(size_t)x % (sizeof bad / sizeof bad[0])], 255, 0};
        }
    }
    grid_clear(g, (struct rect){0, 0, g->width, 1}, ROLE_TEXT);
    grid_printf(g, 0, 0, g->width, ROLE_TEXT, "seed %u %dx%d colors %d key %u %s paste %zu %s.", d->seed,
                g->width, g->height, screen_colors(d->screen), d->keys, d->last, d->paste_len, d->paste);
    g->cursor_x = d->seed % 2 ? 1 : -1;
    g->cursor_y = 1;
    enum screen_left left = SCREEN_LEFT_NOTHING;
    bool drawn = d->parts ? screen_draw_part(d->screen, g, 100, false, &left) : screen_draw(d->screen, g);
    d->dirty = !drawn || left != SCREEN_LEFT_NOTHING;
}

static void turn(struct demo *d, int *wait_ms)
{
    const struct screen_input input = {on_key, on_paste, d};
    struct pollfd fds[2] = {
        {.fd = screen_in_fd(d->screen), .events = POLLIN},
        {.fd = screen_busy(d->screen) ? screen_out_fd(d->screen) : -1, .events = POLLOUT},
    };
    bool rest = d->dirty && !screen_busy(d->screen);
    int ready = poll(fds, 2, d->flood || rest ? 0 : *wait_ms > 0 ? *wait_ms : 1000);
    if (resized || continued) {
        resized = 0;
        if (continued) {
            continued = 0;
            screen_resume(d->screen);
        }
        screen_resize(d->screen);
        fit(d);
    }
    if (ready == 0 && *wait_ms > 0) {
        screen_flush_keys(d->screen, &input);
        *wait_ms = 0;
    }
    if (fds[0].revents && !screen_read(d->screen, &input, wait_ms)) {
        d->quit = true;
    }
    if (fds[1].revents && !screen_pump(d->screen)) {
        d->quit = true;
    }
    if (d->flood) {
        d->seed++;
        d->dirty = true;
    }
    if (d->dirty && !d->quit) {
        draw(d);
    }
    if (d->report_fd >= 0 && write(d->report_fd, ".", 1) < 0) {
        d->report_fd = -1;
    }
}

int main(int argc, char **argv)
{
    struct demo d = {.dirty = true, .report_fd = -1};
    struct err err = {0};
    const char *report = getenv("REPORT_FD");
    int64_t fd;
    if (report && num_i64_range(span_of(report), 0, 1000, &fd)) {
        d.report_fd = (int)fd;
    }
    palette_init(&d.palette);
    if (argc > 1 && !palette_load(&d.palette, argv[1], &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    const char *colors = getenv("DEMO_COLORS");
    int64_t depth = -1;
    if (colors && !num_i64_range(span_of(colors), 0, 256, &depth)) {
        return 2;
    }
    d.screen = screen_start(&(struct screen_options){0, 1, NULL, (int)depth, &d.palette}, &err);
    if (!d.screen) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    struct sigaction action = {.sa_handler = on_resize};
    sigaction(SIGWINCH, &action, NULL);
    action.sa_handler = on_continue;
    sigaction(SIGCONT, &action, NULL);
    grid_init(&d.grid);
    fit(&d);
    int wait_ms = 0;
    draw(&d);
    while (!d.quit) {
        turn(&d, &wait_ms);
    }
    screen_stop(d.screen);
    grid_release(&d.grid);
    return 0;
}
