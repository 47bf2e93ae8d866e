#include "box.h"

#include "redai/base/utf8.h"

struct rect box_draw(struct grid *g, const char *title, int w, int h, enum role frame)
{
    int title_cols = utf8_text_width(span_of(title)) + 4;
    w = w > title_cols ? w : title_cols;
    w = w + 4 < g->width ? w + 4 : g->width;
    h = h + 2 < g->height ? h + 2 : g->height;
    struct rect r = {(g->width - w) / 2, (g->height - h) / 2, w, h};
    grid_clear(g, r, ROLE_DIALOG);
    grid_box(g, r, frame);
    if (w > 4) {
        int x = r.x + 2;
        x += grid_text(g, x, r.y, w - 4, S(" "), frame);
        x += grid_text(g, x, r.y, r.x + w - 3 - x, span_of(title), ROLE_TITLE);
        grid_text(g, x, r.y, r.x + w - 2 - x, S(" "), frame);
    }
    struct rect inner = {r.x + 2, r.y + 1, r.w - 4, r.h - 2};
    inner.w = inner.w < 0 ? 0 : inner.w;
    inner.h = inner.h < 0 ? 0 : inner.h;
    return inner;
}
