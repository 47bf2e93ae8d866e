#include "layout.h"

enum {
    TWO_COLUMNS_FROM = 72, /* columns */
    TWO_COLUMNS_HIGH = 13, /* rows of the body */
    STACK_ROWS = 4,        /* the least that a stacked pane is worth */
    FOOTER_FROM = 5,       /* rows of the screen */
};

static void place(struct layout *l, enum pane_id pane, int x, int y, int w, int h)
{
    l->pane[pane].shown = w > 0 && h > 0;
    l->pane[pane].r = (struct rect){x, y, w, h};
    l->pane[pane].title_only = h == 1;
}

/* Sessions | cache over queues | batches over alerts. The heights depend on the size alone: nothing jumps. */
static void place_two_columns(struct layout *l)
{
    struct rect b = l->body;
    int alerts = b.h * 5 / 22;
    alerts = alerts < 3 ? 3 : alerts > 12 ? 12 : alerts;
    int rest = b.h - alerts;
    int upper = rest * 10 / 17;
    int left = b.w / 2;
    int right = b.w - left - 1;
    place(l, PANE_SESSIONS, b.x, b.y, left, upper);
    place(l, PANE_CACHE, b.x + left + 1, b.y, right, upper);
    place(l, PANE_QUEUES, b.x, b.y + upper, left, rest - upper);
    place(l, PANE_BATCHES, b.x + left + 1, b.y + upper, right, rest - upper);
    place(l, PANE_ALERTS, b.x, b.y + rest, b.w, alerts);
    l->divider_x = b.x + left;
    l->divider = (struct rect){l->divider_x, b.y, 1, rest};
}

static void place_stack(struct layout *l)
{
    struct rect b = l->body;
    int y = b.y;
    for (int i = 0; i < PANE_COUNT; i++) {
        int h = b.h / PANE_COUNT + (i < b.h % PANE_COUNT);
        place(l, (enum pane_id)i, b.x, y, b.w, h);
        y += h;
    }
}

/* The pane in focus gets what the others' titles leave; titles go from the far end when there is no room. */
static void place_accordion(struct layout *l, enum pane_id focus)
{
    struct rect b = l->body;
    int titles = b.h - 3;
    titles = titles < 0 ? 0 : titles > PANE_COUNT - 1 ? PANE_COUNT - 1 : titles;
    /* The last panes tell of trouble first: alerts stay longest. */
    bool title[PANE_COUNT] = {false};
    int left = titles;
    for (int i = PANE_COUNT - 1; i >= 0 && left > 0; i--) {
        if (i != (int)focus) {
            title[i] = true;
            left--;
        }
    }
    int y = b.y;
    for (int i = 0; i < PANE_COUNT; i++) {
        int h = i == (int)focus ? b.h - titles : title[i];
        if (h > 0) {
            place(l, (enum pane_id)i, b.x, y, b.w, h);
            y += h;
        }
    }
}

void layout_make(struct layout *l, int width, int height, enum pane_id focus, bool zoomed)
{
    *l = (struct layout){.divider_x = -1, .message_y = -1};
    l->strip = height >= 1 && width >= 1;
    l->footer = height >= FOOTER_FROM;
    l->footer_y = height - 1;
    l->body = (struct rect){0, l->strip, width, height - l->strip - l->footer};
    if (l->body.h <= 0 || width <= 0) {
        l->body.h = 0;
        return;
    }
    l->message_y = l->body.y + l->body.h - 1;
    if (zoomed) {
        place(l, focus, l->body.x, l->body.y, l->body.w, l->body.h);
    } else if (l->body.w >= TWO_COLUMNS_FROM && l->body.h >= TWO_COLUMNS_HIGH) {
        place_two_columns(l);
    } else if (l->body.h >= PANE_COUNT * STACK_ROWS) {
        place_stack(l);
    } else {
        place_accordion(l, focus);
    }
}

void layout_draw_lines(const struct layout *l, struct grid *g)
{
    if (l->divider_x < 0) {
        return;
    }
    grid_box(g, l->divider, ROLE_BORDER);
    int cross = l->pane[PANE_QUEUES].r.y;
    int foot = l->divider.y + l->divider.h;
    grid_put(g, l->divider_x, l->divider.y, g->ascii ? '+' : 0x252C, ROLE_BORDER);
    grid_put(g, l->divider_x, cross, g->ascii ? '+' : 0x253C, ROLE_BORDER);
    const struct cell *below = grid_at(g, l->divider_x, foot);
    if (below && (below->ch == '-' || below->ch == 0x2500)) {
        grid_put(g, l->divider_x, foot, g->ascii ? '+' : 0x2534, ROLE_BORDER);
    }
}
