#include "layout.h"

enum {
    TWO_COLUMNS_FROM = 72, /* columns */
    TWO_COLUMNS_HIGH = 13, /* rows of the body */
    THREE_ROWS_HIGH = 36,  /* rows of the body */
    STACK_ROWS = 4,        /* the least that a stacked pane is worth */
    STACK_GOOD = 6,        /* where there is room for the server, too */
    FOOTER_FROM = 5,       /* rows of the screen */
    SERVER_SHORT = 46,     /* columns of the server beside the alerts, with the gap */
    SERVER_BESIDE_FROM = 118,
};

static void place(struct layout *l, enum pane_id pane, int x, int y, int w, int h)
{
    l->pane[pane].shown = w > 0 && h > 0;
    l->pane[pane].r = (struct rect){x, y, w, h};
    l->pane[pane].title_only = h == 1;
}

static void place_pair(struct layout *l, enum pane_id left, enum pane_id right, int y, int h)
{
    int half = l->body.w / 2;
    place(l, left, l->body.x, y, half, h);
    place(l, right, l->body.x + half + 1, y, l->body.w - half - 1, h);
    if (y > l->body.y) {
        l->cross[l->crosses++] = y;
    }
}

/* Tasks and workers are what the focus is on, or was on last of the two pairs. */
static bool is_celery(const struct layout_wish *wish)
{
    return wish->focus == PANE_TASKS || wish->focus == PANE_WORKERS ||
           (wish->celery && wish->focus != PANE_QUEUES && wish->focus != PANE_BATCHES);
}

/* The alerts below everything; where it is wide and high enough the server stands beside them, in short. */
static void place_foot(struct layout *l, int y, int h, bool beside)
{
    struct rect b = l->body;
    int server = beside ? SERVER_SHORT : 0;
    place(l, PANE_ALERTS, b.x, y, b.w - server, h);
    if (server) {
        place(l, PANE_SERVER, b.x + b.w - server + 1, y, server - 1, h);
        l->beside = (struct rect){b.x + b.w - server, y, 1, h};
    }
}

/* Pairs of panes over the alerts: two of them, or three where it is high enough. The heights depend on the
 * size alone: nothing jumps. */
static void place_two_columns(struct layout *l, const struct layout_wish *wish)
{
    struct rect b = l->body;
    bool three = b.h >= THREE_ROWS_HIGH;
    bool celery = is_celery(wish);
    bool server = wish->focus == PANE_SERVER || (wish->server && wish->focus == PANE_ALERTS);
    int alerts = three ? b.h / 6 : b.h * 5 / 22;
    alerts = alerts < 3 ? 3 : alerts > 12 ? 12 : alerts;
    int rest = b.h - alerts;
    int upper = three ? rest * 10 / 32 : server ? 0 : rest * 10 / 17;
    int middle = three ? rest * 9 / 32 : rest - upper;
    if (three || !server) {
        place_pair(l, PANE_SESSIONS, PANE_CACHE, b.y, upper);
        l->divider_x = b.x + b.w / 2;
        l->divider = (struct rect){l->divider_x, b.y, 1, server ? upper : rest};
    }
    if (server) {
        place(l, PANE_SERVER, b.x, b.y + upper, b.w, rest - upper);
    } else {
        if (three || !celery) {
            place_pair(l, PANE_QUEUES, PANE_BATCHES, b.y + upper, middle);
        }
        if (three || celery) {
            int y = b.y + upper + (three ? middle : 0);
            place_pair(l, PANE_TASKS, PANE_WORKERS, y, b.y + rest - y);
        }
    }
    place_foot(l, b.y + rest, alerts, three && !server && b.w >= SERVER_BESIDE_FROM);
}

/* From top to bottom. */
static const enum pane_id order[PANE_COUNT] = {PANE_SESSIONS, PANE_CACHE,   PANE_QUEUES, PANE_BATCHES,
                                               PANE_TASKS,    PANE_WORKERS, PANE_SERVER, PANE_ALERTS};

static void place_stack(struct layout *l)
{
    struct rect b = l->body;
    bool server = b.h >= PANE_COUNT * STACK_GOOD; /* its short form is in the strip: the others come first */
    int panes = PANE_COUNT - !server;
    int y = b.y;
    for (int i = 0, at = 0; i < PANE_COUNT; i++) {
        if (order[i] != PANE_SERVER || server) {
            int h = b.h / panes + (at++ < b.h % panes);
            place(l, order[i], b.x, y, b.w, h);
            y += h;
        }
    }
}

static bool can_stack(const struct layout *l, enum pane_id focus)
{
    return l->body.h >= (focus == PANE_SERVER ? PANE_COUNT * STACK_GOOD : (PANE_COUNT - 1) * STACK_ROWS);
}

/* The pane in focus gets what the others' titles leave. */
static void place_accordion(struct layout *l, enum pane_id focus)
{
    /* What tells of trouble first stays longest. */
    static const enum pane_id vital[PANE_COUNT] = {PANE_ALERTS,   PANE_BATCHES, PANE_QUEUES, PANE_CACHE,
                                                   PANE_SESSIONS, PANE_SERVER,  PANE_TASKS,  PANE_WORKERS};
    enum { FOCUS_LEAST = 3, TITLES_FIRST = 4, FOCUS_GOOD = 6 };
    struct rect b = l->body;
    int titles = b.h - FOCUS_LEAST;
    int most = b.h - FOCUS_GOOD > TITLES_FIRST ? b.h - FOCUS_GOOD : TITLES_FIRST;
    most = most < PANE_COUNT - 1 ? most : PANE_COUNT - 1;
    titles = titles < 0 ? 0 : titles > most ? most : titles;
    bool title[PANE_COUNT] = {false};
    for (int i = 0, left = titles; i < PANE_COUNT && left > 0; i++) {
        if (vital[i] != focus) {
            title[vital[i]] = true;
            left--;
        }
    }
    int y = b.y;
    for (int i = 0; i < PANE_COUNT; i++) {
        int h = order[i] == focus ? b.h - titles : title[order[i]];
        if (h > 0) {
            place(l, order[i], b.x, y, b.w, h);
            y += h;
        }
    }
}

void layout_make(struct layout *l, int width, int height, const struct layout_wish *wish)
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
    if (wish->zoomed) {
        place(l, wish->focus, l->body.x, l->body.y, l->body.w, l->body.h);
    } else if (l->body.w >= TWO_COLUMNS_FROM && l->body.h >= TWO_COLUMNS_HIGH) {
        place_two_columns(l, wish);
    } else if (can_stack(l, wish->focus)) {
        place_stack(l);
    } else {
        place_accordion(l, wish->focus);
    }
}

void layout_draw_lines(const struct layout *l, struct grid *g)
{
    if (l->beside.h > 0) {
        grid_box(g, l->beside, ROLE_BORDER);
        grid_put(g, l->beside.x, l->beside.y, g->ascii ? '+' : 0x252C, ROLE_BORDER);
    }
    if (l->divider_x < 0) {
        return;
    }
    grid_box(g, l->divider, ROLE_BORDER);
    int foot = l->divider.y + l->divider.h;
    grid_put(g, l->divider_x, l->divider.y, g->ascii ? '+' : 0x252C, ROLE_BORDER);
    for (int i = 0; i < l->crosses; i++) {
        grid_put(g, l->divider_x, l->cross[i], g->ascii ? '+' : 0x253C, ROLE_BORDER);
    }
    const struct cell *below = grid_at(g, l->divider_x, foot);
    if (below && (below->ch == '-' || below->ch == 0x2500)) {
        grid_put(g, l->divider_x, foot, g->ascii ? '+' : 0x2534, ROLE_BORDER);
    }
}
