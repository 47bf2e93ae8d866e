/* pace: the budget of commands. */
#include "collect_priv.h"

/* So long a page of a walk may hold the server: nobody else is served meanwhile. */
#define HELD_US       200.
#define HELD_AGAIN_US 500.
/* A later walk rests so many times as long as a page took: it takes less than two percent of the server, in
 * fact about half a percent, for half and more of what a page takes is that both ends wake up. */
#define REST_AGAIN         50.
#define REST_AGAIN_MOST_US ((double)US_PER_S)

void pace_init(struct pace *p, int64_t rate, int64_t now_us)
{
    *p = (struct pace){.rate = (double)rate,
                       .factor = 1.,
                       .tokens = (double)rate / 4.,
                       .last_us = now_us,
                       .page = WALK_PAGE,
                       .page_again = WALK_PAGE_AGAIN};
}

size_t pace_take(struct pace *p, size_t want, int64_t now_us)
{
    double burst = p->rate * p->factor / 4.; /* a quarter of a second may be spent at once */
    p->tokens += (double)(now_us - p->last_us) / 1e6 * p->rate * p->factor;
    p->last_us = now_us;
    if (burst < 2.) {
        burst = 2.;
    }
    if (p->tokens > burst) {
        p->tokens = burst;
    }
    size_t have = p->tokens < 1. ? 0 : (size_t)p->tokens;
    size_t taken = want < have ? want : have;
    p->tokens -= (double)taken;
    return taken;
}

void pace_give_back(struct pace *p, size_t unused)
{
    p->tokens += (double)unused;
}

void pace_charge(struct pace *p, size_t sent)
{
    double least = -p->rate * p->factor / 4.;
    double left = p->tokens - (double)sent;
    p->tokens = left > least ? left : p->tokens < least ? p->tokens : least;
}

/* The calm value follows a falling round trip at once and a rising one slowly, so that a server which
 * has become slow is told from one that always was. 500 us of slack keep a loopback from being nervous. */
void pace_round_trip(struct pace *p, int64_t us)
{
    double now = (double)us;
    p->way_us = now < p->way_us ? now : p->way_us;
    if (p->calm_us <= 0. || now < p->calm_us) {
        p->calm_us = now;
    } else {
        p->calm_us += (now - p->calm_us) * 0.01;
    }
    if (now > p->calm_us * 4. + 2000.) {
        p->factor = p->factor > 1. / 64. ? p->factor / 2. : p->factor;
    } else if (p->factor < 1.) {
        p->factor = p->factor * 1.25 > 1. ? 1. : p->factor * 1.25;
    }
}

void pace_connected(struct pace *p, int64_t ping_us)
{
    p->way_us = ping_us > 0 ? (double)ping_us : 0.;
}

/* What the way there and back takes is no load, and its jitter no reason to ask for less. */
static double spent_us(const struct pace *p, int64_t took_us)
{
    return (double)took_us - p->way_us;
}

static void fit_page(size_t *page, size_t most, double spent, double limit)
{
    if (spent > limit) {
        *page = *page / 2 > WALK_PAGE_MIN ? *page / 2 : WALK_PAGE_MIN;
    } else if (spent < limit / 2.) {
        *page = *page * 2 < most ? *page * 2 : most;
    }
}

int64_t pace_page(struct pace *p, int64_t took_us)
{
    if (p->rate >= PACE_FREE) {
        return 0;
    }
    double spent = spent_us(p, took_us);
    fit_page(&p->page, WALK_PAGE, spent, HELD_US + p->way_us / 2.);
    return spent > 0. ? (int64_t)(spent * (PACE_FREE / p->rate - 1.)) : 0;
}

int64_t pace_page_again(struct pace *p, int64_t took_us, int keys_per_s)
{
    double spent = spent_us(p, took_us) - p->way_us / 2.;
    double pause = (double)US_PER_S * (double)p->page_again / keys_per_s;
    double rest = spent * REST_AGAIN * KEYS_AGAIN / keys_per_s;
    fit_page(&p->page_again, WALK_PAGE_AGAIN, spent, HELD_AGAIN_US);
    rest = rest > REST_AGAIN_MOST_US ? REST_AGAIN_MOST_US : rest;
    return (int64_t)(rest > pause ? rest : pause);
}
