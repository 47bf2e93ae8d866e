#include "part.h"

void part_release(struct part *p)
{
    mem_free(p->seen);
    mem_free(p->asked);
    *p = (struct part){0};
}

static void fit(struct part *p, const struct grid *g)
{
    if (p->seen && p->width == g->width && p->height == g->height) {
        return;
    }
    part_release(p);
    p->width = g->width;
    p->height = g->height;
    p->seen = mem_zalloc(((size_t)g->width * (size_t)g->height + 1) * sizeof *p->seen);
    p->asked = mem_zalloc((size_t)g->height + 1);
}

static bool take_row(struct part *p, const struct grid *g, int y)
{
    struct cell *seen = &p->seen[(size_t)y * (size_t)p->width];
    const struct cell *now = &g->cell[(size_t)y * (size_t)g->width];
    bool changed = false;
    for (int x = 0; x < p->width; x++) {
        changed |= seen[x].ch != now[x].ch || seen[x].role != now[x].role || seen[x].flags != now[x].flags;
        seen[x] = now[x];
    }
    return changed;
}

void part_look(struct part *p, const struct grid *g, bool by_key)
{
    fit(p, g);
    for (int y = 0; y < p->height; y++) {
        bool changed = take_row(p, g, y);
        p->asked[y] |= changed && by_key;
    }
}

/* The cursor's row and all that are asked for; false when send has had enough before the last of them. */
static bool send_asked(struct part *p, const struct grid *g, bool (*send)(void *ctx, int y), void *ctx)
{
    bool more = true;
    if (g->cursor_y >= 0 && g->cursor_y < p->height) {
        p->asked[g->cursor_y] = false;
        more = send(ctx, g->cursor_y);
    }
    for (int y = 0; y < p->height; y++) {
        if (p->asked[y] && !more) {
            return false;
        }
        if (p->asked[y]) {
            p->asked[y] = false;
            more = send(ctx, y);
        }
    }
    return true;
}

enum screen_left part_each(struct part *p, const struct grid *g, bool by_key, bool (*send)(void *ctx, int y),
                           void *ctx)
{
    if (!send_asked(p, g, send, ctx)) {
        return SCREEN_LEFT_ASKED;
    }
    for (int n = 0; n < p->height && !by_key; n++) {
        int y = p->next;
        p->next = (y + 1) % p->height;
        if (!send(ctx, y)) {
            return SCREEN_LEFT_REST;
        }
    }
    return by_key ? SCREEN_LEFT_REST : SCREEN_LEFT_NOTHING;
}
