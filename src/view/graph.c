#include "graph.h"

#include <math.h>

enum { STEPS = 8 };

static uint32_t glyph(const struct grid *g, int step)
{
    static const uint32_t blocks[STEPS + 1] = {' ',    0x2581, 0x2582, 0x2583, 0x2584,
                                               0x2585, 0x2586, 0x2587, 0x2588};
    static const char ascii[] = " ._-=+**#"; /* by height, as the sparkline's are */
    return g->ascii ? (uint32_t)ascii[step] : blocks[step];
}

static void draw_column(struct grid *g, struct rect r, int x, double part, enum role role)
{
    int all = r.h * STEPS;
    int level = part > 0 ? (int)ceil(part * all) : 0;
    level = level > all ? all : level < 1 ? 1 : level; /* a known zero still draws its ground line */
    for (int row = 0; row < r.h; row++) {
        int here = level - (r.h - 1 - row) * STEPS;
        here = here < 0 ? 0 : here > STEPS ? STEPS : here;
        if (here) {
            grid_put(g, x, r.y + row, glyph(g, here), role);
        }
    }
}

void graph_draw(struct grid *g, struct rect r, const double *value, size_t count, double max, enum role role)
{
    if (r.w <= 0 || r.h <= 0 || !(max > 0)) {
        return;
    }
    size_t shown = count < (size_t)r.w ? count : (size_t)r.w;
    for (size_t i = 0; i < shown; i++) {
        double v = value[count - shown + i];
        if (!isnan(v)) {
            draw_column(g, r, r.x + r.w - (int)shown + (int)i, v / max, role);
        }
    }
}
