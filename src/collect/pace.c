/* pace: the budget of commands. */
#include "collect_priv.h"

/* What waits for the budget is sent in groups: each disturbs others once. */
#define GROUP_US (50 * US_PER_MS)
/* So long a page of a walk may hold the server: nobody else is served meanwhile. */
#define HELD_US       200.
#define HELD_AGAIN_US 500.
/* Later walks take at most a hundredth of it at four pages a second, a tenth at forty; never none: the server
 * may have been held by others, or this process stopped. */
#define REST_AGAIN   400.
#define REST_MOST_US (2. * (double)US_PER_S)

void pace_init(struct pace *p, int64_t rate, int64_t now_us)
{
    *p = (struct pace){.rate = (double)rate,
                       .factor = 1.,
                       .tokens = (double)rate / 4.,
                       .last_us = now_us,
                       .page = WALK_PAGE,
                       .page_again = WALK_PAGE_AGAIN};
}

bool pace_is_gentle(const struct pace *p)
{
    return p->rate < PACE_FREE / 2.; /* that one takes half of the server */
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

size_t pace_take_group(struct pace *p, struct purse *own, size_t want, int64_t now_us)
{
    if (own->tokens > want) {
        pace_give_back(p, own->tokens - want);
        own->tokens = want;
    }
    own->tokens += pace_take(p, want - own->tokens, now_us);
    if (!own->tokens || (own->tokens < want && now_us - own->spent_us < GROUP_US)) {
        return 0;
    }
    size_t taken = own->tokens;
    own->tokens = 0;
    own->spent_us = now_us;
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

static void fit_page(size_t *page, size_t most, double spent, double limit)
{
    if (spent > limit) {
        *page = *page / 2 > WALK_PAGE_MIN ? *page / 2 : WALK_PAGE_MIN;
    } else if (spent < limit / 2.) {
        *page = *page * 2 < most ? *page * 2 : most;
    }
}

static double at_most(double value, double most)
{
    return value < most ? value : most;
}

int64_t pace_page(struct pace *p, int64_t took_us)
{
    if (p->rate >= PACE_FREE) {
        return 0;
    }
    /* What the way there and back takes is no load, and its jitter no reason to ask for less. */
    double spent = (double)took_us - p->way_us;
    fit_page(&p->page, WALK_PAGE, spent, HELD_US + p->way_us / 2.);
    return spent > 0. ? (int64_t)at_most(spent * (PACE_FREE / p->rate - 1.), REST_MOST_US) : 0;
}

/* The way, its jitter and both ends' waking up only ever add, so that the shortest of
 * the last few pages says best what one takes; the way is what a round trip takes by now. */
static double least_spent_us(struct pace *p, int64_t took_us)
{
    enum { KEPT = sizeof p->took_us / sizeof p->took_us[0] };
    double least = p->took_us[p->took++ % KEPT] = (double)took_us;
    for (unsigned i = 0; i < KEPT && i < p->took; i++) {
        least = at_most(p->took_us[i], least);
    }
    return least - (p->calm_us > p->way_us ? p->calm_us : p->way_us);
}

int64_t pace_page_again(struct pace *p, int64_t took_us, int pages_per_s)
{
    double spent = least_spent_us(p, took_us);
    double pause = (double)US_PER_S / pages_per_s;
    double rest = at_most(spent * REST_AGAIN / pages_per_s, REST_MOST_US);
    size_t page = p->page_again;
    fit_page(&p->page_again, WALK_PAGE_AGAIN, spent, HELD_AGAIN_US);
    if (p->page_again != page) {
        p->took = 0; /* those of another length say nothing of these */
    }
    return (int64_t)(rest > pause ? rest : pause);
}
