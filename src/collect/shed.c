#include "shed.h"

#include <string.h>

#include "redai/base/clock.h"

#include "redai/schema/notify.h"

/* Unknown what the server holds: so long may the socket be full. Known and harmless: what comes later than
 * this is no news. */
#define BLIND_US (1 * US_PER_S)
#define LATE_US  (3 * US_PER_S)
#define AGAIN_US (US_PER_S / 4) /* between two steps, at the least */
#define UNSURE_US                                                                                            \
    (3 * US_PER_S) /* what was asked for is not confirmed for so long, and nothing gets better */
#define CALM_US     (2 * US_PER_S)  /* before the first step back */
#define SOON_US     (15 * US_PER_S) /* given up again within this after it was taken back: it was too early */
#define PATIENCE_US (60 * US_PER_S)

enum { SHARE = 8 }; /* a step is worth taking that is an eighth of what comes */

#define BIT(event) (1u << NOTIFY_##event)

const unsigned shed_events[SHED_STEPS] = {
    [SHED_MISSES] = BIT(KEYMISS),
    [SHED_WRITES] = BIT(SET) | BIT(EXPIRE) | BIT(PERSIST) | BIT(RESTORE) | BIT(RENAME_FROM) | BIT(RENAME_TO),
    [SHED_ENDS] = BIT(DEL) | BIT(EXPIRED) | BIT(EVICTED),
};

void shed_init(struct shed *s)
{
    *s = (struct shed){.since_us = -1, .calm_us = -1, .patience_us = CALM_US};
}

/* Far from the limit still: between two looks a fast server queues megabytes. */
static bool is_near_the_limit(const struct shed_signs *g)
{
    return g->queued > 0 &&
           ((g->soft > 0 && g->queued >= g->soft / 4) || (g->hard > 0 && g->queued >= g->hard / 8));
}

/* What is behind because of what was queued before the last step is not counted against it. */
static int64_t behind_us(const struct shed *s, const struct shed_signs *g)
{
    int64_t waited_us = g->now_us - s->narrowed_us;
    int64_t since_us = s->settled_us >= 0       ? g->now_us - s->settled_us
                       : waited_us >= UNSURE_US ? waited_us
                                                : 0;
    return !s->narrowed_us || g->behind_us < since_us ? g->behind_us : since_us;
}

static bool is_pressed(const struct shed *s, const struct shed_signs *g)
{
    int64_t late_us = behind_us(s, g);
    return is_near_the_limit(g) || late_us >= LATE_US || (g->queued < 0 && late_us >= BLIND_US);
}

/* Whether the step that was taken last has had its chance. */
static bool may_go_on(const struct shed *s, const struct shed_signs *g)
{
    if (!s->narrowed_us) {
        return true;
    }
    int64_t waited_us = g->now_us - s->narrowed_us;
    if (waited_us < AGAIN_US) {
        return false;
    }
    if (s->settled_us >= 0 && g->now_us - s->settled_us >= AGAIN_US) {
        return true;
    }
    /* It takes effect at once where the server counts, and for us behind all that was queued: more than
     * before means that it did not help. */
    return (g->queued >= 0 && s->queued >= 0 && g->queued > s->queued + s->queued / 4) ||
           (g->queued < 0 && waited_us >= UNSURE_US);
}

static void roll(struct shed *s, const struct shed_signs *g)
{
    if (g->now_us - s->mark_us >= US_PER_S) {
        s->mark_us = g->now_us;
        memcpy(s->mark[0], s->mark[1], sizeof s->mark[0]);
        memcpy(s->mark[1], g->heard, sizeof s->mark[1]);
    }
}

static enum shed_step next_step(const struct shed *s, const struct shed_signs *g)
{
    int64_t sum = 0;
    enum shed_step first = SHED_STEPS;
    for (int i = 0; i < SHED_STEPS; i++) {
        sum += g->heard[i] - s->mark[0][i];
    }
    for (int i = 0; i < SHED_STEPS; i++) {
        if ((s->given_up | g->absent) & 1u << i) {
            continue;
        }
        if ((g->heard[i] - s->mark[0][i]) * SHARE >= sum && sum > 0) {
            return (enum shed_step)i;
        }
        first = first == SHED_STEPS ? (enum shed_step)i : first;
    }
    return first;
}

static enum shed_move narrow(struct shed *s, const struct shed_signs *g, enum shed_step *ret_step)
{
    enum shed_step step = next_step(s, g);
    if (step == SHED_STEPS) {
        return SHED_STAY; /* there is no more to give up */
    }
    if (s->widened_us && g->now_us - s->widened_us < SOON_US) {
        s->patience_us = s->patience_us * 2 < PATIENCE_US ? s->patience_us * 2 : PATIENCE_US;
    }
    if (!s->given_up) {
        s->since_us = g->now_us;
        s->times++;
    }
    s->given_up |= 1u << step;
    s->narrowed_us = g->now_us;
    s->settled_us = s->calm_us = -1;
    s->queued = g->queued;
    s->ops = g->ops;
    *ret_step = step;
    return SHED_NARROW;
}

static enum shed_move widen(struct shed *s, const struct shed_signs *g, enum shed_step *ret_step)
{
    for (int i = SHED_STEPS; i-- > 0;) {
        if (s->given_up & 1u << i) {
            s->given_up &= ~(1u << i);
            s->since_us = s->given_up ? s->since_us : -1;
            s->widened_us = g->now_us;
            s->settled_us = s->calm_us = -1;
            *ret_step = (enum shed_step)i;
            return SHED_WIDEN;
        }
    }
    return SHED_STAY;
}

/* The server does less than half of what it did then: what made us narrow is over. */
static bool is_over(const struct shed *s, const struct shed_signs *g)
{
    return g->ops >= 0 && s->ops > 0 && g->ops < s->ops / 2;
}

enum shed_move shed_judge(struct shed *s, const struct shed_signs *g, enum shed_step *ret_step)
{
    roll(s, g);
    if (!g->settled) {
        s->settled_us = -1;
    } else if (s->settled_us < 0) {
        s->settled_us = g->now_us;
    }
    if (is_pressed(s, g)) {
        s->calm_us = -1;
        return may_go_on(s, g) ? narrow(s, g, ret_step) : SHED_STAY;
    }
    if (!g->settled || g->behind_us > 0) {
        s->calm_us = -1;
        return SHED_STAY;
    }
    s->calm_us = s->calm_us < 0 ? g->now_us : s->calm_us;
    if (!s->given_up) {
        if (s->widened_us && g->now_us - s->widened_us >= PATIENCE_US) {
            s->patience_us = CALM_US;
        }
        return SHED_STAY;
    }
    int64_t wait_us = is_over(s, g) && s->patience_us > CALM_US ? CALM_US : s->patience_us;
    return g->now_us - s->calm_us >= wait_us ? widen(s, g, ret_step) : SHED_STAY;
}

bool shed_lost(struct shed *s, const struct shed_signs *last)
{
    bool narrowing = s->given_up && s->settled_us < 0;
    if (narrowing || is_pressed(s, last)) {
        s->since_us = s->given_up ? s->since_us : last->now_us;
        s->times += !s->given_up;
        s->given_up = ((1u << SHED_STEPS) - 1) & ~last->absent;
        s->narrowed_us = last->now_us;
        s->ops = last->ops;
    }
    s->settled_us = s->calm_us = -1;
    return s->given_up != 0;
}
