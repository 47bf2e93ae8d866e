#include "demo.h"

#include "pattern.h"
#include "support/unit.h"

#include <stdio.h>
#include <sys/wait.h>

struct pty *demo_start(int rows, int cols, const char *const env[])
{
    struct pty *p = pty_start((const char *[]){SCREEN_DEMO, DARK, NULL}, env, rows, cols);
    assert_non_null(p);
    return p;
}

void wait_for(struct pty *p, const char *text)
{
    if (!pty_wait_text(p, text, WAIT_MS)) {
        fail_msg("no \"%s\" on:\n%s", text, pty_screen_text(p));
    }
}

void wait_seed(struct pty *p, unsigned seed, int rows, int cols)
{
    char status[64];
    snprintf(status, sizeof status, "seed %u %dx%d ", seed, cols, rows);
    wait_for(p, status);
}

struct grid expected_picture(int rows, int cols, unsigned seed, bool ascii)
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

void assert_picture(struct pty *p, int rows, int cols, unsigned seed, bool ascii)
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

void demo_quit(struct pty *p)
{
    pty_send(p, "q");
    assert_true(pty_wait_exit(p, WAIT_MS));
    int status = pty_stop(p);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}
