#include "alert_past.h"

#include <math.h>

#define ROOM (sizeof(((struct alert_past *)0)->sample) / sizeof(((struct alert_past *)0)->sample[0]))

static unsigned place(const struct alert_past *p, unsigned i)
{
    return (p->first + i) % (unsigned)ROOM;
}

static void drop_first(struct alert_past *p)
{
    p->first = place(p, 1);
    p->count--;
}

/* Of what is older than the window only the newest is kept: where it begins. One far older is from before a
 * time in which nobody looked. */
static void forget_old(struct alert_past *p, int64_t now_us, int64_t window_us)
{
    while (p->count > 1 && p->sample[place(p, 1)].at_us <= now_us - window_us) {
        drop_first(p);
    }
    if (p->count > 0 && p->sample[p->first].at_us < now_us - window_us - window_us / 4) {
        drop_first(p);
    }
}

void alert_past_add(struct alert_past *p, int64_t now_us, int64_t window_us, double value, bool of_counter)
{
    bool back = of_counter && p->count > 0 && value < p->newest;
    if (!isfinite(value)) {
        p->count = 0;
        return;
    }
    p->count = back ? 0 : p->count;
    p->newest = value;
    forget_old(p, now_us, window_us);
    unsigned last = place(p, p->count > 0 ? p->count - 1 : 0);
    if (p->count > 0 && now_us - p->sample[last].at_us < window_us / ALERT_PAST_SAMPLES) {
        /* Judged twice in one instant: the second time more may be known. */
        p->sample[last].value = now_us == p->sample[last].at_us ? value : p->sample[last].value;
        return;
    }
    if (p->count == ROOM) {
        drop_first(p);
    }
    unsigned at = place(p, p->count++);
    p->sample[at].at_us = now_us;
    p->sample[at].value = value;
}

static bool is_filled(const struct alert_past *p, int64_t now_us, int64_t window_us)
{
    return p->count > 0 && now_us - p->sample[p->first].at_us >= window_us / 2;
}

double alert_past_rate(const struct alert_past *p, int64_t now_us, int64_t window_us)
{
    if (!is_filled(p, now_us, window_us)) {
        return (double)NAN;
    }
    double seconds = (double)(now_us - p->sample[p->first].at_us) / 1e6;
    return (p->newest - p->sample[p->first].value) / seconds;
}

double alert_past_change(const struct alert_past *p, int64_t now_us, int64_t window_us)
{
    double from = p->count > 0 ? p->sample[p->first].value : 0;
    bool known = is_filled(p, now_us, window_us) && (from > 0 || from < 0);
    return known ? 100 * (p->newest - from) / fabs(from) : (double)NAN;
}
