#include "surge.h"

#include <math.h>
#include <string.h>

enum {
    SLOT_S = 10,
    MINUTE = SURGE_SLOTS - 1,
    HOUR = 360,
    KNOWN = 60,       /* slots: ten minutes */
    USUAL_LEAST = 60, /* pairs a minute: fewer are no cache in use */
};

static uint32_t *place(uint32_t *slots, int64_t slot)
{
    return &slots[slot % SURGE_SLOTS];
}

/* A miss and a write after it; half as many writes still are pairs: two may miss before one fills. */
static double pairs(uint32_t misses, uint32_t sets)
{
    return (double)misses < 2.0 * sets ? (double)misses : 2.0 * sets;
}

/* What leaves the minute belongs to the past. */
static void leave(struct surge *s, int64_t slot)
{
    if (slot - s->begun > SURGE_SLOTS) { /* the first was not seen whole */
        s->slots += s->slots < HOUR;
        s->usual += (pairs(*place(s->miss, slot), *place(s->set, slot)) - s->usual) / s->slots;
    }
    *place(s->miss, slot) = *place(s->set, slot) = 0;
}

void surge_turn(struct surge *s, int64_t second)
{
    int64_t slot = second > 0 ? second / SLOT_S : 0;
    if (s->slot == 0 || slot - s->slot > HOUR) {
        *s = (struct surge){.slot = slot, .begun = slot};
        return;
    }
    while (s->slot < slot) {
        s->slot++;
        leave(s, s->slot); /* its place was that of the one a minute before */
    }
}

void surge_skip(struct surge *s, int64_t second)
{
    int64_t slot = second > 0 ? second / SLOT_S : 0;
    *s = (struct surge){.slot = slot, .begun = slot, .slots = s->slots, .usual = s->usual};
}

static void add(uint32_t *count, int64_t more)
{
    const int64_t most = INT32_MAX / SURGE_SLOTS;
    more = more > 0 && more < most ? more : more > 0 ? most : 0;
    *count = *count + more < most ? (uint32_t)(*count + more) : (uint32_t)most;
}

void surge_count(struct surge *s, int64_t second, int64_t misses, int64_t sets)
{
    surge_turn(s, second);
    add(place(s->miss, s->slot), misses);
    add(place(s->set, s->slot), sets);
}

double surge_factor(const struct surge *s)
{
    uint32_t miss = 0;
    uint32_t set = 0;
    if (s->slots < KNOWN || s->slot - s->begun < SURGE_SLOTS) {
        return (double)NAN;
    }
    for (int64_t i = 1; i <= MINUTE; i++) {
        miss += s->miss[(s->slot + SURGE_SLOTS - i) % SURGE_SLOTS];
        set += s->set[(s->slot + SURGE_SLOTS - i) % SURGE_SLOTS];
    }
    double usual = s->usual * MINUTE > USUAL_LEAST ? s->usual * MINUTE : USUAL_LEAST;
    return pairs(miss, set) / usual;
}
