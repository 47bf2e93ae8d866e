/* queue_walk: a broker that is not in the application's database is not met by the census. Its bindings,
 * which name the queues, are looked for by a walk of their own: SCAN MATCH, a page at a time and of the
 * budget. So many pages at most in one go; the next goes on from there. */
#include "collect_priv.h"

#include <stdio.h>

#include "redai/schema/binding.h"

enum { PAGES_MAX = 500 };
#define PAGE_COUNT "1000"
#define AGAIN_US   (60 * US_PER_S)
#define CALM_US    (500 * US_PER_MS) /* between two pages of a walk that only refreshes */

void queue_walk_restart(struct collect *c)
{
    struct queue_walk *w = &c->queue_walk;
    bool in_flight = w->in_flight;
    *w = (struct queue_walk){.cursor = "0", .in_flight = in_flight};
}

static void end(struct queue_walk *w, int64_t now_us)
{
    w->walking = false;
    w->known = true;
    w->next_us = now_us + AGAIN_US;
}

static void on_page(void *user, const struct reply *r)
{
    struct collect *c = user;
    struct queue_walk *w = &c->queue_walk;
    struct span cursor = reply_text(reply_at(r, 0));
    int64_t now = clock_mono_us();
    w->in_flight = false;
    if (!r || !w->walking) {
        w->walking = false;
        return;
    }
    if (reply_count(r) != 2 || !cursor.len || cursor.len >= sizeof w->cursor) {
        end(w, now); /* not allowed: configured queues are all there is, and it is said (queues.c) */
        collect_deny(w->refused, collect_error(r));
        w->next_us = now + collect_pause_us(span_of(w->refused));
        return;
    }
    w->refused[0] = '\0';
    const struct reply *keys = reply_at(r, 1);
    for (size_t i = 0; i < reply_count(keys); i++) {
        struct span key = reply_text(reply_at(keys, i)), exchange;
        if (keyname_kind(key, &exchange) == KEY_BINDING) {
            queues_binding(c, key, exchange);
        }
    }
    snprintf(w->cursor, sizeof w->cursor, "%.*s", (int)cursor.len, cursor.data);
    w->pages++;
    if (span_equal(cursor, S("0")) || w->pages >= PAGES_MAX) {
        end(w, now);
    } else {
        w->next_us = w->known ? now + CALM_US : 0;
        collect_soon(c, 0);
    }
}

void queue_walk_step(struct collect *c, int64_t now_us)
{
    struct queue_walk *w = &c->queue_walk;
    if (w->in_flight || now_us < w->next_us || !pace_take(&c->pace, 1, now_us)) {
        return;
    }
    if (!w->walking) {
        w->walking = true;
        w->pages = 0;
    }
    w->in_flight = link_command(c->broker, on_page, c, S("SCAN"), span_of(w->cursor), S("MATCH"),
                                S("_kombu.binding.*"), S("COUNT"), S(PAGE_COUNT));
}
